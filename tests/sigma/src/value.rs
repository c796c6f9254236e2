//! Values of events that fulfil tests: texts that are equal, contain, start, end,
//! match; numbers and addresses.

use std::collections::BTreeMap;

use regex_syntax::hir::{Class, Hir, HirKind};
use rsigma_parser::value::{SpecialChar, StringPart};
use rsigma_parser::{Modifier, SigmaValue};
use serde_json::{Map, Value};

use crate::tree::Leaf;

/// Where the first text without a field goes.
const ANYWHERE: &str = "keyword_field";

/// The value of a field of which nothing is wanted but that it is there.
pub const ANY: &str = "some value";

/// What is wanted of one field.
#[derive(Clone, Debug, Default)]
struct Wanted {
    whole: Option<Value>,
    start: Option<String>,
    end: Option<String>,
    parts: Vec<String>,
}

/// An event for which some tests hold; those that must not hold are left to the
/// verdict of the engines.
#[must_use]
pub fn event(plan: &[(&Leaf, bool)], variant: usize) -> Map<String, Value> {
    let mut fields: BTreeMap<String, Wanted> = BTreeMap::new();
    let mut references = Vec::new();
    for (leaf, wanted) in plan {
        let has = |modifier| leaf.modifiers.contains(&modifier);
        let name = leaf.field.clone().unwrap_or_else(|| ANYWHERE.to_owned());
        let differs = has(Modifier::Neq);
        if has(Modifier::FieldRef) {
            if let Some(other) = text(&leaf.value).filter(|_| *wanted && !differs) {
                references.push((name, other));
            }
        } else if !*wanted || differs {
            // A test for nothing fails where there is something.
            let wants_any = matches!(leaf.value, SigmaValue::Null) || differs;
            if wants_any || has(Modifier::Exists) {
                let other = fields.entry(name).or_default();
                if let (SigmaValue::Integer(n), true) = (&leaf.value, differs) {
                    other.whole = Some(Value::from(n + 1));
                }
            }
        } else {
            want(&mut fields, name, leaf, variant);
        }
    }
    let mut event: Map<String, Value> =
        fields.into_iter().map(|(name, wanted)| (name, wanted.value())).collect();
    for (name, other) in references {
        let value = event.get(&name).or_else(|| event.get(&other)).cloned();
        let value = value.unwrap_or_else(|| Value::from("C:\\same\\value.exe"));
        event.insert(name, value.clone());
        event.insert(other, value);
    }
    event
}

fn want(
    fields: &mut BTreeMap<String, Wanted>,
    name: String,
    leaf: &Leaf,
    variant: usize,
) {
    let has = |modifier| leaf.modifiers.contains(&modifier);
    if matches!(leaf.value, SigmaValue::Null) {
        fields.remove(&name);
        return;
    }
    if has(Modifier::Exists) {
        let there = matches!(&leaf.value, SigmaValue::Bool(true))
            || text(&leaf.value).is_some_and(|text| text.eq_ignore_ascii_case("true"));
        if there {
            fields.entry(name).or_default();
        }
        return;
    }
    let wanted = fields.entry(name).or_default();
    if has(Modifier::Re) {
        let regex = text(&leaf.value).unwrap_or_default();
        wanted.parts.push(matching(&regex).unwrap_or_default());
        return;
    }
    if has(Modifier::Cidr) {
        let network = text(&leaf.value).unwrap_or_default();
        let address = network.split('/').next().unwrap_or_default();
        wanted.whole = Some(Value::from(address));
        return;
    }
    let order =
        [(Modifier::Gt, 1), (Modifier::Gte, 0), (Modifier::Lt, -1), (Modifier::Lte, 0)];
    if let Some((_, step)) = order.iter().find(|(modifier, _)| has(*modifier)) {
        let number: i64 =
            text(&leaf.value).and_then(|text| text.parse().ok()).unwrap_or(0);
        wanted.whole = Some(Value::from(number + step));
        return;
    }
    let texts = texts(leaf, variant);
    let keyword = leaf.field.is_none();
    match &leaf.value {
        SigmaValue::Integer(n) if !keyword && leaf.modifiers.is_empty() => {
            wanted.whole = Some(Value::from(*n));
        }
        SigmaValue::Bool(b) if !keyword => {
            wanted.whole = Some(Value::from(b.to_string()))
        }
        _ if has(Modifier::Contains) || has(Modifier::Base64Offset) || keyword => {
            wanted.parts.push(texts);
        }
        _ if has(Modifier::StartsWith) => wanted.start = Some(texts),
        _ if has(Modifier::EndsWith) => wanted.end = Some(texts),
        SigmaValue::String(string) => {
            let many = StringPart::Special(SpecialChar::WildcardMulti);
            match (
                string.parts.first() == Some(&many),
                string.parts.last() == Some(&many),
            ) {
                (true, true) => wanted.parts.push(texts),
                (true, false) => wanted.end = Some(texts),
                (false, true) => wanted.start = Some(texts),
                (false, false) => wanted.whole = Some(Value::from(texts)),
            }
        }
        _ => wanted.whole = Some(Value::from(texts)),
    }
}

