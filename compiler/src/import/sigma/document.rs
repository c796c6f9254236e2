//! Documents: rules, filters and correlations as they are written, checked for
//! their form and no further.
//!
//! Sigma rules 2.1, section "Components"; Sigma filters 2.1; Sigma correlation
//! rules 2.1 are recognised and not read. The collections of the first version
//! (`action: global`) are not part of the second and refused.

use super::condition::{self, Condition};
use super::modifier::{Field, field};
use super::yaml::Yaml;

/// A document of a file.
#[derive(Clone, Debug)]
pub(super) enum Document {
    Rule(Box<Rule>),
    Filter(Box<Filter>),
    Correlation,
}

/// What a document says of itself, whatever it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) id: Option<String>,
    pub(super) source: LogSource,
}

/// Where events come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LogSource {
    pub(super) product: Option<String>,
    pub(super) category: Option<String>,
    pub(super) service: Option<String>,
}

/// A rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) head: Head,
    pub(super) about: About,
    pub(super) detection: Detection,
}

/// What a rule tells people.
#[derive(Clone, Debug, Default)]
pub(super) struct About {
    pub(super) status: Option<String>,
    pub(super) level: Option<String>,
    pub(super) description: Option<String>,
    pub(super) license: Option<String>,
    pub(super) author: Option<String>,
    pub(super) date: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) references: Vec<String>,
    pub(super) false_positives: Vec<String>,
    pub(super) tags: Vec<String>,
    pub(super) scope: Vec<String>,
    /// Type and identifier of each related rule.
    pub(super) related: Vec<(String, String)>,
    /// Fields that are to be shown.
    pub(super) fields: Vec<String>,
}

/// Exceptions for many rules.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) head: Head,
    /// Identifiers or names of rules; without any, all rules of its log source.
    pub(super) rules: Vec<String>,
    pub(super) detection: Detection,
}

/// Searches and the conditions over them.
#[derive(Clone, Debug)]
pub(super) struct Detection {
    /// In the order in which they are written.
    pub(super) searches: Vec<(String, Search)>,
    /// One of these must hold.
    pub(super) conditions: Vec<Condition>,
}

/// A search.
#[derive(Clone, Debug)]
pub(super) enum Search {
    /// All of these fields.
    All(Vec<Item>),
    /// One of these.
    Any(Vec<Search>),
}

/// A field with what is asked of it.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) field: Field,
    pub(super) values: Vec<Yaml>,
}

/// What a document says of itself; never fails, so that a report can name what is
/// refused.
pub(super) fn head(yaml: &Yaml) -> Head {
    let text = |key: &str| yaml.get(key).and_then(Yaml::text);
    let source = |key: &str| {
        let value = yaml.get("logsource").and_then(|source| source.get(key));
        value.and_then(Yaml::text).map(|text| text.trim().to_lowercase())
    };
    Head {
        title: text("title").unwrap_or_default().trim().to_owned(),
        id: text("id").filter(|id| !id.trim().is_empty()).map(|id| id.trim().to_owned()),
        source: LogSource {
            product: source("product"),
            category: source("category"),
            service: source("service"),
        },
    }
}

/// Reads a document.
pub(super) fn document(yaml: &Yaml) -> Result<Document, String> {
    if !matches!(yaml, Yaml::Map(_)) {
        return Err(format!("a rule is a map, and this is {}", yaml.what()));
    }
    if yaml.get("correlation").is_some() {
        return Ok(Document::Correlation);
    }
    if yaml.get("action").is_some() {
        return Err(
            "`action` (a collection of the first version of Sigma) is not part of \
                    Sigma 2; write each rule out"
                .to_owned(),
        );
    }
    if let Some(taxonomy) = yaml.get("taxonomy").and_then(Yaml::text)
        && taxonomy != "sigma"
    {
        return Err(format!(
            "the names of fields are those of `{taxonomy}`, which is unknown"
        ));
    }
    let head = head(yaml);
    if let Some(filter) = yaml.get("filter") {
        let rules = match filter.get("rules") {
            Some(Yaml::Text(any)) if any.eq_ignore_ascii_case("any") => Vec::new(),
            Some(rules) => rules.texts(),
            None => Vec::new(),
        };
        let detection = detection(filter, &["rules"])?;
        return Ok(Document::Filter(Box::new(Filter { head, rules, detection })));
    }
    let Some(written) = yaml.get("detection") else {
        return Err("there is no `detection`".to_owned());
    };
    let detection = detection(written, &[])?;
    Ok(Document::Rule(Box::new(Rule { head, about: about(yaml), detection })))
}

