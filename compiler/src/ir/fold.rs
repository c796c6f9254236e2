//! Folding of a whole text where that is asked for.

use std::borrow::Cow;

pub(crate) use tagout_spec::fold::fold;

/// The text folded if it is to be, else as it is.
pub(crate) fn by(folds: bool, text: &[u8]) -> Cow<'_, [u8]> {
    match folds {
        true => Cow::Owned(fold(text)),
        false => Cow::Borrowed(text),
    }
}
