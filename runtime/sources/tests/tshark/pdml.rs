//! tshark's dissection of a packet as a small tree.
//!
//! ```text
//! packet   proto mbtcp             field mbtcp.trans_id  show 1  value 0001
//!          proto modbus            field modbus.func_code ...
//!                                  field "" (a text)      field ... nested
//! ```
//!
//! PDML has one tag a line, so it is read line by line. What is kept between runs has
//! one node a line instead, a tenth of the size:
//!
//! ```text
//! = 4                                      packet, by its frame's number
//! 0 <tab> mbtcp <tab> show <tab> value     depth, name, shown text, bytes
//! ```
//!
//! Texts in it are escaped as in PDML, so that no tab and no line end is inside.

use std::io::{self, BufRead, Write};

use crate::value::Value;

/// A layer, a field, or a text that holds fields.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) show: String,
    pub(crate) value: String,
    pub(crate) children: Vec<Node>,
}

/// A packet's layers that were asked for.
#[derive(Debug, Default)]
pub(crate) struct Packet {
    pub(crate) frame: u64,
    pub(crate) layers: Vec<Node>,
}

/// A PDU: a layer that begins one, and the layers behind it that belong to it.
#[derive(Debug)]
pub(crate) struct Pdu<'a> {
    pub(crate) packet: &'a Packet,
    starts: &'static [&'static str],
    layers: Vec<&'a Node>,
}

impl Packet {
    /// The packet's PDUs: each begins with a layer of these names, wherever it lies,
    /// and goes on to the next. A PDU within another follows it as one of its own.
    pub(crate) fn pdus(&self, starts: &'static [&'static str]) -> Vec<Pdu<'_>> {
        let mut out: Vec<Pdu<'_>> = Vec::new();
        // The PDU whose layers still follow; those of an inner one do not.
        let mut open = None;
        for layer in &self.layers {
            if starts.contains(&layer.name.as_str()) {
                open = Some(out.len());
                out.push(Pdu { packet: self, starts, layers: vec![layer] });
            } else if let Some(pdu) = open.and_then(|at| out.get_mut(at)) {
                pdu.layers.push(layer);
            }
            self.inner(layer, starts, &mut out);
        }
        out
    }

    fn inner<'a>(
        &'a self,
        node: &'a Node,
        starts: &'static [&'static str],
        out: &mut Vec<Pdu<'a>>,
    ) {
        for child in &node.children {
            if starts.contains(&child.name.as_str()) {
                out.push(Pdu { packet: self, starts, layers: vec![child] });
            }
            self.inner(child, starts, out);
        }
    }

    /// The first number of a field anywhere in the packet.
    pub(crate) fn int(&self, name: &str) -> Option<i128> {
        fn find(nodes: &[Node], name: &str) -> Option<i128> {
            let own = |node: &Node| {
                let is_it = node.name == name;
                is_it.then(|| Value::number(&node.show)?.as_int()).flatten()
            };
            nodes.iter().find_map(|node| own(node).or_else(|| find(&node.children, name)))
        }
        find(&self.layers, name)
    }
}

impl<'a> Pdu<'a> {
    /// All fields of these names (`a | b`), in the order they stand; not those of a PDU
    /// that lies within.
    pub(crate) fn nodes(&self, names: &str) -> Vec<&'a Node> {
        let names: Vec<&str> = names.split('|').map(str::trim).collect();
        let mut out = Vec::new();
        for layer in &self.layers {
            self.collect(layer, &names, &mut out);
        }
        out
    }

    fn collect(&self, node: &'a Node, names: &[&str], out: &mut Vec<&'a Node>) {
        if names.contains(&node.name.as_str()) {
            out.push(node);
        }
        for child in &node.children {
            if !self.starts.contains(&child.name.as_str()) {
                self.collect(child, names, out);
            }
        }
    }

    /// Whether it has a field of these names.
    pub(crate) fn has(&self, names: &str) -> bool {
        !self.nodes(names).is_empty()
    }

    /// The first number of these names.
    pub(crate) fn int(&self, names: &str) -> Option<i128> {
        self.nodes(names).iter().find_map(|node| Value::number(&node.show)?.as_int())
    }
}

