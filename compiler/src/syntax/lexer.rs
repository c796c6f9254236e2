//! Text to tokens.
//!
//! Never fails: what is no token becomes an `Error` token with a diagnostic, and
//! reading goes on behind it. The lexer decides by shape, without context, in
//! one pass; whether a literal is valid is decided in `literal` when a node is
//! made of it. A text ends at the end of its line, so that a forgotten quote
//! costs a line and not the rest of the file.
//!
//! Words, numbers and addresses share characters. A run of hexadecimal digits
//! and colons with two colons or more is an address; `key:1` is not:
//!
//! ```text
//!   fe80::1   00:1b:1b:00:00:01   2001:db8::/32      address
//!   add:1                                            word, colon, number
//!   1..2   1.5   10.0.0.1   10.0.0.1..10.0.0.9       by the groups of digits
//! ```

use nom::IResult;
use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while, take_while_m_n, take_while1};
use nom::character::complete::{char, digit1, one_of, satisfy};
use nom::combinator::{map, not, opt, peek, recognize, value, verify};
use nom::multi::many0_count;
use nom::sequence::{pair, preceded, terminated};

use super::sink::Sink;
use super::token::{Token, TokenKind};
use super::{MAX_BYTES, MAX_TOKENS};
use crate::diagnostic::{Applicability, Code, Diagnostic, FileId, Fix, Span};

/// A token's kind and the rest of the text.
type Lexed<'a> = IResult<&'a str, TokenKind, ()>;

/// Reads a whole file. The tokens cover every byte, in order.
pub(super) fn lex(text: &str, file: FileId, sink: &mut Sink) -> Vec<Token> {
    let total = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if text.len() > MAX_BYTES {
        let end = Span::new(file, 0, 0);
        sink.push(too_large(end));
        return vec![Token { kind: TokenKind::Error, start: 0, end: total }];
    }
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut rest = text;
    let mut start = 0;
    while !rest.is_empty() {
        if tokens.len() == MAX_TOKENS {
            let at = Span::new(file, start, start);
            let message = format!("file has more than {MAX_TOKENS} tokens");
            let help = "split it: every `*.tag` file of a pack belongs to it";
            sink.push(Diagnostic::new(Code::E0104, at, message).help(help));
            tokens.push(Token { kind: TokenKind::Error, start, end: total });
            break;
        }
        let (after, kind) = if start == 0 && rest.starts_with('\u{feff}') {
            (rest.trim_start_matches('\u{feff}'), TokenKind::Blank)
        } else {
            token(rest).unwrap_or(("", TokenKind::Error))
        };
        let end = total - u32::try_from(after.len()).unwrap_or(0);
        let token = Token { kind, start, end };
        check(text, token, file, sink);
        tokens.push(token);
        (rest, start) = (after, end);
    }
    tokens
}

/// The diagnostic for a file that is not read at all.
pub(super) fn too_large(at: Span) -> Diagnostic {
    let mebibytes = MAX_BYTES >> 20;
    let message = format!("file is larger than {mebibytes} MiB");
    let help = "split it: every `*.tag` file of a pack belongs to it";
    Diagnostic::new(Code::E0103, at, message).help(help)
}

/// token = blank | comment | text | address | number | word | punctuation ;
fn token(i: &str) -> Lexed<'_> {
    match i.bytes().next().unwrap_or(0) {
        b' ' | b'\t' | b'\r' | b'\n' => blank(i),
        b'#' => comment(i),
        b'"' => quoted(i),
        b'i' | b'r' => alt((quoted, word)).parse(i),
        b'a'..=b'f' | b'A'..=b'F' => alt((address, word)).parse(i),
        b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(i),
        b'0'..=b'9' => alt((address, number)).parse(i),
        b':' => alt((address, punctuation)).parse(i),
        _ => alt((punctuation, unknown)).parse(i),
    }
}

/// blank = ( " " | TAB | CR | LF ) { " " | TAB | CR | LF } ;
fn blank(i: &str) -> Lexed<'_> {
    value(TokenKind::Blank, take_while1(|c| matches!(c, ' ' | '\t' | '\r' | '\n')))
        .parse(i)
}

/// comment = "#" { character } ;
fn comment(i: &str) -> Lexed<'_> {
    let (rest, line) = take_till(|c| c == '\n').parse(i)?;
    // The carriage return belongs to the line end; one that stands elsewhere
    // in the line hides what is before it and is reported by `check`.
    let n_cr = usize::from(line.ends_with('\r'));
    let rest = i.get(i.len() - rest.len() - n_cr..).unwrap_or(rest);
    Ok((rest, TokenKind::Comment))
}

