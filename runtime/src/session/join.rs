//! What the site knows, joined to events by address.
//!
//! An event that brings a fact along keeps it. Nothing is allocated: a record
//! that a decoder has committed is opened again, and absent fields are set.

use tagout_spec::fold::fold;
use tagout_spec::record::RecordWriter;
use tagout_spec::record::Slot;
use tagout_spec::record::Value;
use tagout_spec::schema::FieldIdx;
use tagout_spec::schema::Kind;

use crate::site::Asset;
use crate::site::Lookup;
use crate::site::Site;

/// Where the facts of one end of an event go.
pub(super) struct End {
    ip: Option<FieldIdx>,
    mac: Option<FieldIdx>,
    /// Whether it is the end that a host name stands for.
    is_host: bool,
    /// The name that the host reports itself by.
    host_name: Option<FieldIdx>,
    role: Option<FieldIdx>,
    maintenance: Option<FieldIdx>,
    criticality: Option<FieldIdx>,
    zone: Option<FieldIdx>,
    id: Option<FieldIdx>,
    name: Option<FieldIdx>,
    vendor: Option<FieldIdx>,
    model: Option<FieldIdx>,
}

/// The ends that a kind has.
pub(super) fn ends(kind: &Kind) -> Vec<End> {
    ["src", "dst", "host"]
        .into_iter()
        .map(|end| {
            let field = |path| Some(kind.lookup(&format!("{end}.{path}"))?.0);
            End {
                ip: field("ip"),
                mac: field("mac"),
                is_host: end == "host",
                host_name: (end == "host").then(|| field("name")).flatten(),
                role: field("asset.role"),
                maintenance: field("asset.maintenance"),
                criticality: field("asset.criticality"),
                zone: field("zone"),
                id: field("asset.id"),
                name: field("asset.name"),
                vendor: field("asset.vendor"),
                model: field("asset.model"),
            }
        })
        .filter(|end| end.ip.is_some() || end.mac.is_some())
        .collect()
}

/// A site, ready to be joined.
pub(super) struct Join {
    site: std::sync::Arc<Site>,
    lookup: Lookup,
}

impl Join {
    /// `None` if the site knows of no address.
    pub(super) fn new(site: &std::sync::Arc<Site>) -> Option<Self> {
        let lookup = Lookup::new(site);
        (!lookup.is_empty()).then(|| Self { site: site.clone(), lookup })
    }

    /// Whether events can be joined by the name of their host.
    pub(super) fn wants_host_names(&self) -> bool {
        self.site.assets.iter().any(|asset| !asset.hosts.is_empty())
    }

    /// The asset of a host name, which the site may know with its domain or without.
    fn asset_by_host(&self, host: &[u8]) -> Option<usize> {
        let short = || host.split(|byte| *byte == b'.').next();
        let found = self.lookup.asset_by_host(host);
        found.or_else(|| self.lookup.asset_by_host(short()?))
    }

    /// Sets what the site knows of a record's ends. `host` is the folded name of
    /// the reporting computer, if the caller knows it; else it is read from the record.
    pub(super) fn complete(
        &self,
        ends: &[End],
        record: &mut RecordWriter<'_>,
        host: Option<&[u8]>,
    ) {
        let ts = record.kind().lookup("ts").map(|(idx, _)| idx);
        let ts = ts.and_then(|idx| match record.get(idx) {
            Slot::Value(Value::Int(ts)) => Some(ts),
            _ => None,
        });
        for end in ends {
            self.complete_end(end, record, ts, host.filter(|_| end.is_host));
        }
    }

    fn complete_end(
        &self,
        end: &End,
        record: &mut RecordWriter<'_>,
        ts: Option<i64>,
        host: Option<&[u8]>,
    ) {
        let ip = match end.ip.map(|idx| record.get(idx)) {
            Some(Slot::Value(Value::Ip(ip))) => Some(ip),
            _ => None,
        };
        let mac = match end.mac.map(|idx| record.get(idx)) {
            Some(Slot::Value(Value::Mac(mac))) => Some(mac),
            _ => None,
        };
        let reported = || end.host_name.and_then(|idx| record.text(idx)).map(fold);
        let is_asked = host.is_none() && end.is_host && self.wants_host_names();
        let own = is_asked.then(reported).flatten();
        let host = host.or(own.as_deref());
        let asset = ip
            .and_then(|ip| self.lookup.asset(&ip))
            .or_else(|| host.and_then(|host| self.asset_by_host(host)))
            .or_else(|| mac.and_then(|mac| self.lookup.asset_by_mac(&mac)))
            .and_then(|asset| self.site.assets.get(asset));
        let zone = asset
            .and_then(|asset| asset.zone)
            .or_else(|| ip.and_then(|ip| self.lookup.zone(&ip)))
            .and_then(|zone| self.site.zones.get(zone));
        if let (Some(ts), Some(idx)) = (ts, end.maintenance)
            && (asset.is_some() || zone.is_some())
        {
            let windows = asset.map(|asset| asset.windows.as_slice()).unwrap_or_default();
            let of_zone = zone.map(|zone| zone.windows.as_slice()).unwrap_or_default();
            let open = windows.iter().chain(of_zone).any(|window| window.contains(ts));
            set(record, Some(idx), Some(Value::Bool(open)));
        }
        set(record, end.zone, zone.map(|zone| zone.name.as_str().into()));
        // So that what a computer reports can be compared with what is on the wire.
        if let Some(asset) = asset.filter(|_| end.is_host) {
            let address = asset.addresses.first();
            set(record, end.ip, address.map(|address| Value::Ip(*address)));
        }
        if let Some(asset) = asset {
            set_asset(end, record, asset);
        }
    }
}

fn set_asset(end: &End, record: &mut RecordWriter<'_>, asset: &Asset) {
    set(record, end.role, asset.role.map(Value::from));
    set(record, end.criticality, asset.criticality.map(Value::from));
    set(record, end.id, Some(asset.id.as_str().into()));
    set(record, end.name, Some(asset.name.as_str().into()));
    set(record, end.vendor, asset.vendor.as_deref().map(Value::from));
    set(record, end.model, asset.model.as_deref().map(Value::from));
}

fn set(record: &mut RecordWriter<'_>, idx: Option<FieldIdx>, value: Option<Value<'_>>) {
    if let (Some(idx), Some(value)) = (idx, value)
        && record.is_absent(idx)
    {
        record.set(idx, value);
    }
}