impl Wanted {
    fn value(self) -> Value {
        if let Some(whole) = self.whole {
            return whole;
        }
        let mut out = self.start.unwrap_or_default();
        for part in &self.parts {
            if !out.contains(part.as_str()) {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(part);
            }
        }
        if let Some(end) = &self.end {
            out.push_str(end);
        }
        Value::from(if out.is_empty() { ANY.to_owned() } else { out })
    }
}

/// A text that a value of a test stands for, with its modifiers applied.
fn texts(leaf: &Leaf, variant: usize) -> String {
    let has = |modifier| leaf.modifiers.contains(&modifier);
    let plain = filled(&leaf.value, variant);
    let mut bytes = plain.clone().into_bytes();
    let wide = |order: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(order).collect();
    if has(Modifier::Wide) {
        bytes = wide(u16::to_le_bytes);
    } else if has(Modifier::Utf16be) {
        bytes = wide(u16::to_be_bytes);
    } else if has(Modifier::Utf16) {
        let text: Vec<u8> = wide(u16::to_le_bytes);
        bytes = [&[0xff, 0xfe], text.as_slice()].concat();
    }
    if has(Modifier::Base64) {
        return base64(&bytes);
    }
    if has(Modifier::Base64Offset) {
        let before: &[u8] = match variant % 3 {
            0 => b"",
            1 => b"x",
            _ => b"xy",
        };
        return base64(&[before, &bytes, b" and more"].concat());
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if has(Modifier::WindAsh) {
        let mut dashes = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'].into_iter();
        return dashed(&text, dashes.nth(variant % 5).unwrap_or('-'));
    }
    text
}

/// The options of a text with another dash.
fn dashed(text: &str, dash: char) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::new();
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| chars.get(n)).copied().unwrap_or(' ');
        let behind = chars.get(n + 1).copied().unwrap_or(' ');
        let is_option = *c == '-' && !is_word(before) && is_word(behind);
        out.push(if is_option { dash } else { *c });
    }
    out
}

/// A text with something for its wildcards.
fn filled(value: &SigmaValue, variant: usize) -> String {
    let SigmaValue::String(string) = value else {
        return text(value).unwrap_or_default();
    };
    let pieces = string.parts.iter().enumerate().map(|(n, part)| match part {
        StringPart::Plain(text) => text.clone(),
        StringPart::Special(SpecialChar::WildcardSingle) => "Q".to_owned(),
        StringPart::Special(SpecialChar::WildcardMulti) => {
            let at_an_end = n == 0 || n + 1 == string.parts.len();
            match (at_an_end, variant % 2) {
                (true, 0) => String::new(),
                (_, 0) => "some".to_owned(),
                _ => "a\\b/c".to_owned(),
            }
        }
    });
    pieces.collect()
}

/// A value as text.
#[must_use]
pub fn text(value: &SigmaValue) -> Option<String> {
    match value {
        SigmaValue::String(string) => {
            Some(string.as_plain().unwrap_or_else(|| string.original.clone()))
        }
        SigmaValue::Integer(n) => Some(n.to_string()),
        SigmaValue::Float(n) => Some(n.to_string()),
        SigmaValue::Bool(b) => Some(b.to_string()),
        SigmaValue::Null => None,
    }
}

/// A text that a regular expression matches: the first alternatives, the least
/// repetitions.
fn matching(regex: &str) -> Option<String> {
    let hir = regex_syntax::Parser::new().parse(regex).ok()?;
    let mut out = String::new();
    fill(&hir, &mut out);
    Some(out)
}

fn fill(hir: &Hir, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(class) => out.push(member(class)),
        HirKind::Repetition(repetition) => {
            let least = repetition.min.max(u32::from(repetition.max != Some(0)));
            for _ in 0..least.min(64) {
                fill(&repetition.sub, out);
            }
        }
        HirKind::Capture(capture) => fill(&capture.sub, out),
        HirKind::Concat(parts) => parts.iter().for_each(|part| fill(part, out)),
        HirKind::Alternation(parts) => {
            parts.iter().take(1).for_each(|part| fill(part, out))
        }
    }
}

fn member(class: &Class) -> char {
    let Class::Unicode(class) = class else { return 'a' };
    let holds =
        |c: char| class.iter().any(|range| (range.start()..=range.end()).contains(&c));
    let usual = "aA0 z9/\\-_.".chars().find(|c| holds(*c));
    usual.or_else(|| class.iter().next().map(|range| range.start())).unwrap_or('a')
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let index = (bits >> (18 - 6 * n)) & 63;
            let digit = DIGITS.get(usize::try_from(index).unwrap_or(0)).copied();
            out.push(if n <= u32::try_from(chunk.len()).unwrap_or(0) {
                char::from(digit.unwrap_or(b'A'))
            } else {
                '='
            });
        }
    }
    out
}
