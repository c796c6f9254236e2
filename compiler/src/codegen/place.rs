//! Places in memory, and loads from them.

use tagout_spec::schema::IntRepr;

use super::frame::byte_arg;
use super::func::{FnBuilder, Local};

/// An address that is known, or lies at a distance from a local.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    base: Option<Local>,
    offset: u32,
}

impl Place {
    /// At a distance from a local.
    pub fn at(base: Local, offset: u32) -> Self {
        Self { base: Some(base), offset }
    }

    /// At an address.
    pub fn absolute(address: u32) -> Self {
        Self { base: None, offset: address }
    }

    /// So many bytes further.
    #[must_use]
    pub fn plus(self, bytes: u32) -> Self {
        Self { base: self.base, offset: self.offset.saturating_add(bytes) }
    }

    /// Pushes the address.
    pub fn push(self, f: &mut FnBuilder) {
        match self.base {
            Some(base) => {
                f.get(base);
                if self.offset != 0 {
                    f.u32(self.offset).i().i32_add();
                }
            }
            None => {
                f.u32(self.offset);
            }
        }
    }

    /// Pushes the 32 bits here.
    pub fn i32(self, f: &mut FnBuilder) {
        self.open(f);
        f.i().i32_load(byte_arg(self.offset));
    }

    /// Pushes the 16 bits here, unsigned, as 32.
    pub fn u16(self, f: &mut FnBuilder) {
        self.open(f);
        f.i().i32_load16_u(byte_arg(self.offset));
    }

    /// Pushes the byte here, as 32 bits.
    pub fn u8(self, f: &mut FnBuilder) {
        self.open(f);
        f.i().i32_load8_u(byte_arg(self.offset));
    }

    /// Pushes the 64 bits here.
    pub fn i64(self, f: &mut FnBuilder) {
        self.open(f);
        f.i().i64_load(byte_arg(self.offset));
    }

    /// Pushes the binary64 here.
    pub fn f64(self, f: &mut FnBuilder) {
        self.open(f);
        f.i().f64_load(byte_arg(self.offset));
    }

    /// Pushes the integer here as 64 bits.
    pub fn int(self, f: &mut FnBuilder, repr: IntRepr) {
        self.open(f);
        let arg = byte_arg(self.offset);
        let mut i = f.i();
        match repr {
            IntRepr::U8 => i.i64_load8_u(arg),
            IntRepr::U16 => i.i64_load16_u(arg),
            IntRepr::U32 => i.i64_load32_u(arg),
            IntRepr::I8 => i.i64_load8_s(arg),
            IntRepr::I16 => i.i64_load16_s(arg),
            IntRepr::I32 => i.i64_load32_s(arg),
            IntRepr::U64 | IntRepr::I64 => i.i64_load(arg),
        };
    }

    /// Pushes the integer here as 32 bits; only for those that fit.
    pub fn small_int(self, f: &mut FnBuilder, repr: IntRepr) {
        self.open(f);
        let arg = byte_arg(self.offset);
        let mut i = f.i();
        match repr {
            IntRepr::U8 => i.i32_load8_u(arg),
            IntRepr::U16 => i.i32_load16_u(arg),
            IntRepr::I8 => i.i32_load8_s(arg),
            IntRepr::I16 => i.i32_load16_s(arg),
            IntRepr::U32 | IntRepr::I32 | IntRepr::U64 | IntRepr::I64 => i.i32_load(arg),
        };
    }

    fn open(self, f: &mut FnBuilder) {
        match self.base {
            Some(base) => f.get(base),
            None => f.u32(0),
        };
    }
}
