//! The engine: native code, and calls into it.
//!
//! This folder is the only place that names wasmtime, and the only one with
//! `unsafe`. The rest of the runtime sees [`Engines`], [`Code`] and
//! [`Instance`].
//!
//! ```text
//! pack bytes --verify--> Verified --compile--> artefact --load--> Code
//!                            '---------------> cache file ---------^
//! Code + memory --instantiate--> Instance: bind, evaluate, columns, explain
//! ```
//!
//! There are three engines, made when first needed. Modules whose bound is proven
//! run in the plain one. All others run in the watched one, whose code checks
//! an epoch at every loop and call, and a thread of ours counts epochs, so that
//! a call ends at its deadline whatever the module does. Plugins run in the third:
//! their code is rewritten to count instructions, so that a plugin's call ends after as
//! many as it may have, at the same one on every machine.
//!
//! Without the feature `cranelift` nothing can be compiled here: packs come with
//! an [`Artefact`], or lie in the cache.

mod artefact;
mod cache;
mod config;
mod fuel;
mod functions;
mod guest;
mod instance;
mod link;
#[cfg(test)]
mod tests;
mod ticker;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use tagout_spec::function::Function;

pub use self::artefact::Artefact;
pub use self::artefact::BadArtefact;
pub use self::cache::Cache;
pub use self::cache::CacheError;
pub use self::config::Memory;
pub use self::config::Options;
pub use self::config::Strategy;
pub use self::config::Watch;
pub use self::functions::Argument;
pub use self::functions::Functions;
pub use self::functions::Library;
pub use self::functions::Value;
pub(crate) use self::guest::Files;
pub(crate) use self::guest::Guest;
pub(crate) use self::guest::GuestCode;
pub(crate) use self::guest::GuestFault;
pub(crate) use self::guest::GuestLimits;
pub(crate) use self::guest::Line;
pub use self::guest::Reason;
pub(crate) use self::guest::SetValue;
pub(crate) use self::guest::Sets;
#[cfg(feature = "decode")]
pub(crate) use self::guest::{CallLimits, Emitted, Event};
pub(crate) use self::instance::Fault;
pub(crate) use self::instance::Instance;
pub(crate) use self::link::Links;

use self::artefact::Header;
use self::artefact::Key;
use self::ticker::Ticker;
use crate::verify::Limits;
use crate::verify::Refused;
use crate::verify::Verified;
use crate::verify::verify;

/// SHA-256 of a pack's bytes.
pub(crate) type Digest = [u8; 32];

/// The engines of a runtime.
pub(crate) struct Engines {
    options: Options,
    plain: OnceLock<Result<wasmtime::Engine, String>>,
    watched: OnceLock<Result<(wasmtime::Engine, Arc<Ticker>), String>>,
    metered: OnceLock<Result<wasmtime::Engine, String>>,
}

/// A compiled module.
#[derive(Clone)]
pub(crate) struct Code {
    module: wasmtime::Module,
    pub(crate) verified: Verified,
    /// Deadline of a call in ticks, for a module whose bound is not proven, and
    /// what counts them: an instance must not outlive its ticker.
    deadline: Option<(u64, Arc<Ticker>)>,
}

/// Native code: in memory, or in a file that is mapped.
#[derive(Clone, Copy)]
enum Native<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

/// Where the native code of a pack came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Compiled here.
    Compiled {
        /// Why the result is not in the cache, if there is one.
        cache: Option<CacheError>,
    },
    /// Read from the cache.
    Cache,
    /// Given by the caller.
    Artefact,
}

/// Why there is no native code for a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CodeError {
    /// The module must not run.
    Refused(Refused),
    /// This build has no compiler, and no precompiled code was found.
    NoCompiler,
    /// Precompiled code of another pack, engine, configuration or machine.
    Artefact(BadArtefact),
    /// The compiler or the engine failed.
    Engine(String),
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refused) => refused.fmt(f),
            Self::NoCompiler => write!(
                f,
                "this build has no compiler, and there is no precompiled code for the pack"
            ),
            Self::Artefact(bad) => write!(f, "precompiled code: {bad}"),
            Self::Engine(message) => write!(f, "engine: {message}"),
        }
    }
}

