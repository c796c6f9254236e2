//! The longest way through each piece of a function.
//!
//! A function's body is cut at its loops. A *piece* begins where the function or a loop
//! does, and ends where it returns, traps, or comes to the beginning of a loop; a turn of a
//! loop is a piece. Within one all branches lead forward, so that one pass over the
//! instructions finds its longest way: what is known of a label is the longest way to it.
//!
//! ```text
//! 0  piece of the function     block      to its end: the longest of all branches to it
//! |    7 .. loop --> 1 piece   |  ..          and of what falls through
//! |         |     br_if 0      |  br_if 0
//! |    7 <- end                end
//! ```
//!
//! What comes behind a loop goes on with the way that led to it: the turns have paid for
//! themselves.

use wasmparser::{BinaryReaderError, FunctionBody, Operator};

/// Something to be paid, in front of the instruction at an offset of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Charge {
    pub(super) at: usize,
    pub(super) amount: Amount,
}

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// Instructions of a piece.
    Piece(u64),
    /// The number on top of the stack: bytes or elements that the instruction touches.
    Top,
}

/// What a function pays, in the order of the places.
pub(super) fn charges(body: &FunctionBody<'_>) -> Result<Vec<Charge>, BinaryReaderError> {
    let mut reader = body.get_operators_reader()?;
    let mut ways = Ways::new(reader.original_position());
    let mut constant = None;
    while !reader.eof() {
        let (operator, at) = reader.read_with_offset()?;
        ways.pass(&operator, at, reader.original_position(), constant);
        constant = match operator {
            Operator::I32Const { value } => Some(value.cast_unsigned()),
            _ => None,
        };
    }
    Ok(ways.charges)
}

/// Ways to where the pass is; `None` where no way leads.
struct Ways {
    /// The longest within the piece at hand.
    here: Option<u64>,
    frames: Vec<Frame>,
    charges: Vec<Charge>,
}

/// What a branch can lead to.
struct Frame {
    what: What,
    /// The number of the charge of the piece that its inside is of.
    piece: usize,
    /// The longest way to its label, if that is its end.
    to_end: Option<u64>,
}

enum What {
    /// The function itself, or a block.
    Block,
    /// With the way to its condition, until there is an `else`.
    If(Option<u64>),
    /// With the way to it, in the piece that it lies in.
    Loop(Option<u64>),
}

impl Ways {
    /// Begins at the first instruction.
    fn new(at: usize) -> Self {
        let first = Charge { at, amount: Amount::Piece(1) };
        let function = Frame { what: What::Block, piece: 0, to_end: None };
        Self { here: Some(0), frames: vec![function], charges: vec![first] }
    }

    /// Passes an instruction. `constant` is what the one before has put on the stack.
    fn pass(
        &mut self,
        operator: &Operator<'_>,
        at: usize,
        behind: usize,
        constant: Option<u32>,
    ) {
        if is_bulk(operator) && self.here.is_some() {
            match constant {
                Some(n) => self.go(n.into()),
                None => self.charges.push(Charge { at, amount: Amount::Top }),
            }
        }
        self.go(cost(operator));
        match operator {
            Operator::Block { .. } => self.enter(What::Block),
            Operator::If { .. } => self.enter(What::If(self.here)),
            Operator::Loop { .. } => self.enter_loop(behind),
            Operator::Else => self.turn(),
            Operator::End => self.leave(),
            Operator::Br { relative_depth } => {
                self.branch(*relative_depth);
                self.here = None;
            }
            Operator::BrIf { relative_depth } => self.branch(*relative_depth),
            Operator::BrTable { targets } => {
                for depth in targets.targets().flatten() {
                    self.branch(depth);
                }
                self.branch(targets.default());
                self.here = None;
            }
            Operator::Return | Operator::Unreachable => self.here = None,
            _ => {}
        }
    }

    /// Lengthens the way.
    fn go(&mut self, steps: u64) {
        let Some(here) = &mut self.here else { return };
        *here = here.saturating_add(steps);
        let piece = self.frames.last().map_or(0, |frame| frame.piece);
        if let Some(Charge { amount: Amount::Piece(longest), .. }) =
            self.charges.get_mut(piece)
        {
            *longest = (*longest).max(*here);
        }
    }

    fn enter(&mut self, what: What) {
        let piece = self.frames.last().map_or(0, |frame| frame.piece);
        self.frames.push(Frame { what, piece, to_end: None });
    }

    /// Begins a piece.
    fn enter_loop(&mut self, at: usize) {
        let what = What::Loop(self.here);
        let piece = self.charges.len();
        self.charges.push(Charge { at, amount: Amount::Piece(0) });
        self.frames.push(Frame { what, piece, to_end: None });
        self.here = self.here.map(|_| 0);
    }

    fn turn(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        frame.to_end = frame.to_end.max(self.here);
        if let What::If(condition) = std::mem::replace(&mut frame.what, What::Block) {
            self.here = condition;
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        self.here = match frame.what {
            What::Block => frame.to_end.max(self.here),
            What::If(condition) => frame.to_end.max(self.here).max(condition),
            What::Loop(before) => self.here.and(before),
        };
    }

    /// A way to a label; out of a loop, it is the way that led to the loop.
    fn branch(&mut self, depth: u32) {
        let Ok(depth) = usize::try_from(depth) else { return };
        let mut way = self.here;
        for (n, frame) in self.frames.iter_mut().rev().enumerate() {
            if n == depth {
                frame.to_end = frame.to_end.max(way);
                return;
            }
            if let What::Loop(before) = frame.what {
                way = way.and(before);
            }
        }
    }
}

/// Instructions that an instruction counts as: those that only give code its shape are
/// none.
fn cost(operator: &Operator<'_>) -> u64 {
    match operator {
        Operator::Nop
        | Operator::Drop
        | Operator::Block { .. }
        | Operator::Loop { .. }
        | Operator::Unreachable
        | Operator::Return
        | Operator::Else
        | Operator::End => 0,
        _ => 1,
    }
}

/// Whether an instruction does as much as the number on top of the stack says.
fn is_bulk(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryCopy { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::TableFill { .. }
    )
}
