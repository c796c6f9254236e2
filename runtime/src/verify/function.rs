//! The cost of one function: its instructions, each times the caps of the
//! counted loops around it, and its calls likewise.
//!
//! One pass over the body, with a stack of open blocks and the last five
//! instructions. It relies on validation: blocks are closed, labels exist.

use std::collections::HashMap;

use wasmparser::BlockType;
use wasmparser::FunctionBody;
use wasmparser::Operator;

use super::bound::Reason;
use super::refused::Refused;

/// Bytes that a bulk operation moves in the time of an instruction; a guess on
/// the safe side.
const BULK_BYTES: u64 = 16;

/// What a function costs.
pub(super) enum Cost {
    /// At most `own` instructions, and each callee at most so many times.
    Bounded { own: u64, calls: Vec<(Callee, u64)> },
    /// Unknown.
    Unbounded(Reason),
}

/// What is called.
#[derive(Clone, Copy)]
pub(super) enum Callee {
    /// A function by index.
    Function(u32),
    /// Any function in the table with this type index.
    Type(u32),
}

/// Costs one function.
pub(super) fn cost(index: u32, body: &FunctionBody<'_>) -> Result<Cost, Refused> {
    let operators = body.get_operators_reader().map_err(|e| Refused::invalid(&e))?;
    let mut walk = Walk { times: 1, ..Walk::default() };
    for operator in operators {
        let operator = operator.map_err(|e| Refused::invalid(&e))?;
        if matches!(operator, Operator::MemoryGrow { .. }) {
            return Err(Refused::MemoryGrow { function: index });
        }
        // A reason is kept and the walk goes on: a later instruction may be
        // one that is refused.
        if walk.unbounded.is_none() {
            walk.unbounded = walk.step(&operator).err();
        }
    }
    Ok(match walk.unbounded {
        Some(reason) => Cost::Unbounded(reason),
        None => Cost::Bounded { own: walk.own, calls: walk.calls },
    })
}

#[derive(Default)]
struct Walk {
    own: u64,
    calls: Vec<(Callee, u64)>,
    /// Product of the caps of the open loops.
    times: u64,
    frames: Vec<Frame>,
    /// The last instructions, oldest first.
    recent: [Recent; 5],
    /// Counters of open loops, and how many loops each counts.
    counters: HashMap<u32, u32>,
    /// What must come next.
    next: Next,
    unbounded: Option<Reason>,
}

/// An open block.
#[derive(Clone, Copy)]
struct Frame {
    /// The counter, if it is a counted loop.
    counter: Option<u32>,
    is_loop: bool,
    /// [`Walk::times`] outside it.
    times_outside: u64,
}

/// As much of an instruction as the counted form needs.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Recent {
    #[default]
    Other,
    Get(u32),
    Tee(u32),
    Const(u32),
    Sub,
    LtU,
}

/// What the instruction at hand must be.
#[derive(Clone, Copy, Default)]
enum Next {
    #[default]
    Anything,
    /// If it is a loop, it is counted: counter and cap.
    Loop(u32, u32),
    /// `br_if 0`, as the counter was decremented.
    BrIf,
    /// `end`, as the loop has branched back.
    End,
}

impl Walk {
    fn step(&mut self, operator: &Operator<'_>) -> Result<(), Reason> {
        self.own = self.own.saturating_add(self.times);
        let next = std::mem::take(&mut self.next);
        match (next, operator) {
            (Next::BrIf, Operator::BrIf { relative_depth: 0 }) => {
                self.next = Next::End;
                self.remember(Recent::Other);
                return Ok(());
            }
            (Next::BrIf, _) => return Err(Reason::CounterAssigned),
            (Next::End, Operator::End) | (Next::Anything | Next::Loop(..), _) => {}
            (Next::End, _) => return Err(Reason::Loop),
        }
        let counted = match next {
            Next::Loop(counter, cap) => Some((counter, cap)),
            _ => None,
        };
        self.apply(operator, counted)
    }

