//! The packs that ship, through the command: as their users test them.

use std::path::Path;
use std::process::Command;

#[test]
fn the_command_tests_every_shipped_pack() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules");
    let entries = std::fs::read_dir(rules).expect("there are rules");
    let packs: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.join("pack.toml").exists())
        .collect();
    assert!(!packs.is_empty());
    for pack in packs {
        let output = Command::new(env!("CARGO_BIN_EXE_tagout"))
            .arg("test")
            .arg(&pack)
            .output()
            .expect("the command starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}{errors}");
        assert!(text.contains(" 0 failed"), "{text}");
    }
}
