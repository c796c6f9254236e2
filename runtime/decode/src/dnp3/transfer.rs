//! Files that are moved in blocks (IEEE Std 1815-2012, Annex A, group 70): which name a
//! handle stands for, and the size and hash of what passed by.
//!
//! ```text
//! open_file: name, mode --> handle --> blocks 0, 1, .. last --> close_file
//! ```
//!
//! A transfer counts as whole if its blocks were seen from 0 on without a gap; a block
//! that is repeated counts once. It ends with the block that says last, or else when
//! the file is closed.

use crate::artifact::{Artifact, Digest};
use crate::dnp3::file::File;

/// Most files of a flow that are open.
const MAX_OPEN: usize = 8;
/// Most names of requests that wait for their answer.
const MAX_ASKED: usize = 8;
/// Most octets of a name that are kept.
const MAX_NAME: usize = 255;

/// Who transfers: addresses of master and outstation.
pub(super) type Pair = (u16, u16);

/// A file that is open, or about to be.
pub(super) struct Transfer {
    pair: Pair,
    request: u16,
    handle: Option<u32>,
    pub(super) name: Vec<u8>,
    pub(super) mode: u16,
    artifact: Option<Artifact>,
    /// Block that comes next.
    next: u32,
}

/// The files of a flow that are open, and those that requests have named.
#[derive(Default)]
pub(super) struct Transfers {
    open: Vec<Transfer>,
    asked: Vec<(Pair, u8, Vec<u8>)>,
}

/// What is kept of a name.
pub(super) fn kept(name: &[u8]) -> &[u8] {
    name.get(..MAX_NAME).unwrap_or(name)
}

impl Transfers {
    /// Notes which file a request is about, by its sequence number.
    pub(super) fn name(&mut self, pair: Pair, sequence: u8, name: &[u8]) {
        self.asked.retain(|(of, number, _)| (*of, *number) != (pair, sequence));
        if self.asked.len() >= MAX_ASKED {
            self.asked.remove(0);
        }
        self.asked.push((pair, sequence, name.to_vec()));
    }

    /// Which file the request with a sequence number was about.
    pub(super) fn named(&self, pair: Pair, sequence: u8) -> Option<&[u8]> {
        let is_it = |(of, number, _): &&(Pair, u8, _)| (*of, *number) == (pair, sequence);
        self.asked.iter().find(is_it).map(|(_, _, name)| name.as_slice())
    }

    /// Notes a request to open a file.
    pub(super) fn ask(&mut self, pair: Pair, file: &File<'_>) {
        let (Some(name), Some(mode)) = (file.name, file.mode) else { return };
        let request = file.request.unwrap_or_default();
        let asked = |one: &Transfer| {
            one.pair == pair && one.handle.is_none() && one.request == request
        };
        self.open.retain(|one| !asked(one));
        if self.open.len() >= MAX_OPEN {
            self.open.remove(0);
        }
        self.open.push(Transfer {
            pair,
            request,
            handle: None,
            name: kept(name).to_vec(),
            mode,
            artifact: Some(Artifact::default()),
            next: 0,
        });
    }

    /// Notes the status of a request to open a file.
    pub(super) fn opened(&mut self, pair: Pair, file: &File<'_>) {
        let (Some(handle), Some(request)) = (file.handle, file.request) else { return };
        let is_open = file.status == Some(0);
        let asked = |one: &Transfer| {
            one.pair == pair && one.handle.is_none() && one.request == request
        };
        let Some(at) = self.open.iter().position(asked) else { return };
        let mut transfer = self.open.remove(at);
        // A handle that is given again is no longer the file it was.
        self.open.retain(|one| one.pair != pair || one.handle != Some(handle));
        if is_open {
            transfer.handle = Some(handle);
            self.open.push(transfer);
        }
    }

    /// The file of a handle.
    pub(super) fn find(&mut self, pair: Pair, handle: u32) -> Option<&mut Transfer> {
        let is = |one: &&mut Transfer| one.pair == pair && one.handle == Some(handle);
        self.open.iter_mut().find(is)
    }

    /// Ends a transfer; what was moved, unless a block has said so already.
    pub(super) fn close(&mut self, pair: Pair, handle: u32) -> Option<Digest> {
        let is = |one: &Transfer| one.pair == pair && one.handle == Some(handle);
        let at = self.open.iter().position(is)?;
        let artifact = self.open.remove(at).artifact?;
        if artifact.size() == 0 { None } else { artifact.finish() }
    }

    /// Forgets that transfers are whole: blocks are missing.
    pub(super) fn tear(&mut self) {
        for artifact in self.open.iter_mut().filter_map(|one| one.artifact.as_mut()) {
            artifact.tear();
        }
    }
}

impl Transfer {
    /// Takes a block; the last one ends the transfer.
    pub(super) fn block(&mut self, file: &File<'_>) -> Option<Digest> {
        let (block, data) = (file.block?, file.data?);
        let artifact = self.artifact.as_mut()?;
        if block < self.next {
            return None;
        }
        if block > self.next {
            artifact.tear();
        }
        self.next = block.saturating_add(1);
        artifact.piece(data);
        if file.last == Some(true) { self.artifact.take()?.finish() } else { None }
    }
}
