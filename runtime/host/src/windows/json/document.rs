//! JSON as a list of values, as far as somebody asks for it.
//!
//! ```text
//! {"Event":{"EventID":1,"Data":["x"]}}
//!
//! node   0 object         1 "Event" object   2 "EventID" text   3 "Data" list   4 text
//! end    5                5                  3                  5               5
//! ```
//!
//! A value stands before what is in it, and knows the place behind. Numbers and the like
//! are texts. Names that nobody knows are passed over with what is under them, unless all
//! are read; but not within data whose layout has elements of
//! any name around those that matter.
//!
//! A line is read in two passes: [`decode`](super::decode) decodes its strings and says
//! where they lie, [`parse`](super::parse) follows the grammar. Texts of values are parts of
//! what the first pass wrote.

use super::decode::{Quotes, decode};
use super::parse::Parser;
use crate::windows::event::{Span, Texts};
use crate::windows::names::{Name, Names, Order};

/// A text as a document.
#[derive(Debug, Default)]
pub(super) struct Document {
    quotes: Quotes,
    nodes: Vec<Node>,
    order: Order,
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) key: Key,
    pub(super) form: Form,
    /// The text, where it is one.
    pub(super) text: Span,
    /// One more than the position of the last node in it.
    pub(super) end: usize,
}

/// The name of a value.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key {
    pub(super) known: Option<Name>,
    pub(super) name: Span,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `null`, or of no interest.
    Nothing,
    /// A text.
    Text,
    /// A number or a truth value.
    Scalar,
    /// A list.
    List,
    /// An object.
    Object,
}

/// A value of a document.
#[derive(Clone, Copy)]
pub(super) struct Value<'d> {
    nodes: &'d [Node],
    at: usize,
}

impl Document {
    /// Reads a text into `texts`, which are empty; `None` if it is not JSON.
    pub(super) fn read(
        &mut self,
        text: &str,
        names: &Names,
        texts: &mut Texts,
    ) -> Option<Value<'_>> {
        let Self { quotes, nodes, order } = self;
        nodes.clear();
        order.begin();
        texts.fill(|bytes| decode(text, bytes, quotes))?;
        let parser = Parser::new(texts.all(), quotes.places(), nodes, order, names);
        for odd in parser.document()? {
            let number: serde_json::Number =
                serde_json::from_str(texts.get(odd.number)).ok()?;
            let text = texts.add(&number.to_string());
            if let Some(node) = nodes.get_mut(odd.node) {
                node.text = text;
            }
        }
        Some(Value { nodes: &self.nodes, at: 0 })
    }
}

impl<'d> Value<'d> {
    fn node(self) -> Option<&'d Node> {
        self.nodes.get(self.at)
    }

    pub(super) fn key(self) -> Key {
        self.node().map_or(Key::default(), |node| node.key)
    }

    pub(super) fn form(self) -> Form {
        self.node().map_or(Form::Nothing, |node| node.form)
    }

    /// Whether it is an object.
    pub(super) fn is_object(self) -> bool {
        self.form() == Form::Object
    }

    /// A text, number or truth value, as text.
    pub(super) fn text(self) -> Option<Span> {
        let node = self.node()?;
        matches!(node.form, Form::Text | Form::Scalar).then_some(node.text)
    }

    /// What is in a list or an object.
    pub(super) fn iter(self) -> impl Iterator<Item = Value<'d>> {
        let end = self.node().map_or(0, |node| node.end);
        let mut next = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            let at = next;
            next = self.nodes.get(at).filter(|_| at < end)?.end;
            Some(Value { nodes: self.nodes, at })
        })
    }
}
