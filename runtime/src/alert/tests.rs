//! Alerts as EVE and as text.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;
use tagout_spec::pack::manifest::Severity;

use super::Alert;
use super::Lacked;
use super::Outcome;

fn map(value: Json) -> Map<String, Json> {
    value.as_object().cloned().unwrap_or_default()
}

fn alert() -> Alert {
    Alert {
        rule: "modbus/program_download".to_owned(),
        id: "OT-MB-0001".to_owned(),
        alert_id: "00112233445566778899aabbccddeeff".to_owned(),
        verdict: Outcome::Match,
        severity: Severity::High,
        title: "Program download to press 7".to_owned(),
        meta: map(json!({
            "id": "OT-MB-0001", "sid": 1_000_001, "severity": "high",
            "attack": ["ics.T0843"], "author": "plant",
        })),
        signature: (1_000_001, 3),
        pack: ("modbus".to_owned(), "1.0.0".to_owned(), "ab".repeat(32)),
        key: map(json!({ "m.src.ip": "10.30.1.9" })),
        evidence: map(
            json!({ "function": 16, "function_name": "write_multiple_registers" }),
        ),
        lacks: Vec::new(),
        sequence: 7,
        ts: Some(1_763_805_600_000_001_000),
        place: (Some("plant.pcap".to_owned()), Some(42)),
        event: json!({
            "ts": "2025-11-22T10:00:00.000001Z", "kind": "modbus",
            "src": { "ip": "10.30.1.9", "port": 50_000 },
            "dst": { "ip": "10.10.0.5", "port": 502, "asset": { "name": "press 7" } },
            "transport": 6, "transport_name": "tcp", "flow": "00000000000000ff",
            "modbus": { "function": 16 },
        }),
    }
}

#[test]
fn eve_has_the_shape_of_suricata() {
    let eve = alert().to_eve();
    let expected = r#"{"timestamp":"2025-11-22T10:00:00.000001+0000","event_type":"alert","src_ip":"10.30.1.9","src_port":50000,"dest_ip":"10.10.0.5","dest_port":502,"proto":"TCP","app_proto":"modbus","flow_id":255,"pcap_cnt":42,"pcap_filename":"plant.pcap","alert":{"action":"allowed","gid":1,"signature_id":1000001,"rev":3,"signature":"Program download to press 7","category":"","severity":2,"metadata":{"attack":["ics.T0843"],"author":["plant"]}},"tagout":{"rule":"modbus/program_download","id":"OT-MB-0001","alert_id":"00112233445566778899aabbccddeeff","verdict":"match","level":"high","pack":"modbus","version":"1.0.0","digest":"sha256:DIGEST","key":{"m.src.ip":"10.30.1.9"},"evidence":{"function":16,"function_name":"write_multiple_registers"},"steps":[],"attack":["ics.T0843"],"event":{"#;
    let expected = expected.replace("DIGEST", &"ab".repeat(32));
    assert_eq!(eve.get(..expected.len()), Some(expected.as_str()), "{eve}");
}

#[test]
fn text_names_who_and_why_and_escapes_what_is_hostile() {
    let mut alert = alert();
    assert_eq!(
        alert.to_text(),
        "high      Program download to press 7\n\
         \u{20}         modbus/program_download  2025-11-22T10:00:00.000001Z\n\
         \u{20}         10.30.1.9:50000 -> 10.10.0.5:502 (press 7)  modbus\n\
         \u{20}         evidence  function 16, function_name write_multiple_registers\n"
    );
    alert.verdict = Outcome::Indeterminate;
    alert.lacks = vec![("dst.asset.role".to_owned(), Lacked::Absent)];
    alert.title = "\u{1b}[2J\u{202e}x".to_owned();
    let text = alert.to_text();
    assert!(text.contains("cannot decide: \\u{1b}[2J\\u{202e}x\n"), "{text}");
    assert!(text.contains("why       `dst.asset.role` is missing\n"), "{text}");
}

#[test]
fn host_events_have_no_addresses() {
    let mut alert = alert();
    alert.event = json!({ "kind": "process", "host": { "name": "ES-01" } });
    let eve: Json = serde_json::from_str(&alert.to_eve()).expect("JSON");
    assert_eq!(eve["host"], "ES-01");
    assert!(eve.get("src_ip").is_none() && eve.get("app_proto").is_none());
    assert!(alert.to_text().contains("ES-01  process\n"));
}
