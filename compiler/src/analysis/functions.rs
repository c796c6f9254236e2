//! Functions: those of the language, and those of plugins, which the caller declares.
//!
//! A function of a plugin is called as one of the language is, so their names, and the
//! names that a pack declares, are one name space. Plugins do not know each other, nor
//! do packs know what plugins a site has: a name that is taken is an error that says
//! by whom.

use tagout_spec::function::Function;

use super::env::Env;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::Ident;

/// A function of the language, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// How it is called: `len(text) -> int`.
    pub signature: &'static str,
    /// What it computes.
    pub doc: &'static str,
    /// A condition that uses it.
    pub example: &'static str,
}

/// The functions of the language.
pub const BUILTIN: &[Builtin] = &[
    Builtin {
        name: "len",
        signature: "len(text or repeated field) -> int",
        doc: "bytes of a text as it came, or elements of a repeated field",
        example: "len(p.command_line) > 1000",
    },
    Builtin {
        name: "register",
        signature: "register(event, address, type) -> int or float",
        doc: "the number that registers of a PDU hold from an address on",
        example: "register(m, 10, u32, word_order: little) > 1000",
    },
    Builtin {
        name: "ref",
        signature: "ref(int) -> int",
        doc: "the protocol address of a reference 4xxxx or 3xxxx",
        example: "m.address == ref(40001)",
    },
    Builtin {
        name: "hex",
        signature: "hex(text) -> bytes",
        doc: "bytes from pairs of hexadecimal digits",
        example: "m.data contains hex(\"90 90\")",
    },
    Builtin {
        name: "maintenance",
        signature: "maintenance(asset) -> bool",
        doc: "whether the event's time lies in a maintenance window of an asset",
        example: "maintenance(m.dst.asset)",
    },
];

/// Reports names that more than one has.
pub(super) fn check(env: &Env<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for (n, function) in env.functions.iter().enumerate() {
        let name = &function.name;
        let plugin = &function.plugin;
        let earlier = env.functions.iter().take(n).find(|other| other.name == *name);
        if let Some(earlier) = earlier {
            let message = format!(
                "plugins `{}` and `{plugin}` both have a function `{name}`",
                earlier.plugin
            );
            diagnostics.push(Diagnostic::unplaced(Code::E0232, message));
        }
        if is_taken(name) {
            let message = format!(
                "plugin `{plugin}` has a function `{name}`, which is a name of the language"
            );
            diagnostics.push(Diagnostic::unplaced(Code::E0232, message));
        }
        if let Some(declared) = env.declared(name) {
            diagnostics.push(taken_by(declared, function));
        }
    }
}

fn taken_by(declared: &Ident, function: &Function) -> Diagnostic {
    let (name, plugin) = (&function.name, &function.plugin);
    Diagnostic::new(
        Code::E0232,
        declared.span,
        format!("`{name}` is the name of a function of plugin `{plugin}`"),
    )
    .label("give it another name")
    .note(format!("the plugin has `{function}`"))
}

fn is_taken(name: &str) -> bool {
    BUILTIN.iter().any(|builtin| builtin.name == name) || crate::syntax::is_reserved(name)
}
