//! The list of assets: CSV (RFC 4180) to a table sorted by address.

use alloc::vec::Vec;
use core::net::IpAddr;

use csv_core::{ReadFieldResult, Reader};
use tagout_plugin::record::ip_octets;

/// What the list says of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asset {
    pub(crate) name: Vec<u8>,
    pub(crate) owner: Vec<u8>,
    pub(crate) site: Vec<u8>,
    pub(crate) criticality: Option<u8>,
}

/// The list.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By address; of an address that is listed twice, the last row counts.
    rows: Vec<([u8; 16], Asset)>,
}

/// Columns that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Ip,
    Name,
    Owner,
    Site,
    Criticality,
    Other,
}

impl Column {
    fn of(title: &[u8]) -> Column {
        match title.trim_ascii().to_ascii_lowercase().as_slice() {
            b"ip" | b"address" => Column::Ip,
            b"name" => Column::Name,
            b"owner" => Column::Owner,
            b"site" => Column::Site,
            b"criticality" => Column::Criticality,
            _ => Column::Other,
        }
    }
}

/// Labels of the schema's `criticality`, whose numbers are their places.
const CRITICALITY: [&[u8]; 5] = [b"none", b"low", b"medium", b"high", b"critical"];

impl Table {
    /// Reads the file; none if no column has addresses.
    pub(crate) fn read(file: &[u8]) -> Option<Table> {
        let mut rows = rows(file).into_iter();
        let titles = rows.next().unwrap_or_default();
        let columns: Vec<Column> = titles.iter().map(|title| Column::of(title)).collect();
        if !columns.contains(&Column::Ip) {
            return None;
        }
        let assets = rows.filter_map(|cells| asset(&columns, cells));
        let mut rows: Vec<([u8; 16], Asset)> = assets.collect();
        rows.reverse();
        // Stable: the last row of an address is the first of its equals.
        rows.sort_by_key(|(ip, _)| *ip);
        rows.dedup_by_key(|(ip, _)| *ip);
        Some(Table { rows })
    }

    /// What the list says of an address.
    pub(crate) fn find(&self, ip: &[u8; 16]) -> Option<&Asset> {
        let at = self.rows.binary_search_by_key(ip, |(ip, _)| *ip).ok()?;
        self.rows.get(at).map(|(_, asset)| asset)
    }
}

/// A row of the list; none if its address is none.
fn asset(columns: &[Column], cells: Vec<Vec<u8>>) -> Option<([u8; 16], Asset)> {
    let mut asset = Asset::default();
    let mut ip = None;
    for (column, cell) in columns.iter().zip(cells) {
        let text = cell.trim_ascii();
        match column {
            Column::Ip => ip = core::str::from_utf8(text).ok()?.parse::<IpAddr>().ok(),
            Column::Name => asset.name = text.to_vec(),
            Column::Owner => asset.owner = text.to_vec(),
            Column::Site => asset.site = text.to_vec(),
            Column::Criticality => {
                let label = text.to_ascii_lowercase();
                let at = CRITICALITY.iter().position(|known| *known == label);
                asset.criticality = at.and_then(|at| u8::try_from(at).ok());
            }
            Column::Other => {}
        }
    }
    Some((ip_octets(ip?), asset))
}

/// The cells of all rows.
fn rows(file: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = Reader::new();
    let mut rest = file;
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        let mut buffer = [0; 256];
        let (result, read, written) = reader.read_field(rest, &mut buffer);
        rest = rest.get(read..).unwrap_or_default();
        cell.extend_from_slice(buffer.get(..written).unwrap_or_default());
        match result {
            // An empty rest says that the file has ended.
            ReadFieldResult::InputEmpty | ReadFieldResult::OutputFull => {}
            ReadFieldResult::Field { record_end } => {
                row.push(core::mem::take(&mut cell));
                if record_end {
                    rows.push(core::mem::take(&mut row));
                }
            }
            ReadFieldResult::End => return rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_address() {
        let file = b"Owner,ip,criticality,rack,name,site\r\n\
            packaging,10.0.0.7,High,4,press-4,\"hall 2, east\"\r\n\
            ,not an address,low,,,\r\n\
            mixing,2001:db8::1,unheard of,,tank,\r\n\
            new owner,10.0.0.7,,,press-4,";
        let table = Table::read(file).unwrap();
        assert_eq!(table.rows.len(), 2);
        let v4 = table.find(&ip_octets("10.0.0.7".parse().unwrap())).unwrap();
        assert_eq!((v4.owner.as_slice(), v4.criticality), (&b"new owner"[..], None));
        let v6 = table.find(&ip_octets("2001:db8::1".parse().unwrap())).unwrap();
        assert_eq!((v6.name.as_slice(), v6.criticality), (&b"tank"[..], None));
        assert_eq!(table.find(&[0; 16]), None);
        assert!(Table::read(b"owner,site\na,b\n").is_none());
    }

    #[test]
    fn cells_may_be_quoted() {
        let file = b"ip,site,criticality\n10.0.0.7,\"hall 2, \"\"east\"\"\",critical\n";
        let table = Table::read(file).unwrap();
        let asset = table.find(&ip_octets("10.0.0.7".parse().unwrap())).unwrap();
        assert_eq!(asset.site, b"hall 2, \"east\"");
        assert_eq!(asset.criticality, Some(4));
    }
}
