//! A plugin that comes while the sensor runs, and one that goes.
//!
//! ```text
//! add     schema + its kinds and fields, behind all others --.
//! remove  schema without its name: rules that need it -------+--> packs anew, over the schema
//! ```
//!
//! Numbers of kinds and places of fields never change while a session runs: what a plugin
//! has added stays in the schema when it goes, and is used again if it comes back. So
//! records and other plugins are as before; packs look anew at what they lack, and rules
//! come alive or go blind.

use std::sync::Arc;

use tagout_spec::schema::{Added, Origin, Schema};

use super::live::{Live, Plugins};
use super::loaded::Loaded;
use super::replace::{ReplaceError, differences};
use super::{Plugin, PluginOptions};
use crate::runtime::Runtime;
use crate::session::Session;

impl Session {
    /// Puts a plugin to work that was not there, from the next event on; returns that
    /// event's sequence number. Rules that it was lacking for come alive. Its decoder has to
    /// be given to the pipeline, from [`Session::plugins`].
    ///
    /// # Errors
    ///
    /// There is a plugin of its name, it cannot be loaded, or it declares what others have,
    /// or what it did not when it was there before. Nothing has changed then.
    pub fn add_plugin(
        &mut self,
        plugin: Plugin,
        options: &PluginOptions,
    ) -> Result<u64, ReplaceError> {
        let (runtime, loaded) = self.runtime().with_plugin(plugin, options)?;
        let mut plugins = self.plugins();
        plugins.0.push(Arc::new(Live::new(&loaded)));
        self.change(runtime, plugins)
    }

    /// Takes a plugin out, from the next event on; returns that event's sequence number.
    /// Rules that need it go blind.
    ///
    /// # Errors
    ///
    /// There is no plugin of the name. Nothing has changed then.
    pub fn remove_plugin(&mut self, name: &str) -> Result<u64, ReplaceError> {
        let plugins = self.plugins();
        let is_it = |live: &Arc<Live>| live.loaded().name() == name;
        let (gone, left): (Vec<_>, Vec<_>) =
            plugins.0.into_iter().partition(|live| is_it(live));
        if gone.is_empty() {
            return Err(ReplaceError::Unknown(name.to_owned()));
        }
        let runtime = self.runtime().without_plugin(name)?;
        let changed = self.change(runtime, Plugins(left))?;
        gone.iter().for_each(|live| live.retire());
        Ok(changed)
    }
}

impl Runtime {
    fn with_plugin(
        &self,
        plugin: Plugin,
        options: &PluginOptions,
    ) -> Result<(Self, Arc<Loaded>), ReplaceError> {
        let name = plugin.manifest().name.clone();
        if self.plugins.iter().any(|loaded| loaded.name() == name) {
            return Err(ReplaceError::Present(name));
        }
        self.check_costs(&plugin)?;
        let mut schema = (*self.unnamed).clone();
        let added = match self.gone.iter().find(|loaded| loaded.name() == name) {
            Some(before) => self.come_back(before, &plugin, &mut schema)?,
            None => plugin.add_to(&mut schema).map_err(ReplaceError::Plugin)?,
        };
        let (engines, cache) = (&self.engines, self.cache.as_ref());
        let loaded = Loaded::placed(plugin, options, &schema, added, engines, cache);
        let loaded = Arc::new(loaded.map_err(ReplaceError::Plugin)?);
        let mut plugins = self.plugins.clone();
        plugins.push(Arc::clone(&loaded));
        let mut runtime = self.over(schema, plugins).map_err(ReplaceError::Pack)?;
        runtime.gone.retain(|gone| gone.name() != name);
        Ok((runtime, loaded))
    }

    /// Where what a plugin declares lies, which was there before.
    fn come_back(
        &self,
        before: &Loaded,
        plugin: &Plugin,
        schema: &mut Schema,
    ) -> Result<Added, ReplaceError> {
        let what = differences(&before.plugin, plugin);
        if !what.is_empty() {
            let plugin = before.name().to_owned();
            return Err(ReplaceError::Declares { plugin, what, packs: Vec::new() });
        }
        let added = self.places(plugin);
        let fields = added.fields.iter();
        let fields =
            fields.flat_map(|(kind, fields)| fields.iter().map(|field| (*kind, *field)));
        schema.origins.push(Origin {
            plugin: plugin.manifest.name.clone().into(),
            version: plugin.manifest.version.to_string().into(),
            kinds: added.kinds.clone(),
            fields: fields.collect(),
        });
        Ok(added)
    }

    /// The bound of a pack that is loaded holds for functions of the cost that was known.
    fn check_costs(&self, plugin: &Plugin) -> Result<(), ReplaceError> {
        let manifest = &plugin.manifest;
        let mut packs = Vec::new();
        let mut what = Vec::new();
        for has in &manifest.functions {
            for loaded in &self.packs {
                let needed = loaded.pack.manifest.functions.iter();
                let dearer = needed.map(|needed| &needed.function).any(|wanted| {
                    let (has_cost, cost) = (has.cost, wanted.cost);
                    has.serves(wanted)
                        && (has_cost.call > cost.call || has_cost.byte > cost.byte)
                });
                if dearer {
                    packs.push(loaded.pack.manifest.name.clone());
                    what.push(format!("the cost of `{has}`"));
                }
            }
        }
        let plugin = manifest.name.clone();
        what.dedup();
        let fits = what.is_empty();
        if fits { Ok(()) } else { Err(ReplaceError::Declares { plugin, what, packs }) }
    }

    fn without_plugin(&self, name: &str) -> Result<Self, ReplaceError> {
        let mut schema = (*self.unnamed).clone();
        schema.origins.retain(|origin| origin.plugin != name);
        let (gone, left): (Vec<_>, Vec<_>) =
            self.plugins.iter().cloned().partition(|loaded| loaded.name() == name);
        let mut runtime = self.over(schema, left).map_err(ReplaceError::Pack)?;
        runtime.gone.extend(gone);
        Ok(runtime)
    }
}
