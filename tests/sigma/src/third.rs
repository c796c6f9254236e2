//! The third opinion: pySigma with its SQLite backend, as `tests/tools/sigma_sqlite.py`
//! asks it.
//!
//! Python with both is found through `$TAGOUT_PYTHON` or as `python3`. Absence is said
//! loudly; in continuous integration it is a failure.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Map, Value, json};

/// The verdicts on the events of each rule; nothing of a rule about which there is no
/// opinion. Nothing at all if nobody is there to be asked.
///
/// # Panics
/// If the script fails, or there is none in continuous integration.
#[expect(clippy::disallowed_methods, reason = "a test reads the environment")]
#[expect(clippy::print_stderr, reason = "what was not asked is told")]
#[expect(clippy::expect_used, reason = "what helps a test may fail it")]
pub fn opinions<'q>(
    questions: impl Iterator<Item = (&'q str, &'q [Map<String, Value>])>,
) -> Option<Vec<Option<Vec<bool>>>> {
    let python = std::env::var("TAGOUT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python).args(["-c", "import sigma.backends.sqlite"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!("NOT RUN: no Python with pySigma at $TAGOUT_PYTHON or python3");
        assert!(std::env::var_os("CI").is_none(), "pySigma is needed here");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/sigma_sqlite.py");
    let mut child = Command::new(python)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let questions: Vec<String> = questions
        .map(|(rule, events)| json!({ "rule": rule, "events": events }).to_string())
        .collect();
    let mut to = child.stdin.take().expect("it listens");
    let asking = std::thread::spawn(move || {
        questions.iter().try_for_each(|question| writeln!(to, "{question}"))
    });
    let mut answers = String::new();
    let from = child.stdout.as_mut().expect("it speaks");
    from.read_to_string(&mut answers).expect("it speaks text");
    asking.join().expect("it listened").expect("it listened to all");
    assert!(child.wait().expect("it ends").success(), "the script failed");
    let verdicts = answers.lines().map(|line| {
        let answer: Value = serde_json::from_str(line).expect("an answer is JSON");
        let verdicts = answer.get("verdicts")?.as_array()?;
        verdicts.iter().map(Value::as_bool).collect()
    });
    Some(verdicts.collect())
}
