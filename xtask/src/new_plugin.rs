//! `cargo xtask new-plugin NAME`: the skeleton of a decoder as a plugin, which builds and
//! passes its tests before a line of it is changed.
//!
//! ```text
//! xtask/templates/plugin/* -> plugins/NAME/, and a line in the workspace's members
//! ```

use std::fs;
use std::path::Path;

const FILES: [(&str, &str); 5] = [
    ("Cargo.toml", include_str!("../templates/plugin/Cargo.toml.in")),
    ("build.rs", include_str!("../templates/plugin/build.rs.in")),
    ("plugin.toml", include_str!("../templates/plugin/plugin.toml.in")),
    ("schema.toml", include_str!("../templates/plugin/schema.toml.in")),
    ("src/lib.rs", include_str!("../templates/plugin/lib.rs.in")),
];

/// Makes the skeleton below a root.
pub(crate) fn run(root: &Path, name: &str) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(format!("`{name}` is no name for a plugin: use a-z and 0-9"));
    }
    let folder = root.join("plugins").join(name);
    if folder.exists() {
        return Err(format!("{} exists", folder.display()));
    }
    fs::create_dir_all(folder.join("src"))
        .map_err(|e| format!("{}: {e}", folder.display()))?;
    for (file, text) in FILES {
        let path = folder.join(file);
        fs::write(&path, filled(text, name))
            .map_err(|e| format!("{}: {e}", path.display()))?;
    }
    let path = root.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let before = "    \"plugins/names\",\n";
    let line = format!("    \"plugins/{name}\",\n{before}");
    fs::write(&path, text.replacen(before, &line, 1)).map_err(|e| e.to_string())
}

/// A template with the names of a plugin: `press` is the type `Press`.
fn filled(template: &str, name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let camel: String = first.into_iter().chain(letters).collect();
    template.replace("NAME", name).replace("Type", &camel)
}
