//! The plan as text, for `--emit index`: what hangs where, and how much.

use std::fmt::{self, Write as _};

use tagout_spec::schema::{FieldIdx, Kind, Schema};

use super::event::Subject;
use super::{Atoms, Grid, Hash, IndexPlan, KindPlan, Lane, Mask, Node, Probe};
use crate::ir::Program;

/// Prints a plan. Lists of entries are counted, not written out.
pub fn print(plan: &IndexPlan, program: &Program, schema: &Schema) -> String {
    let mut out = String::new();
    for (kind, idx) in plan.kinds.iter().zip(&program.kinds) {
        if let Some(schema_kind) = schema.kinds.get(usize::from(idx.0)) {
            let mut printer = Printer { kind: schema_kind, out: &mut out };
            // Writing to a string does not fail.
            let _ = printer.kind(kind);
        }
    }
    out
}

struct Printer<'a> {
    kind: &'a Kind,
    out: &'a mut String,
}

impl Printer<'_> {
    fn kind(&mut self, plan: &KindPlan) -> fmt::Result {
        writeln!(
            self.out,
            "kind {}: {} predicates, {} entries",
            self.kind.name,
            plan.predicates.len(),
            plan.entries.len()
        )?;
        for lane in &plan.lanes {
            let line = match lane {
                Lane::Int { field, base, shift } => {
                    format!("({} - {base}) >> {shift}", self.path(*field))
                }
                Lane::IpHigh(field) => format!("{} upper half", self.path(*field)),
                Lane::IpLow(field) => format!("{} lower half", self.path(*field)),
                Lane::First(field) => format!("{} first", self.path(*field)),
                Lane::Last(field) => format!("{} last", self.path(*field)),
            };
            writeln!(self.out, "  lane {line}")?;
        }
        for mask in &plan.masks {
            let line = match mask {
                Mask::Int { field, .. } => format!("{} by number", self.path(*field)),
                Mask::Net { field, bounds } => {
                    format!("{} by network, {} bounds", self.path(*field), bounds.len())
                }
                Mask::Key(subject) => self.subject(*subject),
            };
            writeln!(self.out, "  mask {line}")?;
        }
        self.node(&plan.root, 1)
    }

    fn node(&mut self, node: &Node, depth: usize) -> fmt::Result {
        for probe in &node.probes {
            match probe {
                Probe::Hash(hash) => self.hash(hash, depth)?,
                Probe::Grid(grid) => self.grid(grid, depth)?,
                Probe::Atoms(atoms) => self.atoms(atoms, depth)?,
            }
        }
        if !node.rest.is_empty() {
            let n = node.rest.len();
            self.line(depth, &format!("rest: {n} entries"))?;
        }
        Ok(())
    }

    fn hash(&mut self, hash: &Hash, depth: usize) -> fmt::Result {
        let lists = Lists::of(hash.table.values());
        let line = format!("hash {}: {lists}", self.subject(hash.subject));
        self.line(depth, &line)?;
        self.missing("missing", hash.missing.as_deref(), depth)
    }

    fn grid(&mut self, grid: &Grid, depth: usize) -> fmt::Result {
        let mut line = String::from("grid");
        if let Some(code) = &grid.code {
            write!(line, " {} in {} slots", self.path(code.field), code.n)?;
        }
        if let Some(span) = &grid.span {
            let path = self.path(span.field);
            write!(line, " {path} in {} buckets of {}", span.n, 1_i64 << span.shift)?;
        }
        write!(line, ": {}", Lists::of(grid.cells.iter().map(|cell| &cell.cover)))?;
        self.line(depth, &line)?;
        self.missing("missing code", grid.missing_code.as_deref(), depth)?;
        self.missing("missing or wide", grid.missing_span.as_deref(), depth)
    }

    fn atoms(&mut self, atoms: &Atoms, depth: usize) -> fmt::Result {
        let lists = Lists::of(atoms.atoms.iter().map(|atom| &atom.entries));
        let mut path = self.path(atoms.field);
        if atoms.element.is_some() {
            path.push_str("[]");
        }
        let folded = if atoms.fold { ", folded" } else { "" };
        let mut line = format!("atoms {path}{folded}, every {}: {lists}", atoms.stride);
        if !atoms.bytes.is_empty() {
            let lists = Lists::of(atoms.bytes.values());
            write!(line, "; bytes: {lists}")?;
        }
        self.line(depth, &line)?;
        self.missing("missing or cut", atoms.missing.as_deref(), depth)
    }

    fn missing(&mut self, what: &str, node: Option<&Node>, depth: usize) -> fmt::Result {
        let Some(node) = node else { return Ok(()) };
        self.line(depth + 1, &format!("{what}:"))?;
        self.node(node, depth + 2)
    }

    fn line(&mut self, depth: usize, line: &str) -> fmt::Result {
        writeln!(self.out, "{:1$}{line}", "", depth * 2)
    }

    fn subject(&self, subject: Subject) -> String {
        let path = self.path(subject.field());
        match subject {
            Subject::Int(_) | Subject::Ip(_) => path,
            Subject::Whole(..) => format!("{path} whole"),
            Subject::Name(..) => format!("{path} last component"),
            Subject::Tail8(..) => format!("{path} last 8 bytes"),
            Subject::Tail4(..) => format!("{path} last 4 bytes"),
        }
    }

    fn path(&self, field: FieldIdx) -> String {
        let field = self.kind.fields.iter().find(|candidate| candidate.bit == field.0);
        field.map_or_else(|| String::from("?"), |field| field.path.to_string())
    }
}

/// How many lists there are and how long they get.
struct Lists {
    n: usize,
    longest: usize,
    total: usize,
}

impl Lists {
    fn of<'a>(lists: impl Iterator<Item = &'a Vec<u32>>) -> Self {
        lists.filter(|list| !list.is_empty()).fold(
            Self { n: 0, longest: 0, total: 0 },
            |lists, list| Self {
                n: lists.n + 1,
                longest: lists.longest.max(list.len()),
                total: lists.total + list.len(),
            },
        )
    }
}

impl fmt::Display for Lists {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n, longest, total } = self;
        write!(f, "{n} lists, {total} places, longest {longest}")
    }
}
