//! Rules as YAML, then as what they become: `cases/*.md`, a file a subject.
//!
//! A block of YAML is followed by the source of its rules without metadata, or by the
//! reasons why there is none. `TAGOUT_UPDATE=1` writes the second blocks anew: read
//! them before you commit them.

use std::path::{Path, PathBuf};

use tagout_spec::schema::Schema;

use super::{Input, Outcome, import};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/import/sigma/cases")
}

/// What the rules of a block become.
fn imported(yaml: &str) -> String {
    let input = Input { path: "case.yml".to_owned(), text: yaml.to_owned() };
    let imported = import(&[input], "cases", &Schema::builtin());
    let mut out = String::new();
    for (_, text) in &imported.files {
        out.push_str(&without_meta(text));
    }
    for entry in &imported.report.entries {
        match &entry.outcome {
            Outcome::Refused { reason, .. } => {
                out.push_str(&format!("# refused: {reason}\n"))
            }
            Outcome::Applied { rules } => out.push_str(&format!("# filter of {rules}\n")),
            Outcome::Imported { .. } => {}
        }
    }
    out
}

/// The sections from `on` to the last condition.
fn without_meta(text: &str) -> String {
    let lines = text.lines();
    let body = lines.skip_while(|line| !line.starts_with("    on "));
    let body = body.take_while(|line| !line.starts_with("    emit ") && *line != "}");
    let wanted = body.filter(|line| line.trim() != "missing = false");
    let lines: Vec<&str> =
        wanted.map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
    match lines.is_empty() {
        true => text.to_owned(),
        false => format!("{}\n", lines.join("\n")),
    }
}

/// A page with the blocks behind its YAML as they are now.
fn current(page: &str) -> String {
    let mut out = String::new();
    let mut rest = page;
    while let Some((before, behind)) = rest.split_once("```yaml\n") {
        let (yaml, behind) = behind.split_once("```\n").expect("a block ends");
        out.push_str(&format!(
            "{before}```yaml\n{yaml}```\n\n```text\n{}```\n",
            imported(yaml)
        ));
        rest = match behind.trim_start().strip_prefix("```text\n") {
            Some(old) => old.split_once("```\n").expect("a block ends").1,
            None => behind,
        };
    }
    out.push_str(rest);
    out
}

#[test]
fn rules_become_what_the_cases_show() {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("there are cases")
        .map(|entry| entry.expect("readable").path())
        .collect();
    pages.sort();
    assert!(pages.len() >= 5);
    for path in pages {
        let page = std::fs::read_to_string(&path).expect("cases are text");
        let current = current(&page);
        if std::env::var_os("TAGOUT_UPDATE").is_some() {
            std::fs::write(&path, &current).expect("the page is written");
        }
        assert!(
            page == current || std::env::var_os("TAGOUT_UPDATE").is_some(),
            "{} is stale; now it is\n{current}",
            path.display()
        );
    }
}

#[test]
fn metadata_is_kept() {
    let yaml = "
title: Say {this}
id: 19b08b1c-861d-4e75-a1ef-ea0c1baf202b
related:
    - id: 13e6fe51-d478-4c7e-b0f2-6da9b400a829
      type: similar
status: test
description: |
    Two lines
    of text
references: [https://example.org/a]
author: Somebody
date: 2026-01-31
tags: [attack.t1059.001, attack.execution, attack.ta0002, cve.2026-1]
logsource: { category: process_creation, product: windows }
detection: { selection: { Image: a }, condition: selection }
fields: [CommandLine, Other]
falsepositives: [Unknown]
level: informational
";
    let input = Input { path: "rules/some_rule.yml".into(), text: yaml.into() };
    let imported = import(&[input], "cases", &Schema::builtin());
    let wanted = r#"# Imported from the Sigma rule some_rule.yml.
rule some_rule {
    meta {
        id = "19b08b1c-861d-4e75-a1ef-ea0c1baf202b"
        severity = info
        status = "test"
        attack = [T1059.001, TA0002]
        description = "Two lines of text"
        falsepositives = "Unknown"
        reference = "https://example.org/a"
        author = "Somebody"
        date = "2026-01-31"
        tags = ["attack.execution", "cve.2026-1"]
        related = "similar 13e6fe51-d478-4c7e-b0f2-6da9b400a829"
    }
    on process as p
    missing = false
    where p.host.os == windows and p.image == "a"
    emit {
        title = "Say {{this}}"
        evidence = [p.command_line, p.raw["Other"]]
    }
}
"#;
    let [(path, text)] = imported.files.as_slice() else {
        panic!("{:?}", imported.report)
    };
    assert_eq!(path, "windows/process_creation/some_rule.tag");
    assert_eq!(text, wanted);
}

/// Paths and sizes are ours, whatever a rule says.
#[test]
fn a_hostile_rule_stays_in_its_place() {
    let with = |source: &str, condition: &str| {
        let text = format!(
            "logsource: {{ {source} }}\ndetection: {{ a: {{ b: [c, d] }}, condition: {condition} }}"
        );
        let input = Input { path: "../../../x y.yml".into(), text };
        import(&[input], "x", &Schema::builtin())
    };
    for source in ["service: ///", "service: '..'", "product: linux, service: ../../y"] {
        for (path, _) in with(source, "a").files {
            assert!(!path.starts_with('/') && !path.contains(".."), "{path}");
        }
    }
    let long = vec!["a"; 10_000].join(" and ");
    let report = with("service: y", &long).report;
    assert!(report.text().contains("more than 8192 tests"), "{}", report.text());
}

#[test]
fn every_document_has_an_entry() {
    let yaml = "title: a\n---\n- 1\n---\ncorrelation: {}\n---\nfilter: {s: {a: b}, condition: s}\n";
    let input = |text: &str| Input { path: "x.yml".into(), text: text.into() };
    let report =
        import(&[input(yaml), input(": :"), input("")], "x", &Schema::builtin()).report;
    let reasons: Vec<String> = report
        .entries
        .iter()
        .map(|entry| match &entry.outcome {
            Outcome::Refused { class, .. } => format!("{class:?}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(reasons, ["Form", "Form", "Correlation", "Unused", "Form", "Form"]);
}
