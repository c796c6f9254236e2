//! A message: header, parameter part, data part.
//!
//! ```text
//! 32 | rosctr 1 | redundancy 2 | reference 2 | parameter length 2 | data length 2
//!    | class 1 | code 1          in an acknowledgement only
//!    | parameter: function 1 ... | data
//! ```
//!
//! [`parse`] never fails: it reads as far as the bytes make sense and leaves a
//! [`Fault`] that says where and why it stopped. What goes beyond the negotiated
//! length of a message is no fault: a rule may ask for it.

use tagout_spec::record::typed::codes::{s7_function as function, s7_rosctr as rosctr};

use crate::cursor::Cursor;
use crate::s7::control::{self, Control};
use crate::s7::item::{Data, Places};
use crate::s7::transfer::{self, Transfer};
use crate::s7::userdata::{self, Userdata};

/// What a message begins with.
const PROTOCOL: u8 = 0x32;

/// The header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    /// Kind of message.
    pub(super) rosctr: u8,
    /// Reserved.
    pub(super) redundancy: u16,
    /// What an answer repeats.
    pub(super) reference: u16,
    /// Bytes of the parameter part.
    pub(super) parameter_length: u16,
    /// Bytes of the data part.
    pub(super) data_length: u16,
    /// Error class and code of an acknowledgement.
    pub(super) error: Option<(u8, u8)>,
}

impl Header {
    /// Reads a header; none if the bytes are too few or another protocol's.
    #[inline]
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let mut cursor = Cursor::new(bytes);
        if cursor.u8()? != PROTOCOL {
            return None;
        }
        let mut header = Header {
            rosctr: cursor.u8()?,
            redundancy: cursor.u16()?,
            reference: cursor.u16()?,
            parameter_length: cursor.u16()?,
            data_length: cursor.u16()?,
            error: None,
        };
        if header.is_acknowledgement() {
            header.error = Some((cursor.u8()?, cursor.u8()?));
        }
        Some(header)
    }

    /// Whether its kind is one that is known.
    pub(super) fn is_known(&self) -> bool {
        matches!(
            self.rosctr,
            rosctr::JOB | rosctr::ACK | rosctr::ACK_DATA | rosctr::USERDATA
        )
    }

    fn is_acknowledgement(&self) -> bool {
        matches!(self.rosctr, rosctr::ACK | rosctr::ACK_DATA)
    }

    /// Bytes of the header.
    fn len(&self) -> usize {
        if self.is_acknowledgement() { 12 } else { 10 }
    }

    /// Bytes of the whole message.
    pub(super) fn message_len(&self) -> usize {
        let parts = usize::from(self.parameter_length)
            .saturating_add(usize::from(self.data_length));
        self.len().saturating_add(parts)
    }
}

/// What a message says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Message<'a> {
    /// The header, if there is one.
    pub(super) header: Option<Header>,
    /// Function of a job or an answer with data.
    pub(super) function: Option<u8>,
    /// What the function says.
    pub(super) body: Body<'a>,
    /// The parameter part.
    pub(super) parameter: &'a [u8],
    /// Where the message stops making sense.
    pub(super) fault: Option<Fault>,
}

/// What a function says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Body<'a> {
    /// Nothing, or nothing that could be read.
    #[default]
    None,
    /// Parallel jobs calling and called, longest message.
    Setup(u16, u16, u16),
    /// Variables.
    Variables(Variables<'a>),
    /// Up- and download.
    Transfer(Transfer<'a>),
    /// PI services and stop.
    Control(Control<'a>),
    /// User data.
    Userdata(Userdata<'a>),
    /// Another function: what follows it.
    Other(&'a [u8]),
}

/// Variables that are read or written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Variables<'a> {
    /// How many the message states.
    pub(super) count: u8,
    /// Where they are; not in answers.
    pub(super) places: Option<&'a [u8]>,
    /// Their values, or what came of writing them.
    pub(super) values: Option<&'a [u8]>,
    /// Whether only return codes are there.
    pub(super) codes_only: bool,
}

impl<'a> Variables<'a> {
    /// Where they are.
    pub(super) fn places(&self) -> Places<'a> {
        Places::new(self.count, self.places.unwrap_or_default())
    }

    /// Their values, or what came of writing them.
    pub(super) fn values(&self) -> Data<'a> {
        let bytes = self.values.unwrap_or_default();
        if self.codes_only {
            Data::codes(self.count, bytes)
        } else {
            Data::new(self.count, bytes)
        }
    }
}

/// Where and why a message stops making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Byte of the message, its first being 0.
    pub(super) at: u16,
    /// What is wrong there.
    pub(super) why: FaultKind,
}

