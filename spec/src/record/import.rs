//! Records of a stranger: of a batch that a plugin wrote, into a batch of ours.
//!
//! ```text
//! their record | presence | hot slots | null, invalid | cold slots |    their stride
//!                  & takes     as is      & takes         as is
//! our record   | presence | hot slots | null, invalid | cold slots | .. our stride
//!                                ^ then: the slots of `cares`, one by one; the envelope
//! ```
//!
//! Most slots hold a number of which every value is allowed, so a record is copied as it
//! is, and only those fields are looked at that could lie: texts and elements, whose
//! offsets may point anywhere and which are written anew; floats, wide numbers, ranges
//! and bools. What is out of bounds makes its field invalid and is counted. The fields
//! common to all kinds are the host's alone.

use std::cell::Cell;

use crate::schema::layout::{
    COLD_OFFSET, ELEMENT_NULL_BIT, ELEMENT_PRESENCE, HOT_BYTES, INVALID_OFFSET,
    NULL_OFFSET, REPEATED_TRUNCATED, STRIDE_MAX, TEXT_SLOT, VIEW_BIT, slot,
};
use crate::schema::{Field, FieldIdx, FieldType, IntRepr, Items, Kind, Scalar};

use super::value::{Slot, Text, Value};
use super::view::{self, u32_at};
use super::writer::{RecordWriter, set_bit};
use super::{BATCH_HEADER, BATCH_MAX, BatchBuilder, STRIDE_MIN, header};

/// What the header of a batch of a stranger says, checked against itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForeignHeader {
    /// The stranger's number of the kind.
    pub kind: u32,
    /// Bytes from one record to the next.
    pub stride: usize,
    /// Number of records.
    pub n: usize,
    /// Where the arena begins.
    pub arena: usize,
    /// Bytes of the whole.
    pub bytes: usize,
}

impl ForeignHeader {
    /// Reads a header; `None` if it contradicts itself.
    #[must_use]
    pub fn read(bytes: &[u8; BATCH_HEADER]) -> Option<Self> {
        let word = |at| u32_at(bytes, at).and_then(|word| usize::try_from(word).ok());
        let header = Self {
            kind: u32_at(bytes, header::KIND)?,
            stride: word(header::STRIDE)?,
            n: word(header::N)?,
            arena: word(header::ARENA)?,
            bytes: word(header::BYTES)?,
        };
        let records = header.stride.checked_mul(header.n)?.checked_add(BATCH_HEADER)?;
        let fits = header.stride >= usize::from(STRIDE_MIN)
            && header.stride <= usize::from(STRIDE_MAX)
            && header.stride.is_multiple_of(8)
            && header.n <= BATCH_MAX
            && header.arena >= records
            && header.bytes >= header.arena;
        fits.then_some(header)
    }

    /// Bytes of its records.
    #[must_use]
    pub fn records_len(&self) -> usize {
        self.stride.saturating_mul(self.n)
    }

    /// Bytes of its arena.
    #[must_use]
    pub fn arena_len(&self) -> usize {
        self.bytes.saturating_sub(self.arena)
    }
}

/// A batch of a stranger: its records and its arena, which need not lie together.
#[derive(Clone, Debug)]
pub struct Foreign<'a> {
    header: ForeignHeader,
    records: &'a [u8],
    arena: &'a [u8],
    /// Bytes that may still be read of the arena: slots may name the same bytes again and
    /// again, and the host would copy them each time.
    budget: Cell<usize>,
}

/// What a batch may name twice without a loss.
const BUDGET_FREE: usize = 64 * 1024;

