//! What a command knows of the world before it reads packs: the schema, with the kinds
//! and fields of schema files and plugins, and the plugins themselves.
//!
//! Plugins are those of `--plugin`, in their order, then the others of the site; what the
//! site says of one counts for it, whichever way it was named.

use std::path::{Path, PathBuf};

use tagout_runtime::{Builder, Plugin, PluginOptions, Runtime, Site, SitePlugin};
use tagout_spec::function::Function;
use tagout_spec::schema::Schema;

use crate::args::Global;
use crate::failure::{Exit, Failure};
use crate::folder::{self, Folder};

/// Schema and plugins of a command.
pub(crate) struct Setup {
    /// The schema that plugins add to.
    base: Schema,
    /// The schema with what they add.
    pub(crate) schema: Schema,
    plugins: Vec<(String, Plugin, PluginOptions)>,
}

impl Setup {
    /// Reads the files that the options name, and the site's plugins.
    pub(crate) fn read(global: &Global, site: Option<&Path>) -> Result<Self, Failure> {
        let mut base = Schema::builtin();
        for path in &global.schemas {
            let text = folder::read_text(path)?;
            base.add_file(&text).map_err(|error| refused(path, &error))?;
        }
        let mut of_site = site.map(site_plugins).transpose()?.unwrap_or_default();
        let mut named: Vec<(PathBuf, PluginOptions)> = Vec::new();
        for path in &global.plugins {
            let same = of_site.iter().position(|(other, _)| same_file(other, path));
            let options = match same {
                Some(at) => options(path, of_site.remove(at).1)?,
                None => PluginOptions::default(),
            };
            named.push((path.clone(), options));
        }
        for (path, plugin) in of_site {
            let options = options(&path, plugin)?;
            named.push((path, options));
        }
        let mut schema = base.clone();
        let mut plugins = Vec::new();
        for (path, options) in named {
            let plugin = Plugin::read(&folder::read_bytes(&path)?)
                .map_err(|error| refused(&path, &error))?;
            plugin.extend(&mut schema).map_err(|error| refused(&path, &error))?;
            plugins.push((path.display().to_string(), plugin, options));
        }
        Ok(Self { base, schema, plugins })
    }

    /// A schema without plugins.
    pub(crate) fn of(schema: &Schema) -> Self {
        Self { base: schema.clone(), schema: schema.clone(), plugins: Vec::new() }
    }

    /// Reads a pack's folder or a rule file, which may call functions of the plugins.
    pub(crate) fn folder(&self, path: &Path) -> Result<Folder, Failure> {
        let mut folder = folder::read(path)?;
        folder.source.functions = self.functions();
        Ok(folder)
    }

    /// The functions of the plugins.
    pub(crate) fn functions(&self) -> Vec<Function> {
        let plugins = self.plugins.iter();
        plugins.flat_map(|(_, plugin, _)| plugin.manifest().functions.clone()).collect()
    }

    /// A runtime to be built with these plugins.
    pub(crate) fn builder(&self) -> Builder {
        let builder = Runtime::builder().schema(self.base.clone());
        self.plugins.iter().fold(builder, |builder, (label, plugin, options)| {
            builder.plugin(label.clone(), plugin.clone(), options.clone())
        })
    }
}

fn refused(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::usage(format!("`{}`: {error}", path.display()))
}

/// The plugins of a site, their files beside it.
fn site_plugins(path: &Path) -> Result<Vec<(PathBuf, SitePlugin)>, Failure> {
    let text = folder::read_text(path)
        .map_err(|failure| Failure { exit: Exit::Environment, ..failure })?;
    let plugins = Site::plugins(&text).map_err(|error| {
        Failure::environment(format!("`{}`: {error}", path.display()))
    })?;
    let beside = path.parent().unwrap_or(Path::new(""));
    let plugins = plugins.into_iter().map(|mut plugin| {
        plugin.data.values_mut().for_each(|file| *file = beside.join(&*file));
        (beside.join(&plugin.file), plugin)
    });
    Ok(plugins.collect())
}

/// What a site lets a plugin do, with the files that it gives.
fn options(path: &Path, plugin: SitePlugin) -> Result<PluginOptions, Failure> {
    let read = |(name, file): (String, PathBuf)| {
        let bytes = folder::read_bytes(&file)
            .map_err(|failure| Failure { exit: Exit::Environment, ..failure })?;
        Ok((name, bytes.into()))
    };
    let data: Result<_, Failure> = plugin.data.into_iter().map(read).collect();
    let defaults = PluginOptions::default();
    let faults = plugin.faults.unwrap_or(defaults.faults);
    if faults == 0 {
        let message = format!("`{}`: `faults` is at least 1", path.display());
        return Err(Failure::environment(message));
    }
    Ok(PluginOptions { allow: plugin.allow, data: data?, limits: plugin.limits, faults })
}

fn same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    real(a) == real(b)
}
