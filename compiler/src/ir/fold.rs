//! Folding of a whole text, as the interpreter and the verifier need it.

use std::borrow::Cow;

/// The text folded if it is to be, else as it is.
pub(crate) fn by(folds: bool, text: &[u8]) -> Cow<'_, [u8]> {
    match folds {
        true => Cow::Owned(fold(text)),
        false => Cow::Borrowed(text),
    }
}

/// The text under simple case folding; bytes that are not UTF-8 stay.
pub(crate) fn fold(text: &[u8]) -> Vec<u8> {
    let mut folded = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        let simple = chunk.valid().chars().map(|char| {
            let mut lower = char.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(single), None) => single,
                _ => char,
            }
        });
        folded.extend(simple.collect::<String>().bytes());
        folded.extend(chunk.invalid());
    }
    folded
}
