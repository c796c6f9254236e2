//! The shipped rules: each has an event that it matches and a near miss for every
//! leaf, or a reason why not, and module and interpreter agree on all of them.

use std::fs;
use std::path::{Path, PathBuf};

use tagout_spec::schema::Schema;

use super::{Case, check};
use crate::PackSource;
use crate::ir::witness::witnesses;

/// The packs of the repository.
fn packs() -> Vec<PathBuf> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let mut packs: Vec<_> =
        fs::read_dir(rules).unwrap().map(|entry| entry.unwrap().path()).collect();
    packs.retain(|path| path.join("pack.toml").is_file());
    packs.sort();
    packs
}

fn source(pack: &Path) -> PackSource {
    let manifest = fs::read_to_string(pack.join("pack.toml")).ok();
    let mut source = PackSource { manifest, ..PackSource::default() };
    let mut files: Vec<_> =
        fs::read_dir(pack).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|path| path.extension().is_some_and(|e| e == "tag")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        source.files.push((name, fs::read_to_string(path).unwrap()));
    }
    for entry in fs::read_dir(pack.join("data")).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("data/{}", path.file_name().unwrap().to_string_lossy());
        source.data.push((name, fs::read(&path).unwrap()));
    }
    source
}

#[test]
fn every_shipped_rule_has_its_witnesses() {
    let schema = Schema::builtin();
    for pack in packs() {
        let checked = crate::check(&source(&pack), &schema);
        assert!(!checked.has_errors(), "{pack:?}: {:?}", checked.diagnostics);
        let schema = checked.schema(&schema);
        let program = checked.program;
        let (mut found, mut without) = (0, Vec::new());
        for plan in &program.plans {
            let predicate = usize::try_from(plan.predicate).unwrap();
            let witnesses = witnesses(&program, &schema, predicate, &Vec::new()).unwrap();
            let matching = witnesses.matching;
            assert!(matching.is_ok(), "{} is never true: {matching:?}", plan.rule);
            let mut events = vec![matching.unwrap()];
            for leaf in witnesses.leaves {
                for (side, event) in [("hit", leaf.hit), ("miss", leaf.miss)] {
                    match event {
                        Ok(event) => events.push(event),
                        Err(why) => without.push(format!(
                            "{} node {} {side}: {why}",
                            plan.rule, leaf.node
                        )),
                    }
                }
            }
            found += events.len();
            // The check writes one kind, the first.
            if let [kind] = program.kinds.as_slice() {
                let bindings = witnesses.bindings;
                let case = Case { program: program.clone(), bindings, events };
                check(&schema, *kind, &case, None, &mut [0; 3]).unwrap();
            }
        }
        println!("{}: {found} events, without {without:#?}", pack.display());
    }
}
