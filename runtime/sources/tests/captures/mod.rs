//! The captures that these tests read: those of the corpus, which has licences of its
//! own and lies beside the checkout, and those that the packs bring along.
//!
//! Names are paths below the corpus (`pcap/ndpi/modbus.pcap`) or below the checkout
//! (`rules/modbus/captures/attack.pcap`).

use std::fs;
use std::path::{Path, PathBuf};

/// A capture: its name, and where it lies.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// The corpus, if it is here; says loudly if not.
pub(crate) fn corpus() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "where the corpus is, is environment")]
    let named = std::env::var("TAGOUT_CORPUS").ok().map(PathBuf::from);
    let beside = root().join("../shared/corpus");
    let found = named.into_iter().chain([beside]).find(|path| path.is_dir());
    if found.is_none() {
        eprintln!("NOT RUN: no corpus at $TAGOUT_CORPUS or ../shared/corpus");
    }
    found
}

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All captures of the corpus that are here, and of the packs, by name.
pub(crate) fn captures() -> Vec<Capture> {
    let mut out = Vec::new();
    if let Some(corpus) = corpus() {
        below(&corpus, &corpus, &mut out);
    }
    out.extend(own_captures());
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

/// The captures of the packs.
pub(crate) fn own_captures() -> Vec<Capture> {
    let mut out = Vec::new();
    below(&root(), &root().join("rules"), &mut out);
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out
}

fn below(base: &Path, folder: &Path, out: &mut Vec<Capture>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if path.is_dir() {
            below(base, &path, out);
        } else if matches!(extension, "pcap" | "pcapng" | "cap") {
            let name = path.strip_prefix(base).unwrap().display().to_string();
            out.push(Capture { name, path });
        }
    }
}
