//! A plugin at work: its memory, its exports, and what it imports.
//!
//! ```text
//! input area <--written-- host    call(fuel, len) --> 0, or another number
//!                                   |-- emit, emit_of: batches -------> Emitted
//!                                   |-- set_*: value kept ------------> Sets
//!                                   '-- log, data
//! ```
//!
//! Nothing that a call brings out is looked at before the call has ended well: a fault
//! costs the whole call. What is kept is bounded, and the host never calls the plugin from
//! inside an import.

mod emitted;
mod imports;
mod state;

use std::sync::Arc;

use tagout_spec::function::{ArgumentType, Function as Declared, ResultType};
use tagout_spec::plugin::{FUNCTION_PREFIX, export, header, none};
use wasmtime::{Memory, Store, TypedFunc};

#[cfg(feature = "decode")]
pub(crate) use self::emitted::Event;
pub(crate) use self::emitted::{CallLimits, Emitted};
pub(crate) use self::state::{Files, Line, Sets, Value as SetValue};

use self::state::State;
use super::functions::{Argument, Value};
use super::{CodeError, Engines, fuel};

/// A plugin's module with its imports, ready to be instantiated.
#[derive(Clone)]
pub(crate) struct GuestCode {
    pre: wasmtime::InstancePre<State>,
}

/// Why a plugin's call was of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The module trapped.
    Trap,
    /// It ran out of fuel.
    Fuel,
    /// It asked for more memory than it may have, and did not get over it.
    Memory,
    /// It returned a number that means nothing.
    Result,
    /// It emitted what is no batch, or when it may not.
    Emit,
    /// It set what is no field, or when it may not.
    Set,
    /// It emitted too many events.
    Events,
}

impl Reason {
    /// All of them, by number.
    pub const ALL: [Reason; 7] = [
        Self::Trap,
        Self::Fuel,
        Self::Memory,
        Self::Result,
        Self::Emit,
        Self::Set,
        Self::Events,
    ];

    /// As statistics name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Fuel => "fuel",
            Self::Memory => "memory",
            Self::Result => "result",
            Self::Emit => "emit",
            Self::Set => "set",
            Self::Events => "events",
        }
    }
}

/// A call that was of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GuestFault {
    pub(crate) reason: Reason,
    pub(crate) problem: String,
}

/// What an instance may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuestLimits {
    pub(crate) memory: u64,
    pub(crate) fuel_call: u64,
    pub(crate) fuel_byte: u64,
}

/// An instance of a plugin.
pub(crate) struct Guest {
    store: Store<State>,
    memory: Memory,
    input: (usize, usize),
    fuel: (u64, u64),
    probe: Option<TypedFunc<(u64, u32), i32>>,
    decode: Option<TypedFunc<(u64, u32), i32>>,
    enrich: Option<TypedFunc<(u64, u32, u32), i32>>,
    functions: Vec<Callee>,
}

/// A function, by the form of call that most have, or by any.
enum Callee {
    TextToFloat(TypedFunc<(u64, u32, u32), f64>),
    TextToInt(TypedFunc<(u64, u32, u32), i64>),
    TextToBool(TypedFunc<(u64, u32, u32), i32>),
    Any { function: wasmtime::Func, returns: ResultType },
}

impl Engines {
    /// A plugin's module, with what it may import.
    pub(super) fn guest_code(module: &wasmtime::Module) -> Result<GuestCode, CodeError> {
        let linker = imports::linker(module.engine()).map_err(engine)?;
        Ok(GuestCode { pre: linker.instantiate_pre(module).map_err(engine)? })
    }
}

