//! The runtime: packs and a site, loaded and checked, from which sessions start.
//!
//! ```text
//! Builder: schema, plugins, packs, site, budgets, cache --build--> Runtime --session--> Session
//! ```
//!
//! A runtime does not change and can be shared; a session has the memory of the
//! modules, the state of deduplication and the counters.

use std::fmt;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use tagout_spec::function::Function;
use tagout_spec::record::ARENA_MAX;
use tagout_spec::record::EventJson;
use tagout_spec::record::RECORD_ARENA_MAX;
use tagout_spec::record::batch_bytes_max;
use tagout_spec::schema::Schema;
use tagout_spec::schema::layout::NAMES_MAX;

use crate::engine::Artefact;
use crate::engine::Cache;
use crate::engine::Code;
use crate::engine::Engines;
use crate::engine::Library;
use crate::engine::Options;
use crate::engine::Origin;
use crate::pack;
use crate::pack::Given;
use crate::pack::LoadError;
use crate::pack::Pack;
use crate::plugin::Loaded as Guest;
use crate::plugin::Plugin;
use crate::plugin::PluginOptions;
use crate::session::Budget;
use crate::session::Session;
use crate::site::Site;
use crate::verify::Bound;
use crate::verify::Limits;

/// Packs and a site, ready to run.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) schema: Arc<Schema>,
    /// The schema without the fields of those names.
    pub(crate) unnamed: Arc<Schema>,
    /// Names of maps that packs read: the schema has a field for each, in this order.
    pub(crate) names: Arc<[String]>,
    pub(crate) packs: Vec<Arc<Loaded>>,
    pub(crate) site: Arc<Site>,
    pub(crate) budget: Budget,
    /// What has functions for rules.
    pub(crate) libraries: Vec<Arc<dyn Library>>,
    /// Events of the schema's kinds as JSON.
    pub(crate) events: Arc<EventJson>,
    pub(crate) plugins: Vec<Arc<Guest>>,
    /// Plugins that were taken out, whose kinds and fields the schema still has.
    pub(crate) gone: Vec<Arc<Guest>>,
    /// For plugins that come later.
    pub(crate) engines: Arc<Engines>,
    pub(crate) cache: Option<Cache>,
}

/// A pack with its native code.
pub(crate) struct Loaded {
    pub(crate) pack: Pack,
    pub(crate) code: Code,
    pub(crate) origin: Origin,
    /// By pack-local kind, how the pack is given records.
    pub(crate) given: Vec<Given>,
}

/// Collects what a [`Runtime`] is made of.
pub struct Builder {
    schema: Schema,
    plugins: Vec<(String, Plugin, PluginOptions)>,
    sources: Vec<Source>,
    site: Site,
    options: Options,
    limits: Limits,
    budget: Budget,
    cache: Option<Cache>,
    libraries: Vec<Arc<dyn Library>>,
}

/// A pack as it was given.
struct Source {
    label: String,
    bytes: Vec<u8>,
    artefact: Option<Artefact>,
}

/// A pack that was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildError {
    /// What the caller called the pack.
    pub label: String,
    /// Why.
    pub error: LoadError,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.label, self.error)
    }
}

impl std::error::Error for BuildError {}

/// A loaded pack, for people and for listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackSummary {
    /// Name of the pack.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub digest: String,
    /// Number of rules.
    pub rules: usize,
    /// Where its native code came from.
    pub origin: Origin,
    /// Whether the length of every call is bounded, and by how much.
    pub bound: Bound,
    /// Bytes of its memory.
    pub memory_bytes: u64,
}

/// A loaded plugin, for people and for listings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginSummary {
    /// Name of the plugin.
    pub name: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub digest: String,
    /// Where its native code came from.
    pub origin: Origin,
    /// Bytes of memory that an instance of it starts with.
    pub memory_bytes: u64,
    /// Most bytes of memory that an instance of it may have.
    pub memory_max: u64,
}

