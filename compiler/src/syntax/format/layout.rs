//! Pieces of text to lines of at most [`WIDTH`] columns.
//!
//! A document is a flat list: texts, places where a line may break, and brackets
//! around groups and indents. A group is laid out on one line if it fits there;
//! else its [`Piece::Line`]s break, and its [`Piece::Fill`]s break where the line
//! is full.
//!
//! ```text
//!   Begin "{" Indent Line "a," Fill "b," Fill "c" Dedent Line "}" End
//!
//!   fits:   { a, b, c }          does not:   {
//!                                                a, b,
//!                                                c
//!                                            }
//! ```
//!
//! A comment lasts to the end of its line, so every group around it breaks, and
//! whatever comes next starts a new line. To decide about a group its pieces are
//! looked at until the line is full, so the work is linear.

/// Columns of a line, if it can be helped.
pub(super) const WIDTH: usize = 90;
/// Columns of one indent.
const INDENT: usize = 4;

/// A piece of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Goes out as it is.
    Text(&'a str),
    /// A line break if the group is broken, else this text.
    Line(&'static str),
    /// A line break if the group is broken and the line full, else a blank.
    Fill,
    /// A line break.
    Hard,
    /// An empty line, unless at the start.
    Empty,
    /// At the end of the current line, and the line ends.
    Trailing(&'a str),
    /// A line of its own.
    Alone(&'a str),
    /// A group starts.
    Begin,
    /// The group ends.
    End,
    /// Lines from here are indented by one more step.
    Indent,
    /// Lines from here are indented by one step less.
    Dedent,
}

/// Lays a document out. Every group and indent must be closed.
pub(super) fn layout(pieces: &[Piece<'_>]) -> String {
    let forced = forced(pieces);
    let mut out = Lines::default();
    let mut broken: Vec<bool> = Vec::new();
    for (n, (piece, forced)) in pieces.iter().zip(forced).enumerate() {
        let rest = pieces.get(n + 1..).unwrap_or(&[]);
        let breaks = broken.last().copied().unwrap_or(true);
        match *piece {
            Piece::Text(text) => out.text(text),
            Piece::Line(flat) => out.line(breaks, flat),
            Piece::Fill => out.line(breaks && !segment_fits(rest, out.room(1)), " "),
            Piece::Hard => out.newline(),
            Piece::Empty => out.empty(),
            Piece::Trailing(comment) => out.trailing(comment),
            Piece::Alone(comment) => out.alone(comment),
            Piece::Begin => {
                broken.push(breaks && (forced || !group_fits(rest, out.room(0))))
            }
            Piece::End => drop(broken.pop()),
            Piece::Indent => out.indent += INDENT,
            Piece::Dedent => out.indent = out.indent.saturating_sub(INDENT),
        }
    }
    out.finish()
}

/// For every piece that starts a group, whether it holds what breaks it.
fn forced(pieces: &[Piece<'_>]) -> Vec<bool> {
    let mut forced = vec![false; pieces.len()];
    // The open groups, and whether something that breaks was seen in each.
    let mut open: Vec<(usize, bool)> = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Begin => open.push((n, false)),
            Piece::End => {
                let Some((begin, breaks)) = open.pop() else { continue };
                if let Some(flag) = forced.get_mut(begin) {
                    *flag = breaks;
                }
                if let Some(outer) = open.last_mut() {
                    outer.1 |= breaks;
                }
            }
            Piece::Hard | Piece::Empty | Piece::Trailing(_) | Piece::Alone(_) => {
                if let Some(inner) = open.last_mut() {
                    inner.1 = true;
                }
            }
            _ => {}
        }
    }
    forced
}

/// Whether a group whose inside starts here fits, with what cannot be parted
/// from its end.
fn group_fits(rest: &[Piece<'_>], room: usize) -> bool {
    let mut left = room;
    let mut depth = 1usize;
    for piece in rest {
        let width = match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Line(flat) if depth > 0 => flat.len(),
            Piece::Fill if depth > 0 => 1,
            Piece::Begin => {
                depth += usize::from(depth > 0);
                0
            }
            Piece::End => {
                depth = depth.saturating_sub(1);
                0
            }
            Piece::Indent | Piece::Dedent => 0,
            _ => return true,
        };
        match left.checked_sub(width) {
            Some(less) => left = less,
            None => return false,
        }
    }
    true
}

/// Whether what stands before the next place to break fits.
fn segment_fits(rest: &[Piece<'_>], room: usize) -> bool {
    let mut left = room;
    let mut depth = 0usize;
    for piece in rest {
        let width = match piece {
            Piece::Text(text) => text.chars().count(),
            Piece::Line(flat) if depth > 0 => flat.len(),
            Piece::Fill if depth > 0 => 1,
            Piece::Begin => {
                depth += 1;
                0
            }
            Piece::End if depth > 0 => {
                depth -= 1;
                0
            }
            Piece::Indent | Piece::Dedent => 0,
            _ => return true,
        };
        match left.checked_sub(width) {
            Some(less) => left = less,
            None => return false,
        }
    }
    true
}

/// The text so far.
#[derive(Default)]
struct Lines {
    out: String,
    indent: usize,
    /// Columns of the current line; its indent counts once something stands there.
    column: usize,
    /// Whether the current line holds a comment, so that nothing may follow.
    full: bool,
}

impl Lines {
    fn room(&self, blank: usize) -> usize {
        let column =
            if self.column == 0 || self.full { self.indent } else { self.column };
        WIDTH.saturating_sub(column + blank)
    }

    fn text(&mut self, text: &str) {
        if self.full {
            self.newline();
        }
        if self.column == 0 {
            if text == " " {
                return;
            }
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            self.column = self.indent;
        }
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn line(&mut self, breaks: bool, flat: &str) {
        if breaks || self.full {
            self.newline();
        } else if !flat.is_empty() {
            self.text(flat);
        }
    }

    fn newline(&mut self) {
        let end = self.out.trim_end_matches(' ').len();
        self.out.truncate(end);
        if self.column > 0 {
            self.out.push('\n');
        }
        self.column = 0;
        self.full = false;
    }

    fn empty(&mut self) {
        self.newline();
        if !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn trailing(&mut self, comment: &str) {
        self.text("  ");
        self.text(comment);
        self.full = true;
    }

    fn alone(&mut self, comment: &str) {
        self.newline();
        self.text(comment);
        self.full = true;
    }

    fn finish(mut self) -> String {
        self.newline();
        self.out
    }
}
