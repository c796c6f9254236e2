//! `cargo xtask prove SUBJECT [--minutes N]`: all that proves a subject, in one report:
//! its tests over everything at hand, its fuzz targets for N minutes each (10, if not
//! said), its benches and figures. It takes from minutes to hours and all of a core, so
//! nothing runs it by itself.
//!
//! A report is what the commands print, without what is the same at every run; what was
//! not run for want of something is in it. It fails if one of them does.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Subjects, and the commands that prove them; `MINUTES` is what is asked for, and `PACKS`
/// are all packs.
const SUBJECTS: &[(&str, &[&str])] = &[
    (
        "rule-to-pack",
        &[
            "cargo test -p tagout-spec -p tagout-compiler -p tagout-runtime -- --nocapture",
            "cargo test -p tagout-tests -- --nocapture",
            "cargo run --release -p tagout-cli --bin tagout -- test --mutate PACKS",
            "cargo run --release -p tagout-tests --example figures",
            "cargo xtask fuzz --minutes MINUTES differential json_lines pack_loader rule_text",
        ],
    ),
    (
        "wire-to-event",
        &[
            "cargo test -p tagout-decode -p tagout-sources -- --nocapture",
            "cargo test -p tagout-cli -- --nocapture",
            "cargo run --release -p tagout-traffic --example traffic -- modbus",
            "cargo build --release --workspace --bin tagout",
            "cargo run --release -p tagout-tests --example sensor -- capture",
            "cargo run --release -p tagout-tests --example sensor -- latency",
            "cargo xtask fuzz --minutes MINUTES capture json_lines modbus packets",
        ],
    ),
    (
        "host",
        &[
            "cargo test -p tagout-host -- --nocapture",
            "cargo test -p tagout-sigma-tests -- --nocapture",
            "cargo run --release -p tagout-cli --bin tagout -- test --mutate PACKS",
            "cargo run --release -p tagout-tests --example host",
            "cargo xtask fuzz --minutes MINUTES auditd evtx sigma_yaml windows_json windows_xml",
        ],
    ),
    (
        "protocols",
        &[
            "cargo test -p tagout-decode -- --nocapture",
            "cargo test -p tagout-sources --test tshark -- --nocapture",
            "cargo test -p tagout-sources --test disorder -- --nocapture",
            "cargo test -p tagout-sources --test instructions -- --nocapture",
            "cargo test -p tagout-cli --test captures -- --nocapture",
            "cargo run --release -p tagout-cli --bin tagout -- test --mutate PACKS",
            "cargo run --release -p tagout-traffic --example traffic -- decoders",
            "cargo run --release -p tagout-traffic --example traffic -- mixed",
            "cargo build --release --workspace --bin tagout",
            "cargo run --release -p tagout-tests --example sensor -- mixed",
            "cargo xtask fuzz --minutes MINUTES capture dcp dnp3 dnp3_udp enip enip_udp iec104 \
             modbus modbus_udp packets pnio s7",
        ],
    ),
];

/// Runs the proof of a subject.
pub(crate) fn run(root: &Path, subject: &str, minutes: &str) -> Result<(), String> {
    let named = SUBJECTS.iter().find(|(name, _)| *name == subject);
    let (_, commands) = named.ok_or_else(|| {
        let names: Vec<&str> = SUBJECTS.iter().map(|(name, _)| *name).collect();
        format!("no subject `{subject}`: there are {}", names.join(", "))
    })?;
    let packs = packs(root)?.join(" ");
    let mut failed = Vec::new();
    for command in *commands {
        let command = command.replace("MINUTES", minutes).replace("PACKS", &packs);
        print(&format!("\n== {command}"));
        let start = Instant::now();
        let done = step(root, &command)?;
        let verdict = if done { "done" } else { "FAILED" };
        print(&format!("== {verdict} after {} s", start.elapsed().as_secs()));
        if !done {
            failed.push(command);
        }
    }
    print(&format!(
        "\n{subject}: {} of {} commands passed",
        commands.len().saturating_sub(failed.len()),
        commands.len()
    ));
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join("; "))) }
}

/// The packs, by their folders.
fn packs(root: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(root.join("rules")).map_err(|e| format!("rules: {e}"))?;
    let is_pack = |entry: &fs::DirEntry| entry.path().join("pack.toml").is_file();
    let name = |entry: fs::DirEntry| format!("rules/{}", entry.file_name().display());
    let mut packs: Vec<String> = entries.flatten().filter(is_pack).map(name).collect();
    packs.sort();
    Ok(packs)
}

/// Runs a command and reports what it says; whether it succeeded.
fn step(root: &Path, command: &str) -> Result<bool, String> {
    let mut words = command.split_whitespace();
    words.next();
    let output = Command::new(env!("CARGO"))
        .args(words)
        .current_dir(root)
        .output()
        .map_err(|e| format!("{command}: {e}"))?;
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    out.lines().filter(|line| !is_usual(line)).for_each(print);
    err.lines().filter(|line| is_absence(line)).for_each(print);
    if !output.status.success() {
        let lines: Vec<&str> = err.lines().collect();
        let last = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default();
        last.iter().for_each(|line| print(line));
    }
    Ok(output.status.success())
}

/// What says nothing in a report: each test that passes, and empty suites.
fn is_usual(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.starts_with("running ")
        || (line.starts_with("test ") && line.ends_with("... ok"))
        || line.starts_with("test result: ok. 0 passed")
}

fn is_absence(line: &str) -> bool {
    line.contains("NOT RUN") || line.contains("SKIPPED")
}

#[expect(clippy::print_stdout, reason = "the report is what the command is for")]
fn print(line: &str) {
    println!("{line}");
}
