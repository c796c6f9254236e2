//! Files under way (101, 7.3.6 and 7.4.11).
//!
//! ```text
//! file ready F_FR -> section ready F_SR -> segments F_SG ... last segment F_LS (section)
//!                 -> section ready F_SR -> ...           -> last section F_LS (file)
//! ```
//!
//! Both directions move files in the same way. The segments of all sections are one
//! file; its checksum and that of each section are sums of octets modulo 256.

use tagout_spec::record::typed::codes::{iec104_afq as afq, iec104_lsq as lsq};

use crate::artifact::{Artifact, Digest};
use crate::iec104::asdu::Asdu;
use crate::net::flow::Side;

/// Most files that a flow may have under way.
const MAX_OPEN: usize = 8;

/// File ready, whose NOF begins a transfer.
const F_FR: u8 = 120;

/// A file under way.
struct Transfer {
    /// The side that sends the file.
    sender: Side,
    common_address: u16,
    ioa: u32,
    name: u16,
    /// Octets that were announced.
    length: Option<u32>,
    artifact: Artifact,
    section_sum: u8,
    file_sum: u8,
}

/// What an ASDU shows of a file beyond its own fields.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) checksum_ok: Option<bool>,
    pub(super) digest: Option<Digest>,
}

/// The files of a flow.
#[derive(Default)]
pub(super) struct Files {
    open: Vec<Transfer>,
}

impl Files {
    /// Takes an ASDU of a file type.
    pub(super) fn see(&mut self, sender: Side, asdu: &Asdu<'_>) -> Seen {
        let mut seen = Seen::default();
        let (Some(object), Some(common_address)) = (asdu.first, asdu.common_address)
        else {
            return seen;
        };
        let Some(file) = object.file else { return seen };
        let place = (common_address, object.ioa, file.name);
        if asdu.type_id == F_FR {
            self.begin(sender, place, file.length);
        }
        if let Some(segment) = file.segment {
            let transfer = self.find_or_begin(sender, place);
            transfer.artifact.piece(segment);
            let sum = segment.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
            transfer.section_sum = transfer.section_sum.wrapping_add(sum);
            transfer.file_sum = transfer.file_sum.wrapping_add(sum);
        }
        if let (Some(last), Some(checksum)) = (file.last, file.checksum)
            && let Some(at) = self.position(sender, place)
        {
            seen = self.end(at, last, checksum);
        }
        // A section that was refused is sent again.
        if file.acknowledge.map(|bits| bits & 0x0f) == Some(afq::SECTION_REJECTED)
            && let Some(at) = self.position(sender.other(), place)
            && let Some(transfer) = self.open.get_mut(at)
        {
            transfer.artifact.tear();
        }
        seen
    }

    /// Says that octets of one side are missing.
    pub(super) fn tear(&mut self, sender: Side) {
        for transfer in self.open.iter_mut().filter(|open| open.sender == sender) {
            transfer.artifact.tear();
        }
    }

    fn position(&self, sender: Side, place: (u16, u32, u16)) -> Option<usize> {
        self.open.iter().position(|open| {
            open.sender == sender && (open.common_address, open.ioa, open.name) == place
        })
    }

    fn begin(&mut self, sender: Side, place: (u16, u32, u16), length: Option<u32>) {
        if let Some(at) = self.position(sender, place) {
            self.open.remove(at);
        } else if self.open.len() >= MAX_OPEN {
            self.open.remove(0);
        }
        let (common_address, ioa, name) = place;
        self.open.push(Transfer {
            sender,
            common_address,
            ioa,
            name,
            length,
            artifact: Artifact::default(),
            section_sum: 0,
            file_sum: 0,
        });
    }

    /// The transfer that a segment belongs to; one whose beginning was not seen is
    /// torn.
    #[expect(clippy::indexing_slicing, reason = "the position was found, or is the last")]
    fn find_or_begin(&mut self, sender: Side, place: (u16, u32, u16)) -> &mut Transfer {
        let at = self.position(sender, place).unwrap_or_else(|| {
            self.begin(sender, place, None);
            let last = self.open.len().saturating_sub(1);
            self.open[last].artifact.tear();
            last
        });
        &mut self.open[at]
    }

    /// The end of a section or of the file.
    fn end(&mut self, at: usize, last: u8, checksum: u8) -> Seen {
        let mut seen = Seen::default();
        let Some(transfer) = self.open.get_mut(at) else { return seen };
        match last {
            lsq::SECTION | lsq::SECTION_DEACTIVATED => {
                seen.checksum_ok = Some(checksum == transfer.section_sum);
                transfer.section_sum = 0;
            }
            lsq::FILE | lsq::FILE_DEACTIVATED => {
                seen.checksum_ok = Some(checksum == transfer.file_sum);
                let transfer = self.open.remove(at);
                let size = transfer.artifact.size();
                let is_whole = transfer.length.is_none_or(|len| u64::from(len) == size);
                seen.digest = transfer.artifact.finish().filter(|_| is_whole);
            }
            _ => {}
        }
        seen
    }
}
