//! Which protocol a flow speaks: looked for in its first bytes, then left to
//! the protocol's session.
//!
//! ```text
//! Looking --bytes--> Yes from a decoder: replay what was kept, Session
//!    ^  '----------> More: keep the bytes, within a bound
//!    '-------------- No from all: look again at the next segment, a few times,
//!                    since a capture may begin inside a message; then Nothing
//! Session --it is over--> Looking, not from the start
//! ```

use crate::net::flow::Side;
use crate::net::tcp::Delivery;
use crate::pipeline::Known;
use crate::protocol::{Context, EventSink, Facts, Head, Probe, Session, Verdict};

/// Most bytes, and most deliveries, that are looked at.
const MAX_BYTES: usize = 2048;
const MAX_DELIVERIES: usize = 32;

/// Most times that a flow's bytes are looked at from another segment on.
const MAX_ATTEMPTS: u16 = 24;

/// What is known of a flow's protocol.
pub(crate) enum App {
    /// Nothing yet, after so many attempts.
    Fresh(u16),
    /// Bytes, but not enough to tell.
    Looking(Box<Looking>),
    /// A protocol; which decoder's.
    Session(Box<dyn Session>, &'static str),
    /// None that is known, in what generation of decoders.
    Nothing(u32),
}

/// The bytes so far, in the order they came.
#[derive(Default)]
pub(crate) struct Looking {
    a: Vec<u8>,
    b: Vec<u8>,
    datagrams: Vec<Vec<u8>>,
    order: Vec<Kept>,
    attempt: u16,
}

/// What a delivery needs to be delivered again.
struct Kept {
    side: Side,
    len: usize,
    ts_ns: i64,
    frame: u64,
    late: bool,
}

impl App {
    /// Name of the protocol.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match self {
            App::Session(_, name) => Some(name),
            App::Fresh(_) | App::Looking(_) | App::Nothing(_) => None,
        }
    }

    /// Bytes that are held until more come.
    #[inline]
    pub(crate) fn kept(&self) -> usize {
        match self {
            App::Session(session, _) => session.kept(),
            App::Looking(looking) => looking.kept(),
            App::Fresh(_) | App::Nothing(_) => 0,
        }
    }

    /// Lets go of the bytes that are held: too much is held by all flows.
    pub(crate) fn let_go(
        &mut self,
        cx: Context<'_>,
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        match self {
            App::Session(session, _) => session.on_gap(cx, 0, sink),
            App::Looking(_) => *self = App::Nothing(known.generation),
            App::Fresh(_) | App::Nothing(_) => {}
        }
    }

    /// Hands on bytes or a gap of a stream.
    #[inline]
    pub(crate) fn stream(
        &mut self,
        cx: Context<'_>,
        delivery: &Delivery<'_>,
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        self.renew(known);
        match (&mut *self, delivery) {
            (App::Session(session, _), Delivery::Data(bytes, frame)) => {
                if *frame == cx.frame() {
                    session.on_data(cx, bytes, sink);
                } else {
                    let head = Head::of(&Facts { frame: *frame, ..cx.facts() });
                    session.on_data(head.context(), bytes, sink);
                }
            }
            (App::Session(session, _), Delivery::Gap(n)) => session.on_gap(cx, *n, sink),
            (App::Nothing(_), _) => {}
            (App::Fresh(_) | App::Looking(_), Delivery::Data(bytes, frame)) => {
                let head = Head::of(&Facts { frame: *frame, ..cx.facts() });
                self.look(head.context(), bytes, false, known, sink);
            }
            // A beginning with a hole in it shows nothing.
            (App::Looking(looking), Delivery::Gap(_)) => {
                *self = App::after(looking.attempt, known);
            }
            (App::Fresh(_), Delivery::Gap(_)) => {}
        }
    }

    /// Hands on a datagram.
    pub(crate) fn datagram(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        self.renew(known);
        match self {
            App::Session(session, _) => session.on_data(cx, bytes, sink),
            App::Nothing(_) => {}
            App::Fresh(_) | App::Looking(_) => self.look(cx, bytes, true, known, sink),
        }
    }

    /// Whether nothing is to be looked for: no decoder knew the flow, and none has come
    /// since.
    #[inline]
    pub(crate) fn is_nothing(&self, known: &Known) -> bool {
        matches!(self, App::Nothing(generation) if *generation == known.generation)
    }

    /// A session that knows of its flow no more is as good as none, and what no decoder knew
    /// may be known by one that has come.
    #[inline]
    fn renew(&mut self, known: &Known) {
        let again = match self {
            App::Session(session, _) => session.is_over(),
            App::Nothing(generation) => *generation != known.generation,
            App::Fresh(_) | App::Looking(_) => false,
        };
        if again {
            *self = App::Fresh(1);
        }
    }

    #[cold]
    fn look(
        &mut self,
        cx: Context<'_>,
        bytes: &[u8],
        is_datagram: bool,
        known: &Known,
        sink: &mut dyn EventSink,
    ) {
        let mut looking = match std::mem::replace(self, App::Nothing(known.generation)) {
            App::Looking(looking) => looking,
            App::Fresh(attempt) => Box::new(Looking { attempt, ..Looking::default() }),
            App::Session(..) | App::Nothing(_) => return,
        };
        looking.keep(cx, bytes, is_datagram);
        let probe = Probe {
            transport: cx.transport(),
            ports: match cx.side() {
                Side::A => [cx.src_port(), cx.dst_port()],
                Side::B => [cx.dst_port(), cx.src_port()],
            },
            sides: [&looking.a, &looking.b],
            datagrams: &looking.datagrams,
            is_start: looking.attempt == 0,
        };
        let mut more = false;
        for decoder in known.decoders() {
            match decoder.probe(&probe) {
                Verdict::No => {}
                Verdict::More => more = true,
                Verdict::Yes(mut session) => {
                    session.join(&known.commons);
                    looking.replay(cx, session.as_mut(), sink);
                    *self = App::Session(session, decoder.name());
                    return;
                }
            }
        }
        if more && !looking.is_full() {
            *self = App::Looking(looking);
            return;
        }
        *self = App::after(looking.attempt, known);
        // What came first was none; what came last may be the first of something.
        if looking.order.len() > 1 {
            self.look(cx, bytes, is_datagram, known, sink);
        }
    }

    /// What follows an attempt that found nothing.
    fn after(attempt: u16, known: &Known) -> App {
        let next = attempt.saturating_add(1);
        if next < MAX_ATTEMPTS {
            App::Fresh(next)
        } else {
            App::Nothing(known.generation)
        }
    }
}

