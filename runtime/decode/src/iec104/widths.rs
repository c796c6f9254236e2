//! Widths of the fields that 101 leaves to agreement, and their recognition.
//!
//! 104, 8, fixes them: cause of 2 octets (with the originator), common address of 2,
//! object address of 3. Gateways from serial lines sometimes keep what they had. What
//! the lengths of ASDUs prove is used: if none so far has fitted the agreed widths, and
//! two or more fit one other choice and no third, that is it. A cause and a common
//! address of together 3 octets look the same either way, so they prove nothing.

use crate::iec104::layout;

/// Octets of three fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widths {
    cause: u8,
    common_address: u8,
    ioa: u8,
}

impl Default for Widths {
    fn default() -> Widths {
        Widths::STANDARD
    }
}

impl Widths {
    /// Those of 104.
    pub const STANDARD: Widths = Widths { cause: 2, common_address: 2, ioa: 3 };

    /// Other ones: 1 or 2 octets of cause, 1 or 2 of common address, 1 to 3 of object
    /// address; none if they are not among these.
    #[must_use]
    pub const fn new(cause: u8, common_address: u8, ioa: u8) -> Option<Widths> {
        match (cause, common_address, ioa) {
            (1 | 2, 1 | 2, 1..=3) => Some(Widths { cause, common_address, ioa }),
            _ => None,
        }
    }

    pub(super) fn cause(self) -> usize {
        self.cause.into()
    }

    pub(super) fn common_address(self) -> usize {
        self.common_address.into()
    }

    pub(super) fn ioa(self) -> usize {
        self.ioa.into()
    }

    /// Octets in front of the objects.
    fn header(self) -> usize {
        self.cause().saturating_add(self.common_address()).saturating_add(2)
    }

    /// Whether the length of an ASDU is what its type and number of objects make
    /// with these widths; none if its type has no fixed length.
    pub(super) fn fit(self, asdu: &[u8]) -> Option<bool> {
        let (&type_id, &vsq) = (asdu.first()?, asdu.get(1)?);
        let object = layout::object_len(type_id)?;
        let number = usize::from(vsq & 0x7f);
        let objects = if vsq & 0x80 != 0 {
            number.saturating_mul(object).saturating_add(self.ioa())
        } else {
            number.saturating_mul(object.saturating_add(self.ioa()))
        };
        Some(number > 0 && asdu.len() == self.header().saturating_add(objects))
    }
}

/// All choices, in no order that matters.
const CHOICES: [Widths; 12] = [
    choice(1, 1, 1),
    choice(1, 1, 2),
    choice(1, 1, 3),
    choice(1, 2, 1),
    choice(1, 2, 2),
    choice(1, 2, 3),
    choice(2, 1, 1),
    choice(2, 1, 2),
    choice(2, 1, 3),
    choice(2, 2, 1),
    choice(2, 2, 2),
    choice(2, 2, 3),
];

const fn choice(cause: u8, common_address: u8, ioa: u8) -> Widths {
    Widths { cause, common_address, ioa }
}

/// The widths of a flow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recogniser {
    widths: Widths,
    /// A bit for each of the choices that all ASDUs so far have fitted.
    open: u16,
    seen: u8,
    settled: bool,
}

impl Recogniser {
    pub(super) fn new(agreed: Widths) -> Recogniser {
        Recogniser { widths: agreed, open: 0x0fff, seen: 0, settled: false }
    }

    /// The widths so far.
    pub(super) fn widths(&self) -> Widths {
        self.widths
    }

    /// Whether there is a choice that all ASDUs so far have fitted.
    pub(super) fn is_open(&self) -> bool {
        self.open != 0
    }

    /// The widths to read an ASDU with, which this may change.
    pub(super) fn see(&mut self, asdu: &[u8]) -> Widths {
        if self.settled {
            return self.widths;
        }
        match self.widths.fit(asdu) {
            None => return self.widths,
            Some(true) => {
                self.settled = true;
                return self.widths;
            }
            Some(false) => {}
        }
        let fitting = CHOICES.iter().enumerate().fold(0_u16, |bits, (at, choice)| {
            bits | u16::from(choice.fit(asdu) == Some(true)) << at
        });
        self.seen = self.seen.saturating_add(1);
        self.open &= fitting;
        if self.seen >= 2 && self.open.is_power_of_two() {
            let at = usize::try_from(self.open.trailing_zeros()).unwrap_or_default();
            self.widths = CHOICES.get(at).copied().unwrap_or(self.widths);
            self.settled = true;
        }
        self.widths
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A single command and a measured value with two objects, for given widths.
    fn asdus(widths: Widths) -> [Vec<u8>; 2] {
        let header = |type_id, vsq| {
            let mut out = vec![type_id, vsq];
            out.resize(widths.header(), 0);
            out
        };
        let object = |len| vec![0; widths.ioa() + len];
        [
            [header(45, 1), object(1)].concat(),
            [header(13, 2), object(5), object(5)].concat(),
        ]
    }

    fn recognised(widths: Widths) -> Widths {
        let mut recogniser = Recogniser::new(Widths::STANDARD);
        asdus(widths).iter().map(|asdu| recogniser.see(asdu)).last().unwrap()
    }

    #[test]
    fn lengths_prove_widths() {
        for (cause, common_address) in [(1, 1), (2, 2)] {
            for ioa in 1..=3 {
                let widths = Widths::new(cause, common_address, ioa).unwrap();
                assert_eq!(recognised(widths), widths);
            }
        }
        // Either could be the wider one.
        assert_eq!(recognised(Widths::new(1, 2, 2).unwrap()), Widths::STANDARD);
    }

    #[test]
    fn what_fits_the_agreed_widths_stays() {
        let mut recogniser = Recogniser::new(Widths::STANDARD);
        recogniser.see(&asdus(Widths::STANDARD)[0]);
        for asdu in asdus(Widths::new(1, 1, 2).unwrap()) {
            assert_eq!(recogniser.see(&asdu), Widths::STANDARD);
        }
    }
}
