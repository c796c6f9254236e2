//! Packs as people keep them: a folder with `pack.toml`, `*.tag` files and
//! `data/`, or a single rule file. Reads them into memory; the compiler itself
//! touches no file.
//!
//! In a [`PackSource`] paths are relative to the pack, so that the same pack gives
//! the same module wherever it lies; what people read is the path they typed, so
//! [`Folder::sources`] puts it in front again.

use std::fs;
use std::path::{Path, PathBuf};

use tagout_compiler::PackSource;
use tagout_compiler::diagnostic::Sources;

use crate::failure::Failure;

/// Largest file of a pack that is read.
const FILE_BYTES: u64 = 64 * 1024 * 1024;
/// Most files of a pack.
const FILES: usize = 20_000;

/// A pack as read.
#[derive(Clone, Debug)]
pub struct Folder {
    /// What the compiler takes.
    pub source: PackSource,
    /// The folder as typed; empty for a single file.
    pub path: PathBuf,
}

impl Folder {
    /// The files under the names that people know, numbered as the compiler does.
    #[must_use]
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        for (_, source) in self.source.sources().iter() {
            sources
                .add(self.path.join(source.name()).display().to_string(), source.text());
        }
        sources
    }
}

/// Reads a pack's folder or a rule file.
pub fn read(path: &Path) -> Result<Folder, Failure> {
    if path.is_dir() {
        return folder(path);
    }
    let text = read_text(path)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let parent = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let source = PackSource { name, files: vec![(file, text)], ..PackSource::default() };
    Ok(Folder { source, path: parent })
}

fn folder(path: &Path) -> Result<Folder, Failure> {
    let manifest_path = path.join("pack.toml");
    let manifest =
        if manifest_path.exists() { Some(read_text(&manifest_path)?) } else { None };
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let name = canonical.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut files = Vec::new();
    for file in rule_files(path)? {
        files.push((relative(path, &file), read_text(&file)?));
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
            data.push((relative(path, &file), read_bytes(&file)?));
        }
    }
    let source = PackSource { name, manifest, files, data, ..PackSource::default() };
    Ok(Folder { source, path: path.to_path_buf() })
}

/// A path below a folder, with `/` between its parts on any system.
fn relative(folder: &Path, file: &Path) -> String {
    let below = file.strip_prefix(folder).unwrap_or(file);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
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
    let fail =
        |error| Failure::usage(format!("cannot read `{}`: {error}", path.display()));
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
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let fail = |error| {
            Failure::usage(format!("cannot read `{}`: {error}", folder.display()))
        };
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
