//! Texts: equality, beginnings, ends, contents, and the views of a path.
//!
//! A short literal is compared as overlapping words that are immediates; reading
//! up to seven bytes past a text is safe, since every arena and the data end in
//! slack. A longer literal stands in the data.
//!
//! ```text
//! "powershell.exe" (14 bytes)     word at 0: "powershe"   word at 6: "hell.exe"
//! ```

use wasm_encoder::ValType;

use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, Label, Local};
use super::helper::Helper;
use super::place::Place;
use super::value::{TextVal, Val, value, whole_text};
use super::{Ctx, Error, Fault};
use crate::ir::{Expr, ExprKind, PathView, TextOp, Value};

/// Most bytes of a literal that are compared as immediates.
const INLINE: usize = 64;

/// What a text test looks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search<'a> {
    pub(super) op: TextOp,
    pub(super) needles: &'a [Vec<u8>],
    pub(super) all: bool,
    pub(super) fold: bool,
}

/// `left == right`
pub(super) fn equal(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    (left, right): (&Expr, &Expr),
    fold: bool,
    lacking: Label,
) -> Result<(), Error> {
    let a = value(ctx, f, frame, left, fold, lacking)?;
    let a = whole_text(ctx, f, a, lacking)?;
    if let ExprKind::Const(Value::Bytes(bytes)) = &right.kind {
        if let Some(arg) = frame.arg {
            f.get(a.len);
            Place::at(arg, 4).i32(f);
            f.i().i32_eq();
            f.if_of(ValType::I32);
            f.get(a.ptr);
            Place::at(arg, 0).i32(f);
            f.get(a.len);
            let helper = ctx.helper(Helper::Equal)?;
            f.call(helper);
            f.else_();
            f.u32(0);
            f.end();
            return Ok(());
        }
        return equals(ctx, f, a, bytes);
    }
    let b = value(ctx, f, frame, right, fold, lacking)?;
    let b = whole_text(ctx, f, b, lacking)?;
    f.get(a.len).get(b.len).i().i32_eq();
    f.if_of(ValType::I32);
    let helper = ctx.helper(Helper::Equal)?;
    f.get(a.ptr).get(b.ptr).get(a.len).call(helper);
    f.else_();
    f.u32(0);
    f.end();
    Ok(())
}

/// Pushes whether a whole text equals a literal.
pub(super) fn equals(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    text: TextVal,
    literal: &[u8],
) -> Result<(), Error> {
    let len = u32::try_from(literal.len()).unwrap_or(u32::MAX);
    f.get(text.len).u32(len).i().i32_eq();
    if literal.is_empty() {
        return Ok(());
    }
    f.if_of(ValType::I32);
    bytes_at(ctx, f, text.ptr, literal)?;
    f.else_();
    f.u32(0);
    f.end();
    Ok(())
}

/// Pushes whether the bytes at an address are these. They may be read.
pub(super) fn bytes_at(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    ptr: Local,
    literal: &[u8],
) -> Result<(), Error> {
    if literal.len() > INLINE {
        let at = ctx.module.data.constant(literal, 8)?;
        let helper = ctx.helper(Helper::Equal)?;
        f.get(ptr).u32(at);
        f.u32(u32::try_from(literal.len()).unwrap_or(u32::MAX)).call(helper);
        return Ok(());
    }
    let mut pushed = false;
    for (at, word) in words(literal) {
        let offset = byte_arg(u32::try_from(at).unwrap_or(u32::MAX));
        f.get(ptr);
        match word {
            Word::Eight(bytes) => {
                f.i().i64_load(offset);
                f.i64(i64::from_le_bytes(bytes)).i().i64_eq();
            }
            Word::Four(bytes) => {
                f.i().i32_load(offset);
                f.i().i32_const(i32::from_le_bytes(bytes)).i32_eq();
            }
            Word::Two(bytes) => {
                f.i().i32_load16_u(offset);
                f.u32(u32::from(u16::from_le_bytes(bytes))).i().i32_eq();
            }
            Word::One(byte) => {
                f.i().i32_load8_u(offset);
                f.u32(u32::from(byte)).i().i32_eq();
            }
        }
        if pushed {
            f.i().i32_and();
        }
        pushed = true;
    }
    Ok(())
}

enum Word {
    Eight([u8; 8]),
    Four([u8; 4]),
    Two([u8; 2]),
    One(u8),
}

