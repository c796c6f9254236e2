//! Conditions: which searches of a rule must hold.
//!
//! ```text
//! or    = and { "or" and }
//! and   = not { "and" not }
//! not   = { "not" } item
//! item  = "(" or ")" | ( "1" | "any" | "all" ) "of" ( "them" | pattern ) | name
//! ```
//!
//! Sigma rules 2.1, section "Condition". Words are compared in any case. The pipe
//! of the first version (`| count() by x > 5`) is a correlation in disguise and
//! refused as such.

/// Greatest depth of brackets and negations.
const MAX_DEPTH: usize = 32;

/// A condition as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// A search by its name.
    Search(String),
    /// Some or all of the searches whose names match a pattern; without one, of
    /// all searches.
    Of {
        /// Whether all of them must hold.
        all: bool,
        /// The pattern; `*` is any number of characters.
        pattern: Option<String>,
    },
    /// Not this.
    Not(Box<Condition>),
    /// All of these.
    And(Vec<Condition>),
    /// One of these.
    Or(Vec<Condition>),
}

/// Reads a condition.
pub(super) fn parse(text: &str) -> Result<Condition, String> {
    if text.contains('|') {
        return Err("the condition counts events (`|`): that is a correlation, which \
                    follows with the language's sequences"
            .to_owned());
    }
    let mut parser = Parser { tokens: tokens(text), position: 0, depth: 0 };
    let condition = parser.or()?;
    match parser.peek() {
        None => Ok(condition),
        Some(token) => Err(format!("the condition does not end before `{token}`")),
    }
}

/// Whether the name of a search matches a pattern.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or("")) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(position) = rest.find(['(', ')']) {
            let (before, from) = rest.split_at_checked(position).unwrap_or((rest, ""));
            let (bracket, behind) = from.split_at_checked(1).unwrap_or((from, ""));
            tokens
                .extend([before, bracket].into_iter().filter(|token| !token.is_empty()));
            rest = behind;
        }
        tokens.extend(Some(rest).filter(|token| !token.is_empty()));
    }
    tokens
}

struct Parser<'t> {
    tokens: Vec<&'t str>,
    position: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    /// `or = and { "or" and }`
    fn or(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.and()?];
        while self.eat("or") {
            parts.push(self.and()?);
        }
        Ok(one_or(parts, Condition::Or))
    }

    /// `and = not { "and" not }`
    fn and(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.not()?];
        while self.eat("and") {
            parts.push(self.not()?);
        }
        Ok(one_or(parts, Condition::And))
    }

    /// `not = { "not" } item`
    fn not(&mut self) -> Result<Condition, String> {
        if !self.eat("not") {
            return self.item();
        }
        self.deeper(|parser| Ok(Condition::Not(Box::new(parser.not()?))))
    }

    /// `item = "(" or ")" | quantity "of" ( "them" | pattern ) | name`
    fn item(&mut self) -> Result<Condition, String> {
        let Some(token) = self.peek() else {
            return Err("the condition ends where a search is expected".to_owned());
        };
        self.position += 1;
        if token == "(" {
            let inner = self.deeper(Parser::or)?;
            return if self.eat(")") {
                Ok(inner)
            } else {
                Err("a bracket of the condition is not closed".to_owned())
            };
        }
        let all = token.eq_ignore_ascii_case("all");
        let some = token == "1" || token.eq_ignore_ascii_case("any");
        if (all || some) && self.eat("of") {
            let pattern = match self.peek() {
                Some("(" | ")") | None => {
                    return Err("`of` wants `them` or a pattern behind it".to_owned());
                }
                Some(pattern) if pattern.eq_ignore_ascii_case("them") => None,
                Some(pattern) => Some(pattern.to_owned()),
            };
            self.position += 1;
            return Ok(Condition::Of { all, pattern });
        }
        let is_word =
            ["and", "or", "of", ")"].iter().any(|w| token.eq_ignore_ascii_case(w));
        if is_word {
            return Err(format!("`{token}` stands where a search is expected"));
        }
        Ok(Condition::Search(token.to_owned()))
    }

    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.position).copied()
    }

    fn eat(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word));
        self.position += usize::from(found);
        found
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth >= MAX_DEPTH {
            return Err("the condition is nested too deep".to_owned());
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}

fn one_or(
    mut parts: Vec<Condition>,
    many: impl FnOnce(Vec<Condition>) -> Condition,
) -> Condition {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(condition: &Condition) -> String {
        let list = |parts: &[Condition], word: &str| {
            let parts: Vec<String> = parts.iter().map(shown).collect();
            format!("({})", parts.join(word))
        };
        match condition {
            Condition::Search(name) => name.clone(),
            Condition::Of { all, pattern } => {
                let pattern = pattern.as_deref().unwrap_or("them");
                format!("{} {pattern}", if *all { "all" } else { "some" })
            }
            Condition::Not(inner) => format!("!{}", shown(inner)),
            Condition::And(parts) => list(parts, " & "),
            Condition::Or(parts) => list(parts, " | "),
        }
    }

    #[track_caller]
    fn check(text: &str, wanted: &str) {
        let got = match parse(text) {
            Ok(condition) => shown(&condition),
            Err(error) => error,
        };
        assert_eq!(got, wanted, "{text}");
    }

    #[test]
    fn precedence() {
        check("a", "a");
        check("a or b and not c", "(a | (b & !c))");
        check("not a and b", "(!a & b)");
        check("not (a or b) AND NOT not c", "(!(a | b) & !!c)");
        check("(a or(b and c))", "(a | (b & c))");
        check("selection and not 1 of filter_*", "(selection & !some filter_*)");
        check("all of them or any of x*y", "(all them | some x*y)");
        check("1", "1");
        check("all", "all");
    }

    #[test]
    fn what_is_wrong_is_said() {
        check("", "the condition ends where a search is expected");
        check("a and", "the condition ends where a search is expected");
        check("a b", "the condition does not end before `b`");
        check("(a", "a bracket of the condition is not closed");
        check("a or or b", "`or` stands where a search is expected");
        check("1 of", "`of` wants `them` or a pattern behind it");
        check(&"(".repeat(100), "the condition is nested too deep");
        check(&"not ".repeat(100), "the condition is nested too deep");
        assert!(parse("a | count() > 5").unwrap_err().contains("correlation"));
    }

    #[test]
    fn patterns_of_names() {
        for (pattern, name, wanted) in [
            ("selection_*", "selection_img", true),
            ("selection*", "selection", true),
            ("selection_*", "selection", false),
            ("*_img", "selection_img", true),
            ("s*_i*", "selection_img", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), wanted, "{pattern} {name}");
        }
    }
}
