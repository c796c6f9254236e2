//! Names of maps: `e.raw["TargetUserName"]`.
//!
//! What a source says under names of its own is not in the schema, so there is nothing
//! to hold a name against: a rule gets what it asks for, or nothing. Each name that is
//! met gets a number, and is a field from then on.

use tagout_spec::schema::layout::{NAME_BYTES_MAX, NAMED_BIT, NAMES_MAX};
use tagout_spec::schema::{FieldIdx, FieldType, names};

use super::Lower;
use crate::analysis::names::{Name, bare};
use crate::diagnostic::{Code, Diagnostic};
use crate::ir::FieldRef;
use crate::syntax::ast::{self, ExprKind, StrStyle};

impl Lower<'_, '_> {
    /// The field that a name of a map is; `None` if what is looked into is no map, and
    /// within if there is something wrong with the name.
    pub(in crate::analysis) fn map_name(
        &mut self,
        map: &ast::Expr,
        name: &ast::Expr,
    ) -> Option<Option<FieldRef>> {
        let ExprKind::Path(path) = &bare(map).kind else { return None };
        let (first, rest) = path.split_first()?;
        self.scope.var(&first.kind).filter(|_| !rest.is_empty())?;
        match self.resolve(path, map.span) {
            Some(Name::Field(FieldRef::Event(_), field))
                if field.ty == FieldType::Map => {}
            Some(_) => return None,
            None => return Some(None),
        }
        let name = self.name_of_map(name);
        Some(name.and_then(|name| self.number_of_name(map, name)).map(FieldRef::Event))
    }

    /// The name that an expression writes, or a report of why it is none.
    pub(in crate::analysis) fn name_of_map(&mut self, e: &ast::Expr) -> Option<String> {
        let ExprKind::Str(text) = &bare(e).kind else {
            self.report(
                Diagnostic::new(Code::E0222, e.span, "a name of a map is a text")
                    .label("not a text in quotes")
                    .help("for example `e.raw[\"TargetUserName\"]`"),
            );
            return None;
        };
        if text.style == StrStyle::Fold {
            self.report(
                Diagnostic::new(
                    Code::E0213,
                    e.span,
                    "names of a map are compared as they are, not folded",
                )
                .label("write it without the `i`, as the source does"),
            );
            return None;
        }
        if !names::is_name(&text.value) {
            self.report(
                Diagnostic::new(
                    Code::E0208,
                    e.span,
                    "nothing in a map can have this name",
                )
                .label(format!("a name has 1 to {NAME_BYTES_MAX} bytes")),
            );
            return None;
        }
        Some(text.value.clone())
    }

    /// The number of a name, which it gets if it is new.
    fn number_of_name(&mut self, at: &ast::Expr, name: String) -> Option<FieldIdx> {
        let env = self.env;
        let mut known = env.map_names.borrow_mut();
        let position = known.iter().position(|known| *known == name);
        let number = u16::try_from(position.unwrap_or(known.len())).ok();
        if let Some(number) = number.filter(|number| *number < NAMES_MAX) {
            if position.is_none() {
                known.push(name);
            }
            return Some(FieldIdx(NAMED_BIT.saturating_add(number)));
        }
        drop(known);
        self.report(
            Diagnostic::new(
                Code::E0407,
                at.span,
                format!("a pack reads at most {NAMES_MAX} names of maps"),
            )
            .label("one too many"),
        );
        None
    }
}
