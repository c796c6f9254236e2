//! Every diagnostic code, declared once.
//!
//! One line a code: its number, severity and title. The table is append-only: a
//! code that was released is never given another meaning and never taken away.
//! `spec/errors/CODE.md` holds the page for each, which tests compare with
//! [`ALL`] and whose examples they run.
//!
//! ```text
//! E01xx  syntax                     E04xx  packs and files
//! E02xx  names and types            W05xx  lints
//! E03xx  presence, satisfiability
//! ```

use super::Severity;

/// Declares [`Code`] and [`ALL`] from one table.
macro_rules! codes {
    ($($code:ident $severity:ident $title:literal;)*) => {
        /// A kind of problem; the variant's name is the code that users see.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        /// Every code in the order of the table.
        pub const ALL: &[Code] = &[$(Code::$code),*];

        impl Code {
            /// The code as users see it: `E0101`.
            pub fn id(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// How bad the problem is unless a setting says otherwise.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity,)* }
            }

            /// The problem in a few words, without the particulars.
            pub fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }
        }
    };
}

codes! {
    // Syntax.
    E0101 Error "unexpected character";
    E0102 Error "file is not UTF-8";
    E0103 Error "file too large";
    E0104 Error "too many tokens";
    E0105 Error "nesting too deep";
    E0106 Error "text without an end";
    E0107 Error "invalid escape";
    E0108 Error "invalid number";
    E0109 Error "invalid duration";
    E0110 Error "invalid address";
    E0111 Error "character that hides or reorders text";
    E0112 Error "unexpected token";
    E0113 Error "bracket without its partner";
    E0114 Error "comparisons in a chain";
    E0115 Error "unknown section";
    E0116 Error "unknown declaration";
    E0117 Error "operator of another language";
    E0118 Error "too many errors";
    E0119 Error "operator needs brackets";
    // Names and types.
    E0201 Error "unknown kind";
    E0202 Error "unknown field";
    E0203 Error "unknown label";
    E0204 Error "unknown name";
    E0205 Error "unknown function";
    E0206 Error "mismatched types";
    E0207 Error "unknown type";
    E0208 Error "value out of range";
    E0209 Error "constant overflow";
    E0210 Error "network with host bits";
    E0211 Error "empty range or set";
    E0212 Error "repeated field used as one value";
    E0213 Error "condition, value or set in the wrong place";
    E0214 Error "wrong arguments";
    E0215 Error "predicate that uses itself";
    E0216 Error "name declared twice";
    E0217 Error "quantifier in a quantifier";
    E0218 Error "invalid regular expression";
    E0219 Error "pattern too large";
    E0220 Error "invalid glob";
    E0221 Error "invalid register";
    E0222 Error "constant expected";
    E0223 Error "section missing or given twice";
    E0224 Error "unknown key";
    E0225 Error "invalid value of a key";
    E0226 Error "empty text";
    E0227 Error "invalid test";
    E0228 Error "invalid title";
    E0229 Error "pattern beyond linear time";
    E0230 Error "invalid parameter";
    E0231 Error "service without its class";
    E0232 Error "name of a plugin's function";
    // Presence and satisfiability.
    E0301 Error "conditions that contradict each other";
    E0302 Error "condition that never holds";
    E0303 Error "field that is never missing";
    // Packs and files.
    E0401 Error "invalid pack.toml";
    E0402 Error "unknown key in pack.toml";
    E0403 Error "missing data file";
    E0404 Error "invalid row in a data file";
    E0405 Error "key given twice in a data file";
    E0406 Error "unsupported edition or schema";
    E0407 Error "too large";
    E0408 Error "identifier used twice";
    // Lints.
    W0501 Warning "condition that always holds";
    W0502 Warning "condition given twice";
    W0503 Warning "unused parameter";
    W0504 Warning "unused table";
    W0505 Warning "unused predicate";
    W0506 Warning "rule shadowed by another";
    W0507 Warning "rule that nothing can look up";
    W0508 Warning "unknown ATT&CK identifier";
    W0509 Warning "renamed ATT&CK identifier";
    W0510 Warning "test without expectations";
    W0511 Warning "rule without tests of both sorts";
    W0512 Warning "rule without id or severity";
    W0513 Warning "element given twice";
    W0514 Warning "register reference used as address";
    W0515 Warning "suppression without effect";
    W0516 Warning "unknown lint";
    W0517 Warning "alternative that never holds";
    W0518 Warning "unusual key in meta";
    W0519 Warning "field that may not be there";
}

impl Code {
    /// The code with this name, if there is one.
    pub fn from_id(id: &str) -> Option<Code> {
        ALL.iter().copied().find(|code| code.id().eq_ignore_ascii_case(id))
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letter of a code says its severity, and no number is declared twice.
    #[test]
    fn the_table_is_well_formed() {
        for code in ALL {
            let (letter, number) = code.id().split_at(1);
            let expected =
                if letter == "W" { Severity::Warning } else { Severity::Error };
            assert_eq!(code.severity(), expected, "{code}");
            assert_eq!(number.len(), 4, "{code}");
            let same = |other: &&Code| other.id().get(1..) == Some(number);
            assert_eq!(ALL.iter().filter(same).count(), 1, "{code}");
            assert_eq!(Code::from_id(&code.id().to_lowercase()), Some(*code));
        }
    }
}
