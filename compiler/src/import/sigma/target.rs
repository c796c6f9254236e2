//! Tests in terms of Sigma to conditions on our fields.
//!
//! ```text
//! Tree of Leaf (Sigma's field, Test) --cond--> Cond (our field, operator, literals)
//! ```
//!
//! The type of our field decides how a value is written. Where a value does not fit
//! the type, as part of a number or a text whose case counts on a path, the source's
//! own field is asked instead: it holds the text as it came.

use std::collections::BTreeSet;

use tagout_spec::schema::{Field, FieldType, Schema};

use super::audit;
use super::cond::{self, Compare, Cond, Operand, Operator, Subject, has_letters};
use super::fields::{self, HASHES, LABELS};
use super::modifier::{Order, Part, Place};
use super::network;
use super::pattern;
use super::source::Source;
use super::test::{Leaf, Number, Test, Tree};
use super::text::{Shape, Text};

/// What a rule is lowered with.
pub(super) struct Target<'a> {
    pub(super) schema: &'a Schema,
    pub(super) source: &'a Source,
    /// Placeholders that were met, by the names of their parameters.
    pub(super) params: BTreeSet<String>,
}

/// Where a field of Sigma lies.
struct Spot<'a> {
    /// Its name in Sigma.
    name: &'a str,
    /// As it is written in the rule.
    path: String,
    /// Its type; nothing if it is the source's own.
    ty: Option<FieldType>,
}

