//! The pages of the diagnostics, as `tagout explain` prints them. A test holds
//! that this list, the folder `spec/errors` and the compiler's table of codes
//! name the same codes.

/// The page of a code such as `E0101`.
#[must_use]
pub fn page(code: &str) -> Option<&'static str> {
    PAGES.iter().find(|(id, _)| *id == code).map(|(_, text)| *text)
}

macro_rules! pages {
    ($($code:literal)*) => {
        /// Codes and their pages, in order.
        pub static PAGES: &[(&str, &str)] =
            &[$(($code, include_str!(concat!("../errors/", $code, ".md")))),*];
    };
}

pages! {}
