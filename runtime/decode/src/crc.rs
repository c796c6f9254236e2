//! Checksums of 16 bits, sent low byte first, whose polynomial is taken with its bits
//! reversed: those of Modbus on a serial line and of DNP3.
//!
//! Eight bytes a step ("slicing", as Kounavis and Berry published it in 2005): table
//! `n` says what a byte does to the checksum `n` bytes further on. A byte a step waits
//! for the step before it; that made probes of flows that are no Modbus at all the
//! dearest part of mixed traffic.

/// Bytes a step.
const SLICES: usize = 8;

/// A polynomial, ready to be applied.
#[derive(Debug)]
pub(crate) struct Crc16 {
    tables: [[u16; 256]; SLICES],
}

impl Crc16 {
    /// Prepares a polynomial, bits reversed.
    #[expect(clippy::indexing_slicing, reason = "a constant: an error would not compile")]
    #[expect(clippy::cast_possible_truncation, reason = "the byte is below 256")]
    pub(crate) const fn new(polynomial: u16) -> Self {
        let mut tables = [[0; 256]; SLICES];
        let mut byte = 0;
        while byte < 256 {
            let mut crc = byte as u16;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ polynomial };
                bit += 1;
            }
            tables[0][byte] = crc;
            byte += 1;
        }
        let mut slice = 1;
        while slice < SLICES {
            let mut byte = 0;
            while byte < 256 {
                let before = tables[slice - 1][byte];
                tables[slice][byte] = (before >> 8) ^ tables[0][(before & 0xff) as usize];
                byte += 1;
            }
            slice += 1;
        }
        Self { tables }
    }

    /// The state after `bytes`, from the state before them.
    pub(crate) fn update(&self, crc: u16, bytes: &[u8]) -> u16 {
        let (steps, rest) = bytes.as_chunks::<SLICES>();
        let [t0, t1, t2, t3, t4, t5, t6, t7] = &self.tables;
        let at = |table: &[u16; 256], byte: u8| table.get(usize::from(byte)).copied();
        let at = |table, byte| at(table, byte).unwrap_or_default();
        let crc = steps.iter().fold(crc, |crc, &[a, b, c, d, e, f, g, h]| {
            let [low, high] = crc.to_le_bytes();
            (at(t7, a ^ low) ^ at(t6, b ^ high))
                ^ (at(t5, c) ^ at(t4, d))
                ^ (at(t3, e) ^ at(t2, f))
                ^ (at(t1, g) ^ at(t0, h))
        });
        rest.iter().fold(crc, |crc, byte| {
            let [low, _] = crc.to_le_bytes();
            (crc >> 8) ^ at(t0, low ^ byte)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: a bit a step.
    fn bit_by_bit(polynomial: u16, mut crc: u16, bytes: &[u8]) -> u16 {
        for &byte in bytes {
            crc ^= u16::from(byte);
            for _ in 0..8 {
                crc = if crc & 1 == 0 { crc >> 1 } else { (crc >> 1) ^ polynomial };
            }
        }
        crc
    }

    #[test]
    fn steps_of_eight_are_as_bits() {
        let bytes: Vec<u8> = (0..40_u8).map(|n| n.wrapping_mul(37) ^ 0x5a).collect();
        for polynomial in [0xa001, 0xa6bc] {
            let crc = Crc16::new(polynomial);
            for len in 0..=bytes.len() {
                for begun in [0, 0xffff, 0x1234] {
                    let bytes = &bytes[..len];
                    let expected = bit_by_bit(polynomial, begun, bytes);
                    assert_eq!(crc.update(begun, bytes), expected, "{len} bytes");
                }
            }
        }
    }
}
