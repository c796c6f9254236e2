//! A PDU: function code and data, as the standard's section 6 lays them out.
//!
//! ```text
//! 03 | address 2 | quantity 2               a request
//! 03 | count 1 | registers, count bytes     its answer
//! 83 | exception 1                          or this
//! ```
//!
//! [`parse`] never fails: it reads as far as the bytes make sense and leaves a
//! [`Fault`] that says where and why it stopped. What follows the standard's
//! layout but exceeds its limits (a quantity of 3,000 registers) is no fault: a
//! rule may ask for it, and a server answers it with an exception.

use crate::cursor::Cursor;
use crate::modbus::code::{function, mei};

/// Who sends a PDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The client asks.
    Request,
    /// The server answers.
    Response,
}

/// What a PDU says. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Function code without the exception bit.
    pub function: u8,
    /// Whether it is an exception, even one that lacks its code.
    pub is_exception: bool,
    /// Exception code.
    pub exception: Option<u8>,
    /// First address, counted from 0 as on the wire; function 23: of the part
    /// that is written.
    pub address: Option<u16>,
    /// Number of coils, inputs or registers, likewise.
    pub quantity: Option<u16>,
    /// Function 23: first address that is read.
    pub read_address: Option<u16>,
    /// Function 23: number of registers read.
    pub read_quantity: Option<u16>,
    /// Function 24: address of the queue.
    pub fifo_address: Option<u16>,
    /// Function 24: registers in the queue.
    pub fifo_count: Option<u16>,
    /// Values read or written.
    pub values: Values<'a>,
    /// Function 22.
    pub and_mask: Option<u16>,
    /// Function 22.
    pub or_mask: Option<u16>,
    /// Function 8: sub-function.
    pub subfunction: Option<u16>,
    /// Functions 7, 11, 12: status.
    pub status: Option<u16>,
    /// Functions 11, 12.
    pub event_count: Option<u16>,
    /// Function 12.
    pub message_count: Option<u16>,
    /// Function 43: type of the encapsulated interface.
    pub mei_type: Option<u8>,
    /// Function 43/14.
    pub device: Option<Device<'a>>,
    /// Functions 20 and 21: the sub-requests or sub-answers.
    pub files: Option<Files<'a>>,
    /// Data without a layout of the standard's: diagnostics, event log, server
    /// identifier, other functions.
    pub data: Option<&'a [u8]>,
    /// Where the PDU stops making sense.
    pub fault: Option<Fault>,
}

/// Values of a PDU, as they lie in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Values<'a> {
    /// It has none.
    #[default]
    None,
    /// Bits, the first in the lowest bit of the first byte; how many count.
    Bits(&'a [u8], u16),
    /// Registers, big endian.
    Registers(&'a [u8]),
    /// Function 5: `0xff00` is on, `0x0000` off, all else undefined.
    Coil(u16),
    /// Function 6.
    Register(u16),
}

/// Function 43/14, read device identification (section 6.21).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device<'a> {
    /// Which objects are asked for.
    pub code: u8,
    /// Answer: what the server can give.
    pub conformity: Option<u8>,
    /// Answer: whether there is more to ask for.
    pub more: Option<u8>,
    /// Request: first object asked for. Answer: the one to ask for next.
    pub object: Option<u8>,
    /// Answer: the objects, each number 1, length 1, value.
    pub objects: &'a [u8],
}

/// The sub-requests or sub-answers of functions 20 and 21.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Files<'a> {
    bytes: &'a [u8],
    layout: FileLayout,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileLayout {
    /// type 1 | file 2 | record 2 | length 2
    Read,
    /// length 1 | type 1 | data
    ReadAnswer,
    /// type 1 | file 2 | record 2 | length 2 | data
    Write,
}

/// One sub-request or sub-answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileRecord<'a> {
    /// Reference type; the standard has 6 only.
    pub reference_type: u8,
    /// File number; answers to reading do not have it.
    pub file: Option<u16>,
    /// First record.
    pub record: Option<u16>,
    /// Number of registers.
    pub length: u16,
    /// Registers read or written.
    pub data: Option<&'a [u8]>,
}

