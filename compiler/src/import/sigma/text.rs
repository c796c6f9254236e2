//! Texts of Sigma: wildcards and their escapes.
//!
//! ```text
//! *  ?          any number of characters, exactly one
//! \*  \?        a star, a question mark
//! \\            a backslash
//! \\*           a backslash, then a wildcard
//! \x            a backslash, then x: it escapes nothing else
//! ```
//!
//! Sigma rules 2.1, section "Escaping". What is left of a text is looked at as an
//! operator of ours where there is one ([`Shape`]), else as a pattern.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These characters.
    Literal(String),
    /// Any number of characters.
    Many,
    /// One character.
    One,
}

/// A text with its wildcards.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(super) struct Text(pub(super) Vec<Part>);

/// What a text asks of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// It is this.
    Is(String),
    /// It starts with this.
    Starts(String),
    /// It ends with this.
    Ends(String),
    /// It contains this.
    Contains(String),
    /// Anything, if there is a value.
    Anything,
    /// It has this form as a whole.
    Pattern(Text),
}

impl Text {
    /// Reads a text as a rule writes it.
    pub(super) fn parse(written: &str) -> Text {
        let mut text = Text::default();
        let mut chars = written.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek().copied()) {
                ('\\', Some(escaped @ ('\\' | '*' | '?'))) => {
                    chars.next();
                    text.push(escaped);
                }
                ('*', _) if text.0.last() == Some(&Part::Many) => {}
                ('*', _) => text.0.push(Part::Many),
                ('?', _) => text.0.push(Part::One),
                (c, _) => text.push(c),
            }
        }
        text
    }

    /// A text without wildcards.
    pub(super) fn literal(text: impl Into<String>) -> Text {
        let text = text.into();
        if text.is_empty() { Text::default() } else { Text(vec![Part::Literal(text)]) }
    }

    /// The characters, if there are no wildcards.
    pub(super) fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The text between two wildcards, as `contains` and its kin put them.
    pub(super) fn within(mut self, before: bool, behind: bool) -> Text {
        if before && self.0.first() != Some(&Part::Many) {
            self.0.insert(0, Part::Many);
        }
        if behind && self.0.last() != Some(&Part::Many) {
            self.0.push(Part::Many);
        }
        self
    }

    /// What it asks of a value.
    pub(super) fn shape(&self) -> Shape {
        use Part::{Literal, Many};
        match self.0.as_slice() {
            [] => Shape::Is(String::new()),
            [Many] => Shape::Anything,
            [Literal(text)] => Shape::Is(text.clone()),
            [Literal(text), Many] => Shape::Starts(text.clone()),
            [Many, Literal(text)] => Shape::Ends(text.clone()),
            [Many, Literal(text), Many] => Shape::Contains(text.clone()),
            _ => Shape::Pattern(self.clone()),
        }
    }

    fn push(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Part::Literal(text)) => text.push(c),
            _ => self.0.push(Part::Literal(c.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &Text) -> String {
        let parts = text.0.iter().map(|part| match part {
            Part::Literal(text) => format!("<{text}>"),
            Part::Many => "*".to_owned(),
            Part::One => "?".to_owned(),
        });
        parts.collect()
    }

    #[test]
    fn escapes() {
        for (written, wanted) in [
            (r"\cmd.exe", r"<\cmd.exe>"),
            (r"\\cmd.exe", r"<\cmd.exe>"),
            (r"a\*b", "<a*b>"),
            (r"a\?b", "<a?b>"),
            (r"a\\*", r"<a\>*"),
            (r"a\\\*", r"<a\*>"),
            (r"\\\host", r"<\\host>"),
            (r"\\\\host", r"<\\host>"),
            (r"C:\Users\*\x", r"<C:\Users*\x>"),
            ("a**b?", "<a>*<b>?"),
            (r"end\", r"<end\>"),
            ("", ""),
        ] {
            assert_eq!(shown(&Text::parse(written)), wanted, "{written}");
        }
    }

    #[test]
    fn shapes() {
        let shape = |text: &str| Text::parse(text).shape();
        assert_eq!(shape("a*"), Shape::Starts("a".into()));
        assert_eq!(shape("*a"), Shape::Ends("a".into()));
        assert_eq!(shape("*a*"), Shape::Contains("a".into()));
        assert_eq!(shape("*"), Shape::Anything);
        assert_eq!(shape("a"), Shape::Is("a".into()));
        assert!(matches!(shape("a*b"), Shape::Pattern(_)));
        assert_eq!(
            Text::parse("*a").within(true, true).shape(),
            Shape::Contains("a".into())
        );
    }
}
