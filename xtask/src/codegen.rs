//! `cargo xtask codegen`: the generated files of `tagout-spec`.

use std::fs;
use std::path::{Path, PathBuf};

use tagout_spec::schema::emit;

/// Writes what has changed.
pub(crate) fn write() -> Result<(), String> {
    for (path, text) in generate()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    Ok(())
}

/// Fails if a generated file is not what would be written.
pub(crate) fn check() -> Result<(), String> {
    for (path, text) in generate()? {
        if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            return Err(format!(
                "{} is stale: run `cargo xtask codegen`",
                path.display()
            ));
        }
    }
    Ok(())
}

fn generate() -> Result<Vec<(PathBuf, String)>, String> {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec");
    let files = emit::FILES
        .into_iter()
        .map(|name| {
            let path = spec.join("schema").join(name);
            let text = fs::read_to_string(&path)
                .map_err(|e| format!("{}: {e}", path.display()))?;
            Ok((name, text))
        })
        .collect::<Result<Vec<_>, String>>()?;
    let schema = emit::parse(&files).map_err(|e| e.to_string())?;
    Ok(vec![
        (spec.join("src/schema/generated.rs"), emit::tables(&schema)),
        (spec.join("src/record/typed/generated.rs"), emit::writers(&schema)),
        (spec.join("src/fold/table.rs"), crate::folding::table()?),
    ])
}