impl<'a> Foreign<'a> {
    /// Of a header, [`ForeignHeader::records_len`] bytes and
    /// [`ForeignHeader::arena_len`] bytes.
    #[must_use]
    pub fn new(header: ForeignHeader, records: &'a [u8], arena: &'a [u8]) -> Self {
        let budget = arena.len().saturating_mul(2).saturating_add(BUDGET_FREE);
        Self { header, records, arena, budget: Cell::new(budget) }
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &ForeignHeader {
        &self.header
    }

    fn record(&self, at: usize) -> Option<&'a [u8]> {
        let start = at.checked_mul(self.header.stride)?;
        self.records.get(start..start.checked_add(self.header.stride)?)
    }

    /// Bytes at an offset from the batch's start.
    fn bytes(&self, offset: u32, len: usize) -> Option<&'a [u8]> {
        if len == 0 {
            return Some(&[]);
        }
        let start = usize::try_from(offset).ok()?.checked_sub(self.header.arena)?;
        self.budget.set(self.budget.get().checked_sub(len)?);
        self.arena.get(start..start.checked_add(len)?)
    }

    /// The text of a slot.
    fn text(&self, slot: &[u8]) -> Option<Text<'a>> {
        let len = usize::try_from(u32_at(slot, 4)?).ok()?;
        let bytes = self.bytes(u32_at(slot, 0)?, len)?;
        Some(Text { bytes, original: u32_at(slot, 8)?, folded: None })
    }
}

/// What the host knows of an event, and nobody else says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// Nanoseconds since 1970.
    pub ts: i64,
    /// Number of the frame.
    pub frame: u64,
    /// Whether the frame was late.
    pub late: bool,
    /// Outermost VLAN.
    pub vlan: Option<u16>,
    /// Hardware addresses of sender and receiver.
    pub macs: [Option<[u8; 6]>; 2],
    /// What only a flow has.
    pub flow: Option<FlowEnvelope<'a>>,
}

/// What is known of an event of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowEnvelope<'a> {
    /// Identifier of the flow.
    pub id: u64,
    /// Number of the transport above IP.
    pub transport: u8,
    /// Addresses of sender and receiver.
    pub ips: [[u8; 16]; 2],
    /// Their ports.
    pub ports: [u16; 2],
    /// Community identifier of the flow.
    pub community: &'a [u8],
}

impl Envelope<'_> {
    /// The same with sender and receiver exchanged.
    fn turned(mut self) -> Self {
        self.macs.reverse();
        if let Some(flow) = &mut self.flow {
            flow.ips.reverse();
            flow.ports.reverse();
        }
        self
    }
}

/// Imports records of one kind.
#[derive(Clone, Debug)]
pub struct Importer {
    common: Common,
    /// The stride that the following are for.
    stride: usize,
    /// Fields that a record may bring.
    takes: [u64; 3],
    /// Of them, those that are looked at.
    cares: [u64; 3],
}

/// Where the envelope goes.
#[derive(Clone, Copy, Debug, Default)]
struct Common {
    ts: Option<Place>,
    frame: Option<Place>,
    late: Option<Place>,
    vlan: Option<Place>,
    flow: Option<Place>,
    transport: Option<Place>,
    macs: [Option<Place>; 2],
    ips: [Option<Place>; 2],
    ports: [Option<Place>; 2],
    community: Option<Place>,
}

/// Bit and offset of a field.
#[derive(Clone, Copy, Debug)]
struct Place {
    bit: u16,
    offset: usize,
}

impl Common {
    fn of(kind: &Kind) -> Self {
        let place = |path: &str| {
            let (_, field) = kind.lookup(path)?;
            Some(Place { bit: field.bit, offset: field.offset.into() })
        };
        let both =
            |name: &str| [place(&format!("src.{name}")), place(&format!("dst.{name}"))];
        Self {
            ts: place("ts"),
            frame: place("frame"),
            late: place("late"),
            vlan: place("vlan"),
            flow: place("flow"),
            transport: place("transport"),
            macs: both("mac"),
            ips: both("ip"),
            ports: both("port"),
            community: place("community_id"),
        }
    }
}

/// What a stranger may say of the fields common to all kinds.
const OWN_COMMON: &[&str] = &["malformed"];

