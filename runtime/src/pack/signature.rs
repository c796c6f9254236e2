//! The numbers of rules in Suricata's form: `gid`, `signature_id`, `rev`.
//!
//! A rule's metadata may give `sid` and `rev`. Without a `sid` the number is a
//! hash of the rule's id in the range from 2^31 up, which no rule distribution
//! uses. Two rules with one number are an error.

use std::collections::BTreeMap;

use sha2::Digest as _;
use sha2::Sha256;
use tagout_spec::pack::manifest::RuleInfo;

use super::Pack;
use super::error::LoadError;

/// First number of the range for hashes.
const HASHED: u32 = 1 << 31;

/// The numbers of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) sid: u32,
    pub(crate) rev: u32,
}

impl Signature {
    pub(crate) fn of(info: &RuleInfo) -> Self {
        let number = |name: &str| {
            let value = info.meta.get(name).and_then(serde_json::Value::as_u64)?;
            u32::try_from(value).ok()
        };
        Self {
            sid: number("sid").unwrap_or_else(|| hashed(&info.id)),
            rev: number("rev").unwrap_or(1),
        }
    }
}

/// Finds two rules with the same number.
pub(crate) fn collisions<'a>(
    packs: impl Iterator<Item = &'a Pack>,
) -> Result<(), LoadError> {
    let mut rules = BTreeMap::new();
    for pack in packs {
        for rule in 0..pack.plans.len() {
            let sid = Signature::of(pack.info(rule)).sid;
            if let Some((other, number)) = rules.insert(sid, (pack, rule)) {
                let rules = [Pack::full_name(other, number), pack.full_name(rule)];
                return Err(LoadError::Signature { sid, rules });
            }
        }
    }
    Ok(())
}

fn hashed(id: &str) -> u32 {
    let digest: [u8; 32] = Sha256::digest(id).into();
    let [a, b, c, d, ..] = digest;
    u32::from_be_bytes([a, b, c, d]) | HASHED
}