/// text = [ "r" | "i" ] '"' { character | escape } '"' ;
///
/// In a raw text a backslash is a character.
fn quoted(i: &str) -> Lexed<'_> {
    let (body, prefix) = terminated(opt(one_of("ri")), char('"')).parse(i)?;
    let closed = if prefix == Some('r') {
        recognize(pair(take_till(|c| matches!(c, '"' | '\n')), char('"'))).parse(body)
    } else {
        let plain = take_while1(|c| !matches!(c, '"' | '\\' | '\n'));
        let escape = preceded(char('\\'), recognize(satisfy(|c| c != '\n')));
        recognize(pair(many0_count(alt((plain, escape))), char('"'))).parse(body)
    };
    match closed {
        Ok((rest, _)) => Ok((rest, TokenKind::Str)),
        Err(nom::Err::Error(())) => {
            value(TokenKind::Error, take_till(|c| matches!(c, '\r' | '\n'))).parse(body)
        }
        Err(e) => Err(e),
    }
}

/// word = letter { letter | digit } ;
fn word(i: &str) -> Lexed<'_> {
    let start = satisfy(|c| c.is_ascii_alphabetic() || c == '_');
    value(TokenKind::Word, pair(start, take_while(is_word))).parse(i)
}

/// address = mac | ( ipv4 | ipv6 ) [ "/" digits ] ;
///
/// Here those with colons, two or more; `number` reads the others.
fn address(i: &str) -> Lexed<'_> {
    let group = take_while_m_n(0, 4, |c: char| c.is_ascii_hexdigit());
    peek((group, char(':'))).parse(i)?;
    let colons = |run: &&str| run.bytes().filter(|b| *b == b':').count() >= 2;
    let hex = take_while1(|c: char| c.is_ascii_hexdigit() || c == ':');
    let (rest, run) = verify(hex, colons).parse(i)?;
    let mac = run.len() == 17 && run.split(':').all(|pair| pair.len() == 2);
    if mac && !rest.starts_with(is_word) {
        return Ok((rest, TokenKind::Mac));
    }
    // A v4 tail, as in `::ffff:10.0.0.1`; then whatever makes it invalid.
    let tail = many0_count(pair(char('.'), digit1));
    preceded((tail, take_while(is_word)), prefix_length).parse(rest)
}

/// An address becomes a network if a prefix length follows without a blank.
fn prefix_length(i: &str) -> Lexed<'_> {
    map(opt(preceded(char('/'), digit1)), |prefix: Option<&str>| match prefix {
        Some(_) => TokenKind::Net,
        None => TokenKind::Ip,
    })
    .parse(i)
}

/// number = int | float | duration | address ;
fn number(i: &str) -> Lexed<'_> {
    let (rest, first) = take_while1(|c: char| c.is_ascii_digit() || c == '_').parse(i)?;
    if first == "0" && rest.starts_with(['x', 'X', 'b', 'B']) {
        return value(TokenKind::Int, take_while(is_word)).parse(rest);
    }
    let part = pair(char('.'), digits);
    let (rest, n_parts) = many0_count(part).parse(rest)?;
    if n_parts >= 2 {
        return preceded(take_while(is_word), prefix_length).parse(rest);
    }
    if let Ok((rest, _)) = exponent(rest) {
        return Ok((rest, TokenKind::Float));
    }
    let (rest, tail) = take_while(is_word).parse(rest)?;
    let kind = match (n_parts, tail.is_empty()) {
        (0, true) => TokenKind::Int,
        (_, true) => TokenKind::Float,
        _ => TokenKind::Duration,
    };
    Ok((rest, kind))
}

/// digits = digit { digit | "_" } ;
fn digits(i: &str) -> IResult<&str, &str, ()> {
    let first = satisfy(|c| c.is_ascii_digit());
    recognize(pair(first, take_while(|c: char| c.is_ascii_digit() || c == '_'))).parse(i)
}

/// exponent = ( "e" | "E" ) [ "+" | "-" ] digits ;
fn exponent(i: &str) -> IResult<&str, &str, ()> {
    let written = recognize((one_of("eE"), opt(one_of("+-")), digits));
    terminated(written, not(satisfy(is_word))).parse(i)
}

