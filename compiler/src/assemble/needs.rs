//! Which kinds and fields a pack reads, so that a sensor can tell which rules
//! are blind there.
//!
//! A field counts as read if a condition, a column or a severity names it, and
//! for evidence also a repeated field that the host prints whole. Labels are
//! listed where a condition compares an enumeration with a number that has one:
//! a sensor whose schema gives the label another number must not run the rule.

use std::collections::{BTreeMap, BTreeSet};

use tagout_spec::function::Function;
use tagout_spec::pack::manifest::{
    NeededField, NeededFunction, NeededKind, NeededPlugin,
};
use tagout_spec::record::STRIDE_MIN;
use tagout_spec::schema::{Field, FieldIdx, FieldType, Kind, KindIdx, Schema};

use crate::ir::walk::{each_field, each_field_of_expr, operands};
use crate::ir::{
    Cond, CondKind, Evidence, Expr, ExprKind, FieldRef, Plan, Predicate, Program, Type,
    Value,
};

/// What a pack reads.
pub(super) struct Needs {
    /// For the manifest.
    pub(super) kinds: Vec<NeededKind>,
    /// Position in `kinds[k].fields` of each field.
    positions: Vec<BTreeMap<FieldIdx, u16>>,
    kinds_of_schema: Vec<Option<Kind>>,
}

impl Needs {
    /// Collects what a program reads.
    pub(super) fn of(program: &Program, schema: &Schema) -> Self {
        let mut needs = Self {
            kinds: Vec::new(),
            positions: Vec::new(),
            kinds_of_schema: Vec::new(),
        };
        for (number, idx) in program.kinds.iter().enumerate() {
            let kind = schema.kind(*idx).cloned();
            needs.add_kind(program, schema, number, *idx, kind.as_ref());
            needs.kinds_of_schema.push(kind);
        }
        needs
    }

    /// The plugins that declare kinds and fields that are needed.
    pub(super) fn plugins(&self, schema: &Schema) -> Vec<NeededPlugin> {
        let name = |idx: KindIdx| schema.kind(idx).map(|kind| kind.name.as_ref());
        let local = |idx: KindIdx| {
            let mut kinds = (0_u16..).zip(&self.kinds);
            kinds.find(|(_, kind)| name(idx) == Some(kind.name.as_str()))
        };
        let field = |(idx, field): &(KindIdx, FieldIdx)| {
            let (number, kind) = local(*idx)?;
            let path = schema.kind(*idx)?.field(*field)?.path.as_ref();
            let mut fields = (0_u16..).zip(&kind.fields);
            let (position, _) = fields.find(|(_, field)| field.path == path)?;
            Some((number, position))
        };
        let needed = schema.origins.iter().filter_map(|origin| {
            let kinds = origin.kinds.iter().filter_map(|idx| local(*idx));
            let kinds: Vec<u16> = kinds.map(|(number, _)| number).collect();
            let fields: Vec<_> = origin.fields.iter().filter_map(field).collect();
            let is_needed = !kinds.is_empty() || !fields.is_empty();
            let version = origin.version.parse().ok().filter(|_| is_needed)?;
            Some(NeededPlugin { name: origin.plugin.to_string(), version, kinds, fields })
        });
        needed.collect()
    }

