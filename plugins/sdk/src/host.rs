//! What the host does for a plugin: the imports of the contract.
//!
//! Only what a plugin uses ends up among its imports. Natively there is no host: nothing
//! is emitted or set, and no file has a name.

#![cfg_attr(
    target_family = "wasm",
    expect(unsafe_code, reason = "the contract passes addresses and lengths")
)]

use alloc::vec::Vec;

use crate::sink::Of;

/// How much a line for people matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Level {
    /// Something does not work.
    Error = 0,
    /// Something is odd.
    Warning = 1,
    /// Something is worth knowing.
    Information = 2,
}

/// Writes a line for people. Needs `allow = ["log"]`.
pub fn log(level: Level, line: &str) {
    imp::log(level as u32, line);
}

/// A file that the site names; `None` if it names none so, or if it is no longer what it
/// was while it is read. Needs `allow = ["data"]`.
#[must_use]
pub fn data(name: &str) -> Option<Vec<u8>> {
    let whole = imp::data(name, 0, &mut [])?;
    let mut bytes = alloc::vec![0; whole];
    (imp::data(name, 0, &mut bytes)? == whole).then_some(bytes)
}

/// Hands a batch of events on, with what each is of.
pub(crate) fn emit(batch: &[u8], of: &[Of]) {
    imp::emit(batch, of);
}

pub(crate) use imp::{set_bool, set_float, set_int, set_ip, set_text};

#[cfg(target_family = "wasm")]
mod imp {
    use super::Of;

    mod import {
        use super::Of;

        #[link(wasm_import_module = "tagout")]
        unsafe extern "C" {
            pub(super) fn emit_of(batch: *const u8, len: usize, of: *const Of);
            pub(super) fn set_int(record: u32, field: u32, value: i64);
            pub(super) fn set_float(record: u32, field: u32, value: f64);
            pub(super) fn set_bool(record: u32, field: u32, value: u32);
            pub(super) fn set_ip(record: u32, field: u32, address: *const u8);
            pub(super) fn set_text(record: u32, field: u32, text: *const u8, len: usize);
            pub(super) fn log(level: u32, line: *const u8, len: usize);
            pub(super) fn data(
                name: *const u8,
                len: usize,
                offset: u32,
                into: *mut u8,
                room: usize,
            ) -> i64;
        }
    }

    pub(crate) fn emit(batch: &[u8], of: &[Of]) {
        // SAFETY: the host reads what `of` holds for each record before it returns, and the
        // batch after the call that is being made: the sink changes it in the next one.
        unsafe { import::emit_of(batch.as_ptr(), batch.len(), of.as_ptr()) }
    }

    pub(crate) fn set_int(record: u32, field: u32, value: i64) {
        // SAFETY: no address is passed.
        unsafe { import::set_int(record, field, value) }
    }

    pub(crate) fn set_float(record: u32, field: u32, value: f64) {
        // SAFETY: no address is passed.
        unsafe { import::set_float(record, field, value) }
    }

    pub(crate) fn set_bool(record: u32, field: u32, value: bool) {
        // SAFETY: no address is passed.
        unsafe { import::set_bool(record, field, value.into()) }
    }

    pub(crate) fn set_ip(record: u32, field: u32, address: &[u8; 16]) {
        // SAFETY: the host reads 16 bytes there, before it returns.
        unsafe { import::set_ip(record, field, address.as_ptr()) }
    }

    pub(crate) fn set_text(record: u32, field: u32, text: &[u8]) {
        // SAFETY: the host reads so many bytes there, before it returns.
        unsafe { import::set_text(record, field, text.as_ptr(), text.len()) }
    }

    pub(super) fn log(level: u32, line: &str) {
        // SAFETY: the host reads so many bytes there, before it returns.
        unsafe { import::log(level, line.as_ptr(), line.len()) }
    }

    pub(super) fn data(name: &str, offset: u32, into: &mut [u8]) -> Option<usize> {
        // SAFETY: the host reads the name, and writes at most so many bytes to the room
        // that is lent for it, before it returns.
        let whole = unsafe {
            import::data(name.as_ptr(), name.len(), offset, into.as_mut_ptr(), into.len())
        };
        usize::try_from(whole).ok()
    }
}

#[cfg(not(target_family = "wasm"))]
mod imp {
    use super::Of;

    pub(crate) fn emit(_batch: &[u8], _of: &[Of]) {}
    pub(crate) fn set_int(_record: u32, _field: u32, _value: i64) {}
    pub(crate) fn set_float(_record: u32, _field: u32, _value: f64) {}
    pub(crate) fn set_bool(_record: u32, _field: u32, _value: bool) {}
    pub(crate) fn set_ip(_record: u32, _field: u32, _address: &[u8; 16]) {}
    pub(crate) fn set_text(_record: u32, _field: u32, _text: &[u8]) {}
    pub(super) fn log(_level: u32, _line: &str) {}
    pub(super) fn data(_name: &str, _offset: u32, _into: &mut [u8]) -> Option<usize> {
        None
    }
}
