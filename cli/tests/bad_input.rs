//! Bad input for every command: a clear error, the right exit status, no panic.

#![expect(clippy::expect_used, reason = "what helps a test may fail it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn tagout(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tagout"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .env("NO_COLOR", "1")
        .output()
        .expect("the command starts")
}

/// A folder with one good pack and everything that is bad.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        let path: PathBuf = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, bytes).expect("a file");
    };
    let rule = b"rule r {\n    on modbus as m\n    where m.function == 6\n}\n";
    write("good.tag", rule);
    write("good/a.tag", rule);
    write(
        "good/pack.toml",
        b"name = \"good\"\nversion = \"0.1.0\"\nedition = \"2026\"\n",
    );
    write(
        "good.jsonl",
        b"{\"ts\":\"2026-01-01T00:00:00.000000Z\",\"kind\":\"modbus\"}\n",
    );
    write("empty", b"");
    write("empty.tag", b"");
    write("empty.wasm", b"");
    write("empty.toml", b"");
    write("latin1.tag", b"rule caf\xe9 {}\n");
    write("latin1.toml", b"[[zone]]\nname = \"caf\xe9\"\n");
    write(
        "latin1.jsonl",
        b"{\"ts\":\"2026-01-01T00:00:00.000000Z\",\"kind\":\"caf\xe9\"}\n",
    );
    write("binary", &[0, 159, 146, 150, 0, 1, 2, 3]);
    write("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    write("truncated.wasm", b"\0asm\x01\0\0\0\x01\x20");
    write("foreign.wasm", b"\0asm\x01\0\0\0");
    write("truncated.pcap", b"\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0");
    write("typo.toml", b"[[zoone]]\nname = \"x\"\n");
    write("broken/pack.toml", b"name = \"x\n");
    write("broken/a.tag", rule);
    fs::create_dir(folder.path().join("nothing")).expect("a folder");
    let enormous = fs::File::create(folder.path().join("enormous.tag")).expect("a file");
    enormous.set_len(1 << 40).expect("a sparse file");
    folder
}

/// Arguments, expected exit status, and a word that the error must contain.
const CASES: &[(&[&str], i32, &str)] = &[
    // Usage.
    (&[], 2, "Usage"),
    (&["chekc"], 2, "check"),
    (&["check"], 2, "required"),
    (&["run", "good.jsonl"], 2, "--pack"),
    (&["run", "-p", "good", "--formt", "eve", "good.jsonl"], 2, "--format"),
    (&["run", "-p", "good", "--lateness", "5", "good.jsonl"], 2, "unit"),
    (&["build", "good"], 2, "--output"),
    (&["fields", "modbsu"], 2, "modbus"),
    (&["explain", "E9999"], 2, "E9999"),
    (&["completions", "tcsh-not"], 2, "possible values"),
    // Missing.
    (&["check", "missing.tag"], 2, "missing.tag"),
    (&["build", "missing", "-o", "x.wasm"], 2, "missing"),
    (&["run", "-p", "missing", "good.jsonl"], 2, "missing"),
    (&["run", "-p", "good", "missing.pcap"], 2, "missing.pcap"),
    (&["run", "-p", "good", "--site", "missing.toml", "good.jsonl"], 3, "missing.toml"),
    (&["test", "missing"], 2, "missing"),
    (&["fmt", "missing.tag"], 2, "missing.tag"),
    (&["inspect", "missing.wasm"], 2, "missing.wasm"),
    (&["why", "r", "-p", "missing", "good.jsonl"], 2, "missing"),
    (&["bench", "-p", "good", "missing.jsonl"], 2, "missing.jsonl"),
    (&["--schema", "missing.toml", "fields"], 2, "missing.toml"),
    // Empty.
    (&["check", "nothing"], 2, "no rule file"),
    (&["inspect", "empty.wasm"], 2, "empty.wasm"),
    (&["run", "-p", "empty.wasm", "good.jsonl"], 2, "empty.wasm"),
    // Truncated, foreign, of another type.
    (&["inspect", "truncated.wasm"], 2, "truncated.wasm"),
    (&["run", "-p", "truncated.wasm", "good.jsonl"], 2, "truncated.wasm"),
    (&["run", "-p", "foreign.wasm", "good.jsonl"], 2, "foreign.wasm"),
    (&["inspect", "picture.png"], 2, "picture.png"),
    (&["run", "-p", "good", "picture.png"], 2, "picture.png"),
    (&["run", "-p", "good", "nothing"], 2, "folder"),
    (&["check", "binary"], 2, "UTF-8"),
    // Not UTF-8.
    (&["check", "latin1.tag"], 2, "UTF-8"),
    (&["fmt", "latin1.tag"], 2, "UTF-8"),
    (&["run", "-p", "latin1.tag", "good.jsonl"], 2, "UTF-8"),
    (&["run", "-p", "good", "--site", "latin1.toml", "good.jsonl"], 3, "UTF-8"),
    // Enormous.
    (&["check", "enormous.tag"], 2, "at most"),
    (&["fmt", "enormous.tag"], 2, "at most"),
    (&["inspect", "enormous.tag"], 2, "at most"),
    (&["run", "-p", "enormous.tag", "good.jsonl"], 2, "at most"),
    // Unreadable: the memory of a process cannot be read from its start.
    (&["check", "/proc/self/mem"], 2, "cannot read"),
    (&["inspect", "/proc/self/mem"], 2, "cannot read"),
    // Configuration.
    (&["run", "-p", "good", "--site", "typo.toml", "good.jsonl"], 3, "zoone"),
    (&["why", "nosuchrule", "-p", "good", "good.jsonl"], 2, "nosuchrule"),
    (&["check", "broken"], 1, "pack.toml"),
    // What is empty but no error.
    (&["run", "-p", "good", "empty"], 0, ""),
    (&["check", "empty.tag"], 0, ""),
    (&["run", "-p", "good", "--site", "empty.toml", "good.jsonl"], 0, ""),
    // Lines that are no events are counted, not fatal.
    (&["run", "-p", "good", "latin1.jsonl"], 0, ""),
];

#[test]
fn every_command_answers_bad_input_with_words() {
    let folder = folder();
    let mut faults = Vec::new();
    for (arguments, status, word) in CASES {
        let output = tagout(arguments, folder.path());
        let both = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&both);
        let shown = arguments.join(" ");
        if output.status.code() != Some(*status) {
            faults.push(format!(
                "`{shown}` ends with {:?}, not {status}:\n{text}",
                output.status
            ));
        } else if !text.contains(word) {
            faults.push(format!("`{shown}` does not say `{word}`:\n{text}"));
        } else if text.contains("panicked") {
            faults.push(format!("`{shown}` panics:\n{text}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
