//! What a fragment is among those before it: the request that a response answers, the
//! select that an operate follows, the file that a block belongs to.

use tagout_spec::record::typed::codes::dnp3_function as function;
use tagout_spec::record::typed::codes::dnp3_group as group;
use tagout_spec::record::typed::codes::{ot_outcome, ot_phase};

use crate::dnp3::association::{Asked, Associations};
use crate::dnp3::event::{Refusal, Story, refusal, target};
use crate::dnp3::file::File;
use crate::dnp3::fragment::{ControlOctet, Fragment};
use crate::dnp3::link::Header;
use crate::dnp3::ops;
use crate::dnp3::transfer::{Pair, Transfers, kept};

/// Octets of control and function, in front of a request's objects.
const BEFORE_OBJECTS: usize = 2;
/// Variations of authentication objects.
const CHALLENGE: u8 = 1;
const REPLY: u8 = 2;
/// Variation of a file block.
const FILE_TRANSPORT: u8 = 5;

/// The memory of a flow.
#[derive(Default)]
pub(super) struct Conversation {
    associations: Associations,
    transfers: Transfers,
    /// Name of the file that the latest fragment is about.
    name: Vec<u8>,
}

/// A fragment with what its session needs of it.
struct Heard<'a> {
    fragment: &'a Fragment<'a>,
    control: ControlOctet,
    code: u8,
    /// Master and outstation.
    pair: Pair,
    objects: &'a [u8],
    is_broadcast: bool,
    now: i64,
}

