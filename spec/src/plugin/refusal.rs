//! Why a plugin is not loaded or does not take over: the codes of the diagnostics, which are append-only as all
//! are. Each has its page in `spec/errors`.

/// Declares [`Refusal`] from one table.
macro_rules! refusals {
    ($($name:ident $code:literal $title:literal;)*) => {
        /// A kind of reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Refusal {
            $(#[doc = $title] $name,)*
        }

        impl Refusal {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The code as users see it: `E0601`.
            #[must_use]
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The reason in a few words, without the particulars.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

refusals! {
    Module "E0601" "file that is no plugin";
    Manifest "E0602" "manifest of a plugin that makes no sense";
    Schema "E0603" "schema of a plugin that does not fit";
    Capability "E0604" "capability that the site does not allow";
    Site "E0605" "site that gives a plugin what cannot be";
    Code "E0606" "code of a plugin that cannot be made ready";
    Start "E0607" "plugin that does not start";
    Declares "E0608" "version of a plugin that declares something else";
    Name "E0609" "name of a plugin that is at work, or is not";
}
