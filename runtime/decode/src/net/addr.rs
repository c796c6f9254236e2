//! Addresses as records hold them.

/// An IP address: 16 bytes in network order, IPv4 as `::ffff:a.b.c.d`.
pub type Ip = [u8; 16];

/// A hardware address.
pub type Mac = [u8; 6];

/// The record form of an IPv4 address.
#[inline]
pub fn v4(address: [u8; 4]) -> Ip {
    let [a, b, c, d] = address;
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d]
}

/// The four bytes of an address that is IPv4.
#[inline]
pub fn as_v4(address: &Ip) -> Option<[u8; 4]> {
    match *address {
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d] => Some([a, b, c, d]),
        _ => None,
    }
}
