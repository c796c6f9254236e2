//! Functions that generated code shares; each is in a module only if called.

mod bytes;
mod named;
mod number;
mod paths;
mod search;

use wasm_encoder::ValType;

use super::func::{FnBuilder, FuncId};
use super::place::Place;
use super::value::TextVal;
use super::{Ctx, Error, marks, pattern};

/// Most bytes of a text, folded or not.
pub(super) const TEXT_CAP: u32 = 1 << 15;
/// Most needles in a directory of a shared leaf.
pub(super) const NEEDLES: u32 = 64;

/// A shared function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    /// `(a, b, len) -> i32`: whether the bytes at two addresses are equal.
    Equal,
    /// `(a, b, len) -> i32`: their order as bytes: negative, 0, positive.
    Compare,
    /// `(ptr, len, needle, needle_len) -> i32`: whether a text contains another.
    Contains,
    /// `(x: i64, table, n) -> i32`: position in ascending integers, or -1.
    FindInt,
    /// `(x: i64, table, n) -> i32`: whether it lies in one of ascending ranges.
    FindRange,
    /// `(x: f64, table, n) -> i32`: position in ascending floats, or -1.
    FindFloat,
    /// `(ptr, table, n) -> i32`: position in ascending ranges of addresses, or -1.
    FindIp,
    /// `(ptr, len, table, n, base) -> i32`: position in a directory of texts, or
    /// -1; offsets in the directory count from the base.
    FindText,
    /// `(a, b) -> i32`: the order of two addresses.
    CompareIps,
    /// `(x: i64) -> i64`: the bytes in the other order.
    Swap,
    /// `(a: i64, b: i64) -> i32`: whether the product leaves 64 bits.
    MulOverflows,
    /// `(ptr, len) -> i32`: offset of what follows the last separator.
    NameStart,
    /// `(ptr, len) -> i32`: offset of the extension, `len` if there is none.
    ExtensionStart,
    /// `(ptr, len, start, table, classes, n_classes, end) -> i32`: see `pattern`.
    Automaton,
    /// `(row, event, code) -> row`: writes a row.
    Row,
    /// `(batch, record, number) -> element`: where a name of the record's map is.
    Named,
    /// `(at, cause)`: keeps the greater of two causes.
    Mark,
}

impl Ctx<'_> {
    /// The function, written on first use.
    pub fn helper(&mut self, helper: Helper) -> Result<FuncId, Error> {
        if let Some(&id) = self.helpers.get(&helper) {
            return Ok(id);
        }
        let function = match helper {
            Helper::Equal => bytes::equal(),
            Helper::Compare => {
                let swap = self.helper(Helper::Swap)?;
                bytes::compare(swap)
            }
            Helper::Contains => {
                let equal = self.helper(Helper::Equal)?;
                bytes::contains(equal)
            }
            Helper::FindInt => search::int(),
            Helper::FindRange => search::range(),
            Helper::FindFloat => search::float(),
            Helper::FindIp => {
                let swap = self.helper(Helper::Swap)?;
                search::ip(swap)
            }
            Helper::FindText => {
                let compare = self.helper(Helper::Compare)?;
                search::text(compare)
            }
            Helper::CompareIps => {
                let swap = self.helper(Helper::Swap)?;
                number::compare_ips(swap)
            }
            Helper::Swap => number::swap(),
            Helper::MulOverflows => number::mul_overflows(),
            Helper::NameStart => paths::name_start(),
            Helper::ExtensionStart => {
                let name = self.helper(Helper::NameStart)?;
                paths::extension_start(name)
            }
            Helper::Automaton => pattern::automaton(self),
            Helper::Named => named::named(self)?,
            Helper::Row => row(),
            Helper::Mark => marks::mark_function(),
        };
        let id = self.module.function(function);
        self.helpers.insert(helper, id);
        Ok(id)
    }
}

/// Reads a text that a directory holds: offset, length, folded offset and length.
pub(super) fn stored_text(
    f: &mut FnBuilder,
    entry: Place,
    base: u32,
    fold: bool,
) -> TextVal {
    let (ptr, len) = (f.temp(ValType::I32), f.temp(ValType::I32));
    let entry = if fold { entry.plus(8) } else { entry };
    entry.i32(f);
    if base != 0 {
        f.u32(base).i().i32_add();
    }
    f.set(ptr);
    entry.plus(4).i32(f);
    f.set(len);
    TextVal { ptr, len, cut: None, original: None }
}

fn row() -> FnBuilder {
    let i32 = ValType::I32;
    let params = [("row", i32), ("event", i32), ("code", i32)];
    let mut f = FnBuilder::new("row", &params, &[i32]);
    let (row, event, code) = (f.param(0), f.param(1), f.param(2));
    f.get(row).get(event).i().i32_store(super::frame::byte_arg(0));
    f.get(row).get(code).i().i32_store(super::frame::byte_arg(4));
    f.get(row).u32(8).i().i32_add();
    f
}
