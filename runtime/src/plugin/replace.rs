//! Another version of a plugin, while the sensor runs. What comes and goes is in
//! `change`.
//!
//! It takes over between two events: what waits is evaluated first, and what it decodes
//! is looked at anew. It must declare the same kinds and fields, since records of them are
//! in use; what it declares differently needs a new runtime, and packs compiled for it.

use std::fmt;
use std::sync::Arc;

use tagout_spec::plugin::refusal::Refusal;
use tagout_spec::schema::{Added, Schema};

use super::error::PluginError;
use super::loaded::Loaded;
use super::{Plugin, PluginOptions};
use crate::runtime::{BuildError, Runtime};
use crate::session::Session;

/// Why another version of a plugin does not take over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReplaceError {
    /// No plugin of the name is at work.
    Unknown(String),
    /// A plugin of the name is at work already.
    Present(String),
    /// It declares something else. A runtime that is built anew can have it.
    Declares {
        /// Name of the plugin.
        plugin: String,
        /// Kinds, fields and functions that differ.
        what: Vec<String>,
        /// Packs that must be compiled and loaded anew too, since they use them.
        packs: Vec<String>,
    },
    /// It cannot be loaded.
    Plugin(PluginError),
    /// A pack has no room for what it adds.
    Pack(BuildError),
}

impl ReplaceError {
    /// What kind of reason it is: the diagnostic that has a page. `None` if a pack is the
    /// reason, whose error says what it is.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Unknown(_) | Self::Present(_) => Some(Refusal::Name),
            Self::Declares { .. } => Some(Refusal::Declares),
            Self::Plugin(error) => Some(error.refusal()),
            Self::Pack(_) => None,
        }
    }
}

impl fmt::Display for ReplaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // An error of the plugin's own says its code itself.
        let is_own = matches!(self, Self::Plugin(_));
        if let Some(refusal) = self.refusal().filter(|_| !is_own) {
            write!(f, "[{}] ", refusal.code())?;
        }
        match self {
            Self::Unknown(name) => write!(f, "no plugin `{name}` is at work"),
            Self::Present(name) => write!(f, "a plugin `{name}` is at work already"),
            Self::Declares { plugin, what, packs } => {
                let what = what.join(", ");
                write!(f, "plugin `{plugin}` declares {what} differently: ")?;
                if packs.is_empty() {
                    f.write_str("it needs a new runtime")
                } else {
                    let packs = packs.join("`, `");
                    write!(f, "it needs a new runtime, with `{packs}` compiled anew")
                }
            }
            Self::Plugin(error) => error.fmt(f),
            Self::Pack(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReplaceError {}

impl Session {
    /// Puts another version of a plugin to work, from the next event on; returns that
    /// event's sequence number. Flows that it decodes are looked at again.
    ///
    /// # Errors
    ///
    /// It is not the same plugin, or cannot be loaded. The one at work goes on.
    pub fn replace_plugin(
        &mut self,
        plugin: Plugin,
        options: &PluginOptions,
    ) -> Result<u64, ReplaceError> {
        let name = plugin.manifest().name.clone();
        let plugins = self.plugins();
        let lives = plugins.lives();
        let live = lives.iter().find(|live| live.loaded().name() == name);
        let live = live.ok_or(ReplaceError::Unknown(name))?;
        let new = self.runtime().reload(&live.loaded(), plugin, options)?;
        self.flush();
        live.replace(&Arc::new(new));
        Ok(self.next_sequence())
    }
}

impl Runtime {
    fn reload(
        &self,
        old: &Loaded,
        plugin: Plugin,
        options: &PluginOptions,
    ) -> Result<Loaded, ReplaceError> {
        let what = differences(&old.plugin, &plugin);
        if !what.is_empty() {
            let plugin = old.name().to_owned();
            let kinds: Vec<&str> =
                what.iter().filter_map(|what| what.split_whitespace().next()).collect();
            let uses = |pack: &&Arc<crate::runtime::Loaded>| {
                let mut needed = pack.pack.manifest.kinds.iter();
                needed.any(|kind| kinds.contains(&kind.name.as_str()))
            };
            let packs = self.packs.iter().filter(uses);
            let packs = packs.map(|pack| pack.pack.manifest.name.clone()).collect();
            return Err(ReplaceError::Declares { plugin, what, packs });
        }
        let added = self.places(&plugin);
        let (engines, cache) = (&self.engines, self.cache.as_ref());
        Loaded::placed(plugin, options, &self.schema, added, engines, cache)
            .map_err(ReplaceError::Plugin)
    }

    /// Where what a plugin declares lies in the schema, which has it already.
    pub(super) fn places(&self, plugin: &Plugin) -> Added {
        let mut schema = Schema::builtin();
        let Ok(declared) = plugin.add_to(&mut schema) else { return Added::default() };
        let kind = |idx| self.schema.kind_idx(&schema.kind(idx)?.name);
        let fields = |(idx, fields): &(_, Vec<_>)| {
            let (theirs, known) = (schema.kind(*idx)?, kind(*idx)?);
            let ours = self.schema.kind(known)?;
            let place = |field: &_| Some(ours.lookup(&theirs.field(*field)?.path)?.0);
            Some((known, fields.iter().filter_map(place).collect()))
        };
        Added {
            kinds: declared.kinds.iter().filter_map(|idx| kind(*idx)).collect(),
            fields: declared.fields.iter().filter_map(fields).collect(),
        }
    }
}

/// What two versions declare differently, each beginning with the name of its kind.
pub(super) fn differences(old: &Plugin, new: &Plugin) -> Vec<String> {
    let mut what = Vec::new();
    let [a, b] = [old, new].map(|plugin| {
        let mut schema = Schema::builtin();
        let added = plugin.add_to(&mut schema).unwrap_or_default();
        (schema, added)
    });
    let kinds = |(schema, added): &(Schema, Added)| -> Vec<(String, u64)> {
        let kinds = added.kinds.iter().filter_map(|idx| schema.kind(*idx));
        kinds.map(|k| (k.name.to_string(), schema.layout_fingerprint(k))).collect()
    };
    let fields = |(schema, added): &(Schema, Added)| -> Vec<(String, u64)> {
        let of_kind = |(idx, fields): &(_, Vec<_>)| {
            let kind = schema.kind(*idx)?;
            let one = |field: &_| {
                let (found, path) =
                    (schema.fingerprint(kind, *field)?, kind.field(*field)?);
                Some((format!("{} {}", kind.name, path.path), found))
            };
            Some(fields.iter().filter_map(one).collect::<Vec<_>>())
        };
        added.fields.iter().filter_map(of_kind).flatten().collect()
    };
    for (a, b) in [(kinds(&a), kinds(&b)), (fields(&a), fields(&b))] {
        let all = a
            .iter()
            .filter(|x| !b.contains(x))
            .chain(b.iter().filter(|x| !a.contains(x)));
        what.extend(all.map(|(name, _)| name.clone()));
    }
    for function in &old.manifest.functions {
        let same = new.manifest.functions.iter().any(|other| {
            (&other.name, &other.arguments, other.returns)
                == (&function.name, &function.arguments, function.returns)
        });
        if !same {
            what.push(format!("{function}"));
        }
    }
    what.sort();
    what.dedup();
    what
}