/// Rewrites PDML as lines of nodes, without the layers that were not asked for.
pub(crate) fn compact(pdml: impl BufRead, out: &mut dyn Write) -> io::Result<()> {
    let (mut depth, mut is_skipped) = (0_u32, false);
    for line in pdml.lines() {
        let line = line?;
        let tag = line.trim_start();
        if tag.starts_with("</field>") {
            depth = depth.saturating_sub(1);
            continue;
        }
        let (rest, is_layer) =
            match (tag.strip_prefix("<proto"), tag.strip_prefix("<field")) {
                (Some(rest), _) => (rest, true),
                (_, Some(rest)) => (rest, false),
                _ => {
                    // A layer within a field closes as one.
                    let closes = tag.starts_with("</proto>");
                    depth = depth.saturating_sub(u32::from(closes));
                    continue;
                }
            };
        let name = attribute(rest, "name").unwrap_or_default();
        let is_open = !tag.ends_with("/>");
        if is_layer && depth == 0 {
            is_skipped = name == "geninfo";
        }
        if name == "num" && is_skipped {
            writeln!(out, "= {}", attribute(rest, "show").unwrap_or_default())?;
        } else if !is_skipped && name != "filtered" && name != "fake-field-wrapper" {
            let show = attribute(rest, "show").unwrap_or_default();
            let value = attribute(rest, "value").unwrap_or_default();
            writeln!(out, "{depth}\t{name}\t{show}\t{value}")?;
        }
        depth += u32::from(is_open);
    }
    Ok(())
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(start..)?.split('"').next()
}

/// Reads lines of nodes, and hands on packet by packet.
pub(crate) fn packets(lines: impl BufRead, mut each: impl FnMut(&Packet)) {
    let mut packet: Option<Packet> = None;
    // The node in progress at each depth.
    let mut open: Vec<Node> = Vec::new();
    for line in lines.lines() {
        let line = line.unwrap();
        if let Some(frame) = line.strip_prefix("= ") {
            if let Some(mut packet) = packet.take() {
                close(&mut open, 0, &mut packet);
                each(&packet);
            }
            packet = Some(Packet { frame: frame.parse().unwrap(), layers: Vec::new() });
            continue;
        }
        let mut cells = line.split('\t');
        let mut cell = || cells.next().unwrap_or_default();
        let depth: usize = cell().parse().unwrap();
        let node = Node {
            name: cell().to_owned(),
            show: unescaped(cell()),
            value: cell().to_owned(),
            children: Vec::new(),
        };
        close(&mut open, depth, packet.as_mut().unwrap());
        open.push(node);
    }
    if let Some(mut packet) = packet {
        close(&mut open, 0, &mut packet);
        each(&packet);
    }
}

/// Ends the nodes at this depth and below: each goes to the one around it.
fn close(open: &mut Vec<Node>, depth: usize, packet: &mut Packet) {
    while open.len() > depth {
        let node = open.pop().unwrap();
        match open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => packet.layers.push(node),
        }
    }
}

fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'")];
    let plain =
        plain.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    plain.replace("&#x9;", "\t").replace("&#xA;", "\n").replace("&amp;", "&")
}

#[test]
fn nested_layers_are_pdus_of_their_own() {
    let pdml = r#"
<packet>
  <proto name="geninfo" pos="0">
    <field name="num" pos="0" show="7" value="7"/>
  </proto>
  <proto name="eth" size="14">
    <field name="filtered" value="eth" />
  </proto>
  <proto name="cip" size="9">
    <field name="cip.service" show="0x0a" value="0a"/>
    <field name="" show="a &lt; b" value="01">
      <proto name="cip" size="2">
        <field name="cip.service" show="0x0e" value="0e"/>
      </proto>
    </field>
    <field name="cip.rest" show="3" value="03"/>
  </proto>
  <proto name="cipcm" size="1">
    <field name="cip.last" show="4" value="04"/>
  </proto>
</packet>
"#;
    let mut lines = Vec::new();
    compact(pdml.as_bytes(), &mut lines).unwrap();
    let mut seen = 0;
    packets(lines.as_slice(), |packet| {
        seen += 1;
        assert_eq!(packet.frame, 7);
        let pdus = packet.pdus(&["cip"]);
        assert_eq!(pdus.len(), 2);
        assert_eq!(pdus[0].int("cip.service"), Some(10));
        assert_eq!(pdus[0].nodes("cip.service").len(), 1);
        assert_eq!(pdus[0].int("cip.last | cip.rest"), Some(3));
        assert!(pdus[0].has("cip.last") && !pdus[1].has("cip.last"));
        assert_eq!(pdus[1].int("cip.service"), Some(14));
        assert_eq!(pdus[0].nodes("")[0].show, "a < b");
    });
    assert_eq!(seen, 1);
}