impl Conversation {
    /// Takes a fragment, and tells its story.
    pub(super) fn story(
        &mut self,
        now: i64,
        header: &Header,
        fragment: &Fragment<'_>,
        bytes: &[u8],
    ) -> Story<'_> {
        self.name.clear();
        let (Some(control), Some(code)) = (fragment.control, fragment.function) else {
            return Story::default();
        };
        let pair = if fragment.is_request() {
            (header.source, header.destination)
        } else {
            (header.destination, header.source)
        };
        let objects = bytes.get(BEFORE_OBJECTS..).unwrap_or_default();
        let is_broadcast = header.is_broadcast();
        let heard = Heard { fragment, control, code, pair, objects, is_broadcast, now };
        let mut story = match code {
            function::CONFIRM => self.confirm(&heard),
            function::UNSOLICITED_RESPONSE => self.unsolicited(&heard),
            _ if fragment.is_request() => self.request(&heard),
            _ => self.response(&heard),
        };
        if !self.name.is_empty() {
            story.file_name = Some(&self.name);
        }
        story
    }

    /// Forgets what waits: octets are missing.
    pub(super) fn forget(&mut self) {
        self.associations.forget();
        self.transfers.tear();
    }

    fn confirm(&mut self, heard: &Heard<'_>) -> Story<'static> {
        let association = self.associations.of(heard.pair.0, heard.pair.1);
        let since = association.confirm(heard.control, heard.now);
        Story {
            request_function: Some(heard.code),
            paired: Some(since.is_some()),
            latency: since.map(|ts_ns| heard.now.saturating_sub(ts_ns)),
            ..Story::default()
        }
    }

    fn unsolicited(&mut self, heard: &Heard<'_>) -> Story<'static> {
        let gist = &heard.fragment.gist;
        if heard.control.con() {
            let association = self.associations.of(heard.pair.0, heard.pair.1);
            association.expect_confirm(heard.control, heard.now);
        }
        let target = gist.place.map(|_| target(heard.fragment, heard.pair.1));
        Story { target, ..Story::default() }
    }

    fn request(&mut self, heard: &Heard<'_>) -> Story<'static> {
        let Heard { fragment, control, code, pair, objects, now, .. } = *heard;
        let mut story = Story {
            request_function: Some(code),
            op: ops::op(code, deciding(fragment)),
            phase: Some(ot_phase::REQUEST),
            target: Some(target(fragment, pair.1)),
            ..Story::default()
        };
        if let Some(file) = &fragment.gist.file {
            self.file_request(heard, file, &mut story);
        }
        let association = self.associations.of(pair.0, pair.1);
        match code {
            function::SELECT => association.select(control, objects),
            function::OPERATE => {
                story.selected = Some(association.is_selected(control, objects));
            }
            _ => {}
        }
        let is_reply =
            fragment.gist.auth.is_some_and(|(variation, _)| variation == REPLY)
                && code == function::AUTHENTICATE_REQ;
        // Nobody answers a broadcast, and a reply is answered as what it replies for.
        if !heard.is_broadcast && !is_reply {
            let has_file = !self.name.is_empty();
            if has_file {
                self.transfers.name(pair, control.sequence(), &self.name);
            }
            association.ask(Asked {
                sequence: control.sequence(),
                function: code,
                ts_ns: now,
                op: story.op,
                target: story.target,
                has_file,
            });
        }
        story
    }

    fn file_request(
        &mut self,
        heard: &Heard<'_>,
        file: &File<'_>,
        story: &mut Story<'static>,
    ) {
        let Heard { code, pair, .. } = *heard;
        if let Some(name) = file.name {
            self.name.extend_from_slice(kept(name));
        }
        let mut mode = file.mode;
        if let Some(transfer) = file.handle.and_then(|at| self.transfers.find(pair, at)) {
            self.name.clone_from(&transfer.name);
            mode = Some(transfer.mode);
            if code == function::WRITE {
                story.digest = transfer.block(file);
            }
        }
        match code {
            function::OPEN_FILE => {
                self.transfers.ask(pair, file);
                story.op = mode.and_then(ops::transfer);
                story.phase = Some(ot_phase::START);
            }
            function::CLOSE_FILE | function::ABORT_FILE => {
                story.op = mode.and_then(ops::transfer);
                story.phase = Some(ot_phase::END);
                let moved = file.handle.and_then(|at| self.transfers.close(pair, at));
                // What was broken off is not the file.
                story.digest = moved.filter(|_| code == function::CLOSE_FILE);
            }
            function::READ | function::WRITE => {
                let is_last = code == function::WRITE && file.last == Some(true);
                let phase = if is_last { ot_phase::END } else { ot_phase::CHUNK };
                story.phase = Some(phase);
            }
            _ => {}
        }
    }

    fn response(&mut self, heard: &Heard<'_>) -> Story<'static> {
        let Heard { fragment, control, pair, now, .. } = *heard;
        let association = self.associations.of(pair.0, pair.1);
        if control.con() {
            association.expect_confirm(control, now);
        }
        let variation = fragment.gist.auth.map(|(variation, _)| variation);
        let is_challenge =
            variation == Some(CHALLENGE) && heard.code == function::AUTHENTICATE_RESP;
        let asked = if is_challenge {
            association.challenged(control, now)
        } else {
            association.answer(control, now)
        };
        let mut story = Story { paired: Some(asked.is_some()), ..Story::default() };
        if let Some(asked) = asked {
            story.request_function = Some(asked.function);
            story.op = asked.op;
            story.target = asked.target;
            story.latency = Some(now.saturating_sub(asked.ts_ns));
            let named = self.transfers.named(pair, asked.sequence);
            if let Some(name) = named.filter(|_| asked.has_file) {
                self.name.extend_from_slice(name);
            }
        }
        if fragment.gist.place.is_some() {
            story.target = Some(target(fragment, pair.1));
        }
        // A challenge is neither yes nor no, nor is what makes no sense.
        if !is_challenge && fragment.fault.is_none() {
            let (phase, outcome) = match refusal(fragment) {
                None => (ot_phase::ACCEPTED, ot_outcome::OK),
                Some(Refusal::Indication) => (ot_phase::REJECTED, ot_outcome::EXCEPTION),
                Some(Refusal::Status) => (ot_phase::REJECTED, ot_outcome::REJECTED),
            };
            (story.phase, story.outcome) = (Some(phase), Some(outcome));
        }
        if let Some(file) = &fragment.gist.file {
            self.file_response(heard, file, &mut story);
        }
        story
    }

    fn file_response(
        &mut self,
        heard: &Heard<'_>,
        file: &File<'_>,
        story: &mut Story<'static>,
    ) {
        let pair = heard.pair;
        if story.request_function == Some(function::OPEN_FILE) {
            self.transfers.opened(pair, file);
        }
        if let Some(transfer) = file.handle.and_then(|at| self.transfers.find(pair, at)) {
            self.name.clone_from(&transfer.name);
            let is_block =
                heard.fragment.gist.first == Some((group::FILE_CONTROL, FILE_TRANSPORT));
            if is_block {
                story.digest = transfer.block(file);
                story.op = story.op.or(ops::transfer(transfer.mode));
            }
        } else if let Some(name) = file.name.filter(|_| self.name.is_empty()) {
            self.name.extend_from_slice(kept(name));
        }
        if story.digest.is_some() {
            story.phase = Some(ot_phase::END);
        }
    }
}

/// The object that decides what a request does: class 0 before all others.
fn deciding(fragment: &Fragment<'_>) -> Option<(u8, u8)> {
    let [class_0, ..] = fragment.gist.classes;
    if class_0 { Some((group::CLASS_DATA, 1)) } else { fragment.gist.first }
}
