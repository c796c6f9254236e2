//! Parameters with their defaults, and tables with their rows.
//!
//! A table is a CSV file without a header: one column for a set, two for a map;
//! lines that start with `#` are comments. Values are written as in events: an
//! address as `10.0.0.1`, a text as it is, without quotes unless it holds a
//! comma or a quote. A key given twice is an error, also if it only folds alike.

use std::collections::BTreeMap;

use tagout_spec::schema::Schema;

use super::constant;
use super::env::{DataDecl, Env};
use super::lower::{Lower, Patterns};
use super::source::PackSource;
use super::types;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::ir::{DataTable, Param, Type, Value};

/// Most elements of a set parameter.
const MAX_SET: u64 = 1 << 16;
/// Most rows of a table.
const MAX_ROWS: usize = 1 << 18;
/// Most wrong rows of one file that are reported.
const MAX_REPORTS: usize = 20;

/// The parameters of the program; one that is wrong keeps its number.
pub(super) fn params(env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Param> {
    let mut params = Vec::new();
    for (n, decl) in (0u32..).zip(&env.params) {
        let ast = decl.ast;
        let mut patterns = Patterns::default();
        let mut lower = Lower::new(env, &mut patterns);
        let max = ast.max.as_ref();
        let wrong = match (decl.is_set, max) {
            (true, None) => Some((
                ast.name.span,
                format!(
                    "the set `{}` does not say how large it may become",
                    ast.name.kind
                ),
                "write `max` and a number behind its type",
            )),
            (true, Some(max)) if !(1..=MAX_SET).contains(&max.kind) => Some((
                max.span,
                format!("a set has at most 1 to {MAX_SET} elements"),
                "large lists belong in a table: `data`",
            )),
            (false, Some(max)) => Some((
                max.span,
                format!("`{}` is one value and has no `max`", ast.name.kind),
                "`max` is for sets",
            )),
            _ => None,
        };
        if let Some((span, message, help)) = wrong {
            lower.report(Diagnostic::new(Code::E0230, span, message).help(help));
        }
        let default = ast.default.as_ref().and_then(|e| {
            let found = constant::of_param(&mut lower, n, e);
            found.map(|(_, constant)| constant)
        });
        diagnostics.append(&mut lower.diagnostics);
        let set_max = max
            .filter(|_| decl.is_set)
            .map(|max| u32::try_from(max.kind.min(MAX_SET)).unwrap_or(u32::MAX));
        params.push(Param {
            name: ast.name.kind.clone(),
            ty: decl.ty.unwrap_or(Type::Int),
            set_max: set_max.or(decl.is_set.then_some(1)),
            default,
        });
    }
    params
}

/// The tables of the program; one that is wrong keeps its number.
pub(super) fn tables(
    env: &Env<'_>,
    source: &PackSource,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<DataTable> {
    let mut tables = Vec::new();
    for decl in &env.data {
        let (key, value) = decl.ty.unwrap_or((Type::Int, None));
        let rows = match decl.ty {
            Some(_) => rows(env.schema, decl, (key, value), source, diagnostics),
            None => Vec::new(),
        };
        tables.push(DataTable {
            name: decl.ast.name.kind.clone(),
            key,
            value,
            rows,
            replaceable: decl.ast.replaceable,
        });
    }
    tables
}

type Row = (Value, Option<Value>);

/// Reads the file of a table.
fn rows(
    schema: &Schema,
    decl: &DataDecl<'_>,
    (key_ty, value_ty): (Type, Option<Type>),
    source: &PackSource,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<Row> {
    let file = &decl.ast.file;
    let found = source.data.iter().position(|(path, _)| *path == file.kind);
    let Some((position, (_, bytes))) = found.and_then(|n| Some((n, source.data.get(n)?)))
    else {
        let known = source.data.iter().map(|(path, _)| path.as_str());
        let message = format!("the pack has no file `{}`", file.kind);
        let diagnostic = Diagnostic::new(Code::E0403, file.span, message);
        diagnostics.push(match crate::diagnostic::closest(&file.kind, known) {
            Some(near) => {
                let quoted = format!("\"{near}\"");
                super::report::rename(diagnostic, file.span, &quoted)
            }
            None => diagnostic.label("no such file"),
        });
        return Vec::new();
    };
    let id = source.data_id(position);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(bytes.as_slice());
    let mut rows: BTreeMap<Key, (Span, Row)> = BTreeMap::new();
    let mut reports = 0usize;
    let mut record = csv::ByteRecord::new();
    let columns = if value_ty.is_some() { 2 } else { 1 };
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let span = Span::new(id, 0, 0);
                let message = format!("the file cannot be read: {error}");
                diagnostics.push(Diagnostic::new(Code::E0404, span, message));
                break;
            }
        }
        let span = record_span(&record, id, bytes);
        match row(schema, &record, key_ty, value_ty, columns) {
            Ok((key, value)) => {
                let place = Key::of(&key);
                if let Some((first, _)) = rows.get(&place) {
                    if reports < MAX_REPORTS {
                        let message = "the key stands in the file twice";
                        diagnostics.push(
                            Diagnostic::new(Code::E0405, span, message)
                                .label("again here")
                                .secondary(*first, "first here"),
                        );
                    }
                    reports += 1;
                } else if rows.len() < MAX_ROWS {
                    rows.insert(place, (span, (key, value)));
                } else {
                    diagnostics.push(
                        Diagnostic::new(Code::E0407, span, "the table is too large")
                            .note(format!("a table has at most {MAX_ROWS} rows")),
                    );
                    break;
                }
            }
            Err(message) => {
                if reports < MAX_REPORTS {
                    diagnostics.push(
                        Diagnostic::new(Code::E0404, span, message)
                            .secondary(decl.ast.ty.span, "declared here"),
                    );
                }
                reports += 1;
            }
        }
    }
    if rows.is_empty() && reports == 0 && !decl.ast.replaceable {
        diagnostics.push(
            Diagnostic::new(
                Code::E0404,
                file.span,
                format!("`{}` has no rows", file.kind),
            )
            .label("an empty table matches nothing"),
        );
    }
    rows.into_values().map(|(_, row)| row).collect()
}

