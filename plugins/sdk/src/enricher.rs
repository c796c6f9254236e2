//! An enricher's side of the contract: a batch to fields.

use tagout_spec::record::BatchView;
use tagout_spec::schema::Kind;

use crate::host;

/// What adds fields to events.
pub trait Enricher: Sized {
    /// Begins: reads the files that it needs. It may be begun anew after a fault.
    ///
    /// # Errors
    /// A number other than 0, which the host shows; the plugin is refused.
    fn start() -> Result<Self, i32>;

    /// Looks at events of a kind, the position in the manifest's list, and sets fields.
    fn enrich(&mut self, kind: usize, events: &BatchView<'_>, fields: &Fields);
}

/// Sets fields of the batch's records. A record is its position, a field its number
/// among those that the schema adds to the kind: the constants of `plugin::adds`.
#[derive(Debug)]
pub struct Fields(());

impl Fields {
    pub(crate) const ONLY: Self = Self(());

    /// Sets an integer, an enumeration, a time or a duration.
    pub fn int(&self, record: u32, field: u32, value: i64) {
        host::set_int(record, field, value);
    }

    /// Sets a float.
    pub fn float(&self, record: u32, field: u32, value: f64) {
        host::set_float(record, field, value);
    }

    /// Sets a bool.
    pub fn bool(&self, record: u32, field: u32, value: bool) {
        host::set_bool(record, field, value);
    }

    /// Sets an address, 16 bytes in network order.
    pub fn ip(&self, record: u32, field: u32, address: &[u8; 16]) {
        host::set_ip(record, field, address);
    }

    /// Sets a text, a name or bytes.
    pub fn text(&self, record: u32, field: u32, text: &[u8]) {
        host::set_text(record, field, text);
    }
}

/// Takes a batch of the input.
pub(crate) fn enrich<E: Enricher>(
    enricher: &mut E,
    kinds: &'static [Kind],
    kind: u32,
    input: &[u8],
) {
    let Ok(kind) = usize::try_from(kind) else { return };
    let Some(events) = kinds.get(kind).and_then(|k| BatchView::new(k, input)) else {
        return;
    };
    enricher.enrich(kind, &events, &Fields::ONLY);
}
