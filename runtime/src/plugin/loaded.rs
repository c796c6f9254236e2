//! A plugin with its native code, and its places in the schema.

use std::sync::Arc;

use tagout_spec::plugin::EMIT_OF;
use tagout_spec::plugin::manifest::{Limits, Manifest};
use tagout_spec::record::Exporter;
use tagout_spec::schema::{Added, Family, FieldIdx, FieldType, KindIdx, Schema};

use super::check;
use super::error::PluginError;
use super::{Plugin, PluginOptions};
use crate::engine::{
    Cache, Engines, Files, Guest, GuestCode, GuestFault, GuestLimits, Origin,
};

/// Most bytes of a file that a site gives.
const DATA_MAX: usize = 64 << 20;

/// A plugin, ready to be instantiated.
pub(crate) struct Loaded {
    pub(crate) plugin: Plugin,
    pub(crate) origin: Origin,
    pub(crate) limits: Limits,
    /// Faults after which it is off.
    pub(crate) faults: u32,
    pub(super) code: GuestCode,
    pub(super) files: Arc<Files>,
    /// Whether it says of events which message of a call they are of.
    pub(super) batches: bool,
    /// Its kinds, as it numbers them.
    pub(super) kinds: Vec<KindIdx>,
    /// By the manifest's number of a kind, what is exchanged; none of a kind that the
    /// sensor lacks.
    pub(super) enriches: Vec<Option<Enriches>>,
}

/// What an enricher is given of a kind, and may set.
pub(super) struct Enriches {
    pub(super) kind: KindIdx,
    pub(super) exporter: Exporter,
    pub(super) fields: Vec<FieldIdx>,
    pub(super) types: Arc<[FieldType]>,
}

impl Loaded {
    /// Makes a plugin ready under what the site allows, and adds what it declares to the
    /// schema.
    pub(crate) fn new(
        plugin: Plugin,
        options: &PluginOptions,
        schema: &mut Schema,
        engines: &Engines,
        cache: Option<&Cache>,
    ) -> Result<Self, PluginError> {
        let added = plugin.add_to(schema)?;
        Self::placed(plugin, options, schema, added, engines, cache)
    }

    /// The same, of a plugin whose kinds and fields are in the schema already.
    pub(super) fn placed(
        plugin: Plugin,
        options: &PluginOptions,
        schema: &Schema,
        added: Added,
        engines: &Engines,
        cache: Option<&Cache>,
    ) -> Result<Self, PluginError> {
        let limits = options.limits.over(plugin.manifest.limits);
        let limits = limits.map_err(PluginError::site)?;
        allowed(&plugin, options)?;
        let enriches = enriches(&plugin.manifest, schema, &added);
        let (code, origin) = engines.guest(&plugin.bytes, &plugin.digest, cache)?;
        let loaded = Self {
            origin,
            limits,
            faults: options.faults,
            code,
            files: Arc::new(Files(options.data.clone())),
            batches: plugin.imports.iter().any(|name| name == EMIT_OF),
            kinds: added.kinds,
            enriches,
            plugin,
        };
        // What does not start now never will: it is better known at once.
        loaded.instance().map_err(|fault| PluginError::start(fault.problem))?;
        Ok(loaded)
    }

    /// The name of the plugin.
    pub(crate) fn name(&self) -> &str {
        &self.plugin.manifest.name
    }

    /// A fresh instance.
    pub(super) fn instance(&self) -> Result<Guest, GuestFault> {
        let limits = GuestLimits {
            memory: self.limits.memory,
            fuel_call: self.limits.fuel.call,
            fuel_byte: self.limits.fuel.byte,
        };
        Guest::new(&self.code, &limits, &self.files, &self.plugin.manifest.functions)
    }
}

