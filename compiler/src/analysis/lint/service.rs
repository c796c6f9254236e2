//! CIP services that have no meaning without their class.
//!
//! Services below 0x32 are the same in every class. From there on each class gives
//! them meanings of its own: 0x4C reads a tag, uploads a file, or opens a connection.
//! A rule that compares such a number must say of what: by class, by symbol, or by
//! `operation`, which is both in one.
//!
//! ```text
//! c.service == 0x54                                  E0231
//! c.service == 0x54 and c.class == connection_manager
//! c.service == 0x4c and c.symbol is present
//! c.operation == forward_open
//! ```
//!
//! Comparisons by order name no service, and stay. The bound is that of the CIP
//! Networks Library, Volume 1, appendix A-2: 0x32 to 0x4A are the vendor's, 0x4B to 0x63
//! the class's.

use tagout_spec::schema::{FieldIdx, KindIdx, Schema};

use crate::analysis::rule::Lowered;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{
    CmpOp, Cond, CondKind, Expr, ExprKind, FieldRef, Value, children, field_refs,
};

/// First service that is not the same in every class.
const FIRST: i64 = 0x32;

/// Most labels that help proposes.
const MAX_LABELS: usize = 4;

/// Checks every rule about CIP.
pub(super) fn check(
    schema: &Schema,
    rules: &[Lowered],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let Some(cip) = Cip::of(schema) else { return };
    for rule in rules.iter().filter(|rule| rule.kinds == [cip.kind]) {
        cip.walk(&rule.predicate.cond, false, diagnostics);
    }
}

/// The fields that matter.
struct Cip<'a> {
    schema: &'a Schema,
    kind: KindIdx,
    service: FieldRef,
    /// Each says which class is meant.
    class: [FieldRef; 3],
}

impl<'a> Cip<'a> {
    /// None if the schema has no such kind.
    fn of(schema: &'a Schema) -> Option<Cip<'a>> {
        let kind = schema.kind_idx("cip")?;
        let fields = schema.kind(kind)?;
        let field = |path: &str| -> Option<FieldRef> {
            let (idx, _): (FieldIdx, _) = fields.lookup(path)?;
            Some(FieldRef::Event(idx))
        };
        let class = [field("class")?, field("symbol")?, field("operation")?];
        Some(Cip { schema, kind, service: field("service")?, class })
    }

    /// Looks for services in a condition; whether what holds together with it says
    /// which class is meant.
    fn walk(&self, cond: &Cond, says_class: bool, diagnostics: &mut Vec<Diagnostic>) {
        match &cond.kind {
            CondKind::All(conds) => {
                let says_class = says_class || conds.iter().any(|c| self.says_class(c));
                for cond in conds {
                    self.walk(cond, says_class, diagnostics);
                }
            }
            CondKind::Cmp { op: CmpOp::Eq, left, right, .. } if !says_class => {
                let number = match (self.is_service(left), self.is_service(right)) {
                    (true, _) => constant(right),
                    (_, true) => constant(left),
                    _ => None,
                };
                if let Some(number) = number.filter(|number| *number >= FIRST) {
                    diagnostics.push(self.diagnostic(number, cond.span));
                }
            }
            CondKind::InInts(value, ranges) if !says_class && self.is_service(value) => {
                let above = ranges.iter().find(|(_, high)| *high >= FIRST);
                if let Some((low, _)) = above {
                    diagnostics.push(self.diagnostic((*low).max(FIRST), cond.span));
                }
            }
            _ => {
                for cond in children(cond) {
                    self.walk(cond, says_class, diagnostics);
                }
            }
        }
    }

    fn says_class(&self, cond: &Cond) -> bool {
        field_refs(cond, None).iter().any(|field| self.class.contains(field))
    }

    fn is_service(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Field(field) if *field == self.service)
    }

    fn diagnostic(&self, number: i64, span: Span) -> Diagnostic {
        let message = format!("service {number:#04x} means what its class says");
        let diagnostic = Diagnostic::new(Code::E0231, span, message)
            .label("of which class?")
            .note("services below 0x32 are the same in every class");
        let labels = self.labels(number);
        diagnostic.help(if labels.is_empty() {
            "compare `class` or `symbol` as well".to_owned()
        } else {
            format!("compare `class` or `symbol` as well, or `operation` with {labels}")
        })
    }

    /// What the service is called in the classes that are known.
    fn labels(&self, number: i64) -> String {
        let Some(operations) = self.schema.enumeration("cip_operation") else {
            return String::new();
        };
        let labels = self.schema.enum_labels(operations).iter();
        let same = labels.filter(|label| i64::try_from(label.value & 0xff) == Ok(number));
        let names: Vec<_> =
            same.take(MAX_LABELS).map(|label| format!("`{}`", label.name)).collect();
        names.join(", ")
    }
}

fn constant(expr: &Expr) -> Option<i64> {
    match &expr.kind {
        ExprKind::Const(Value::Int(number)) => Some(*number),
        _ => None,
    }
}
