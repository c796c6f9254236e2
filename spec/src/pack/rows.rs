//! What a module writes: rows of `evaluate`, values of `columns`, verdicts and
//! causes of `explain`. Decoders for hosts; no module is trusted.
//!
//! ```text
//! evaluate  0  resume  u32   event to resume at; the batch is done at n
//!           4          u32   zero
//!           8  rows    event u32, code u32 (predicate << 2 | verdict)
//!
//! columns   0  severity u8   position in `Severity`, 255: as the plan says
//!           4  n        u32
//!           8  values   n x 24 bytes
//!
//! value     tag u8 (as in `bindings`; 0: none), 0, flags u8 (1: cut), 0,
//!           original length u32 of a text, 16 bytes:
//!           bool, int i64   float f64   ip 16 bytes   mac 6 bytes
//!           text address u32, length u32   range first u32, last u32
//!
//! explain   0  conditions u32
//!           4  fields     u32
//!           8  a verdict byte for each condition, then a cause byte for each field
//! ```
//!
//! Addresses of texts are addresses in the module's memory: of the batch that
//! the host wrote, or of the module's own data.

use std::ops::Range;

use super::bindings::tag;
use super::{Cause, Verdict};

/// Bytes before rows, values and verdicts.
pub const HEADER: usize = 8;
/// Bytes of a row.
pub const ROW: usize = 8;
/// Bytes of a value.
pub const VALUE: usize = 24;
/// The severity byte that says: as the plan says.
pub const SEVERITY_OF_PLAN: u8 = 255;
/// Flag of a value: a text of which only the beginning is known.
pub const FLAG_CUT: u8 = 1;

/// What a module wrote is not what it may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadOutput {
    /// It ends early, or not where a row ends.
    Size,
    /// An event that is not in the batch, or events out of order.
    Event(u32),
    /// A predicate that the pack does not have.
    Predicate(u32),
    /// A verdict, cause or tag that does not exist, or false in a row.
    Value(u8),
    /// An address outside the memory.
    Address(u32),
}

impl std::fmt::Display for BadOutput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Size => f.write_str("the output of the module has a wrong size"),
            Self::Event(n) => write!(f, "the module reported event {n} of a batch"),
            Self::Predicate(n) => write!(f, "the module reported predicate {n}"),
            Self::Value(n) => write!(f, "the module wrote a code {n}"),
            Self::Address(n) => write!(f, "the module pointed at {n}"),
        }
    }
}

impl std::error::Error for BadOutput {}

/// One event and a predicate that is not false on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// Position in the batch.
    pub event: u32,
    /// Which predicate.
    pub predicate: u32,
    /// Unknown or true.
    pub verdict: Verdict,
}

/// The output of `evaluate`: where to resume. The rows before go behind those in `to`,
/// none of them if one is not valid.
///
/// `out` is the written part of the area. Rows of one event may come in any
/// order; events ascend.
pub fn rows(
    out: &[u8],
    n: u32,
    predicates: u32,
    to: &mut Vec<Row>,
) -> Result<u32, BadOutput> {
    let (head, body) = out.split_at_checked(HEADER).ok_or(BadOutput::Size)?;
    let resume = u32_at(head, 0).ok_or(BadOutput::Size)?;
    if resume > n {
        return Err(BadOutput::Event(resume));
    }
    let (rows, rest) = body.as_chunks::<ROW>();
    if !rest.is_empty() {
        return Err(BadOutput::Size);
    }
    let before = to.len();
    to.reserve(rows.len());
    let mut earlier = 0;
    for row in rows {
        match row_of(*row, earlier..resume, predicates) {
            Ok(row) => {
                earlier = row.event;
                to.push(row);
            }
            Err(bad) => {
                to.truncate(before);
                return Err(bad);
            }
        }
    }
    Ok(resume)
}

fn row_of(
    bytes: [u8; ROW],
    events: Range<u32>,
    predicates: u32,
) -> Result<Row, BadOutput> {
    let [a, b, c, d, e, f, g, h] = bytes;
    let (event, code) =
        (u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]));
    let predicate = code >> 2;
    if !events.contains(&event) {
        return Err(BadOutput::Event(event));
    }
    if predicate >= predicates {
        return Err(BadOutput::Predicate(predicate));
    }
    let verdict = match code & 3 {
        1 => Verdict::Unknown,
        2 => Verdict::True,
        other => return Err(BadOutput::Value(u8::try_from(other).unwrap_or(255))),
    };
    Ok(Row { event, predicate, verdict })
}

/// A computed column.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Column<'a> {
    /// No value.
    None,
    Bool(bool),
    /// Also a time, a duration, a number of an enumeration: the rule's
    /// information says which.
    Int(i64),
    Float(f64),
    Ip([u8; 16]),
    Mac([u8; 6]),
    /// The bytes kept, and the length before the cut if it was cut.
    Text {
        bytes: &'a [u8],
        cut_from: Option<u32>,
    },
    Range(u32, u32),
}

/// Severity, as a position in its list, if a condition chose it, and columns.
///
/// `memory` is the module's memory and `out` the written part of the area.
pub fn columns<'a>(
    memory: &'a [u8],
    out: &[u8],
) -> Result<(Option<u8>, Vec<Column<'a>>), BadOutput> {
    let (head, body) = out.split_at_checked(HEADER).ok_or(BadOutput::Size)?;
    let severity = match head.first().copied().ok_or(BadOutput::Size)? {
        SEVERITY_OF_PLAN => None,
        severity @ 0..=4 => Some(severity),
        other => return Err(BadOutput::Value(other)),
    };
    let n = u32_at(head, 4).ok_or(BadOutput::Size)?;
    let (values, rest) = body.as_chunks::<VALUE>();
    if !rest.is_empty() || u32::try_from(values.len()) != Ok(n) {
        return Err(BadOutput::Size);
    }
    let columns = values.iter().map(|value| column(memory, value));
    Ok((severity, columns.collect::<Result<_, _>>()?))
}