fn about(yaml: &Yaml) -> About {
    let text =
        |key: &str| yaml.get(key).and_then(Yaml::text).map(|text| text.trim().to_owned());
    let texts = |key: &str| yaml.get(key).map(Yaml::texts).unwrap_or_default();
    let related = match yaml.get("related") {
        Some(Yaml::List(items)) => items
            .iter()
            .filter_map(|item| Some((item.get("type")?.text()?, item.get("id")?.text()?)))
            .collect(),
        _ => Vec::new(),
    };
    let author = yaml.get("author").map(|author| author.texts().join(", "));
    About {
        status: text("status"),
        level: text("level"),
        description: text("description"),
        license: text("license"),
        author: author.filter(|author| !author.is_empty()),
        date: text("date"),
        modified: text("modified"),
        references: texts("references"),
        false_positives: texts("falsepositives"),
        tags: texts("tags"),
        scope: texts("scope"),
        related,
        fields: texts("fields"),
    }
}

fn detection(yaml: &Yaml, other_keys: &[&str]) -> Result<Detection, String> {
    let Yaml::Map(entries) = yaml else {
        return Err(format!("`detection` is a map, and this is {}", yaml.what()));
    };
    let mut searches = Vec::new();
    let mut conditions = Vec::new();
    for (key, value) in entries {
        match key.as_str() {
            "condition" => {
                for text in value.texts() {
                    conditions.push(condition::parse(&text)?);
                }
            }
            "timeframe" => {
                return Err(
                    "`timeframe` belongs to a correlation, which follows with the \
                            language's sequences"
                        .to_owned(),
                );
            }
            key if other_keys.contains(&key) => {}
            name => {
                let search =
                    search(value).map_err(|why| format!("search `{name}`: {why}"))?;
                searches.push((name.to_owned(), search));
            }
        }
    }
    if conditions.is_empty() {
        return Err("there is no condition".to_owned());
    }
    if searches.is_empty() {
        return Err("there is no search".to_owned());
    }
    Ok(Detection { searches, conditions })
}

/// A map is all of its fields, a list one of its elements; scalars are looked for in
/// the whole event.
fn search(yaml: &Yaml) -> Result<Search, String> {
    match yaml {
        Yaml::Map(entries) if entries.is_empty() => Err("it is empty".to_owned()),
        Yaml::Map(entries) => {
            let items: Result<Vec<Item>, String> =
                entries.iter().map(|(key, value)| item(key, value)).collect();
            Ok(Search::All(items?))
        }
        Yaml::List(items) if items.is_empty() => Err("it is empty".to_owned()),
        Yaml::List(items) if items.iter().all(is_scalar) => keywords(items.clone()),
        Yaml::List(items) => {
            let searches: Result<Vec<Search>, String> =
                items.iter().map(search).collect();
            Ok(Search::Any(searches?))
        }
        scalar => keywords(vec![scalar.clone()]),
    }
}

fn keywords(values: Vec<Yaml>) -> Result<Search, String> {
    if values.contains(&Yaml::Null) {
        return Err("null is no keyword".to_owned());
    }
    Ok(Search::All(vec![Item { field: field("")?, values }]))
}

fn item(key: &str, value: &Yaml) -> Result<Item, String> {
    let values = match value {
        Yaml::List(items) if items.is_empty() => {
            return Err(format!("`{key}` has no values"));
        }
        Yaml::List(items) => items.clone(),
        one => vec![one.clone()],
    };
    if let Some(value) = values.iter().find(|value| !is_scalar(value)) {
        return Err(format!("`{key}` is compared with {}", value.what()));
    }
    Ok(Item { field: field(key)?, values })
}

fn is_scalar(yaml: &Yaml) -> bool {
    !matches!(yaml, Yaml::List(_) | Yaml::Map(_))
}
