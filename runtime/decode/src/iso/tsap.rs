//! TSAPs as Siemens controllers use them.
//!
//! ```text
//! kind of connection 1 | rack 3 bits, slot 5 bits       S7-300 to S7-1500, S7comm
//! "SIMATIC-ROOT-ES", "SIMATIC-ROOT-HMI", ...            S7comm-plus
//! ```
//!
//! A transport selector has at most 32 bytes (ITU-T X.650, as X.224 refers to it).

/// Most bytes that are kept.
const MAX: usize = 32;

/// A TSAP, kept for the time of its connection.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tsap {
    bytes: [u8; MAX],
    len: u8,
}

/// What a TSAP of two bytes says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Kind of connection: 1 is a programming device, 2 an operator station, 3
    /// another controller.
    pub connection: u8,
    /// Rack.
    pub rack: u8,
    /// Slot.
    pub slot: u8,
}

impl Tsap {
    /// Keeps a TSAP; what is longer than one may be is cut.
    pub fn new(value: &[u8]) -> Tsap {
        let mut tsap = Tsap::default();
        let mut len = 0_u8;
        for (to, from) in tsap.bytes.iter_mut().zip(value) {
            *to = *from;
            len = len.saturating_add(1);
        }
        tsap.len = len;
        tsap
    }

    /// Its bytes; none if it was not seen.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.len.into()).filter(|bytes| !bytes.is_empty())
    }

    /// Rack and slot, if it has the form that says them.
    pub fn place(&self) -> Option<Place> {
        place(self.bytes()?)
    }
}

/// Rack and slot of a called TSAP, if it has the form that says them.
pub fn place(tsap: &[u8]) -> Option<Place> {
    match *tsap {
        [connection @ 1..=3, low] => {
            Some(Place { connection, rack: low >> 5, slot: low & 0x1f })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_bytes_say_rack_and_slot() {
        let at = |tsap: &[u8]| {
            Tsap::new(tsap)
                .place()
                .map(|place| (place.connection, place.rack, place.slot))
        };
        assert_eq!(at(&[1, 0x02]), Some((1, 0, 2)));
        assert_eq!(at(&[3, 0x63]), Some((3, 3, 3)));
        // MMS calls 0001; names are longer.
        assert_eq!(at(&[0, 1]), None);
        assert_eq!(at(b"SIMATIC-ROOT-ES"), None);
        assert_eq!(Tsap::new(&[]).bytes(), None);
        assert_eq!(Tsap::new(&[7; 40]).bytes().map(<[u8]>::len), Some(32));
    }
}
