//! A wrong claim is worse than a missed one: what of traffic is taken for an industrial
//! protocol, against those who know better.
//!
//! - nDPI's labels: no event of an industrial protocol in traffic in which nDPI lists
//!   none, and where it lists one, that one.
//! - tshark, in any capture: no event from a frame in which tshark sees another protocol.
//!   What tshark leaves as data proves nothing either way; the comparison field by field
//!   counts those.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tagout_spec::schema::Schema;

use crate::captures::corpus;
use crate::ours::decoded;
use crate::theirs;

/// nDPI's names, and the kinds of event that such traffic may give.
const NDPI: &[(&str, &[&str])] = &[
    ("BACnet", &["bacnet"]),
    ("CIP", &["cip", "enip"]),
    ("DNP3", &["dnp3"]),
    ("EtherSIO", &["fins"]),
    ("EthernetIP", &["cip", "enip"]),
    ("HART-IP", &["hart"]),
    ("IEC60870", &["iec104"]),
    ("ISO9506-1-MMS", &["mms", "cotp"]),
    ("Modbus", &["modbus", "umas"]),
    ("OPC-UA", &["opcua"]),
    ("PROFINET_IO", &["pnio"]),
    ("S7Comm", &["s7", "cotp"]),
    ("S7CommPlus", &["s7plus", "cotp"]),
];

/// Differences from nDPI that were looked into: capture, kind, and why ours is right.
const NDPI_EXPLAINED: &[(&str, &str, &str)] = &[];

/// The beginnings of tshark's names for a kind, where they are not the kind's own name.
const TSHARK: &[(&str, &[&str])] = &[
    ("cip", &["cip", "enip"]),
    ("dcp", &["pn_dcp", "pn_rt"]),
    ("enip", &["enip", "cip"]),
    ("goose", &["goose", "r-goose"]),
    ("hart", &["hart_ip"]),
    ("iec104", &["iec60870_"]),
    ("modbus", &["mb", "modbus"]),
    ("mms", &["mms", "ses", "pres", "acse"]),
    // Calls of PROFINET IO are DCE/RPC, and tshark names no more of some.
    ("pnio", &["pn_", "dcerpc"]),
    ("s7", &["s7comm"]),
    ("s7plus", &["s7comm"]),
    ("umas", &["mb", "modbus"]),
];

/// Layers that carry others, and are no protocol's claim.
const CARRIERS: &[&str] = &[
    "_ws.expert",
    "_ws.malformed",
    "_ws.unreassembled",
    "cotp",
    "cotp.segments",
    "data",
    "erspan",
    "eth",
    "eth_maybefcs",
    "ethertype",
    "frame",
    "gre",
    "ieee8021ad",
    "ip",
    "ipv6",
    "llc",
    "loop",
    "null",
    "pkt_comment",
    "ppp",
    "pppoes",
    "raw",
    "sll",
    "tcp",
    "tcp.segments",
    "tpkt",
    "udp",
    "vlan",
    "vxlan",
];

/// Frames in which tshark sees another protocol: capture, kind, tshark's layers, and why
/// ours is right.
const TSHARK_EXPLAINED: &[(&str, &str, &str, &str)] = &[];

/// The kinds of all industrial protocols.
fn ot_kinds() -> BTreeSet<String> {
    let schema = Schema::builtin();
    schema.kinds_of_view("ot").map(|(_, kind)| kind.name.to_string()).collect()
}