    fn apply(
        &mut self,
        operator: &Operator<'_>,
        counted: Option<(u32, u32)>,
    ) -> Result<(), Reason> {
        let mut recent = Recent::Other;
        match *operator {
            Operator::Block { .. } => self.open(None, false),
            Operator::If { blockty } => {
                if let (BlockType::Empty, Some((counter, cap))) = (blockty, self.guard())
                {
                    self.next = Next::Loop(counter, cap);
                }
                self.open(None, false);
            }
            Operator::Loop { blockty: BlockType::Empty } => {
                let (counter, cap) = counted.ok_or(Reason::Loop)?;
                self.open(Some(counter), true);
                self.times = self.times.saturating_mul(cap.into());
            }
            Operator::Loop { .. } => return Err(Reason::Loop),
            Operator::End => self.close(),
            Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                self.branch(relative_depth)?;
            }
            Operator::BrTable { ref targets } => {
                for target in targets.targets() {
                    self.branch(target.map_err(|_| Reason::Branch)?)?;
                }
                self.branch(targets.default())?;
            }
            Operator::Call { function_index } => {
                self.calls.push((Callee::Function(function_index), self.times));
            }
            Operator::CallIndirect { type_index, .. } => {
                self.calls.push((Callee::Type(type_index), self.times));
            }
            Operator::LocalSet { local_index } => self.assign(local_index)?,
            Operator::LocalTee { local_index } => {
                recent = Recent::Tee(local_index);
                self.tee(local_index)?;
            }
            Operator::LocalGet { local_index } => recent = Recent::Get(local_index),
            Operator::I32Const { value } => recent = Recent::Const(value.cast_unsigned()),
            Operator::I32Sub => recent = Recent::Sub,
            Operator::I32LtU => recent = Recent::LtU,
            Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. } => self.bulk()?,
            _ => {}
        }
        self.remember(recent);
        Ok(())
    }

    fn open(&mut self, counter: Option<u32>, is_loop: bool) {
        if let Some(counter) = counter {
            let open = self.counters.entry(counter).or_insert(0);
            *open = open.saturating_add(1);
        }
        self.frames.push(Frame { counter, is_loop, times_outside: self.times });
    }

    fn close(&mut self) {
        // The last `end` closes the function, which is no frame.
        let Some(frame) = self.frames.pop() else { return };
        self.times = frame.times_outside;
        if let Some(open) = frame.counter.and_then(|c| self.counters.get_mut(&c)) {
            *open = open.saturating_sub(1);
        }
    }

    /// Any branch but the counting one must not go back.
    fn branch(&self, depth: u32) -> Result<(), Reason> {
        let back = usize::try_from(depth)
            .ok()
            .and_then(|depth| self.frames.iter().rev().nth(depth))
            .is_some_and(|frame| frame.is_loop);
        if back { Err(Reason::Branch) } else { Ok(()) }
    }

    fn assign(&self, local: u32) -> Result<(), Reason> {
        let counts = self.counters.get(&local).is_some_and(|&open| open > 0);
        if counts { Err(Reason::CounterAssigned) } else { Ok(()) }
    }

    fn tee(&mut self, local: u32) -> Result<(), Reason> {
        if self.assign(local).is_ok() {
            return Ok(());
        }
        let innermost = self.frames.last().and_then(|frame| frame.counter);
        // Two open loops with one counter: the outer one's would be assigned.
        let sole = self.counters.get(&local) == Some(&1);
        let [_, _, get, one, sub] = self.recent;
        let decremented =
            (get, one, sub) == (Recent::Get(local), Recent::Const(1), Recent::Sub);
        if innermost == Some(local) && sole && decremented {
            self.next = Next::BrIf;
            return Ok(());
        }
        Err(Reason::CounterAssigned)
    }

    /// The counter and cap, if the last instructions are `(n - 1) <u cap`.
    fn guard(&self) -> Option<(u32, u32)> {
        match self.recent {
            [
                Recent::Get(counter),
                Recent::Const(1),
                Recent::Sub,
                Recent::Const(cap),
                Recent::LtU,
            ] => Some((counter, cap)),
            _ => None,
        }
    }

    fn bulk(&mut self) -> Result<(), Reason> {
        let [.., Recent::Const(bytes)] = self.recent else {
            return Err(Reason::BulkLength);
        };
        let ops = u64::from(bytes).div_ceil(BULK_BYTES).saturating_mul(self.times);
        self.own = self.own.saturating_add(ops);
        Ok(())
    }

    fn remember(&mut self, recent: Recent) {
        self.recent.rotate_left(1);
        if let Some(last) = self.recent.last_mut() {
            *last = recent;
        }
    }
}
