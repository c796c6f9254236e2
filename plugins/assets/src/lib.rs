//! What a site's list of assets says of both ends of a message.
//!
//! ```text
//! file `assets`, CSV --table--> address -> name, owner, site, criticality
//! batch: src.ip, dst.ip --look-up--> asset_db.src.*, asset_db.dst.*
//! ```
//!
//! The first row of the file names its columns, in any order; `ip` must be among them,
//! and columns that are not known are passed over, as is a row whose address is none.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod table;

use tagout_plugin::record::{BatchView, Slot, Value};
use tagout_plugin::{Enricher, Fields};

use crate::plugin::adds;
use crate::table::{Asset, Table};

tagout_plugin::plugin!();
tagout_plugin::enricher!(Assets);

/// The enricher: the list.
#[derive(Debug)]
pub struct Assets {
    table: Table,
}

/// Why it does not start: no file, or one without a column of addresses.
const NO_FILE: i32 = 1;
const NO_ADDRESSES: i32 = 2;

impl Enricher for Assets {
    fn start() -> Result<Self, i32> {
        let file = tagout_plugin::data("assets").ok_or(NO_FILE)?;
        let table = Table::read(&file).ok_or(NO_ADDRESSES)?;
        Ok(Assets { table })
    }

    fn enrich(&mut self, _kind: usize, events: &BatchView<'_>, fields: &Fields) {
        let find = |path| events.kind().lookup(path).map(|(idx, _)| idx);
        let ends = [(find("src.ip"), &SRC), (find("dst.ip"), &DST)];
        for (record, event) in (0..).zip(events.records()) {
            for (idx, numbers) in &ends {
                let ip = idx.map(|idx| event.get(idx));
                let Some(Slot::Value(Value::Ip(ip))) = ip else { continue };
                if let Some(asset) = self.table.find(&ip) {
                    numbers.set(record, asset, fields);
                }
            }
        }
    }
}

/// Numbers of the fields of one end.
struct End {
    name: u32,
    owner: u32,
    site: u32,
    criticality: u32,
}

const SRC: End = End {
    name: adds::ASSET_DB_SRC_NAME,
    owner: adds::ASSET_DB_SRC_OWNER,
    site: adds::ASSET_DB_SRC_SITE,
    criticality: adds::ASSET_DB_SRC_CRITICALITY,
};
const DST: End = End {
    name: adds::ASSET_DB_DST_NAME,
    owner: adds::ASSET_DB_DST_OWNER,
    site: adds::ASSET_DB_DST_SITE,
    criticality: adds::ASSET_DB_DST_CRITICALITY,
};

impl End {
    /// Sets what the list says; what it leaves empty is absent.
    fn set(&self, record: u32, asset: &Asset, fields: &Fields) {
        let texts = [
            (self.name, &asset.name),
            (self.owner, &asset.owner),
            (self.site, &asset.site),
        ];
        for (field, text) in texts {
            if !text.is_empty() {
                fields.text(record, field, text);
            }
        }
        if let Some(criticality) = asset.criticality {
            fields.int(record, self.criticality, criticality.into());
        }
    }
}
