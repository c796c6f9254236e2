//! `cargo xtask fuzz --minutes N [TARGET...]`: builds the fuzz targets with coverage
//! instrumentation, makes seeds of all captures at hand, runs each target for N minutes,
//! and prints executions and coverage. What a target fails on is kept in
//! `fuzz/cases/TARGET/`, where the tests replay it.
//!
//! `cargo xtask fuzz --keep [TARGET...]` makes `fuzz/corpus/TARGET/` anew: of the inputs
//! that the project's own captures give, the fewest that cover as much.
//!
//! ```text
//! fuzz/target/seeds/TARGET   of captures and files: the project's, and the corpus's if it is here
//! fuzz/target/grown/TARGET    what the fuzzer found to cover more; stays between runs
//! fuzz/corpus/TARGET         kept: small, and of the project's making
//! fuzz/cases/TARGET          kept: what once failed
//! ```

mod seeds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What `cargo fuzz` passes for coverage-guided fuzzing, without a sanitizer:
/// the code under test is safe Rust, and its panics are what we look for.
const FLAGS: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Named, so that build scripts are not instrumented.
const HOST: &str = "x86_64-unknown-linux-gnu";

/// The binaries. What needs no engine builds much sooner, so it is asked first.
const TRAFFIC: &str = "traffic";
const ENGINE: &str = "engine";

/// Tells a binary which target it is.
const CHOICE: &str = "TAGOUT_FUZZ";

/// Most bytes of an input; of a log of Windows events, that of a chunk and more.
const MOST_BYTES: &str = "-max_len=8192";
const MOST_BYTES_EVTX: &str = "-max_len=70000";

/// Most bytes that are kept of a target.
const MOST_KEPT: u64 = 22_000;

/// A target, and the binary that holds it.
struct Target {
    name: String,
    binary: PathBuf,
}

