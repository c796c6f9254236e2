//! Documents of which few are ever read, compressed so that one can be found alone.
//!
//! ```text
//! count u32 | count x (bytes u32, bytes of documents u32) | blocks     little endian
//! block     LZ4 block format; documents end to end
//! ```
//!
//! What an alert says of its rule is needed when the rule first alerts; of ten thousand
//! rules a sensor reads a handful. Rules of one pack resemble each other, so that a
//! block of them is a tenth of its documents.
//!
//! Nothing is believed: a block may claim no more than [`BLOCK_MAX`], and a place outside
//! it gives no document.

use std::ops::Range;
use std::sync::OnceLock;

/// A block is full when its documents reach so many bytes.
const BLOCK: usize = 64 * 1024;
/// Most bytes of documents that a block may claim: room for one document that is much
/// larger than any known.
const BLOCK_MAX: u32 = 16 * 1024 * 1024;
/// Bytes of a block's entry.
const ENTRY: usize = 8;

/// Where a document is: its block, its first byte there, its length.
pub type Place = (u32, u32, u32);

/// Puts documents into blocks.
#[derive(Debug, Default)]
pub struct Writer {
    entries: Vec<u8>,
    blocks: Vec<u8>,
    open: Vec<u8>,
}

impl Writer {
    /// Adds a document; `None` if there is no room for it in the format.
    pub fn add(&mut self, document: &[u8]) -> Option<Place> {
        if self.open.len() >= BLOCK {
            self.close()?;
        }
        let block = u32::try_from(self.entries.len() / ENTRY).ok()?;
        let at = u32::try_from(self.open.len()).ok()?;
        let len = u32::try_from(document.len()).ok()?;
        self.open.extend_from_slice(document);
        Some((block, at, len))
    }

    /// The section's bytes; `None` if a block is too large.
    #[must_use]
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if !self.open.is_empty() {
            self.close()?;
        }
        let count = u32::try_from(self.entries.len() / ENTRY).ok()?;
        Some([&count.to_le_bytes()[..], &self.entries, &self.blocks].concat())
    }

    fn close(&mut self) -> Option<()> {
        let documents = std::mem::take(&mut self.open);
        let compressed = lz4_flex::block::compress(&documents);
        let size = u32::try_from(documents.len()).ok().filter(|n| *n <= BLOCK_MAX)?;
        self.entries.extend(u32::try_from(compressed.len()).ok()?.to_le_bytes());
        self.entries.extend(size.to_le_bytes());
        self.blocks.extend(compressed);
        Some(())
    }
}

/// Finds documents.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    bytes: Vec<u8>,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
struct Block {
    at: Range<usize>,
    size: u32,
    /// Its documents, once one was asked for; none if it is damaged.
    open: OnceLock<Option<Vec<u8>>>,
}

impl Reader {
    /// Reads the table of blocks; `None` if it contradicts the bytes there are.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_le_bytes(*count)).ok()?;
        let entries = rest.get(..count.checked_mul(ENTRY)?)?;
        let mut at = 4_usize.checked_add(entries.len())?;
        let mut blocks = Vec::with_capacity(count);
        for entry in entries.as_chunks::<ENTRY>().0 {
            let [a, b, c, d, e, f, g, h] = *entry;
            let len = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
            let size = u32::from_le_bytes([e, f, g, h]);
            let end = at.checked_add(len).filter(|end| *end <= bytes.len())?;
            if size > BLOCK_MAX {
                return None;
            }
            blocks.push(Block { at: at..end, size, open: OnceLock::new() });
            at = end;
        }
        (at == bytes.len()).then(|| Self { bytes: bytes.to_vec(), blocks })
    }

    /// Whether a place lies within what its block claims.
    #[must_use]
    pub fn contains(&self, (block, at, len): Place) -> bool {
        self.block(block)
            .is_some_and(|block| at.checked_add(len).is_some_and(|end| end <= block.size))
    }

    /// The document at a place.
    #[must_use]
    pub fn document(&self, (block, at, len): Place) -> Option<&[u8]> {
        let block = self.block(block)?;
        let open = block.open.get_or_init(|| {
            let compressed = self.bytes.get(block.at.clone())?;
            let size = usize::try_from(block.size).ok()?;
            lz4_flex::block::decompress(compressed, size).ok()
        });
        let at = usize::try_from(at).ok()?;
        open.as_ref()?.get(at..at.checked_add(usize::try_from(len).ok()?)?)
    }

    fn block(&self, number: u32) -> Option<&Block> {
        self.blocks.get(usize::try_from(number).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents() -> Vec<Vec<u8>> {
        (0..1000_usize)
            .map(|n| format!("{{\"rule\":{n}}}").repeat(n % 50).into())
            .collect()
    }

    fn written() -> (Vec<u8>, Vec<Place>) {
        let mut writer = Writer::default();
        let places =
            documents().iter().map(|document| writer.add(document).unwrap()).collect();
        (writer.finish().unwrap(), places)
    }

    #[test]
    fn every_document_is_found() {
        let (bytes, places) = written();
        let all: usize = documents().iter().map(Vec::len).sum();
        assert!(bytes.len() < all / 5, "{} of {all}", bytes.len());
        let reader = Reader::new(&bytes).unwrap();
        assert!(reader.blocks.len() > 3);
        for (place, document) in places.iter().zip(documents()) {
            assert!(reader.contains(*place));
            assert_eq!(reader.document(*place), Some(document.as_slice()));
        }
        assert!(Reader::new(&Writer::default().finish().unwrap()).is_some());
    }

    #[test]
    fn damage_is_contained() {
        let (bytes, places) = written();
        for end in 0..bytes.len() {
            assert!(Reader::new(&bytes[..end]).is_none(), "cut at {end}");
        }
        let (first, reader) = (places[999], Reader::new(&bytes).unwrap());
        for outside in
            [(first.0 + 1, 0, 0), (first.0, u32::MAX, 1), (first.0, 0, u32::MAX)]
        {
            assert!(!reader.contains(outside));
            assert_eq!(reader.document(outside), None);
        }
        for at in (4..bytes.len()).step_by(7) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x55;
            let Some(reader) = Reader::new(&bytes) else { continue };
            for place in &places {
                let _ = reader.document(*place);
            }
        }
    }
}
