//! Tests of values: what a field with its modifiers asks of an event, in terms of
//! Sigma and before anybody knows where the field lies.
//!
//! ```text
//! Item (field, modifiers, values) --tree--> Tree of Leaf (field, Test)
//! ```
//!
//! Values of one item are joined by `or`, with `all` by `and`. A value of several
//! texts (`windash`, `base64offset`) is one of them.

use super::document::{Item, Search};
use super::encode::{base64, base64_offsets, utf16, windash};
use super::modifier::{Field, Operator, Order, Part, Place, Transform};
use super::text::Text;
use super::yaml::Yaml;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    Leaf(Leaf),
}

impl Tree {
    /// How many tests it holds.
    pub(super) fn size(&self) -> usize {
        match self {
            Tree::All(parts) | Tree::Any(parts) => parts.iter().map(Tree::size).sum(),
            Tree::Not(inner) => inner.size(),
            Tree::Leaf(_) => 1,
        }
    }
}

/// A test of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Leaf {
    /// The name; nothing where the whole event is searched.
    pub(super) field: Option<String>,
    pub(super) test: Test,
    /// Whether the test must fail on a value that is there.
    pub(super) differs: bool,
}

/// What is asked of a value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// It has this text.
    Text {
        text: Text,
        cased: bool,
    },
    /// It is this number.
    Number(Number),
    Bool(bool),
    /// There is no value.
    Null,
    /// There is one, or there is none.
    Exists(bool),
    Regex {
        regex: String,
        fold: bool,
        lines: bool,
        dot_all: bool,
    },
    /// It is an address of this network.
    Cidr(String),
    Compare(Order, Number),
    /// It is, contains, starts or ends with the value of another field.
    Field {
        other: String,
        place: Place,
        cased: bool,
    },
    /// Of a time, this part is this number.
    Time(Part, i128),
    /// It is a value that the site knows under this name.
    Placeholder(String),
}

/// A number of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    Int(i128),
    Float(f64),
}

/// A search as a condition.
pub(super) fn tree(search: &Search) -> Result<Tree, String> {
    match search {
        Search::All(items) => {
            let parts: Result<Vec<Tree>, String> = items.iter().map(item).collect();
            Ok(all(parts?))
        }
        Search::Any(searches) => {
            let parts: Result<Vec<Tree>, String> = searches.iter().map(tree).collect();
            Ok(any(parts?))
        }
    }
}

/// All of some conditions; one stands for itself, and those within join in.
pub(super) fn all(parts: Vec<Tree>) -> Tree {
    let flat = parts.into_iter().flat_map(|part| match part {
        Tree::All(inner) => inner,
        other => vec![other],
    });
    only(flat.collect()).unwrap_or_else(Tree::All)
}

/// One of some conditions; one stands for itself, and those within join in.
pub(super) fn any(parts: Vec<Tree>) -> Tree {
    let flat = parts.into_iter().flat_map(|part| match part {
        Tree::Any(inner) => inner,
        other => vec![other],
    });
    only(flat.collect()).unwrap_or_else(Tree::Any)
}

/// The negation of a condition.
pub(super) fn not(tree: Tree) -> Tree {
    match tree {
        Tree::Not(inner) => *inner,
        other => Tree::Not(Box::new(other)),
    }
}

fn only(mut parts: Vec<Tree>) -> Result<Tree, Vec<Tree>> {
    match parts.pop() {
        Some(part) if parts.is_empty() => Ok(part),
        Some(part) => {
            parts.push(part);
            Err(parts)
        }
        None => Err(parts),
    }
}

fn item(item: &Item) -> Result<Tree, String> {
    let field = &item.field;
    let name = field.name.as_deref().unwrap_or("keywords");
    let mut parts = Vec::new();
    for value in &item.values {
        let tests = tests(field, value).map_err(|why| format!("`{name}`: {why}"))?;
        let leaf = |test| {
            let field_name = field.name.clone();
            Tree::Leaf(Leaf { field: field_name, test, differs: field.differs })
        };
        let leaves: Vec<Tree> = tests.into_iter().map(leaf).collect();
        // To differ from a value is to differ from all of its forms.
        parts.push(if field.differs { all(leaves) } else { any(leaves) });
    }
    // The specification says "different from the specified values": from all of them.
    Ok(if field.all || field.differs { all(parts) } else { any(parts) })
}

