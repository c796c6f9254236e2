//! The targets of `tagout_traffic`. Which one runs is `TAGOUT_FUZZ`; `list` prints all.
#![no_main]

use std::sync::OnceLock;

use tagout_traffic::{TARGETS, Target};

static TARGET: OnceLock<&Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: { target(); }, |data: &[u8]| target().run(data));

fn target() -> &'static Target {
    TARGET.get_or_init(|| {
        let name = std::env::var("TAGOUT_FUZZ").unwrap_or_default();
        if name == "list" {
            TARGETS.iter().for_each(|target| println!("{}", target.name));
            std::process::exit(0);
        }
        let found = TARGETS.iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("TAGOUT_FUZZ names no target: `{name}`"))
    })
}
