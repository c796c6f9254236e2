//! What a protocol's file states.

use crate::ours::Event;
use crate::pdml::{Node, Packet, Pdu};
use crate::value::Value;

/// A protocol, for the comparison.
pub(crate) struct Protocol {
    /// Kind of our events.
    pub(crate) kind: &'static str,
    /// tshark's display filter of the packets that hold PDUs.
    pub(crate) filter: &'static str,
    /// tshark's layers to print, separated by blanks.
    pub(crate) layers: &'static str,
    /// Names under which the corpus's manifest counts it.
    pub(crate) in_manifest: &'static [&'static str],
    /// Preferences of tshark, such as `tcp.desegment_tcp_streams:TRUE`.
    pub(crate) preferences: &'static [&'static str],
    /// Captures on other ports (the end of their name), and what tshark is told of
    /// them: `tcp.port==5020,mbtcp`.
    pub(crate) decode_as: &'static [(&'static str, &'static str)],
    /// The PDUs of a packet.
    pub(crate) pdus: for<'a> fn(&'a Packet) -> Vec<Pdu<'a>>,
    /// Which of our events are PDUs that tshark would count.
    pub(crate) is_pdu: fn(&Event) -> bool,
    /// Which of our fields is which of tshark's.
    pub(crate) fields: &'static [Field],
    /// Differences that were looked into.
    pub(crate) explained: &'static [Explained],
    /// Fewest PDUs that must be compared if the corpus is here.
    pub(crate) at_least: usize,
}

/// One of our fields.
pub(crate) struct Field {
    /// Its path, such as `objects[].group`; lists are compared as lists.
    pub(crate) path: &'static str,
    pub(crate) theirs: Theirs,
    /// Whether it is a difference if ours has a value and tshark shows none.
    pub(crate) is_exact: bool,
}

/// What tshark says of a field: `a | b` are fields of either name, in their order.
pub(crate) enum Theirs {
    /// Numbers or truths.
    Numbers(&'static str),
    /// Texts.
    Texts(&'static str),
    /// Bytes, by their digits.
    Bytes(&'static str),
    /// Whatever a function makes of each node; it leaves out what it gives none for.
    Nodes(&'static str, fn(&Node) -> Option<Value>),
    /// Whatever a function makes of the PDU.
    Pdu(fn(&Pdu<'_>) -> Vec<Value>),
}

/// A difference that was looked into: which, and why ours is right.
pub(crate) struct Explained {
    /// The end of the capture's name.
    pub(crate) capture: &'static str,
    /// The frames in which it is.
    pub(crate) frames: &'static [u64],
    /// Our path; `pdu` if one side has a PDU that the other lacks.
    pub(crate) field: &'static str,
    /// Our values, as the report shows them.
    pub(crate) ours: &'static str,
    /// tshark's values, likewise.
    pub(crate) theirs: &'static str,
    /// The clause that decides, and how.
    pub(crate) clause: &'static str,
}

/// A field that is the same on both sides, also in being absent.
pub(crate) const fn exact(path: &'static str, theirs: Theirs) -> Field {
    Field { path, theirs, is_exact: true }
}

/// A field that is the same wherever tshark shows it: ours may know it from another
/// PDU, as an answer's address from its request.
pub(crate) const fn where_shown(path: &'static str, theirs: Theirs) -> Field {
    Field { path, theirs, is_exact: false }
}

impl Theirs {
    pub(crate) fn values(&self, pdu: &Pdu<'_>) -> Vec<Value> {
        let each = |names: &str, value: fn(&Node) -> Option<Value>| {
            pdu.nodes(names).into_iter().filter_map(value).collect()
        };
        match self {
            Theirs::Numbers(names) => each(names, |node| Value::number(&node.show)),
            Theirs::Texts(names) => {
                each(names, |node| Some(Value::Text(node.show.clone())))
            }
            Theirs::Bytes(names) => each(names, |node| Some(Value::hex(&node.value))),
            Theirs::Nodes(names, value) => each(names, *value),
            Theirs::Pdu(values) => values(pdu),
        }
    }
}