impl Fault {
    fn new(at: usize, why: FaultKind) -> Fault {
        Fault { at: u16::try_from(at).unwrap_or(u16::MAX), why }
    }
}

/// What can be wrong, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FaultKind {
    /// The bytes end within a field.
    Short = 1,
    /// Bytes follow where nothing should.
    Long = 2,
    /// A count contradicts the bytes there are.
    Count = 3,
    /// The lengths of the header are not those of the message.
    Length = 4,
    /// The message does not begin as it should.
    Protocol = 5,
    /// The kind of message is not known.
    Rosctr = 6,
    /// No name of a block where one should be.
    Block = 7,
    /// No date and time where one should be.
    Time = 8,
}

/// None: the bytes end too early. The cursor stands where it went wrong.
pub(super) type Read = Option<Result<(), FaultKind>>;

/// All is read.
pub(super) fn done() -> Read {
    Some(Ok(()))
}

/// Reads a message.
pub(super) fn parse(bytes: &[u8]) -> Message<'_> {
    let mut message = Message::default();
    let Some(header) = Header::read(bytes) else {
        let is_ours = bytes.first() == Some(&PROTOCOL);
        let fault = if is_ours {
            Fault::new(bytes.len(), FaultKind::Short)
        } else {
            Fault::new(0, FaultKind::Protocol)
        };
        message.fault = Some(fault);
        return message;
    };
    message.header = Some(header);
    let behind = bytes.get(header.len()..).unwrap_or_default();
    let whole = behind.len();
    let (parameter, data) =
        behind.split_at_checked(header.parameter_length.into()).unwrap_or((behind, &[]));
    let (data, extra) =
        data.split_at_checked(header.data_length.into()).unwrap_or((data, &[]));
    message.parameter = parameter;
    if !header.is_known() {
        message.body = Body::Other(behind);
        message.fault = Some(Fault::new(1, FaultKind::Rosctr));
        return message;
    }
    let mut cursors = (Cursor::new(parameter), Cursor::new(data));
    let read = body(&mut message, &header, &mut cursors);
    let parameter_at = header.len();
    let data_at = parameter_at.saturating_add(parameter.len());
    if let Body::Userdata(userdata) = &mut message.body {
        userdata.payload_at = data_at.saturating_add(DATA_HEAD);
    }
    message.fault = if bytes.len() < header.message_len() {
        let at = if whole < header.parameter_length.into() { 6 } else { 8 };
        Some(Fault::new(at, FaultKind::Length))
    } else if !extra.is_empty() {
        Some(Fault::new(header.message_len(), FaultKind::Long))
    } else {
        let fault = |why, part| match part {
            Part::Parameter => {
                Fault::new(parameter_at.saturating_add(cursors.0.at()), why)
            }
            Part::Data => Fault::new(data_at.saturating_add(cursors.1.at()), why),
        };
        match read {
            (_, Some(Ok(()))) => None,
            (part, Some(Err(why))) => Some(fault(why, part)),
            (part, None) => Some(fault(FaultKind::Short, part)),
        }
    };
    message
}

/// Bytes of user data in front of its payload.
const DATA_HEAD: usize = 4;

/// Which part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Parameter,
    Data,
}

