//! Rules and events of a Modbus network: many controllers, one rule or several
//! for each, and a few for all of them.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use super::Random;

/// What a rule of the mix asks for; every part that is present must hold.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// One of these functions.
    pub functions: Vec<u8>,
    /// To this controller.
    pub to: Option<Ipv4Addr>,
    /// From outside this network of 24 bits.
    pub not_from: Option<Ipv4Addr>,
    /// Touching these registers, inclusive.
    pub range: Option<(u16, u16)>,
    /// More than this many registers.
    pub quantity_over: Option<u16>,
    /// For this unit.
    pub unit: Option<u8>,
}

/// An event of the mix: a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the schema")]
pub struct Event {
    pub src: Ipv4Addr,
    pub dst: Option<Ipv4Addr>,
    pub unit: u8,
    pub function: u8,
    pub address: u16,
    pub quantity: u16,
}

/// How the rules are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As sites write them.
    Realistic,
    /// One function for all rules, and no address of a controller: nothing but
    /// ranges and networks tells them apart.
    Worst,
}

/// Rules and a source of events.
#[derive(Clone, Debug)]
pub struct Mix {
    /// The rules.
    pub rules: Vec<Rule>,
    controllers: usize,
    random: Random,
}

const WRITES: [u8; 6] = [5, 6, 15, 16, 22, 23];
const READS: [u8; 4] = [1, 2, 3, 4];
const SERVICE: [u8; 8] = [7, 8, 11, 12, 17, 20, 21, 43];

impl Mix {
    /// A mix of `n` rules.
    #[must_use]
    pub fn new(n: usize, shape: Shape, seed: u64) -> Self {
        let controllers = (n / 6).clamp(4, 4_000);
        let mut random = Random::new(seed);
        let rules = (0..n).map(|_| rule(&mut random, shape, controllers)).collect();
        Self { rules, controllers, random }
    }

    /// The mix as rule source.
    #[must_use]
    pub fn source(&self) -> String {
        let mut text = String::new();
        for (i, rule) in self.rules.iter().enumerate() {
            let _ = write!(
                text,
                "rule r{i} {{\n  meta {{ id = \"MIX-{i}\" severity = low }}\n"
            );
            text.push_str("  on modbus as m\n  where m.request and m.function in {");
            for (k, function) in rule.functions.iter().enumerate() {
                let _ = write!(text, "{}{function}", if k == 0 { " " } else { ", " });
            }
            text.push_str(" }");
            if let Some(to) = rule.to {
                let _ = write!(text, "\n    and m.dst.ip == {to}");
            }
            if let Some(net) = rule.not_from {
                let _ = write!(text, "\n    and m.src.ip not in {net}/24");
            }
            if let Some((low, high)) = rule.range {
                let _ = write!(text, "\n    and m.address_range overlaps {low}..{high}");
            }
            if let Some(quantity) = rule.quantity_over {
                let _ = write!(text, "\n    and m.quantity > {quantity}");
            }
            if let Some(unit) = rule.unit {
                let _ = write!(text, "\n    and m.unit == {unit}");
            }
            text.push_str("\n}\n\n");
        }
        text
    }

    /// The next event: one in a hundred is made to satisfy some rule.
    pub fn event(&mut self) -> Event {
        let random = &mut self.random;
        let mut event = Event {
            // The engineering stations, which the rules leave alone.
            src: Ipv4Addr::new(10, 20, 0, byte(random)),
            dst: Some(controller(random.below(self.controllers))),
            unit: byte(random) % 8,
            function: *random.pick(if random.clone().percent(85) {
                &READS[..]
            } else {
                &WRITES[..]
            }),
            address: u16::try_from(random.below(10_000)).unwrap_or(0),
            quantity: u16::try_from(1 + random.below(60)).unwrap_or(1),
        };
        if random.percent(1) {
            let rule = random.pick(&self.rules).clone();
            event.src = Ipv4Addr::new(10, 30, 1, byte(random));
            event.function = *random.pick(&rule.functions);
            event.dst = rule.to.or(event.dst);
            event.unit = rule.unit.unwrap_or(event.unit);
            if let Some((low, _)) = rule.range {
                event.address = low;
            }
            if let Some(quantity) = rule.quantity_over {
                event.quantity = quantity.saturating_add(1);
            }
        }
        event
    }
}

/// Whether an event satisfies a rule, by the letter: the oracle of the benches.
#[must_use]
pub fn matches(rule: &Rule, event: &Event) -> bool {
    let last = event.address.saturating_add(event.quantity.saturating_sub(1));
    rule.functions.contains(&event.function)
        && rule.to.is_none_or(|to| event.dst == Some(to))
        && rule.not_from.is_none_or(|net| net.octets()[..3] != event.src.octets()[..3])
        && rule.range.is_none_or(|(low, high)| event.address <= high && last >= low)
        && rule.quantity_over.is_none_or(|quantity| event.quantity > quantity)
        && rule.unit.is_none_or(|unit| event.unit == unit)
}

fn rule(random: &mut Random, shape: Shape, controllers: usize) -> Rule {
    let low = u16::try_from(random.below(9_900)).unwrap_or(0);
    let range = (low, low + u16::try_from(random.below(100)).unwrap_or(0));
    let not_from = Some(Ipv4Addr::new(10, 20, 0, 0));
    if shape == Shape::Worst {
        return Rule {
            functions: vec![16],
            not_from,
            range: Some(range),
            ..Rule::default()
        };
    }
    let to = Some(controller(random.below(controllers)));
    match random.below(100) {
        // A protected range of one controller.
        0..45 => Rule {
            functions: WRITES.to_vec(),
            to,
            not_from,
            range: Some(range),
            ..Rule::default()
        },
        // One function that one controller is not to see.
        45..70 => Rule {
            functions: vec![*random.pick(&SERVICE)],
            to,
            not_from,
            ..Rule::default()
        },
        // A unit behind a gateway.
        70..85 => Rule {
            functions: vec![*random.pick(&WRITES)],
            to,
            not_from,
            unit: Some(byte(random) % 8),
            range: Some(range),
            ..Rule::default()
        },
        // Unusually long transfers of one controller.
        85..95 => Rule {
            functions: vec![*random.pick(&READS), *random.pick(&WRITES)],
            to,
            not_from,
            quantity_over: Some(u16::try_from(70 + random.below(50)).unwrap_or(70)),
            ..Rule::default()
        },
        // A range that nobody may write, on any controller.
        _ => Rule {
            functions: vec![*random.pick(&WRITES)],
            not_from,
            range: Some(range),
            ..Rule::default()
        },
    }
}

fn controller(i: usize) -> Ipv4Addr {
    let low = u8::try_from(i % 250 + 1).unwrap_or(1);
    let high = u8::try_from(i / 250).unwrap_or(0);
    Ipv4Addr::new(10, 10, high, low)
}

fn byte(random: &mut Random) -> u8 {
    u8::try_from(random.below(254) + 1).unwrap_or(1)
}
