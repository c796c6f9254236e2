//! A rule as text: metadata, event, condition, exceptions, title. The formatter lays
//! it out.

use super::cond::Rank;
use super::document::Rule;
use super::quote::{Quote, comment, literal, quoted};
use super::rule::Lowered;
use super::source::Source;

/// Statuses that the language knows.
const STATUS: &[&str] = &["stable", "test", "experimental", "deprecated", "unsupported"];

/// The text of a rule, before it is laid out.
pub(super) fn rule(
    rule: &Rule,
    lowered: &Lowered,
    source: &Source,
    name: &str,
    origin: &str,
) -> String {
    let mut out = format!("# Imported from the Sigma rule {}.\n", comment(origin));
    line(&mut out, &format!("rule {name} {{"));
    meta(&mut out, rule);
    line(&mut out, &format!("on {} as {}", source.kind, source.alias));
    line(&mut out, "missing = false");
    let wanted: Vec<String> =
        lowered.wanted.iter().map(|cond| cond.source(Rank::Not)).collect();
    let wanted = match wanted.as_slice() {
        [] => "true".to_owned(),
        [_] => {
            let only = lowered.wanted.iter().map(|cond| cond.source(Rank::Or));
            only.collect::<String>()
        }
        many => many.join(" and "),
    };
    line(&mut out, &format!("where {wanted}"));
    for (name, cond) in &lowered.excluded {
        if !name.is_empty() {
            line(&mut out, &format!("# {}", comment(name)));
        }
        line(&mut out, &format!("unless {}", cond.source(Rank::Or)));
    }
    let title = title(&rule.head.title);
    line(&mut out, "emit {");
    if !rule.head.title.is_empty() {
        line(&mut out, &format!("title = {title}"));
    }
    if !lowered.shown.is_empty() {
        line(&mut out, &format!("evidence = [{}]", lowered.shown.join(", ")));
    }
    out.push_str("}\n}\n");
    out
}

/// The file that declares what a site states for placeholders.
pub(super) fn params(names: &[String]) -> String {
    let mut out = String::from(
        "# Placeholders of Sigma rules: a rule that reads one is blind until the site states it.\n",
    );
    for name in names {
        line(&mut out, &format!("param {name}: set<name> max 4096"));
    }
    out
}

fn meta(out: &mut String, rule: &Rule) {
    let about = &rule.about;
    line(out, "meta {");
    let text = |out: &mut String, key: &str, value: Option<&str>| {
        if let Some(value) = value.map(comment).filter(|value| !value.is_empty()) {
            line(out, &format!("{key} = {}", quoted(&value, Quote::Plain)));
        }
    };
    let texts = |out: &mut String, key: &str, values: &[String]| {
        let values: Vec<String> =
            values.iter().map(|value| literal(&comment(value))).collect();
        match values.as_slice() {
            [] => {}
            [one] => line(out, &format!("{key} = {one}")),
            many => line(out, &format!("{key} = [{}]", many.join(", "))),
        }
    };
    text(out, "id", rule.head.id.as_deref());
    if let Some(severity) = about.level.as_deref().and_then(severity) {
        line(out, &format!("severity = {severity}"));
    }
    let status = about.status.as_deref().map(str::to_lowercase);
    text(out, "status", status.as_deref().filter(|status| STATUS.contains(status)));
    let (attack, tags) = tags(&about.tags);
    if !attack.is_empty() {
        line(out, &format!("attack = [{}]", attack.join(", ")));
    }
    text(out, "description", about.description.as_deref());
    texts(out, "falsepositives", &about.false_positives);
    texts(out, "reference", &about.references);
    text(out, "author", about.author.as_deref());
    text(out, "date", about.date.as_deref());
    text(out, "modified", about.modified.as_deref());
    texts(out, "tags", &tags);
    let related: Vec<String> =
        about.related.iter().map(|(kind, id)| format!("{kind} {id}")).collect();
    texts(out, "related", &related);
    text(out, "license", about.license.as_deref());
    texts(out, "scope", &about.scope);
    line(out, "}");
}

fn severity(level: &str) -> Option<&'static str> {
    match level.to_ascii_lowercase().as_str() {
        "informational" => Some("info"),
        "low" => Some("low"),
        "medium" => Some("medium"),
        "high" => Some("high"),
        "critical" => Some("critical"),
        _ => None,
    }
}

/// Techniques and tactics of ATT&CK, and the other tags.
fn tags(tags: &[String]) -> (Vec<String>, Vec<String>) {
    let mut attack: Vec<String> = Vec::new();
    let mut others = Vec::new();
    for tag in tags {
        match tag.strip_prefix("attack.").and_then(technique) {
            Some(id) if attack.contains(&id) => {}
            Some(id) => attack.push(id),
            None => others.push(tag.clone()),
        }
    }
    (attack, others)
}

/// `t1059.001` as `T1059.001`; `ta0002` as `TA0002`.
fn technique(tag: &str) -> Option<String> {
    let digits = tag.strip_prefix('t')?;
    let digits = digits.strip_prefix('a').unwrap_or(digits);
    let (number, part) = match digits.split_once('.') {
        Some((number, part)) => (number, Some(part)),
        None => (digits, None),
    };
    let is_number =
        |text: &str, n| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
    let fits = is_number(number, 4) && part.is_none_or(|part| is_number(part, 3));
    fits.then(|| tag.to_ascii_uppercase())
}

/// A title in which braces are braces.
fn title(text: &str) -> String {
    let plain = comment(text).replace('{', "{{").replace('}', "}}");
    quoted(&plain, Quote::Plain)
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

/// `pack.toml` of an imported pack.
pub(super) fn manifest(name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name: String = name.chars().filter(|c| plain(*c)).collect();
    let name = if name.is_empty() { "sigma".to_owned() } else { name };
    format!(
        "name = \"{name}\"\n\
         version = \"0.1.0\"\n\
         edition = \"2026\"\n\
         description = \"Rules imported from Sigma\"\n\
         \n\
         [lints]\n\
         # Sigma rules bring no tests along.\n\
         W0511 = \"allow\"\n"
    )
}
