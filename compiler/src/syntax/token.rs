//! Tokens: a flat vector that covers every byte of the file.
//!
//! ```text
//!   where m.unit==1  # head
//!   [Word ][Blank][Word][Dot][Word][EqEq][Int][Blank][Comment]
//! ```
//!
//! A token is a kind and a byte range; nothing is decoded here. The sum of the
//! lengths is the length of the file, whatever the file holds, so whoever has
//! the text and the tokens has lost nothing. Keywords are words: what a word
//! means depends on where it stands, so `m.test` is a field.

/// A piece of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Declares [`TokenKind`] with the spelling or a description of each kind.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident $text:literal;)*) => {
        /// What a token is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum TokenKind {
            $($(#[doc = $doc])* #[doc = concat!("`", $text, "`")] $kind,)*
        }

        impl TokenKind {
            /// The spelling in backticks for punctuation, else what it is in words.
            pub fn describe(self) -> &'static str {
                match self { $(TokenKind::$kind => describe!($text),)* }
            }
        }
    };
}

/// Words describe a class of tokens; everything else is a spelling.
macro_rules! describe {
    ($text:literal) => {
        if $text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) {
            $text
        } else {
            concat!("`", $text, "`")
        }
    };
}

kinds! {
    /// Spaces, tabs, line ends, and a byte order mark at the start of the file.
    Blank "blank";
    /// From `#` to the end of the line, which is not part of it.
    Comment "comment";
    /// An identifier or keyword.
    Word "a word";
    /// Decimal, `0x` or `0b`, with `_`.
    Int "a number";
    /// With a point or an exponent.
    Float "a number";
    /// Digits with a unit; also everything else that starts with digits.
    Duration "a duration";
    /// IPv4 or IPv6.
    Ip "an address";
    /// An address with a prefix length.
    Net "a network";
    /// Six pairs of hexadecimal digits.
    Mac "a hardware address";
    /// In quotes, with `r` or `i` before them or not.
    Str "a text";
    BraceOpen "{";
    BraceClose "}";
    ParenOpen "(";
    ParenClose ")";
    BracketOpen "[";
    BracketClose "]";
    Comma ",";
    Colon ":";
    DotDot "..";
    Dot ".";
    EqEq "==";
    Ne "!=";
    Le "<=";
    Ge ">=";
    Shl "<<";
    Shr ">>";
    Lt "<";
    Gt ">";
    Eq "=";
    Coalesce "??";
    Plus "+";
    Minus "-";
    Star "*";
    Slash "/";
    Percent "%";
    Caret "^";
    Tilde "~";
    /// Of other languages; the parser takes it for `and`.
    AmpAmp "&&";
    Amp "&";
    /// Of other languages; the parser takes it for `or`.
    PipePipe "||";
    Pipe "|";
    /// Of other languages; the parser takes it for `not`.
    Bang "!";
    /// What is no token; the lexer has said why.
    Error "invalid text";
}

impl TokenKind {
    /// Whether the parser does not see it.
    pub fn is_trivia(self) -> bool {
        matches!(self, TokenKind::Blank | TokenKind::Comment)
    }
}

impl Token {
    /// The token's bytes in the text that it was read from.
    pub fn text(self, text: &str) -> &str {
        let start = usize::try_from(self.start).unwrap_or(usize::MAX);
        let end = usize::try_from(self.end).unwrap_or(usize::MAX);
        text.get(start..end).unwrap_or("")
    }
}
