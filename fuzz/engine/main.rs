//! The targets of `tagout_tests::fuzz`. Which one runs is `TAGOUT_FUZZ`; `list` prints
//! all.
#![no_main]

use std::sync::OnceLock;

use tagout_tests::fuzz::{TARGETS, Target};

static TARGET: OnceLock<&Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(init: { target(); }, |data: &[u8]| target().1(data));

fn target() -> &'static Target {
    TARGET.get_or_init(|| {
        let name = std::env::var("TAGOUT_FUZZ").unwrap_or_default();
        if name == "list" {
            TARGETS.iter().for_each(|target| println!("{}", target.0));
            std::process::exit(0);
        }
        let found = TARGETS.iter().find(|target| target.0 == name);
        found.unwrap_or_else(|| panic!("TAGOUT_FUZZ names no target: `{name}`"))
    })
}
