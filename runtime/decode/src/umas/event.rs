//! A message's fields onto a record of kind `umas`.

use tagout_spec::record::Value;
use tagout_spec::record::typed::codes::{
    ot_artifact, ot_outcome, ot_phase, ot_target, umas_function as function, umas_status,
};
use tagout_spec::record::typed::umas::{KIND, Writer, variables};
use tagout_spec::schema::FieldIdx;

use crate::artifact::Digest;
use crate::protocol::{Context, EventSink};
use crate::put::{envelope, some};
use crate::umas::ops;
use crate::umas::pdu::{Asked, Body, Message, Project, Variable};

/// What the Modbus message around it says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Carrier {
    pub(crate) unit: u8,
    pub(crate) transaction: Option<u16>,
    pub(crate) request: bool,
    /// Modbus exception in place of an answer.
    pub(crate) exception: Option<u8>,
    /// From the request to this answer, if it was paired.
    pub(crate) latency: Option<i64>,
    /// Bytes of the Modbus frame in front of the message.
    pub(crate) before: u16,
}

/// Writes an event.
pub(super) fn write(
    message: &Message<'_>,
    carrier: &Carrier,
    digest: Option<&Digest>,
    cx: Context<'_>,
    sink: &mut dyn EventSink,
) {
    let Some(mut w) = Writer::begin(sink.batch(KIND)) else { return };
    envelope!(w, cx);
    w.request(carrier.request).unit(carrier.unit);
    some!(w, transaction, carrier.transaction);
    some!(w, exception, carrier.exception);
    some!(w, session, message.session);
    some!(w, status, message.status);
    some!(w, error, message.error);
    if !carrier.request {
        w.paired(carrier.latency.is_some());
        some!(w, latency, carrier.latency);
    }
    if let Some(asked) = message.asked {
        self::asked(&mut w, &asked);
    }
    if let Some(signature) = message.signature {
        w.signature(signature);
    }
    body(&mut w, &message.body);
    if !message.data.is_empty() {
        w.data(message.data);
    }
    w.malformed(message.fault.is_some());
    if let Some(fault) = message.fault {
        w.malformed_at(fault.at.saturating_add(carrier.before));
        w.malformed_why(fault.why);
    }
    common(&mut w, message, carrier, digest);
    w.commit();
}

/// What the request said, which its answer carries too.
fn asked(w: &mut Writer<'_>, asked: &Asked) {
    w.function(asked.function).signed(asked.signed);
    some!(w, subfunction, asked.subfunction);
    some!(w, transfer_file, asked.file);
    some!(w, transfer_block, asked.block);
    if let Some(memory) = asked.memory {
        w.memory_block(memory.block).memory_offset(memory.offset);
        w.memory_length(memory.length);
    }
}

fn body(w: &mut Writer<'_>, body: &Body<'_>) {
    match *body {
        Body::None => {}
        Body::Reservation(client) => {
            w.reservation_client(client);
        }
        Body::Key(key) => {
            w.reservation_key(key);
        }
        Body::Comm(comm) => {
            w.comm_max_frame(comm.max_frame).comm_firmware(comm.firmware);
            if !comm.name.is_empty() {
                w.comm_name(comm.name);
            }
        }
        Body::Identity(identity) => {
            w.identity_id(identity.id).identity_model(identity.model);
            w.identity_firmware(identity.firmware).identity_patch(identity.patch);
            w.identity_internal(identity.internal).identity_hardware(identity.hardware);
            w.identity_crash(identity.crash).identity_name(identity.name);
        }
        Body::Project(project) => self::project(w, &project),
        Body::Crcs(bytes) => {
            let (crcs, _) = bytes.as_chunks();
            w.crcs(|to| {
                for crc in crcs {
                    to.push(i64::from(u32::from_le_bytes(*crc)).into());
                }
            });
        }
        Body::Memory(bytes) => {
            w.memory_data(bytes);
        }
        Body::Variables(list) => {
            some!(w, project_crc, list.crc);
            w.variables(|to| {
                for variable in list.iter() {
                    to.element(|element| {
                        set_variable(&variable, |idx, value| {
                            element.set_idx(idx, value);
                        });
                    });
                }
            });
        }
        Body::Dictionary { record, block, offset } => {
            w.dictionary_record(record).dictionary_block(block);
            w.dictionary_offset(offset);
        }
        Body::Length(length) => {
            w.transfer_length(length);
        }
        Body::Block { last, bytes } => {
            some!(w, transfer_length, u32::try_from(bytes.len()).ok());
            some!(w, transfer_last, last);
            w.transfer_data(bytes);
        }
        Body::Blocks(number) => {
            w.transfer_blocks(number);
        }
    }
}

