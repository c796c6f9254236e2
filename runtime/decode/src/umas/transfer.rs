//! Programs that are moved, block by block.
//!
//! ```text
//! into the controller    30 begin -> 31 block 1, 2, ... -> 32 end, number of blocks
//! out of the controller  33 begin -> 34 block 1, 2, ... the last one says so -> 35 end
//! ```
//!
//! A block that comes twice counts once: known tools send the second block of an upload
//! twice. A block that is left out tears the transfer.

use tagout_spec::record::typed::codes::umas_function as function;

use crate::artifact::{Artifact, Digest};
use crate::umas::pdu::{Body, Message};

/// The transfers of a flow, one in each direction.
#[derive(Default)]
pub(super) struct Transfers {
    upload: Option<Box<Transfer>>,
    download: Option<Box<Transfer>>,
}

/// A transfer under way.
struct Transfer {
    /// Number of the next block.
    next: u16,
    artifact: Artifact,
    /// Once all blocks were seen.
    digest: Option<Digest>,
}

impl Default for Transfer {
    fn default() -> Transfer {
        Transfer { next: 1, artifact: Artifact::default(), digest: None }
    }
}

impl Transfers {
    /// Takes a message; returns what was moved, if this ends a transfer that was seen
    /// whole.
    pub(super) fn see(&mut self, message: &Message<'_>, request: bool) -> Option<Digest> {
        let asked = message.asked?;
        let slot = match asked.function {
            function::INITIALIZE_UPLOAD..=function::END_UPLOAD => &mut self.upload,
            function::INITIALIZE_DOWNLOAD..=function::END_DOWNLOAD => &mut self.download,
            _ => return None,
        };
        match (asked.function, message.body, request) {
            (function::INITIALIZE_UPLOAD | function::INITIALIZE_DOWNLOAD, _, true) => {
                *slot = Some(Box::default())
            }
            (_, Body::Block { last, bytes }, _) => {
                let transfer = slot.get_or_insert_default();
                transfer.block(asked.block?, bytes);
                if last == Some(true) {
                    transfer.digest = transfer.artifact.clone().finish();
                    return transfer.digest;
                }
            }
            (_, Body::Blocks(number), true) => return slot.take()?.end(number),
            _ => {}
        }
        None
    }

    /// Says that messages are missing.
    pub(super) fn tear(&mut self) {
        for transfer in [&mut self.upload, &mut self.download].into_iter().flatten() {
            transfer.artifact.tear();
        }
    }
}

impl Transfer {
    fn block(&mut self, number: u16, bytes: &[u8]) {
        if number == self.next {
            self.artifact.piece(bytes);
        } else if number.checked_add(1) == Some(self.next) {
            return;
        } else {
            self.artifact.tear();
        }
        self.next = number.saturating_add(1);
    }

    fn end(self, number: u16) -> Option<Digest> {
        if self.digest.is_some() {
            return self.digest;
        }
        let is_whole = number.checked_add(1) == Some(self.next);
        self.artifact.finish().filter(|_| is_whole)
    }
}