/// Reads what the function says; where it ends, and how.
fn body<'a>(
    message: &mut Message<'a>,
    header: &Header,
    (parameter, data): &mut (Cursor<'a>, Cursor<'a>),
) -> (Part, Read) {
    if header.rosctr == rosctr::USERDATA {
        let mut userdata = Userdata::default();
        let read = userdata::parameter(&mut userdata, parameter);
        if read != done() {
            return (Part::Parameter, read);
        }
        let read = userdata::data(&mut userdata, data);
        message.body = Body::Userdata(userdata);
        return (Part::Data, read);
    }
    let Some(code) = parameter.u8() else {
        // An acknowledgement may have no parameter part.
        let is_answer = header.error.is_some();
        return (Part::Parameter, if is_answer { done() } else { None });
    };
    message.function = Some(code);
    let is_job = header.rosctr == rosctr::JOB;
    match code {
        function::SETUP_COMMUNICATION => (Part::Parameter, setup(message, parameter)),
        function::READ_VAR | function::WRITE_VAR => {
            variables(message, is_job, parameter, data)
        }
        function::REQUEST_DOWNLOAD..=function::END_UPLOAD => {
            let mut transfer = Transfer::default();
            let read = if is_job {
                transfer::job(code, &mut transfer, parameter)
            } else {
                transfer::answer(code, &mut transfer, parameter, data)
            };
            message.body = Body::Transfer(transfer);
            // Jobs of transfers have no data, and answers hardly a parameter part.
            (if is_job { Part::Parameter } else { Part::Data }, read)
        }
        function::PLC_CONTROL | function::PLC_STOP if is_job => {
            let mut control = Control::default();
            let read = if code == function::PLC_STOP {
                control::stop(&mut control, parameter)
            } else {
                control::pi(&mut control, parameter)
            };
            message.body = Body::Control(control);
            (Part::Parameter, read)
        }
        function::PLC_CONTROL | function::PLC_STOP => (Part::Parameter, done()),
        _ => {
            let rest = parameter.rest();
            message.body = Body::Other(if rest.is_empty() { data.rest() } else { rest });
            (Part::Parameter, done())
        }
    }
}

/// 1 | jobs calling 2 | jobs called 2 | length 2
fn setup<'a>(message: &mut Message<'a>, cursor: &mut Cursor<'a>) -> Read {
    cursor.u8()?;
    let (calling, called) = (cursor.u16()?, cursor.u16()?);
    message.body = Body::Setup(calling, called, cursor.u16()?);
    done()
}

/// count 1 | places, and values in the data part
fn variables<'a>(
    message: &mut Message<'a>,
    is_job: bool,
    parameter: &mut Cursor<'a>,
    data: &mut Cursor<'a>,
) -> (Part, Read) {
    let is_write = message.function == Some(function::WRITE_VAR);
    let before = *parameter;
    let Some(count) = parameter.u8() else {
        // A refused job is answered with its function alone.
        return (Part::Parameter, if is_job { None } else { done() });
    };
    let mut variables = Variables { count, ..Variables::default() };
    if is_job {
        variables.places = Some(parameter.rest());
    }
    if is_write || !is_job {
        variables.values = Some(data.rest());
        variables.codes_only = is_write && !is_job;
    }
    message.body = Body::Variables(variables);
    if is_job {
        let mut places = variables.places();
        places.by_ref().for_each(drop);
        let at = places.at();
        if places.left() > 0 {
            *parameter = before;
            return (Part::Parameter, Some(Err(FaultKind::Count)));
        }
        parameter.take(at);
        if places.rest().len() > 1 {
            return (Part::Parameter, Some(Err(FaultKind::Long)));
        }
    }
    let may_have_values = is_job || !data.rest().is_empty();
    if variables.values.is_some() && may_have_values {
        let mut values = variables.values();
        values.by_ref().for_each(drop);
        data.take(values.at());
        if values.left() > 0 {
            return (Part::Data, None);
        }
        if values.rest().len() > 1 {
            return (Part::Data, Some(Err(FaultKind::Long)));
        }
    }
    (Part::Data, done())
}