/// Where and why a PDU stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Byte of the PDU, the function code being byte 0.
    pub at: u16,
    /// What is wrong there.
    pub why: FaultKind,
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// Bytes follow where nothing should.
    Long = 2,
    /// A count of bytes contradicts the bytes there are, or another count.
    Count = 3,
    /// The protocol identifier is not 0.
    ProtocolId = 4,
    /// The length in the header cannot be true.
    Length = 5,
    /// Function code 0, which is not valid.
    Function = 6,
    /// The checksum of an RTU frame does not hold.
    Checksum = 7,
}

/// Reads a PDU.
pub fn parse(role: Role, pdu: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    read(&mut message, role, pdu);
    message
}

/// Fills a message in place, since it is large to be moved.
pub(super) fn read<'a>(message: &mut Message<'a>, role: Role, pdu: &'a [u8]) {
    message.fault = fields(message, role, pdu);
}

/// Fills in the fields; where they stop making sense.
fn fields<'a>(message: &mut Message<'a>, role: Role, pdu: &'a [u8]) -> Option<Fault> {
    let mut cursor = Cursor::new(pdu);
    let Some(code) = cursor.u8() else {
        return Some(Fault { at: 0, why: FaultKind::Short });
    };
    message.function = code & !function::EXCEPTION;
    message.is_exception = code & function::EXCEPTION != 0;
    let read = if message.is_exception {
        exception(message, &mut cursor)
    } else {
        match role {
            Role::Request => request(message, &mut cursor),
            Role::Response => response(message, &mut cursor),
        }
    };
    if message.function == 0 {
        return Some(Fault { at: 0, why: FaultKind::Function });
    }
    let why = match read {
        Some(Ok(())) if cursor.rest().is_empty() => return None,
        Some(Ok(())) => FaultKind::Long,
        Some(Err(why)) => why,
        None => FaultKind::Short,
    };
    Some(Fault { at: u16::try_from(cursor.at()).unwrap_or(u16::MAX), why })
}

/// None: the bytes end too early. The cursor stands where it went wrong.
type Read = Option<Result<(), FaultKind>>;

const OK: Read = Some(Ok(()));

fn exception<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.exception = Some(cursor.u8()?);
    OK
}

fn request<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    match message.function {
        function::READ_COILS
        | function::READ_DISCRETE_INPUTS
        | function::READ_HOLDING_REGISTERS
        | function::READ_INPUT_REGISTERS => span(message, cursor),
        function::WRITE_SINGLE_COIL | function::WRITE_SINGLE_REGISTER => {
            single(message, cursor)
        }
        function::READ_EXCEPTION_STATUS
        | function::GET_COMM_EVENT_COUNTER
        | function::GET_COMM_EVENT_LOG
        | function::REPORT_SERVER_ID => OK,
        function::DIAGNOSTICS => diagnostics(message, cursor),
        function::WRITE_MULTIPLE_COILS => write_coils(message, cursor),
        function::WRITE_MULTIPLE_REGISTERS => write_registers(message, cursor),
        function::READ_FILE_RECORD => files(message, cursor, FileLayout::Read),
        function::WRITE_FILE_RECORD => files(message, cursor, FileLayout::Write),
        function::MASK_WRITE_REGISTER => mask_write(message, cursor),
        function::READ_WRITE_MULTIPLE_REGISTERS => read_write(message, cursor),
        function::READ_FIFO_QUEUE => {
            message.fifo_address = Some(cursor.u16()?);
            OK
        }
        function::ENCAPSULATED_INTERFACE => interface_request(message, cursor),
        _ => other(message, cursor),
    }
}

fn response<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    match message.function {
        function::READ_COILS | function::READ_DISCRETE_INPUTS => {
            read_bits(message, cursor)
        }
        function::READ_HOLDING_REGISTERS
        | function::READ_INPUT_REGISTERS
        | function::READ_WRITE_MULTIPLE_REGISTERS => read_registers(message, cursor),
        function::WRITE_SINGLE_COIL | function::WRITE_SINGLE_REGISTER => {
            single(message, cursor)
        }
        function::READ_EXCEPTION_STATUS => {
            message.status = Some(u16::from(cursor.u8()?));
            OK
        }
        function::DIAGNOSTICS => diagnostics(message, cursor),
        function::GET_COMM_EVENT_COUNTER => {
            message.status = Some(cursor.u16()?);
            message.event_count = Some(cursor.u16()?);
            OK
        }
        function::GET_COMM_EVENT_LOG => event_log(message, cursor),
        function::WRITE_MULTIPLE_COILS | function::WRITE_MULTIPLE_REGISTERS => {
            span(message, cursor)
        }
        function::REPORT_SERVER_ID => {
            let count = usize::from(cursor.u8()?);
            message.data = Some(counted(cursor, count)?);
            OK
        }
        function::READ_FILE_RECORD => files(message, cursor, FileLayout::ReadAnswer),
        function::WRITE_FILE_RECORD => files(message, cursor, FileLayout::Write),
        function::MASK_WRITE_REGISTER => mask_write(message, cursor),
        function::READ_FIFO_QUEUE => fifo(message, cursor),
        function::ENCAPSULATED_INTERFACE => interface_response(message, cursor),
        _ => other(message, cursor),
    }
}

