//! Where a name of a record's map is.
//!
//! ```text
//! pack's number --bindings--> host's number --row--> element, from 1 --> address
//! ```
//!
//! Three loads, and none of them compares a name: the host did that, once, when it
//! wrote the record. What is not there is an element of zeros.

use tagout_spec::pack::bindings;
use tagout_spec::schema::layout::{MAP_STRIDE, MAP_VALUE_BIT};
use wasm_encoder::ValType;

use crate::codegen::frame::byte_arg;
use crate::codegen::func::FnBuilder;
use crate::codegen::place::Place;
use crate::codegen::{Ctx, Error};

/// Writes `(batch, record, number) -> element`.
pub(super) fn named(ctx: &mut Ctx<'_>) -> Result<FnBuilder, Error> {
    const _: () = assert!(MAP_VALUE_BIT < 32, "an element of zeros says nothing");
    let (bit, slot) = map(ctx)?;
    let stride = u32::from(MAP_STRIDE);
    let nothing = vec![0; usize::from(MAP_STRIDE)];
    let nothing = ctx.module.data.constant(&nothing, 8)?;
    let table = bindings::names(ctx.program.predicates.len(), ctx.program.params.len());
    let table = u32::try_from(table).unwrap_or(u32::MAX);
    let table = ctx.bindings.at.saturating_add(table);

    let i32 = ValType::I32;
    let params = [("batch", i32), ("record", i32), ("number", i32)];
    let mut f = FnBuilder::new("named", &params, &[i32]);
    let (batch, record, number) = (f.param(0), f.param(1), f.param(2));
    let elements = f.named("elements", i32);
    let missing = f.block();
    Place::at(record, u32::from(bit / 8)).u8(&mut f);
    f.u32(1_u32.wrapping_shl(u32::from(bit % 8))).i().i32_and().i32_eqz();
    f.br_if(missing);
    f.get(batch);
    Place::at(record, slot.into()).i32(&mut f);
    f.i().i32_add();
    f.tee(elements);
    f.get(number).u32(1).i().i32_shl();
    f.i().i32_load16_u(byte_arg(table)).i32_sub();
    f.u32(1).i().i32_sub().i32_load8_u(byte_arg(0));
    f.tee(number).i().i32_eqz();
    f.br_if(missing);
    f.get(number).u32(1).i().i32_sub();
    f.u32(stride).i().i32_mul();
    f.get(elements).i().i32_add().return_();
    f.end();
    f.u32(nothing);
    Ok(f)
}

/// Presence bit and slot of the map, which are the same in all kinds of a family.
fn map(ctx: &Ctx<'_>) -> Result<(u16, u16), Error> {
    let mut places = (0_u16..)
        .take(ctx.program.kinds.len())
        .filter_map(|kind| ctx.kind(kind).ok()?.map())
        .map(|map| (map.bit, map.offset));
    let first = places.next().ok_or(Error::Invalid("a name without a map"))?;
    match places.all(|place| place == first) {
        true => Ok(first),
        false => Err(Error::Invalid("maps at different places")),
    }
}
