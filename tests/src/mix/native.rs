//! The plan of the index, written by hand in Rust: what the module's time is
//! compared with. Dispatch on the function code, then a hash of the controller's
//! address or buckets of the address range, then the conditions that are left.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::net::Ipv4Addr;

use super::ot::{Event, Rule, matches};

/// Registers in a bucket.
const BUCKET: u16 = 64;

/// Rules over Modbus requests, ready to be evaluated.
#[derive(Debug)]
pub struct Ot {
    rules: Vec<Rule>,
    functions: Vec<Function>,
}

/// The rules that name a function.
#[derive(Debug, Default)]
struct Function {
    /// Those that name a controller.
    to: HashMap<u32, Vec<u32>, BuildHasherDefault<Multiply>>,
    /// The others that name a range, by bucket.
    buckets: HashMap<u16, Vec<u32>, BuildHasherDefault<Multiply>>,
    /// All others.
    rest: Vec<u32>,
}

impl Ot {
    /// Builds the tables.
    #[must_use]
    pub fn new(rules: &[Rule]) -> Self {
        let mut functions: Vec<_> = (0..256).map(|_| Function::default()).collect();
        for (number, rule) in (0..).zip(rules) {
            for function in &rule.functions {
                let Some(function) = functions.get_mut(usize::from(*function)) else {
                    continue;
                };
                match (rule.to, rule.range) {
                    (Some(to), _) => {
                        function.to.entry(to.to_bits()).or_default().push(number)
                    }
                    (None, Some((low, high))) => {
                        for bucket in low / BUCKET..=high / BUCKET {
                            function.buckets.entry(bucket).or_default().push(number);
                        }
                    }
                    (None, None) => function.rest.push(number),
                }
            }
        }
        Self { rules: rules.to_vec(), functions }
    }

    /// Appends the rules that an event satisfies, in order.
    pub fn evaluate(&self, event: &Event, found: &mut Vec<u32>) {
        let Some(function) = self.functions.get(usize::from(event.function)) else {
            return;
        };
        let start = found.len();
        self.verify(&function.rest, event, found);
        let to = event.dst.map_or(0, Ipv4Addr::to_bits);
        if let Some(rules) = function.to.get(&to) {
            self.verify(rules, event, found);
        }
        let last = event.address.saturating_add(event.quantity.saturating_sub(1));
        for bucket in event.address / BUCKET..=last / BUCKET {
            if let Some(rules) = function.buckets.get(&bucket) {
                self.verify(rules, event, found);
            }
        }
        if let Some(found) = found.get_mut(start..) {
            found.sort_unstable();
        }
        found.dedup();
    }

    fn verify(&self, candidates: &[u32], event: &Event, found: &mut Vec<u32>) {
        for number in candidates {
            let at = usize::try_from(*number).unwrap_or(usize::MAX);
            if self.rules.get(at).is_some_and(|rule| matches(rule, event)) {
                found.push(*number);
            }
        }
    }
}

/// One multiplication: enough for keys that are numbers of ours.
#[derive(Debug, Default)]
struct Multiply(u64);

impl Hasher for Multiply {
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write_u32(u32::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::Ot;
    use crate::mix::ot::{Mix, Shape, matches};

    #[test]
    fn the_plan_by_hand_finds_what_the_letter_of_the_rules_says() {
        for shape in [Shape::Realistic, Shape::Worst] {
            let mut mix = Mix::new(500, shape, 7);
            let plan = Ot::new(&mix.rules);
            let mut some = 0;
            for _ in 0..5_000 {
                let event = mix.event();
                let mut found = Vec::new();
                plan.evaluate(&event, &mut found);
                let letter: Vec<u32> = (0..)
                    .zip(&mix.rules)
                    .filter(|(_, rule)| matches(rule, &event))
                    .map(|(number, _)| number)
                    .collect();
                assert_eq!(found, letter, "{event:?}");
                some += usize::from(!found.is_empty());
            }
            println!("{shape:?}: {some} of 5000 events match");
        }
    }
}
