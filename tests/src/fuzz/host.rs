//! Fuzz targets of what computers report: whatever comes, no event or one that, printed
//! and read again, is the same.

use tagout_decode::EachEvent;
use tagout_host::evtx::{CHUNK, Chunks};
use tagout_host::{Host, Layout, time_of};
use tagout_spec::record::{BatchBuilder, EventJson, LINE_MAX, Needs, RecordView};
use tagout_spec::schema::{KindIdx, Schema};

/// Bytes as chunks of a Windows event log.
pub fn evtx(data: &[u8]) {
    let mut chunks = Chunks::default();
    let mut texts = Vec::new();
    for chunk in data.chunks(CHUNK).take(2) {
        texts.extend(chunks.read(chunk).records.into_iter().map(|record| record.text));
    }
    take(Layout::Evtx, texts.iter().map(String::as_str));
}

/// Text as a Windows event in XML.
pub fn windows_xml(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        take(Layout::Xml, [text].into_iter());
    }
}

/// Text as a Windows event in the JSON of some shipper.
pub fn windows_json(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        take(Layout::Json, [text].into_iter());
    }
}

/// Lines as an audit log.
pub fn auditd(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        take(Layout::Audit, text.lines());
    }
}

fn take<'t>(layout: Layout, texts: impl Iterator<Item = &'t str>) {
    let schema = Schema::builtin();
    let json = EventJson::new(&schema);
    let mut host = Host::new(&schema);
    let mut each = EachEvent::new(&schema, |kind, record: RecordView<'_>| {
        let mut once = Vec::new();
        json.write(&record, &mut once);
        // Escapes may make an event longer than a line may be.
        if once.len() > LINE_MAX {
            return;
        }
        let twice = again(&schema, &json, kind, &once);
        assert_eq!(
            twice.as_deref(),
            Some(once.as_slice()),
            "an event does not read back"
        );
    });
    for text in texts {
        let _ = time_of(layout, text);
        let _ = host.text(layout, text, false, &mut each);
        each.flush();
    }
    host.finish(&mut each);
    each.flush();
}

fn again(
    schema: &Schema,
    json: &EventJson,
    kind: KindIdx,
    line: &[u8],
) -> Option<Vec<u8>> {
    let mut batch = BatchBuilder::new(schema, kind, Needs::ALL)?;
    let mut record = batch.begin()?;
    json.read(line, &mut record).ok()?;
    record.commit();
    let mut out = Vec::new();
    json.write(&batch.finish(0).view().record(0)?, &mut out);
    Some(out)
}