/// What a value asks for; several tests are alternatives.
fn tests(field: &Field, value: &Yaml) -> Result<Vec<Test>, String> {
    let one = |test| Ok(vec![test]);
    match field.operator {
        Operator::Is if *value == Yaml::Null => one(Test::Null),
        Operator::Is | Operator::Contains | Operator::Starts | Operator::Ends => {
            texts(field, value)
        }
        Operator::Regex { fold, lines, dot_all } => {
            let regex = wanted(value, "a regular expression")?;
            one(Test::Regex { regex, fold, lines, dot_all })
        }
        Operator::Cidr => one(Test::Cidr(wanted(value, "a network")?)),
        Operator::Exists => match value {
            Yaml::Bool(exists) => one(Test::Exists(*exists)),
            Yaml::Text(text) if text.eq_ignore_ascii_case("true") => {
                one(Test::Exists(true))
            }
            Yaml::Text(text) if text.eq_ignore_ascii_case("false") => {
                one(Test::Exists(false))
            }
            other => {
                Err(format!("`exists` wants a boolean, and this is {}", other.what()))
            }
        },
        Operator::Field(place) => {
            let other = wanted(value, "the name of a field")?;
            one(Test::Field { other, place, cased: field.cased })
        }
        Operator::Compare(order) => one(Test::Compare(order, number(value)?)),
        Operator::Time(part) => match number(value)? {
            Number::Int(n) => one(Test::Time(part, n)),
            Number::Float(_) => Err("a part of a time is a whole number".to_owned()),
        },
    }
}

fn wanted(value: &Yaml, what: &str) -> Result<String, String> {
    value.text().ok_or_else(|| format!("{what} is wanted, and this is {}", value.what()))
}

fn number(value: &Yaml) -> Result<Number, String> {
    let no_number = || format!("a number is wanted, and this is {}", value.what());
    match value {
        Yaml::Int(n) => Ok(Number::Int(*n)),
        Yaml::Float(n) => Ok(Number::Float(*n)),
        Yaml::Text(text) => {
            let text = text.trim();
            let int = text.parse().ok().map(Number::Int);
            let float = || text.parse().ok().map(Number::Float);
            int.or_else(float).ok_or_else(no_number)
        }
        _ => Err(no_number()),
    }
}

/// Tests for texts, and for numbers that are compared like texts.
fn texts(field: &Field, value: &Yaml) -> Result<Vec<Test>, String> {
    if field.operator == Operator::Is && field.transforms.is_empty() {
        match value {
            Yaml::Int(n) => return Ok(vec![Test::Number(Number::Int(*n))]),
            Yaml::Float(n) => return Ok(vec![Test::Number(Number::Float(*n))]),
            Yaml::Bool(b) => return Ok(vec![Test::Bool(*b)]),
            _ => {}
        }
    }
    let written = wanted(value, "a text")?;
    if field.transforms.contains(&Transform::Expand) {
        return placeholder(field, &written).map(|test| vec![test]);
    }
    let texts = transformed(&field.transforms, Text::parse(&written))?;
    let in_place = |text: Text| {
        // Without a field the whole event is one text, in which something stands.
        let whole = field.operator == Operator::Is && field.name.is_some();
        let before = !whole && field.operator != Operator::Starts;
        let behind = !whole && field.operator != Operator::Ends;
        Test::Text { text: text.within(before, behind), cased: field.cased }
    };
    Ok(texts.into_iter().map(in_place).collect())
}