#[test]
fn industrial_protocols_are_seen_where_ndpi_sees_them() {
    let Some(corpus) = corpus() else { return };
    let ot = ot_kinds();
    let (mut it_captures, mut ot_captures, mut faults) = (0, 0, Vec::new());
    for decoded in decoded() {
        let Some(file) = decoded.capture.name.strip_prefix("pcap/ndpi/") else {
            continue;
        };
        let label = corpus.join("labels/ndpi").join(format!("{file}.out"));
        let Ok(label) = fs::read_to_string(label) else { continue };
        let listed: Vec<&[&str]> = NDPI
            .iter()
            .filter(|(name, _)| {
                label.lines().any(|l| l.starts_with(&format!("{name}\t")))
            })
            .map(|(_, kinds)| *kinds)
            .collect();
        if listed.is_empty() {
            it_captures += 1
        } else {
            ot_captures += 1
        }
        let explained = |kind: &str| {
            NDPI_EXPLAINED.iter().any(|(capture, of, _)| (*capture, *of) == (file, kind))
        };
        let seen: Vec<&str> = decoded
            .lines
            .keys()
            .map(String::as_str)
            .filter(|k| ot.contains(*k))
            .collect();
        for kind in &seen {
            if !listed.iter().any(|kinds| kinds.contains(kind)) && !explained(kind) {
                faults.push(format!("{file}: {kind} is seen, which nDPI does not list"));
            }
        }
        // Of the kinds that are decoded at all.
        for kinds in listed {
            let mut known = kinds.iter().filter(|kind| ot.contains(**kind)).peekable();
            let is_known = known.peek().is_some();
            if is_known && !known.any(|kind| seen.contains(kind) || explained(kind)) {
                faults.push(format!("{file}: nDPI lists {kinds:?}, seen are {seen:?}"));
            }
        }
    }
    println!("nDPI: {it_captures} captures of other traffic, {ot_captures} industrial");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(it_captures >= 50 && ot_captures >= 7, "{it_captures}, {ot_captures}");
}

#[test]
fn nothing_is_claimed_that_tshark_gives_to_another() {
    if theirs::version().is_none() {
        return;
    }
    let ot = ot_kinds();
    let (mut captures, mut frames, mut faults) = (0, 0, BTreeMap::new());
    for decoded in decoded() {
        let name = &decoded.capture.name;
        let kinds: Vec<&String> =
            decoded.lines.keys().filter(|kind| ot.contains(*kind)).collect();
        if kinds.is_empty() {
            continue;
        }
        captures += 1;
        let layers = theirs::layers(&decoded.capture.path);
        for kind in kinds {
            for event in decoded.events(kind) {
                frames += 1;
                let Some(layers) = layers.get(&event.frame()) else { continue };
                if is_another(kind, layers) && !is_explained(name, kind, layers) {
                    let fault = format!("{name}: {kind}, tshark {layers}");
                    faults.entry(fault).or_insert_with(Vec::new).push(event.frame());
                }
            }
        }
    }
    println!("tshark: {frames} events of {captures} captures, none of another protocol");
    let text: Vec<String> =
        faults.iter().map(|(fault, at)| format!("{fault}, frames {at:?}")).collect();
    assert!(faults.is_empty(), "claimed of another protocol:\n{}", text.join("\n"));
}

fn is_another(kind: &str, layers: &str) -> bool {
    let own = TSHARK.iter().find(|(name, _)| *name == kind).map(|(_, own)| *own);
    let is_own = |layer: &str| match own {
        Some(own) => own.iter().any(|own| layer.starts_with(own)),
        None => layer.starts_with(kind),
    };
    let mut others =
        layers.split(':').filter(|layer| !CARRIERS.contains(layer)).peekable();
    others.peek().is_some() && !others.any(is_own)
}

fn is_explained(capture: &str, kind: &str, layers: &str) -> bool {
    let mut rows = TSHARK_EXPLAINED.iter();
    rows.any(|(in_capture, of, seen, _)| {
        (*in_capture, *of, *seen) == (capture, kind, layers)
    })
}

#[test]
fn other_protocols_are_told_from_carriers() {
    assert!(!is_another("modbus", "eth:ethertype:ip:tcp:mbtcp:modbus"));
    assert!(!is_another("modbus", "eth:ethertype:ip:tcp:data"));
    assert!(is_another("modbus", "eth:ethertype:ip:tcp:http"));
    assert!(is_another("dnp3", "eth:ethertype:ip:udp:dns"));
    assert!(!is_another("dnp3", "eth:ethertype:ip:udp:dnp3"));
}
