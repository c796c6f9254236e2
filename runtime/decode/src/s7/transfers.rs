//! Blocks that are moved piece by piece, and what of them remains: size and hash.
//!
//! ```text
//! download   1A names the block | answers to 1B hold pieces | 1C ends it
//! upload     1D names the block, its answer gives an identifier
//!            | answers to 1E hold pieces | 1F ends it
//! ```
//!
//! A transfer of which a piece may be missing has no hash.

use crate::artifact::{Artifact, Digest};
use crate::s7::block::Block;

/// Most transfers of a flow at a time. Controllers allow one; the oldest gives way.
const MAX: usize = 8;

/// How a transfer is told from others of its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Into the controller, by its block.
    Download(Block),
    /// Out of it, by its identifier.
    Upload(u32),
}

/// The transfers of a flow.
#[derive(Default)]
pub(super) struct Transfers {
    open: Vec<Open>,
}

struct Open {
    key: Key,
    block: Option<Block>,
    artifact: Artifact,
    /// The last piece said that no more follow.
    is_complete: bool,
}

impl Transfers {
    /// A transfer begins.
    pub(super) fn begin(&mut self, key: Key, block: Option<Block>) {
        self.open.retain(|open| open.key != key);
        if self.open.len() >= MAX {
            self.open.remove(0);
        }
        let artifact = Artifact::default();
        self.open.push(Open { key, block, artifact, is_complete: false });
    }

    /// Takes a piece.
    pub(super) fn piece(&mut self, key: Key, bytes: &[u8], more_follows: bool) {
        if let Some(open) = self.open.iter_mut().find(|open| open.key == key) {
            open.artifact.piece(bytes);
            open.is_complete = !more_follows;
        }
    }

    /// The block that a transfer moves, if its beginning was seen.
    pub(super) fn block(&self, key: Key) -> Option<Block> {
        self.open.iter().find(|open| open.key == key)?.block
    }

    /// A transfer ends; nothing remains of one that is not whole.
    pub(super) fn end(&mut self, key: Key, has_failed: bool) -> Option<Digest> {
        let at = self.open.iter().position(|open| open.key == key)?;
        let open = self.open.remove(at);
        if has_failed || !open.is_complete || open.artifact.size() == 0 {
            return None;
        }
        open.artifact.finish()
    }

    /// A piece may be missing.
    pub(super) fn tear(&mut self) {
        self.open.iter_mut().for_each(|open| open.artifact.tear());
    }
}
