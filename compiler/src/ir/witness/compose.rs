//! Texts put together from what several conditions ask of them.
//!
//! ```text
//! whole   prefix ... middle ... suffix        m.line startswith, contains, endswith
//! path    directory \ name . extension        each of them a text with such parts
//! ```

use crate::ir::PathView;

/// What one condition asks of a text, one of its alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    /// The part of a path it speaks about; the whole text if `None`.
    pub(super) view: Option<PathView>,
    /// What that part must be like.
    pub(super) shape: Shape,
}

/// What a text must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Equals(Vec<u8>),
    Prefix(Vec<u8>),
    Suffix(Vec<u8>),
    Contains(Vec<Vec<u8>>),
    Length(usize),
}

/// Most texts that are put together.
const MOST: usize = 96;

/// Texts that meet one alternative of each condition, as far as can be.
pub(super) fn compose(conditions: &[Vec<Ask>]) -> Vec<Vec<u8>> {
    let mut choices: Vec<Vec<&Ask>> = vec![Vec::new()];
    for alternatives in conditions {
        let longer = choices.iter().flat_map(|choice| {
            alternatives.iter().map(move |ask| {
                let mut choice = choice.clone();
                choice.push(ask);
                choice
            })
        });
        choices = longer.take(MOST).collect();
    }
    let mut texts = Vec::new();
    for choice in choices {
        let text = render(&choice);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn render(asks: &[&Ask]) -> Vec<u8> {
    let of = |view| Parts::new(asks.iter().filter(|ask| ask.view == view));
    let whole = of(None);
    let [directory, name, extension] =
        [PathView::Directory, PathView::Name, PathView::Extension]
            .map(|view| of(Some(view)));
    if directory.is_free() && name.is_free() && extension.is_free() {
        return whole.render();
    }
    if whole.equals.is_some() {
        return whole.render();
    }
    let mut file = name.render();
    if !extension.is_free() && !file.ends_with(&extension.render()) {
        if file.is_empty() {
            file.extend_from_slice(b"file");
        }
        file.push(b'.');
        file.extend(extension.render());
    }
    if file.is_empty() {
        file.extend_from_slice(b"file");
    }
    // What is asked of the whole path goes before the name, or ends it.
    let mut path = match &directory.equals {
        Some(directory) => directory.clone(),
        None => {
            let before =
                if directory.prefix.is_empty() { whole.prefix.as_slice() } else { b"" };
            [before, &whole.middle.concat(), &directory.render()].concat()
        }
    };
    let is_open = path.last().is_some_and(|byte| !matches!(byte, b'\\' | b'/'));
    if is_open || (!directory.is_free() && path.is_empty()) {
        path.push(b'\\');
    }
    if directory.is_free() && file.starts_with(&path) {
        path.clear();
    }
    path.extend(file);
    if !path.ends_with(&whole.suffix) {
        path.extend_from_slice(&whole.suffix);
    }
    path
}

/// The parts of one text.
#[derive(Default)]
struct Parts {
    equals: Option<Vec<u8>>,
    prefix: Vec<u8>,
    middle: Vec<Vec<u8>>,
    suffix: Vec<u8>,
    length: usize,
}

impl Parts {
    fn new<'a>(asks: impl Iterator<Item = &'a &'a Ask>) -> Parts {
        let mut parts = Parts::default();
        for ask in asks {
            match &ask.shape {
                Shape::Equals(text) => parts.equals = Some(text.clone()),
                Shape::Prefix(text) if text.len() > parts.prefix.len() => {
                    parts.prefix.clone_from(text);
                }
                Shape::Suffix(text) if text.len() > parts.suffix.len() => {
                    parts.suffix.clone_from(text);
                }
                Shape::Prefix(_) | Shape::Suffix(_) => {}
                Shape::Contains(texts) => parts.middle.extend(texts.iter().cloned()),
                Shape::Length(length) => parts.length = *length,
            }
        }
        parts
    }

    fn is_free(&self) -> bool {
        self.equals.is_none()
            && self.prefix.is_empty()
            && self.middle.is_empty()
            && self.suffix.is_empty()
            && self.length == 0
    }

    fn render(&self) -> Vec<u8> {
        if let Some(text) = &self.equals {
            return text.clone();
        }
        let mut text = self.prefix.clone();
        for part in &self.middle {
            let is_there = text.windows(part.len().max(1)).any(|window| window == part);
            if !is_there && !part.is_empty() {
                if !text.is_empty() && self.prefix.len() != text.len() {
                    text.push(b' ');
                }
                text.extend_from_slice(part);
            }
        }
        while text.len().saturating_add(self.suffix.len()) < self.length {
            text.push(b'x');
        }
        if !text.ends_with(&self.suffix) || self.suffix.is_empty() {
            text.extend_from_slice(&self.suffix);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Ask, PathView, Shape, compose};

    #[test]
    fn parts_go_where_they_are_asked() {
        let ask = |view, shape| vec![Ask { view, shape }];
        let text = |text: &str| text.as_bytes().to_vec();
        let cases = [
            (vec![], ""),
            (vec![ask(None, Shape::Equals(text("abc")))], "abc"),
            (
                vec![
                    ask(None, Shape::Prefix(text("a"))),
                    ask(None, Shape::Contains(vec![text("b"), text("c")])),
                    ask(None, Shape::Suffix(text("d"))),
                ],
                "ab cd",
            ),
            (
                vec![
                    ask(Some(PathView::Name), Shape::Equals(text("cmd.exe"))),
                    ask(Some(PathView::Directory), Shape::Suffix(text("temp"))),
                ],
                "temp\\cmd.exe",
            ),
            (
                vec![ask(Some(PathView::Extension), Shape::Equals(text("ps1")))],
                "file.ps1",
            ),
            (
                vec![
                    ask(None, Shape::Prefix(text("c:\\users\\"))),
                    ask(Some(PathView::Name), Shape::Equals(text("a.exe"))),
                ],
                "c:\\users\\a.exe",
            ),
            (vec![ask(None, Shape::Length(3))], "xxx"),
        ];
        for (asks, expected) in cases {
            let found = compose(&asks);
            assert_eq!(String::from_utf8_lossy(&found[0]), expected, "{asks:?}");
        }
    }
}
