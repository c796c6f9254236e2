//! Packs as people keep them: a folder with `pack.toml`, `*.tag` files and
//! `data/`, or a single rule file. Reads them into memory; the compiler itself
//! touches no file.

use std::fs;
use std::path::{Path, PathBuf};

use tagout_compiler::PackSource;

use crate::failure::Failure;

/// Largest file of a pack that is read.
const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Most files of a pack.
const FILES: usize = 20_000;

/// Reads a pack's folder or a rule file.
pub fn read(path: &Path) -> Result<PackSource, Failure> {
    if path.is_dir() {
        return folder(path);
    }
    let text = read_text(path)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(PackSource {
        name,
        manifest: None,
        files: vec![(path.display().to_string(), text)],
        data: Vec::new(),
    })
}

fn folder(path: &Path) -> Result<PackSource, Failure> {
    let manifest_path = path.join("pack.toml");
    let manifest =
        if manifest_path.exists() { Some(read_text(&manifest_path)?) } else { None };
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name = canonical.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    for file in rule_files(path)? {
        files.push((file.display().to_string(), read_text(&file)?));
    }
    if files.is_empty() {
        return Err(Failure::usage(format!(
            "`{}` holds no rule file (*.tag)",
            path.display()
        )));
    }
    let mut data = Vec::new();
    let data_folder = path.join("data");
    if data_folder.is_dir() {
        for file in walk(&data_folder)? {
            let relative = file.strip_prefix(path).unwrap_or(&file);
            data.push((relative.to_string_lossy().replace('\\', "/"), read_bytes(&file)?));
        }
    }
    Ok(PackSource { name, manifest, files, data })
}

/// The rule files below a path, in order; the path itself if it is a file.
pub fn rule_files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let tags = walk(path)?.into_iter().filter(|file| {
        file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tag"))
    });
    Ok(tags.collect())
}

/// Reads a text file.
pub fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read_bytes(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::usage(format!("`{}` is not UTF-8 (byte {at})", path.display()))
    })
}

/// Reads a file of limited size.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
    let metadata = fs::metadata(path).map_err(fail)?;
    if metadata.is_dir() {
        return Err(Failure::usage(format!("`{}` is a folder", path.display())));
    }
    if metadata.len() > FILE_BYTES {
        return Err(Failure::usage(format!(
            "`{}` has {} bytes; at most {FILE_BYTES} are read",
            path.display(),
            metadata.len()
        )));
    }
    fs::read(path).map_err(fail)
}

/// Files below a folder in order of their paths; links are not followed, hidden
/// and `target` folders are left out.
fn walk(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let fail =
            |error| Failure::usage(format!("cannot read `{}`: {error}", folder.display()));
        for entry in fs::read_dir(&folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let kind = entry.file_type().map_err(fail)?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if kind.is_dir() && !hidden && entry.file_name() != "target" {
                folders.push(entry.path());
            } else if kind.is_file() && !hidden {
                found.push(entry.path());
            }
            if found.len() > FILES {
                return Err(Failure::usage(format!(
                    "`{}` holds more than {FILES} files",
                    folder.display()
                )));
            }
        }
    }
    found.sort();
    Ok(found)
}
