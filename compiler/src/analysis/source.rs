//! What is compiled: the files of a pack as its caller read them.
//!
//! Files are numbered in one order, and diagnostics speak of them by number:
//!
//! ```text
//! 0..n           rule files, as listed in `files`
//! n              pack.toml, if there is one
//! n+1 ..         data files that are UTF-8 (others are an empty text)
//! ```

use tagout_spec::function::Function;

use crate::diagnostic::{FileId, Sources};

/// The files of a pack, or one rule file, as read by the caller.
#[derive(Clone, Debug, Default)]
pub struct PackSource {
    /// The pack's name if no manifest states one: the name of its folder.
    pub name: String,
    /// Text of `pack.toml`.
    pub manifest: Option<String>,
    /// Path and text of each rule file. Paths are relative to the pack and use `/`.
    pub files: Vec<(String, String)>,
    /// Path and bytes of each file under `data/`.
    pub data: Vec<(String, Vec<u8>)>,
    /// Functions of plugins, which rules may call.
    pub functions: Vec<Function>,
}

impl PackSource {
    /// A pack of one rule file without a manifest.
    ///
    /// ```
    /// let source = tagout_compiler::PackSource::single("a.tag", "rule x {}");
    /// assert_eq!(source.files.len(), 1);
    /// ```
    pub fn single(path: impl Into<String>, text: impl Into<String>) -> PackSource {
        PackSource {
            name: "pack".to_owned(),
            files: vec![(path.into(), text.into())],
            ..PackSource::default()
        }
    }

    /// The files with their numbers, for rendering diagnostics.
    pub fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        for (path, text) in &self.files {
            sources.add(path.as_str(), text.as_str());
        }
        if let Some(manifest) = &self.manifest {
            sources.add("pack.toml", manifest.as_str());
        }
        for (path, bytes) in &self.data {
            sources.add(path.as_str(), std::str::from_utf8(bytes).unwrap_or(""));
        }
        sources
    }

    /// Number of `pack.toml`.
    pub(crate) fn manifest_id(&self) -> FileId {
        file_id(self.files.len())
    }

    /// Number of a data file by its position.
    pub(crate) fn data_id(&self, position: usize) -> FileId {
        let before = self.files.len() + usize::from(self.manifest.is_some());
        file_id(before.saturating_add(position))
    }
}

/// A file's number; there are never as many files as would not fit.
pub(crate) fn file_id(position: usize) -> FileId {
    FileId(u32::try_from(position).unwrap_or(u32::MAX))
}
