//! An alert as a line of JSON, in the shape that Suricata writes and that
//! readers of its `eve.json` understand. What is ours stands under `tagout`.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;
use tagout_spec::pack::manifest::Severity;

use super::Alert;
use super::Outcome;

/// Group of generators: 1, as for rules of Suricata.
const GID: u32 = 1;
/// Metadata with a place of its own in the alert.
const PLACED: [&str; 6] = ["id", "sid", "rev", "severity", "category", "title"];

impl Alert {
    /// One line of JSON, without its end.
    #[must_use]
    pub fn to_eve(&self) -> String {
        let mut eve = Map::new();
        let mut put = |name: &str, value: Option<Json>| {
            if let Some(value) = value {
                eve.insert(name.to_owned(), value);
            }
        };
        let copy = |path: &[&str]| self.get(path).cloned();
        put("timestamp", self.ts.map(|ts| crate::json::time_text(ts, "+0000").into()));
        put("event_type", Some("alert".into()));
        put("src_ip", copy(&["src", "ip"]));
        put("src_port", copy(&["src", "port"]));
        put("dest_ip", copy(&["dst", "ip"]));
        put("dest_port", copy(&["dst", "port"]));
        put("proto", self.proto());
        let is_network = self.get(&["src"]).is_some() || self.get(&["dst"]).is_some();
        put("app_proto", copy(&["kind"]).filter(|_| is_network));
        put("flow_id", self.flow_id());
        put("community_id", copy(&["community_id"]));
        put("pcap_cnt", self.place.1.map(Json::from));
        put("pcap_filename", self.place.0.clone().map(Json::from));
        put("host", copy(&["sensor"]).or_else(|| copy(&["host", "name"])));
        put("alert", Some(self.eve_alert()));
        put("tagout", Some(self.ours()));
        Json::Object(eve).to_string()
    }

    /// Suricata writes flows as integers; events write ours as hex digits.
    fn flow_id(&self) -> Option<Json> {
        let flow = self.get(&["flow"])?;
        let digits = flow.as_str().and_then(|text| u64::from_str_radix(text, 16).ok());
        Some(digits.map_or_else(|| flow.clone(), Json::from))
    }

    /// Suricata writes protocols in capitals.
    fn proto(&self) -> Option<Json> {
        let name = self.get(&["transport_name"]).and_then(Json::as_str)?;
        Some(match name {
            "icmpv6" => "IPv6-ICMP".into(),
            name => name.to_ascii_uppercase().into(),
        })
    }

    fn eve_alert(&self) -> Json {
        let (sid, rev) = self.signature;
        json!({
            "action": "allowed",
            "gid": GID,
            "signature_id": sid,
            "rev": rev,
            "signature": self.title,
            "category": self.meta.get("category").cloned().unwrap_or_else(|| "".into()),
            "severity": match self.severity {
                Severity::Critical => 1,
                Severity::High => 2,
                Severity::Medium => 3,
                Severity::Low => 4,
                Severity::Info => 5,
            },
            "metadata": self.eve_metadata(),
        })
    }

    /// Every value is a list of texts.
    fn eve_metadata(&self) -> Map<String, Json> {
        let text = |value: &Json| match value {
            Json::String(text) => Json::String(text.clone()),
            other => Json::String(other.to_string()),
        };
        let values =
            self.meta.iter().filter(|(name, _)| !PLACED.contains(&name.as_str()));
        let lists = values.map(|(name, value)| {
            let list: Vec<Json> = match value {
                Json::Array(items) => items.iter().map(text).collect(),
                one => vec![text(one)],
            };
            (name.clone(), Json::Array(list))
        });
        lists.collect()
    }

    fn ours(&self) -> Json {
        let (pack, version, digest) = &self.pack;
        let mut ours = json!({
            "rule": self.rule,
            "id": self.id,
            "alert_id": self.alert_id,
            "verdict": self.verdict,
            "level": self.level(),
            "pack": pack,
            "version": version,
            "digest": format!("sha256:{digest}"),
            "key": self.key,
            "evidence": self.evidence,
        });
        if let Json::Object(ours) = &mut ours {
            if self.verdict == Outcome::Indeterminate {
                let lacks = self
                    .lacks
                    .iter()
                    .map(|(field, how)| json!({ "field": field, "cause": how }));
                ours.insert("lacks".to_owned(), lacks.collect());
            }
            ours.insert("steps".to_owned(), json!([]));
            ours.insert("attack".to_owned(), self.attack());
            ours.insert("event".to_owned(), self.event.clone());
        }
        ours
    }

    fn attack(&self) -> Json {
        match self.meta.get("attack") {
            Some(Json::Array(list)) => Json::Array(list.clone()),
            Some(one) => json!([one]),
            None => json!([]),
        }
    }
}