/// `%name%`, alone: parts of texts that the site states cannot be looked for.
fn placeholder(field: &Field, written: &str) -> Result<Test, String> {
    let name = written.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
    let name = name.filter(|name| !name.is_empty() && !name.contains('%'));
    match name {
        Some(name) if field.operator == Operator::Is && field.transforms.len() == 1 => {
            Ok(Test::Placeholder(name.to_owned()))
        }
        _ => Err(format!(
            "`{written}` asks for a placeholder within a text; only a whole value can be \
             one that the site states"
        )),
    }
}

/// What stands between the transformations of a value.
enum Stage {
    Text(Text),
    Bytes(Vec<u8>),
}

fn transformed(transforms: &[Transform], text: Text) -> Result<Vec<Text>, String> {
    let mut stages = vec![Stage::Text(text)];
    for transform in transforms {
        let mut next = Vec::new();
        for stage in stages {
            next.extend(one_transform(*transform, stage)?);
        }
        stages = next;
    }
    stages.into_iter().map(Stage::into_text).collect()
}

impl Stage {
    /// The text that is looked for.
    fn into_text(self) -> Result<Text, String> {
        match self {
            Stage::Text(text) => Ok(text),
            Stage::Bytes(bytes) => String::from_utf8(bytes).map(Text::literal).map_err(|_| {
                "the bytes of the encoded text are no text; Base64 behind it would make \
                 them one"
                    .to_owned()
            }),
        }
    }
}

fn one_transform(transform: Transform, stage: Stage) -> Result<Vec<Stage>, String> {
    let text = |text: String| Stage::Text(Text::literal(text));
    match (transform, stage) {
        (Transform::Windash, Stage::Text(value)) => match value.plain() {
            Some(plain) => Ok(windash(plain)?.into_iter().map(text).collect()),
            None => wild_windash(&value),
        },
        (Transform::Base64, stage) => Ok(vec![text(base64(&stage.bytes()?))]),
        (Transform::Base64Offset, stage) => {
            let pieces = base64_offsets(&stage.bytes()?);
            if pieces.is_empty() {
                return Err("too short for `base64offset`".to_owned());
            }
            Ok(pieces.into_iter().map(text).collect())
        }
        (Transform::Utf16Le, Stage::Text(value)) => {
            Ok(vec![Stage::Bytes(utf16(literal(&value)?, u16::to_le_bytes))])
        }
        (Transform::Utf16Be, Stage::Text(value)) => {
            Ok(vec![Stage::Bytes(utf16(literal(&value)?, u16::to_be_bytes))])
        }
        (Transform::Utf16, Stage::Text(value)) => {
            let mut bytes = vec![0xff, 0xfe];
            bytes.extend(utf16(literal(&value)?, u16::to_le_bytes));
            Ok(vec![Stage::Bytes(bytes)])
        }
        (Transform::Expand, stage) => Ok(vec![stage]),
        (_, Stage::Bytes(_)) => {
            Err("the transformations do not follow each other".to_owned())
        }
    }
}

/// Dashes of a text with wildcards: piece by piece, all with the same dash.
fn wild_windash(value: &Text) -> Result<Vec<Stage>, String> {
    use super::text::Part as Piece;
    let mut variants = vec![Text::default()];
    for part in &value.0 {
        let pieces = match part {
            Piece::Literal(text) => {
                windash(text)?.into_iter().map(Piece::Literal).collect()
            }
            other => vec![other.clone()],
        };
        let with = |piece: &Piece| {
            let piece = piece.clone();
            variants.iter().map(move |before| {
                let mut text = before.clone();
                text.0.push(piece.clone());
                text
            })
        };
        variants = pieces.iter().flat_map(with).collect::<Vec<Text>>();
        if variants.len() > 125 {
            return Err("`windash` makes too many texts of one".to_owned());
        }
    }
    Ok(variants.into_iter().map(Stage::Text).collect())
}

impl Stage {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        match self {
            Stage::Bytes(bytes) => Ok(bytes.clone()),
            Stage::Text(text) => Ok(literal(text)?.as_bytes().to_vec()),
        }
    }
}

fn literal(text: &Text) -> Result<&str, String> {
    text.plain().ok_or_else(|| "a text with wildcards cannot be encoded".to_owned())
}
