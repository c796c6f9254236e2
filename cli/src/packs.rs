//! Packs and site of a command: folders are compiled, modules are read, and all
//! are loaded into a runtime.

use std::path::{Path, PathBuf};

use tagout_runtime::{Cache, Runtime, Site};
use tagout_spec::schema::Schema;

use crate::args::Packs;
use crate::command::build::compile;
use crate::failure::{Exit, Failure};
use crate::folder;
use crate::setup::Setup;
use crate::terminal::Terminal;

/// First bytes of a module.
const MODULE: &[u8] = b"\0asm";

/// Why packs are not loaded.
pub(crate) enum NotLoaded {
    /// Their sources have errors, which are printed already.
    Findings,
    /// Something else.
    Failure(Failure),
}

impl From<Failure> for NotLoaded {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl NotLoaded {
    /// How the command ends.
    pub(crate) fn exit(self) -> Result<Exit, Failure> {
        match self {
            Self::Findings => Ok(Exit::Findings),
            Self::Failure(failure) => Err(failure),
        }
    }
}

/// Loads the packs of a command.
pub(crate) fn load(
    args: &Packs,
    setup: &Setup,
    terminal: &Terminal,
) -> Result<Runtime, NotLoaded> {
    let schema = &setup.schema;
    let mut builder = setup.builder();
    for path in &args.packs {
        let bytes = bytes(path, setup, terminal)?;
        builder = builder.pack(path.display().to_string(), bytes);
    }
    if let Some(path) = &args.site {
        builder = builder.site(site(path, schema)?);
    }
    if !args.no_cache
        && let Some(folder) = cache_folder()
    {
        match Cache::open(folder) {
            Ok(cache) => builder = builder.cache(cache),
            Err(error) => {
                terminal.note(&format!("note: no cache of native code: {error}"))
            }
        }
    }
    Ok(builder.build().map_err(|error| Failure::usage(error.to_string()))?)
}

/// The module of a pack: compiled from its folder or rule file, or as it is.
pub(crate) fn bytes(
    path: &Path,
    setup: &Setup,
    terminal: &Terminal,
) -> Result<Vec<u8>, NotLoaded> {
    let named_module = path.extension().is_some_and(|ending| ending == "wasm");
    if !path.is_dir() {
        let bytes = folder::read_bytes(path)?;
        if named_module || bytes.starts_with(MODULE) {
            return Ok(bytes);
        }
    }
    let folder = setup.folder(path)?;
    compile(&folder, &setup.schema, terminal).ok_or(NotLoaded::Findings)
}

/// Reads a site; everything wrong with it is configuration.
fn site(path: &Path, schema: &Schema) -> Result<Site, Failure> {
    let text = folder::read_text(path)
        .map_err(|failure| Failure { exit: Exit::Environment, ..failure })?;
    Site::parse(&text, schema).map_err(|error| {
        let problems = error.problems().join("\n  ");
        Failure::environment(format!("`{}`:\n  {problems}", path.display()))
    })
}

/// Where native code is kept: `$TAGOUT_CACHE_DIR`, else the user's cache folder.
fn cache_folder() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    };
    variable("TAGOUT_CACHE_DIR").or_else(|| {
        let home = || variable("HOME").map(|home| home.join(".cache"));
        variable("XDG_CACHE_HOME").or_else(home).map(|folder| folder.join("tagout"))
    })
}