impl Guest {
    /// Makes an instance and starts it.
    pub(crate) fn new(
        code: &GuestCode,
        limits: &GuestLimits,
        files: &Arc<Files>,
        functions: &[Declared],
    ) -> Result<Self, GuestFault> {
        let state = State::new(limits.memory, Arc::clone(files));
        let mut store = Store::new(code.pre.module().engine(), state);
        store.limiter(|state| state);
        // Segments are copied without fuel. There is no start function, so the module's
        // size bounds what is done.
        let instance = match code.pre.instantiate(&mut store) {
            Ok(instance) => instance,
            Err(error) => return Err(fault(&mut store, &error)),
        };
        store.data_mut().left = instance.get_global(&mut store, fuel::GLOBAL);
        let memory = instance
            .get_memory(&mut store, export::MEMORY)
            .ok_or_else(|| odd("it exports no memory"))?;
        store.data_mut().memory = Some(memory);
        let address = instance
            .get_global(&mut store, header::EXPORT)
            .and_then(|global| global.get(&mut store).i32())
            .ok_or_else(|| odd("it exports no header"))?;
        let input = read_header(memory.data(&store), address.cast_unsigned())
            .map_err(|problem| odd(&problem))?;
        let mut guest = Self {
            probe: instance.get_typed_func(&mut store, export::PROBE).ok(),
            decode: instance.get_typed_func(&mut store, export::DECODE).ok(),
            enrich: instance.get_typed_func(&mut store, export::ENRICH).ok(),
            functions: Vec::new(),
            fuel: (limits.fuel_call, limits.fuel_byte),
            memory,
            input,
            store,
        };
        for declared in functions {
            let name = format!("{FUNCTION_PREFIX}{}", declared.name);
            let function = instance
                .get_func(&mut guest.store, &name)
                .ok_or_else(|| odd("it lacks a function that it declares"))?;
            guest.functions.push(callee(&guest.store, function, declared));
        }
        if let Ok(start) =
            instance.get_typed_func::<u64, i32>(&mut guest.store, export::START)
        {
            let fuel = fuel_for(guest.fuel, files.bytes());
            let fault = match start.call(&mut guest.store, fuel) {
                Ok(0) => None,
                Ok(status) => Some(GuestFault {
                    reason: Reason::Result,
                    problem: format!("it refuses to start: {status}"),
                }),
                Err(error) => Some(guest.fault(&error)),
            };
            if let Some(GuestFault { reason, mut problem }) = fault {
                // Nobody will ask for what it has logged.
                if let Some(Line { text, .. }) = guest.store.data().lines.last() {
                    problem = format!("{problem}; it said: {text}");
                }
                return Err(GuestFault { reason, problem });
            }
        }
        Ok(guest)
    }

    /// Bytes that the host can write before a call.
    #[cfg(feature = "decode")]
    pub(crate) fn room(&self) -> usize {
        self.input.1
    }

    /// Where the host writes before a call.
    #[inline]
    pub(crate) fn input(&mut self) -> &mut [u8] {
        let (at, len) = self.input;
        let memory = self.memory.data_mut(&mut self.store);
        memory.get_mut(at..at.saturating_add(len)).unwrap_or_default()
    }

    /// Asks what the probe in the input is.
    pub(crate) fn probe(
        &mut self,
        len: usize,
        emitted: &mut Emitted,
    ) -> Result<i32, GuestFault> {
        let Self { probe, store, memory, .. } = self;
        emitted.save(memory.data(&*store));
        let probe = probe.as_ref().ok_or_else(|| odd("it has no probe"))?;
        let fuel = fuel_for(self.fuel, len);
        let found = probe.call(store, (fuel, word(len)));
        found.map_err(|error| self.fault(&error))
    }

    /// Has messages decoded, each with the fuel of a call: what comes of them is added to
    /// what was emitted before.
    pub(crate) fn decode(
        &mut self,
        messages: &[u8],
        emitted: &mut Box<Emitted>,
        limits: CallLimits,
    ) -> Result<(), GuestFault> {
        let len = messages.len();
        let Self { decode, store, fuel: (call, byte), memory, input, .. } = self;
        let decode = decode.as_ref().ok_or_else(|| odd("it has no decoder"))?;
        let told = u64::try_from(emitted.told()).unwrap_or(u64::MAX);
        let fuel = fuel_for((call.saturating_mul(told.max(1)), *byte), len);
        let memory = memory.data_mut(&mut *store);
        emitted.save(memory);
        let room = memory.get_mut(input.0..).and_then(|input| input.get_mut(..len));
        room.ok_or_else(|| odd("its input is too small"))?.copy_from_slice(messages);
        emitted.begin(limits);
        store.data_mut().begin_decode(emitted);
        let status = decode.call(&mut *store, (fuel, word(len)));
        std::mem::swap(&mut store.data_mut().emitted, emitted);
        let status = status.map_err(|error| self.fault(&error));
        let done = status.and_then(|status| self.done(status)).and_then(|()| {
            emitted.end().map_err(|reason| GuestFault {
                reason,
                problem: match reason {
                    Reason::Events => "more events than allowed".to_owned(),
                    _ => "an event of a message before the last one".to_owned(),
                },
            })
        });
        if done.is_err() {
            emitted.take_back();
        }
        done
    }

    /// The plugin's memory, where batches lie that it has emitted last.
    #[cfg(feature = "decode")]
    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// Has the batch in the input enriched: so many records of a kind of the manifest,
    /// to which it may add fields of these types.
    pub(crate) fn enrich(
        &mut self,
        kind: u32,
        len: usize,
        records: usize,
        fields: &Arc<[tagout_spec::schema::FieldType]>,
    ) -> Result<&Sets, GuestFault> {
        let Self { enrich, store, .. } = self;
        let enrich = enrich.as_ref().ok_or_else(|| odd("it has no enricher"))?;
        store.data_mut().begin_enrich(records, fields);
        let fuel = fuel_for(self.fuel, len);
        let status = enrich.call(store, (fuel, kind, word(len)));
        let status = status.map_err(|error| self.fault(&error))?;
        self.done(status)?;
        Ok(self.store.data_mut().sets())
    }

