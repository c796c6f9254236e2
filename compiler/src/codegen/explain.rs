//! `explain`: verdicts of all conditions of a predicate, and causes of its
//! fields. It is cold and must cost next to nothing where it is not used, so a
//! predicate is a table, one small machine walks it, and the leaves of all
//! predicates share functions by their shape.
//!
//! ```text
//! predicate   nodes: address u32, number u32, fields u32, 0          16 bytes
//! node        op u8, side u8, n_map u16, parent u16, leaf u16,
//!             constants u32, map u32                                 16 bytes
//! map         for each field of the leaf, its position among the predicate's
//!
//! out         header, verdicts[n], causes[fields], active[n], scratch[fields]
//! ```
//!
//! Children come after their parent, so one pass from the last node to the first
//! computes every verdict and folds it into the parent's; one pass forward finds
//! the undecided leaves that count as a reason, and asks them for their marks.

use tagout_spec::pack::rows;
use tagout_spec::record::BATCH_HEADER;
use tagout_spec::schema::{Kind, Schema};
use wasm_encoder::ValType;

use super::cond::verdict;
use super::frame::{Frame, byte_arg};
use super::func::{FnBuilder, FuncId, Local};
use super::marks::{self, Causes};
use super::place::Place;
use super::{Ctx, Error, shape};
use crate::ir::{Cond, CondKind, FieldRef, Predicate, Program, children, field_refs};

const I32: ValType = ValType::I32;

/// What a node does with its children.
mod op {
    pub(super) const LEAF: u8 = 0;
    pub(super) const ALL: u8 = 1;
    pub(super) const ANY: u8 = 2;
    pub(super) const NOT: u8 = 3;
    pub(super) const ELSE: u8 = 4;
    pub(super) const CONST: u8 = 5;
}

/// Bytes of a node, and of a predicate's entry.
const ENTRY: u32 = 16;

/// Bytes that the explanation of a predicate takes while it is made.
pub(super) fn size(program: &Program, schema: &Schema, predicate: &Predicate) -> u64 {
    let kind = predicate.kinds.first();
    let kind = kind.and_then(|kind| program.kinds.get(usize::from(*kind)));
    let kind = kind.and_then(|kind| schema.kinds.get(usize::from(kind.0)));
    let registers = kind.and_then(|kind| kind.registers.as_ref());
    let mut n = 0_u64;
    let mut stack = vec![&predicate.cond];
    while let Some(cond) = stack.pop() {
        n = n.saturating_add(1);
        if !is_leaf(cond) {
            stack.extend(children(cond));
        }
    }
    let fields = field_refs(&predicate.cond, registers).len();
    let fields = u64::try_from(fields).unwrap_or(u64::MAX);
    n.saturating_add(fields).saturating_mul(2).saturating_add(64)
}

/// Writes `explain(records, event, predicate, out) -> end` and its tables.
pub(super) fn emit(ctx: &mut Ctx<'_>) -> Result<FuncId, Error> {
    let mut leaves = Leaves::default();
    let mut directory = Vec::new();
    let (mut most_nodes, mut most_fields) = (1, 1);
    let program = ctx.program;
    for predicate in &program.predicates {
        let (entry, nodes, fields) = tables(ctx, &mut leaves, predicate)?;
        directory.extend_from_slice(&entry);
        most_nodes = most_nodes.max(nodes);
        most_fields = most_fields.max(fields);
    }
    let directory = ctx.module.data.append(&directory, 16)?;
    Ok(machine(ctx, directory, most_nodes, most_fields))
}

/// Whether a condition is one node: it has no children, or is a quantifier.
fn is_leaf(cond: &Cond) -> bool {
    !matches!(
        cond.kind,
        CondKind::Const(_)
            | CondKind::All(_)
            | CondKind::Any(_)
            | CondKind::Not(_)
            | CondKind::Else(..)
    )
}

/// Functions of leaves by shape.
#[derive(Default)]
struct Leaves {
    known: std::collections::BTreeMap<String, u16>,
}