/// Words that cover a literal of at least one byte; the last may overlap.
fn words(literal: &[u8]) -> Vec<(usize, Word)> {
    fn cover<const N: usize>(
        literal: &[u8],
        word: fn([u8; N]) -> Word,
    ) -> Vec<(usize, Word)> {
        let (chunks, rest) = literal.as_chunks::<N>();
        let mut words: Vec<_> = chunks
            .iter()
            .enumerate()
            .map(|(i, &chunk)| (i.saturating_mul(N), word(chunk)))
            .collect();
        if !rest.is_empty()
            && let Some(&last) = literal.last_chunk::<N>()
        {
            words.push((literal.len().saturating_sub(N), word(last)));
        }
        words
    }
    match literal.len() {
        0 => Vec::new(),
        1 => cover(literal, |[byte]| Word::One(byte)),
        2 | 3 => cover(literal, Word::Two),
        4..=7 => cover(literal, Word::Four),
        _ => cover(literal, Word::Eight),
    }
}

/// `value contains | startswith | endswith any | all needles`
pub(super) fn search(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    search: Search<'_>,
    lacking: Label,
) -> Result<(), Error> {
    let val = value(ctx, f, frame, expr, search.fold, lacking)?;
    let text = match (search.op, val) {
        (TextOp::EndsWith, val) => whole_text(ctx, f, val, lacking)?,
        (_, Val::Text(text)) => text,
        _ => return Err(Error::Invalid("a search in what is no text")),
    };
    let cut = text.cut.filter(|_| !ctx.has(Fault::IgnoreCut));
    let out = f.block_of(ValType::I32);
    let first = f.block();
    if let Some(arg) = frame.arg {
        each_of_table(ctx, f, search, text, arg, first)?;
    } else {
        for needle in search.needles {
            one(ctx, f, search.op, text, needle)?;
            if search.all {
                f.i().i32_eqz();
            }
            f.br_if(first);
        }
    }
    // Every needle was found (`all`), or none was.
    if let Some(cut) = cut
        && !search.all
    {
        undecided(f, search, text, cut, frame.arg, lacking);
    }
    f.u32(u32::from(search.all));
    f.br(out);
    f.end();
    // One was not found (`all`), or one was.
    if let Some(cut) = cut
        && search.all
    {
        match search.op {
            TextOp::Contains => {
                f.get(cut).br_if(lacking);
            }
            // The first one not found may be longer than what is kept, and
            // another may be decided and false.
            _ => all_start_undecided(ctx, f, search, text, cut, frame.arg, lacking)?,
        }
    }
    f.u32(u32::from(!search.all));
    f.end();
    Ok(())
}

/// Leaves if a needle that was not found may still be there.
fn undecided(
    f: &mut FnBuilder,
    search: Search<'_>,
    text: TextVal,
    cut: Local,
    arg: Option<Local>,
    lacking: Label,
) {
    f.get(cut);
    if search.op == TextOp::StartsWith {
        f.get(text.len);
        push_longest(f, search, arg);
        f.i().i32_lt_u().i32_and();
    }
    f.br_if(lacking);
}

fn push_longest(f: &mut FnBuilder, search: Search<'_>, arg: Option<Local>) {
    match arg {
        Some(arg) => Place::at(arg, 8).i32(f),
        None => {
            let longest = search.needles.iter().map(Vec::len).max().unwrap_or(0);
            f.u32(u32::try_from(longest).unwrap_or(u32::MAX));
        }
    }
}

/// Of a cut text and `startswith all`: leaves if every needle that is no longer
/// than what is kept was found.
fn all_start_undecided(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    search: Search<'_>,
    text: TextVal,
    cut: Local,
    arg: Option<Local>,
    lacking: Label,
) -> Result<(), Error> {
    let decided = f.block();
    f.get(cut).i().i32_eqz();
    f.br_if(decided);
    if let Some(arg) = arg {
        let (at, n) = table_locals(f, arg);
        let counted = f.counted(n, super::helper::NEEDLES);
        f.get(text.len);
        Place::at(at, 4).i32(f);
        f.i().i32_ge_u();
        f.if_();
        one_of_table(ctx, f, search.op, text, at)?;
        f.i().i32_eqz();
        f.br_if(decided);
        f.end();
        f.get(at).u32(8).i().i32_add();
        f.set(at);
        f.end_counted(counted);
    } else {
        for needle in search.needles {
            let len = u32::try_from(needle.len()).unwrap_or(u32::MAX);
            f.get(text.len).u32(len).i().i32_ge_u();
            f.if_();
            bytes_at(ctx, f, text.ptr, needle)?;
            f.i().i32_eqz();
            f.br_if(decided);
            f.end();
        }
    }
    f.br(lacking);
    f.end();
    Ok(())
}