    /// Calls a function.
    #[inline]
    pub(crate) fn call(
        &mut self,
        function: usize,
        arguments: &[Argument<'_>],
    ) -> Result<Option<Value>, GuestFault> {
        let address = self.input.0;
        // What is passed by address, one after another.
        let room = self.input();
        let mut used = 0_usize;
        for argument in arguments {
            let bytes = match argument {
                Argument::Text(bytes) | Argument::Bytes(bytes) => *bytes,
                Argument::Ip(ip) => ip.as_slice(),
                _ => continue,
            };
            let end = used.saturating_add(bytes.len());
            let Some(to) = room.get_mut(used..end) else { return Ok(None) };
            to.copy_from_slice(bytes);
            used = end.next_multiple_of(8);
        }
        let fuel = fuel_for(self.fuel, used);
        let store = &mut self.store;
        let callee = self.functions.get(function);
        let callee = callee.ok_or_else(|| odd("it has no such function"))?;
        let result = match (callee, arguments) {
            (Callee::TextToFloat(f), [Argument::Text(a) | Argument::Bytes(a)]) => f
                .call(store, (fuel, word(address), word(a.len())))
                .map(|n| (!n.is_nan()).then_some(Value::Float(n))),
            (Callee::TextToInt(f), [Argument::Text(a) | Argument::Bytes(a)]) => f
                .call(store, (fuel, word(address), word(a.len())))
                .map(|n| (n != none::INT).then_some(Value::Int(n))),
            (Callee::TextToBool(f), [Argument::Text(a) | Argument::Bytes(a)]) => {
                f.call(store, (fuel, word(address), word(a.len()))).map(truth)
            }
            (Callee::Any { function, returns }, _) => {
                any(store, fuel, function, *returns, address, arguments)
            }
            _ => Ok(None),
        };
        match result {
            Ok(Some(Value::Int(odd_truth))) if self.is_odd_truth(function) => {
                Err(GuestFault {
                    reason: Reason::Result,
                    problem: format!("a truth of {odd_truth}"),
                })
            }
            Ok(value) => Ok(value),
            Err(error) => Err(self.fault(&error)),
        }
    }

    /// Whether it logged lines that nobody has taken.
    #[inline]
    pub(crate) fn has_lines(&self) -> bool {
        !self.store.data().lines.is_empty()
    }

    /// Lines that it logged and nobody has taken, and how many more there were.
    pub(crate) fn take_lines(&mut self) -> (Vec<Line>, u64) {
        let state = self.store.data_mut();
        (std::mem::take(&mut state.lines), std::mem::take(&mut state.unsaid))
    }

    /// Whether an integer is no result of the function: what [`truth`] makes of a bool
    /// that is none.
    fn is_odd_truth(&self, function: usize) -> bool {
        match self.functions.get(function) {
            Some(Callee::TextToBool(_)) => true,
            Some(Callee::Any { returns, .. }) => *returns == ResultType::Bool,
            _ => false,
        }
    }

    /// Why a call failed.
    #[cold]
    fn fault(&mut self, error: &wasmtime::Error) -> GuestFault {
        fault(&mut self.store, error)
    }

    fn done(&mut self, status: i32) -> Result<(), GuestFault> {
        let state = self.store.data_mut();
        state.end();
        if status == 0 {
            return Ok(());
        }
        let problem = format!("it returned {status}");
        Err(GuestFault { reason: Reason::Result, problem })
    }
}

/// The fuel of a call about so many bytes; of what counts below zero, as it is signed.
#[inline]
fn fuel_for((call, byte): (u64, u64), bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    call.saturating_add(byte.saturating_mul(bytes)).min(i64::MAX.cast_unsigned())
}

/// Finds the input by the header, which the module's data has filled.
fn read_header(memory: &[u8], address: u32) -> Result<(usize, usize), String> {
    use tagout_spec::plugin::{MAJOR, MINOR};
    let start = usize::try_from(address).unwrap_or(usize::MAX);
    let bytes = memory
        .get(start..)
        .and_then(|rest| rest.get(..header::BYTES))
        .ok_or("its header lies outside of its memory")?;
    if !bytes.starts_with(&header::MAGIC) {
        return Err("its header does not begin with `TGPL`".to_owned());
    }
    let half = |at: usize| {
        let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk());
        bytes.map_or(0, |bytes| u16::from_le_bytes(*bytes))
    };
    let whole = |at: usize| {
        let bytes = bytes.get(at..).and_then(|rest| rest.first_chunk());
        let word = bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes));
        usize::try_from(word).unwrap_or(usize::MAX)
    };
    let (major, minor) = (half(header::MAJOR), half(header::MINOR));
    if major != MAJOR || minor > MINOR {
        return Err(format!(
            "it speaks version {major}.{minor} of the contract, this host {MAJOR}.{MINOR}"
        ));
    }
    let (at, len) = (whole(header::INPUT), whole(header::INPUT_BYTES));
    if !at.is_multiple_of(16) {
        return Err("its input does not begin at a multiple of 16".to_owned());
    }
    if len < header::INPUT_MIN {
        return Err(format!(
            "its input has {len} bytes, at least {} are needed",
            header::INPUT_MIN
        ));
    }
    if at.checked_add(len).is_none_or(|end| end > memory.len()) {
        return Err("its input lies outside of its memory".to_owned());
    }
    Ok((at, len))
}