/// Writes the table of a predicate; its entry, and the numbers of nodes and fields.
fn tables(
    ctx: &mut Ctx<'_>,
    leaves: &mut Leaves,
    predicate: &Predicate,
) -> Result<(Vec<u8>, u32, u32), Error> {
    let first = predicate.kinds.first().copied().unwrap_or_default();
    let registers = ctx.kind(first)?.registers.as_ref();
    let fields = field_refs(&predicate.cond, registers);
    let mut nodes = Vec::new();
    let mut n_nodes = 0_u32;
    // A node with its parent, and whether it is the left side of an `else`.
    let mut stack = vec![(&predicate.cond, 0_u32, false)];
    while let Some((cond, parent, left)) = stack.pop() {
        let number = n_nodes;
        n_nodes = n_nodes.saturating_add(1);
        let (op, leaf) = match &cond.kind {
            CondKind::Const(value) => (op::CONST + u8::from(*value), None),
            CondKind::All(_) => (op::ALL, None),
            CondKind::Any(_) => (op::ANY, None),
            CondKind::Not(_) => (op::NOT, None),
            CondKind::Else(..) => (op::ELSE, None),
            _ => (op::LEAF, Some(leaves.place(ctx, predicate, cond, &fields)?)),
        };
        let leaf = leaf.unwrap_or_default();
        nodes.extend_from_slice(&[op, u8::from(left)]);
        nodes.extend_from_slice(&leaf.n_map.to_le_bytes());
        nodes.extend_from_slice(&small(parent)?.to_le_bytes());
        nodes.extend_from_slice(&leaf.function.to_le_bytes());
        nodes.extend_from_slice(&leaf.arg.to_le_bytes());
        nodes.extend_from_slice(&leaf.map.to_le_bytes());
        if op != op::LEAF {
            let is_else = op == op::ELSE;
            let children = children(cond).into_iter().enumerate().rev();
            stack.extend(children.map(|(i, child)| (child, number, is_else && i == 0)));
        }
    }
    let at = ctx.module.data.append(&nodes, 4)?;
    let n_fields = u32::try_from(fields.len()).unwrap_or(u32::MAX);
    let entry = [at, n_nodes, n_fields, 0].into_iter().flat_map(u32::to_le_bytes);
    Ok((entry.collect(), n_nodes, n_fields))
}

/// How a node finds its leaf.
#[derive(Clone, Copy, Default)]
struct Leaf {
    function: u16,
    arg: u32,
    map: u32,
    n_map: u16,
}

impl Leaves {
    fn place(
        &mut self,
        ctx: &mut Ctx<'_>,
        predicate: &Predicate,
        cond: &Cond,
        all: &[FieldRef],
    ) -> Result<Leaf, Error> {
        let first = predicate.kinds.first().copied().unwrap_or_default();
        let kind = ctx.kind(first)?;
        let fields = field_refs(cond, kind.registers.as_ref());
        let mut map = Vec::new();
        for field in &fields {
            let at = all.iter().position(|known| known == field).unwrap_or(0);
            map.extend_from_slice(&small(at)?.to_le_bytes());
        }
        let map = ctx.module.data.constant(&map, 2)?;
        let n_map = small(fields.len())?;
        let shape = shape::of(ctx, cond)?;
        let mixed = ctx.mixed(predicate)?;
        let key =
            format!("{first} {mixed} {} {:?}", shape.arg.is_some(), shape.leaf.kind);
        let function = match self.known.get(&key) {
            Some(&function) => function,
            None => {
                let mut name = format!("leaf:{}:{}", kind.name, self.known.len());
                if let Some(field) = fields.first() {
                    name = format!("{name}:{}", ctx.name_of_field(kind, *field)?);
                }
                let id = leaf_function(ctx, predicate, &shape, &fields, name)?;
                let number = small(ctx.module.table_entry(id))?;
                self.known.insert(key, number);
                number
            }
        };
        Ok(Leaf { function, arg: shape.arg.unwrap_or(0), map, n_map })
    }
}

