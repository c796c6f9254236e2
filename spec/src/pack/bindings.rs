//! What a host gives a module through `bind`: which predicates are evaluated,
//! and the values of the parameters.
//!
//! ```text
//! byte 0   magic       u32   "TGB1"
//!      4   bytes       u32   of the whole
//!      8   predicates  u32   as the module has them
//!     12   params      u32   as the module has them
//!     16   names       u32   as the module has them
//!     20               u32   0
//!     24   mask        ceil(predicates / 64) x u64; a set bit: evaluated
//!      .   entries     params x 24 bytes
//!      .   numbers     names x u16, up to a multiple of 8: for each name of the
//!                      pack, its number among those of the host
//!      .   payloads    each at a multiple of 8
//!
//! entry    tag u8, 3 x 0, count u32, 16 bytes:
//!   0 unbound          zeros
//!   1 bool  2 int      i64                        (enum, time, duration: int)
//!   3 float            f64
//!   4 ip               16 bytes in network order
//!   5 mac              6 bytes in wire order
//!   6 text             offset u32, length u32, folded offset u32, folded length u32
//!   8 set              offset u32 of `count` elements:
//!        ints, macs    i64, ascending (a mac is its 6 bytes, little endian)
//!        floats        f64, ascending, no NaN
//!        ips           lo u64 u64, hi u64 u64: each address as two numbers, high
//!                      half first; ranges ascending and disjoint
//!        texts         offset u32, length u32; by length, then by bytes; folded
//!                      where the parameter's type folds
//! ```
//!
//! Offsets count from the start. The module keeps the area and searches it in
//! place, so the host writes it at `tagout_bindings` and not again until the
//! next `bind`. A fresh module is bound to the defaults, with every predicate
//! evaluated. `bind` answers 0, or 1 if what it was given does not fit the
//! module, and then the module must not be used until a `bind` succeeds.

/// First four bytes.
pub const MAGIC: u32 = u32::from_le_bytes(*b"TGB1");
/// Bytes before the mask.
pub const HEADER: usize = 24;
/// Bytes of an entry of the directory.
pub const ENTRY: usize = 24;
/// Bytes a set of texts may have for each of its greatest number of elements,
/// on average.
pub const TEXT_AVERAGE: u32 = 64;
/// Most bytes of one text parameter.
pub const TEXT_PARAM_MAX: u32 = 1024;

/// Tags of entries, and of values in [`super::rows`].
pub mod tag {
    #![expect(missing_docs, reason = "listed in the module's head")]
    pub const NONE: u8 = 0;
    pub const BOOL: u8 = 1;
    pub const INT: u8 = 2;
    pub const FLOAT: u8 = 3;
    pub const IP: u8 = 4;
    pub const MAC: u8 = 5;
    pub const TEXT: u8 = 6;
    pub const RANGE: u8 = 7;
    pub const SET: u8 = 8;
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Binding {
    /// Nothing; what reads it is unknown.
    Unbound,
    Bool(bool),
    Int(i64),
    Float(f64),
    Ip([u8; 16]),
    Mac([u8; 6]),
    /// The bytes as written, and folded.
    Text {
        bytes: Vec<u8>,
        folded: Vec<u8>,
    },
    Ints(Vec<i64>),
    Floats(Vec<f64>),
    /// Inclusive ranges.
    Ips(Vec<([u8; 16], [u8; 16])>),
    Macs(Vec<[u8; 6]>),
    /// Folded already where the type folds.
    Texts(Vec<Vec<u8>>),
}

/// The input of `bind`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Bindings {
    /// For each predicate, whether it is evaluated.
    pub enabled: Vec<bool>,
    /// The parameters, in the pack's order.
    pub params: Vec<Binding>,
    /// For each name of the pack, its number among those that the host gave to its
    /// schema ([`Schema::with_names`](crate::schema::Schema::with_names)).
    pub names: Vec<u16>,
}

