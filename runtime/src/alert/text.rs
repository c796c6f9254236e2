//! An alert for a person at a terminal.
//!
//! ```text
//! high      Program download to press 7
//!           modbus/program_download  2026-11-22T10:00:00.000001Z
//!           10.30.1.9:50000 -> 10.10.0.5:502  modbus
//!           evidence  quantity 12, address 40
//!           why       `dst.asset.role` is missing
//! ```
//!
//! Values come from the network: control characters are escaped, so that no
//! event writes to the terminal.

use std::fmt::Write as _;

use serde_json::Map;
use serde_json::Value as Json;

use super::Alert;
use super::Outcome;

impl Alert {
    /// A few lines of text, each with its end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |head: &str, body: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{head:<10}{}", escape(body));
        };
        let title = match self.verdict {
            Outcome::Match => self.title.clone(),
            Outcome::Indeterminate => format!("cannot decide: {}", self.title),
        };
        line(self.level(), &title);
        let time = self.ts.map(|ts| crate::json::time_text(ts, "Z")).unwrap_or_default();
        line("", &format!("{}  {time}", self.rule));
        line("", &self.who());
        if !self.evidence.is_empty() {
            line("", &format!("evidence  {}", list(&self.evidence)));
        }
        for (field, how) in &self.lacks {
            line("", &format!("why       `{field}` is {}", how.phrase()));
        }
        text
    }

    /// Who to whom, with the names that the site gives them.
    fn who(&self) -> String {
        let kind = self.get(&["kind"]).and_then(Json::as_str).unwrap_or_default();
        let end = |end: &str| {
            let text = |path: &[&str]| {
                let path: Vec<&str> =
                    [end].into_iter().chain(path.iter().copied()).collect();
                self.get(&path).map(plain)
            };
            let ip = text(&["ip"]).or_else(|| text(&["mac"]))?;
            let port = text(&["port"]).map(|port| format!(":{port}")).unwrap_or_default();
            let name = text(&["asset", "name"]);
            let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
            Some(format!("{ip}{port}{name}"))
        };
        match (end("src"), end("dst")) {
            (None, None) => {
                let host = self.get(&["host", "name"]).map(plain);
                let host = host.or_else(|| end("host")).unwrap_or_default();
                format!("{host}  {kind}").trim_start().to_owned()
            }
            (src, dst) => {
                let or_unknown =
                    |end: Option<String>| end.unwrap_or_else(|| "?".to_owned());
                format!("{} -> {}  {kind}", or_unknown(src), or_unknown(dst))
            }
        }
    }
}

fn list(values: &Map<String, Json>) -> String {
    let pairs = values.iter().map(|(name, value)| format!("{name} {}", plain(value)));
    pairs.collect::<Vec<_>>().join(", ")
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Object(object) => crate::json::plain(object),
        other => other.to_string(),
    }
}

/// Control characters, and those that turn the direction of text.
fn escape(text: &str) -> String {
    let hostile = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().fold(String::new(), |mut out, c| {
        if hostile(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}
