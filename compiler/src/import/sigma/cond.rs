//! Conditions of ours: what the searches of a rule become, and how it is written.
//!
//! Tests of the same field that are joined by `or` become one test against a set,
//! and so do several `contains` that are joined by `and`:
//!
//! ```text
//! p.image endswith r"\a.exe" or p.image endswith r"\b.exe"
//!     ->  p.image endswith any { r"\a.exe", r"\b.exe" }
//! ```

use super::pattern;
use super::quote::{Quote, literal, quoted};

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cond {
    All(Vec<Cond>),
    Any(Vec<Cond>),
    Not(Box<Cond>),
    Compare(Compare),
    /// It is there and is none of the operands; only of [`Operator::Is`].
    Differs(Compare),
    /// A comparison as it stands.
    Plain(String),
}

/// A field, an operator and what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compare {
    pub(super) subject: Subject,
    pub(super) operator: Operator,
    pub(super) operands: Vec<Operand>,
    /// Whether the texts are to be folded by the literal.
    pub(super) fold: bool,
    /// Whether all operands must hold instead of one.
    pub(super) all: bool,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// A field.
    Field(String),
    /// One of the elements of the source's own fields, of those that a condition on
    /// `r` takes.
    Any { list: String, only: String },
}

/// The operator of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    Contains,
    Starts,
    Ends,
    Matches,
}

/// What something is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Operand {
    /// A text.
    Text(String),
    /// A regular expression.
    Regex(String),
    /// A number, a label or an address, as it is written.
    Word(String),
    /// A network or a set of the site, which hold values.
    Set(String),
}

/// All of some conditions.
pub(super) fn all(parts: Vec<Cond>) -> Cond {
    let flat = parts.into_iter().flat_map(|part| match part {
        Cond::All(inner) => inner,
        other => vec![other],
    });
    let mut joined: Vec<Cond> = Vec::new();
    for part in flat {
        if joined.contains(&part)
            || joined.iter_mut().any(|known| joins(known, &part, true))
        {
            continue;
        }
        joined.push(part);
    }
    one_or(joined, Cond::All)
}

/// One of some conditions.
pub(super) fn any(parts: Vec<Cond>) -> Cond {
    let flat = parts.into_iter().flat_map(|part| match part {
        Cond::Any(inner) => inner,
        other => vec![other],
    });
    let mut joined: Vec<Cond> = Vec::new();
    for part in flat {
        if joined.contains(&part)
            || joined.iter_mut().any(|known| joins(known, &part, false))
        {
            continue;
        }
        joined.push(part);
    }
    one_or(joined, Cond::Any)
}

/// The negation of a condition.
pub(super) fn not(cond: Cond) -> Cond {
    match cond {
        Cond::Not(inner) => *inner,
        other => Cond::Not(Box::new(other)),
    }
}

fn one_or(mut parts: Vec<Cond>, many: impl FnOnce(Vec<Cond>) -> Cond) -> Cond {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

/// Takes a comparison into one of the same field, if one test can say both.
fn joins(known: &mut Cond, part: &Cond, all: bool) -> bool {
    let (known, part, differ) = match (known, part) {
        (Cond::Compare(known), Cond::Compare(part)) => (known, part, false),
        (Cond::Differs(known), Cond::Differs(part)) if all => (known, part, true),
        _ => return false,
    };
    // What has no case may stand among what is folded.
    let folds_alike = known.fold == part.fold
        || (known.fold && !part.has_case())
        || (part.fold && !known.has_case());
    let same =
        known.subject == part.subject && known.operator == part.operator && folds_alike;
    let is_field = matches!(known.subject, Subject::Field(_));
    let fits = |one: &Compare| differ || one.operands.len() == 1 || one.all == all;
    // One element need not be all of it, and nothing is two things.
    let can = if all && !differ {
        is_field && !matches!(known.operator, Operator::Is | Operator::Matches)
    } else {
        true
    };
    if !(same && can && fits(known) && fits(part)) {
        return false;
    }
    let fold = known.fold || part.fold;
    for operand in &part.operands {
        if !known.operands.iter().any(|other| other.is(operand, fold)) {
            known.operands.push(operand.clone());
        }
    }
    known.all = all && !differ && known.operands.len() > 1;
    known.fold |= part.fold;
    true
}

/// How tightly an operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Or,
    And,
    Not,
}

