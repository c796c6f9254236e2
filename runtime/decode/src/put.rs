//! Numbers of the built-in kinds, and the fields that every event has.

use std::sync::LazyLock;

use tagout_spec::schema::{KindIdx, Schema};

/// Numbers of the built-in kinds that are written here.
pub(crate) struct Kinds {
    pub(crate) modbus: KindIdx,
    pub(crate) flow: KindIdx,
}

/// The numbers, looked up once.
pub(crate) static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let schema = Schema::builtin();
    // A kind that is not there gets a number that no batch has.
    let number = |name| schema.kind_idx(name).unwrap_or(KindIdx(u16::MAX));
    Kinds { modbus: number("modbus"), flow: number("flow") }
});

/// Writes what a context says. The typed writers have these setters in common,
/// but no trait.
macro_rules! envelope {
    ($writer:ident, $context:expr) => {{
        let cx: &$crate::protocol::Context<'_> = $context;
        $writer.ts(cx.ts_ns).src_ip(cx.src.ip.octets()).dst_ip(cx.dst.ip.octets());
        $writer.src_port(cx.src.port).dst_port(cx.dst.port);
        $writer.transport(cx.transport.number()).flow(cx.flow);
        $writer.community_id(cx.community).frame(cx.frame);
        if cx.late {
            $writer.late(true);
        }
        if let Some(vlan) = cx.vlan {
            $writer.vlan(vlan);
        }
        if let Some(mac) = cx.src.mac {
            $writer.src_mac(mac.octets());
        }
        if let Some(mac) = cx.dst.mac {
            $writer.dst_mac(mac.octets());
        }
    }};
}

/// Sets a field if there is a value.
macro_rules! some {
    ($writer:ident, $field:ident, $value:expr) => {
        if let Some(value) = $value {
            $writer.$field(value);
        }
    };
}

pub(crate) use envelope;
pub(crate) use some;
