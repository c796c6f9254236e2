//! A pack for the made traffic: one rule that a known number of requests matches, and
//! others that are about its controllers, and that it nearly matches.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tagout_tests::mix::Random;
use tagout_traffic::made::WATCHED;

/// What the one rule is about.
#[derive(Clone, Copy)]
pub(crate) enum Watch {
    /// Writing one register: few requests.
    Address,
    /// All writes.
    Writes,
}

/// Builds a pack of `n` rules.
pub(crate) fn built(
    folder: &Path,
    n: usize,
    watch: Watch,
) -> Result<PathBuf, Box<dyn Error>> {
    let pack = folder.join(format!("rules{n}"));
    std::fs::create_dir_all(&pack)?;
    std::fs::write(
        pack.join("pack.toml"),
        format!(
            "name = \"rules{n}\"\nversion = \"0.1.0\"\nedition = \"2026\"\nlicense = \"MIT\"\n"
        ),
    )?;
    std::fs::write(pack.join("rules.tag"), source(n, watch)?)?;
    let file = pack.with_extension("wasm");
    let done = Command::new(super::tagout()?)
        .arg("build")
        .arg(&pack)
        .arg("-o")
        .arg(&file)
        .output()?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
    }
    Ok(file)
}

/// Registers begin where nobody asks for any.
fn source(n: usize, watch: Watch) -> Result<String, std::fmt::Error> {
    let mut random = Random::new(11);
    let watched = match watch {
        Watch::Address => {
            format!("m.function == write_single_register and m.address == {WATCHED}")
        }
        Watch::Writes => "m.function in { 6, 16 }".to_owned(),
    };
    let mut text = format!(
        "rule watched {{\n  meta {{ id = \"SENSOR-0\" severity = low }}\n  on modbus as m \
         where m.request and {watched}\n}}\n"
    );
    for i in 1..n {
        let functions = *random.pick(&["3", "16", "5, 6, 15, 16", "3, 4", "8"]);
        let (network, controller) = (random.below(2), random.below(50));
        let first = 2_000 + random.below(8_000);
        let last = first + random.below(100);
        write!(
            text,
            "rule r{i} {{\n  meta {{ id = \"SENSOR-{i}\" severity = low }}\n  on modbus as m \
             where m.request and m.function in {{ {functions} }} and m.dst.ip == 10.2.{network}.{controller} \
             and m.src.ip not in 10.20.0.0/24 and m.address_range overlaps {first}..{last}\n}}\n"
        )?;
    }
    Ok(text)
}