impl Looking {
    fn keep(&mut self, cx: Context<'_>, bytes: &[u8], is_datagram: bool) {
        if is_datagram {
            self.datagrams.push(bytes.to_vec());
        } else {
            match cx.side() {
                Side::A => self.a.extend_from_slice(bytes),
                Side::B => self.b.extend_from_slice(bytes),
            }
        }
        let Facts { side, ts_ns, frame, late, .. } = cx.facts();
        self.order.push(Kept { side, len: bytes.len(), ts_ns, frame, late });
    }

    fn is_full(&self) -> bool {
        self.order.len() >= MAX_DELIVERIES || self.kept() >= MAX_BYTES
    }

    fn kept(&self) -> usize {
        self.order.iter().map(|kept| kept.len).sum()
    }

    /// Gives a session all that was kept, as it came. `cx` is the latest
    /// delivery's.
    fn replay(
        &self,
        cx: Context<'_>,
        session: &mut dyn Session,
        sink: &mut dyn EventSink,
    ) {
        let (mut a, mut b) = (self.a.as_slice(), self.b.as_slice());
        let mut datagrams = self.datagrams.iter();
        for kept in &self.order {
            let bytes = match (datagrams.next(), kept.side) {
                (Some(datagram), _) => datagram,
                (None, Side::A) => take(&mut a, kept.len),
                (None, Side::B) => take(&mut b, kept.len),
            };
            let facts = cx.facts();
            let facts = if kept.side == facts.side { facts } else { facts.turned() };
            let Kept { ts_ns, frame, late, .. } = *kept;
            let head = Head::of(&Facts { ts_ns, frame, late, ..facts });
            session.on_data(head.context(), bytes, sink);
        }
    }
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (head, rest) = bytes.split_at_checked(n).unwrap_or((bytes, &[]));
    *bytes = rest;
    head
}