/// `(base, rec, constants, causes) -> verdict`; marks if it is undecided.
fn leaf_function(
    ctx: &mut Ctx<'_>,
    predicate: &Predicate,
    shape: &shape::Shape,
    fields: &[FieldRef],
    name: String,
) -> Result<FuncId, Error> {
    let first = predicate.kinds.first().copied().unwrap_or_default();
    let params = [("base", I32), ("rec", I32), ("constants", I32), ("causes", I32)];
    let mut f = FnBuilder::new(name, &params, &[I32]);
    let (base, rec, arg, at) = (f.param(0), f.param(1), f.param(2), f.param(3));
    let mut frame = Frame::new(ctx.kind(first)?, base, rec);
    frame.arg = shape.arg.is_some().then_some(arg);
    frame.invalid = ctx.invalid_offset(&mut f, predicate, base)?;
    let found = f.named("verdict", I32);
    verdict(ctx, &mut f, &frame, &shape.leaf)?;
    f.tee(found).u32(1).i().i32_eq();
    f.if_();
    marks::leaf(ctx, &mut f, &frame, Causes { fields, at }, &shape.leaf)?;
    f.end();
    f.get(found);
    Ok(ctx.module.function(f))
}

impl Ctx<'_> {
    /// What people call a field, or what stands in its place.
    fn name_of_field(&self, kind: &Kind, field: FieldRef) -> Result<String, Error> {
        if let FieldRef::Call(function) = field {
            let position = usize::try_from(function).unwrap_or(usize::MAX);
            let function = self.program.functions.get(position);
            let function = function.ok_or(Error::Invalid("a function that is not"))?;
            return Ok(function.name.clone());
        }
        let frame = Frame::new(kind, Local(0), Local(1));
        Ok(frame.field(field)?.path.to_string())
    }

    /// Whether the kinds of a predicate have their invalid bits at different
    /// places.
    pub(super) fn mixed(&self, predicate: &Predicate) -> Result<bool, Error> {
        let mut words = Vec::new();
        for &kind in &predicate.kinds {
            words.push(self.kind(kind)?.presence_words);
        }
        words.dedup();
        Ok(words.len() > 1)
    }

    /// The offset of the invalid bits in a local, for kinds that differ in it.
    pub(super) fn invalid_offset(
        &mut self,
        f: &mut FnBuilder,
        predicate: &Predicate,
        base: Local,
    ) -> Result<Option<Local>, Error> {
        if !self.mixed(predicate)? {
            return Ok(None);
        }
        let mut offsets = Vec::new();
        for kind in 0..u16::try_from(self.program.kinds.len()).unwrap_or(u16::MAX) {
            let frame = Frame::new(self.kind(kind)?, base, base);
            offsets.extend_from_slice(&frame.invalid_at().to_le_bytes());
        }
        let table = self.module.data.constant(&offsets, 4)?;
        let offset = f.named("invalid", I32);
        Place::at(base, 0).i32(f);
        f.u32(2).i().i32_shl();
        f.i().i32_load(byte_arg(table));
        f.set(offset);
        Ok(Some(offset))
    }

    /// Opens a cold export `(records, event, predicate, out)`: leaves nothing to
    /// do for a predicate that does not exist; else the record's address is set.
    pub(super) fn open_cold(&self, f: &mut FnBuilder, rec: Local) {
        let (base, event, predicate, out) =
            (f.param(0), f.param(1), f.param(2), f.param(3));
        let header = u32::try_from(rows::HEADER).unwrap_or(8);
        let n = u32::try_from(self.program.predicates.len()).unwrap_or(u32::MAX);
        f.get(predicate).u32(n).i().i32_ge_u();
        f.if_();
        f.get(out).i64(0).i().i64_store(byte_arg(0));
        f.get(out).u32(header).i().i32_add().return_();
        f.end();
        f.get(base).u32(u32::try_from(BATCH_HEADER).unwrap_or(64)).i().i32_add();
        f.get(event);
        Place::at(base, 4).i32(f);
        f.i().i32_mul().i32_add();
        f.set(rec);
    }
}

/// The locals of the machine.
struct Machine {
    base: Local,
    rec: Local,
    nodes: Local,
    verdicts: Local,
    causes: Local,
    active: Local,
    scratch: Local,
    n: Local,
    i: Local,
    node: Local,
    ty: u32,
}

