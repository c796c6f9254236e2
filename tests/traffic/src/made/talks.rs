//! What the packs' captures give to each decoder, without the packets around it.
//!
//! ```text
//! captures --pipeline--> Listener (in a decoder's place) --> Talk: probe, bytes, gaps
//! Talk --again and again--> a session of the decoder
//! ```
//!
//! A session that hears the same talk over and over is a connection that lasts, as those
//! of control networks do.

use std::sync::{Arc, Mutex, PoisonError};

use tagout_decode::{
    Commons, Config, Context, DECODERS, Decoder, EventSink, FlowEvents, FrameContext,
    FrameSession, Head, Pipeline, Probe, Session, Transport, Verdict,
};
use tagout_spec::record::Needs;

use super::{Counts, packs};

/// A conversation of one decoder: a flow, or all frames of its ether types.
pub struct Talk {
    /// The decoder.
    pub decoder: &'static dyn Decoder,
    probe: Option<Asked>,
    turns: Vec<Turn>,
}

/// A probe that was answered with yes.
struct Asked {
    transport: Transport,
    ports: [u16; 2],
    sides: [Vec<u8>; 2],
    datagrams: Vec<Vec<u8>>,
    is_start: bool,
}

enum Turn {
    Data(Head, Vec<u8>),
    Gap(Head, u32),
    Frame(FrameContext, Vec<u8>),
}

/// The talks of all packs' captures, by decoder.
#[must_use]
pub fn talks() -> Vec<Talk> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listen = |decoder: &&'static dyn Decoder| {
        let listener = Listener { decoder: *decoder, heard: Arc::clone(&heard) };
        let listener: &'static dyn Decoder = Box::leak(Box::new(listener));
        listener
    };
    let listeners: &'static [_] = DECODERS.iter().map(listen).collect::<Vec<_>>().leak();
    for mut pack in packs() {
        let config = Config { flow_events: FlowEvents::None, ..Config::default() };
        let mut pipeline = Pipeline::new(config, listeners);
        let mut sink = Counts::new(Needs::NONE);
        pack.each(1, |frame| pipeline.frame(frame, false, &mut sink));
        pipeline.finish(&mut sink);
    }
    std::mem::take(&mut *heard.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Talk {
    /// Bytes that the decoder is given each time.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let bytes = |turn: &Turn| match turn {
            Turn::Data(_, bytes) | Turn::Frame(_, bytes) => bytes.len() as u64,
            Turn::Gap(..) => 0,
        };
        self.turns.iter().map(bytes).sum()
    }

    /// Says everything to a new session so many times.
    pub fn say(&self, times: u32, sink: &mut dyn EventSink) {
        let commons = Commons::default();
        if let Some(asked) = &self.probe {
            let [a, b] = &asked.sides;
            let probe = Probe {
                transport: asked.transport,
                ports: asked.ports,
                sides: [a, b],
                datagrams: &asked.datagrams,
                is_start: asked.is_start,
            };
            let Verdict::Yes(mut session) = self.decoder.probe(&probe) else { return };
            session.join(&commons);
            for turn in (0..times).flat_map(|_| &self.turns) {
                match turn {
                    Turn::Data(head, bytes) => {
                        session.on_data(head.context(), bytes, sink)
                    }
                    Turn::Gap(head, missing) => {
                        session.on_gap(head.context(), *missing, sink)
                    }
                    Turn::Frame(..) => {}
                }
            }
        } else if let Some(mut session) = self.decoder.open_frames() {
            for turn in (0..times).flat_map(|_| &self.turns) {
                if let Turn::Frame(cx, bytes) = turn {
                    session.on_frame(cx, bytes, sink);
                }
            }
        }
    }
}

type Heard = Arc<Mutex<Vec<Talk>>>;

/// Stands in a decoder's place, and notes what its sessions are given.
struct Listener {
    decoder: &'static dyn Decoder,
    heard: Heard,
}

/// A session that is listened to; where in the notes it is.
struct Noted<S: ?Sized> {
    session: Box<S>,
    heard: Heard,
    at: usize,
}

impl Listener {
    fn note<S: ?Sized>(&self, session: Box<S>, probe: Option<Asked>) -> Noted<S> {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(Talk { decoder: self.decoder, probe, turns: Vec::new() });
        Noted { session, heard: Arc::clone(&self.heard), at: heard.len() - 1 }
    }
}

impl<S: ?Sized> Noted<S> {
    fn turn(&self, turn: Turn) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(talk) = heard.get_mut(self.at) {
            talk.turns.push(turn);
        }
    }
}

impl Decoder for Listener {
    fn name(&self) -> &'static str {
        self.decoder.name()
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        match self.decoder.probe(probe) {
            Verdict::Yes(session) => {
                let asked = Asked {
                    transport: probe.transport,
                    ports: probe.ports,
                    sides: probe.sides.map(<[u8]>::to_vec),
                    datagrams: probe.datagrams.to_vec(),
                    is_start: probe.is_start,
                };
                Verdict::Yes(Box::new(self.note(session, Some(asked))))
            }
            Verdict::More => Verdict::More,
            Verdict::No => Verdict::No,
        }
    }

    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        let session = self.decoder.open_frames()?;
        Some(Box::new(self.note(session, None)))
    }
}

impl Session for Noted<dyn Session> {
    fn join(&mut self, commons: &Commons) {
        self.session.join(commons);
    }

    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        self.turn(Turn::Data(cx.to_head(), bytes.to_vec()));
        self.session.on_data(cx, bytes, sink);
    }

    fn kept(&self) -> usize {
        self.session.kept()
    }

    fn on_gap(&mut self, cx: Context<'_>, missing: u32, sink: &mut dyn EventSink) {
        self.turn(Turn::Gap(cx.to_head(), missing));
        self.session.on_gap(cx, missing, sink);
    }
}

impl FrameSession for Noted<dyn FrameSession> {
    fn ethertypes(&self) -> &[u16] {
        self.session.ethertypes()
    }

    fn on_frame(
        &mut self,
        cx: &FrameContext,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool {
        let taken = self.session.on_frame(cx, payload, sink);
        if taken {
            self.turn(Turn::Frame(*cx, payload.to_vec()));
        }
        taken
    }
}
