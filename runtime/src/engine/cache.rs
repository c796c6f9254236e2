//! The cache of native code: a directory that only its owner can write to.
//!
//! Its files are executed as they are, so the directory must be private: a real
//! directory, owned by this user, with no permission for anybody else; a file in
//! it likewise. Anything else is refused. Where ownership cannot be checked
//! there is no cache.
//!
//! ```text
//! KEY.native   the code in the engine's format, mapped as it lies
//! KEY.header   what it was made from, its length and checksum: written last
//! ```
//!
//! Files are written under another name and renamed, so a reader sees a whole
//! file or none. A damaged pair is a miss.

use std::fmt;
use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use super::artefact::Artefact;
use super::artefact::Header;
use super::artefact::Key;

/// Most bytes of a header that are read.
const HEADER_MAX: u64 = 1 << 16;
/// Bytes of code that are looked at at once.
const CHUNK: usize = 1 << 16;

/// Native code in a cache.
pub(super) struct Cached {
    pub(super) header: Header,
    /// Where the code is.
    pub(super) path: PathBuf,
}

/// A private directory with native code.
#[derive(Clone, Debug)]
pub struct Cache {
    dir: PathBuf,
}

/// Why there is no cache, or why it was not written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheError {
    /// The directory cannot be made, read or written.
    Io {
        /// Which file or directory.
        path: PathBuf,
        /// What the system said.
        message: String,
    },
    /// Others than its owner may enter the directory, or it is another's.
    NotPrivate {
        /// The directory.
        path: PathBuf,
        /// What is wrong.
        problem: &'static str,
    },
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, message } => {
                write!(f, "cache `{}`: {message}", path.display())
            }
            Self::NotPrivate { path, problem } => {
                write!(f, "cache `{}`: {problem}", path.display())
            }
        }
    }
}

impl std::error::Error for CacheError {}

impl Cache {
    /// Opens a cache; makes the directory, private, if there is none.
    ///
    /// # Errors
    ///
    /// The directory cannot be made or is not private.
    pub fn open(dir: impl Into<PathBuf>) -> Result<Self, CacheError> {
        let dir = dir.into();
        private::make_dir(&dir).map_err(|error| failed(&dir, &error))?;
        private::check_dir(&dir)?;
        Ok(Self { dir })
    }

    /// Puts precompiled code where a runtime of the same version, options and
    /// limits finds it.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn install(&self, artefact: &Artefact) -> Result<(), CacheError> {
        self.write(artefact)
    }

    /// Finds code; what is not as it should be is as good as none.
    pub(super) fn read(&self, key: &Key) -> Option<Cached> {
        let stem = self.dir.join(key.file_stem());
        let mut header = Vec::new();
        open_own(&stem.with_extension("header"))?
            .take(HEADER_MAX)
            .read_to_end(&mut header)
            .ok()?;
        let (header, _) = Header::read(&header)?;
        let path = stem.with_extension("native");
        let (len, crc) = check(open_own(&path)?)?;
        header.is_of(len, crc).then_some(Cached { header, path })
    }

    pub(super) fn write(&self, artefact: &Artefact) -> Result<(), CacheError> {
        let stem = self.dir.join(artefact.header().key().file_stem());
        replace(&stem.with_extension("native"), artefact.code())?;
        replace(&stem.with_extension("header"), &artefact.header().encode())
    }
}

/// Opens a file that nobody else can have written.
fn open_own(path: &Path) -> Option<fs::File> {
    let file = fs::File::open(path).ok()?;
    private::is_ours(&file.metadata().ok()?).then_some(file)
}

/// Length and checksum of a file.
fn check(mut file: fs::File) -> Option<(u64, u32)> {
    let (mut crc, mut len) = (crc32fast::Hasher::new(), 0_u64);
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk).ok()? {
            0 => return Some((len, crc.finalize())),
            n => {
                crc.update(chunk.get(..n)?);
                len = len.saturating_add(u64::try_from(n).ok()?);
            }
        }
    }
}

/// Puts a file in place of another, in one step. Its name until then is its own:
/// other threads and processes may be writing the same entry.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), CacheError> {
    let dir = path.parent().unwrap_or(path);
    let written = tempfile::NamedTempFile::new_in(dir).and_then(|mut new| {
        new.write_all(bytes)?;
        Ok(new.persist(path)?)
    });
    written.map(drop).map_err(|error| failed(path, &error))
}

fn failed(path: &Path, error: &io::Error) -> CacheError {
    CacheError::Io { path: path.to_owned(), message: error.to_string() }
}

#[cfg(unix)]
mod private {
    use std::fs;
    use std::io;
    use std::os::unix::fs::DirBuilderExt;
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::CacheError;
    use super::failed;

    pub(super) fn make_dir(dir: &Path) -> io::Result<()> {
        if fs::symlink_metadata(dir).is_ok() {
            return Ok(());
        }
        fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
    }

    pub(super) fn check_dir(dir: &Path) -> Result<(), CacheError> {
        let metadata = fs::symlink_metadata(dir).map_err(|error| failed(dir, &error))?;
        let problem = if !metadata.is_dir() {
            "is not a directory"
        } else if metadata.uid() != rustix::process::geteuid().as_raw() {
            "belongs to another user"
        } else if metadata.mode() & 0o077 != 0 {
            "is open to others; its mode must be 0700"
        } else {
            return Ok(());
        };
        Err(CacheError::NotPrivate { path: dir.to_owned(), problem })
    }

    pub(super) fn is_ours(metadata: &fs::Metadata) -> bool {
        metadata.is_file()
            && metadata.uid() == rustix::process::geteuid().as_raw()
            && metadata.mode() & 0o022 == 0
    }
}

#[cfg(not(unix))]
mod private {
    use std::fs;
    use std::io;
    use std::path::Path;

    use super::CacheError;

    pub(super) fn make_dir(_: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn check_dir(dir: &Path) -> Result<(), CacheError> {
        let problem = "cannot be proven private on this system";
        Err(CacheError::NotPrivate { path: dir.to_owned(), problem })
    }

    pub(super) fn is_ours(_: &fs::Metadata) -> bool {
        false
    }
}
