//! Submodules: those that a controller expects, and those that are not as expected.
//!
//! ```text
//! expected    n 2 | n * (API 4 | slot 2 | module 4 | properties 2 | n 2 | submodules)
//!   each      subslot 2 | submodule 4 | properties 2 | descriptions: 2 of a submodule
//!             that has inputs and outputs, else 1: (2 | length 2 | 1 | 1)
//! differing   n 2 | n * (API 4 | n 2 | n * (slot 2 | module 4 | state 2 | n 2 | submodules))
//!   each      subslot 2 | submodule 4 | state 2
//! ```

use crate::cursor::Cursor;

/// A submodule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Submodule {
    pub(super) api: u32,
    pub(super) slot: u16,
    pub(super) module: u32,
    /// None for a module that states no submodule.
    pub(super) subslot: Option<u16>,
    pub(super) submodule: Option<u32>,
    /// Of an expected one.
    pub(super) properties: Option<u16>,
    /// Of a module that differs.
    pub(super) module_state: Option<u16>,
    /// Of a submodule that differs.
    pub(super) state: Option<u16>,
}

/// Expected submodules; nothing if the bytes end too early. Every turn uses some.
pub(super) fn expected(body: &[u8], each: &mut dyn FnMut(Submodule)) -> Option<()> {
    let mut cursor = Cursor::new(body);
    for _ in 0..cursor.u16()? {
        let (api, slot) = (cursor.u32()?, cursor.u16()?);
        let module = cursor.u32()?;
        let _properties = cursor.u16()?;
        for _ in 0..cursor.u16()? {
            let (subslot, submodule) = (cursor.u16()?, cursor.u32()?);
            let properties = cursor.u16()?;
            // Type 3 has inputs and outputs.
            let descriptions = if properties & 3 == 3 { 2 } else { 1 };
            for _ in 0..descriptions {
                cursor.array::<6>()?;
            }
            each(Submodule {
                api,
                slot,
                module,
                subslot: Some(subslot),
                submodule: Some(submodule),
                properties: Some(properties),
                module_state: None,
                state: None,
            });
        }
    }
    Some(())
}

/// Submodules that differ; nothing if the bytes end too early.
pub(super) fn differing(body: &[u8], each: &mut dyn FnMut(Submodule)) -> Option<()> {
    let mut cursor = Cursor::new(body);
    for _ in 0..cursor.u16()? {
        let api = cursor.u32()?;
        for _ in 0..cursor.u16()? {
            let (slot, module) = (cursor.u16()?, cursor.u32()?);
            let module_state = Some(cursor.u16()?);
            let n = cursor.u16()?;
            let mut one = Submodule {
                api,
                slot,
                module,
                subslot: None,
                submodule: None,
                properties: None,
                module_state,
                state: None,
            };
            if n == 0 {
                each(one);
            }
            for _ in 0..n {
                one.subslot = Some(cursor.u16()?);
                one.submodule = Some(cursor.u32()?);
                one.state = Some(cursor.u16()?);
                each(one);
            }
        }
    }
    Some(())
}