/// address 2 | quantity 2
fn span<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.address = Some(cursor.u16()?);
    message.quantity = Some(cursor.u16()?);
    OK
}

/// address 2 | value 2
fn single<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.address = Some(cursor.u16()?);
    let value = cursor.u16()?;
    message.quantity = Some(1);
    message.values = if message.function == function::WRITE_SINGLE_COIL {
        Values::Coil(value)
    } else {
        Values::Register(value)
    };
    OK
}

/// sub-function 2 | data
fn diagnostics<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.subfunction = Some(cursor.u16()?);
    other(message, cursor)
}

/// address 2 | quantity 2 | count 1 | bits
fn write_coils<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.address = Some(cursor.u16()?);
    let quantity = cursor.u16()?;
    message.quantity = Some(quantity);
    let before = *cursor;
    let count = cursor.u8()?;
    let bits = counted(cursor, usize::from(count))?;
    message.values = Values::Bits(bits, quantity.min(u16::from(count).wrapping_mul(8)));
    if quantity.div_ceil(8) != u16::from(count) {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    OK
}

/// address 2 | quantity 2 | count 1 | registers
fn write_registers<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.address = Some(cursor.u16()?);
    let quantity = cursor.u16()?;
    message.quantity = Some(quantity);
    registers_counted(message, cursor, quantity)
}

/// count 1 | registers, where the count must be twice the quantity
fn registers_counted<'a>(
    message: &mut Message<'a>,
    cursor: &mut Cursor<'a>,
    quantity: u16,
) -> Read {
    let before = *cursor;
    let count = cursor.u8()?;
    message.values = Values::Registers(counted(cursor, usize::from(count))?);
    if quantity.checked_mul(2) != Some(u16::from(count)) {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    OK
}

/// read address 2 | quantity 2 | write address 2 | quantity 2 | count 1 | registers
fn read_write<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.read_address = Some(cursor.u16()?);
    message.read_quantity = Some(cursor.u16()?);
    message.address = Some(cursor.u16()?);
    let quantity = cursor.u16()?;
    message.quantity = Some(quantity);
    registers_counted(message, cursor, quantity)
}

/// address 2 | and 2 | or 2
fn mask_write<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.address = Some(cursor.u16()?);
    message.quantity = Some(1);
    message.and_mask = Some(cursor.u16()?);
    message.or_mask = Some(cursor.u16()?);
    OK
}

/// count 1 | bits
fn read_bits<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let count = cursor.u8()?;
    let bits = counted(cursor, usize::from(count))?;
    // How many of the last byte's count, only the request says.
    message.values = Values::Bits(bits, u16::from(count).wrapping_mul(8));
    OK
}

/// count 1 | registers
fn read_registers<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let before = *cursor;
    let count = cursor.u8()?;
    message.values = Values::Registers(counted(cursor, usize::from(count))?);
    if count % 2 != 0 {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    OK
}

/// count 1 | status 2 | events 2 | messages 2 | event bytes
fn event_log<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let before = *cursor;
    let count = usize::from(cursor.u8()?);
    message.status = Some(cursor.u16()?);
    message.event_count = Some(cursor.u16()?);
    message.message_count = Some(cursor.u16()?);
    let Some(events) = count.checked_sub(6) else {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    };
    message.data = Some(counted(cursor, events)?);
    OK
}

/// byte count 2 | register count 2 | registers
fn fifo<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let before = *cursor;
    let bytes = cursor.u16()?;
    let count = cursor.u16()?;
    message.fifo_count = Some(count);
    let registers = usize::from(count).wrapping_mul(2);
    message.values = Values::Registers(counted(cursor, registers)?);
    if usize::from(bytes) != registers.wrapping_add(2) {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    OK
}

