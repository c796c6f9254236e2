//! Numbers of the protocol. All are open: what is not named here stays a number.
//!
//! Source: MODBUS Application Protocol Specification V1.1b3, sections 5.1 (code
//! categories), 6 (functions), 7 (exceptions), Annex A (reserved codes).

/// Function codes.
pub mod function {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const READ_COILS: u8 = 0x01;
    pub const READ_DISCRETE_INPUTS: u8 = 0x02;
    pub const READ_HOLDING_REGISTERS: u8 = 0x03;
    pub const READ_INPUT_REGISTERS: u8 = 0x04;
    pub const WRITE_SINGLE_COIL: u8 = 0x05;
    pub const WRITE_SINGLE_REGISTER: u8 = 0x06;
    pub const READ_EXCEPTION_STATUS: u8 = 0x07;
    pub const DIAGNOSTICS: u8 = 0x08;
    pub const GET_COMM_EVENT_COUNTER: u8 = 0x0b;
    pub const GET_COMM_EVENT_LOG: u8 = 0x0c;
    pub const WRITE_MULTIPLE_COILS: u8 = 0x0f;
    pub const WRITE_MULTIPLE_REGISTERS: u8 = 0x10;
    pub const REPORT_SERVER_ID: u8 = 0x11;
    pub const READ_FILE_RECORD: u8 = 0x14;
    pub const WRITE_FILE_RECORD: u8 = 0x15;
    pub const MASK_WRITE_REGISTER: u8 = 0x16;
    pub const READ_WRITE_MULTIPLE_REGISTERS: u8 = 0x17;
    pub const READ_FIFO_QUEUE: u8 = 0x18;
    pub const ENCAPSULATED_INTERFACE: u8 = 0x2b;
    /// Schneider Electric's UMAS travels in this reserved code.
    pub const UMAS: u8 = 0x5a;
    /// Added to the function code of an answer that is an exception.
    pub const EXCEPTION: u8 = 0x80;
}

/// Types of the encapsulated interface (section 6.19).
pub mod mei {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const CANOPEN: u8 = 13;
    pub const READ_DEVICE_IDENTIFICATION: u8 = 14;
}

/// Categories of function codes (section 5.1), as the schema numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Public, with a meaning in the standard.
    Assigned = 1,
    /// Public, without one yet.
    Unassigned = 2,
    /// For users to define: 65 to 72 and 100 to 110.
    User = 3,
    /// In use by products of old, not for others (Annex A).
    Reserved = 4,
}

/// The category of a function code, exception bit removed.
pub const fn category(function: u8) -> Category {
    match function {
        0x01..=0x08 | 0x0b | 0x0c | 0x0f..=0x11 | 0x14..=0x18 | 0x2b => {
            Category::Assigned
        }
        65..=72 | 100..=110 => Category::User,
        9 | 10 | 13 | 14 | 41 | 42 | 90 | 91 | 125..=127 => Category::Reserved,
        _ => Category::Unassigned,
    }
}

/// The table that a function addresses, as the schema numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Bits, read and write: 0xxxx.
    Coils = 1,
    /// Bits, read only: 1xxxx.
    DiscreteInputs = 2,
    /// Registers, read and write: 4xxxx.
    HoldingRegisters = 3,
    /// Registers, read only: 3xxxx.
    InputRegisters = 4,
}

/// The table that a function addresses; none if it addresses none.
const fn table(function: u8) -> Option<Table> {
    match function {
        function::READ_COILS
        | function::WRITE_SINGLE_COIL
        | function::WRITE_MULTIPLE_COILS => Some(Table::Coils),
        function::READ_DISCRETE_INPUTS => Some(Table::DiscreteInputs),
        function::READ_INPUT_REGISTERS => Some(Table::InputRegisters),
        function::READ_HOLDING_REGISTERS
        | function::WRITE_SINGLE_REGISTER
        | function::WRITE_MULTIPLE_REGISTERS
        | function::MASK_WRITE_REGISTER
        | function::READ_WRITE_MULTIPLE_REGISTERS
        | function::READ_FIFO_QUEUE => Some(Table::HoldingRegisters),
        _ => None,
    }
}

/// What a function does to process values, as the schema numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It reads them.
    Read = 1,
    /// It writes them.
    Write = 2,
    /// Both: function 23.
    ReadWrite = 3,
}

/// What a function does to process values; none if it does neither.
const fn access(function: u8) -> Option<Access> {
    match function {
        function::READ_COILS
        | function::READ_DISCRETE_INPUTS
        | function::READ_HOLDING_REGISTERS
        | function::READ_INPUT_REGISTERS
        | function::READ_FIFO_QUEUE
        | function::READ_FILE_RECORD => Some(Access::Read),
        function::WRITE_SINGLE_COIL
        | function::WRITE_SINGLE_REGISTER
        | function::WRITE_MULTIPLE_COILS
        | function::WRITE_MULTIPLE_REGISTERS
        | function::MASK_WRITE_REGISTER
        | function::WRITE_FILE_RECORD => Some(Access::Write),
        function::READ_WRITE_MULTIPLE_REGISTERS => Some(Access::ReadWrite),
        _ => None,
    }
}

/// What is known of a function code.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its category.
    pub category: Category,
    /// The table that it addresses, if it addresses one.
    pub table: Option<Table>,
    /// What it does to process values, if it does something.
    pub access: Option<Access>,
}

/// What is known of a function code, exception bit removed: one load.
#[inline]
pub fn known(function: u8) -> Known {
    let known = KNOWN.get(usize::from(function)).copied();
    known.unwrap_or(Known { category: Category::Unassigned, table: None, access: None })
}

static KNOWN: [Known; 128] = {
    let none = Known { category: Category::Unassigned, table: None, access: None };
    let mut all = [none; 128];
    let mut code = 0;
    while code < 128_u8 {
        let (category, table, access) = (category(code), table(code), access(code));
        #[expect(clippy::indexing_slicing, reason = "a constant, and below its length")]
        {
            all[code as usize] = Known { category, table, access };
        }
        code += 1;
    }
    all
};