fn project(w: &mut Writer<'_>, project: &Project<'_>) {
    w.project_name(project.name);
    let mut text = [0; 11];
    w.project_version(version(project.version, &mut text));
    some!(w, project_modified, moment(project.modified));
}

/// Numbers with dots between them, such as `0.0.8`.
fn version(numbers: [u8; 3], text: &mut [u8; 11]) -> &[u8] {
    let mut len = 0;
    let mut push = |byte| {
        if let Some(to) = text.get_mut(len) {
            *to = byte;
            len = len.saturating_add(1);
        }
    };
    for (at, number) in numbers.into_iter().enumerate() {
        if at > 0 {
            push(b'.');
        }
        let digits = [number / 100, number / 10 % 10, number % 10];
        let zeros = digits.iter().take(2).take_while(|digit| **digit == 0).count();
        for digit in digits.into_iter().skip(zeros) {
            push(b'0'.saturating_add(digit));
        }
    }
    text.get(..len).unwrap_or_default()
}

/// Second, minute, hour, day, month and year as nanoseconds since 1970.
fn moment([second, minute, hour, day, month, y0, y1]: [u8; 7]) -> Option<i64> {
    let year = u16::from_le_bytes([y0, y1]);
    let days = crate::time::days(year, month, day)?;
    let is_real = hour < 24 && minute < 60 && second < 60;
    let hours = days.checked_mul(24)?.checked_add(hour.into())?;
    let minutes = hours.checked_mul(60)?.checked_add(minute.into())?;
    let seconds = minutes.checked_mul(60)?.checked_add(second.into())?;
    seconds.checked_mul(1_000_000_000).filter(|_| is_real)
}

fn set_variable<'a>(variable: &Variable<'a>, mut set: impl FnMut(FieldIdx, Value<'a>)) {
    let number = |number: u32| Value::Int(number.into());
    if let Some(block) = variable.block {
        set(variables::BLOCK, number(block.into()));
    }
    if let Some(offset) = variable.offset {
        set(variables::OFFSET, number(offset));
    }
    if let Some(size) = variable.size {
        set(variables::SIZE, number(size.into()));
    }
    if let Some(count) = variable.count {
        set(variables::COUNT, number(count.into()));
    }
    if let Some(operation) = variable.operation {
        set(variables::OPERATION, number(operation.into()));
    }
    let Some(data) = variable.data else { return };
    if variable.count.is_none() {
        set(variables::VALUE, value(data).into());
    }
    set(variables::DATA, data.into());
}

/// At most eight bytes as a number, the low one first.
fn value(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// The fields that all OT protocols share.
fn common(
    w: &mut Writer<'_>,
    message: &Message<'_>,
    carrier: &Carrier,
    digest: Option<&Digest>,
) {
    let Some(function) = message.function() else { return };
    some!(w, op, ops::op(function));
    if carrier.request {
        w.phase(ops::phase(function));
    } else if carrier.exception.is_some() || message.status == Some(umas_status::ERROR) {
        w.phase(ot_phase::REJECTED).outcome(ot_outcome::EXCEPTION);
    } else if message.status == Some(umas_status::OK) {
        w.phase(ot_phase::ACCEPTED).outcome(ot_outcome::OK);
    }
    let asked = message.asked.unwrap_or_default();
    match function {
        function::INITIALIZE_UPLOAD..=function::END_DOWNLOAD => {
            w.target_kind(ot_target::PROGRAM).artifact_kind(ot_artifact::PROGRAM);
            some!(w, artifact_number, asked.file.map(u32::from));
            if let Some(digest) = digest {
                w.artifact_size(digest.size).artifact_sha256(&digest.sha256);
            } else if let Body::Length(length) = message.body {
                w.artifact_size(length.into());
            }
        }
        function::READ_VARIABLES | function::WRITE_VARIABLES => {
            w.target_kind(ot_target::TAG);
            some!(w, target_id, asked.variable);
            let Body::Variables(list) = message.body else { return };
            // What type it has is not told: the integer, if it is exact.
            let data = list.iter().next().and_then(|first| first.data);
            let number = data.and_then(|data| u32::try_from(value(data)).ok());
            some!(w, target_value, number.map(f64::from));
        }
        _ => {
            if let Some(memory) = asked.memory {
                w.target_kind(ot_target::BLOCK).target_id(memory.block.into());
            } else {
                w.target_kind(ot_target::DEVICE);
            }
        }
    }
}
