//! The pcapng capture file: blocks in sections, each section with a byte order
//! and interfaces of its own.
//!
//! ```text
//! block    type 4 | length 4 | body, padded to 4 | length 4
//! section  SHB  IDB+  (EPB | SPB | others)*
//! ```
//!
//! The block's frame (type and length) is read here, so that a block of another
//! kind, or one that is larger than anything useful, is passed without being kept. The
//! body of a block that matters is parsed by `pcap-parser`. A block whose frame
//! holds but whose body does not is passed and counted; one whose frame does
//! not hold ends the input, since nothing after it can be found.

use std::io::Read;

use pcap_parser::pcapng::{
    parse_enhancedpacketblock_be, parse_enhancedpacketblock_le,
    parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le,
    parse_simplepacketblock_be, parse_simplepacketblock_le,
};
use tagout_decode::LinkType;

use crate::buffer::Buffer;
use crate::error::ErrorKind;
use crate::pcap::{Found, MAX_FRAME};

/// The section header block: the same number in either byte order.
const SHB: u32 = 0x0a0d_0d0a;
const IDB: u32 = 1;
const SPB: u32 = 3;
const EPB: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;
/// Type and length in front, length behind.
const BLOCK_FRAME: u32 = 12;
/// Most interfaces of a section; later ones are not kept, and their frames are
/// counted as damaged.
const MAX_INTERFACES: usize = 4096;
/// The smallest block that holds its header and a frame as large as we take.
const MAX_BLOCK: u32 = 5 * 1024 * 1024;
/// From a block's start to the frame's bytes.
const EPB_DATA: usize = 28;
const SPB_DATA: usize = 12;

/// State between two blocks.
pub(crate) struct Pcapng {
    big_endian: bool,
    interfaces: Vec<Interface>,
    blocks: u64,
    frames: u64,
    /// Blocks whose body did not parse, or whose interface is not known.
    pub(crate) damaged: u64,
    found: Found,
}

/// What an interface says about its frames.
#[derive(Clone, Copy)]
struct Interface {
    link_type: LinkType,
    snaplen: u32,
    /// Units of a timestamp in a second.
    resolution: u64,
    /// Seconds to add.
    offset: i64,
}

impl Pcapng {
    pub(crate) fn new() -> Pcapng {
        Pcapng {
            big_endian: false,
            interfaces: Vec::new(),
            blocks: 0,
            frames: 0,
            damaged: 0,
            found: Found::default(),
        }
    }

