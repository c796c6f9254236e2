//! Addresses, in forms that are cheap to carry and compare.

use core::fmt;
use core::num::NonZeroU64;

/// An IP address as a number; IPv4 as `::ffff:a.b.c.d`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ip(u128);

const V4_MAPPED: u128 = 0xffff_0000_0000;

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

    /// The four bytes of an address that is IPv4.
    #[inline]
    #[must_use]
    pub fn as_v4(self) -> Option<[u8; 4]> {
        u32::try_from(self.0 ^ V4_MAPPED).ok().map(u32::to_be_bytes)
    }
}

impl fmt::Debug for Ip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", core::net::Ipv6Addr::from_bits(self.0).to_canonical())
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

    /// The bytes on the wire.
    #[inline]
    #[must_use]
    pub fn octets(self) -> [u8; 6] {
        let [_, _, octets @ ..] = self.0.get().to_be_bytes();
        octets
    }
}