/// Pushes whether one needle is found.
fn one(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    op: TextOp,
    text: TextVal,
    needle: &[u8],
) -> Result<(), Error> {
    let len = u32::try_from(needle.len()).unwrap_or(u32::MAX);
    if op == TextOp::Contains {
        return one_contained(ctx, f, text, needle);
    }
    f.get(text.len).u32(len).i().i32_ge_u();
    f.if_of(ValType::I32);
    match op {
        TextOp::EndsWith if !ctx.has(Fault::EndsWithStart) => {
            let end = f.temp(ValType::I32);
            f.get(text.ptr).get(text.len).i().i32_add();
            f.u32(len).i().i32_sub();
            f.set(end);
            bytes_at(ctx, f, end, needle)?;
        }
        _ => bytes_at(ctx, f, text.ptr, needle)?,
    }
    f.else_();
    f.u32(0);
    f.end();
    Ok(())
}

/// Pushes whether a text, or what is kept of it, contains a needle.
pub(super) fn one_contained(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    text: TextVal,
    needle: &[u8],
) -> Result<(), Error> {
    let at = ctx.module.data.constant(needle, 1)?;
    let helper = ctx.helper(Helper::Contains)?;
    f.get(text.ptr).get(text.len);
    f.u32(at).u32(u32::try_from(needle.len()).unwrap_or(u32::MAX)).call(helper);
    Ok(())
}

/// The same over a directory of needles: `arg` holds its address, their number,
/// and the longest length.
fn each_of_table(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    search: Search<'_>,
    text: TextVal,
    arg: Local,
    first: Label,
) -> Result<(), Error> {
    let (at, n) = table_locals(f, arg);
    let counted = f.counted(n, super::helper::NEEDLES);
    one_of_table(ctx, f, search.op, text, at)?;
    if search.all {
        f.i().i32_eqz();
    }
    f.br_if(first);
    f.get(at).u32(8).i().i32_add();
    f.set(at);
    f.end_counted(counted);
    Ok(())
}

fn table_locals(f: &mut FnBuilder, arg: Local) -> (Local, Local) {
    let (at, n) = (f.temp(ValType::I32), f.temp(ValType::I32));
    Place::at(arg, 0).i32(f);
    f.set(at);
    Place::at(arg, 4).i32(f);
    f.set(n);
    (at, n)
}

/// Pushes whether the needle of a directory's entry is found.
fn one_of_table(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    op: TextOp,
    text: TextVal,
    entry: Local,
) -> Result<(), Error> {
    let (needle, len) = (Place::at(entry, 0), Place::at(entry, 4));
    if op == TextOp::Contains {
        let helper = ctx.helper(Helper::Contains)?;
        f.get(text.ptr).get(text.len);
        needle.i32(f);
        len.i32(f);
        f.call(helper);
        return Ok(());
    }
    f.get(text.len);
    len.i32(f);
    f.i().i32_ge_u();
    f.if_of(ValType::I32);
    f.get(text.ptr);
    if op == TextOp::EndsWith {
        f.get(text.len).i().i32_add();
        len.i32(f);
        f.i().i32_sub();
    }
    needle.i32(f);
    len.i32(f);
    let helper = ctx.helper(Helper::Equal)?;
    f.call(helper);
    f.else_();
    f.u32(0);
    f.end();
    Ok(())
}

/// A view of a whole path.
pub(super) fn view(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    view: PathView,
    text: TextVal,
) -> Result<TextVal, Error> {
    let (ptr, len) = (f.temp(ValType::I32), f.temp(ValType::I32));
    let skip = f.temp(ValType::I32);
    f.get(text.ptr).get(text.len);
    let helper = match view {
        PathView::Name | PathView::Directory => Helper::NameStart,
        PathView::Extension => Helper::ExtensionStart,
    };
    let helper = ctx.helper(helper)?;
    f.call(helper).set(skip);
    match view {
        PathView::Name | PathView::Extension => {
            f.get(text.ptr).get(skip).i().i32_add();
            f.set(ptr);
            f.get(text.len).get(skip).i().i32_sub();
            f.set(len);
        }
        PathView::Directory => {
            // Without its separator; nothing if there is none.
            f.get(text.ptr).set(ptr);
            f.get(skip).get(skip).i().i32_const(0).i32_ne().i32_sub();
            f.set(len);
        }
    }
    Ok(TextVal { ptr, len, cut: None, original: None })
}

/// A literal under simple case folding, for values of maps.
pub(super) fn fold(text: &[u8]) -> Vec<u8> {
    let mut folded = Vec::new();
    tagout_spec::fold::fold_into(text, &mut folded);
    folded
}
