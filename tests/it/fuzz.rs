//! Every input that the fuzz targets have kept: what covers most (`fuzz/corpus/`),
//! and every case that was ever found (`fuzz/cases/`). Without libFuzzer, by the same
//! functions.

use tagout_tests::fuzz::TARGETS;

use crate::support::{files, root};

#[test]
fn kept_inputs_keep_their_promises() {
    let mut replayed = 0;
    for (name, target) in TARGETS {
        for folder in ["corpus", "cases"] {
            for path in files(&root().join("fuzz").join(folder).join(name), "") {
                println!("{}", path.display());
                target(&std::fs::read(&path).expect("a kept input reads"));
                replayed += 1;
            }
        }
    }
    println!("{replayed} inputs");
}

/// A target without an entry here would not be replayed.
#[test]
fn every_target_is_listed() {
    let mut names: Vec<_> = files(&root().join("fuzz/targets"), ".rs")
        .iter()
        .filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .collect();
    names.sort();
    let listed: Vec<_> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names, listed);
}