impl Target<'_> {
    /// A search as a condition of ours.
    pub(super) fn cond(&mut self, tree: &Tree) -> Result<Cond, String> {
        Ok(match tree {
            Tree::All(parts) => {
                let parts: Result<Vec<Cond>, String> =
                    parts.iter().map(|part| self.cond(part)).collect();
                cond::all(parts?)
            }
            Tree::Any(parts) => {
                let parts: Result<Vec<Cond>, String> =
                    parts.iter().map(|part| self.cond(part)).collect();
                cond::any(parts?)
            }
            Tree::Not(inner) => cond::not(self.cond(inner)?),
            Tree::Leaf(leaf) => self.leaf(leaf)?,
        })
    }

    /// What must hold beside the rule's own condition.
    pub(super) fn guard(&self) -> Vec<Cond> {
        let guards = self.source.guard.iter().map(|guard| {
            let subject = Subject::Field(format!("{}.{}", self.source.alias, guard.path));
            let operands = guard.values.iter().cloned().map(Operand::Word).collect();
            let operator = Operator::Is;
            Cond::Compare(Compare {
                subject,
                operator,
                operands,
                fold: false,
                all: false,
            })
        });
        guards.collect()
    }

    /// A field as it is shown in an alert.
    pub(super) fn shown(&self, name: &str) -> String {
        self.spot(&self.named(name)).path
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<Cond, String> {
        let Some(name) = leaf.field.as_deref() else {
            return self.anywhere(&leaf.test);
        };
        if self.source.records && name == "type" {
            return self.record_type(&leaf.test);
        }
        let name = self.named(name);
        let found =
            self.test(&name, &leaf.test).map_err(|why| format!("`{name}`: {why}"))?;
        let found = if self.source.records { self.any_path(&name, found) } else { found };
        if !leaf.differs {
            return Ok(found);
        }
        // A missing field differs from nothing.
        if let Cond::Compare(compare) = &found
            && compare.operator == Operator::Is
        {
            return Ok(Cond::Differs(compare.clone()));
        }
        let is_there = Cond::Plain(format!("{} is present", self.spot(&name).path));
        Ok(cond::all(vec![is_there, cond::not(found)]))
    }

    /// The name of a field; of a field of an audit record, with the record's type.
    fn named(&self, name: &str) -> String {
        if self.source.records { audit::own(None, name) } else { name.to_owned() }
    }

    fn test(&mut self, name: &str, test: &Test) -> Result<Cond, String> {
        let spot = self.spot(name);
        match test {
            Test::Null if spot.ty.is_none() => {
                Ok(Cond::Plain(format!("{} is missing", spot.path)))
            }
            Test::Null => Ok(Cond::Plain(format!("{} is not present", spot.path))),
            Test::Exists(true) => Ok(Cond::Plain(format!("{} is present", spot.path))),
            Test::Exists(false) => {
                Ok(Cond::Plain(format!("{} is not present", spot.path)))
            }
            Test::Text { text, cased } => Ok(self.text(&spot, text, *cased)),
            Test::Number(number) => Ok(self.value(&spot, &shown(*number))),
            Test::Bool(b) => Ok(self.value(&spot, &b.to_string())),
            Test::Regex { regex, fold, lines, dot_all } => {
                let regex = pattern::regex(regex, *lines, *dot_all)?;
                Ok(self.regex(&spot, regex, *fold))
            }
            Test::Cidr(network) => self.cidr(&spot, network),
            Test::Compare(order, number) => self.compare(&spot, *order, *number),
            Test::Field { other, place, cased } => {
                self.other(&spot, other, *place, *cased)
            }
            Test::Time(part, n) => self.time(&spot, *part, *n),
            Test::Placeholder(placeholder) => {
                let param = parameter(placeholder);
                self.params.insert(param.clone());
                let spot = self.as_text(&spot);
                Ok(compare(spot.path, Operator::Is, Operand::Set(param), false))
            }
        }
    }

    /// Where a field lies.
    fn spot<'n>(&self, name: &'n str) -> Spot<'n> {
        let names = self.source.names.iter().flat_map(|names| names.iter());
        let path =
            names.filter(|(sigma, _)| *sigma == name).map(|(_, path)| *path).next();
        let alias = self.source.alias;
        match path {
            Some("hashes") | None => Spot { name, path: self.raw(name), ty: None },
            Some(path) => match self.field(path) {
                Some(field) => {
                    Spot { name, path: format!("{alias}.{path}"), ty: Some(field.ty) }
                }
                None => Spot { name, path: self.raw(name), ty: None },
            },
        }
    }

    fn field(&self, path: &str) -> Option<&Field> {
        let name = self.source.kind;
        if let Some(kind) =
            self.schema.kind_idx(name).and_then(|idx| self.schema.kind(idx))
        {
            return kind.fields.iter().find(|field| field.path == path);
        }
        let view = self.schema.view(name)?;
        let common = self.schema.common.of(view.family);
        common.iter().chain(view.fields.iter()).find(|field| field.path == path)
    }

    /// The source's own field.
    fn raw(&self, name: &str) -> String {
        // Blanks of the source's names may be written as `_`.
        let plain = name.replace('_', "");
        let own = self.source.own.iter().find(|(sigma, _)| *sigma == plain);
        let name = own.map_or(name, |(_, own)| own);
        let name = super::quote::quoted(name, super::quote::Quote::Plain);
        format!("{}.raw[{name}]", self.source.alias)
    }

    fn own<'n>(&self, spot: &Spot<'n>) -> Spot<'n> {
        Spot { name: spot.name, path: self.raw(spot.name), ty: None }
    }

    /// A condition on a field; on one of the source's own, under any of the names that
    /// sources of the kind have for it.
    fn of_any(&self, spot: &Spot<'_>, made: impl Fn(String) -> Cond) -> Cond {
        let mut conds = vec![made(spot.path.clone())];
        if spot.ty.is_none() {
            let reads = |os: &str| self.source.reads(os);
            let others = fields::others(self.source.kind, spot.name, reads);
            conds.extend(others.map(|other| made(self.raw(other))));
        }
        cond::any(conds)
    }

    /// The field if it is a text, else the source's own.
    fn as_text<'n>(&self, spot: &Spot<'n>) -> Spot<'n> {
        match spot.ty {
            Some(FieldType::Text | FieldType::Name | FieldType::Path) => {
                Spot { name: spot.name, path: spot.path.clone(), ty: spot.ty }
            }
            _ => self.own(spot),
        }
    }

    /// The field if its text keeps its case, else the source's own.
    fn as_cased<'n>(&self, spot: &Spot<'n>) -> Spot<'n> {
        match spot.ty {
            Some(FieldType::Text) => self.as_text(spot),
            _ => self.own(spot),
        }
    }

    fn text(&self, spot: &Spot<'_>, text: &Text, cased: bool) -> Cond {
        match text.shape() {
            Shape::Anything => return Cond::Plain(format!("{} is present", spot.path)),
            Shape::Is(is) if !cased => return self.value(spot, &is),
            Shape::Contains(part) if !cased => {
                if let Some(cond) = self.hash(spot, &part) {
                    return cond;
                }
            }
            _ => {}
        }
        let spot = if cased { self.as_cased(spot) } else { self.as_text(spot) };
        self.of_any(&spot, |path| in_text(Subject::Field(path), spot.ty, text, cased))
    }

    /// A whole value, as the type of the field writes it.
    fn value(&self, spot: &Spot<'_>, value: &str) -> Cond {
        if let Some(cond) = self.hash(spot, value) {
            return cond;
        }
        let typed = match spot.ty {
            None | Some(FieldType::Text | FieldType::Name | FieldType::Path) => None,
            Some(FieldType::Int(repr)) => whole_number(value)
                .filter(|n| {
                    (i128::from(repr.limits().0)..=i128::from(repr.limits().1))
                        .contains(n)
                })
                .map(|_| value.trim().to_owned()),
            Some(FieldType::Enum(idx, _)) => self.label(idx, value),
            Some(FieldType::Bool) => match value.to_ascii_lowercase().as_str() {
                "true" => Some("true".to_owned()),
                "false" => Some("false".to_owned()),
                _ => None,
            },
            Some(FieldType::Ip) => {
                value.parse::<std::net::IpAddr>().ok().map(|address| address.to_string())
            }
            Some(_) => None,
        };
        match typed {
            Some(word) => {
                compare(spot.path.clone(), Operator::Is, Operand::Word(word), false)
            }
            None => {
                let spot = self.as_text(spot);
                let fold = folds_at_literal(spot.ty, value);
                let operand = Operand::Text(value.to_owned());
                self.of_any(&spot, |path| {
                    compare(path, Operator::Is, operand.clone(), fold)
                })
            }
        }
    }

    /// The label of an enumeration that a value of Sigma means.
    fn label(&self, idx: tagout_spec::schema::EnumIdx, value: &str) -> Option<String> {
        let name = self.schema.enums.get(usize::from(idx.0)).map(|e| e.name.as_ref())?;
        let known = LABELS
            .iter()
            .find(|(of, sigma, _)| *of == name && sigma.eq_ignore_ascii_case(value));
        let labels = self.schema.enum_labels(idx);
        let own = || labels.iter().find(|label| label.name.eq_ignore_ascii_case(value));
        let number = || whole_number(value).filter(|n| u32::try_from(*n).is_ok());
        known
            .map(|(_, _, label)| (*label).to_owned())
            .or_else(|| own().map(|label| label.name.to_string()))
            .or_else(|| number().map(|n| n.to_string()))
    }

    /// `MD5=...` of a list of hashes as the hash itself.
    fn hash(&self, spot: &Spot<'_>, value: &str) -> Option<Cond> {
        let names = self.source.names.iter().flat_map(|names| names.iter());
        let is_list =
            names.filter(|(name, _)| *name == spot.name).any(|(_, p)| *p == "hashes");
        let (algorithm, digits) = value.split_once('=').filter(|_| is_list)?;
        let (_, path, length) =
            HASHES.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(algorithm))?;
        let whole =
            digits.len() == *length && digits.bytes().all(|b| b.is_ascii_hexdigit());
        self.field(path).filter(|_| whole)?;
        let path = format!("{}.{path}", self.source.alias);
        Some(compare(path, Operator::Is, Operand::Text(digits.to_owned()), false))
    }

    fn regex(&self, spot: &Spot<'_>, regex: String, fold: bool) -> Cond {
        let has_case = pattern::has_case(&regex);
        let spot =
            if fold || !has_case { self.as_text(spot) } else { self.as_cased(spot) };
        let fold = fold && has_case && !folds(spot.ty);
        let operand = Operand::Regex(regex);
        self.of_any(&spot, |path| compare(path, Operator::Matches, operand.clone(), fold))
    }

    fn cidr(&self, spot: &Spot<'_>, written: &str) -> Result<Cond, String> {
        let network = network::parse(written)?;
        if spot.ty == Some(FieldType::Ip) {
            let operand = network.operand();
            return Ok(compare(spot.path.clone(), Operator::Is, operand, false));
        }
        let spot = self.as_text(spot);
        let regex = network.regex()?;
        let fold = pattern::has_case(&regex) && !folds(spot.ty);
        let operand = Operand::Regex(regex);
        Ok(self.of_any(&spot, |path| {
            compare(path, Operator::Matches, operand.clone(), fold)
        }))
    }

    fn compare(
        &self,
        spot: &Spot<'_>,
        order: Order,
        number: Number,
    ) -> Result<Cond, String> {
        let is_number = matches!(
            spot.ty,
            Some(FieldType::Int(_) | FieldType::Float | FieldType::Enum(..))
        );
        if is_number {
            let sign = match order {
                Order::Less => "<",
                Order::LessOrEqual => "<=",
                Order::Greater => ">",
                Order::GreaterOrEqual => ">=",
            };
            return Ok(Cond::Plain(format!("{} {sign} {}", spot.path, shown(number))));
        }
        let spot = self.as_text(spot);
        let regex = pattern::number(order, number)?;
        Ok(compare(spot.path, Operator::Matches, Operand::Regex(regex), false))
    }

    fn other(
        &self,
        spot: &Spot<'_>,
        other: &str,
        place: Place,
        cased: bool,
    ) -> Result<Cond, String> {
        if place != Place::Whole {
            return Err(
                "a text that is looked for within another is constant; the value of \
                        another field is not"
                    .to_owned(),
            );
        }
        let name = self.named(other);
        let other = self.spot(&name);
        if cased {
            let sides = (self.as_cased(spot), self.as_cased(&other));
            return Ok(Cond::Plain(format!("{} == {}", sides.0.path, sides.1.path)));
        }
        let is_text = |ty| matches!(ty, None | Some(FieldType::Text));
        let same = spot.ty == other.ty && !is_text(spot.ty);
        if !(same || folds(spot.ty) || folds(other.ty)) {
            return Err(format!(
                "compares two texts, `{}` and `{name}`, in any case; texts that are not \
                 names are compared exactly",
                spot.name
            ));
        }
        Ok(Cond::Plain(format!("{} == {}", spot.path, other.path)))
    }

    /// Part of a time: of texts as ISO 8601 writes them.
    fn time(&self, spot: &Spot<'_>, part: Part, n: i128) -> Result<Cond, String> {
        let spot = self.own(spot);
        let regex = pattern::time(part, n)?;
        Ok(compare(spot.path, Operator::Matches, Operand::Regex(regex), false))
    }

    /// A search of the whole event: of the values of all of the source's own fields.
    fn anywhere(&self, test: &Test) -> Result<Cond, String> {
        let list = format!("{}.raw", self.source.alias);
        let subject = Subject::Any { list, only: String::new() };
        match test {
            Test::Text { text, cased } => Ok(in_text(subject, None, text, *cased)),
            Test::Number(number) => {
                let text = Text::literal(shown(*number)).within(true, true);
                Ok(in_text(subject, None, &text, false))
            }
            Test::Bool(b) => {
                let text = Text::literal(b.to_string()).within(true, true);
                Ok(in_text(subject, None, &text, false))
            }
            Test::Regex { regex, fold, lines, dot_all } => {
                let regex = pattern::regex(regex, *lines, *dot_all)?;
                let operands = vec![Operand::Regex(regex)];
                let operator = Operator::Matches;
                Ok(Cond::Compare(Compare {
                    subject,
                    operator,
                    operands,
                    fold: *fold,
                    all: false,
                }))
            }
            _ => Err("a search of the whole event looks for texts".to_owned()),
        }
    }
}