fn callee(store: &Store<State>, function: wasmtime::Func, declared: &Declared) -> Callee {
    let returns = declared.returns;
    let typed = match (declared.arguments.as_slice(), returns) {
        ([ArgumentType::Text | ArgumentType::Bytes], ResultType::Float) => {
            function.typed(store).map(Callee::TextToFloat)
        }
        ([ArgumentType::Text | ArgumentType::Bytes], ResultType::Int) => {
            function.typed(store).map(Callee::TextToInt)
        }
        ([ArgumentType::Text | ArgumentType::Bytes], ResultType::Bool) => {
            function.typed(store).map(Callee::TextToBool)
        }
        _ => return Callee::Any { function, returns },
    };
    typed.unwrap_or(Callee::Any { function, returns })
}

/// Most words of a call: fuel, and eight arguments of two.
const WORDS: usize = 17;

/// Calls a function of any type, whose arguments by address lie in the input.
fn any(
    store: &mut Store<State>,
    fuel: u64,
    function: &wasmtime::Func,
    returns: ResultType,
    address: usize,
    arguments: &[Argument<'_>],
) -> wasmtime::Result<Option<Value>> {
    use wasmtime::Val;
    let mut words = [const { Val::I32(0) }; WORDS];
    let (mut n, mut at) = (0_usize, address);
    let mut push = |value: Val| {
        if let Some(slot) = words.get_mut(n) {
            *slot = value;
        }
        n = n.saturating_add(1);
    };
    push(Val::I64(fuel.cast_signed()));
    let signed = |number: usize| Val::I32(word(number).cast_signed());
    for argument in arguments {
        match argument {
            Argument::Text(bytes) | Argument::Bytes(bytes) => {
                push(signed(at));
                push(signed(bytes.len()));
                at = at.saturating_add(bytes.len()).next_multiple_of(8);
            }
            Argument::Ip(_) => {
                push(signed(at));
                at = at.saturating_add(16);
            }
            Argument::Int(n) => push(Val::I64(*n)),
            Argument::Float(n) => push(Val::F64(n.to_bits())),
            Argument::Bool(b) => push(Val::I32((*b).into())),
        }
    }
    let mut results = [match returns {
        ResultType::Int => Val::I64(0),
        ResultType::Float => Val::F64(0),
        ResultType::Bool => Val::I32(0),
    }];
    function.call(store, words.get(..n).unwrap_or_default(), &mut results)?;
    let [result] = results;
    Ok(match result {
        Val::I64(n) => (n != none::INT).then_some(Value::Int(n)),
        Val::F64(bits) => {
            let n = f64::from_bits(bits);
            (!n.is_nan()).then_some(Value::Float(n))
        }
        Val::I32(n) => truth(n),
        _ => None,
    })
}

/// What a bool is; an integer if it is none, which is a fault.
fn truth(n: i32) -> Option<Value> {
    match n {
        0 => Some(Value::Bool(false)),
        1 => Some(Value::Bool(true)),
        none::BOOL => None,
        odd => Some(Value::Int(odd.into())),
    }
}

/// Why a call failed.
fn fault(store: &mut Store<State>, error: &wasmtime::Error) -> GuestFault {
    let left = store.data().left;
    let left = left.and_then(|left| left.get(&mut *store).i64());
    let is_out = left.is_some_and(|left| left < 0);
    let state = store.data();
    let trap = error.downcast_ref::<wasmtime::Trap>();
    let reason = match (state.blame, trap) {
        (Some(reason), _) => reason,
        (None, Some(wasmtime::Trap::UnreachableCodeReached)) if is_out => Reason::Fuel,
        (None, _) if state.grew_too_far => Reason::Memory,
        _ => Reason::Trap,
    };
    let problem = match trap {
        Some(_) if reason == Reason::Fuel => "it ran out of fuel".to_owned(),
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    };
    GuestFault { reason, problem }
}

fn odd(problem: &str) -> GuestFault {
    GuestFault { reason: Reason::Trap, problem: problem.to_owned() }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err takes")]
fn engine(error: wasmtime::Error) -> CodeError {
    CodeError::Engine(format!("{error:#}"))
}

fn word(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
