//! What the macros' exports call, and the part of memory that the host writes to.
//! A plugin calls nothing of it by itself.

use tagout_spec::decoder::Decoder;
use tagout_spec::schema::Kind;

use crate::decoder::DecoderState;
use crate::enricher::{self, Enricher};
use crate::global::Global;
use crate::sink::Emit;
use crate::{EventKind, host};

/// A decoder between calls.
pub type Decoding = Global<DecodingState>;

/// What is behind [`Decoding`].
pub struct DecodingState(DecoderState<Emit>);

impl DecodingState {
    fn new(decoder: &'static dyn Decoder, kinds: &'static [EventKind]) -> Self {
        Self(DecoderState::new(decoder, kinds, host::emit))
    }
}

/// Result of a call that could not be made.
const FAULT: i32 = -1;

/// `tagout_probe`.
pub fn probe(
    state: &Decoding,
    decoder: &'static dyn Decoder,
    kinds: &'static [EventKind],
    len: u32,
) -> i32 {
    let new = || DecodingState::new(decoder, kinds);
    state.with_or(new, |state| state.0.probe(input(len))).unwrap_or(FAULT)
}

/// `tagout_decode`.
pub fn decode(
    state: &Decoding,
    decoder: &'static dyn Decoder,
    kinds: &'static [EventKind],
    len: u32,
) -> i32 {
    let new = || DecodingState::new(decoder, kinds);
    state.with_or(new, |state| state.0.decode(input(len))).map_or(FAULT, |()| 0)
}

/// `tagout_start` of an enricher.
pub fn start<E: Enricher>(state: &Global<E>) -> i32 {
    match E::start() {
        Ok(enricher) => {
            state.set(enricher);
            0
        }
        Err(number) => number,
    }
}

/// `tagout_enrich`.
pub fn enrich<E: Enricher>(
    state: &Global<E>,
    kinds: &'static [Kind],
    kind: u32,
    len: u32,
) -> i32 {
    let done = state.with(|e| enricher::enrich(e, kinds, kind, input(len)));
    done.map_or(FAULT, |()| 0)
}

#[cfg(target_family = "wasm")]
pub use area::{Header, tagout_plugin};
pub use area::{argument, input};

/// The header and the input.
#[cfg(target_family = "wasm")]
mod area {
    #![expect(unsafe_code, reason = "the host writes to the input, by its address")]

    use core::cell::UnsafeCell;

    use tagout_spec::plugin::{MAJOR, MINOR, header};

    /// 64 KiB of bytes that the host writes between calls.
    #[repr(C, align(16))]
    struct Input(UnsafeCell<[u8; header::INPUT_MIN]>);

    // SAFETY: a plugin has no threads, and the host writes only while no call is made.
    unsafe impl Sync for Input {}

    static INPUT: Input = Input(UnsafeCell::new([0; header::INPUT_MIN]));

    /// As `spec/plugin.md` draws it.
    #[repr(C)]
    pub struct Header {
        magic: [u8; 4],
        major: u16,
        minor: u16,
        input: *const Input,
        input_bytes: usize,
        zero: [u32; 4],
    }

    // SAFETY: nobody writes it, and its address is not followed here.
    unsafe impl Sync for Header {}

    const _: () = assert!(size_of::<Header>() == header::BYTES);

    /// The header, whose address the host finds under this name.
    // SAFETY: no other symbol has the name.
    #[unsafe(no_mangle)]
    pub static tagout_plugin: Header = Header {
        magic: header::MAGIC,
        major: MAJOR,
        minor: MINOR,
        input: &raw const INPUT,
        input_bytes: header::INPUT_MIN,
        zero: [0; 4],
    };

    /// The first bytes of the input.
    #[must_use]
    pub fn input(len: u32) -> &'static [u8] {
        // SAFETY: the host writes between calls only, and no reference that a call takes
        // outlives it: callers are the exports of the macros.
        let input = unsafe { &*INPUT.0.get() };
        usize::try_from(len).ok().and_then(|len| input.get(..len)).unwrap_or(input)
    }

    /// The bytes of an argument that lies in the input.
    #[must_use]
    pub fn argument(address: u32, len: u32) -> &'static [u8] {
        let start = usize::try_from(address).ok();
        let start = start.and_then(|at| at.checked_sub(INPUT.0.get().addr()));
        let rest = start.and_then(|start| input(u32::MAX).get(start..));
        let len = usize::try_from(len).ok();
        rest.zip(len).and_then(|(rest, len)| rest.get(..len)).unwrap_or_default()
    }
}

/// Natively there is no host that writes.
#[cfg(not(target_family = "wasm"))]
mod area {
    /// Nothing.
    #[must_use]
    pub fn input(_len: u32) -> &'static [u8] {
        &[]
    }

    /// Nothing.
    #[must_use]
    pub fn argument(_address: u32, _len: u32) -> &'static [u8] {
        &[]
    }
}
