//! Messages as tshark dissects them, from its PDML.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::Message;

pub(crate) fn is_installed() -> bool {
    let version = Command::new("tshark").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// All messages of a capture.
pub(crate) fn messages(path: &Path) -> Vec<Message> {
    let output = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(path)
        .args(["-Y", "mbtcp || mbudp || mbrtu", "-T", "pdml"])
        .args(["-j", "frame tcp udp mbtcp mbudp mbrtu modbus"])
        .stderr(Stdio::null())
        .output()
        .expect("tshark runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut out = Vec::new();
    let mut packet = Packet::default();
    for line in text.lines() {
        let line = line.trim_start();
        if line.starts_with("<packet>") {
            packet = Packet::default();
        } else if let Some(rest) = line.strip_prefix("<proto ") {
            packet.protocol(attribute(rest, "name").unwrap_or_default());
        } else if let Some(rest) = line.strip_prefix("<field ") {
            let name = attribute(rest, "name").unwrap_or_default();
            packet.field(name, attribute(rest, "show").unwrap_or_default());
        } else if line.starts_with("</packet>") {
            out.append(&mut packet.messages);
        }
    }
    // A header without a PDU is not a message.
    out.retain(|message| message.function != u64::MAX);
    out
}

/// A packet while its lines are read.
#[derive(Default)]
struct Packet {
    frame: u64,
    udp: bool,
    src_port: u64,
    messages: Vec<Message>,
}

impl Packet {
    fn protocol(&mut self, name: &str) {
        if matches!(name, "mbtcp" | "mbudp" | "mbrtu") {
            self.messages.push(Message {
                frame: self.frame,
                udp: self.udp,
                function: u64::MAX,
                request: self.src_port != 502,
                ..Message::default()
            });
        }
    }

    fn field(&mut self, name: &str, show: &str) {
        let number = || match show.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16).unwrap_or_default(),
            None => show.parse().unwrap_or_default(),
        };
        match name {
            "frame.number" => self.frame = number(),
            "tcp.srcport" => self.src_port = number(),
            "udp.srcport" => (self.src_port, self.udp) = (number(), true),
            _ => {}
        }
        let Some(message) = self.messages.last_mut() else { return };
        match name {
            "mbtcp.trans_id" => message.transaction = number(),
            "mbtcp.unit_id" | "mbrtu.unit_id" => message.unit = number(),
            "modbus.func_code" => message.function = number(),
            "modbus.exception_code" => message.exception = Some(number()),
            "modbus.reference_num" | "modbus.write_reference_num" => {
                message.address = Some(number());
            }
            "modbus.word_cnt" | "modbus.bit_cnt" | "modbus.write_word_cnt" => {
                message.quantity = Some(number());
            }
            _ => {}
        }
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let rest = tag.get(start..)?;
    rest.split('"').next()
}