    /// The frame that was found last.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// Finds the next frame; false at the end.
    pub(crate) fn next<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
    ) -> Result<bool, ErrorKind> {
        while let Some((kind, len)) = self.block_frame(buffer)? {
            let n = self.blocks.saturating_add(1);
            let offset = buffer.offset();
            let truncated = ErrorKind::Truncated { what: "block", n, offset };
            let wanted = matches!(kind, SHB | IDB | SPB | EPB);
            if !wanted || len > MAX_BLOCK {
                self.damaged = self.damaged.saturating_add(u64::from(wanted));
                self.blocks = n;
                if !buffer.skip(u64::from(len)).map_err(ErrorKind::Io)? {
                    return Err(truncated);
                }
                continue;
            }
            let len = usize::try_from(len).unwrap_or(usize::MAX);
            if !buffer.ensure(len).map_err(ErrorKind::Io)? {
                return Err(truncated);
            }
            let block = buffer.available().get(..len).unwrap_or_default();
            let found = match kind {
                // The block's frame has set the byte order.
                SHB => {
                    self.interfaces.clear();
                    Ok(None)
                }
                IDB => self.interface(block).map(|()| None),
                SPB => self.simple(block).map(Some),
                _ => self.enhanced(block).map(Some),
            };
            let at = buffer.consume(len);
            self.blocks = n;
            match found {
                Ok(Some(found)) => {
                    self.found = Found { at: found.at.saturating_add(at), ..found };
                    return Ok(true);
                }
                Ok(None) => {}
                Err(Damaged) => self.damaged = self.damaged.saturating_add(1),
            }
        }
        Ok(false)
    }

    /// Type and length of the next block; a section header also sets the byte
    /// order. None at the end of the input.
    fn block_frame<R: Read>(
        &mut self,
        buffer: &mut Buffer<'_, R>,
    ) -> Result<Option<(u32, u32)>, ErrorKind> {
        let n = self.blocks.saturating_add(1);
        let offset = buffer.offset();
        if !buffer.ensure(12).map_err(ErrorKind::Io)? {
            let truncated = ErrorKind::Truncated { what: "block", n, offset };
            return if buffer.available().is_empty() { Ok(None) } else { Err(truncated) };
        }
        let damaged =
            |why: String| Err(ErrorKind::Damaged { what: "block", n, offset, why });
        let start = buffer.available();
        if self.word(start, 0) == Some(SHB) {
            match start.get(8..12).and_then(|bytes| bytes.try_into().ok()) {
                Some(bytes) if u32::from_be_bytes(bytes) == BYTE_ORDER => {
                    self.big_endian = true;
                }
                Some(bytes) if u32::from_le_bytes(bytes) == BYTE_ORDER => {
                    self.big_endian = false;
                }
                _ => return damaged("its byte-order magic is neither order's".into()),
            }
        } else if n == 1 {
            return damaged("a section header was expected".into());
        }
        let (Some(kind), Some(len)) = (self.word(start, 0), self.word(start, 4)) else {
            return Ok(None);
        };
        if len < BLOCK_FRAME || len % 4 != 0 {
            return damaged(format!("it claims a length of {len}"));
        }
        Ok(Some((kind, len)))
    }

    fn word(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let (word, _) = bytes.get(at..)?.split_first_chunk::<4>()?;
        Some(if self.big_endian {
            u32::from_be_bytes(*word)
        } else {
            u32::from_le_bytes(*word)
        })
    }

    fn interface(&mut self, block: &[u8]) -> Result<(), Damaged> {
        let parsed = if self.big_endian {
            parse_interfacedescriptionblock_be(block)
        } else {
            parse_interfacedescriptionblock_le(block)
        };
        let (_, parsed) = parsed.map_err(|_| Damaged)?;
        let resolution = resolution(parsed.if_tsresol).ok_or(Damaged);
        // The parser reads the offset as little endian whatever the section's order.
        let offset = parsed.ts_offset();
        let offset = if self.big_endian { offset.swap_bytes() } else { offset };
        if self.interfaces.len() >= MAX_INTERFACES {
            return Err(Damaged);
        }
        // A damaged interface still takes its number.
        self.interfaces.push(Interface {
            link_type: LinkType(parsed.linktype.0.cast_unsigned() & 0xffff),
            snaplen: parsed.snaplen,
            resolution: *resolution.as_ref().unwrap_or(&1_000_000),
            offset,
        });
        resolution.map(|_| ())
    }

    fn enhanced(&mut self, block: &[u8]) -> Result<Found, Damaged> {
        let parsed = if self.big_endian {
            parse_enhancedpacketblock_be(block)
        } else {
            parse_enhancedpacketblock_le(block)
        };
        let (_, parsed) = parsed.map_err(|_| Damaged)?;
        let number = usize::try_from(parsed.if_id).map_err(|_| Damaged)?;
        let interface = *self.interfaces.get(number).ok_or(Damaged)?;
        let len = usize::try_from(parsed.caplen).map_err(|_| Damaged)?;
        if len > MAX_FRAME || len > parsed.data.len() {
            return Err(Damaged);
        }
        let units = (u64::from(parsed.ts_high) << 32) | u64::from(parsed.ts_low);
        self.frames = self.frames.saturating_add(1);
        Ok(Found {
            at: EPB_DATA,
            len,
            ts_ns: interface.time(units).ok_or(Damaged)?,
            nanos: interface.resolution > 1_000_000,
            link_type: interface.link_type,
            orig_len: parsed.origlen,
            index: self.frames,
            interface: parsed.if_id,
        })
    }

    /// A simple packet has no time and no interface but the first. Its time is
    /// zero; what the caller makes of that is the caller's.
    fn simple(&mut self, block: &[u8]) -> Result<Found, Damaged> {
        let parsed = if self.big_endian {
            parse_simplepacketblock_be(block)
        } else {
            parse_simplepacketblock_le(block)
        };
        let (_, parsed) = parsed.map_err(|_| Damaged)?;
        let interface = *self.interfaces.first().ok_or(Damaged)?;
        let snaplen = if interface.snaplen == 0 { u32::MAX } else { interface.snaplen };
        let kept = usize::try_from(parsed.origlen.min(snaplen)).map_err(|_| Damaged)?;
        self.frames = self.frames.saturating_add(1);
        Ok(Found {
            at: SPB_DATA,
            len: kept.min(parsed.data.len()),
            ts_ns: 0,
            nanos: false,
            link_type: interface.link_type,
            orig_len: parsed.origlen,
            index: self.frames,
            interface: 0,
        })
    }
}

impl Interface {
    /// Nanoseconds since 1970 of a timestamp in this interface's units.
    fn time(&self, units: u64) -> Option<i64> {
        let ns = if self.resolution == 1_000_000 {
            i128::from(units).checked_mul(1_000)?
        } else {
            i128::from(units)
                .checked_mul(1_000_000_000)?
                .checked_div(i128::from(self.resolution))?
        };
        let offset = i128::from(self.offset).checked_mul(1_000_000_000)?;
        i64::try_from(ns.checked_add(offset)?).ok()
    }
}

/// Units of a timestamp in a second: a power of ten, or of two if the highest
/// bit is set. (The parser's own function knows no powers of two.)
fn resolution(tsresol: u8) -> Option<u64> {
    let exponent = u32::from(tsresol & 0x7f);
    if tsresol & 0x80 == 0 {
        10_u64.checked_pow(exponent)
    } else {
        2_u64.checked_pow(exponent)
    }
}

/// A block whose frame holds but whose body does not.
struct Damaged;