/// count 1 | sub-requests or sub-answers
fn files<'a>(
    message: &mut Message<'a>,
    cursor: &mut Cursor<'a>,
    layout: FileLayout,
) -> Read {
    let before = *cursor;
    let count = usize::from(cursor.u8()?);
    let start = *cursor;
    let bytes = counted(cursor, count)?;
    let files = Files { bytes, layout };
    message.files = Some(files);
    let good: usize = files.records().map(|(_, len)| len).sum();
    if bytes.is_empty() {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    if good != bytes.len() {
        *cursor = start;
        cursor.take(good)?;
        return Some(Err(FaultKind::Short));
    }
    OK
}

/// type 1 | code 1 | object 1
fn interface_request<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let kind = cursor.u8()?;
    message.mei_type = Some(kind);
    if kind != mei::READ_DEVICE_IDENTIFICATION {
        return other(message, cursor);
    }
    let code = cursor.u8()?;
    let object = Some(cursor.u8()?);
    message.device =
        Some(Device { code, conformity: None, more: None, object, objects: &[] });
    OK
}

/// type 1 | code 1 | conformity 1 | more 1 | next 1 | number 1 | objects
fn interface_response<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    let kind = cursor.u8()?;
    message.mei_type = Some(kind);
    if kind != mei::READ_DEVICE_IDENTIFICATION {
        return other(message, cursor);
    }
    let code = cursor.u8()?;
    let device = message.device.insert(Device {
        code,
        conformity: None,
        more: None,
        object: None,
        objects: &[],
    });
    device.conformity = Some(cursor.u8()?);
    device.more = Some(cursor.u8()?);
    device.object = Some(cursor.u8()?);
    let number = cursor.u8()?;
    let objects = *cursor;
    let mut read = OK;
    for _ in 0..number {
        let before = *cursor;
        if object(cursor).is_none() {
            *cursor = before;
            read = None;
            break;
        }
    }
    let len = cursor.at().saturating_sub(objects.at());
    device.objects = objects.rest().get(..len).unwrap_or_default();
    read
}

/// number 1 | length 1 | value
fn object<'a>(cursor: &mut Cursor<'a>) -> Option<(u8, &'a [u8])> {
    let [number, len] = cursor.array()?;
    Some((number, cursor.take(usize::from(len))?))
}

/// Data without a layout of the standard's.
fn other<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    message.data = Some(cursor.take(cursor.rest().len())?);
    OK
}

/// So many bytes, and the cursor behind them.
fn counted<'a>(cursor: &mut Cursor<'a>, count: usize) -> Option<&'a [u8]> {
    cursor.take(count)
}

impl<'a> Device<'a> {
    /// The objects of an answer: number and value.
    pub fn values(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let mut cursor = Cursor::new(self.objects);
        std::iter::from_fn(move || object(&mut cursor))
    }
}

impl<'a> Files<'a> {
    /// The sub-requests or sub-answers, as far as they make sense, with the
    /// bytes that each takes.
    pub fn records(&self) -> impl Iterator<Item = (FileRecord<'a>, usize)> + use<'a> {
        let (mut cursor, layout) = (Cursor::new(self.bytes), self.layout);
        std::iter::from_fn(move || {
            let at = cursor.at();
            let record = layout.record(&mut cursor)?;
            Some((record, cursor.at().saturating_sub(at)))
        })
    }
}

impl FileLayout {
    fn record<'a>(self, cursor: &mut Cursor<'a>) -> Option<FileRecord<'a>> {
        if self == FileLayout::ReadAnswer {
            // The length counts the reference type too.
            let len = usize::from(cursor.u8()?).checked_sub(1)?;
            let reference_type = cursor.u8()?;
            let data = cursor.take(len)?;
            let length = u16::try_from(len / 2).ok()?;
            let (file, record) = (None, None);
            return Some(FileRecord {
                reference_type,
                file,
                record,
                length,
                data: Some(data),
            });
        }
        let reference_type = cursor.u8()?;
        let (file, record) = (Some(cursor.u16()?), Some(cursor.u16()?));
        let length = cursor.u16()?;
        let data = match self {
            FileLayout::Write => Some(cursor.take(usize::from(length).wrapping_mul(2))?),
            FileLayout::Read | FileLayout::ReadAnswer => None,
        };
        Some(FileRecord { reference_type, file, record, length, data })
    }
}
