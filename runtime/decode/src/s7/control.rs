//! PI services and stop.
//!
//! ```text
//! job 28  7 | length 2 | argument | length 1 | service
//!   _INSE, _DELE: argument is blocks 1 | 1 | (type 2 | number 5 | file system 1)*
//!   others: a text, such as "C " (cold restart of P_PROGRAM), "EP" (_MODU)
//! job 29  5 | length 1 | service
//! ```

use crate::cursor::Cursor;
use crate::s7::block::Block;
use crate::s7::pdu::{FaultKind, Read, done};

/// What a job of control says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Control<'a> {
    /// Name of the service.
    pub(super) service: Option<&'a [u8]>,
    /// Its argument, where it is not a list of blocks.
    pub(super) argument: Option<&'a [u8]>,
    /// Its blocks, as bytes of eight each.
    pub(super) blocks: Option<&'a [u8]>,
}

/// Services whose argument is a list of blocks.
const WITH_BLOCKS: [&[u8]; 2] = [b"_INSE", b"_DELE"];

impl<'a> Control<'a> {
    /// The blocks that the service is about.
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block> + 'a {
        let (blocks, _) = self.blocks.unwrap_or_default().as_chunks::<8>();
        blocks.iter().filter_map(|block| Block::read(&mut Cursor::new(block)))
    }
}

/// Reads the parameter part of a PI service behind its function.
pub(super) fn pi<'a>(control: &mut Control<'a>, cursor: &mut Cursor<'a>) -> Read {
    cursor.array::<7>()?;
    let length = cursor.u16()?;
    let before = *cursor;
    let argument = cursor.take(length.into())?;
    name(control, cursor)?.ok();
    if !control.service.is_some_and(|service| WITH_BLOCKS.contains(&service)) {
        control.argument = Some(argument).filter(|argument| !argument.is_empty());
        return done();
    }
    let mut list = Cursor::new(argument);
    let count = list.u8();
    list.u8();
    let is_list = count
        .is_some_and(|count| list.rest().len() == usize::from(count).saturating_mul(8));
    control.blocks = Some(list.rest());
    if !is_list {
        *cursor = before;
        return Some(Err(FaultKind::Count));
    }
    let (entries, _) = list.rest().as_chunks::<8>();
    if control.blocks().count() != entries.len() {
        *cursor = before;
        return Some(Err(FaultKind::Block));
    }
    done()
}

/// Reads the parameter part of a stop behind its function.
pub(super) fn stop<'a>(control: &mut Control<'a>, cursor: &mut Cursor<'a>) -> Read {
    cursor.array::<5>()?;
    name(control, cursor)
}

/// length 1 | bytes
fn name<'a>(control: &mut Control<'a>, cursor: &mut Cursor<'a>) -> Read {
    let length = cursor.u8()?;
    control.service = Some(cursor.take(length.into())?);
    done()
}
