//! `cargo xtask plugins`: the plugins of `plugins/` from their sources.
//!
//! ```text
//! plugins/NAME/Cargo.toml -- rustc for wasm32, or one that builds core itself --.
//! plugins/NAME/plugin.c ---- clang, wasm-ld --------------------------------------+--> NAME.wasm
//! ```
//!
//! The built files are committed, so that whoever tests or uses a plugin needs no
//! compiler. They say in `plugins/toolchain` what built them: the same sources and
//! compilers give the same bytes, wherever the checkout lies.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tagout_spec::schema::Schema;
use tagout_spec::schema::emit::{self, Guest};

/// What built the committed files.
const TOOLCHAIN: &str = "plugins/toolchain";
const TARGET: &str = "wasm32-unknown-unknown";

/// Builds the named plugins, or all, and writes what has changed.
pub(crate) fn write(root: &Path, names: &[String]) -> Result<(), String> {
    let tools = Tools::find()?;
    for (path, bytes) in build(root, &tools, names)? {
        if fs::read(&path).ok().as_ref() != Some(&bytes) {
            fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    fs::write(root.join(TOOLCHAIN), tools.versions()?).map_err(|e| e.to_string())
}

/// Fails if a committed file is not what would be built.
pub(crate) fn check(root: &Path) -> Result<(), String> {
    let tools = Tools::find()?;
    let built = build(root, &tools, &[])?;
    let (now, then) = (tools.versions()?, fs::read_to_string(root.join(TOOLCHAIN)));
    if then.as_ref().ok() != Some(&now) {
        return Err(format!(
            "the committed plugins were built with other compilers: run `cargo xtask \
             plugins`\n{}---\n{now}",
            then.unwrap_or_default()
        ));
    }
    for (path, bytes) in built {
        if fs::read(&path).ok().as_ref() != Some(&bytes) {
            return Err(format!(
                "{} is stale: run `cargo xtask plugins`",
                path.display()
            ));
        }
    }
    Ok(())
}

/// The C header of a schema file, and where it is committed.
pub(crate) fn c_header(schema: &str) -> Result<String, String> {
    let mut all = Schema::builtin();
    let kinds = all.add_file(schema).map_err(|e| e.to_string())?;
    Ok(emit::c_header(&all, &Guest { kinds, ..Guest::default() }))
}

/// The headers of the plugins in C.
pub(crate) fn c_headers(root: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let c = sources(root)?.into_iter().filter(|source| source.is_c);
    c.map(|source| {
        let schema = read(&source.folder.join("schema.toml"))?;
        Ok((source.folder.join("schema.h"), c_header(&schema)?))
    })
    .collect()
}

/// A plugin's folder.
struct Source {
    name: String,
    folder: PathBuf,
    is_c: bool,
}

/// The folders with a manifest.
fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let folder = root.join("plugins");
    let entries = fs::read_dir(&folder).map_err(|e| e.to_string())?;
    let mut sources: Vec<Source> = entries
        .flatten()
        .filter(|entry| entry.path().join("plugin.toml").exists())
        .map(|entry| Source {
            name: entry.file_name().to_string_lossy().into_owned(),
            is_c: entry.path().join("plugin.c").exists(),
            folder: entry.path(),
        })
        .collect();
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

/// Paths of built files, and their bytes.
fn build(
    root: &Path,
    tools: &Tools,
    names: &[String],
) -> Result<Vec<(PathBuf, Vec<u8>)>, String> {
    let root = root.canonicalize().map_err(|e| e.to_string())?;
    let mut built = Vec::new();
    for source in sources(&root)? {
        if !names.is_empty() && !names.contains(&source.name) {
            continue;
        }
        let file = if source.is_c {
            tools.c(&root, &source)?
        } else {
            tools.rust(&root, &source)?
        };
        let bytes = fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        built.push((source.folder.join(format!("{}.wasm", source.name)), bytes));
    }
    Ok(built)
}

/// Compilers for wasm32.
struct Tools {
    /// One that has the target, or whose sources of `core` are there.
    rustc: PathBuf,
    builds_core: bool,
    clang: PathBuf,
    linker: PathBuf,
}

impl Tools {
    /// Looks for them: the toolchain's own compiler if it has the target, else the
    /// distribution's, whose package has the sources of `core`.
    fn find() -> Result<Tools, String> {
        let own = PathBuf::from("rustc");
        let has_target = output(Command::new(&own).arg("--print").arg("sysroot"))
            .is_ok_and(|root| Path::new(&root).join("lib/rustlib").join(TARGET).exists());
        let rustc = if has_target {
            own
        } else {
            let files = output(Command::new("dpkg").args(["-L", "rustc-web"]))
                .map_err(|_| "no rustc for wasm32: rustup's target, or rustc-web")?;
            let found = files.lines().find(|line| line.ends_with("bin/rustc"));
            PathBuf::from(found.ok_or("rustc-web has no rustc")?)
        };
        Ok(Tools {
            rustc,
            builds_core: !has_target,
            clang: newest("clang")?,
            linker: newest("wasm-ld")?,
        })
    }

    /// What they say of themselves.
    fn versions(&self) -> Result<String, String> {
        let mut text = String::new();
        for tool in [&self.rustc, &self.clang, &self.linker] {
            let says = output(Command::new(tool).arg("--version"))?;
            text.push_str(says.lines().next().unwrap_or_default());
            text.push('\n');
        }
        Ok(text)
    }

    fn rust(&self, root: &Path, source: &Source) -> Result<PathBuf, String> {
        let target = target(root);
        let manifest = read(&source.folder.join("Cargo.toml"))?;
        let std = manifest.contains("tagout-decode");
        let mut cargo = Command::new("cargo");
        cargo
            .args(["build", "--quiet", "--profile", "plugin", "--target", TARGET])
            .args(["--package", &format!("tagout-{}", source.name)])
            .arg("--target-dir")
            .arg(&target)
            .current_dir(root)
            .env("RUSTC", &self.rustc)
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker)
            .env("RUSTFLAGS", self.flags(root)?)
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if self.builds_core {
            let crates = if std { "std,panic_abort" } else { "core,alloc" };
            cargo.arg(format!("-Zbuild-std={crates}"));
        }
        run(&mut cargo)?;
        let file = source.name.replace('-', "_");
        Ok(target.join(TARGET).join("plugin").join(format!("{file}.wasm")))
    }

    /// Nothing of this machine gets into the file: neither paths nor the places of
    /// panics, whose messages nobody reads. Functions are inlined more readily than
    /// usual: a call checks the stack, pays fuel and stores all that is at hand, and of more
    /// than four parameters each further one is read back before it has left the core. Of
    /// the Modbus decoder's time it is a twentieth, and its file grows by as much. Copies of
    /// 16 bytes at once are a fiftieth.
    fn flags(&self, root: &Path) -> Result<String, String> {
        let sysroot = output(Command::new(&self.rustc).args(["--print", "sysroot"]))?;
        let folder = |name| {
            let folder = std::env::var_os(name).unwrap_or_default();
            folder.to_string_lossy().into_owned()
        };
        let mut flags =
            vec!["-Zlocation-detail=none -Ctarget-feature=+simd128".to_owned()];
        flags.push("-Cllvm-args=-inline-threshold=1000".to_owned());
        for (from, to) in [
            (root.display().to_string(), "tagout"),
            (sysroot, "rust"),
            (folder("CARGO_HOME"), "cargo"),
            (folder("HOME"), "home"),
        ] {
            if !from.is_empty() {
                flags.push(format!("--remap-path-prefix={from}={to}"));
            }
        }
        Ok(flags.join(" "))
    }

    fn c(&self, root: &Path, source: &Source) -> Result<PathBuf, String> {
        let folder = target(root).join("c");
        fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        let object = folder.join(format!("{}.o", source.name));
        let file = folder.join(format!("{}.wasm", source.name));
        run(Command::new(&self.clang)
            .args(["--target=wasm32", "-mcpu=mvp", "-mbulk-memory", "-msign-ext"])
            .args(["-mnontrapping-fptoint", "-std=c11", "-Os", "-ffreestanding"])
            .args(["-Wall", "-Wextra", "-Werror", "-I../sdk/c", "-c", "plugin.c", "-o"])
            .arg(&object)
            .current_dir(&source.folder))?;
        run(Command::new(&self.linker)
            .args(["--no-entry", "--export=tagout_plugin", "--strip-all"])
            .args(["-zstack-size=16384", "-o"])
            .args([&file, &object]))?;
        Ok(file)
    }
}

/// Where what is built for wasm32 goes: beside other results.
fn target(root: &Path) -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    folder.unwrap_or_else(|| root.join("target")).join("wasm32")
}

/// A tool by its name, or by its name and the greatest number behind it.
fn newest(name: &str) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = Vec::new();
    for folder in std::env::split_paths(&path) {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let number = match file.strip_prefix(name) {
                Some("") => Some(u32::MAX),
                Some(rest) => rest.strip_prefix('-').and_then(|n| n.parse().ok()),
                None => None,
            };
            found.extend(number.map(|number: u32| (number, entry.path())));
        }
    }
    let best = found.into_iter().max_by_key(|(number, _)| *number);
    best.map(|(_, path)| path).ok_or_else(|| format!("no {name}"))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{command:?} fails"));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("{command:?}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} fails")) }
}