fn machine(ctx: &mut Ctx<'_>, directory: u32, nodes: u32, fields: u32) -> FuncId {
    let ty = ctx.module.signature(&[I32; 4], &[I32]);
    let params = [("records", I32), ("event", I32), ("predicate", I32), ("out", I32)];
    let mut f = FnBuilder::new("explain", &params, &[I32]);
    let (base, predicate, out) = (f.param(0), f.param(2), f.param(3));
    let names = ["rec", "entry", "nodes", "verdicts", "causes", "active", "scratch", "n"];
    let [rec, entry, table, verdicts, causes, active, scratch, n] =
        names.map(|name| f.named(name, I32));
    let [n_fields, i, node] = ["n_fields", "i", "node"].map(|name| f.named(name, I32));
    let m = Machine {
        base,
        rec,
        nodes: table,
        verdicts,
        causes,
        active,
        scratch,
        n,
        i,
        node,
        ty,
    };
    ctx.open_cold(&mut f, rec);
    f.get(predicate).u32(ENTRY).i().i32_mul();
    f.u32(directory).i().i32_add();
    f.set(entry);
    for (at, local) in [(0, table), (4, n), (8, n_fields)] {
        Place::at(entry, at).i32(&mut f);
        f.set(local);
    }
    f.get(out).get(n).i().i32_store(byte_arg(0));
    f.get(out).get(n_fields).i().i32_store(byte_arg(4));
    let header = u32::try_from(rows::HEADER).unwrap_or(8);
    f.get(out).u32(header).i().i32_add();
    f.set(verdicts);
    for (from, size, to) in
        [(verdicts, n, causes), (causes, n_fields, active), (active, n, scratch)]
    {
        f.get(from).get(size).i().i32_add();
        f.set(to);
    }
    m.open_verdicts(&mut f, nodes);
    m.zero(&mut f, causes, n_fields, fields);
    m.verdicts(&mut f, nodes);
    m.reasons(&mut f, nodes, fields);
    f.get(active);
    ctx.module.function(f)
}

impl Machine {
    /// Before the children: true for `all`, false for all others; constants.
    fn open_verdicts(&self, f: &mut FnBuilder, cap: u32) {
        let (left, op) = (f.temp(I32), f.temp(I32));
        f.get(self.n).set(left);
        f.u32(0).set(self.i);
        let counted = f.counted(left, cap);
        self.at_node(f);
        f.get(self.verdicts).get(self.i).i().i32_add();
        Place::at(self.node, 0).u8(f);
        f.tee(op).u32(u32::from(op::ALL)).i().i32_eq();
        f.get(op).u32(u32::from(op::CONST + 1)).i().i32_eq().i32_or();
        f.u32(1).i().i32_shl();
        f.i().i32_store8(byte_arg(0));
        self.next(f);
        f.end_counted(counted);
    }

    /// From the last node to the first: verdicts, folded into the parents'.
    fn verdicts(&self, f: &mut FnBuilder, cap: u32) {
        let [left, found, at, parent, op] = [(); 5].map(|()| f.temp(I32));
        f.get(self.n).set(left);
        let counted = f.counted(left, cap);
        f.get(left).u32(1).i().i32_sub();
        f.set(self.i);
        self.at_node(f);
        f.get(self.verdicts).get(self.i).i().i32_add();
        f.set(at);
        Place::at(self.node, 0).u8(f);
        f.i().i32_eqz();
        f.if_();
        f.get(at);
        self.call_leaf(f);
        f.i().i32_store8(byte_arg(0));
        f.end();
        Place::at(at, 0).u8(f);
        f.set(found);
        let done = f.block();
        f.get(self.i).i().i32_eqz();
        f.br_if(done);
        Place::at(self.node, 4).u16(f);
        f.tee(parent).u32(ENTRY).i().i32_mul();
        f.get(self.nodes).i().i32_add().i32_load8_u(byte_arg(0));
        f.set(op);
        f.get(self.verdicts).get(parent).i().i32_add();
        f.tee(at);
        fold_into(f, self.node, at, found, op);
        f.i().i32_store8(byte_arg(0));
        f.end();
        f.end_counted(counted);
    }

