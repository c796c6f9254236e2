//! IEC 60870-5-104: telecontrol over TCP, with the ASDUs of IEC 60870-5-101.
//!
//! ```text
//! probe    is it 104                          (content, any port)
//! session  bytes to APDUs, who controls       -> apdu, widths
//! asdu     an ASDU's header and objects       (pure; never fails) -> layout, object, time
//! pending  confirmations to their commands, selections
//! file     files that are transferred
//! event    fields to a record                 -> ops
//! ```
//!
//! Sources: IEC 60870-5-104:2006 ("104"), IEC 60870-5-101:2003 ("101").
//!
//! Left out: 101 on serial lines; what the security types of IEC 60870-5-7 and
//! private types hold, which stays bytes; IEC 62351-3 (TLS), of which nothing is seen.
//!
//! Speed: 8.6 million events a CPU-second, numbers only (`traffic -- decoders iec104`), and
//! not quite ten: each information object is an element of a list.

mod apdu;
mod asdu;
mod event;
mod file;
mod layout;
mod object;
mod ops;
mod pending;
mod probe;
mod session;
#[cfg(test)]
mod tests;
mod time;
mod widths;

pub use widths::Widths;

use crate::iec104::session::Iec104Session;
use crate::protocol::{Decoder, Probe, Session, Verdict};

/// How a site writes its ASDUs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Widths of the fields that 101 leaves to agreement.
    pub widths: Widths,
}

/// The IEC 60870-5-104 decoder.
pub struct Iec104 {
    config: Config,
}

impl Iec104 {
    /// As 104 has it: cause of 2 octets, common address of 2, object address of 3.
    pub const STANDARD: Iec104 = Iec104::new(Config { widths: Widths::STANDARD });

    /// A decoder for a site that agreed on something else.
    #[must_use]
    pub const fn new(config: Config) -> Iec104 {
        Iec104 { config }
    }
}

impl Decoder for Iec104 {
    fn name(&self) -> &'static str {
        "iec104"
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match probe::probe(probe, self.config.widths) {
            Verdict::No => Verdict::No,
            Verdict::More => Verdict::More,
            Verdict::Yes(()) => {
                Verdict::Yes(Box::new(Iec104Session::new(self.config.widths)))
            }
        }
    }
}