/// Whether the site allows all that the plugin imports, and what it allows makes sense.
fn allowed(plugin: &Plugin, options: &PluginOptions) -> Result<(), PluginError> {
    if let Some(unknown) = options.allow.iter().find(|name| !check::is_capability(name)) {
        return Err(PluginError::site(format!("there is no capability `{unknown}`")));
    }
    for name in plugin.imports.iter().filter(|name| check::is_capability(name)) {
        if !options.allow.contains(name) {
            return Err(PluginError::missing_capability(name));
        }
    }
    let large = options.data.iter().find(|(_, file)| file.len() > DATA_MAX);
    if let Some((name, file)) = large {
        let is = file.len();
        let problem =
            format!("data `{name}` has {is} bytes, at most {DATA_MAX} are given");
        return Err(PluginError::site(problem));
    }
    Ok(())
}

/// Whether the schema of a plugin and its manifest are about the same.
pub(super) fn check_schema(
    manifest: &Manifest,
    schema: &Schema,
    added: &Added,
) -> Result<(), PluginError> {
    let bad = |problem: String| {
        Err(PluginError::section(tagout_spec::plugin::SCHEMA_SECTION, problem))
    };
    let name = |idx: KindIdx| schema.kind(idx).map_or("?", |kind| kind.name.as_ref());
    if manifest.decoder.is_none()
        && let Some(kind) = added.kinds.first()
    {
        return bad(format!("it adds the kind `{}` and has no decoder", name(*kind)));
    }
    if manifest.decoder.is_some() && added.kinds.is_empty() {
        return bad("it has a decoder and adds no kind".to_owned());
    }
    for kind in added.kinds.iter().filter_map(|kind| schema.kind(*kind)) {
        if kind.family != Family::Network {
            return bad(format!("the kind `{}` is not of the network", kind.name));
        }
    }
    let enriches = manifest.enricher.as_ref();
    let listed = |kind: &str| {
        enriches.is_some_and(|enricher| enricher.kinds.iter().any(|k| k == kind))
    };
    for kind in enriches.iter().flat_map(|enricher| &enricher.kinds) {
        let Some(kind) = schema.kind_idx(kind).and_then(|idx| schema.kind(idx)) else {
            continue;
        };
        let reads = enriches.iter().flat_map(|enricher| &enricher.reads);
        let list =
            reads.filter_map(|path| kind.lookup(path)).find(|(_, f)| f.items.is_some());
        if let Some((_, field)) = list {
            return bad(format!("an enricher is not given `{}`, a list", field.path));
        }
    }
    for (kind, fields) in &added.fields {
        if !listed(name(*kind)) {
            return bad(format!(
                "it extends `{}`, which it does not enrich",
                name(*kind)
            ));
        }
        let fields = fields.iter().filter_map(|idx| schema.kind(*kind)?.field(*idx));
        for field in fields {
            if field.items.is_some()
                || matches!(field.ty, FieldType::Mac | FieldType::Range)
            {
                let (path, ty) = (&field.path, schema.type_name(field.ty));
                return bad(format!("an enricher cannot set `{path}`, a {ty}"));
            }
        }
    }
    Ok(())
}

fn enriches(
    manifest: &Manifest,
    schema: &Schema,
    added: &Added,
) -> Vec<Option<Enriches>> {
    let Some(enricher) = &manifest.enricher else { return Vec::new() };
    let of_kind = |name: &String| {
        let idx = schema.kind_idx(name)?;
        let kind = schema.kind(idx)?;
        let (_, fields) = added.fields.iter().find(|(kind, _)| *kind == idx)?;
        let reads: Vec<FieldIdx> = enricher
            .reads
            .iter()
            .filter_map(|path| kind.lookup(path).map(|(idx, _)| idx))
            .collect();
        let types = fields.iter().filter_map(|idx| kind.field(*idx).map(|f| f.ty));
        Some(Enriches {
            kind: idx,
            exporter: Exporter::new(kind, &reads),
            types: types.collect(),
            fields: fields.clone(),
        })
    };
    enricher.kinds.iter().map(of_kind).collect()
}
