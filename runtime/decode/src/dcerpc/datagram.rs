//! A flow of connectionless DCE/RPC: each datagram is a PDU, calls go to a stub.

use crate::commons::{Commons, Shared};
use crate::dcerpc::calls::{Calls, Waiting};
use crate::dcerpc::event::Event;
use crate::dcerpc::fragments::{Fragments, Joined};
use crate::dcerpc::ndr::{
    Datagram, Fault, FaultKind, HEADER_LEN, is_from_client, packet_type,
};
use crate::protocol::{Context, EventSink, Session};

/// Who understands the calls of an interface.
pub(crate) trait Stub: Send {
    /// What is remembered of a request for its answer.
    /// With its type the calls of this interface are found, which all flows share.
    type Asked: Copy + Default + Send + 'static;

    /// Takes a whole request, or an answer to one (also a fault or a rejection), and
    /// writes its event. Gives back what the answer to a request should know.
    fn on_call(
        &mut self,
        cx: Context<'_>,
        pdu: &Datagram<'_>,
        waiting: Option<&Waiting<Self::Asked>>,
        stub: &[u8],
        sink: &mut dyn EventSink,
    ) -> Self::Asked;
}

/// A flow of connectionless DCE/RPC.
pub(crate) struct DatagramSession<S: Stub> {
    stub: S,
    calls: Shared<Calls<S::Asked>>,
    fragments: Fragments,
}

impl<S: Stub> DatagramSession<S> {
    /// Begins a session whose calls go to this stub.
    pub(crate) fn new(stub: S) -> DatagramSession<S> {
        DatagramSession {
            stub,
            calls: Shared::default(),
            fragments: Fragments::default(),
        }
    }
}

impl<S: Stub> Session for DatagramSession<S> {
    fn join(&mut self, commons: &Commons) {
        self.calls = commons.share();
    }

    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        let Some(pdu) = Datagram::read(bytes) else {
            let is_version = bytes.first().is_none_or(|version| *version == 4);
            let fault = if is_version && bytes.len() < HEADER_LEN {
                let at = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
                Fault { at, why: FaultKind::Short }
            } else {
                Fault { at: 0, why: FaultKind::Version }
            };
            Event::broken(fault).write(cx, sink);
            return;
        };
        let mut event = Event::of_datagram(&pdu);
        let is_answer = is_from_client(pdu.kind) == Some(false);
        let waiting = if is_answer {
            self.calls.lock().get(pdu.activity, pdu.sequence, cx.ts_ns())
        } else {
            None
        };
        event.paired = is_answer.then_some(waiting.is_some());
        event.asked_ns = waiting.map(|call| call.ts_ns);
        if pdu.is_short {
            event.fault = Some(Fault { at: 74, why: FaultKind::Length });
        }
        let carries = matches!(
            pdu.kind,
            packet_type::REQUEST
                | packet_type::RESPONSE
                | packet_type::FAULT
                | packet_type::REJECT
        );
        let mut joined = None;
        if carries && pdu.is_fragment() {
            match self.fragments.add(cx.side(), &pdu) {
                Joined::Waiting => {}
                Joined::Whole(bytes) => joined = Some(bytes),
                Joined::Broken => {
                    event.fault.get_or_insert(Fault { at: 76, why: FaultKind::Fragment });
                }
            }
        }
        event.write(cx, sink);
        let stub = match &joined {
            Some(bytes) => bytes,
            None if carries && !pdu.is_fragment() => pdu.body,
            None => return,
        };
        let asked = self.stub.on_call(cx, &pdu, waiting.as_ref(), stub, sink);
        if pdu.kind == packet_type::REQUEST {
            self.calls.lock().push(pdu.activity, pdu.sequence, cx.ts_ns(), asked);
        }
    }

    fn kept(&self) -> usize {
        self.fragments.kept()
    }

    fn on_gap(&mut self, _cx: Context<'_>, _missing: u32, _sink: &mut dyn EventSink) {
        self.fragments.clear();
    }
}