    fn add_kind(
        &mut self,
        program: &Program,
        schema: &Schema,
        number: usize,
        idx: KindIdx,
        kind: Option<&Kind>,
    ) {
        let mut fields = BTreeSet::new();
        let mut labels: BTreeMap<FieldIdx, BTreeSet<u64>> = BTreeMap::new();
        let applies =
            |p: &&Predicate| p.kinds.iter().any(|local| usize::from(*local) == number);
        for predicate in program.predicates.iter().filter(applies) {
            fields.extend(fields_of(predicate, kind));
            let conds = predicate.severity.iter().map(|(cond, _)| cond);
            for cond in conds.chain([&predicate.cond]) {
                numbers(cond, &mut labels);
            }
        }
        let mut needed = Vec::new();
        let mut positions = BTreeMap::new();
        let mut whole = maps_read_whole(program.predicates.iter().filter(applies));
        for (_, evidence) in program.plans.iter().flat_map(|plan| &plan.evidence) {
            if let Evidence::Field(field) = evidence {
                whole.insert(*field);
            }
        }
        for field in fields {
            let Some(kind) = kind else { continue };
            let Some(definition) = kind.field(field) else { continue };
            positions.insert(field, u16::try_from(needed.len()).unwrap_or(u16::MAX));
            let fingerprint = schema.fingerprint(kind, field).unwrap_or(0);
            needed.push(NeededField {
                path: definition.path.to_string(),
                fingerprint: format!("{fingerprint:016x}"),
                place: definition
                    .is_added()
                    .then_some((definition.bit, definition.offset)),
                labels: labels_of(schema, definition.ty, labels.get(&field)),
                folded: definition.ty.is_text()
                    || (definition.ty == FieldType::Map && whole.contains(&field)),
            });
        }
        self.kinds.push(NeededKind {
            name: schema.kind(idx).map(|kind| kind.name.to_string()).unwrap_or_default(),
            stride: kind.map_or(0, |kind| stride(kind, &positions)),
            fields: needed,
        });
        self.positions.push(positions);
    }

    /// The fields that a predicate reads: number of the kind, position.
    pub(super) fn of_predicate(&self, predicate: &Predicate) -> Vec<(u16, u16)> {
        let mut reads = Vec::new();
        for number in &predicate.kinds {
            let kind =
                self.kinds_of_schema.get(usize::from(*number)).and_then(Option::as_ref);
            let Some(positions) = self.positions.get(usize::from(*number)) else {
                continue;
            };
            let fields = condition_fields(predicate, kind);
            reads.extend(
                fields.iter().filter_map(|f| Some((*number, *positions.get(f)?))),
            );
        }
        reads
    }
}

/// Bytes of a record up to the end of the last slot that is read, a multiple of
/// eight: a host need not copy what lies behind.
fn stride(kind: &Kind, read: &BTreeMap<FieldIdx, u16>) -> u16 {
    let offsets = |wanted: bool| {
        let fields = kind.fields.iter();
        fields.filter(move |f| read.contains_key(&f.idx()) == wanted).map(|f| f.offset)
    };
    let last = offsets(true).max().unwrap_or(0);
    let all = offsets(true).chain(offsets(false));
    let end = all.filter(|offset| *offset > last).min().unwrap_or(kind.stride);
    end.max(STRIDE_MIN)
        .checked_next_multiple_of(8)
        .unwrap_or(kind.stride)
        .min(kind.stride)
}

/// Parameters that a predicate's condition or columns read.
pub(super) fn params_of(predicate: &Predicate) -> Vec<u16> {
    let mut found = BTreeSet::new();
    let conds = predicate.severity.iter().map(|(cond, _)| cond);
    for cond in conds.chain([&predicate.cond]) {
        walk(cond, &mut |cond| {
            if let CondKind::InParam(_, param) = cond.kind {
                found.insert(param);
            }
            for operand in operands(cond).into_iter().flatten() {
                params_of_expr(operand, &mut found);
            }
        });
    }
    for column in &predicate.columns {
        params_of_expr(column, &mut found);
    }
    found.into_iter().filter_map(|param| u16::try_from(param).ok()).collect()
}

fn params_of_expr(expr: &Expr, found: &mut BTreeSet<u32>) {
    if let ExprKind::Param(param) = expr.kind {
        found.insert(param);
    }
    for part in crate::ir::walk::parts(expr) {
        params_of_expr(part, found);
    }
}

/// Functions of plugins that the module imports, and the rules that need them.
pub(super) fn functions(program: &Program) -> Vec<NeededFunction> {
    let called = crate::ir::walk::functions(program);
    let needed = called.into_iter().filter_map(|number| {
        let at = usize::try_from(number).ok()?;
        let function = program.functions.get(at)?.clone();
        let calls = |plan: &&Plan| {
            let at = usize::try_from(plan.predicate).ok();
            let predicate = at.and_then(|at| program.predicates.get(at));
            let mut found = false;
            if let Some(predicate) = predicate {
                each_field(&predicate.cond, None, &mut |field| {
                    found |= field == FieldRef::Call(number);
                });
            }
            found
        };
        let plans = (0..).zip(&program.plans);
        let rules = plans.filter(|(_, plan)| calls(plan)).map(|(n, _)| n).collect();
        let function =
            Function { doc: String::new(), example: String::new(), ..function };
        Some(NeededFunction { function, rules })
    });
    needed.collect()
}

