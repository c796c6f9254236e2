//! One function while it is written: locals, labels, instructions.
//!
//! Labels are absolute depths, so that emitters can pass them around; a branch
//! computes its relative depth when it is written. Locals are taken from a pool
//! and given back by [`FnBuilder::release_to`], so that a function of 64 rules
//! has as many as its hungriest rule.

use wasm_encoder::{BlockType, InstructionSink, ValType};

/// A local variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Local(pub(super) u32);

/// A block, `if` or loop that can be branched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(u32);

/// A function of the module under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FuncId(pub(super) u32);

/// A state of the pool of locals, to go back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark(usize);

/// A place in the code where instructions can be put later.
#[derive(Clone, Copy, Debug)]
pub struct Place(usize);

/// Writes the body of a function.
#[derive(Debug)]
pub struct FnBuilder {
    pub(super) name: String,
    pub(super) params: Vec<ValType>,
    pub(super) results: Vec<ValType>,
    pub(super) locals: Vec<ValType>,
    pub(super) local_names: Vec<(u32, String)>,
    pub(super) code: Vec<u8>,
    depth: u32,
    taken: Vec<Local>,
    free: Vec<Local>,
    flags: Vec<Local>,
    free_flags: Vec<Local>,
}

impl FnBuilder {
    /// Opens a function. Parameters have names, for people.
    pub fn new(
        name: impl Into<String>,
        params: &[(&str, ValType)],
        results: &[ValType],
    ) -> Self {
        let named = (0..).zip(params).map(|(i, (name, _))| (i, (*name).to_owned()));
        Self {
            name: name.into(),
            params: params.iter().map(|&(_, ty)| ty).collect(),
            results: results.to_vec(),
            locals: Vec::new(),
            local_names: named.collect(),
            code: Vec::new(),
            depth: 0,
            taken: Vec::new(),
            free: Vec::new(),
            flags: Vec::new(),
            free_flags: Vec::new(),
        }
    }

    /// The parameter at a position.
    pub fn param(&self, position: u32) -> Local {
        Local(position)
    }

    /// A local that lives as long as the function, with a name for people.
    pub fn named(&mut self, name: &str, ty: ValType) -> Local {
        let local = self.fresh(ty);
        self.local_names.push((local.0, name.to_owned()));
        local
    }

    /// A local that lives until the pool is released. Its value is undefined.
    pub fn temp(&mut self, ty: ValType) -> Local {
        let at = self.free.iter().position(|&l| self.type_of(l) == Some(ty));
        let local = match at {
            Some(at) => self.free.remove(at),
            None => self.fresh(ty),
        };
        self.taken.push(local);
        local
    }

    /// An i32 that nothing else uses until [`FnBuilder::release_flags`], so that it
    /// can be cleared at an earlier place.
    pub fn flag(&mut self) -> Local {
        let local = match self.free_flags.pop() {
            Some(local) => local,
            None => self.fresh(ValType::I32),
        };
        self.flags.push(local);
        local
    }

    /// Gives back every flag: between predicates.
    pub fn release_flags(&mut self) {
        self.free_flags.append(&mut self.flags);
        self.free_flags.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// A label for code that does not branch.
    pub(super) fn no_label(&self) -> Label {
        Label(0)
    }

    /// The state of the pool of locals.
    pub fn mark(&self) -> Mark {
        Mark(self.taken.len())
    }

    /// Gives back every temporary taken since the mark.
    pub fn release_to(&mut self, mark: Mark) {
        while self.taken.len() > mark.0 {
            self.free.extend(self.taken.pop());
        }
        self.free.sort_unstable();
    }

    /// Plain instructions. Blocks and branches have methods of their own here.
    pub fn i(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.code)
    }

    /// Pushes a local.
    pub fn get(&mut self, local: Local) -> &mut Self {
        self.i().local_get(local.0);
        self
    }

    /// Pops into a local.
    pub fn set(&mut self, local: Local) -> &mut Self {
        self.i().local_set(local.0);
        self
    }

    /// Stores the top of the stack in a local and leaves it.
    pub fn tee(&mut self, local: Local) -> &mut Self {
        self.i().local_tee(local.0);
        self
    }

    /// Pushes a 32-bit constant; addresses are unsigned.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.i().i32_const(value.cast_signed());
        self
    }

    /// Pushes a 64-bit constant.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.i().i64_const(value);
        self
    }

    /// Calls a function.
    pub fn call(&mut self, function: FuncId) -> &mut Self {
        self.i().call(function.0);
        self
    }

    /// Opens a block without a result.
    pub fn block(&mut self) -> Label {
        self.open(|i| {
            i.block(BlockType::Empty);
        })
    }

    /// Opens a block with one result.
    pub fn block_of(&mut self, ty: ValType) -> Label {
        self.open(|i| {
            i.block(BlockType::Result(ty));
        })
    }

    /// Opens an `if` without a result.
    pub fn if_(&mut self) -> Label {
        self.open(|i| {
            i.if_(BlockType::Empty);
        })
    }

    /// Opens an `if` with one result.
    pub fn if_of(&mut self, ty: ValType) -> Label {
        self.open(|i| {
            i.if_(BlockType::Result(ty));
        })
    }

    /// The other side of the innermost `if`.
    pub fn else_(&mut self) {
        self.i().else_();
    }

    /// Closes the innermost block.
    pub fn end(&mut self) {
        self.i().end();
        self.depth = self.depth.saturating_sub(1);
    }

    /// Branches.
    pub fn br(&mut self, to: Label) {
        let depth = self.relative(to);
        self.i().br(depth);
    }

    /// Branches if the top of the stack is not zero.
    pub fn br_if(&mut self, to: Label) {
        let depth = self.relative(to);
        self.i().br_if(depth);
    }

    /// Branches by number; the last label is for all others.
    pub fn br_table(&mut self, to: &[Label], otherwise: Label) {
        let labels: Vec<u32> = to.iter().map(|&l| self.relative(l)).collect();
        let otherwise = self.relative(otherwise);
        self.i().br_table(labels, otherwise);
    }

    /// This place in the code.
    pub fn place(&self) -> Place {
        Place(self.code.len())
    }

    /// Puts `local = 0` at an earlier place of the same block structure.
    pub fn zero_at(&mut self, place: Place, local: Local) {
        let mut code = Vec::new();
        InstructionSink::new(&mut code).i32_const(0).local_set(local.0);
        let at = place.0.min(self.code.len());
        self.code.splice(at..at, code);
    }

    pub(super) fn loop_(&mut self) -> Label {
        self.open(|i| {
            i.loop_(BlockType::Empty);
        })
    }

    pub(super) fn type_of(&self, local: Local) -> Option<ValType> {
        let index = usize::try_from(local.0).ok()?;
        let params = self.params.len();
        match index.checked_sub(params) {
            None => self.params.get(index).copied(),
            Some(own) => self.locals.get(own).copied(),
        }
    }

    fn open(&mut self, write: impl FnOnce(&mut InstructionSink<'_>)) -> Label {
        write(&mut self.i());
        self.depth = self.depth.saturating_add(1);
        Label(self.depth)
    }

    fn relative(&self, to: Label) -> u32 {
        self.depth.saturating_sub(to.0)
    }

    fn fresh(&mut self, ty: ValType) -> Local {
        let index = self.params.len().saturating_add(self.locals.len());
        self.locals.push(ty);
        Local(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