/// Punctuation: the longest spelling that fits.
fn punctuation(i: &str) -> Lexed<'_> {
    use TokenKind as T;
    let two = |text, kind| value(kind, tag(text));
    let pairs = alt((
        two("..", T::DotDot),
        two("==", T::EqEq),
        two("!=", T::Ne),
        two("<=", T::Le),
        two(">=", T::Ge),
        two("<<", T::Shl),
        two(">>", T::Shr),
        two("??", T::Coalesce),
        two("&&", T::AmpAmp),
        two("||", T::PipePipe),
    ));
    alt((pairs, single)).parse(i)
}

/// Punctuation of one character.
fn single(i: &str) -> Lexed<'_> {
    use TokenKind as T;
    let (rest, c) = satisfy(|c| c.is_ascii_punctuation()).parse(i)?;
    let kind = match c {
        '{' => T::BraceOpen,
        '}' => T::BraceClose,
        '(' => T::ParenOpen,
        ')' => T::ParenClose,
        '[' => T::BracketOpen,
        ']' => T::BracketClose,
        ',' => T::Comma,
        ':' => T::Colon,
        '.' => T::Dot,
        '<' => T::Lt,
        '>' => T::Gt,
        '=' => T::Eq,
        '+' => T::Plus,
        '-' => T::Minus,
        '*' => T::Star,
        '/' => T::Slash,
        '%' => T::Percent,
        '^' => T::Caret,
        '~' => T::Tilde,
        '&' => T::Amp,
        '|' => T::Pipe,
        '!' => T::Bang,
        _ => return Err(nom::Err::Error(())),
    };
    Ok((rest, kind))
}

/// A run of characters that start no token, as one token.
fn unknown(i: &str) -> Lexed<'_> {
    let starts_nothing = |c: char| {
        !c.is_ascii()
            || c.is_ascii_control() && !matches!(c, '\t' | '\r' | '\n')
            || matches!(c, '$' | '\'' | ';' | '@' | '\\' | '`' | '?')
    };
    value(TokenKind::Error, take_while1(starts_nothing)).parse(i)
}

/// Whether a character goes on a word.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Reports what is wrong with a token by itself.
fn check(text: &str, token: Token, file: FileId, sink: &mut Sink) {
    let written = token.text(text);
    let span = Span::new(file, token.start, token.end);
    match token.kind {
        TokenKind::Error if written.trim_start_matches(['r', 'i']).starts_with('"') => {
            let at = Span::new(file, token.start, token.start + 1);
            let message = "text has no closing `\"` on its line";
            let help = "for a line break inside of a text write `\\n`";
            sink.push(Diagnostic::new(Code::E0106, at, message).help(help));
        }
        TokenKind::Error => sink.push(unexpected(written, span)),
        TokenKind::Comment | TokenKind::Str => hidden(written, token, file, sink),
        _ => {}
    }
}

/// The diagnostic for characters that start no token.
fn unexpected(written: &str, span: Span) -> Diagnostic {
    let first = written.chars().next().unwrap_or(' ');
    let message = if first.is_control() || is_hidden(first) {
        format!("unexpected character U+{:04X}", u32::from(first))
    } else {
        format!("unexpected character `{first}`")
    };
    let diagnostic = Diagnostic::new(Code::E0101, span, message);
    match first {
        '\u{201c}' | '\u{201d}' | '\'' | '`' => diagnostic.help("texts stand in `\"`"),
        ';' => diagnostic.help("nothing separates declarations, sections or entries"),
        '?' => diagnostic.help("`a ?? b` is `a`, or `b` where `a` is missing"),
        _ => diagnostic,
    }
}

/// Reports characters in comments and texts that make a line look like another.
fn hidden(written: &str, token: Token, file: FileId, sink: &mut Sink) {
    if written.bytes().all(|b| b.is_ascii() && (b == b'\t' || !b.is_ascii_control())) {
        return;
    }
    for (at, c) in written.char_indices().filter(|(_, c)| is_hidden(*c)) {
        let offset = |n: usize| token.start.saturating_add(u32::try_from(n).unwrap_or(0));
        let span = Span::new(file, offset(at), offset(at + c.len_utf8()));
        let code = u32::from(c);
        let message =
            format!("character U+{code:04X} hides or reorders what is around it");
        let (advice, with) = match token.kind {
            TokenKind::Str => ("write it as an escape", format!("\\u{{{code:x}}}")),
            _ => ("remove it", String::new()),
        };
        let escapes = token.kind == TokenKind::Comment || !written.starts_with('r');
        let mut diagnostic = Diagnostic::new(Code::E0111, span, message);
        if escapes {
            let fix = Fix::replace(advice, Applicability::Machine, span, with);
            diagnostic = diagnostic.fix(fix);
        }
        sink.push(diagnostic);
    }
}

