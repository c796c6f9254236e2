//! A decoder's side of the contract: probes and messages to sessions.

use alloc::boxed::Box;
use alloc::vec::Vec;

use tagout_spec::decoder::{Commons, Decoder, FrameSession, Given, Session, Verdict};
use tagout_spec::plugin::{message, verdict};

use crate::EventKind;
use crate::message::{Message, ProbeMessage};
use crate::sink::{Of, Sink};

/// Most sessions that a host may number.
const SESSIONS_MAX: usize = 65_536;

/// What a decoder keeps between calls.
pub(crate) struct DecoderState<E> {
    decoder: &'static dyn Decoder,
    /// By their numbers, which the host keeps small.
    sessions: Vec<Option<Box<dyn Session>>>,
    /// What the last probe found: the next message opens it.
    found: Option<Box<dyn Session>>,
    frames: Option<Box<dyn FrameSession>>,
    commons: Commons,
    sink: Sink<E>,
}

impl<E: FnMut(&[u8], &[Of])> DecoderState<E> {
    #[cold]
    pub(crate) fn new(
        decoder: &'static dyn Decoder,
        kinds: &'static [EventKind],
        emit: E,
    ) -> Self {
        Self {
            decoder,
            sessions: Vec::new(),
            found: None,
            frames: decoder.open_frames(),
            commons: Commons::default(),
            sink: Sink::new(kinds, emit),
        }
    }

    /// Answers a probe.
    pub(crate) fn probe(&mut self, input: &[u8]) -> i32 {
        self.found = None;
        let Some(probe) = ProbeMessage::read(input) else { return verdict::NO };
        match self.decoder.probe(&probe.probe()) {
            Verdict::No => verdict::NO,
            Verdict::More => verdict::MORE,
            Verdict::Yes(mut session) => {
                session.join(&self.commons);
                self.found = Some(session);
                verdict::YES
            }
        }
    }

    /// Takes messages.
    pub(crate) fn decode(&mut self, input: &[u8]) {
        self.sink.begin();
        let mut rest = input;
        let mut positions = 0..;
        while let (Some((message, behind)), Some(position)) =
            (Message::next(rest), positions.next())
        {
            self.sink.message(position);
            self.message(&message);
            rest = behind;
        }
        self.sink.end();
    }

    fn message(&mut self, message: &Message<'_>) {
        if message.ty() == message::FRAME {
            if let Some(frames) = &mut self.frames {
                let cx = message.frame_context();
                frames.on_frame(&cx, message.payload, &mut self.sink);
            }
            return;
        }
        let Some(slot) = slot(&mut self.sessions, message.session()) else { return };
        match (message.ty(), slot) {
            (message::OPEN, slot) => replace(slot, self.found.take()),
            (message::CLOSE, slot) => replace(slot, None),
            (message::DATA, Some(session)) => {
                let (cx, bytes) = (message.context(), message.payload);
                session.on_given(&mut Given { cx, bytes, sink: &mut self.sink });
            }
            (message::GAP, Some(session)) => {
                session.on_gap(message.context(), message.length(), &mut self.sink);
            }
            _ => {}
        }
    }
}

/// Begins or ends a session, which is rarer than bytes of it.
#[cold]
fn replace(slot: &mut Option<Box<dyn Session>>, session: Option<Box<dyn Session>>) {
    *slot = session;
}

/// Where a session of this number is, or would be.
fn slot(
    sessions: &mut Vec<Option<Box<dyn Session>>>,
    number: u32,
) -> Option<&mut Option<Box<dyn Session>>> {
    let at = usize::try_from(number).ok()?;
    if at >= sessions.len() {
        grow(sessions, at);
    }
    sessions.get_mut(at)
}

#[cold]
fn grow(sessions: &mut Vec<Option<Box<dyn Session>>>, at: usize) {
    if at < SESSIONS_MAX {
        sessions.resize_with(at.saturating_add(1), || None);
    }
}
