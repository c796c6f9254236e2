//! A message's fields onto a record of kind `enip`.

use tagout_spec::record::Value;
use tagout_spec::record::typed::codes::{ot_outcome, ot_phase, ot_target};
use tagout_spec::record::typed::enip::{KIND, Writer, items, sockets};

use crate::enip::body::{Body, Identity, Items};
use crate::enip::encap::{Header, command};
use crate::enip::ops;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};

/// Most bytes kept of what has no layout.
const RAW_KEPT: usize = 512;

/// All that is known of a message.
pub(super) struct Event<'e> {
    /// Its header; implicit data has none.
    pub(super) header: Option<&'e Header>,
    /// What follows it.
    pub(super) body: &'e Body<'e>,
    /// Whether it asks, where that is known.
    pub(super) is_request: Option<bool>,
    /// When the request that it answers was sent, if that was seen.
    pub(super) since: Option<i64>,
}

impl Event<'_> {
    /// Writes the event.
    pub(super) fn write(&self, cx: Context<'_>, sink: &mut dyn EventSink) {
        let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
        envelope!(w, cx);
        let body = self.body;
        if let Some(header) = self.header {
            self.header(&mut w, header);
        }
        some!(w, request, self.is_request);
        if self.is_request == Some(false) && is_answered(self.header) {
            w.paired(self.since.is_some());
            some!(w, latency, self.since.map(|since| cx.ts_ns().saturating_sub(since)));
        }
        some!(w, connection_id, body.connection);
        some!(w, io_sequence, body.io_sequence);
        if let Some(data) = body.io_data {
            w.io_data(data);
            w.io_size(u16::try_from(data.len()).unwrap_or(u16::MAX));
        }
        if let Some(items) = body.items {
            item_fields(&mut w, items);
        }
        if self.header.is_some() {
            self.rare(&mut w);
        }
        w.malformed(body.fault.is_some());
        if let Some(fault) = body.fault {
            w.malformed_at(fault.at);
            w.malformed_why(fault.why as u8);
        }
        w.commit();
    }

    fn header(&self, w: &mut Writer<'_>, header: &Header) {
        w.command(header.command);
        w.length(header.length);
        w.session(header.session);
        w.status(header.status);
        w.context(&header.context);
        w.options(header.options);
        // ListIdentity has its longest delay in the context (2-4.2.2).
        let [low, high, ..] = header.context;
        if header.command == command::LIST_IDENTITY && self.is_request == Some(true) {
            w.max_delay(u16::from_le_bytes([low, high]));
        }
        let Some(op) = ops::op(header.command) else { return };
        w.op(op);
        w.target_kind(ot_target::DEVICE);
        match (self.is_request, header.status) {
            (Some(true), _) => {
                w.phase(ot_phase::REQUEST);
            }
            (Some(false), 0) => {
                w.phase(ot_phase::ACCEPTED);
                w.outcome(ot_outcome::OK);
            }
            (Some(false), _) => {
                w.phase(ot_phase::REJECTED);
                w.outcome(ot_outcome::EXCEPTION);
            }
            (None, _) => {}
        }
    }

    fn rare(&self, w: &mut Writer<'_>) {
        let body = self.body;
        if let Some((interface, timeout)) = body.interface {
            w.interface(interface);
            w.timeout(timeout);
        }
        if let Some((version, flags)) = body.register {
            w.version(version);
            w.flags(flags);
        }
        if let Some(identity) = &body.identity {
            identity_fields(w, identity);
        }
        if let Some((version, capabilities, name)) = body.services {
            w.services_version(version);
            w.services_capabilities(capabilities);
            w.services_name(name);
        }
        if let Some(security) = body.security {
            w.security_profiles(security.profiles);
            w.security_state(security.states.0);
            w.security_eip_state(security.states.1);
            w.security_ports(security.ports);
        }
        if !body.data.is_empty() {
            w.data(body.data.get(..RAW_KEPT).unwrap_or(body.data));
        }
    }
}

/// Whether the encapsulation pairs a command's answers: what SendUnitData carries is
/// paired by CIP.
fn is_answered(header: Option<&Header>) -> bool {
    header.is_some_and(|header| header.command != command::SEND_UNIT_DATA)
}

fn item_fields(w: &mut Writer<'_>, list: Items<'_>) {
    w.items(|to| {
        for item in list.each() {
            to.element(|element| {
                element.set_idx(items::TYPE, i64::from(item.kind).into());
                let len = i64::try_from(item.data.len()).unwrap_or(i64::MAX);
                element.set_idx(items::LENGTH, len.into());
            });
        }
    });
    if list.sockets().next().is_none() {
        return;
    }
    w.sockets(|to| {
        for (kind, port, ip) in list.sockets() {
            to.element(|element| {
                element.set_idx(sockets::TYPE, i64::from(kind).into());
                element.set_idx(sockets::PORT, i64::from(port).into());
                element.set_idx(sockets::IP, Value::Ip(mapped(ip)));
            });
        }
    });
}

/// An IPv4 address as events have it.
fn mapped([a, b, c, d]: [u8; 4]) -> [u8; 16] {
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]
}

fn identity_fields(w: &mut Writer<'_>, identity: &Identity<'_>) {
    w.identity_version(identity.version);
    w.identity_port(identity.socket.0);
    w.identity_ip(mapped(identity.socket.1));
    w.identity_vendor(identity.vendor);
    w.identity_device_type(identity.device_type);
    w.identity_product_code(identity.product_code);
    w.identity_major(identity.revision.0);
    w.identity_minor(identity.revision.1);
    w.identity_status(identity.status);
    w.identity_serial(identity.serial);
    w.identity_name(identity.name);
    some!(w, identity_state, identity.state);
    if !identity.name.is_empty() {
        w.target_name(identity.name);
    }
}
