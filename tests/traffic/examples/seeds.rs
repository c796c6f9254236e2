//! Writes inputs of the fuzz targets, made from captures: `seeds OUT PATH...`, where a
//! path is a capture or a folder of some. Inputs go to `OUT/TARGET/`.
#![expect(clippy::print_stdout, reason = "the example's purpose")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use tagout_traffic::{TARGETS, Target, seeds};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().ok_or("usage: seeds OUT PATH...")?;
    let mut captures = Vec::new();
    for path in arguments {
        collect(&path, &mut captures)?;
    }
    captures.sort();
    for target in TARGETS {
        let folder = out.join(target.name);
        fs::create_dir_all(&folder)?;
        let mut n = 0;
        for path in &captures {
            for input in seeds(&fs::read(path)?, target, is_of_protocol(path, target)) {
                fs::write(folder.join(format!("seed-{n:04}")), input)?;
                n += 1;
            }
        }
        println!("{}: {n} seeds", target.name);
    }
    Ok(())
}

/// Whether a capture lies in a pack of the target's.
fn is_of_protocol(path: &Path, target: &Target) -> bool {
    let folder = path.parent().unwrap_or(path);
    let is_of = |pack: &&str| folder.ends_with(format!("rules/{pack}/captures"));
    target.packs.iter().any(is_of)
}

fn collect(path: &Path, out: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), out)?;
        }
    } else if path.extension().is_some_and(|e| e == "pcap" || e == "pcapng" || e == "cap")
    {
        out.push(path.to_owned());
    }
    Ok(())
}