impl Bindings {
    /// The bytes for `bind`. Sets need not be sorted or disjoint here.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put_u32(&mut out, MAGIC);
        put_u32(&mut out, 0);
        put_u32(&mut out, length(self.enabled.len()));
        put_u32(&mut out, length(self.params.len()));
        put_u32(&mut out, length(self.names.len()));
        put_u32(&mut out, 0);
        for word in self.enabled.chunks(64) {
            let bits = (0..)
                .zip(word)
                .fold(0_u64, |bits, (i, &on)| bits | u64::from(on).wrapping_shl(i));
            out.extend_from_slice(&bits.to_le_bytes());
        }
        let directory = out.len();
        let payloads = directory.saturating_add(self.params.len().saturating_mul(ENTRY));
        out.resize(payloads, 0);
        for number in &self.names {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for (i, binding) in self.params.iter().enumerate() {
            let entry = binding.entry(&mut out);
            let at = directory.saturating_add(i.saturating_mul(ENTRY));
            if let Some(slot) = out.get_mut(at..at.saturating_add(ENTRY)) {
                slot.copy_from_slice(&entry);
            }
        }
        pad(&mut out);
        let bytes = length(out.len()).to_le_bytes();
        if let Some(slot) = out.get_mut(4..8) {
            slot.copy_from_slice(&bytes);
        }
        out
    }
}

/// Offset of the first entry.
#[must_use]
pub fn directory(predicates: usize) -> usize {
    predicates.div_ceil(64).saturating_mul(8).saturating_add(HEADER)
}

/// Takes a predicate out of the mask of an encoded input.
pub fn disable(encoded: &mut [u8], predicate: usize) {
    if let Some(byte) = encoded.get_mut(HEADER.saturating_add(predicate / 8)) {
        *byte &= !1_u8.wrapping_shl(u32::try_from(predicate % 8).unwrap_or(0));
    }
}

/// Offset of the numbers of names.
#[must_use]
pub fn names(predicates: usize, params: usize) -> usize {
    directory(predicates).saturating_add(params.saturating_mul(ENTRY))
}

/// Bytes of a bindings area with room for the payloads of these parameters:
/// each with whether it is a set, its greatest number, and bytes an element.
#[must_use]
pub fn area_size(predicates: usize, payloads: impl Iterator<Item = u64>) -> u64 {
    let fixed = u64::try_from(directory(predicates)).unwrap_or(u64::MAX);
    let entry = u64::try_from(ENTRY).unwrap_or(24);
    payloads.fold(fixed, |sum, payload| {
        let padded = payload.saturating_add(15) & !7;
        sum.saturating_add(entry).saturating_add(padded)
    })
}

impl Binding {
    fn entry(&self, out: &mut Vec<u8>) -> [u8; ENTRY] {
        pad(out);
        let at = length(out.len());
        let set = |count: usize| entry(tag::SET, count, [u64::from(at), 0]);
        match self {
            Self::Unbound => [0; ENTRY],
            Self::Bool(value) => entry(tag::BOOL, 0, [u64::from(*value), 0]),
            Self::Int(value) => entry(tag::INT, 0, [value.cast_unsigned(), 0]),
            Self::Float(value) => entry(tag::FLOAT, 0, [value.to_bits(), 0]),
            Self::Ip(value) => {
                let value = u128::from_le_bytes(*value);
                let low = u64::try_from(value & u128::from(u64::MAX)).unwrap_or(0);
                let high = u64::try_from(value >> 64).unwrap_or(0);
                entry(tag::IP, 0, [low, high])
            }
            Self::Mac(value) => {
                entry(tag::MAC, 0, [mac_number(*value).cast_unsigned(), 0])
            }
            Self::Text { bytes, folded } => {
                out.extend_from_slice(bytes);
                let folded_at = length(out.len());
                out.extend_from_slice(folded);
                let pair =
                    |at: u32, len: usize| u64::from(at) | u64::from(length(len)) << 32;
                let value = [pair(at, bytes.len()), pair(folded_at, folded.len())];
                entry(tag::TEXT, 0, value)
            }
            Self::Ints(values) => set(put_ints(out, values.clone())),
            Self::Macs(values) => {
                set(put_ints(out, values.iter().map(|&mac| mac_number(mac)).collect()))
            }
            Self::Floats(values) => set(put_floats(out, values)),
            Self::Ips(ranges) => set(put_ips(out, ranges)),
            Self::Texts(texts) => {
                let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
                set(put_texts(out, texts, at))
            }
        }
    }
}

