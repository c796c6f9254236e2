//! What a master and an outstation have said that is still of use: requests that wait
//! for their response, responses that wait for a confirm, the latest select.
//!
//! A response has the sequence number of its request; each further fragment of it has
//! the next. An operate has the number after its select's, and the same objects
//! (IEEE Std 1815-2012, 4.2.2.4 and 4.4). Everything here is bounded: the association
//! that was used least recently gives way, and so does the oldest request. Of a select
//! only a hash is kept.

use sha2::{Digest as _, Sha256};

use crate::dnp3::fragment::ControlOctet;

/// Most associations of a flow: a connection may serve a line of outstations.
const MAX_ASSOCIATIONS: usize = 64;
/// Most requests that wait in an association; masters have one.
const MAX_WAITING: usize = 4;
/// Age at which a request is no longer waited for.
const FORGET_NS: i64 = 60_000_000_000;

/// What is kept of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Asked {
    pub(super) sequence: u8,
    pub(super) function: u8,
    pub(super) ts_ns: i64,
    pub(super) op: Option<u16>,
    /// Kind, first and last number.
    pub(super) target: Option<(u8, u32, u32)>,
    /// Whether it names a file.
    pub(super) has_file: bool,
}

/// A master and an outstation.
#[derive(Default)]
pub(super) struct Association {
    pub(super) master: u16,
    pub(super) outstation: u16,
    used: u64,
    waiting: Vec<Asked>,
    /// The request of the latest response, and that response's sequence number.
    answered: Option<(u8, Asked)>,
    /// Sequence number and time of the responses that ask for a confirm: the
    /// solicited and the unsolicited one.
    unconfirmed: [Option<(u8, i64)>; 2],
    /// Sequence number of the latest select, and the hash of its objects.
    selected: Option<(u8, [u8; 32])>,
}

impl Asked {
    /// Whether a response with this sequence number answers it.
    fn fits(&self, sequence: u8, now: i64) -> bool {
        self.sequence == sequence && now.saturating_sub(self.ts_ns) <= FORGET_NS
    }
}

impl Association {
    /// Notes a request.
    pub(super) fn ask(&mut self, asked: Asked) {
        // A repetition replaces what it repeats.
        self.waiting.retain(|waiting| waiting.sequence != asked.sequence);
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.remove(0);
        }
        self.waiting.push(asked);
    }

    /// The request that a response belongs to.
    pub(super) fn answer(&mut self, control: ControlOctet, now: i64) -> Option<Asked> {
        let sequence = control.sequence();
        if control.fir() {
            self.answered = None;
            let fits = |asked: &Asked| asked.fits(sequence, now);
            let at = self.waiting.iter().position(fits)?;
            self.answered = Some((sequence, self.waiting.remove(at)));
        } else {
            let (last, _) = self.answered.as_mut()?;
            if sequence != last.wrapping_add(1) & 0x0f {
                return None;
            }
            *last = sequence;
        }
        self.answered.map(|(_, asked)| asked)
    }

    /// The request that a challenge is about, which waits on.
    pub(super) fn challenged(&self, control: ControlOctet, now: i64) -> Option<Asked> {
        self.waiting.iter().find(|asked| asked.fits(control.sequence(), now)).copied()
    }

    /// Notes a response that asks for a confirm.
    pub(super) fn expect_confirm(&mut self, control: ControlOctet, now: i64) {
        if let Some(slot) = self.unconfirmed.get_mut(usize::from(control.uns())) {
            *slot = Some((control.sequence(), now));
        }
    }

    /// When the response came that a confirm confirms.
    pub(super) fn confirm(&mut self, control: ControlOctet, now: i64) -> Option<i64> {
        let slot = self.unconfirmed.get_mut(usize::from(control.uns()))?;
        let (sequence, ts_ns) = (*slot)?;
        let fits =
            sequence == control.sequence() && now.saturating_sub(ts_ns) <= FORGET_NS;
        if !fits {
            return None;
        }
        *slot = None;
        Some(ts_ns)
    }

    /// Notes the objects of a select.
    pub(super) fn select(&mut self, control: ControlOctet, objects: &[u8]) {
        self.selected = Some((control.sequence(), Sha256::digest(objects).into()));
    }

    /// Whether an operate follows the select of the same objects.
    pub(super) fn is_selected(&self, control: ControlOctet, objects: &[u8]) -> bool {
        self.selected.is_some_and(|(sequence, hash)| {
            let next = sequence.wrapping_add(1) & 0x0f;
            next == control.sequence()
                && hash == <[u8; 32]>::from(Sha256::digest(objects))
        })
    }
}

/// The associations of a flow.
#[derive(Default)]
pub(super) struct Associations {
    list: Vec<Association>,
    clock: u64,
}

impl Associations {
    /// The association of two addresses.
    pub(super) fn of(&mut self, master: u16, outstation: u16) -> &mut Association {
        self.clock = self.clock.wrapping_add(1);
        let same =
            |one: &Association| (one.master, one.outstation) == (master, outstation);
        let at = match self.list.iter().position(same) {
            Some(at) => at,
            None => {
                if self.list.len() >= MAX_ASSOCIATIONS {
                    self.drop_least_recent();
                }
                self.list.push(Association {
                    master,
                    outstation,
                    ..Association::default()
                });
                self.list.len().saturating_sub(1)
            }
        };
        let used = self.clock;
        #[expect(clippy::indexing_slicing, reason = "found or pushed just now")]
        let association = &mut self.list[at];
        association.used = used;
        association
    }

    /// Forgets what waits: responses are missing.
    pub(super) fn forget(&mut self) {
        for association in &mut self.list {
            association.waiting.clear();
            association.answered = None;
            association.unconfirmed = [None; 2];
        }
    }

    fn drop_least_recent(&mut self) {
        let ages = self.list.iter().enumerate().map(|(at, one)| (one.used, at));
        if let Some((_, at)) = ages.min() {
            self.list.swap_remove(at);
        }
    }
}
