//! From what is written to a site, with everything that contradicts itself.

use std::collections::HashMap;
use std::net::IpAddr;

use tagout_spec::fold::fold;
use tagout_spec::schema::Schema;

use super::Asset;
use super::Lookup;
use super::Prefix;
use super::Site;
use super::Zone;
use super::raw;
use super::raw::Raw;
use super::raw::RawAsset;
use super::raw::RawMaintenance;
use super::raw::RawZone;
use super::windows;

/// Checks a whole file; the site is usable if there are no problems.
pub(super) fn check(raw: Raw, schema: &Schema) -> (Site, Vec<String>) {
    let mut checker = Checker { schema, site: Site::default(), problems: Vec::new() };
    raw.zone.iter().for_each(|zone| checker.zone(zone));
    checker.prefixes();
    raw.asset.iter().for_each(|asset| checker.asset(asset));
    checker.uniqueness();
    checker.zones_of_assets();
    raw.maintenance.iter().enumerate().for_each(|(i, m)| checker.maintenance(i, m));
    checker.site.params = raw::json(raw.params);
    let packs = raw.pack.into_iter();
    checker.site.pack_params =
        packs.map(|(name, pack)| (name, raw::json(pack.params).into())).collect();
    (checker.site, checker.problems)
}

struct Checker<'a> {
    schema: &'a Schema,
    site: Site,
    problems: Vec<String>,
}

impl Checker<'_> {
    fn zone(&mut self, raw: &RawZone) {
        let name = raw.name.clone();
        if self.site.zones.iter().any(|zone| zone.name == name) {
            self.problem(format!("two zones are named `{name}`"));
        }
        let on_scale = |level: f64| {
            (0.0..=5.0).contains(&level) && (level.fract() == 0.0 || level == 3.5)
        };
        if let Some(level) = raw.purdue.filter(|level| !on_scale(*level)) {
            self.problem(format!(
                "zone `{name}`: {level} is no Purdue level; levels are 0 to 5, and 3.5"
            ));
        }
        let mut prefixes = Vec::new();
        for text in &raw.prefixes {
            match prefix(text) {
                Ok(prefix) => prefixes.push(prefix),
                Err(problem) => self.problem(format!("zone `{name}`: {problem}")),
            }
        }
        self.site.zones.push(Zone { name, prefixes, windows: Vec::new() });
    }

    /// Prefixes of one length either are the same or share nothing.
    fn prefixes(&mut self) {
        let mut owners: HashMap<(u128, u128), &str> = HashMap::new();
        let mut problems = Vec::new();
        for zone in &self.site.zones {
            for prefix in &zone.prefixes {
                if let Some(other) =
                    owners.insert((prefix.first, prefix.last), zone.name.as_str())
                {
                    problems.push(format!(
                        "zones `{other}` and `{}` have the same prefix `{}`",
                        zone.name,
                        show(*prefix)
                    ));
                }
            }
        }
        self.problems.append(&mut problems);
    }

    fn asset(&mut self, raw: &RawAsset) {
        let name = raw.name.clone();
        let mut asset = Asset {
            id: raw.id.clone().unwrap_or_else(|| name.clone()),
            name,
            vendor: raw.vendor.clone(),
            model: raw.model.clone(),
            hosts: raw.hosts.iter().map(|host| fold(host.as_bytes())).collect(),
            ..Asset::default()
        };
        for text in &raw.addresses {
            match address(text) {
                Ok(address) => asset.addresses.push(address),
                Err(problem) => self.asset_problem(raw, &problem),
            }
        }
        for text in raw.mac.as_slice() {
            match mac(text) {
                Some(mac) => asset.macs.push(mac),
                None => self.asset_problem(raw, &format!("`{text}` is no MAC address")),
            }
        }
        asset.role = self.label(raw, "asset_role", "role", raw.role.as_deref());
        asset.criticality =
            self.label(raw, "criticality", "criticality", raw.criticality.as_deref());
        if let Some(zone) = &raw.zone {
            asset.zone = self.site.zones.iter().position(|z| z.name == *zone);
            if asset.zone.is_none() {
                self.asset_problem(raw, &format!("there is no zone `{zone}`"));
            }
        }
        self.site.assets.push(asset);
    }

    fn label(
        &mut self,
        raw: &RawAsset,
        enumeration: &str,
        what: &str,
        label: Option<&str>,
    ) -> Option<u64> {
        let label = label?;
        let idx = self.schema.enumeration(enumeration)?;
        let value = self.schema.enum_value(idx, label);
        if value.is_none() {
            let labels = self.schema.enum_labels(idx).iter().map(|l| l.name.as_ref());
            let labels = labels.collect::<Vec<&str>>().join(", ");
            self.asset_problem(
                raw,
                &format!("`{label}` is no {what}; there are {labels}"),
            );
        }
        value
    }

    /// One name, address, MAC or host belongs to one asset.
    fn uniqueness(&mut self) {
        let mut owners: HashMap<(u8, &[u8]), &str> = HashMap::new();
        let mut problems = Vec::new();
        for asset in &self.site.assets {
            let names = std::iter::once((0, asset.id.as_bytes()));
            let addresses = asset.addresses.iter().map(|a| (1, a.as_slice()));
            let macs = asset.macs.iter().map(|mac| (2, mac.as_slice()));
            let hosts = asset.hosts.iter().map(|host| (3, host.as_slice()));
            for key in names.chain(addresses).chain(macs).chain(hosts) {
                let Some(other) = owners.insert(key, &asset.name) else { continue };
                problems.push(match key {
                    (0, _) => format!("two assets are named `{}`", asset.id),
                    (kind, bytes) => format!(
                        "assets `{other}` and `{}` have the same {} `{}`",
                        asset.name,
                        match kind {
                            1 => "address",
                            2 => "MAC address",
                            _ => "host",
                        },
                        show_key(kind, bytes)
                    ),
                });
            }
        }
        self.problems.append(&mut problems);
    }

    /// An asset's zone is the one its addresses lie in.
    fn zones_of_assets(&mut self) {
        let lookup = Lookup::new(&self.site);
        let mut found = Vec::new();
        for asset in &self.site.assets {
            let mut zone = asset.zone;
            for address in &asset.addresses {
                let by_address = lookup.zone(address);
                match (asset.zone, by_address) {
                    (Some(said), by) if by != Some(said) && self.has_prefixes(said) => {
                        let name = |zone: usize| {
                            self.site.zones.get(zone).map_or("", |z| z.name.as_str())
                        };
                        self.problems.push(format!(
                            "asset `{}`: its address `{}` lies in {}, not in zone `{}`",
                            asset.name,
                            show_key(1, address),
                            by.map_or("no zone".to_owned(), |z| format!(
                                "zone `{}`",
                                name(z)
                            )),
                            name(said),
                        ));
                    }
                    _ => zone = zone.or(by_address),
                }
            }
            found.push(zone);
        }
        for (asset, zone) in self.site.assets.iter_mut().zip(found) {
            asset.zone = zone;
        }
    }

    fn has_prefixes(&self, zone: usize) -> bool {
        self.site.zones.get(zone).is_some_and(|zone| !zone.prefixes.is_empty())
    }

    fn maintenance(&mut self, number: usize, raw: &RawMaintenance) {
        let number = number.saturating_add(1);
        let windows = windows::read(raw).unwrap_or_else(|problem| {
            self.problems.push(format!("maintenance window {number}: {problem}"));
            Vec::new()
        });
        let place = match (&raw.asset, &raw.zone) {
            (Some(name), None) => {
                let mut assets = self.site.assets.iter_mut();
                let asset = assets.find(|a| a.name == *name || a.id == *name);
                asset.map(|a| &mut a.windows).ok_or(format!("there is no asset `{name}`"))
            }
            (None, Some(name)) => {
                let zone = self.site.zones.iter_mut().find(|zone| zone.name == *name);
                zone.map(|z| &mut z.windows).ok_or(format!("there is no zone `{name}`"))
            }
            _ => Err("give either `asset` or `zone`".to_owned()),
        };
        match place {
            Ok(place) => place.extend(windows),
            Err(problem) => {
                self.problems.push(format!("maintenance window {number}: {problem}"));
            }
        }
    }

    fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn asset_problem(&mut self, raw: &RawAsset, problem: &str) {
        self.problem(format!("asset `{}`: {problem}", raw.name));
    }
}

