//! The corpus's manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What the corpus's manifest, made by tshark with its default ports, counts in each
/// capture: the names of protocols, such as `mbtcp`.
pub(crate) fn manifest(corpus: &Path) -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(corpus.join("MANIFEST.md")).unwrap_or_default();
    let rows = text.lines().filter(|line| line.starts_with("| pcap/"));
    rows.filter_map(|row| {
        let mut cells = row.split('|').map(str::trim);
        let (name, counts) = (cells.nth(1)?, cells.nth(2)?);
        let names = counts.split(' ').filter_map(|count| count.split(':').next());
        Some((name.to_owned(), names.map(str::to_owned).collect()))
    })
    .collect()
}
