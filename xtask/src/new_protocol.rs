//! `cargo xtask new-protocol NAME`: the skeleton of a decoder, which compiles and
//! passes its tests before a line of it is changed.
//!
//! ```text
//! xtask/templates/protocol/schema.toml -> spec/schema/NAME.toml
//! xtask/templates/protocol/tshark.rs   -> runtime/sources/tests/tshark/protocols/NAME.rs
//! xtask/templates/protocol/*.rs        -> runtime/decode/src/NAME/
//! and a line each in: the list of schema files, the decode crate's modules and DECODERS,
//! the modules of the comparison with tshark, the fuzz targets
//! ```

use std::fs;
use std::path::Path;
use std::process::Command;

/// The decoder's files.
const SOURCES: [(&str, &str); 7] = [
    ("mod.rs", include_str!("../templates/protocol/mod.rs")),
    ("probe.rs", include_str!("../templates/protocol/probe.rs")),
    ("session.rs", include_str!("../templates/protocol/session.rs")),
    ("pdu.rs", include_str!("../templates/protocol/pdu.rs")),
    ("event.rs", include_str!("../templates/protocol/event.rs")),
    ("ops.rs", include_str!("../templates/protocol/ops.rs")),
    ("tests.rs", include_str!("../templates/protocol/tests.rs")),
];
const SCHEMA: &str = include_str!("../templates/protocol/schema.toml");
/// Its comparison with tshark.
const TSHARK: &str = include_str!("../templates/protocol/tshark.rs");

/// A line that is put before another.
struct Entry {
    file: &'static str,
    before: &'static str,
    line: &'static str,
}

const ENTRIES: [Entry; 5] = [
    Entry {
        file: "spec/src/schema/emit/mod.rs",
        before: "];\n\n/// Parses the built-in files",
        line: "    \"NAME.toml\",\n",
    },
    Entry {
        file: "runtime/decode/src/lib.rs",
        before: "pub mod net;\n",
        line: "pub mod NAME;\n",
    },
    Entry {
        file: "runtime/decode/src/lib.rs",
        before: "];\n",
        line: "    &NAME::Type,\n",
    },
    Entry {
        file: "runtime/sources/tests/tshark/protocols/mod.rs",
        before: "mod modbus;\n",
        line: "mod NAME;\n",
    },
    Entry {
        file: "tests/traffic/src/target.rs",
        before: "    target(\"packets\"",
        line: "    target(\"NAME\", Carrier::Tcp(4000), &[\"NAME\"]),\n",
    },
];

/// Makes the skeleton below a root.
pub(crate) fn run(root: &Path, name: &str) -> Result<(), String> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(letters) {
        return Err(format!("`{name}` is no name for an event kind: use a-z, 0-9 and _"));
    }
    let folder = root.join("runtime/decode/src").join(name);
    if folder.exists() {
        return Err(format!("{} exists", folder.display()));
    }
    let write = |path: &Path, text: &str| {
        fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
    };
    fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for (file, text) in SOURCES {
        write(&folder.join(file), &filled(text, name))?;
    }
    let schema = root.join("spec/schema").join(format!("{name}.toml"));
    write(&schema, &filled(SCHEMA, name))?;
    let tshark = root.join("runtime/sources/tests/tshark/protocols");
    write(&tshark.join(format!("{name}.rs")), &filled(TSHARK, name))?;
    for Entry { file, before, line } in ENTRIES {
        let path = root.join(file);
        let text =
            fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let at =
            text.find(before).ok_or_else(|| format!("{file}: no `{}`", before.trim()))?;
        let (head, tail) = text.split_at(at);
        write(&path, &[head, &filled(line, name), tail].concat())?;
    }
    // The order of imports and modules depends on the name.
    let formatted = Command::new(env!("CARGO"))
        .args(["fmt", "--package", "tagout-decode", "--package", "tagout-sources"])
        .current_dir(root)
        .status()
        .is_ok_and(|status| status.success());
    if formatted { Ok(()) } else { Err("made, but `cargo fmt` failed".to_owned()) }
}

/// A template with the names of a protocol: `s7_plus` is the type `S7Plus`.
fn filled(template: &str, name: &str) -> String {
    let part = |part: &str| {
        let mut letters = part.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    let camel: String = name.split('_').map(part).collect();
    let text = template.replace("NAME", name).replace("Title", &name.to_uppercase());
    // `Type` as a word of its own or as the beginning of `TypeSession`.
    text.replace("TypeSession", &format!("{camel}Session"))
        .replace("::Type", &format!("::{camel}"))
        .replace("struct Type;", &format!("struct {camel};"))
        .replace("for Type {", &format!("for {camel} {{"))
}