/// Where a row stands, without its line end.
fn record_span(
    record: &csv::ByteRecord,
    id: crate::diagnostic::FileId,
    bytes: &[u8],
) -> Span {
    let offset = record.position().map_or(0, csv::Position::byte);
    let mut start = usize::try_from(offset).unwrap_or(0).min(bytes.len());
    while matches!(bytes.get(start), Some(b'\r' | b'\n')) {
        start += 1;
    }
    let rest = bytes.get(start..).unwrap_or(&[]);
    let length =
        rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::new(id, narrow(start), narrow(start + length))
}

fn row(
    schema: &Schema,
    record: &csv::ByteRecord,
    key_ty: Type,
    value_ty: Option<Type>,
    columns: usize,
) -> Result<Row, String> {
    if record.len() != columns {
        let s = if columns == 1 { "" } else { "s" };
        return Err(format!(
            "the row has {} columns, not {columns} column{s}",
            record.len()
        ));
    }
    let key = cell(schema, record.get(0).unwrap_or(b""), key_ty)?;
    let value = match value_ty {
        // A value is text as it is; only keys are compared under folding.
        Some(ty) => Some(cell(schema, record.get(1).unwrap_or(b""), ty)?),
        None => None,
    };
    Ok((key, value))
}

/// A cell as a value of a type.
fn cell(schema: &Schema, bytes: &[u8], ty: Type) -> Result<Value, String> {
    let shown = String::from_utf8_lossy(bytes.get(..40).unwrap_or(bytes)).into_owned();
    if ty.is_text() {
        let folded = types::folds(ty);
        let bytes = if folded { tagout_spec::fold::fold(bytes) } else { bytes.to_vec() };
        return Ok(Value::Bytes(bytes));
    }
    let wrong = |what: &str| format!("`{shown}` is not {what}");
    let text = std::str::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?;
    match ty {
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(wrong("`true` or `false`")),
        },
        Type::Ip => {
            let ip: std::net::IpAddr = text.parse().map_err(|_| wrong("an address"))?;
            Ok(Value::Ip(super::lower::mapped(ip)))
        }
        Type::Float => {
            let f: f64 = text.parse().map_err(|_| wrong("a number"))?;
            if f.is_nan() { Err(wrong("a number")) } else { Ok(Value::Float(f)) }
        }
        Type::Time => {
            let time: jiff::Timestamp = text.parse().map_err(|_| wrong("a time"))?;
            let ns = i64::try_from(time.as_nanosecond()).map_err(|_| wrong("a time"))?;
            Ok(Value::Int(ns))
        }
        Type::Mac => mac(text).map(Value::Mac).ok_or_else(|| wrong("a MAC address")),
        Type::Bytes => hex(text).map(Value::Bytes).ok_or_else(|| wrong("hexadecimal")),
        Type::Int => int(text).map(Value::Int).ok_or_else(|| wrong("an integer")),
        Type::Enum(idx) => {
            let label = schema.enum_value(idx, text).and_then(|n| i64::try_from(n).ok());
            let what =
                || format!("a label or a number of {}", types::describe(schema, ty));
            let number = label.or_else(|| int(text).filter(|n| *n >= 0));
            number.map(Value::Int).ok_or_else(|| wrong(&what()))
        }
        _ => Err(wrong("of a type that tables hold")),
    }
}

fn int(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn mac(text: &str) -> Option<[u8; 6]> {
    let mut mac = [0u8; 6];
    let mut parts = text.split([':', '-']);
    for byte in &mut mac {
        let part = parts.next().filter(|part| part.len() == 2)?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let pair = |pair: &[u8]| match pair {
        [high, low] => (high << 4) | low,
        _ => 0,
    };
    Some(digits.chunks_exact(2).map(pair).collect())
}

/// Keys in the order in which rows are sorted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Number(i64),
    Float(i64),
    Bytes(Vec<u8>),
}

impl Key {
    fn of(value: &Value) -> Key {
        match value {
            Value::Bool(b) => Key::Number(i64::from(*b)),
            Value::Int(n) => Key::Number(*n),
            Value::Float(f) => {
                let f = if *f == 0.0 { 0.0 } else { *f };
                let bits = f.to_bits().cast_signed();
                // The order of floats as an order of integers.
                let flipped = bits ^ ((bits >> 63) & i64::MAX);
                Key::Float(flipped)
            }
            Value::Ip(ip) => Key::Bytes(ip.to_vec()),
            Value::Mac(mac) => Key::Bytes(mac.to_vec()),
            Value::Bytes(bytes) => Key::Bytes(bytes.clone()),
            Value::Range(first, last) => {
                Key::Number((i64::from(*first) << 32) | i64::from(*last))
            }
        }
    }
}
