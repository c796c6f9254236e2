//! Community ID, version 1: the same flow has the same name in every tool.
//!
//! ```text
//! "1:" base64(sha1(seed 2 | lesser ip | greater ip | protocol 1 | 0 1
//!                  | lesser's port 2 | greater's port 2))
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::net::addr::Ip;

pub use tagout_spec::decoder::COMMUNITY_LEN;

/// The identifier of a flow with ports, for seed 0.
pub fn community_id(
    protocol: u8,
    one: (Ip, u16),
    other: (Ip, u16),
) -> [u8; COMMUNITY_LEN] {
    let (lesser, greater) = if one <= other { (one, other) } else { (other, one) };
    let mut hash = Sha1::new();
    hash.update([0, 0]);
    match (lesser.0.as_v4(), greater.0.as_v4()) {
        (Some(lesser), Some(greater)) => {
            hash.update(lesser);
            hash.update(greater);
        }
        _ => {
            hash.update(lesser.0.octets());
            hash.update(greater.0.octets());
        }
    }
    hash.update([protocol, 0]);
    hash.update(lesser.1.to_be_bytes());
    hash.update(greater.1.to_be_bytes());
    let mut out = [0; COMMUNITY_LEN];
    let (version, digest) = out.split_at_mut(2);
    version.copy_from_slice(b"1:");
    // 20 bytes are 28 characters: the slice is exactly large enough.
    let _ = STANDARD.encode_slice(hash.finalize(), digest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(protocol: u8, src: ([u8; 4], u16), dst: ([u8; 4], u16), expected: &str) {
        let (a, b) = (Ip::v4(src.0), Ip::v4(dst.0));
        let forward = community_id(protocol, (a, src.1), (b, dst.1));
        let backward = community_id(protocol, (b, dst.1), (a, src.1));
        assert_eq!(std::str::from_utf8(&forward).unwrap(), expected);
        assert_eq!(forward, backward);
    }

    /// From the baseline of the reference implementation.
    #[test]
    fn agrees_with_the_reference() {
        check(
            6,
            ([128, 232, 110, 120], 34_855),
            ([66, 35, 250, 204], 80),
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        );
        check(
            17,
            ([192, 168, 1, 52], 54_585),
            ([8, 8, 8, 8], 53),
            "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
        );
    }
}
