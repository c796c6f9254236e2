//! Random regular expressions over few letters, so that they are found about as
//! often as not.

use super::random::Random;

/// Pieces that stand for one byte or none.
const ATOMS: &[&str] = &[
    "a", "b", "c", "e", r"\.", r"[/\\]", "[ab]", "[^a]", ".", r"\d", r"\w", r"[a-f]", "x",
];
/// What looks around.
const LOOKS: &[&str] = &["^", "$", r"\b", r"\B", r"\A", r"\z"];
/// How often a piece comes.
const TIMES: &[&str] = &["*", "+", "?", "{2}", "{1,3}", "*?", "+?", "??"];

/// A regular expression in the dialect of patterns.
pub(super) fn regex(random: &mut Random) -> String {
    let flags = random.pick(&["", "", "", "(?i)", "(?s)", "(?m)"]).copied().unwrap_or("");
    format!("{flags}{}", branch(random, 2))
}

fn branch(random: &mut Random, depth: usize) -> String {
    let n = if random.chance(25) { 2 } else { 1 };
    let parts: Vec<_> = (0..n).map(|_| sequence(random, depth)).collect();
    parts.join("|")
}

fn sequence(random: &mut Random, depth: usize) -> String {
    let mut text = String::new();
    for _ in 0..random.between(1, 4) {
        if random.chance(12) {
            text.push_str(random.pick(LOOKS).copied().unwrap_or(""));
        }
        match depth > 0 && random.chance(20) {
            true => {
                text.push_str("(?:");
                text.push_str(&branch(random, depth.saturating_sub(1)));
                text.push(')');
            }
            false => text.push_str(random.pick(ATOMS).copied().unwrap_or("a")),
        }
        if random.chance(25) {
            text.push_str(random.pick(TIMES).copied().unwrap_or(""));
        }
    }
    if random.chance(6) {
        text.push_str(random.pick(LOOKS).copied().unwrap_or(""));
    }
    text
}