/// Fields that decide a predicate: without one of them its rule may be blind.
fn condition_fields(predicate: &Predicate, kind: Option<&Kind>) -> BTreeSet<FieldIdx> {
    let registers = kind.and_then(|kind| kind.registers.as_ref());
    let mut fields = BTreeSet::new();
    each_field(&predicate.cond, registers, &mut |field| {
        fields.extend(event_field(kind, field));
    });
    fields
}

/// All fields of a predicate, also those that only an alert prints.
fn fields_of(predicate: &Predicate, kind: Option<&Kind>) -> BTreeSet<FieldIdx> {
    let registers = kind.and_then(|kind| kind.registers.as_ref());
    let mut fields = condition_fields(predicate, kind);
    for (cond, _) in &predicate.severity {
        each_field(cond, registers, &mut |field| {
            fields.extend(event_field(kind, field));
        });
    }
    for column in &predicate.columns {
        each_field_of_expr(column, registers, &mut |field| {
            fields.extend(event_field(kind, field));
        });
    }
    fields
}

/// Fields whose elements conditions look through.
fn maps_read_whole<'a>(
    predicates: impl Iterator<Item = &'a Predicate>,
) -> BTreeSet<FieldIdx> {
    let mut groups = BTreeSet::new();
    for predicate in predicates {
        let conds = predicate.severity.iter().map(|(cond, _)| cond);
        for cond in conds.chain([&predicate.cond]) {
            walk(cond, &mut |cond| {
                if let CondKind::Quant { group: FieldRef::Event(group), .. }
                | CondKind::Count { group: FieldRef::Event(group), .. } = &cond.kind
                {
                    groups.insert(*group);
                }
            });
        }
    }
    groups
}

/// The field of the record that holds a field; of a name, its map. A call has none.
fn event_field(kind: Option<&Kind>, field: FieldRef) -> Option<FieldIdx> {
    match field {
        FieldRef::Event(idx) if idx.name_number().is_some() => {
            Some(kind.and_then(Kind::map).map_or(idx, Field::idx))
        }
        FieldRef::Event(idx) | FieldRef::Elem(idx, _) => Some(idx),
        FieldRef::Call(_) => None,
    }
}

/// Numbers that enumerations are compared with.
fn numbers(cond: &Cond, labels: &mut BTreeMap<FieldIdx, BTreeSet<u64>>) {
    walk(cond, &mut |cond| {
        let (value, numbers): (_, Vec<i64>) = match &cond.kind {
            CondKind::Cmp { left, right, .. } => match (&left.kind, &right.kind) {
                (_, ExprKind::Const(Value::Int(n))) => (left, vec![*n]),
                (ExprKind::Const(Value::Int(n)), _) => (right, vec![*n]),
                _ => return,
            },
            // A range over a few numbers names each; a wide one names none.
            CondKind::InInts(value, ranges) => {
                let few =
                    ranges.iter().filter(|(low, high)| high.saturating_sub(*low) < 64);
                (value, few.flat_map(|(low, high)| *low..=*high).collect())
            }
            _ => return,
        };
        if let (Type::Enum(_), ExprKind::Field(field)) = (value.ty, &value.kind)
            && let Some(field) = event_field(None, *field)
        {
            let numbers = numbers.into_iter().filter_map(|n| u64::try_from(n).ok());
            labels.entry(field).or_default().extend(numbers);
        }
    });
}

fn labels_of(
    schema: &Schema,
    ty: FieldType,
    numbers: Option<&BTreeSet<u64>>,
) -> Vec<(String, u64)> {
    let FieldType::Enum(idx, _) = ty else { return Vec::new() };
    let numbers = numbers.into_iter().flatten();
    numbers.filter_map(|n| Some((schema.enum_label(idx, *n)?.to_owned(), *n))).collect()
}

/// Visits a condition and all below it in preorder.
fn walk(cond: &Cond, visit: &mut impl FnMut(&Cond)) {
    visit(cond);
    for child in crate::ir::children(cond) {
        walk(child, visit);
    }
}
