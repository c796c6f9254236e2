//! Patterns: regular expressions and globs as tables that one loop walks.
//!
//! ```text
//! regex --regex-automata--> dense automaton --walk from the start--> our table
//!
//! state 0   nothing can match any more: stop
//! state 1   a match has been seen: stop
//! state s   table[s * classes + class of byte] is the next state, u16 each
//! end       a byte for each state: whether the end of the text makes a match
//! ```
//!
//! The search is unanchored and stops at the first match, so that all matching
//! states are one. The automaton reports a match one byte late; of a cut text
//! the end is not fed to it, and so a `$` or `\b` at the cut is not taken for
//! true.

use std::collections::BTreeMap;

use regex_automata::Anchored;
use regex_automata::MatchKind;
use regex_automata::dfa::{Automaton, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::{start, syntax};
use wasm_encoder::ValType;

use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, Label};
use super::helper::{Helper, TEXT_CAP};
use super::value::{Val, value};
use super::{Ctx, Fault};
use crate::ir::{Expr, Pattern};

/// Most bytes of the tables of one pattern.
pub const TABLE_MAX: usize = 1 << 20;
/// Most bytes that building one may take.
const WORK_MAX: usize = 8 << 20;

/// Why a pattern has no table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not a regular expression, or uses what the dialect does not have.
    Syntax,
    /// Its table would be larger than [`TABLE_MAX`], or take too long to build.
    TooLarge,
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Syntax => "the pattern is not in the dialect",
            Self::TooLarge => "the pattern needs too large a table",
        })
    }
}

impl std::error::Error for Error {}

/// A pattern as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The class of each byte.
    classes: Vec<u8>,
    n_classes: u16,
    start: u16,
    next: Vec<u16>,
    end: Vec<u8>,
}

impl Table {
    /// Bytes in the module.
    #[must_use]
    pub fn size(&self) -> usize {
        let next = self.next.len().saturating_mul(2);
        next.saturating_add(self.end.len()).saturating_add(256)
    }
}

/// Where the table of a pattern lies.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    start: u32,
    next: u32,
    classes: u32,
    n_classes: u32,
    end: u32,
}

/// Builds the table of a pattern.
pub fn table(pattern: &Pattern) -> Result<Table, Error> {
    let too_large = |error: &dense::BuildError| match error.is_size_limit_exceeded() {
        true => Error::TooLarge,
        false => Error::Syntax,
    };
    let nfa = thompson::NFA::compiler()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(thompson::Config::new().utf8(false).nfa_size_limit(Some(WORK_MAX / 4)))
        .build(&pattern.regex)
        .map_err(|error| match error.size_limit() {
            Some(_) => Error::TooLarge,
            None => Error::Syntax,
        })?;
    let dfa = dense::Builder::new()
        .configure(
            dense::Config::new()
                .match_kind(MatchKind::LeftmostFirst)
                .start_kind(StartKind::Unanchored)
                .accelerate(false)
                .dfa_size_limit(Some(WORK_MAX))
                .determinize_size_limit(Some(WORK_MAX)),
        )
        .build_from_nfa(&nfa)
        .map_err(|error| too_large(&error))?;
    explore(&dfa)
}

/// Numbers the states in the order in which they are found, matches as one.
fn explore(dfa: &dense::DFA<Vec<u32>>) -> Result<Table, Error> {
    let classes: Vec<u8> = (0..=u8::MAX).map(|b| dfa.byte_classes().get(b)).collect();
    let mut bytes: Vec<u8> = Vec::new();
    for class in 0..=classes.iter().copied().max().unwrap_or(0) {
        let byte = (0..=u8::MAX).zip(&classes).find(|(_, c)| **c == class);
        bytes.push(byte.map_or(0, |(byte, _)| byte));
    }
    let n_classes = u16::try_from(bytes.len()).map_err(|_| Error::TooLarge)?;
    let config = start::Config::new().anchored(Anchored::No);
    let first = dfa.start_state(&config).map_err(|_| Error::Syntax)?;

    let mut numbers: BTreeMap<StateID, u16> = BTreeMap::new();
    let mut states = Vec::new();
    let row = usize::from(n_classes);
    let mut next = vec![0_u16; row];
    next.extend(std::iter::repeat_n(1, row));
    let mut end = vec![0, 1];
    let mut number = |state: StateID, states: &mut Vec<StateID>| {
        if dfa.is_match_state(state) {
            return Ok(1);
        }
        if dfa.is_dead_state(state) || dfa.is_quit_state(state) {
            return Ok(0);
        }
        if let Some(&number) = numbers.get(&state) {
            return Ok(number);
        }
        let number = states.len().checked_add(2).map(u16::try_from);
        let Some(Ok(number)) = number else { return Err(Error::TooLarge) };
        numbers.insert(state, number);
        states.push(state);
        Ok(number)
    };
    let start = number(first, &mut states)?;
    let mut at = 0;
    while let Some(&state) = states.get(at) {
        for &byte in &bytes {
            next.push(number(dfa.next_state(state, byte), &mut states)?);
        }
        end.push(u8::from(dfa.is_match_state(dfa.next_eoi_state(state))));
        at = at.saturating_add(1);
        if next.len().saturating_mul(2) > TABLE_MAX {
            return Err(Error::TooLarge);
        }
    }
    Ok(Table { classes, n_classes, start, next, end })
}

