//! Fields by name onto a record, and the fields that every event has.

use std::sync::LazyLock;

use tagout_spec::record::{BatchBuilder, RecordWriter, RepeatedWriter, Value};
use tagout_spec::schema::{KindIdx, Schema};

use crate::net::ip::protocol;
use crate::protocol::{Context, Transport};

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

/// A record in the making.
pub(crate) struct Put<'r>(RecordWriter<'r>);

impl<'r> Put<'r> {
    /// Begins a record with what the context says.
    pub(crate) fn begin(
        cx: &Context<'_>,
        batch: &'r mut BatchBuilder,
    ) -> Option<Put<'r>> {
        let mut put = Put(batch.begin()?);
        put.set("ts", Value::Int(cx.ts_ns));
        if cx.late {
            put.bool("late", true);
        }
        put.set("src.ip", Value::Ip(cx.src.ip));
        put.set("dst.ip", Value::Ip(cx.dst.ip));
        put.int("src.port", cx.src.port);
        put.int("dst.port", cx.dst.port);
        if let Some(vlan) = cx.vlan {
            put.int("vlan", vlan);
        }
        put.int(
            "transport",
            match cx.transport {
                Transport::Tcp => protocol::TCP,
                Transport::Udp => protocol::UDP,
            },
        );
        put.int("flow", i64::try_from(cx.flow).unwrap_or(i64::MAX));
        if let Some(mac) = cx.src.mac {
            put.set("src.mac", Value::Mac(mac));
        }
        if let Some(mac) = cx.dst.mac {
            put.set("dst.mac", Value::Mac(mac));
        }
        put.bytes("community_id", cx.community);
        Some(put)
    }

    pub(crate) fn int(&mut self, path: &str, value: impl Into<i64>) {
        self.set(path, Value::Int(value.into()));
    }

    /// Sets the field if there is a value.
    pub(crate) fn maybe(&mut self, path: &str, value: Option<impl Into<i64>>) {
        if let Some(value) = value {
            self.int(path, value);
        }
    }

    pub(crate) fn bool(&mut self, path: &str, value: bool) {
        self.set(path, Value::Bool(value));
    }

    pub(crate) fn bytes(&mut self, path: &str, value: &[u8]) {
        self.set(path, Value::from(value));
    }

    pub(crate) fn set(&mut self, path: &str, value: Value<'_>) {
        if let Some((idx, _)) = self.0.kind().lookup(path) {
            self.0.set(idx, value);
        }
    }

    /// Writes a list or a group.
    pub(crate) fn repeated(
        &mut self,
        path: &str,
        fill: impl FnOnce(&mut RepeatedWriter<'_, '_>),
    ) {
        let Some(field) = self.0.kind().lookup(path).map(|(_, field)| field.clone())
        else {
            return;
        };
        if let Some(mut to) = self.0.repeated(&field) {
            fill(&mut to);
            to.end();
        }
    }

    pub(crate) fn commit(self) {
        self.0.commit();
    }
}
