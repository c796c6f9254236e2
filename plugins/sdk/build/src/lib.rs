//! The build script of a plugin: its manifest and schema to Rust.
//!
//! ```text
//! plugin.toml  [enricher] --.
//! schema.toml  kinds -------+--> $OUT_DIR/plugin.rs: codes, KINDS, typed writers,
//!              [[extend]] --'                        given, adds, sections
//! ```
//!
//! `build.rs` is `fn main() { tagout_plugin_build::run(); }`, and `tagout_plugin::plugin!()`
//! includes what it writes.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use tagout_spec::plugin::{MANIFEST_SECTION, SCHEMA_SECTION};
use tagout_spec::schema::emit::{self, Guest};
use tagout_spec::schema::{EnumIdx, Schema};
use toml::{Table, Value};

/// The manifest, beside `Cargo.toml`.
pub const MANIFEST: &str = "plugin.toml";
/// The schema, beside it; a plugin without one adds no kinds and fields.
pub const SCHEMA: &str = "schema.toml";

/// Reads both files and writes the module.
///
/// # Panics
/// With what is wrong: a build script has no other way to say it.
pub fn run() {
    println(&format!("cargo::rerun-if-changed={MANIFEST}"));
    println(&format!("cargo::rerun-if-changed={SCHEMA}"));
    // Rust's own stack of 1 MiB would be most of a plugin's memory.
    if std::env::var_os("CARGO_CFG_TARGET_FAMILY").is_some_and(|family| family == "wasm")
    {
        println("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
    }
    let written = read(Path::new(".")).and_then(|(manifest, schema)| {
        let out = std::env::var_os("OUT_DIR").ok_or("cargo names no `OUT_DIR`")?;
        let text = module(&manifest, schema.as_deref())?;
        fs::write(Path::new(&out).join("plugin.rs"), text).map_err(|e| e.to_string())
    });
    if let Err(message) = written {
        println(&format!("cargo::error={message}"));
    }
}

fn read(folder: &Path) -> Result<(String, Option<String>), String> {
    let manifest = fs::read_to_string(folder.join(MANIFEST))
        .map_err(|e| format!("{MANIFEST}: {e}"))?;
    let schema = folder.join(SCHEMA);
    if !schema.exists() {
        return Ok((manifest, None));
    }
    let schema = fs::read_to_string(schema).map_err(|e| format!("{SCHEMA}: {e}"))?;
    Ok((manifest, Some(schema)))
}

/// The source of the module `plugin`.
///
/// # Errors
/// A manifest or a schema that is none, or that contradict each other.
pub fn module(manifest: &str, schema: Option<&str>) -> Result<String, String> {
    let manifest: Table = manifest.parse().map_err(|e| format!("{MANIFEST}: {e}"))?;
    let mut all = Schema::builtin();
    let enums = all.enums.len();
    let mut guest = Guest::default();
    if let Some(text) = schema {
        guest.kinds = all.add_file(text).map_err(|e| format!("{SCHEMA}: {e}"))?;
    }
    guest.enums = (enums..all.enums.len())
        .filter_map(|at| u16::try_from(at).ok().map(EnumIdx))
        .collect();
    let given = list(&manifest, "enricher", "kinds");
    for name in &given {
        // The sensor need not know the kind; then nothing of it is ever given.
        let unknown = || format!("{MANIFEST}: no kind `{name}` to enrich");
        guest.given.push(all.kind_idx(name).ok_or_else(unknown)?);
    }
    guest.reads = list(&manifest, "enricher", "reads");
    let mut out = emit::guest(&all, &guest);
    section(&mut out, MANIFEST_SECTION, MANIFEST);
    if let Some(text) = schema {
        section(&mut out, SCHEMA_SECTION, SCHEMA);
        let schema: Table = text.parse().map_err(|e| format!("{SCHEMA}: {e}"))?;
        adds(&mut out, &schema, &given);
    }
    Ok(out)
}

fn section(out: &mut String, name: &str, file: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "::tagout_plugin::section!({name:?}, {file:?});");
}

/// Numbers of the fields that the schema adds to kinds: one module for all kinds if all
/// get the same, else one a kind.
fn adds(out: &mut String, schema: &Table, kinds: &[String]) {
    let extends = schema.get("extend").and_then(Value::as_array);
    let extends: Vec<&Table> =
        extends.into_iter().flatten().filter_map(Value::as_table).collect();
    let of_kind = |kind: &String| -> Vec<String> {
        let its = extends.iter().filter(|e| texts(e.get("kinds")).contains(kind));
        let fields = its.flat_map(|e| e.get("field").and_then(Value::as_array));
        fields.flatten().filter_map(Value::as_table).flat_map(paths).collect()
    };
    let by_kind: Vec<Vec<String>> = kinds.iter().map(of_kind).collect();
    let Some(first) = by_kind.first().filter(|paths| !paths.is_empty()) else { return };
    out.push_str("/// Numbers of the fields that the plugin adds.\npub mod adds {\n");
    if by_kind.iter().all(|paths| paths == first) {
        constants(out, first);
    } else {
        for (kind, paths) in kinds.iter().zip(&by_kind) {
            let _ = writeln!(out, "/// To `{kind}`.\npub mod {kind} {{");
            constants(out, paths);
            out.push_str("}\n");
        }
    }
    out.push_str("}\n");
}

fn constants(out: &mut String, paths: &[String]) {
    for (at, path) in paths.iter().enumerate() {
        let name = path.replace('.', "_").to_ascii_uppercase();
        let _ = writeln!(out, "/// `{path}`.\npub const {name}: u32 = {at};");
    }
}

fn paths(field: &Table) -> Vec<String> {
    match field.get("path") {
        Some(path) => path.as_str().map(str::to_owned).into_iter().collect(),
        None => texts(field.get("paths")),
    }
}

fn list(manifest: &Table, table: &str, key: &str) -> Vec<String> {
    texts(manifest.get(table).and_then(Value::as_table).and_then(|t| t.get(key)))
}

fn texts(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[expect(clippy::print_stdout, reason = "a build script talks to cargo")]
fn println(line: &str) {
    println!("{line}");
}