impl Importer {
    /// For records of a kind.
    #[must_use]
    pub fn new(kind: &Kind) -> Self {
        let mut importer =
            Self { common: Common::of(kind), stride: 0, takes: [0; 3], cares: [0; 3] };
        importer.set_stride(kind, kind.stride.into());
        importer
    }

    /// Takes a record of a stranger's batch as the next one of ours; the number of its
    /// fields that made no sense. `None` if our batch is full, or there is no such
    /// record.
    pub fn record(
        &mut self,
        to: &mut BatchBuilder,
        from: &Foreign<'_>,
        at: usize,
        envelope: &Envelope<'_>,
    ) -> Option<u32> {
        let record = from.record(at)?;
        let mut writer = to.begin()?;
        if record.len() != self.stride {
            self.set_stride(writer.kind(), record.len());
        }
        self.copy(record, &mut writer);
        let bad = self.care(record, from, &mut writer);
        let turned = self.is_turned(record, envelope);
        self.stamp(if turned { envelope.turned() } else { *envelope }, &mut writer);
        writer.commit();
        Some(bad)
    }

    /// Finds out what records of a stride may bring.
    fn set_stride(&mut self, kind: &Kind, stride: usize) {
        self.stride = stride;
        (self.takes, self.cares) = ([0; 3], [0; 3]);
        for field in kind.fields.iter().filter(|field| !field.is_named()) {
            let (bytes, _) = slot(field.ty);
            let fits = usize::from(field.offset).saturating_add(bytes.into()) <= stride;
            let own = field.bit >= VIEW_BIT || OWN_COMMON.contains(&field.path.as_ref());
            if fits && own {
                set(&mut self.takes, field.idx());
                if needs_care(field.ty) {
                    set(&mut self.cares, field.idx());
                }
            }
        }
    }