impl std::error::Error for CodeError {}

impl From<Refused> for CodeError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl Engines {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            plain: OnceLock::new(),
            watched: OnceLock::new(),
            metered: OnceLock::new(),
        }
    }

    /// Native code of a pack: from the cache, else compiled and put there.
    pub(crate) fn code(
        &self,
        bytes: &[u8],
        digest: &Digest,
        limits: &Limits,
        declared: &[Function],
        cache: Option<&Cache>,
    ) -> Result<(Code, Origin), CodeError> {
        let key = Key::new(digest, &self.options, limits, declared);
        // A file that is damaged or does not fit is a miss, and is replaced.
        let cached = cache.and_then(|cache| cache.read(&key)).and_then(|cached| {
            self.load(&cached.header, Native::File(&cached.path), &key).ok()
        });
        if let Some(code) = cached {
            return Ok((code, Origin::Cache));
        }
        let verified = verify(bytes, limits, declared)?;
        let artefact = self.compile(bytes, &key, verified)?;
        let cache = cache.and_then(|cache| cache.write(&artefact).err());
        Ok((self.load_artefact(&artefact, &key)?, Origin::Compiled { cache }))
    }

    /// Native code of a plugin, whose module was checked: from the cache, else compiled
    /// and put there.
    pub(crate) fn guest(
        &self,
        bytes: &[u8],
        digest: &Digest,
        cache: Option<&Cache>,
    ) -> Result<(GuestCode, Origin), CodeError> {
        let key = Key::of_plugin(digest, &self.options);
        let cached = cache.and_then(|cache| cache.read(&key)).and_then(|cached| {
            self.guest_module(&cached.header, Native::File(&cached.path), &key).ok()
        });
        if let Some(module) = cached {
            return Ok((Self::guest_code(&module)?, Origin::Cache));
        }
        let artefact = self.compile_guest(bytes, &key)?;
        let cache = cache.and_then(|cache| cache.write(&artefact).err());
        let native = Native::Bytes(artefact.code());
        let module = self.guest_module(artefact.header(), native, &key)?;
        Ok((Self::guest_code(&module)?, Origin::Compiled { cache }))
    }

    fn guest_module(
        &self,
        header: &Header,
        native: Native<'_>,
        key: &Key,
    ) -> Result<wasmtime::Module, CodeError> {
        header.fits(key).map_err(CodeError::Artefact)?;
        deserialize(self.metered()?, native)
    }

    #[cfg(feature = "cranelift")]
    fn compile_guest(&self, bytes: &[u8], key: &Key) -> Result<Artefact, CodeError> {
        let failed = |problem: String| CodeError::Engine(problem);
        let metered = fuel::metered(bytes).map_err(|error| failed(error.to_string()))?;
        let code = self
            .metered()?
            .precompile_module(&metered)
            .map_err(|error| failed(format!("{error:#}")))?;
        Ok(Artefact::new(key, None, &code))
    }

    #[cfg(not(feature = "cranelift"))]
    #[expect(clippy::unused_self, reason = "the other build compiles with it")]
    fn compile_guest(&self, _: &[u8], _: &Key) -> Result<Artefact, CodeError> {
        Err(CodeError::NoCompiler)
    }

    /// The engine for plugins.
    fn metered(&self) -> Result<&wasmtime::Engine, CodeError> {
        let make = || config::engine(&self.options, config::Stop::Fuel);
        let engine = self.metered.get_or_init(make).as_ref();
        engine.map_err(|message| CodeError::Engine(message.clone()))
    }

    /// Native code from a precompiled artefact of the same pack.
    pub(crate) fn code_of(
        &self,
        artefact: &Artefact,
        digest: &Digest,
        limits: &Limits,
        declared: &[Function],
    ) -> Result<Code, CodeError> {
        let key = Key::new(digest, &self.options, limits, declared);
        self.load_artefact(artefact, &key)
    }

    /// Compiles a pack for this configuration.
    #[cfg(feature = "cranelift")]
    pub(crate) fn precompile(
        &self,
        bytes: &[u8],
        digest: &Digest,
        limits: &Limits,
        declared: &[Function],
    ) -> Result<Artefact, CodeError> {
        let verified = verify(bytes, limits, declared)?;
        let key = Key::new(digest, &self.options, limits, declared);
        self.compile(bytes, &key, verified)
    }

    #[cfg(feature = "cranelift")]
    fn compile(
        &self,
        bytes: &[u8],
        key: &Key,
        verified: Verified,
    ) -> Result<Artefact, CodeError> {
        let code = self
            .engine(self.is_plain(&verified))?
            .0
            .precompile_module(bytes)
            .map_err(|error| CodeError::Engine(format!("{error:#}")))?;
        Ok(Artefact::new(key, Some(verified), &code))
    }

    #[cfg(not(feature = "cranelift"))]
    #[expect(clippy::unused_self, reason = "the other build compiles with it")]
    fn compile(&self, _: &[u8], _: &Key, _: Verified) -> Result<Artefact, CodeError> {
        Err(CodeError::NoCompiler)
    }

    fn load_artefact(&self, artefact: &Artefact, key: &Key) -> Result<Code, CodeError> {
        self.load(artefact.header(), Native::Bytes(artefact.code()), key)
    }

    fn load(
        &self,
        header: &Header,
        native: Native<'_>,
        key: &Key,
    ) -> Result<Code, CodeError> {
        header.fits(key).map_err(CodeError::Artefact)?;
        let verified = header.verified().cloned();
        let verified = verified.ok_or(CodeError::Artefact(BadArtefact::Format))?;
        let (engine, ticker) = self.engine(self.is_plain(&verified))?;
        let module = deserialize(engine, native)?;
        let deadline = ticker.map(|t| (Ticker::ticks(self.options.deadline), t));
        Ok(Code { module, verified, deadline })
    }

    /// Whether a module runs without being watched.
    fn is_plain(&self, verified: &Verified) -> bool {
        verified.bound.is_proven() && self.options.watch == Watch::Unproven
    }

    /// The plain engine for proven modules, else the watched one with its ticker.
    fn engine(
        &self,
        proven: bool,
    ) -> Result<(&wasmtime::Engine, Option<Arc<Ticker>>), CodeError> {
        let failed = |message: &String| CodeError::Engine(message.clone());
        if proven {
            let make = || config::engine(&self.options, config::Stop::Never);
            let engine = self.plain.get_or_init(make).as_ref().map_err(failed)?;
            return Ok((engine, None));
        }
        let make = || {
            let engine = config::engine(&self.options, config::Stop::Epochs)?;
            let ticker = Ticker::start(&engine)?;
            Ok((engine, Arc::new(ticker)))
        };
        let (engine, ticker) = self.watched.get_or_init(make).as_ref().map_err(failed)?;
        Ok((engine, Some(Arc::clone(ticker))))
    }
}

/// Loads native code as it is.
#[expect(unsafe_code, reason = "native code has no other way in")]
fn deserialize(
    engine: &wasmtime::Engine,
    native: Native<'_>,
) -> Result<wasmtime::Module, CodeError> {
    // SAFETY: the bytes are unchanged since this engine's version made them
    // (length and checksum were compared), and whoever could have made up both
    // bytes and checksum is trusted: they come from `compile` in this process,
    // from a cache directory that only this user can write to, where files are
    // replaced and never changed, or from a caller who vouched for them in
    // `Artefact::from_trusted_bytes`.
    unsafe {
        match native {
            Native::Bytes(code) => wasmtime::Module::deserialize(engine, code),
            Native::File(path) => wasmtime::Module::deserialize_file(engine, path),
        }
    }
    .map_err(|error| CodeError::Engine(format!("{error:#}")))
}

/// The deadline of calls that [`Options`] starts with: far more than a batch
/// takes, and short enough that a sensor survives it.
const DEADLINE: Duration = Duration::from_millis(250);