    /// From the first node: which undecided leaves are the reason, and why.
    fn reasons(&self, f: &mut FnBuilder, cap: u32, fields: u32) {
        let [left, parent, is] = [(); 3].map(|()| f.temp(I32));
        f.get(self.n).set(left);
        f.u32(0).set(self.i);
        let counted = f.counted(left, cap);
        self.at_node(f);
        f.get(self.verdicts).get(self.i).i().i32_add();
        f.i().i32_load8_u(byte_arg(0));
        f.u32(1).i().i32_eq();
        f.set(is);
        f.get(self.i);
        f.if_();
        Place::at(self.node, 4).u16(f);
        f.set(parent);
        f.get(is);
        f.get(self.active).get(parent).i().i32_add();
        f.i().i32_load8_u(byte_arg(0)).i32_and();
        // The left side of an `else` is never the reason.
        Place::at(self.node, 1).u8(f);
        f.i().i32_eqz().i32_and();
        f.set(is);
        f.end();
        f.get(self.active).get(self.i).i().i32_add();
        f.get(is).i().i32_store8(byte_arg(0));
        f.get(is);
        Place::at(self.node, 0).u8(f);
        f.i().i32_eqz().i32_and();
        f.if_();
        self.merge(f, fields);
        f.end();
        self.next(f);
        f.end_counted(counted);
    }

    /// Asks a leaf for its marks and merges them.
    fn merge(&self, f: &mut FnBuilder, cap: u32) {
        let [size, left, from, map, to, cause] = [(); 6].map(|()| f.temp(I32));
        Place::at(self.node, 2).u16(f);
        f.set(size);
        self.zero(f, self.scratch, size, cap);
        self.call_leaf(f);
        f.i().drop();
        f.get(self.scratch).set(from);
        Place::at(self.node, 12).i32(f);
        f.set(map);
        f.get(size).set(left);
        let counted = f.counted(left, cap);
        Place::at(map, 0).u16(f);
        f.get(self.causes).i().i32_add();
        f.set(to);
        Place::at(from, 0).u8(f);
        f.tee(cause);
        Place::at(to, 0).u8(f);
        f.i().i32_gt_u();
        f.if_();
        f.get(to).get(cause).i().i32_store8(byte_arg(0));
        f.end();
        f.get(from).u32(1).i().i32_add();
        f.set(from);
        f.get(map).u32(2).i().i32_add();
        f.set(map);
        f.end_counted(counted);
    }

    fn zero(&self, f: &mut FnBuilder, from: Local, n: Local, cap: u32) {
        let (at, left) = (f.temp(I32), f.temp(I32));
        f.get(from).set(at);
        f.get(n).set(left);
        let counted = f.counted(left, cap);
        f.get(at).u32(0).i().i32_store8(byte_arg(0));
        f.get(at).u32(1).i().i32_add();
        f.set(at);
        f.end_counted(counted);
    }

    fn call_leaf(&self, f: &mut FnBuilder) {
        f.get(self.base).get(self.rec);
        Place::at(self.node, 8).i32(f);
        f.get(self.scratch);
        Place::at(self.node, 6).u16(f);
        f.i().call_indirect(0, self.ty);
    }

    fn at_node(&self, f: &mut FnBuilder) {
        f.get(self.nodes).get(self.i).u32(ENTRY).i().i32_mul().i32_add();
        f.set(self.node);
    }

    fn next(&self, f: &mut FnBuilder) {
        f.get(self.i).u32(1).i().i32_add();
        f.set(self.i);
    }
}

/// Pushes the parent's verdict after this child.
fn fold_into(f: &mut FnBuilder, node: Local, at: Local, found: Local, op: Local) {
    let old = f.temp(I32);
    Place::at(at, 0).u8(f);
    f.set(old);
    let is = |f: &mut FnBuilder, number: u8| {
        f.get(op).u32(u32::from(number)).i().i32_eq();
    };
    is(f, op::NOT);
    f.if_of(I32);
    f.u32(2).get(found).i().i32_sub();
    f.else_();
    is(f, op::ELSE);
    f.if_of(I32);
    // The right side comes first; the left one stays if it is decided.
    f.get(old).get(found);
    Place::at(node, 1).u8(f);
    f.get(found).u32(1).i().i32_eq().i32_and();
    f.i().select();
    f.else_();
    f.get(old).get(found);
    f.get(old).get(found).i().i32_lt_u();
    is(f, op::ALL);
    f.i().i32_eq().select();
    f.end();
    f.end();
}

fn small(number: impl TryInto<u16>) -> Result<u16, Error> {
    number
        .try_into()
        .map_err(|_| Error::TooLarge { what: "explanation", size: u64::from(u16::MAX) })
}
