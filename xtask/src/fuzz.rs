//! `cargo xtask fuzz --minutes N [TARGET...]`: builds the fuzz targets with
//! coverage instrumentation and runs each for its share of time, then prints
//! executions and coverage. Inputs that a target fails on are kept in
//! `fuzz/cases/TARGET/`, where the tests replay them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

/// What `cargo fuzz` passes for coverage-guided fuzzing, without a sanitizer:
/// the code under test is safe Rust, and its panics are what we look for.
const FLAGS: &str = "--cfg fuzzing -Ccodegen-units=1 -Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

const HOST: &str = "x86_64-unknown-linux-gnu";

/// Runs the named targets, or all, for `minutes` each.
pub(crate) fn run(root: &Path, minutes: f64, wanted: &[String]) -> Result<(), String> {
    let fuzz = root.join("fuzz");
    let targets =
        targets(&fuzz.join("targets")).map_err(|e| format!("fuzz/targets: {e}"))?;
    if let Some(unknown) = wanted.iter().find(|name| !targets.contains(name)) {
        return Err(format!(
            "no fuzz target `{unknown}`: there are {}",
            targets.join(", ")
        ));
    }
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--target", HOST])
        .env("RUSTFLAGS", FLAGS)
        .current_dir(&fuzz)
        .status()
        .map_err(|e| format!("cargo build: {e}"))?;
    if !status.success() {
        return Err("the fuzz targets do not build".into());
    }
    let mut failed = Vec::new();
    for target in targets.iter().filter(|t| wanted.is_empty() || wanted.contains(t)) {
        if !one(&fuzz, target, minutes)? {
            failed.push(target.clone());
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("cases found by {}", failed.join(", ")))
    }
}

fn targets(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem() {
            names.push(stem.to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Runs one target; whether it found nothing.
fn one(fuzz: &Path, target: &str, minutes: f64) -> Result<bool, String> {
    let fail = |e: io::Error| format!("{target}: {e}");
    let (seeds, found) =
        (fuzz.join("corpus").join(target), fuzz.join("cases").join(target));
    let work = fuzz.join("target/work").join(target);
    for folder in [&seeds, &found, &work] {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let output =
        Command::new(fuzz.join("target").join(HOST).join("release").join(target))
            .arg(&work)
            .arg(&seeds)
            .arg(format!("-max_total_time={:.0}", (minutes * 60.0).max(1.0)))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .args([
                "-rss_limit_mb=4096",
                "-timeout=20",
                "-print_final_stats=1",
                "-verbosity=1",
            ])
            .stdout(Stdio::null())
            .output()
            .map_err(fail)?;
    let log = String::from_utf8_lossy(&output.stderr);
    let executions = log
        .lines()
        .find_map(|l| l.strip_prefix("stat::number_of_executed_units:"))
        .map_or("?", str::trim);
    let coverage = log
        .lines()
        .rev()
        .find_map(|l| l.split("cov: ").nth(1)?.split_whitespace().next())
        .unwrap_or("?");
    let ok = output.status.success();
    let verdict = if ok { "nothing found" } else { "CASE FOUND" };
    #[expect(clippy::print_stdout, reason = "the report is what the command is for")]
    {
        println!(
            "{target}: {minutes} min, {executions} executions, {coverage} edges, {verdict}"
        );
    }
    if !ok {
        let tail: Vec<_> = log.lines().rev().take(30).collect();
        let text: Vec<_> = tail.into_iter().rev().collect();
        return Err(format!("{target}:\n{}", text.join("\n")));
    }
    Ok(ok)
}
