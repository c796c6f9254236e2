//! Patterns: regular expressions and globs as tables that one loop walks.
//!
//! ```text
//! regex --regex-automata--> dense automaton --walk from the start--> our table
//!
//! state      the distance of its row in the table, in bytes
//! row 0      nothing can match any more: stop
//! row 1      a match has been seen: stop
//! row        the next state for each class of bytes, u32 each; the last one for the
//!            end of the text, row 1 if that makes a match
//! ```
//!
//! A byte costs one step that waits for the last: adding its class and loading.
//! Most texts that come here match nothing; where every match has a literal, that is
//! looked for first, sixteen bytes a step.
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
use super::literal::{Required, required};
use super::text::one_contained;
use super::value::{Val, value};
use super::{Ctx, Fault};
use crate::ir::{Expr, Pattern};

/// Most bytes of the tables of one pattern.
pub const TABLE_MAX: usize = 2 << 20;
/// Most literals that are looked for before a pattern is walked.
const LITERALS: usize = 4;
/// Bytes of a state.
const STATE: u32 = 4;
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

/// A pattern as a table; states are numbers of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The class of each byte.
    classes: Vec<u8>,
    /// States in a row: one for each class, and one for the end of the text.
    width: u16,
    start: u16,
    next: Vec<u16>,
}

impl Table {
    /// Bytes in the module.
    #[must_use]
    pub fn size(&self) -> usize {
        self.next.len().saturating_mul(4).saturating_add(256)
    }
}

/// Where the table of a pattern lies.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    start: u32,
    table: u32,
    classes: u32,
    /// Bytes of a row.
    row: u32,
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
    let width = n_classes.checked_add(1).ok_or(Error::TooLarge)?;
    let mut next = vec![0_u16; width.into()];
    next.extend(std::iter::repeat_n(1, width.into()));
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
        next.push(u16::from(dfa.is_match_state(dfa.next_eoi_state(state))));
        at = at.saturating_add(1);
        if next.len().saturating_mul(4) > TABLE_MAX {
            return Err(Error::TooLarge);
        }
    }
    Ok(Table { classes, width, start, next })
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
    let fold = of.fold;
    let necessary = required(&of.regex).filter(|required| {
        (fold || !required.fold) && required.literals.len() <= LITERALS
    });
    let Val::Text(text) = value(ctx, f, frame, expr, fold, lacking)? else {
        return Err(super::Error::Invalid("a pattern on what is no text"));
    };
    let cut = text.cut.filter(|_| !ctx.has(Fault::IgnoreCut));
    let out = f.block_of(ValType::I32);
    if let Some(Required { literals, .. }) = necessary {
        let possible = f.block();
        for literal in &literals {
            one_contained(ctx, f, text, literal)?;
            f.br_if(possible);
        }
        if let Some(cut) = cut {
            f.get(cut).br_if(lacking);
        }
        f.u32(0).br(out);
        f.end();
    }
    let walk = ctx.helper(Helper::Automaton)?;
    f.get(text.ptr).get(text.len).u32(placed.start).u32(placed.table);
    f.u32(placed.classes).u32(placed.row);
    let Some(cut) = cut else {
        f.u32(1).call(walk);
        f.end();
        return Ok(());
    };
    // The end of a cut text is not the end.
    let found = f.temp(ValType::I32);
    f.get(cut).i().i32_eqz();
    f.call(walk);
    f.tee(found).i().i32_eqz();
    f.get(cut).i().i32_and();
    f.br_if(lacking);
    f.get(found);
    f.end();
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
    let row = u32::from(table.width) * STATE;
    let next =
        table.next.iter().flat_map(|state| (u32::from(*state) * row).to_le_bytes());
    let next: Vec<u8> = next.collect();
    let data = &mut ctx.module.data;
    let placed = Placed {
        start: u32::from(table.start) * row,
        table: data.append(&next, STATE)?,
        classes: data.constant(&table.classes, 1)?,
        row,
    };
    ctx.patterns.insert(index, placed);
    Ok(placed)
}

/// The loop: `(ptr, len, start, table, classes, row, ends) -> found`; without `ends`, the
/// end of the text is not looked at.
pub(super) fn automaton(ctx: &Ctx<'_>) -> FnBuilder {
    let i32 = ValType::I32;
    let params = [
        ("ptr", i32),
        ("len", i32),
        ("state", i32),
        ("table", i32),
        ("classes", i32),
        ("row", i32),
        ("ends", i32),
    ];
    let mut f = FnBuilder::new("automaton", &params, &[i32]);
    let [ptr, len, state, table, classes, row, ends] =
        [0, 1, 2, 3, 4, 5, 6].map(|i| f.param(i));
    let n = f.named("n", i32);
    f.get(len).set(n);
    let stop = f.block();
    // The start itself may be decided.
    f.get(state).get(row).i().i32_le_u();
    f.br_if(stop);
    let counted = f.counted(n, TEXT_CAP);
    f.get(table);
    f.get(classes).get(ptr).i().i32_load8_u(byte_arg(0)).i32_add();
    f.i().i32_load8_u(byte_arg(0));
    f.u32(STATE.ilog2()).i().i32_shl().i32_add();
    f.get(state).i().i32_add().i32_load(byte_arg(0));
    f.tee(state).get(row).i().i32_le_u();
    f.br_if(stop);
    f.get(ptr).u32(1).i().i32_add();
    f.set(ptr);
    f.end_counted(counted);
    if !ctx.has(Fault::PatternEnd) {
        f.get(ends);
        f.if_();
        f.get(table).get(row).i().i32_add();
        f.get(state).i().i32_add();
        f.u32(STATE).i().i32_sub().i32_load(byte_arg(0));
        f.set(state);
        f.end();
    }
    f.end();
    f.get(state).get(row).i().i32_eq();
    f
}