/// Control characters, marks of writing direction, and characters of no width.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(text: &str) -> (Vec<Token>, Vec<Diagnostic>) {
        let mut sink = Sink::default();
        let tokens = lex(text, FileId(0), &mut sink);
        let mut at = 0;
        for token in &tokens {
            assert_eq!(token.start, at, "a gap in {text:?}");
            assert!(token.end > token.start, "an empty token in {text:?}");
            at = token.end;
        }
        assert_eq!(at as usize, text.len(), "{text:?}");
        (tokens, sink.finish(FileId(0), 0))
    }

    /// `expected` lists the significant tokens as `Kind:text` with blanks between.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let (tokens, _) = run(text);
        let shown: Vec<_> = tokens
            .iter()
            .filter(|t| t.kind != TokenKind::Blank)
            .map(|t| format!("{:?}:{}", t.kind, t.text(text)))
            .collect();
        assert_eq!(shown.join(" "), expected);
    }

    #[test]
    fn words_numbers_and_addresses() {
        check("m.test", "Word:m Dot:. Word:test");
        check("add:1", "Word:add Colon:: Int:1");
        check("face: 12", "Word:face Colon:: Int:12");
        check("fe80::1", "Ip:fe80::1");
        check("fe80::1..fe80::9", "Ip:fe80::1 DotDot:.. Ip:fe80::9");
        check("::ffff:10.0.0.1", "Ip:::ffff:10.0.0.1");
        check("2001:db8::/32", "Net:2001:db8::/32");
        check("::/0", "Net:::/0");
        check("00:1b:1b:00:00:01", "Mac:00:1b:1b:00:00:01");
        check("00:1b:1b:00:00:01x", "Ip:00:1b:1b:00:00:01x");
        check("9..98", "Int:9 DotDot:.. Int:98");
        check("1.5..2.5", "Float:1.5 DotDot:.. Float:2.5");
        check("10.0.0.1..10.0.0.9", "Ip:10.0.0.1 DotDot:.. Ip:10.0.0.9");
        check("10.20.0.0/24", "Net:10.20.0.0/24");
        check(
            "1_000 0xff 0b1 1e5 2.5e-3",
            "Int:1_000 Int:0xff Int:0b1 Float:1e5 Float:2.5e-3",
        );
        check(
            "1h30m 500ms 12abc 1.5s",
            "Duration:1h30m Duration:500ms Duration:12abc Duration:1.5s",
        );
        check("ics.T1692.001]", "Word:ics Dot:. Word:T1692 Dot:. Int:001 BracketClose:]");
        check("1.2.3", "Ip:1.2.3");
        check("10/2", "Int:10 Slash:/ Int:2");
    }

    #[test]
    fn texts_and_comments() {
        check(r#""a\"b" r"\" i"x""#, r#"Str:"a\"b" Str:r"\" Str:i"x""#);
        check("\"open\nrule", "Error:\"open Word:rule");
        check("r\"open\r\nrule", "Error:r\"open Word:rule");
        check("\"a\\\nrule", "Error:\"a\\ Word:rule");
        check("# c\r\nx", "Comment:# c Word:x");
        check("\u{feff}x", "Word:x");
        check("i{ \"a\" }", "Word:i BraceOpen:{ Str:\"a\" BraceClose:}");
    }

    #[test]
    fn operators_take_the_longest() {
        check("a<=b<<c<d", "Word:a Le:<= Word:b Shl:<< Word:c Lt:< Word:d");
        check("a??b ? c", "Word:a Coalesce:?? Word:b Error:? Word:c");
        check(
            "a&&b&c||d|e!=!f",
            "Word:a AmpAmp:&& Word:b Amp:& Word:c PipePipe:|| Word:d Pipe:| Word:e Ne:!= Bang:! Word:f",
        );
    }

    #[test]
    fn what_is_no_token_is_reported_once_a_run() {
        #[track_caller]
        fn check(text: &str, codes: &[Code]) {
            let found: Vec<_> = run(text).1.into_iter().map(|d| d.code).collect();
            assert_eq!(found, codes, "{text:?}");
        }
        check("a $$$ b ; c", &[Code::E0101, Code::E0101]);
        check("\"open", &[Code::E0106]);
        check("# \u{202e} x", &[Code::E0111]);
        check("\"\u{200b}\"", &[Code::E0111]);
        check("# a\rb\r\n", &[Code::E0111]);
        check("# çé \t", &[]);
        check("\u{0}\u{1}", &[Code::E0101]);
    }
}
