//! Files that are moved packet by packet, with the File object (Volume 1, 5-42).
//!
//! One upload and one download are followed in a flow. A packet that comes twice counts
//! once; one that is missing tears the file.

use crate::artifact::{Artifact, Digest};
use crate::cip::message::Transfer;

/// Places of a packet in its transfer.
mod kind {
    pub(super) const FIRST: u8 = 0;
    pub(super) const LAST: u8 = 2;
    pub(super) const ABORT: u8 = 3;
    pub(super) const FIRST_AND_LAST: u8 = 4;
}

/// A transfer in one direction.
#[derive(Debug, Default)]
pub(super) struct Moving {
    file: Option<Box<File>>,
}

#[derive(Debug)]
struct File {
    artifact: Artifact,
    instance: u32,
    last: u8,
}

impl Moving {
    /// Takes a packet; gives size and hash with the last one.
    pub(super) fn packet(
        &mut self,
        instance: u32,
        packet: &Transfer<'_>,
    ) -> Option<Digest> {
        let kind = packet.kind?;
        match (kind, &mut self.file) {
            (kind::ABORT, _) => {
                self.file = None;
                return None;
            }
            (kind::FIRST | kind::FIRST_AND_LAST, _) => {
                let mut artifact = Artifact::default();
                artifact.piece(packet.data);
                self.file =
                    Some(Box::new(File { artifact, instance, last: packet.number }));
            }
            (_, Some(file)) if file.instance == instance => {
                if packet.number == file.last {
                    return None;
                }
                if packet.number != file.last.wrapping_add(1) {
                    file.artifact.tear();
                }
                file.artifact.piece(packet.data);
                file.last = packet.number;
            }
            _ => return None,
        }
        let is_last = matches!(kind, kind::LAST | kind::FIRST_AND_LAST);
        self.file.take_if(|_| is_last)?.artifact.finish()
    }

    /// Says that bytes of the flow are missing.
    pub(super) fn tear(&mut self) {
        if let Some(file) = &mut self.file {
            file.artifact.tear();
        }
    }
}
