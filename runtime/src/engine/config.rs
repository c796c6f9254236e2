//! Configuration of the engines.
//!
//! Results must be equal on every machine: NaNs are canonical, relaxed SIMD is
//! off. Memory of packs is fixed, so it never moves.

use std::time::Duration;

/// How packs are executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which execution engine.
    pub strategy: Strategy,
    /// How memory is reserved.
    pub memory: Memory,
    /// After how much time a call of a watched module is stopped.
    pub deadline: Duration,
    /// Which modules are watched.
    pub watch: Watch,
}

/// Whose calls are stopped at the deadline: checks at every loop and call cost time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Those whose bound is not proven.
    Unproven,
    /// All, for who does not trust the proof.
    All,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strategy: Strategy::Native,
            memory: Memory::Reserved,
            deadline: super::DEADLINE,
            watch: Watch::Unproven,
        }
    }
}

/// Execution engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// Native code.
    Native,
    /// Portable bytecode and an interpreter, where executable memory may not be
    /// mapped. Many times slower.
    #[cfg(feature = "pulley")]
    Pulley,
}

/// How address space is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// 4 GiB of addresses for each pack, none of them backed: accesses need no
    /// checks.
    Reserved,
    /// No more than the pack needs: accesses are checked, and slower.
    Compact,
}

impl Options {
    /// What distinguishes native code made under these options. Whether this build
    /// has a compiler does not: a sensor without one loads what another made.
    pub(super) fn describe(&self) -> String {
        let Self { strategy, memory, watch, deadline: _ } = self;
        format!(
            "wasmtime 48; tagout-runtime {}; {} {} {} bit; {strategy:?}; {memory:?}; \
             watch {watch:?}; canonical NaN",
            env!("CARGO_PKG_VERSION"),
            std::env::consts::ARCH,
            std::env::consts::OS,
            usize::BITS,
        )
    }
}

/// What ends a call that does not end by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// Nothing: it was proven to end.
    Never,
    /// The time.
    Epochs,
    /// The number of instructions, which the module counts itself since `fuel` rewrote it;
    /// such modules may grow their memory.
    Fuel,
}

/// Makes an engine.
pub(super) fn engine(options: &Options, stop: Stop) -> Result<wasmtime::Engine, String> {
    let mut config = wasmtime::Config::new();
    config.wasm_relaxed_simd(false);
    config.wasm_tail_call(false);
    config.wasm_multi_memory(false);
    config.wasm_multi_value(false);
    config.wasm_memory64(false);
    config.wasm_extended_const(false);
    config.wasm_simd(true);
    config.wasm_bulk_memory(true);
    config.wasm_backtrace_max_frames(None);
    config.epoch_interruption(stop == Stop::Epochs);
    // Plugins call through their tables, which are small: they are filled at once, so that
    // no call has to ask whether its entry is.
    config.table_lazy_init(stop != Stop::Fuel);
    // What has no addresses reserved behind it moves when it grows.
    config.memory_may_move(stop == Stop::Fuel && options.memory == Memory::Compact);
    config.memory_reservation_for_growth(0);
    config.generate_address_map(false);
    if options.memory == Memory::Compact {
        config.memory_reservation(0);
        config.memory_guard_size(64 << 10);
    }
    #[cfg(feature = "cranelift")]
    {
        config.cranelift_nan_canonicalization(true);
        config.cranelift_opt_level(wasmtime::OptLevel::Speed);
    }
    match options.strategy {
        Strategy::Native => {}
        #[cfg(feature = "pulley")]
        Strategy::Pulley => {
            config.target(pulley()).map_err(|error| format!("{error:#}"))?;
        }
    }
    wasmtime::Engine::new(&config).map_err(|error| format!("{error:#}"))
}

/// The interpreter for this machine's word size and byte order.
#[cfg(feature = "pulley")]
fn pulley() -> &'static str {
    match (usize::BITS, cfg!(target_endian = "big")) {
        (64, false) => "pulley64",
        (64, true) => "pulley64be",
        (_, false) => "pulley32",
        (_, true) => "pulley32be",
    }
}
