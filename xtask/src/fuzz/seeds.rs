//! Where the fuzzers begin: inputs of the kind that a target reads, from the project and,
//! where it is at hand, from the public corpus beside it.
//!
//! Targets that read traffic have theirs from captures, by the `seeds` example, which
//! knows flows. The others read texts, event logs and packs: files, whole or in parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{make, succeeded};

/// Most seeds of a target; of more files, every so many-th.
const MOST: usize = 400;

/// How a file becomes seeds.
#[derive(Clone, Copy)]
enum Cut {
    /// It is one.
    Whole,
    /// Each line is one.
    Lines,
    /// Each chunk of a Windows event log is one: they begin behind the file's header.
    Chunks,
}

/// A target, the folder and extension of files for it, and how they are cut.
const FILES: &[(&str, &str, &str, Cut)] = &[
    ("rule_text", "rules", "tag", Cut::Whole),
    ("json_lines", "docs", "jsonl", Cut::Lines),
    ("windows_json", "../shared/corpus/host", "json", Cut::Lines),
    ("auditd", "../shared/corpus/host", "log", Cut::Whole),
    ("evtx", "../shared/corpus/host", "evtx", Cut::Chunks),
    ("sigma_yaml", "../shared/corpus/rules/sigma", "yml", Cut::Whole),
];

/// Bytes of the header of an event log, and of a chunk.
const EVTX: (usize, usize) = (4_096, 65_536);

/// Makes inputs of captures: the packs', and those of the corpus beside the checkout.
pub(super) fn of_captures(
    root: &Path,
    out: &Path,
    with_corpus: bool,
) -> Result<(), String> {
    let mut example = Command::new(env!("CARGO"));
    example
        .args(["run", "-q", "-p", "tagout-traffic", "--example", "seeds", "--"])
        .arg(out)
        .arg(root.join("rules"))
        .current_dir(root);
    let corpus = root.join("../shared/corpus/pcap");
    if with_corpus && corpus.is_dir() {
        example.arg(corpus);
    }
    succeeded("seeds", example).map(|_| ())
}

/// Makes inputs of files.
pub(super) fn of_files(root: &Path, out: &Path) -> Result<(), String> {
    for (target, folder, extension, cut) in FILES {
        let mut files = Vec::new();
        collect(&root.join(folder), extension, &mut files);
        files.sort();
        let into = out.join(target);
        make(&into)?;
        let step = files.len().div_ceil(MOST).max(1);
        let mut n = 0;
        for file in files.iter().step_by(step) {
            let bytes = fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
            for part in cut.parts(&bytes) {
                if n < MOST {
                    let to = into.join(n.to_string());
                    fs::write(&to, part).map_err(|e| format!("{}: {e}", to.display()))?;
                    n = n.saturating_add(1);
                }
            }
        }
    }
    Ok(())
}

impl Cut {
    fn parts(self, bytes: &[u8]) -> Vec<&[u8]> {
        match self {
            Cut::Whole => vec![bytes],
            Cut::Lines => bytes.split(|byte| *byte == b'\n').take(4).collect(),
            Cut::Chunks => {
                bytes.get(EVTX.0..).unwrap_or_default().chunks(EVTX.1).take(2).collect()
            }
        }
    }
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
}
