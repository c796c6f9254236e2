//! The grammar of JSON (RFC 8259) over a line whose strings are decoded: the second of two
//! passes.
//!
//! Where strings lie is known ([`decode`]), so that one costs a comparison, and what is passed
//! over is held against the grammar all the same, but leaves no values behind.
//!
//! [`decode`]: super::decode

use super::document::{Form, Key, Node};
use crate::windows::event::Span;
use crate::windows::names::{Names, Order};

/// Most lists and objects within each other.
const DEPTH_MAX: usize = 127;
/// Digits that any 64 bits hold.
const DIGITS: usize = 18;

/// Names below which elements of any name may stand around those that matter.
fn is_nested(name: &str) -> bool {
    matches!(name, "UserData" | "user_data" | "event_data" | "eventdata")
}

/// What is kept of a value and of those in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// It, and of those in it the ones of known names.
    Known,
    /// The same, and of others what is in them.
    Nested,
    /// Nothing but what is in it.
    Within,
    /// Nothing.
    Nothing,
}

/// A number that is not written as it would be printed.
pub(super) struct Odd {
    /// The position of its node.
    pub(super) node: usize,
    /// The number as it is written.
    pub(super) number: Span,
}

/// What a text is parsed into, and by what.
pub(super) struct Parser<'p> {
    text: &'p str,
    /// The text once more, so that nothing but names and numbers has to be cut out of it.
    bytes: &'p [u8],
    at: usize,
    quotes: std::slice::Iter<'p, [usize; 2]>,
    nodes: &'p mut Vec<Node>,
    order: &'p mut Order,
    names: &'p Names,
    odd: Vec<Odd>,
}

impl<'p> Parser<'p> {
    pub(super) fn new(
        text: &'p str,
        quotes: &'p [usize],
        nodes: &'p mut Vec<Node>,
        order: &'p mut Order,
        names: &'p Names,
    ) -> Self {
        let quotes = quotes.as_chunks().0.iter();
        let bytes = text.as_bytes();
        Self { text, bytes, at: 0, quotes, nodes, order, names, odd: Vec::new() }
    }

    /// Parses all of the text; `None` if it is not JSON.
    pub(super) fn document(mut self) -> Option<Vec<Odd>> {
        self.value(Key::default(), Scope::Known, 0)?;
        self.skip_blanks();
        (self.at == self.bytes.len()).then_some(self.odd)
    }

