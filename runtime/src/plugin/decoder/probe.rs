//! A probe, as it is written to a plugin's input: see `spec/plugin.md`.

use tagout_decode::{Probe, Transport};
use tagout_spec::plugin::{message, probe};

/// Writes a probe to the input; its bytes, `None` if it does not fit.
pub(super) fn write_probe(room: &mut [u8], from: &Probe<'_>) -> Option<usize> {
    let sides: [(u8, &[u8]); 2] = [(0, from.sides[0]), (1, from.sides[1])];
    let datagrams =
        from.datagrams.iter().map(|bytes| (message::NO_SIDE, bytes.as_slice()));
    let pieces: Vec<(u8, &[u8])> = match from.transport {
        Transport::Tcp => sides.to_vec(),
        Transport::Udp => datagrams.collect(),
    };
    let list = pieces.len().checked_mul(probe::ENTRY)?;
    let mut at = probe::LIST.checked_add(list)?;
    room.get_mut(..at)?.fill(0);
    let mut put = |at: usize, bytes: &[u8]| {
        let to = room.get_mut(at..)?.get_mut(..bytes.len())?;
        to.copy_from_slice(bytes);
        Some(())
    };
    put(probe::TRANSPORT, &[from.transport.number()])?;
    put(probe::FLAGS, &[if from.is_start { probe::IS_START } else { 0 }])?;
    put(probe::PORT_A, &from.ports[0].to_le_bytes())?;
    put(probe::PORT_B, &from.ports[1].to_le_bytes())?;
    put(probe::PIECES, &u16::try_from(pieces.len()).ok()?.to_le_bytes())?;
    for (number, (side, bytes)) in pieces.iter().enumerate() {
        let entry = number.checked_mul(probe::ENTRY)?.checked_add(probe::LIST)?;
        put(entry, &[*side])?;
        put(entry.checked_add(4)?, &u32::try_from(bytes.len()).ok()?.to_le_bytes())?;
        put(at, bytes)?;
        let end = at.checked_add(bytes.len())?;
        at = end.next_multiple_of(8);
        put(end, [0; 8].get(..at.checked_sub(end)?)?)?;
    }
    Some(at)
}