impl Runtime {
    /// Starts with the built-in schema, an empty site and no packs.
    #[must_use]
    pub fn builder() -> Builder {
        Builder {
            schema: Schema::builtin(),
            plugins: Vec::new(),
            sources: Vec::new(),
            site: Site::default(),
            options: Options::default(),
            limits: Limits::default(),
            budget: Budget::default(),
            cache: None,
            libraries: Vec::new(),
        }
    }

    /// Starts a session.
    ///
    /// # Errors
    ///
    /// A parameter of the site does not fit a pack, or a module does not take
    /// its parameters.
    pub fn session(&self) -> Result<Session, BuildError> {
        Session::new(self, &Map::new())
    }

    /// Starts a session with values for parameters, before those of the site.
    pub(crate) fn session_with(
        &self,
        params: &Map<String, Json>,
    ) -> Result<Session, BuildError> {
        Session::new(self, params)
    }

    /// The schema that packs were loaded against.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The packs, in the order they were given.
    #[must_use]
    pub fn packs(&self) -> Vec<PackSummary> {
        let summary = |loaded: &Arc<Loaded>| PackSummary {
            name: loaded.pack.manifest.name.clone(),
            version: loaded.pack.manifest.version.clone(),
            digest: crate::hex(&loaded.pack.digest),
            rules: loaded.pack.plans.len(),
            origin: loaded.origin.clone(),
            bound: loaded.code.verified.bound.clone(),
            memory_bytes: loaded.code.verified.memory_bytes,
        };
        self.packs.iter().map(summary).collect()
    }

    /// The plugins, in the order they were given.
    #[must_use]
    pub fn plugins(&self) -> Vec<PluginSummary> {
        let summary = |loaded: &Arc<Guest>| PluginSummary {
            name: loaded.name().to_owned(),
            version: loaded.plugin.manifest().version.to_string(),
            digest: loaded.plugin.digest(),
            origin: loaded.origin.clone(),
            memory_bytes: loaded.plugin.memory_bytes(),
            memory_max: loaded.limits.memory,
        };
        self.plugins.iter().map(summary).collect()
    }

    /// Full names of all rules of all packs.
    #[must_use]
    pub fn rules(&self) -> Vec<String> {
        let of_pack = |loaded: &Arc<Loaded>| -> Vec<String> {
            (0..loaded.pack.plans.len()).map(|rule| loaded.pack.full_name(rule)).collect()
        };
        self.packs.iter().flat_map(of_pack).collect()
    }
}

impl Runtime {
    /// The same packs over another schema, and with other plugins.
    pub(crate) fn over(
        &self,
        mut schema: Schema,
        plugins: Vec<Arc<Guest>>,
    ) -> Result<Self, BuildError> {
        let packs: Vec<Pack> =
            self.packs.iter().map(|loaded| loaded.pack.over(&schema)).collect();
        packs.iter().for_each(|pack| pack.widen(&mut schema));
        let over = |(loaded, pack): (&Arc<Loaded>, Pack)| {
            let label = || pack.manifest.name.clone();
            let given = given(&pack, &loaded.code, &schema)
                .map_err(|error| BuildError { label: label(), error })?;
            let (code, origin) = (loaded.code.clone(), loaded.origin.clone());
            Ok(Arc::new(Loaded { pack, code, origin, given }))
        };
        let packs: Result<_, BuildError> =
            self.packs.iter().zip(packs).map(over).collect();
        let packs = packs?;
        let named = schema.with_names(&self.names);
        Ok(Self {
            events: Arc::new(EventJson::new(&named)),
            schema: Arc::new(named),
            unnamed: Arc::new(schema),
            packs,
            plugins,
            ..self.clone()
        })
    }
}

