//! Commands that wait for their response.
//!
//! A response repeats the command code and the service identifier (SID), and goes to the
//! node that asked. Some clients never change the SID; then the oldest is meant.

use alloc::collections::VecDeque;

use crate::body::Body;
use crate::frame::{Frame, Node};

/// Most commands that wait in a flow.
const MAX_WAITING: usize = 32;
/// Age at which a command is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;

/// What is kept of a command for its response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    command: u16,
    sid: u8,
    source: Node,
    pub(crate) ts_ns: i64,
    pub(crate) area: Option<u8>,
    pub(crate) address: Option<u16>,
    pub(crate) bit: Option<u8>,
    pub(crate) quantity: Option<u16>,
    pub(crate) parameter_area: Option<u16>,
    pub(crate) program: Option<u16>,
    pub(crate) word: Option<u32>,
    pub(crate) mode: Option<u8>,
    pub(crate) disk: Option<u16>,
    file: Option<([u8; 12], usize)>,
}

impl Asked {
    pub(crate) fn of(frame: &Frame<'_>, body: &Body<'_>, ts_ns: i64) -> Asked {
        let file = body.file.map(|name| {
            let mut kept = [0; 12];
            for (to, from) in kept.iter_mut().zip(name) {
                *to = *from;
            }
            (kept, name.len())
        });
        Asked {
            command: frame.command,
            sid: frame.sid,
            source: frame.source,
            ts_ns,
            area: body.area,
            address: body.address,
            bit: body.bit,
            quantity: body.quantity,
            parameter_area: body.parameter_area,
            program: body.program,
            word: body.word,
            mode: body.mode,
            disk: body.disk,
            file,
        }
    }

    pub(crate) fn file(&self) -> Option<&[u8]> {
        self.file.as_ref().and_then(|(name, len)| name.get(..*len))
    }
}

/// The commands of a flow that wait, oldest first.
#[derive(Default)]
pub(crate) struct Pending {
    waiting: VecDeque<Asked>,
}

impl Pending {
    /// Adds a command; the oldest gives way if there are too many.
    pub(crate) fn push(&mut self, asked: Asked) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(asked);
    }

    /// Takes the command that a response answers.
    pub(crate) fn take(&mut self, response: &Frame<'_>, ts_ns: i64) -> Option<Asked> {
        self.waiting.retain(|asked| ts_ns.saturating_sub(asked.ts_ns) < FORGET_NS);
        let at = self.waiting.iter().position(|asked| {
            asked.command == response.command
                && asked.sid == response.sid
                && asked.source == response.destination
        })?;
        self.waiting.remove(at)
    }

    /// Forgets all: answers were missed.
    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }
}
