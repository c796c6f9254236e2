//! The comparison, and its report.
//!
//! ```text
//! tshark: pcap/x.pcap frame 4, function: ours 3, tshark 4 | NOT EXPLAINED
//! tshark: pcap/x.pcap: 19 PDUs, 120 fields, 1 difference
//! tshark: modbus: 23 captures, 25468 PDUs, 151221 fields compared, 151218 agree, 3 explained, 0 unexplained
//! ```
//!
//! That both sides have a PDU is itself a field, `pdu`. Fields of a PDU that one side
//! lacks are not compared.

use std::collections::BTreeMap;

use crate::align::align;
use crate::captures::corpus;
use crate::manifest::manifest;
use crate::ours::{Decoded, Event, decoded};
use crate::pdml::Pdu;
use crate::protocol::{Explained, Field, Protocol};
use crate::theirs;
use crate::value::shown;

/// Most differences that are printed.
const PRINTED: usize = 200;

/// Compares a protocol over all captures at hand.
///
/// # Panics
/// If a difference is not explained, or too many have to be.
pub(crate) fn check(protocol: &Protocol) {
    if theirs::version().is_none() {
        return;
    }
    let corpus = corpus();
    let counted = corpus.as_deref().map(manifest).unwrap_or_default();
    let mut total = Tally::default();
    let mut used = vec![false; protocol.explained.len()];
    for decoded in decoded() {
        let name = &decoded.capture.name;
        let is_known = match counted.get(name) {
            Some(names) => names.iter().any(|n| protocol.in_manifest.contains(&&**n)),
            None => name.contains(protocol.kind),
        };
        if is_known || decoded.lines.contains_key(protocol.kind) {
            total.add(capture(protocol, decoded, &mut used));
        }
    }
    report(protocol, &total);
    assert_eq!(total.unexplained, 0, "{}: differences are not explained", protocol.kind);
    assert!(
        total.explained * 100 <= total.fields,
        "{}: more than 1 % had to be explained",
        protocol.kind
    );
    if corpus.is_some() {
        assert!(total.pdus >= protocol.at_least, "only {} PDUs", total.pdus);
        for (Explained { capture, frames, field, .. }, used) in
            protocol.explained.iter().zip(used)
        {
            assert!(used, "explains nothing: {capture} {frames:?} {field}");
        }
    }
}

fn report(protocol: &Protocol, total: &Tally) {
    for line in total.lines.iter().take(PRINTED) {
        println!("tshark: {line}");
    }
    if total.lines.len() > PRINTED {
        println!("tshark: {} lines more", total.lines.len() - PRINTED);
    }
    println!(
        "tshark: {}: {} captures, {} PDUs, {} fields compared, {} agree, {} explained, \
         {} unexplained",
        protocol.kind,
        total.captures,
        total.pdus,
        total.fields,
        total.fields - total.explained - total.unexplained,
        total.explained,
        total.unexplained
    );
}

#[derive(Default)]
struct Tally {
    captures: usize,
    pdus: usize,
    fields: usize,
    explained: usize,
    unexplained: usize,
    lines: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.captures += usize::from(other.pdus > 0);
        self.pdus += other.pdus;
        self.fields += other.fields;
        self.explained += other.explained;
        self.unexplained += other.unexplained;
        self.lines.extend(other.lines);
    }
}

/// A capture in progress.
struct Comparison<'a> {
    protocol: &'a Protocol,
    name: &'a str,
    used: &'a mut [bool],
    tally: Tally,
}

fn capture(protocol: &Protocol, decoded: &Decoded, used: &mut [bool]) -> Tally {
    let mut ours: BTreeMap<u64, Vec<Event>> = BTreeMap::new();
    for event in decoded.events(protocol.kind) {
        if (protocol.is_pdu)(&event) {
            ours.entry(event.frame()).or_default().push(event);
        }
    }
    let name = &decoded.capture.name;
    let mut comparison = Comparison { protocol, name, used, tally: Tally::default() };
    theirs::each_packet(protocol, name, &decoded.capture.path, |packet| {
        let events = ours.remove(&packet.frame).unwrap_or_default();
        comparison.frame(packet.frame, &events, &(protocol.pdus)(packet));
    });
    for (frame, events) in ours {
        comparison.frame(frame, &events, &[]);
    }
    let mut tally = comparison.tally;
    let differences = tally.explained + tally.unexplained;
    if differences > 0 {
        tally.lines.push(format!(
            "{name}: {} PDUs, {} fields, {differences} differences",
            tally.pdus, tally.fields
        ));
    }
    tally
}

impl Comparison<'_> {
    fn frame(&mut self, frame: u64, ours: &[Event], theirs: &[Pdu<'_>]) {
        let score = |i: usize, j: usize| {
            let agree = |field: &&Field| agree(field, &ours[i], &theirs[j]).is_ok();
            self.protocol.fields.iter().filter(agree).count()
        };
        for pair in align((ours.len(), theirs.len()), score) {
            self.tally.pdus += 1;
            self.tally.fields += 1;
            match pair {
                (Some(i), Some(j)) => self.pdu(frame, &ours[i], &theirs[j]),
                (Some(_), None) => self.differ(frame, "pdu", "1", "-"),
                (None, _) => self.differ(frame, "pdu", "-", "1"),
            }
        }
    }

    fn pdu(&mut self, frame: u64, ours: &Event, theirs: &Pdu<'_>) {
        for field in self.protocol.fields {
            match agree(field, ours, theirs) {
                Ok(compared) => self.tally.fields += usize::from(compared),
                Err((ours, theirs)) => {
                    self.tally.fields += 1;
                    self.differ(frame, field.path, &ours, &theirs);
                }
            }
        }
    }

    fn differ(&mut self, frame: u64, field: &str, ours: &str, theirs: &str) {
        let name = self.name;
        let explains = |e: &Explained| {
            name.ends_with(e.capture)
                && e.frames.contains(&frame)
                && (e.field, e.ours, e.theirs) == (field, ours, theirs)
        };
        let found = self.protocol.explained.iter().position(explains);
        let why = match found {
            Some(at) => {
                self.used[at] = true;
                self.tally.explained += 1;
                self.protocol.explained[at].clause
            }
            None => {
                self.tally.unexplained += 1;
                "NOT EXPLAINED"
            }
        };
        self.tally.lines.push(format!(
            "{name} frame {frame}, {field}: ours {ours}, tshark {theirs} | {why}"
        ));
    }
}

/// Whether both sides were compared, or how they differ.
fn agree(
    field: &Field,
    ours: &Event,
    theirs: &Pdu<'_>,
) -> Result<bool, (String, String)> {
    let (ours, theirs) = (ours.values(field.path), field.theirs.values(theirs));
    if theirs.is_empty() && (ours.is_empty() || !field.is_exact) {
        return Ok(false);
    }
    if ours == theirs { Ok(true) } else { Err((shown(&ours), shown(&theirs))) }
}
