//! The memory of a module: areas that open as zeros, then constant data.
//!
//! ```text
//! 0        1,024 bytes that nothing uses, so that no valid address is small
//! 1024     areas: scratch of the index, output, batch, bindings
//! data     one segment: defaults of the bindings, tables, texts     (constant)
//!          64 zero bytes, so that a window may read past
//! end      a multiple of 64 KiB; the memory never grows
//! ```
//!
//! Areas come first, since their sizes are known before code is written and the
//! size of the data is not; the data is one segment, since an engine maps what
//! lies between two segments into its image.

use std::collections::BTreeMap;

use tagout_spec::record::ARENA_SLACK;

use super::Error;

/// Bytes at the start that no area has.
const RESERVED: u32 = 1024;
/// Most bytes of memory that a module may ask for; hosts refuse more.
const MEMORY_MAX: u32 = 64 << 20;
/// Bytes of a page of WebAssembly.
const PAGE: u32 = 65_536;

/// A part of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Area {
    /// First byte.
    pub at: u32,
    /// Bytes.
    pub size: u32,
}

/// Areas, while they are being laid out.
#[derive(Debug)]
pub struct Areas {
    next: u32,
}

impl Areas {
    pub(super) fn new() -> Self {
        Self { next: RESERVED }
    }

    /// Lays out an area of zeros, at a multiple of 64.
    pub fn reserve(&mut self, size: u32) -> Result<Area, Error> {
        let at = align(self.next, 64)?;
        self.next = at.checked_add(size).filter(|&end| end <= MEMORY_MAX).ok_or(
            Error::TooLarge { what: "memory", size: u64::from(at) + u64::from(size) },
        )?;
        Ok(Area { at, size })
    }

    /// Begins the data.
    pub(super) fn into_data(self) -> Result<Data, Error> {
        Ok(Data { base: align(self.next, 64)?, bytes: Vec::new(), seen: BTreeMap::new() })
    }
}

/// Constant data, while it grows.
#[derive(Debug)]
pub struct Data {
    base: u32,
    bytes: Vec<u8>,
    seen: BTreeMap<Vec<u8>, u32>,
}

impl Data {
    /// The address of these bytes; equal bytes share a place if they were asked
    /// for by this method. `align` is a power of two, at most 64.
    pub fn constant(&mut self, bytes: &[u8], alignment: u32) -> Result<u32, Error> {
        if let Some(&at) = self.seen.get(bytes)
            && at.is_multiple_of(alignment)
        {
            return Ok(at);
        }
        let at = self.append(bytes, alignment)?;
        self.seen.insert(bytes.to_vec(), at);
        Ok(at)
    }

    /// Appends a table without a look for its like.
    pub fn append(&mut self, bytes: &[u8], alignment: u32) -> Result<u32, Error> {
        let used = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let end = self.base.checked_add(used).ok_or(too_large(used))?;
        let at = align(end, alignment)?;
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let over = at.checked_add(size).is_none_or(|end| end > MEMORY_MAX);
        if over {
            return Err(too_large(used.saturating_add(size)));
        }
        let pad = usize::try_from(at - end).unwrap_or(0);
        self.bytes.extend(std::iter::repeat_n(0, pad));
        self.bytes.extend_from_slice(bytes);
        Ok(at)
    }

    /// Address of the segment, its bytes, and pages of the whole memory.
    pub(super) fn finish(self) -> Result<(u32, Vec<u8>, u32), Error> {
        let used = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let slack = u32::try_from(ARENA_SLACK).unwrap_or(16).max(64);
        let end = self.base.saturating_add(used).saturating_add(slack);
        if end > MEMORY_MAX {
            return Err(too_large(end));
        }
        Ok((self.base, self.bytes, end.div_ceil(PAGE)))
    }
}

fn align(at: u32, to: u32) -> Result<u32, Error> {
    at.checked_next_multiple_of(to.max(1)).ok_or(too_large(at))
}

fn too_large(size: u32) -> Error {
    Error::TooLarge { what: "memory", size: u64::from(size) }
}
