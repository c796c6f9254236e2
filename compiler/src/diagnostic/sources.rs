//! The files of a compilation, and places in them.
//!
//! Spans count bytes; people and editors count lines and columns. A line index
//! is made once for each file, so a place is found by binary search. Columns
//! count Unicode scalar values from 1, as SARIF does when it says
//! `unicodeCodePoints`.

use super::{FileId, Span};

/// The files of one compilation in the order in which they were added.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

/// A file: its name, its text and where its lines start.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Byte offset of the first byte of each line; never empty.
    line_starts: Vec<u32>,
}

/// A place as people name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// In Unicode scalar values, from 1.
    pub column: u32,
}

impl Sources {
    /// No files yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a file. The name is what diagnostics call it; a path with `/`.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name.into(), text.into()));
        id
    }

    /// The file with this number.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(usize::try_from(file.0).ok()?)
    }

    /// All files with their numbers, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }

    /// The text that a span covers.
    pub fn text(&self, span: Span) -> Option<&str> {
        self.get(span.file)?.slice(span)
    }
}

impl Source {
    fn new(name: String, text: String) -> Source {
        let ends =
            text.bytes().zip(1u32..).filter(|(b, _)| *b == b'\n').map(|(_, end)| end);
        let line_starts = std::iter::once(0).chain(ends).collect();
        Source { name, text, line_starts }
    }

    /// What diagnostics call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text that a span of this file covers, if it lies between characters.
    pub fn slice(&self, span: Span) -> Option<&str> {
        let start = usize::try_from(span.start).ok()?;
        self.text.get(start..usize::try_from(span.end).ok()?)
    }

    /// Line and column of a byte; a byte inside a character counts as its start.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let start = usize::try_from(start).unwrap_or(usize::MAX);
        let end = usize::try_from(offset).unwrap_or(usize::MAX);
        let before = self.text.get(start..self.text.floor_char_boundary(end));
        // Bytes that start a character: a line may be as long as the file.
        let column =
            before.unwrap_or("").bytes().filter(|b| b & 0xc0 != 0x80).count() + 1;
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column).unwrap_or(u32::MAX),
        }
    }

    /// Bytes of a line, counted from 1, with its line end.
    pub fn line(&self, line: u32) -> Option<(u32, u32)> {
        let idx = usize::try_from(line.checked_sub(1)?).ok()?;
        let start = *self.line_starts.get(idx)?;
        let end = self.line_starts.get(idx + 1).copied();
        Some((start, end.unwrap_or(u32::try_from(self.text.len()).unwrap_or(u32::MAX))))
    }

    /// How many lines there are; an empty file has one.
    pub fn n_lines(&self) -> u32 {
        u32::try_from(self.line_starts.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut sources = Sources::new();
        let file = sources.add("a.tag", "ab\nçd\n");
        let source = sources.get(file).unwrap();
        let at = |offset| {
            let p = source.position(offset);
            (p.line, p.column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 3));
        assert_eq!(at(3), (2, 1));
        assert_eq!(at(4), (2, 1), "inside a character");
        assert_eq!(at(5), (2, 2));
        assert_eq!(at(7), (3, 1));
        assert_eq!(at(99), (3, 1), "behind the end");
        assert_eq!(source.line(2), Some((3, 7)));
        assert_eq!(source.n_lines(), 3);
        assert_eq!(sources.text(Span::new(file, 3, 5)), Some("ç"));
        assert_eq!(sources.text(Span::new(file, 4, 5)), None);
    }
}