/// A text in a field, with the operator that fits its wildcards.
fn in_text(subject: Subject, ty: Option<FieldType>, text: &Text, cased: bool) -> Cond {
    let (operator, operand) = match text.shape() {
        Shape::Is(text) => (Operator::Is, Operand::Text(text)),
        Shape::Starts(text) => (Operator::Starts, Operand::Text(text)),
        Shape::Ends(text) => (Operator::Ends, Operand::Text(text)),
        Shape::Contains(text) => (Operator::Contains, Operand::Text(text)),
        Shape::Anything => (Operator::Matches, Operand::Regex(String::new())),
        Shape::Pattern(text) => {
            (Operator::Matches, Operand::Regex(pattern::wildcards(&text)))
        }
    };
    let letters = match &operand {
        Operand::Text(text) => has_letters(text),
        Operand::Regex(regex) => pattern::has_case(regex),
        Operand::Word(_) | Operand::Set(_) => false,
    };
    let fold = !cased && letters && !folds(ty);
    Cond::Compare(Compare {
        subject,
        operator,
        operands: vec![operand],
        fold,
        all: false,
    })
}

fn compare(path: String, operator: Operator, operand: Operand, fold: bool) -> Cond {
    let subject = Subject::Field(path);
    Cond::Compare(Compare {
        subject,
        operator,
        operands: vec![operand],
        fold,
        all: false,
    })
}

/// Whether comparisons of a type fold by themselves.
fn folds(ty: Option<FieldType>) -> bool {
    matches!(ty, Some(FieldType::Name | FieldType::Path))
}

fn folds_at_literal(ty: Option<FieldType>, text: &str) -> bool {
    !folds(ty) && has_letters(text)
}

/// A whole number as Sigma and its sources write it: decimal, or `0x...`.
fn whole_number(text: &str) -> Option<i128> {
    let text = text.trim();
    let hex = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hex {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => {
            i128::from_str_radix(digits, 16).ok()
        }
        Some(_) => None,
        None if text.len() > 1 && text.starts_with('0') => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

fn shown(number: Number) -> String {
    match number {
        Number::Int(n) => n.to_string(),
        Number::Float(n) => format!("{n:?}"),
    }
}

/// The parameter for a placeholder.
fn parameter(placeholder: &str) -> String {
    format!("site_{}", super::name::identifier(placeholder))
}