impl Cond {
    /// The condition as source, in brackets if its operator binds less tightly than
    /// its place wants.
    pub(super) fn source(&self, place: Rank) -> String {
        let (rank, text) = match self {
            Cond::All(parts) if parts.is_empty() => (Rank::Not, "true".to_owned()),
            Cond::Any(parts) if parts.is_empty() => (Rank::Not, "false".to_owned()),
            Cond::All(parts) => (Rank::And, chain(parts, " and ", Rank::Not)),
            Cond::Any(parts) => (Rank::Or, chain(parts, " or ", Rank::And)),
            Cond::Not(inner) => (Rank::Not, format!("not {}", inner.source(Rank::Not))),
            Cond::Compare(compare) => (Rank::Not, compare.source()),
            Cond::Differs(compare) => (Rank::Not, compare.differs()),
            Cond::Plain(text) => (Rank::Not, text.clone()),
        };
        if rank < place { format!("({text})") } else { text }
    }
}

fn chain(parts: &[Cond], word: &str, place: Rank) -> String {
    let parts: Vec<String> = parts.iter().map(|part| part.source(place)).collect();
    parts.join(word)
}

impl Operand {
    /// Whether it is the same as another one.
    fn is(&self, other: &Operand, fold: bool) -> bool {
        match (self, other) {
            (Operand::Text(a), Operand::Text(b))
                if fold && a.is_ascii() && b.is_ascii() =>
            {
                a.eq_ignore_ascii_case(b)
            }
            (Operand::Text(a), Operand::Text(b)) if fold => {
                tagout_spec::fold::fold(a.as_bytes())
                    == tagout_spec::fold::fold(b.as_bytes())
            }
            (a, b) => a == b,
        }
    }
}

impl Compare {
    /// Whether case makes a difference to it.
    fn has_case(&self) -> bool {
        self.operands.iter().any(|operand| match operand {
            Operand::Text(text) => has_letters(text),
            Operand::Regex(regex) => pattern::has_case(regex),
            Operand::Word(_) | Operand::Set(_) => true,
        })
    }

    fn source(&self) -> String {
        match &self.subject {
            Subject::Field(field) => format!("{field} {}", self.behind()),
            Subject::Any { list, only } if only.is_empty() => {
                format!("any r in {list} (r.value {})", self.behind())
            }
            Subject::Any { list, only } => {
                format!("any r in {list} ({only} and r.value {})", self.behind())
            }
        }
    }

    fn behind(&self) -> String {
        let quantity = if self.all { "all " } else { "any " };
        let word = match self.operator {
            Operator::Is => return self.equals(),
            Operator::Matches => "matches ",
            Operator::Contains => "contains ",
            Operator::Starts => "startswith ",
            Operator::Ends => "endswith ",
        };
        let operand = match self.operands.as_slice() {
            [one] => self.alone(one),
            many if self.operator == Operator::Matches => self.set(many),
            many => format!("{quantity}{}", self.set(many)),
        };
        format!("{word}{operand}")
    }

    fn equals(&self) -> String {
        match self.operands.as_slice() {
            [Operand::Set(set)] => format!("in {set}"),
            [one] => format!("== {}", self.alone(one)),
            many => format!("in {}", self.set(many)),
        }
    }

    fn differs(&self) -> String {
        let Subject::Field(field) = &self.subject else {
            return format!("not {}", self.source());
        };
        match self.operands.as_slice() {
            [Operand::Set(set)] => format!("{field} not in {set}"),
            [one] => format!("{field} != {}", self.alone(one)),
            many => format!("{field} not in {}", self.set(many)),
        }
    }

    fn alone(&self, operand: &Operand) -> String {
        match operand {
            Operand::Text(text) if !self.fold => literal(text),
            Operand::Text(text) => quoted(text, Quote::Fold),
            Operand::Regex(regex) if !self.fold => quoted(regex, Quote::Raw),
            Operand::Regex(regex) if regex.contains('\\') => {
                format!("i{{ {} }}", quoted(regex, Quote::Raw))
            }
            Operand::Regex(regex) => quoted(regex, Quote::Fold),
            Operand::Word(word) | Operand::Set(word) => word.clone(),
        }
    }

    fn set(&self, operands: &[Operand]) -> String {
        let written = |operand: &Operand| match operand {
            Operand::Text(text) => literal(text),
            Operand::Regex(regex) => quoted(regex, Quote::Raw),
            Operand::Word(word) | Operand::Set(word) => word.clone(),
        };
        let items: Vec<String> = operands.iter().map(written).collect();
        let fold = if self.fold { "i" } else { "" };
        format!("{fold}{{ {} }}", items.join(", "))
    }
}

/// Whether case can make a difference to a text.
pub(super) fn has_letters(text: &str) -> bool {
    text.chars().any(|c| c.is_alphabetic() || !c.is_ascii())
}
