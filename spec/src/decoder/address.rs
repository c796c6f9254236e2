//! Addresses, in forms that are cheap to carry and compare.
//!
//! Where they are compared, an address is a number. A plugin reads it from a message and
//! writes it to a record, and WebAssembly has no instruction that turns bytes round: there
//! it stays in the order of the wire.

#[cfg(target_family = "wasm")]
use core::cmp::Ordering;
use core::fmt;
use core::num::NonZeroU64;

/// An IP address; IPv4 as `::ffff:a.b.c.d`.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ip(u128);

/// An IP address; IPv4 as `::ffff:a.b.c.d`.
#[cfg(target_family = "wasm")]
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Ip([u64; 2]);

const V4_MAPPED: u128 = 0xffff_0000_0000;

#[cfg(not(target_family = "wasm"))]
impl Ip {
    /// An IPv4 address.
    #[inline]
    #[must_use]
    pub fn v4(octets: [u8; 4]) -> Ip {
        Ip(V4_MAPPED | u128::from(u32::from_be_bytes(octets)))
    }

    /// An IPv6 address.
    #[inline]
    #[must_use]
    pub fn v6(octets: [u8; 16]) -> Ip {
        Ip(u128::from_be_bytes(octets))
    }

    /// The 16 bytes that a record holds.
    #[inline]
    #[must_use]
    pub fn octets(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    fn number(self) -> u128 {
        self.0
    }
}

#[cfg(target_family = "wasm")]
impl Ip {
    /// An IPv4 address.
    #[inline]
    #[must_use]
    pub fn v4([a, b, c, d]: [u8; 4]) -> Ip {
        Ip::v6([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d])
    }

    /// An IPv6 address.
    #[inline]
    #[must_use]
    pub fn v6(octets: [u8; 16]) -> Ip {
        let [a, b, c, d, e, f, g, h, rest @ ..] = octets;
        Ip([u64::from_le_bytes([a, b, c, d, e, f, g, h]), u64::from_le_bytes(rest)])
    }

    /// The 16 bytes that a record holds.
    #[inline]
    #[must_use]
    pub fn octets(self) -> [u8; 16] {
        let [high, low] = self.0.map(u64::to_le_bytes);
        let mut octets = [0; 16];
        for (to, from) in octets.iter_mut().zip(high.iter().chain(&low)) {
            *to = *from;
        }
        octets
    }

    fn number(self) -> u128 {
        u128::from_be_bytes(self.octets())
    }
}

#[cfg(target_family = "wasm")]
impl Ord for Ip {
    fn cmp(&self, other: &Ip) -> Ordering {
        self.number().cmp(&other.number())
    }
}

#[cfg(target_family = "wasm")]
impl PartialOrd for Ip {
    fn partial_cmp(&self, other: &Ip) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ip {
    /// The four bytes of an address that is IPv4.
    #[inline]
    #[must_use]
    pub fn as_v4(self) -> Option<[u8; 4]> {
        u32::try_from(self.number() ^ V4_MAPPED).ok().map(u32::to_be_bytes)
    }
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", core::net::Ipv6Addr::from_bits(self.number()).to_canonical())
    }
}

/// A hardware address. One that may be missing takes no more room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mac(NonZeroU64);

impl Mac {
    /// From the bytes on the wire.
    #[inline]
    #[must_use]
    pub fn new(octets: [u8; 6]) -> Mac {
        let [a, b, c, d, e, f] = octets;
        let marked = u64::from_be_bytes([0x80, 0, a, b, c, d, e, f]);
        Mac(NonZeroU64::new(marked).unwrap_or(NonZeroU64::MIN))
    }

    /// As a number of 48 bits, the first byte on the wire lowest.
    #[inline]
    pub(super) fn low_first(self) -> u64 {
        self.0.get().swap_bytes() >> 16
    }

    /// The bytes on the wire.
    #[inline]
    #[must_use]
    pub fn octets(self) -> [u8; 6] {
        let [_, _, octets @ ..] = self.0.get().to_be_bytes();
        octets
    }
}
