//! What the fuzz targets that need the compiler or the engine do with an input; those
//! that read traffic are `tagout-traffic`'s. libFuzzer calls these through
//! `fuzz/engine`; the tests call them with every input that is kept. Each panics on a
//! broken promise and on nothing else.

use std::cell::RefCell;

use tagout_compiler::PackSource;
use tagout_compiler::ir::generate::Shape;
use tagout_compiler::syntax::{format, parse};
use tagout_runtime::verify::{Limits, verify};
use tagout_runtime::{Runtime, Session};
use tagout_spec::schema::Schema;

use crate::differential::{Tally, run};

mod host;
mod plugin;
mod sigma;

pub use host::{auditd, evtx, windows_json, windows_xml};
pub use plugin::{plugin_boundary, plugin_loader};
pub use sigma::sigma_yaml;

/// A target: its name, which is that of its folders, and what it does.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, by name.
pub const TARGETS: &[Target] = &[
    ("auditd", auditd),
    ("differential", differential),
    ("evtx", evtx),
    ("json_lines", json_lines),
    ("pack_loader", pack_loader),
    ("plugin_boundary", plugin_boundary),
    ("plugin_loader", plugin_loader),
    ("rule_text", rule_text),
    ("sigma_yaml", sigma_yaml),
    ("windows_json", windows_json),
    ("windows_xml", windows_xml),
];

/// Rule text: parsing, formatting and checking never panic; formatting is
/// idempotent; what checks without errors builds.
///
/// # Panics
/// If formatting is not idempotent or a clean file does not build.
pub fn rule_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = parse(text, tagout_compiler::diagnostic::FileId(0));
    if let Ok(once) = format(text) {
        assert_eq!(
            format(&once).as_deref(),
            Ok(once.as_str()),
            "formatting twice differs"
        );
    }
    let source = PackSource::single("fuzz.tag", text);
    let built = tagout_compiler::build(&source, &Schema::builtin());
    assert!(
        built.pack.is_some() || built.checked.has_errors(),
        "no pack and no error that says why"
    );
}

/// Bytes as a pack: refused with an error, or loaded and given an event.
pub fn pack_loader(data: &[u8]) {
    let _ = verify(data, &Limits::default(), &[]);
    let _ = tagout_runtime::inspect(data, &Limits::default());
}

/// Bytes as a line of JSON: an event or an error; what is written reads back.
///
/// # Panics
/// If an event that was written does not read back as itself.
pub fn json_lines(data: &[u8]) {
    use tagout_spec::record::{BatchBuilder, EventJson, Needs};
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let canonical = |line: &[u8]| -> Option<Vec<u8>> {
        let kind = json.kind(line).ok()?;
        let mut batch = BatchBuilder::new(&schema, kind, Needs::ALL)?;
        let mut record = batch.begin()?;
        json.read(line, &mut record).ok()?;
        record.commit();
        let mut out = Vec::new();
        json.write(&batch.finish(0).view().record(0)?, &mut out);
        Some(out)
    };
    if let Some(once) = canonical(data) {
        assert_eq!(canonical(&once), Some(once), "an event does not read back");
    }
    thread_local! {
        // A session takes any line after any other.
        static SESSION: RefCell<Option<Session>> =
            RefCell::new(Runtime::builder().build().and_then(|r| r.session()).ok());
    }
    SESSION.with_borrow_mut(|session| {
        if let Some(session) = session {
            let _ = session.line(data);
            session.flush();
            while session.next_output().is_some() {}
        }
    });
}

/// The first eight bytes are a seed of the differential test.
///
/// # Panics
/// On the first difference between interpreter and modules.
#[expect(clippy::panic, reason = "a difference is what the fuzzer looks for")]
pub fn differential(data: &[u8]) {
    let Some(seed) = data.first_chunk() else { return };
    let shape = Shape { predicates: 5, events: 25, depth: 4 };
    if let Err(difference) = run(u64::from_le_bytes(*seed), shape, &mut Tally::default())
    {
        panic!("{difference}");
    }
}