    /// Copies slots, and what the record may say of fields.
    fn copy(&self, record: &[u8], to: &mut RecordWriter<'_>) {
        for part in [24..usize::from(HOT_BYTES), COLD_OFFSET.into()..record.len()] {
            let end = part.end.min(to.record.len());
            let (from, to) =
                (record.get(part.start..end), to.record.get_mut(part.start..end));
            if let (Some(from), Some(to)) = (from, to) {
                to.copy_from_slice(from);
            }
        }
        let words = |at: u16| {
            let bytes = record.get(usize::from(at)..).unwrap_or_default();
            let mut words = [0_u64; 3];
            for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
                *word = u64::from_le_bytes(*bytes);
            }
            words
        };
        let (present, null, invalid) =
            (words(0), words(NULL_OFFSET), words(INVALID_OFFSET));
        let mut states = [[0_u64; 3]; 2];
        for (word, takes) in self.takes.iter().enumerate() {
            let of = |words: &[u64; 3]| words.get(word).copied().unwrap_or(0) & takes;
            let (present, null, invalid) = (of(&present), of(&null), of(&invalid));
            if let Some(slot) = to.presence.get_mut(word) {
                *slot = present;
            }
            // One thing is true of a field, whatever the record says at once.
            let [nulls, invalids] = &mut states;
            if let (Some(n), Some(i)) = (nulls.get_mut(word), invalids.get_mut(word)) {
                (*n, *i) = (null & !present, invalid & !present & !null);
            }
        }
        for (at, words) in [NULL_OFFSET, INVALID_OFFSET].into_iter().zip(states) {
            let room = to.record.get_mut(usize::from(at)..).unwrap_or_default();
            for (bytes, word) in room.as_chunks_mut().0.iter_mut().zip(words) {
                *bytes = word.to_le_bytes();
            }
        }
    }

    /// Looks at the fields that could lie; how many did.
    fn care(&self, record: &[u8], from: &Foreign<'_>, to: &mut RecordWriter<'_>) -> u32 {
        let kind = to.kind;
        let mut bad = 0_u32;
        for word in 0..self.cares.len() {
            let at = |words: &[u64; 3]| words.get(word).copied().unwrap_or(0);
            let mut bits = at(&self.cares) & at(&to.presence);
            while bits != 0 {
                let bit = word.saturating_mul(64) + bits.trailing_zeros() as usize;
                bits &= bits.wrapping_sub(1);
                let Some(field) =
                    u16::try_from(bit).ok().and_then(|b| kind.field(FieldIdx(b)))
                else {
                    continue;
                };
                let good = care_for(field, record, from, to).unwrap_or(false);
                if !good {
                    to.set_invalid(field.idx());
                    bad = bad.saturating_add(1);
                }
            }
        }
        bad
    }

    /// Whether a record says that it goes the other way.
    fn is_turned(&self, record: &[u8], envelope: &Envelope<'_>) -> bool {
        let says = |place: Option<Place>, bytes: &[u8]| {
            place.is_some_and(|place| {
                let byte = record.get(usize::from(place.bit / 8));
                byte.is_some_and(|byte| byte >> (place.bit % 8) & 1 == 1)
                    && record.get(place.offset..).is_some_and(|at| at.starts_with(bytes))
            })
        };
        match &envelope.flow {
            Some(flow) => {
                let [src, dst] = flow.ips;
                let ([src_port, dst_port], ips, ports) =
                    (flow.ports, self.common.ips, self.common.ports);
                (src, src_port) != (dst, dst_port)
                    && says(ips[0], &dst)
                    && says(ips[1], &src)
                    && says(ports[0], &dst_port.to_le_bytes())
                    && says(ports[1], &src_port.to_le_bytes())
            }
            None => match envelope.macs {
                [Some(src), Some(dst)] => {
                    src != dst
                        && says(self.common.macs[0], &dst)
                        && says(self.common.macs[1], &src)
                }
                _ => false,
            },
        }
    }

    /// Writes what the host knows.
    fn stamp(&self, envelope: Envelope<'_>, to: &mut RecordWriter<'_>) {
        let common = &self.common;
        put(to, common.ts, envelope.ts.to_le_bytes());
        put(to, common.frame, envelope.frame.to_le_bytes());
        if envelope.late {
            put(to, common.late, [1]);
        }
        if let Some(vlan) = envelope.vlan {
            put(to, common.vlan, vlan.to_le_bytes());
        }
        for (place, mac) in common.macs.into_iter().zip(envelope.macs) {
            if let Some([a, b, c, d, e, f]) = mac {
                put(to, place, [a, b, c, d, e, f, 0, 0]);
            }
        }
        let Some(flow) = envelope.flow else { return };
        put(to, common.flow, flow.id.to_le_bytes());
        put(to, common.transport, [flow.transport]);
        for (place, ip) in common.ips.into_iter().zip(flow.ips) {
            put(to, place, ip);
        }
        for (place, port) in common.ports.into_iter().zip(flow.ports) {
            put(to, place, port.to_le_bytes());
        }
        if let Some(place) = common.community
            && to.tail.wants(FieldIdx(place.bit))
        {
            let fold = to.tail.folds(FieldIdx(place.bit));
            let mut slot = [0; TEXT_SLOT as usize];
            to.tail.text(Text::whole(flow.community), fold, &mut slot);
            put(to, common.community, slot);
        }
    }
}

/// Stores bytes at a place and marks the field as present.
fn put<const N: usize>(to: &mut RecordWriter<'_>, place: Option<Place>, bytes: [u8; N]) {
    let Some(place) = place else { return };
    let room = to.record.get_mut(place.offset..).and_then(|room| room.first_chunk_mut());
    if let Some(room) = room {
        *room = bytes;
        if let Some(word) = to.presence.get_mut(usize::from(place.bit / 64)) {
            *word |= 1 << (place.bit % 64);
        }
    }
}