/// Verdicts of the conditions in preorder, and causes of the fields.
pub fn explanation(out: &[u8]) -> Result<(Vec<Verdict>, Vec<Cause>), BadOutput> {
    let (head, body) = out.split_at_checked(HEADER).ok_or(BadOutput::Size)?;
    let size = |at| {
        let n = u32_at(head, at).ok_or(BadOutput::Size)?;
        usize::try_from(n).map_err(|_| BadOutput::Size)
    };
    let (verdicts, causes) = body.split_at_checked(size(0)?).ok_or(BadOutput::Size)?;
    if causes.len() != size(4)? {
        return Err(BadOutput::Size);
    }
    let verdicts = verdicts.iter().map(|&byte| match byte {
        0 => Ok(Verdict::False),
        1 => Ok(Verdict::Unknown),
        2 => Ok(Verdict::True),
        other => Err(BadOutput::Value(other)),
    });
    let causes = causes.iter().map(|&byte| match byte {
        0 => Ok(Cause::None),
        1 => Ok(Cause::Absent),
        2 => Ok(Cause::Null),
        3 => Ok(Cause::Invalid),
        4 => Ok(Cause::Truncated),
        5 => Ok(Cause::Domain),
        other => Err(BadOutput::Value(other)),
    });
    Ok((verdicts.collect::<Result<_, _>>()?, causes.collect::<Result<_, _>>()?))
}

fn column<'a>(memory: &'a [u8], value: &[u8; VALUE]) -> Result<Column<'a>, BadOutput> {
    let (head, payload) = value.split_at_checked(8).ok_or(BadOutput::Size)?;
    let word = u64_at(payload, 0).ok_or(BadOutput::Size)?;
    let pair = || {
        let first = u32_at(payload, 0).ok_or(BadOutput::Size)?;
        Ok((first, u32_at(payload, 4).ok_or(BadOutput::Size)?))
    };
    Ok(match head.first().copied().unwrap_or(255) {
        tag::NONE => Column::None,
        tag::BOOL => Column::Bool(word != 0),
        tag::INT => Column::Int(word.cast_signed()),
        tag::FLOAT => Column::Float(f64::from_bits(word)),
        tag::IP => Column::Ip(payload.try_into().map_err(|_| BadOutput::Size)?),
        tag::MAC => {
            let mac = payload.first_chunk::<6>();
            Column::Mac(*mac.ok_or(BadOutput::Size)?)
        }
        tag::RANGE => {
            let (first, last) = pair()?;
            Column::Range(first, last)
        }
        tag::TEXT => {
            let (at, len) = pair()?;
            let bytes = usize::try_from(at).ok().zip(usize::try_from(len).ok());
            let bytes = bytes
                .and_then(|(at, len)| memory.get(at..at.checked_add(len)?))
                .ok_or(BadOutput::Address(at))?;
            let cut = head.get(2).is_some_and(|flags| flags & FLAG_CUT != 0);
            let from = u32_at(head, 4).ok_or(BadOutput::Size)?;
            Column::Text { bytes, cut_from: cut.then_some(from) }
        }
        other => return Err(BadOutput::Value(other)),
    })
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*word))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let word = bytes.get(at..)?.first_chunk::<8>()?;
    Some(u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(event: u32, predicate: u32, verdict: Verdict) -> Row {
        Row { event, predicate, verdict }
    }

    fn words(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn rows_are_checked() {
        let check = |out: &[u32], n| {
            let mut found = vec![row(9, 9, Verdict::True)];
            let resume = rows(&words(out), n, 4, &mut found);
            if resume.is_err() {
                assert_eq!(found.len(), 1);
            }
            resume.map(|resume| (resume, found.split_off(1)))
        };
        assert_eq!(
            check(&[2, 0, 0, 3 << 2 | 2, 1, 1], 2),
            Ok((2, vec![row(0, 3, Verdict::True), row(1, 0, Verdict::Unknown)]))
        );
        assert_eq!(check(&[3, 0], 2), Err(BadOutput::Event(3)));
        assert_eq!(check(&[1, 0, 1, 2], 2), Err(BadOutput::Event(1)));
        assert_eq!(check(&[2, 0, 1, 2, 0, 2], 2), Err(BadOutput::Event(0)));
        assert_eq!(check(&[1, 0, 0, 4 << 2 | 2], 2), Err(BadOutput::Predicate(4)));
        assert_eq!(check(&[1, 0, 0, 0], 2), Err(BadOutput::Value(0)));
        assert_eq!(check(&[1, 0, 0], 2), Err(BadOutput::Size));
        assert_eq!(check(&[1], 2), Err(BadOutput::Size));
    }

    #[test]
    fn texts_stay_in_the_memory() {
        let memory = b"..abc";
        let value = |at, len| words(&[255, 1, u32::from(tag::TEXT), 0, at, len, 0, 0]);
        let text = Column::Text { bytes: b"abc", cut_from: None };
        assert_eq!(columns(memory, &value(2, 3)), Ok((None, vec![text])));
        assert_eq!(columns(memory, &value(3, 3)), Err(BadOutput::Address(3)));
        assert_eq!(
            columns(memory, &value(u32::MAX, 3)),
            Err(BadOutput::Address(u32::MAX))
        );
    }
}
