//! The header's fields onto a record of kind `dcerpc`.

use tagout_spec::record::typed::dcerpc::{KIND, Writer, contexts};

use crate::dcerpc::co::{Contexts, Offer, Pdu};
use crate::dcerpc::known;
use crate::dcerpc::ndr::{Datagram, Fault, Ndr, Uuid, is_from_client, packet_type};
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// All that is known of a PDU. What it does not have is none.
#[derive(Default)]
pub(super) struct Event<'e> {
    version: Option<u8>,
    kind: u8,
    flags: u8,
    little: bool,
    length: u16,
    /// Interface and its version.
    pub(super) interface: Option<Offer>,
    object: Option<Uuid>,
    /// Operation.
    pub(super) opnum: Option<u16>,
    /// Header of a connectionless PDU: activity, sequence, server boot, fragment.
    call: Option<(Uuid, u32, u32, u16)>,
    call_id: Option<u32>,
    context: Option<u16>,
    ends: Option<(bool, bool)>,
    status: Option<u32>,
    encrypted: Option<bool>,
    authentication: Option<(u8, Option<u8>)>,
    contexts: Option<Contexts<'e>>,
    address: Option<&'e [u8]>,
    /// Of an answer: whether its request was seen.
    pub(super) paired: Option<bool>,
    /// When that was sent.
    pub(super) asked_ns: Option<i64>,
    /// Where it stops making sense.
    pub(super) fault: Option<Fault>,
}

impl<'e> Event<'e> {
    /// What is no PDU.
    pub(super) fn broken(fault: Fault) -> Event<'e> {
        Event { fault: Some(fault), ..Event::default() }
    }

    /// A connectionless PDU.
    pub(super) fn of_datagram(pdu: &Datagram<'e>) -> Event<'e> {
        let has_status = matches!(pdu.kind, packet_type::FAULT | packet_type::REJECT);
        let authentication =
            (pdu.authentication != 0).then_some((pdu.authentication, None));
        Event {
            version: Some(4),
            kind: pdu.kind,
            flags: pdu.flags,
            little: pdu.little,
            length: pdu.length,
            interface: Some(Offer {
                uuid: pdu.interface,
                version: pdu.interface_version,
            }),
            object: (pdu.object != Uuid::default()).then_some(pdu.object),
            opnum: Some(pdu.opnum),
            call: Some((pdu.activity, pdu.sequence, pdu.server_boot, pdu.fragment)),
            ends: Some((!pdu.is_fragment() || pdu.fragment == 0, pdu.is_last())),
            status: if has_status { Ndr::new(pdu.body, pdu.little).u32() } else { None },
            authentication,
            ..Event::default()
        }
    }

    /// A PDU of a connection.
    pub(super) fn of_pdu(pdu: &Pdu<'e>) -> Event<'e> {
        Event {
            version: Some(5),
            kind: pdu.kind,
            flags: pdu.flags,
            little: pdu.little,
            length: pdu.length,
            object: pdu.object,
            opnum: pdu.opnum,
            call_id: Some(pdu.call_id),
            context: pdu.context,
            ends: Some((pdu.is_first(), pdu.is_last())),
            status: pdu.status,
            encrypted: pdu.authentication.map(|_| pdu.is_encrypted()),
            authentication: pdu.authentication.map(|(kind, level)| (kind, Some(level))),
            contexts: pdu.contexts,
            address: pdu.address,
            fault: pdu.fault,
            ..Event::default()
        }
    }

    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        w.malformed(self.fault.is_some());
        if let Some(fault) = self.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
        if let Some(version) = self.version {
            w.version(version).r#type(self.kind).flags(self.flags).length(self.length);
            w.byte_order(self.little.into());
            some!(w, request, is_from_client(self.kind));
            self.fields(&mut w);
        }
        some!(w, paired, self.paired);
        some!(w, latency, self.asked_ns.map(|asked| cx.ts_ns().saturating_sub(asked)));
        w.commit();
    }

    fn fields(&self, w: &mut Writer<'_>) {
        some!(w, opnum, self.opnum);
        some!(w, status, self.status);
        some!(w, context, self.context);
        some!(w, encrypted, self.encrypted);
        some!(w, call_id, self.call_id);
        if let Some(Offer { uuid, version }) = self.interface {
            w.interface(&uuid.text()).interface_version(version);
            some!(w, interface_name, known::name(uuid).map(str::as_bytes));
        }
        if let Some(object) = self.object {
            w.object(&object.text());
        }
        if let Some((activity, sequence, server_boot, fragment)) = self.call {
            w.activity(&activity.text()).sequence(sequence);
            w.server_boot(server_boot).fragment(fragment);
        }
        if let Some((first, last)) = self.ends {
            w.first_fragment(first).last_fragment(last);
        }
        if let Some((kind, level)) = self.authentication {
            w.auth_type(kind);
            some!(w, auth_level, level);
        }
        some!(w, address, self.address);
        let Some(contexts) = self.contexts else { return };
        w.contexts(|to| {
            for context in contexts.iter() {
                let interface = context.offer.map(|offer| offer.uuid.text());
                to.element(|element| {
                    let mut set = |idx, value| element.set_idx(idx, value);
                    set(contexts::ID, i64::from(context.id).into());
                    if let Some(interface) = &interface {
                        set(contexts::INTERFACE, interface.as_slice().into());
                    }
                    if let Some(Offer { uuid, version }) = context.offer {
                        set(contexts::VERSION, i64::from(version).into());
                        if let Some(name) = known::name(uuid) {
                            set(contexts::NAME, name.into());
                        }
                    }
                    if let Some((result, reason)) = context.result {
                        set(contexts::RESULT, i64::from(result).into());
                        set(contexts::REASON, i64::from(reason).into());
                    }
                });
            }
        });
    }
}