impl Builder {
    /// Uses another schema, such as the built-in one with more kinds.
    #[must_use]
    pub fn schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }

    /// Adds a plugin, and its kinds and fields to the schema; the label is what errors call
    /// it, such as its path. Plugins that add to the same events do so in this order.
    #[must_use]
    pub fn plugin(
        mut self,
        label: impl Into<String>,
        plugin: Plugin,
        options: PluginOptions,
    ) -> Self {
        self.plugins.push((label.into(), plugin, options));
        self
    }

    /// Adds a pack; the label is what errors call it, such as its path.
    #[must_use]
    pub fn pack(mut self, label: impl Into<String>, bytes: Vec<u8>) -> Self {
        self.sources.push(Source { label: label.into(), bytes, artefact: None });
        self
    }

    /// Adds a pack with its native code.
    #[must_use]
    pub fn precompiled(
        mut self,
        label: impl Into<String>,
        bytes: Vec<u8>,
        artefact: Artefact,
    ) -> Self {
        let artefact = Some(artefact);
        self.sources.push(Source { label: label.into(), bytes, artefact });
        self
    }

    /// Uses a site.
    #[must_use]
    pub fn site(mut self, site: Site) -> Self {
        self.site = site;
        self
    }

    /// Chooses the engine.
    #[must_use]
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Limits the size of modules.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Limits what packs may spend.
    #[must_use]
    pub fn budget(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Keeps native code there.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Adds functions that rules may call.
    #[must_use]
    pub fn library(mut self, library: Arc<dyn Library>) -> Self {
        self.libraries.push(library);
        self
    }

    /// Loads all packs.
    ///
    /// # Errors
    ///
    /// The first pack that cannot be loaded.
    pub fn build(mut self) -> Result<Runtime, BuildError> {
        let engines = Engines::new(self.options.clone());
        let plugins = self.load_plugins(&engines)?;
        let mut packs: Vec<Arc<Loaded>> = Vec::new();
        let sources = std::mem::take(&mut self.sources);
        let mut read = Vec::new();
        for source in &sources {
            let failed = |error| BuildError { label: source.label.clone(), error };
            let pack = Pack::read(&source.bytes, &self.schema).map_err(failed)?;
            pack.widen(&mut self.schema);
            read.push(pack);
        }
        for (source, pack) in sources.iter().zip(read) {
            let failed = |error| BuildError { label: source.label.clone(), error };
            let loaded = self.load(source, pack, &engines, &plugins).map_err(failed)?;
            let name = &loaded.pack.manifest.name;
            if packs.iter().any(|other| other.pack.manifest.name == *name) {
                return Err(failed(LoadError::Name(name.clone())));
            }
            packs.push(Arc::new(loaded));
            // A single pack from the cache was checked when it was put there.
            let cached = packs.iter().all(|loaded| loaded.origin == Origin::Cache);
            if let Some(new) =
                packs.last().filter(|loaded| loaded.origin != Origin::Cache)
            {
                new.pack.check_infos().map_err(failed)?;
            }
            if packs.len() > 1 || !cached {
                pack::collisions(packs.iter().map(|loaded| &loaded.pack))
                    .map_err(failed)?;
            }
        }
        let names = names_of(&packs)?;
        let schema = self.schema.with_names(&names);
        Ok(Runtime {
            unnamed: Arc::new(self.schema),
            events: Arc::new(EventJson::new(&schema)),
            schema: Arc::new(schema),
            names: names.into(),
            packs,
            site: Arc::new(self.site),
            budget: self.budget,
            libraries: self.libraries,
            plugins,
            gone: Vec::new(),
            engines: Arc::new(engines),
            cache: self.cache,
        })
    }

    /// Loads the plugins, and adds to the schema what they declare.
    fn load_plugins(&mut self, engines: &Engines) -> Result<Vec<Arc<Guest>>, BuildError> {
        let mut loaded: Vec<Arc<Guest>> = Vec::new();
        for (label, plugin, options) in std::mem::take(&mut self.plugins) {
            let failed = |error| BuildError { label: label.clone(), error };
            let name = plugin.manifest().name.clone();
            if loaded.iter().any(|other| other.name() == name) {
                return Err(failed(LoadError::Name(name)));
            }
            let (schema, cache) = (&mut self.schema, self.cache.as_ref());
            let new = Guest::new(plugin, &options, schema, engines, cache);
            loaded.push(Arc::new(new.map_err(|error| failed(error.into()))?));
        }
        Ok(loaded)
    }

    fn load(
        &self,
        source: &Source,
        pack: Pack,
        engines: &Engines,
        plugins: &[Arc<Guest>],
    ) -> Result<Loaded, LoadError> {
        let declared = self.declared(&pack, plugins);
        let (code, origin) = match &source.artefact {
            Some(artefact) => {
                let digest = &pack.digest;
                let code = engines.code_of(artefact, digest, &self.limits, &declared)?;
                (code, Origin::Artefact)
            }
            None => {
                let cache = self.cache.as_ref();
                let (bytes, digest) = (&source.bytes, &pack.digest);
                engines.code(bytes, digest, &self.limits, &declared, cache)?
            }
        };
        if let (Bound::Proven(ops), Some(max)) = (&code.verified.bound, self.budget.ops)
            && ops.evaluate > max
        {
            let what = "instructions for a batch";
            return Err(LoadError::Budget { what, is: ops.evaluate, max });
        }
        let given = given(&pack, &code, &self.schema)?;
        Ok(Loaded { pack, code, origin, given })
    }

    /// The functions that a pack declares, each at the greater cost of those that the pack
    /// and the host state: the bound is to hold here.
    fn declared(&self, pack: &Pack, plugins: &[Arc<Guest>]) -> Vec<Function> {
        let mut declared = pack::declared(&pack.manifest);
        let of_libraries = self.libraries.iter().flat_map(|library| library.functions());
        let of_plugins =
            plugins.iter().flat_map(|plugin| &plugin.plugin.manifest().functions);
        for has in of_libraries.chain(of_plugins) {
            for wanted in declared.iter_mut().filter(|wanted| has.serves(wanted)) {
                wanted.cost.call = wanted.cost.call.max(has.cost.call);
                wanted.cost.byte = wanted.cost.byte.max(has.cost.byte);
            }
        }
        declared
    }
}