/// A prefix; one with host bits set is more likely a mistake than a prefix.
pub(super) fn prefix(text: &str) -> Result<Prefix, String> {
    let wrong = || format!("`{text}` is no prefix, such as `10.10.0.0/24`");
    let (host, length) = match text.split_once('/') {
        Some((host, length)) => (host, Some(length)),
        None => (text, None),
    };
    let ip: IpAddr = host.parse().map_err(|_| wrong())?;
    let bits = if ip.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(text) => {
            text.parse::<u32>().ok().filter(|n| *n <= bits).ok_or_else(wrong)?
        }
        None => bits,
    };
    let free = bits.saturating_sub(length);
    let mask = u128::MAX.checked_shl(free).unwrap_or(0);
    let first = u128::from_be_bytes(mapped(ip));
    if first & !mask != 0 {
        return Err(format!("`{text}` has bits set after its first {length}"));
    }
    Ok(Prefix { first, last: first | !mask })
}

pub(super) fn address(text: &str) -> Result<[u8; 16], String> {
    text.parse().map(mapped).map_err(|_| format!("`{text}` is no address"))
}

pub(super) fn mac(text: &str) -> Option<[u8; 6]> {
    let separator = if text.contains('-') { '-' } else { ':' };
    let mut mac = [0; 6];
    let mut parts = text.split(separator);
    for byte in &mut mac {
        let part = parts.next().filter(|p| p.len() == 2 && !p.starts_with('+'))?;
        *byte = u8::from_str_radix(part, 16).ok()?;
    }
    parts.next().is_none().then_some(mac)
}

fn mapped(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

fn show(prefix: Prefix) -> String {
    let ip = std::net::Ipv6Addr::from(prefix.first).to_canonical();
    let free = (prefix.first ^ prefix.last).count_ones();
    let bits = if ip.is_ipv4() { 32_u32 } else { 128 };
    format!("{ip}/{}", bits.saturating_sub(free))
}

fn show_key(kind: u8, bytes: &[u8]) -> String {
    match (kind, <[u8; 16]>::try_from(bytes)) {
        (1, Ok(address)) => std::net::Ipv6Addr::from(address).to_canonical().to_string(),
        (2, _) => bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":"),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}