/// Runs the named targets, or all, for `minutes` each.
pub(crate) fn run(root: &Path, minutes: f64, wanted: &[String]) -> Result<(), String> {
    let fuzz = root.join("fuzz");
    let targets = targets(&fuzz, &[TRAFFIC, ENGINE], wanted)?;
    let seeds_at = fuzz.join("target/seeds");
    seeds::of_captures(root, &seeds_at, true)?;
    seeds::of_files(root, &seeds_at)?;
    let mut failed = Vec::new();
    for target in &targets {
        if let Some(log) = one(&fuzz, target, minutes)? {
            failed.push(format!("{}:\n{log}", target.name));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Makes the kept corpora of the named targets, or of all that read traffic.
pub(crate) fn keep(root: &Path, wanted: &[String]) -> Result<(), String> {
    let fuzz = root.join("fuzz");
    let targets = targets(&fuzz, &[TRAFFIC], wanted)?;
    let seeds_at = fuzz.join("target/own-seeds");
    let _ = fs::remove_dir_all(&seeds_at);
    seeds::of_captures(root, &seeds_at, false)?;
    for target in &targets {
        let (seeds, kept) =
            (seeds_at.join(&target.name), fuzz.join("corpus").join(&target.name));
        if !seeds.is_dir() {
            continue;
        }
        let _ = fs::remove_dir_all(&kept);
        make(&kept)?;
        let mut merge = target.command();
        merge.arg("-merge=1").arg(MOST_BYTES).arg(&kept).arg(&seeds);
        succeeded(&target.name, merge)?;
        let (n, bytes) = trim(&kept)?;
        if n == 0 {
            fs::remove_dir_all(&kept).map_err(|e| format!("{}: {e}", kept.display()))?;
        }
        print(&format!("{}: {n} inputs, {bytes} bytes are kept", target.name));
    }
    Ok(())
}

/// The wanted targets, built. A binary that holds none of them is not.
fn targets(
    fuzz: &Path,
    packages: &[&str],
    wanted: &[String],
) -> Result<Vec<Target>, String> {
    // One lock for both workspaces: cargo takes of the copy what this one needs.
    let lock = fuzz.join("Cargo.lock");
    if !lock.exists() {
        fs::copy(fuzz.join("../Cargo.lock"), &lock)
            .map_err(|e| format!("{}: {e}", lock.display()))?;
    }
    let mut found: Vec<Target> = Vec::new();
    let is_found =
        |found: &[Target], name: &String| found.iter().any(|t| t.name == *name);
    for package in packages {
        if !wanted.is_empty() && wanted.iter().all(|name| is_found(&found, name)) {
            break;
        }
        let mut build = Command::new(env!("CARGO"));
        build
            .args(["build", "--release", "--target", HOST, "--package", package])
            .env("RUSTFLAGS", FLAGS)
            .env("CARGO_TARGET_DIR", "target")
            .current_dir(fuzz);
        if !build.status().is_ok_and(|status| status.success()) {
            return Err(format!("the fuzz binary `{package}` does not build"));
        }
        let binary = fuzz.join("target").join(HOST).join("release").join(package);
        let mut list = Command::new(&binary);
        let listed = succeeded(package, {
            list.env(CHOICE, "list");
            list
        })?;
        for name in String::from_utf8_lossy(&listed.stdout).lines() {
            found.push(Target { name: name.to_owned(), binary: binary.clone() });
        }
    }
    if let Some(unknown) = wanted.iter().find(|name| !is_found(&found, name)) {
        let names: Vec<&str> = found.iter().map(|target| target.name.as_str()).collect();
        return Err(format!(
            "no fuzz target `{unknown}`: there are {}",
            names.join(", ")
        ));
    }
    found.retain(|target| wanted.is_empty() || wanted.contains(&target.name));
    Ok(found)
}

impl Target {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.env(CHOICE, &self.name).stdout(Stdio::null());
        command
    }
}

/// Runs one target; the end of its log if it found something.
fn one(fuzz: &Path, target: &Target, minutes: f64) -> Result<Option<String>, String> {
    let at = |folder: &str| fuzz.join(folder).join(&target.name);
    let (work, cases) = (at("target/grown"), at("cases"));
    make(&work)?;
    make(&cases)?;
    let mut command = target.command();
    command.arg(&work);
    for folder in [at("corpus"), at("cases"), at("target/seeds")] {
        if folder.is_dir() {
            command.arg(folder);
        }
    }
    command
        .arg(format!("-max_total_time={:.0}", (minutes * 60.0).max(1.0)))
        .arg(format!("-artifact_prefix={}/", cases.display()))
        .args(["-rss_limit_mb=2048", "-timeout=20", "-print_final_stats=1"])
        .arg(if target.name == "evtx" { MOST_BYTES_EVTX } else { MOST_BYTES });
    let output = command.output().map_err(|e| format!("{}: {e}", target.name))?;
    // A folder that nothing was put into.
    let _ = fs::remove_dir(&cases);
    let log = String::from_utf8_lossy(&output.stderr);
    let stat = |name: &str| {
        let line = log.lines().find_map(|l| l.strip_prefix(&format!("stat::{name}:")));
        line.map_or("?", str::trim).to_owned()
    };
    let last = |name: &str| {
        let found =
            log.lines().rev().find_map(|l| l.split(name).nth(1)?.split(' ').next());
        found.unwrap_or("?").to_owned()
    };
    let verdict = if output.status.success() { "nothing found" } else { "CASE FOUND" };
    print(&format!(
        "{}: {minutes} min, {} executions, {} a second, {} edges, {} features, {verdict}",
        target.name,
        stat("number_of_executed_units"),
        stat("average_exec_per_sec"),
        last("cov: "),
        last("ft: "),
    ));
    Ok((!output.status.success()).then(|| {
        let lines: Vec<&str> = log.lines().collect();
        lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
    }))
}

/// Removes the largest inputs until what is kept is small; how many, and their bytes.
fn trim(folder: &Path) -> Result<(usize, u64), String> {
    let fail = |e: std::io::Error| format!("{}: {e}", folder.display());
    let mut inputs = Vec::new();
    for entry in fs::read_dir(folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        inputs.push((entry.metadata().map_err(fail)?.len(), entry.path()));
    }
    inputs.sort();
    let mut bytes: u64 = inputs.iter().map(|(len, _)| len).sum();
    while bytes > MOST_KEPT {
        let Some((len, path)) = inputs.pop() else { break };
        fs::remove_file(path).map_err(fail)?;
        bytes = bytes.saturating_sub(len);
    }
    Ok((inputs.len(), bytes))
}

fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))
}

fn succeeded(what: &str, mut command: Command) -> Result<Output, String> {
    let output = command.output().map_err(|e| format!("{what}: {e}"))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{what} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn print(line: &str) {
    println!("{line}");
}