/// What a pack is given of each record, and whether it has room for a batch.
fn given(pack: &Pack, code: &Code, schema: &Schema) -> Result<Vec<Given>, LoadError> {
    let has = u64::from(code.verified.batch.len);
    let kinds = pack.manifest.kinds.iter();
    kinds
        .map(|needed| {
            let known = schema.kind_idx(&needed.name);
            let Some(kind) = known.and_then(|idx| schema.kind(idx)) else {
                return Ok(Given::default());
            };
            // A pack that was made when records of the kind were shorter takes less
            // of texts at once.
            let least = batch_bytes_max(kind.stride)
                .saturating_sub(ARENA_MAX.saturating_sub(RECORD_ARENA_MAX));
            let needs = u64::try_from(least).unwrap_or(u64::MAX);
            if has < needs {
                let kind = needed.name.clone();
                return Err(LoadError::Room { kind, needs, has });
            }
            Ok(Given::of(needed, schema))
        })
        .collect()
}

/// The names of maps that packs read, each once: they are one numbering for all.
fn names_of(packs: &[Arc<Loaded>]) -> Result<Vec<String>, BuildError> {
    let mut names: Vec<String> = Vec::new();
    for loaded in packs {
        let manifest = &loaded.pack.manifest;
        for name in &manifest.names {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.len() > usize::from(NAMES_MAX) {
            let what = "names of maps in all packs";
            let (is, max) =
                (names.len().try_into().unwrap_or(u64::MAX), NAMES_MAX.into());
            let error = LoadError::Budget { what, is, max };
            return Err(BuildError { label: manifest.name.clone(), error });
        }
    }
    Ok(names)
}

/// Compiles a pack ahead of time, for a runtime with these options and limits.
///
/// # Errors
///
/// The module is refused, or cannot be compiled.
#[cfg(feature = "cranelift")]
pub fn precompile(
    bytes: &[u8],
    options: &Options,
    limits: &Limits,
) -> Result<Artefact, LoadError> {
    let digest = pack::digest(bytes);
    let declared = pack::functions(bytes);
    Ok(Engines::new(options.clone()).precompile(bytes, &digest, limits, &declared)?)
}
