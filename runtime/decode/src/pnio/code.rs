//! Numbers of the protocol. All are open: what is not named here stays a number.
//!
//! Source: IEC 61158-6-10:2023, 4.8, 4.10 and 5.2.

use crate::dcerpc::Uuid;

/// Operations, as the interface numbers them.
pub mod operation {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const CONNECT: u16 = 0;
    pub const RELEASE: u16 = 1;
    pub const READ: u16 = 2;
    pub const WRITE: u16 = 3;
    pub const CONTROL: u16 = 4;
    pub const READ_IMPLICIT: u16 = 5;
}

/// Types of blocks.
pub mod block {
    #![expect(missing_docs, reason = "the standard's own names")]
    pub const WRITE_REQUEST: u16 = 0x0008;
    pub const READ_REQUEST: u16 = 0x0009;
    pub const WRITE_RESPONSE: u16 = 0x8008;
    pub const READ_RESPONSE: u16 = 0x8009;
    pub const AR_REQUEST: u16 = 0x0101;
    pub const IOCR_REQUEST: u16 = 0x0102;
    pub const ALARM_CR_REQUEST: u16 = 0x0103;
    pub const EXPECTED_SUBMODULE_REQUEST: u16 = 0x0104;
    pub const AR_RESPONSE: u16 = 0x8101;
    pub const IOCR_RESPONSE: u16 = 0x8102;
    pub const ALARM_CR_RESPONSE: u16 = 0x8103;
    pub const MODULE_DIFF: u16 = 0x8104;
    pub const AR_SERVER_RESPONSE: u16 = 0x8106;
    /// First and last of the control blocks; their answers have the highest bit too.
    pub const CONTROL_FIRST: u16 = 0x0110;
    pub const CONTROL_LAST: u16 = 0x0118;
    pub const PRM_END: u16 = 0x0110;
    pub const PLUG_PRM_END: u16 = 0x0111;
    pub const PRM_BEGIN: u16 = 0x0118;
    /// Set in the type of an answer's block.
    pub const RESPONSE: u16 = 0x8000;
}

/// Index under which many records are written at once.
pub const WRITE_MULTIPLE: u16 = 0xe040;

/// What the interfaces have in common, their number removed.
const INTERFACE: u128 = 0xdea00000_6c97_11d1_8271_00a02442df7d;
/// What the objects of all devices have in common: instance, device and vendor follow.
const OBJECT: u128 = 0xdea00000_6c97_11d1_8271_000000000000;
const OBJECT_MASK: u128 = (1 << 48) - 1;

/// The number of one of the four interfaces: device, controller, supervisor, parameter
/// server.
pub fn interface(uuid: Uuid) -> Option<u8> {
    let number = (uuid.0 ^ INTERFACE) >> 96;
    let same = uuid.0 ^ INTERFACE == number << 96;
    u8::try_from(number).ok().filter(|number| same && (1..=4).contains(number))
}

/// Instance, device and vendor of an object.
pub fn object(uuid: Uuid) -> Option<[u16; 3]> {
    let low = uuid.0 & OBJECT_MASK;
    let part = |shift: u32| u16::try_from(low >> shift & 0xffff).unwrap_or_default();
    (uuid.0 ^ low == OBJECT).then(|| [part(32), part(16), part(0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_and_objects_are_told() {
        let uuid = |text: u128| Uuid(text);
        assert_eq!(interface(uuid(0xdea00001_6c97_11d1_8271_00a02442df7d)), Some(1));
        assert_eq!(interface(uuid(0xdea00004_6c97_11d1_8271_00a02442df7d)), Some(4));
        assert_eq!(interface(uuid(0xdea00005_6c97_11d1_8271_00a02442df7d)), None);
        assert_eq!(interface(uuid(0xdea00001_6c97_11d1_8271_00a02442df7e)), None);
        let device = uuid(0xdea00000_6c97_11d1_8271_00010003015a);
        assert_eq!(object(device), Some([1, 3, 0x015a]));
        assert_eq!(object(uuid(0xdea00001_6c97_11d1_8271_00010003015a)), None);
    }
}
