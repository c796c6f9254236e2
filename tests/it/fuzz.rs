//! Every input that the fuzz targets have kept: what covers most (`fuzz/corpus/`),
//! and every case that was ever found (`fuzz/cases/`). Without libFuzzer, by the same
//! functions.

use tagout_tests::fuzz::TARGETS as ENGINE;
use tagout_traffic::TARGETS as TRAFFIC;

use crate::support::{files, root};

/// Most bytes of all inputs that are kept.
const MOST_BYTES: usize = 300_000;

/// The folders of kept inputs, each with a folder for every target.
const FOLDERS: [&str; 2] = ["corpus", "cases"];

#[test]
fn kept_inputs_keep_their_promises() {
    let (mut inputs, mut bytes) = (0, 0);
    let mut replay = |name: &str, run: &dyn Fn(&[u8])| {
        for folder in FOLDERS {
            for path in files(&root().join("fuzz").join(folder).join(name), "") {
                println!("{}", path.display());
                let input = std::fs::read(&path).expect("a kept input reads");
                run(&input);
                (inputs, bytes) = (inputs + 1, bytes + input.len());
            }
        }
    };
    for target in TRAFFIC {
        replay(target.name, &|input| target.run(input));
    }
    for (name, run) in ENGINE {
        replay(name, &run);
    }
    println!("{inputs} inputs, {bytes} bytes");
    assert!(inputs > 0 && bytes <= MOST_BYTES, "{inputs} inputs, {bytes} bytes");
}

/// What is kept for no target would not be replayed.
#[test]
fn every_folder_is_a_targets() {
    let targets = TRAFFIC.iter().map(|target| target.name);
    let targets: Vec<&str> =
        targets.chain(ENGINE.iter().map(|(name, _)| *name)).collect();
    for folder in FOLDERS {
        let Ok(entries) = std::fs::read_dir(root().join("fuzz").join(folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            assert!(targets.contains(&name.as_str()), "no target `{name}`");
        }
    }
}
