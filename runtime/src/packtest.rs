//! A pack's own tests, run on this runtime: no compiler is needed.
//!
//! Each test has a fresh session with its own parameters and without a site, so
//! that what a pack proves does not depend on where it runs.

use std::sync::Arc;

use serde_json::Value as Json;
use tagout_spec::pack::manifest::Expectation;
use tagout_spec::pack::manifest::PackTest;

use crate::alert::Alert;
use crate::pack::LoadError;
use crate::runtime::BuildError;
use crate::runtime::Loaded;
use crate::runtime::Runtime;
use crate::session::Output;
use crate::session::Session;
use crate::site::Site;

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestResult {
    /// Full name of the rule.
    pub rule: String,
    /// What the test shows.
    pub name: String,
    /// File and 1-based line.
    pub place: (String, u32),
    /// What was not as expected; empty if the test passed.
    pub problems: Vec<String>,
    /// The alerts of the rule, in event order.
    pub alerts: Vec<Alert>,
}

impl TestResult {
    /// Whether everything was as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.problems.is_empty()
    }
}

/// What a rule made of the events of a test.
#[derive(Default)]
struct Seen {
    matches: u64,
    indeterminate: u64,
    /// For each undecided event, the fields that it lacked.
    lacks: Vec<Vec<String>>,
    problems: Vec<String>,
    alerts: Vec<Alert>,
}

impl Runtime {
    /// Runs the tests of all packs.
    ///
    /// # Errors
    ///
    /// The section with the tests of a pack is malformed.
    pub fn run_tests(&self) -> Result<Vec<TestResult>, BuildError> {
        let mut results = Vec::new();
        for loaded in &self.packs {
            let failed = |error: LoadError| BuildError {
                label: loaded.pack.manifest.name.clone(),
                error,
            };
            let tests = loaded.pack.tests().map_err(failed)?;
            let alone = self.alone(loaded);
            results.extend(tests.iter().map(|test| run(&alone, loaded, test)));
        }
        Ok(results)
    }

    /// One pack without a site.
    fn alone(&self, loaded: &Arc<Loaded>) -> Self {
        let site = Arc::new(Site::default());
        Self { packs: vec![loaded.clone()], site, ..self.clone() }
    }
}

fn run(runtime: &Runtime, loaded: &Loaded, test: &PackTest) -> TestResult {
    let (problems, alerts) = match runtime.session_with(&test.with) {
        // As with facts of the site, a test states what an enricher would add.
        Ok(session) => judge(session.without_enrichers(), loaded, test),
        Err(error) => (vec![error.to_string()], Vec::new()),
    };
    TestResult {
        rule: format!("{}/{}", loaded.pack.manifest.name, test.rule),
        name: test.name.clone(),
        place: test.place.clone(),
        problems,
        alerts,
    }
}

fn judge(
    mut session: Session,
    loaded: &Loaded,
    test: &PackTest,
) -> (Vec<String>, Vec<Alert>) {
    let Some(rule) = loaded.pack.rule(&test.rule) else {
        return (vec![format!("the pack has no rule `{}`", test.rule)], Vec::new());
    };
    let name = loaded.pack.full_name(rule);
    let blind = session.blind();
    if let Some(blind) = blind.iter().find(|blind| blind.rule == name) {
        return (vec![blind.to_string()], Vec::new());
    }
    let seen = see(&mut session, &name, test);
    let mut problems: Vec<String> =
        test.expect.iter().filter_map(|expected| differs(expected, &seen)).collect();
    problems.splice(0..0, seen.problems);
    (problems, seen.alerts)
}

fn see(session: &mut Session, rule: &str, test: &PackTest) -> Seen {
    let mut seen = Seen::default();
    for (number, event) in (1..).zip(&test.events) {
        let line = Json::to_string(event);
        if let Err(error) = session.line(line.as_bytes()) {
            seen.problems.push(format!("event {number}: {error}"));
            continue;
        }
        // Events of other kinds are part of a test, and decide nothing.
        if let Ok(why) = session.explain_line(rule, line.as_bytes())
            && why.verdict == "indeterminate"
        {
            seen.lacks.push(why.lacks.into_iter().map(|(field, _)| field).collect());
        }
    }
    session.flush();
    while let Some(output) = session.next_output() {
        match output {
            Output::Fault(fault) => {
                seen.problems.push(format!("the pack failed: {}", fault.problem));
            }
            Output::Alert(alert) if alert.rule == rule => seen.alerts.push(*alert),
            Output::Plugin(report) => seen.problems.push(report.to_string()),
            Output::Alert(_) => {}
        }
    }
    let stats = session.stats();
    seen.indeterminate = stats.indeterminate.get(rule).copied().unwrap_or(0);
    seen.matches = session.matches(rule);
    seen
}

fn differs(expected: &Expectation, seen: &Seen) -> Option<String> {
    let was = match (seen.matches, seen.indeterminate) {
        (0, 0) => "it did not match".to_owned(),
        (0, _) => format!("it was indeterminate on {}", lists(&seen.lacks)),
        (_, 0) => "it matched".to_owned(),
        _ => format!("it matched, and was indeterminate on {}", lists(&seen.lacks)),
    };
    let (holds, wanted) = match expected {
        Expectation::Match => (seen.matches > 0, "a match".to_owned()),
        Expectation::None => {
            (seen.matches == 0 && seen.indeterminate == 0, "no match".to_owned())
        }
        Expectation::Indeterminate(fields) => {
            let named = |lacks: &Vec<String>| fields.iter().all(|f| lacks.contains(f));
            let on =
                if fields.is_empty() { "anything".into() } else { fields.join(", ") };
            let holds = seen.indeterminate > 0 && seen.lacks.iter().any(named);
            (holds, format!("an indeterminate verdict on {on}"))
        }
    };
    (!holds).then(|| format!("expected {wanted}, but {was}"))
}

fn lists(lacks: &[Vec<String>]) -> String {
    let lists: Vec<String> = lacks.iter().map(|fields| fields.join(", ")).collect();
    lists.join("; ")
}