/// Whether a slot of the type can hold what must not be copied.
fn needs_care(ty: FieldType) -> bool {
    match ty {
        FieldType::Int(repr) | FieldType::Enum(_, repr) => repr == IntRepr::U64,
        FieldType::Time | FieldType::Duration | FieldType::Ip => false,
        _ => true,
    }
}

/// Makes a field good; false if it cannot be, `None` if the slot is not there.
fn care_for(
    field: &Field,
    record: &[u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> Option<bool> {
    let (bytes, _) = slot(field.ty);
    let start = usize::from(field.offset);
    let slot = record.get(start..start.checked_add(bytes.into())?)?;
    Some(match field.ty {
        ty if ty.is_text() => {
            let text = from.text(slot)?;
            if !to.tail.wants(field.idx()) {
                to.set_absent(field.idx());
                return Some(true);
            }
            let fold = to.tail.folds(field.idx());
            let room = to.record.get_mut(start..)?.first_chunk_mut()?;
            to.tail.text(text, fold, room);
            true
        }
        FieldType::List(_) | FieldType::Group | FieldType::Map => {
            return repeated(field, slot, from, to);
        }
        FieldType::Mac => {
            // What is behind its six bytes is compared with the rest.
            to.record.get_mut(start..)?.get_mut(6..8)?.fill(0);
            true
        }
        ty => is_good(slot, ty),
    })
}

/// Whether a slot of a plain type holds a value that rules can use.
fn is_good(slot: &[u8], ty: FieldType) -> bool {
    match ty {
        FieldType::Bool => slot.first().is_some_and(|byte| *byte <= 1),
        FieldType::Range => {
            u32_at(slot, 0).zip(u32_at(slot, 4)).is_some_and(|(a, b)| a <= b)
        }
        FieldType::Mac => true,
        ty => view::plain_value(slot, ty).is_some_and(|value| value.is_usable()),
    }
}

/// Writes the elements of a field anew.
fn repeated(
    field: &Field,
    slot: &[u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> Option<bool> {
    let items = field.items.as_ref()?;
    let offset = u32_at(slot, 0)?;
    let [.., a, b, c, d] = *slot.first_chunk::<8>()?;
    let (count, flags) = (u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]));
    if count > items.max {
        return Some(false);
    }
    let stride = usize::from(items.stride);
    let elements = from.bytes(offset, stride.checked_mul(count.into())?)?;
    let truncated = flags & REPEATED_TRUNCATED != 0;
    let wants = to.tail.wants(field.idx());
    if field.ty == FieldType::Map {
        return pairs(field, elements, truncated, from, to);
    }
    if !wants {
        to.set_absent(field.idx());
        return Some(true);
    }
    let fold = to.tail.folds(field.idx());
    let plain = match field.ty {
        FieldType::List(scalar) => !matches!(scalar, Scalar::Text | Scalar::Name),
        _ => false,
    };
    let written = if plain {
        to.tail.copy_elements(elements, items.stride, count, truncated)
    } else {
        let mut scratch = std::mem::take(to.tail.scratch);
        scratch.clear();
        scratch.extend_from_slice(elements);
        let mut good = true;
        for element in scratch.chunks_exact_mut(stride.max(1)) {
            good &= match field.ty {
                FieldType::Group => {
                    group_element(element, items, from, to, fold);
                    true
                }
                _ => rewrite(element, from, to, fold).is_some(),
            };
        }
        *to.tail.scratch = scratch;
        if !good {
            to.tail.scratch.clear();
            return Some(false);
        }
        to.tail.elements(items.stride, count, truncated)
    };
    *to.record.get_mut(usize::from(field.offset)..)?.first_chunk_mut()? = written;
    Some(true)
}

/// Makes an element good: what is not becomes absent.
fn group_element(
    element: &mut [u8],
    items: &Items,
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
    fold: bool,
) {
    let said = element.first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
    if let Some(presence) = element.get_mut(..ELEMENT_PRESENCE.into()) {
        presence.fill(0);
    }
    for field in items.fields.iter() {
        let null = field.bit.saturating_add(ELEMENT_NULL_BIT);
        if said >> field.bit & 1 == 0 {
            set_bit(element, null, said >> null & 1 == 1);
            continue;
        }
        let (bytes, _) = slot(field.ty);
        let start = usize::from(field.offset);
        let end = start.saturating_add(bytes.into());
        let Some(slot) = element.get_mut(start..end) else { continue };
        let good = if field.ty.is_text() {
            rewrite(slot, from, to, fold).is_some()
        } else {
            if let (FieldType::Mac, Some(rest)) = (field.ty, slot.get_mut(6..)) {
                rest.fill(0);
            }
            is_good(slot, field.ty)
        };
        set_bit(element, field.bit, good);
    }
}

/// Writes the text of a slot anew.
fn rewrite(
    slot: &mut [u8],
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
    fold: bool,
) -> Option<()> {
    let text = from.text(slot)?;
    to.tail.text(text, fold, slot.first_chunk_mut()?);
    Some(())
}

/// Writes the names and values of a map anew.
fn pairs(
    field: &Field,
    elements: &[u8],
    truncated: bool,
    from: &Foreign<'_>,
    to: &mut RecordWriter<'_>,
) -> Option<bool> {
    let items = field.items.as_ref()?;
    let texts: Option<Vec<(Text<'_>, Text<'_>)>> = elements
        .chunks_exact(usize::from(items.stride).max(1))
        .map(|element| {
            let text = |at: usize| {
                let field = items.fields.get(at)?;
                from.text(element.get(usize::from(field.offset)..)?)
            };
            Some((text(0)?, text(1)?))
        })
        .collect();
    let texts = texts?;
    to.set_absent(field.idx());
    let mut writer = to.repeated(field)?;
    for (name, value) in texts {
        writer.pair(name.bytes, value);
    }
    if truncated {
        writer.set_truncated();
    }
    Some(writer.end())
}

fn set(words: &mut [u64; 3], idx: FieldIdx) {
    if let Some(word) = words.get_mut(usize::from(idx.0 / 64)) {
        *word |= 1 << (idx.0 % 64);
    }
}

/// Sets a field of a record from outside, as a plugin does that adds to it: only a value
/// of the field's type.
///
/// Returns whether it is.
pub fn set_value(to: &mut RecordWriter<'_>, field: &Field, value: Value<'_>) -> bool {
    let had = to.is_absent(field.idx());
    let done = to.set_field(field, value);
    if !done && had {
        to.set_absent(field.idx());
    }
    done
}

/// Copies what an event says of some fields to a stranger's memory.
///
/// ```text
/// theirs | presence of the fields | slots of the fields, else zeros | arena: their texts |
/// ```
#[derive(Clone, Debug)]
pub struct Exporter {
    fields: Vec<Field>,
    stride: usize,
}

impl Exporter {
    /// For these fields of a kind.
    #[must_use]
    pub fn new(kind: &Kind, fields: &[FieldIdx]) -> Self {
        let fields: Vec<Field> =
            fields.iter().filter_map(|idx| kind.field(*idx).cloned()).collect();
        let ends =
            fields.iter().map(|field| field.offset.saturating_add(slot(field.ty).0));
        let end = ends.max().unwrap_or(0).max(STRIDE_MIN).next_multiple_of(8);
        Self { fields, stride: end.into() }
    }

    /// Bytes of a record.
    #[must_use]
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// Writes records from a position on, as many as fit; how many, and the bytes of the
    /// batch.
    pub fn write(
        &self,
        batch: &super::BatchView<'_>,
        from: usize,
        kind: u32,
        room: &mut [u8],
    ) -> Option<(usize, usize)> {
        // Texts take what records leave: half of the room at least.
        let fit = room.len().checked_sub(BATCH_HEADER)? / 2 / self.stride;
        let n = batch.len().saturating_sub(from).min(fit).min(BATCH_MAX);
        let arena = self.stride.checked_mul(n)?.checked_add(BATCH_HEADER)?;
        let (head, texts) = room.split_at_mut_checked(arena)?;
        let (header, records) = head.split_at_mut_checked(BATCH_HEADER)?;
        records.fill(0);
        let mut used = 0_usize;
        let mut done = 0_usize;
        for to in records.chunks_exact_mut(self.stride) {
            let record = batch.record(from.checked_add(done)?)?;
            if !self.record(&record, to, texts, arena, &mut used) && done > 0 {
                break; // The next call has room for its texts.
            }
            done = done.saturating_add(1);
        }
        let bytes = arena.checked_add(used.next_multiple_of(8).min(texts.len()))?;
        header.fill(0);
        let sequence = batch.sequence().wrapping_add(u64::try_from(from).ok()?);
        for (at, word) in [
            (header::KIND, kind),
            (header::STRIDE, u32::try_from(self.stride).ok()?),
            (header::N, u32::try_from(done).ok()?),
            (header::ARENA, u32::try_from(arena).ok()?),
            (header::BYTES, u32::try_from(bytes).ok()?),
        ] {
            *header.get_mut(at..)?.first_chunk_mut()? = word.to_le_bytes();
        }
        *header.get_mut(header::SEQUENCE..)?.first_chunk_mut()? = sequence.to_le_bytes();
        Some((done, bytes))
    }

    /// Writes a record; false if its texts did not fit.
    fn record(
        &self,
        record: &super::RecordView<'_>,
        to: &mut [u8],
        texts: &mut [u8],
        arena: usize,
        used: &mut usize,
    ) -> bool {
        for field in &self.fields {
            let words = match record.field(field) {
                Slot::Absent => continue,
                Slot::Null => NULL_OFFSET,
                Slot::Invalid => INVALID_OFFSET,
                Slot::Value(value) => {
                    if !export(field, value, to, texts, arena, used) {
                        return false;
                    }
                    0
                }
            };
            if let Some(bits) = to.get_mut(usize::from(words)..) {
                set_bit(bits, field.bit, true);
            }
        }
        true
    }
}

/// Writes a value; false if its text did not fit. Elements are not exported.
fn export(
    field: &Field,
    value: Value<'_>,
    to: &mut [u8],
    texts: &mut [u8],
    arena: usize,
    used: &mut usize,
) -> bool {
    let start = usize::from(field.offset);
    let Some(slot) = to.get_mut(start..) else { return true };
    let mut put = |bytes: &[u8]| {
        if let Some(room) = slot.get_mut(..bytes.len()) {
            room.copy_from_slice(bytes);
        }
    };
    match value {
        Value::Bool(v) => put(&[v.into()]),
        Value::Int(v) => {
            let (bytes, _) = super::super::schema::layout::slot(field.ty);
            put(v.to_le_bytes().get(..bytes.into()).unwrap_or_default());
        }
        Value::Large(v) => put(&v.to_le_bytes()),
        Value::Float(v) => put(&v.to_le_bytes()),
        Value::Ip(v) => put(&v),
        Value::Mac(v) => put(&v),
        Value::Range(a, b) => put(&super::writer::range_slot(a, b)),
        Value::Text(text) => {
            let end = used.saturating_add(text.bytes.len());
            let Some(room) = texts.get_mut(*used..end) else { return false };
            room.copy_from_slice(text.bytes);
            let word = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
            put(&word(arena.saturating_add(*used)));
            *used = end;
            if let Some(slot) = to.get_mut(start.saturating_add(4)..) {
                for (room, word) in slot
                    .as_chunks_mut()
                    .0
                    .iter_mut()
                    .zip([word(text.bytes.len()), text.original.to_le_bytes()])
                {
                    *room = word;
                }
            }
        }
        Value::Repeated(_) => {}
    }
    true
}