    fn value(&mut self, key: Key, scope: Scope, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => {
                let text = self.string()?;
                match scope {
                    Scope::Nothing => {}
                    Scope::Within => self.leaf(key, Form::Nothing, Span::default()),
                    Scope::Known | Scope::Nested => self.leaf(key, Form::Text, text),
                }
            }
            b'{' => self.object(key, scope, depth)?,
            b'[' => self.list(key, scope, depth)?,
            b't' => self.word(b"true", key, scope, Form::Scalar)?,
            b'f' => self.word(b"false", key, scope, Form::Scalar)?,
            b'n' => self.word(b"null", key, scope, Form::Nothing)?,
            _ => self.number(key, scope)?,
        }
        Some(())
    }

    fn object(&mut self, key: Key, scope: Scope, depth: usize) -> Option<()> {
        let node = self.open(key, scope, Form::Object, depth)?;
        if self.peek()? == b'}' {
            self.advance();
        } else {
            loop {
                let name = self.peek().filter(|byte| *byte == b'"');
                name?;
                let name = self.string()?;
                let (key, scope) = self.key(name, scope);
                self.expect(b':')?;
                self.value(key, scope, depth.wrapping_add(1))?;
                if self.is_last(b'}')? {
                    break;
                }
            }
        }
        self.close(node, scope);
        Some(())
    }

    fn list(&mut self, key: Key, scope: Scope, depth: usize) -> Option<()> {
        let node = self.open(key, scope, Form::List, depth)?;
        if self.peek()? == b']' {
            self.advance();
        } else {
            loop {
                self.value(Key::default(), scope, depth.wrapping_add(1))?;
                if self.is_last(b']')? {
                    break;
                }
            }
        }
        self.close(node, scope);
        Some(())
    }

    /// Whether a value is known by its name, and what of it is kept.
    fn key(&mut self, name: Span, scope: Scope) -> (Key, Scope) {
        if scope == Scope::Nothing {
            return (Key::default(), scope);
        }
        let text = name.of(self.text);
        let known = self.order.find(text, self.names);
        let nested = scope != Scope::Known;
        let scope = match known {
            None if self.names.reads_all() => scope,
            None if nested => Scope::Within,
            None => Scope::Nothing,
            Some(_) if nested || is_nested(text) => Scope::Nested,
            Some(_) => Scope::Known,
        };
        (Key { known, name }, scope)
    }

    /// A string that begins here.
    fn string(&mut self) -> Option<Span> {
        let [first, last] = *self.quotes.next()?;
        self.at = last.wrapping_add(1);
        Some(Span::new(first.wrapping_add(1), last))
    }

    fn word(&mut self, word: &[u8], key: Key, scope: Scope, form: Form) -> Option<()> {
        let start = self.at;
        self.at = start.wrapping_add(word.len());
        let text = Span::new(start, self.at);
        if scope != Scope::Nothing {
            self.leaf(key, form, text);
        }
        (self.bytes.get(start..self.at)? == word).then_some(())
    }

    fn number(&mut self, key: Key, scope: Scope) -> Option<()> {
        let start = self.at;
        let is_plain = self.digits()?;
        let number = Span::new(start, self.at);
        if scope == Scope::Nothing {
            return Some(());
        }
        if !is_plain {
            self.odd.push(Odd { node: self.nodes.len(), number });
        }
        self.leaf(key, Form::Scalar, number);
        Some(())
    }

    /// Passes over a number, and says whether it is printed as it is written.
    fn digits(&mut self) -> Option<bool> {
        let is_negative = self.take(|byte| byte == b'-');
        let first = self.at;
        let is_zero = self.take(|byte| byte == b'0');
        if !is_zero && !self.run() {
            return None;
        }
        let mut is_plain =
            self.at.wrapping_sub(first) <= DIGITS && !(is_zero && is_negative);
        if self.take(|byte| byte == b'.') {
            is_plain = false;
            self.run().then_some(())?;
        }
        if self.take(|byte| matches!(byte, b'e' | b'E')) {
            is_plain = false;
            self.take(|byte| matches!(byte, b'+' | b'-'));
            self.run().then_some(())?;
        }
        Some(is_plain)
    }

    /// Passes over digits; false if there are none.
    fn run(&mut self) -> bool {
        let start = self.at;
        while self.take(|byte| byte.is_ascii_digit()) {}
        self.at > start
    }

    fn take(&mut self, is_it: impl Fn(u8) -> bool) -> bool {
        let found = self.bytes.get(self.at).is_some_and(|byte| is_it(*byte));
        self.at = self.at.wrapping_add(usize::from(found));
        found
    }

    /// The next byte that is not blank.
    fn peek(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        if byte > b' ' {
            return Some(byte);
        }
        self.skip_blanks();
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self.take(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {}
    }

    fn advance(&mut self) {
        self.at = self.at.wrapping_add(1);
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let found = self.peek()? == byte;
        self.advance();
        found.then_some(())
    }

    /// Whether the list or object ends here, and if not, that it goes on.
    fn is_last(&mut self, end: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.advance();
        (byte == b',' || byte == end).then_some(byte == end)
    }

    fn leaf(&mut self, key: Key, form: Form, text: Span) {
        let end = self.nodes.len().wrapping_add(1);
        self.nodes.push(Node { key, form, text, end });
    }

    /// Begins a list or an object: the position of its node.
    fn open(
        &mut self,
        key: Key,
        scope: Scope,
        form: Form,
        depth: usize,
    ) -> Option<usize> {
        let at = self.nodes.len();
        if scope != Scope::Nothing {
            self.leaf(key, form, Span::default());
        }
        self.advance();
        (depth < DEPTH_MAX).then_some(at)
    }

    fn close(&mut self, at: usize, scope: Scope) {
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(at).filter(|_| scope != Scope::Nothing) {
            node.end = end;
        }
    }
}