/// Six bytes as the number that a reader of the slot loads.
#[must_use]
pub fn mac_number(mac: [u8; 6]) -> i64 {
    let [a, b, c, d, e, f] = mac;
    i64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

/// Appends integers, sorted and unique; their number.
pub fn put_ints(out: &mut Vec<u8>, mut values: Vec<i64>) -> usize {
    values.sort_unstable();
    values.dedup();
    values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
    values.len()
}

/// Appends floats, ascending, without NaN; their number.
pub fn put_floats(out: &mut Vec<u8>, values: &[f64]) -> usize {
    let mut values: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values.dedup();
    values.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
    values.len()
}

/// Appends ranges of addresses, ascending, merged where they meet; their number.
pub fn put_ips(out: &mut Vec<u8>, ranges: &[([u8; 16], [u8; 16])]) -> usize {
    let mut sorted: Vec<(u128, u128)> = ranges
        .iter()
        .map(|&(lo, hi)| (u128::from_be_bytes(lo), u128::from_be_bytes(hi)))
        .filter(|(lo, hi)| lo <= hi)
        .collect();
    sorted.sort_unstable();
    let mut merged: Vec<(u128, u128)> = Vec::new();
    for (lo, hi) in sorted {
        match merged.last_mut() {
            Some(last) if lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
            _ => merged.push((lo, hi)),
        }
    }
    for &(lo, hi) in &merged {
        for address in [lo, hi] {
            let half =
                |bits: u128| u64::try_from(bits & u128::from(u64::MAX)).unwrap_or(0);
            out.extend_from_slice(&half(address >> 64).to_le_bytes());
            out.extend_from_slice(&half(address).to_le_bytes());
        }
    }
    merged.len()
}

/// Appends a directory of texts and their bytes, by length, then by bytes,
/// unique; their number. `at` is the offset that the directory will have.
pub fn put_texts(out: &mut Vec<u8>, mut texts: Vec<&[u8]>, at: u32) -> usize {
    texts.sort_unstable_by_key(|text| (text.len(), *text));
    texts.dedup();
    let mut next = at.saturating_add(length(texts.len()).saturating_mul(8));
    for text in &texts {
        put_u32(out, next);
        put_u32(out, length(text.len()));
        next = next.saturating_add(length(text.len()));
    }
    texts.iter().for_each(|text| out.extend_from_slice(text));
    texts.len()
}

fn entry(tag: u8, count: usize, value: [u64; 2]) -> [u8; ENTRY] {
    let mut entry = [0; ENTRY];
    let bytes = [tag, 0, 0, 0]
        .into_iter()
        .chain(length(count).to_le_bytes())
        .chain(value.into_iter().flat_map(u64::to_le_bytes));
    entry.iter_mut().zip(bytes).for_each(|(slot, byte)| *slot = byte);
    entry
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_sorted_and_merged() {
        let ip = |last: u8| {
            let mut ip = [0; 16];
            ip[15] = last;
            ip
        };
        let mut out = Vec::new();
        let ranges = [(ip(9), ip(12)), (ip(1), ip(2)), (ip(3), ip(4)), (ip(11), ip(20))];
        assert_eq!(put_ips(&mut out, &ranges), 2);
        assert_eq!(out.len(), 64);
        let mut out = Vec::new();
        assert_eq!(put_ints(&mut out, vec![3, -1, 3]), 2);
        assert_eq!(out.get(..8), Some((-1_i64).to_le_bytes().as_slice()));
    }

    #[test]
    fn the_mask_comes_before_the_entries() {
        let bindings = Bindings {
            enabled: vec![true, false, true],
            params: vec![
                Binding::Int(7),
                Binding::Texts(vec![b"bb".into(), b"a".into()]),
            ],
            names: vec![7, 0x0102],
        };
        let bytes = bindings.encode();
        assert_eq!(bytes[16], 2);
        assert_eq!(&bytes[24..32], &[5, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(directory(3), 32);
        assert_eq!(bytes[32], tag::INT);
        assert_eq!(&bytes[56..64], &[tag::SET, 0, 0, 0, 2, 0, 0, 0]);
        assert_eq!(names(3, 2), 80);
        assert_eq!(&bytes[80..88], &[7, 0, 2, 1, 0, 0, 0, 0]);
        assert_eq!(&bytes[88..96], &[104, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(&bytes[104..107], b"abb");
        assert_eq!(bytes.len() % 8, 0);
    }
}