/// `value matches pattern`, `value glob pattern`
pub(super) fn matches(
    ctx: &mut Ctx<'_>,
    f: &mut FnBuilder,
    frame: &Frame<'_>,
    expr: &Expr,
    pattern: u32,
    lacking: Label,
) -> Result<(), super::Error> {
    let of = usize::try_from(pattern).ok().and_then(|at| ctx.program.patterns.get(at));
    let of = of.ok_or(super::Error::Invalid("a pattern that does not exist"))?;
    let placed = placed(ctx, pattern, of)?;
    let Val::Text(text) = value(ctx, f, frame, expr, of.fold, lacking)? else {
        return Err(super::Error::Invalid("a pattern on what is no text"));
    };
    let walk = ctx.helper(Helper::Automaton)?;
    f.get(text.ptr).get(text.len).u32(placed.start).u32(placed.next);
    f.u32(placed.classes).u32(placed.n_classes);
    let Some(cut) = text.cut.filter(|_| !ctx.has(Fault::IgnoreCut)) else {
        f.u32(placed.end).call(walk);
        return Ok(());
    };
    // No table of ends: the end of a cut text is not the end.
    let found = f.temp(ValType::I32);
    f.u32(0).u32(placed.end).get(cut).i().select();
    f.call(walk);
    f.tee(found).i().i32_eqz();
    f.get(cut).i().i32_and();
    f.br_if(lacking);
    f.get(found);
    Ok(())
}

fn placed(
    ctx: &mut Ctx<'_>,
    index: u32,
    pattern: &Pattern,
) -> Result<Placed, super::Error> {
    if let Some(&placed) = ctx.patterns.get(&index) {
        return Ok(placed);
    }
    let table = table(pattern).map_err(|why| super::Error::Pattern { index, why })?;
    let next: Vec<u8> = table.next.iter().flat_map(|s| s.to_le_bytes()).collect();
    let data = &mut ctx.module.data;
    let placed = Placed {
        start: u32::from(table.start),
        next: data.append(&next, 2)?,
        classes: data.constant(&table.classes, 1)?,
        n_classes: u32::from(table.n_classes),
        end: data.append(&table.end, 1)?,
    };
    ctx.patterns.insert(index, placed);
    Ok(placed)
}

/// The loop: `(ptr, len, start, table, classes, n_classes, end) -> found`; without
/// `end`, the end of the text is not looked at.
pub(super) fn automaton(ctx: &Ctx<'_>) -> FnBuilder {
    let i32 = ValType::I32;
    let params = [
        ("ptr", i32),
        ("len", i32),
        ("state", i32),
        ("table", i32),
        ("classes", i32),
        ("n_classes", i32),
        ("end", i32),
    ];
    let mut f = FnBuilder::new("automaton", &params, &[i32]);
    let [ptr, len, state, table, classes, n_classes, end] =
        [0, 1, 2, 3, 4, 5, 6].map(|i| f.param(i));
    let n = f.named("n", i32);
    f.get(len).set(n);
    let stop = f.block();
    // The start itself may be decided.
    f.get(state).u32(1).i().i32_le_u();
    f.br_if(stop);
    let counted = f.counted(n, TEXT_CAP);
    f.get(table);
    f.get(state).get(n_classes).i().i32_mul();
    f.get(classes).get(ptr).i().i32_load8_u(byte_arg(0)).i32_add();
    f.i().i32_load8_u(byte_arg(0)).i32_add();
    f.u32(1).i().i32_shl().i32_add().i32_load16_u(byte_arg(0));
    f.tee(state).u32(1).i().i32_le_u();
    f.br_if(stop);
    f.get(ptr).u32(1).i().i32_add();
    f.set(ptr);
    f.end_counted(counted);
    f.end();
    // States 0 and 1 say so themselves.
    f.get(state).u32(1).i().i32_le_u();
    f.if_();
    f.get(state).i().return_();
    f.end();
    f.get(end);
    f.if_of(i32);
    match ctx.has(Fault::PatternEnd) {
        true => f.u32(0),
        false => {
            f.get(end).get(state).i().i32_add().i32_load8_u(byte_arg(0));
            &mut f
        }
    };
    f.else_();
    f.u32(0);
    f.end();
    f
}
