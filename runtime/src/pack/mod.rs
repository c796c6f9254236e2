//! A loaded pack: its sections, checked against the module and the schema.
//!
//! ```text
//! bytes -> digest, sections -> manifest, plans       checked here
//!                           -> rules                 read when a rule alerts
//!                           -> tests                 read when they are run
//! fields needed x schema    -> blind rules           masked, and reported
//! ```
//!
//! Sections are claims. Every index and offset is checked; a field counts as
//! known only if its fingerprint is that of the host's schema. Packs carry no
//! signature yet, and none is reported as verified.

mod blind;
mod error;
mod given;
mod sections;
mod signature;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use sha2::Digest as _;
use sha2::Sha256;
use tagout_spec::function::ARGUMENTS_MAX;
use tagout_spec::function::Function;
use tagout_spec::pack::documents;
use tagout_spec::pack::manifest::Cost;
use tagout_spec::pack::manifest::Manifest;
use tagout_spec::pack::manifest::PackTest;
use tagout_spec::pack::manifest::Plan;
use tagout_spec::pack::manifest::RuleInfo;
use tagout_spec::pack::manifest::section;
use tagout_spec::schema::KindIdx;
use tagout_spec::schema::Schema;
use tagout_spec::schema::layout::NAMES_MAX;
use tagout_spec::schema::names::is_name;

pub use self::blind::Blind;
pub use self::blind::Lack;
pub use self::error::LoadError;
pub(crate) use self::given::Given;
pub(crate) use self::signature::Signature;
pub(crate) use self::signature::collisions;

use crate::engine::Digest;

/// The functions that a pack declares; none if it is not one.
pub(crate) fn functions(bytes: &[u8]) -> Vec<Function> {
    let manifest = sections::read(bytes)
        .and_then(|sections| sections.json::<Manifest>(section::MANIFEST));
    manifest.map(|manifest| declared(&manifest)).unwrap_or_default()
}

/// The functions that a manifest declares.
pub(crate) fn declared(manifest: &Manifest) -> Vec<Function> {
    manifest.functions.iter().map(|needed| needed.function.clone()).collect()
}

/// Most predicates of a pack.
const PREDICATES_MAX: u32 = 1 << 20;

/// A pack's sections, checked.
#[derive(Clone)]
pub(crate) struct Pack {
    pub(crate) digest: Digest,
    pub(crate) manifest: Manifest,
    pub(crate) plans: Vec<Plan>,
    /// For each predicate, its plan, if it has one.
    plan_of: Vec<Option<u32>>,
    /// For each kind of the schema, its pack-local number.
    kind_of: Vec<Option<u16>>,
    rules: documents::Reader,
    infos: Vec<OnceLock<RuleInfo>>,
    tests: Vec<u8>,
}

/// SHA-256 of a pack's bytes.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}

impl Pack {
    /// Reads the sections of a pack. Whether its module may run is another
    /// question.
    pub(crate) fn read(bytes: &[u8], schema: &Schema) -> Result<Self, LoadError> {
        let sections = sections::read(bytes)?;
        let manifest: Manifest = sections.json(section::MANIFEST)?;
        let plans: Vec<Plan> = sections.postcard(section::PLANS)?;
        check_manifest(&manifest)?;
        let rules = documents::Reader::new(sections.bytes(section::RULES)?);
        let rules =
            rules.ok_or_else(|| LoadError::section(section::RULES, "malformed"))?;
        for (number, plan) in plans.iter().enumerate() {
            check_plan(number, plan, &manifest, &rules)?;
        }
        check_functions(&manifest, plans.len())?;
        Ok(Self {
            digest: digest(bytes),
            plan_of: plan_of(&manifest, &plans)?,
            kind_of: kind_of(&manifest, schema),
            infos: plans.iter().map(|_| OnceLock::new()).collect(),
            rules,
            tests: sections.optional(section::TESTS).to_vec(),
            manifest,
            plans,
        })
    }

    /// The same pack over another schema.
    pub(crate) fn over(&self, schema: &Schema) -> Self {
        Self { kind_of: kind_of(&self.manifest, schema), ..self.clone() }
    }

    /// The pack-local number of a kind.
    pub(crate) fn local_kind(&self, kind: KindIdx) -> Option<u16> {
        self.kind_of.get(usize::from(kind.0)).copied().flatten()
    }

    /// The rule that a predicate belongs to.
    pub(crate) fn plan_of(&self, predicate: u32) -> Option<(usize, &Plan)> {
        let plan =
            self.plan_of.get(usize::try_from(predicate).ok()?).copied().flatten()?;
        let plan = usize::try_from(plan).ok()?;
        Some((plan, self.plans.get(plan)?))
    }

    /// What an alert or a report needs of a rule. [`Pack::check_infos`] has seen that
    /// each of them parses.
    pub(crate) fn info(&self, rule: usize) -> &RuleInfo {
        static NOTHING: OnceLock<RuleInfo> = OnceLock::new();
        let (Some(info), Some(plan)) = (self.infos.get(rule), self.plans.get(rule))
        else {
            return NOTHING.get_or_init(|| self.placeholder(rule));
        };
        info.get_or_init(|| {
            self.read_info(plan).unwrap_or_else(|_| self.placeholder(rule))
        })
    }

    /// Reads what is said of every rule: a pack that is new here is refused if it cannot
    /// say what its alerts are about.
    pub(crate) fn check_infos(&self) -> Result<(), LoadError> {
        for (number, plan) in self.plans.iter().enumerate() {
            self.read_info(plan).map_err(|problem| {
                LoadError::section(section::RULES, format!("rule {number}: {problem}"))
            })?;
        }
        Ok(())
    }

    fn read_info(&self, plan: &Plan) -> Result<RuleInfo, String> {
        let document = self.rules.document(plan.info).ok_or("its block is damaged")?;
        serde_json::from_slice(document).map_err(|error| error.to_string())
    }

    /// The number of a rule by its name in the pack or its id.
    pub(crate) fn rule(&self, name: &str) -> Option<usize> {
        let own = name.strip_prefix(&self.manifest.name);
        let own = own.and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
        (0..self.plans.len()).find(|&rule| {
            let info = self.info(rule);
            info.name == name || info.name == own || info.id == name
        })
    }

    /// `PACK/RULE`.
    pub(crate) fn full_name(&self, rule: usize) -> String {
        format!("{}/{}", self.manifest.name, self.info(rule).name)
    }

    /// The pack's own tests.
    pub(crate) fn tests(&self) -> Result<Vec<PackTest>, LoadError> {
        if self.tests.is_empty() {
            return Ok(Vec::new());
        }
        sections::parse_json(section::TESTS, &self.tests)
    }

    /// For a pack whose information was damaged after it had been checked.
    fn placeholder(&self, rule: usize) -> RuleInfo {
        RuleInfo {
            name: format!("#{rule}"),
            id: format!("{}/#{rule}", self.manifest.name),
            meta: serde_json::Map::new(),
            columns: Vec::new(),
            title: Vec::new(),
            evidence: Vec::new(),
            fields: Vec::new(),
            conditions: Vec::new(),
            cost: Cost::default(),
        }
    }
}

fn check_manifest(manifest: &Manifest) -> Result<(), LoadError> {
    let bad = |problem: String| LoadError::section(section::MANIFEST, problem);
    if manifest.name.is_empty() {
        return Err(bad("the pack has no name".to_owned()));
    }
    if manifest.predicates > PREDICATES_MAX {
        let (is, max) = (manifest.predicates, PREDICATES_MAX);
        return Err(bad(format!("{is} predicates, at most {max} allowed")));
    }
    if manifest.names.len() > usize::from(NAMES_MAX) {
        return Err(bad(format!("{} names of maps", manifest.names.len())));
    }
    let names: BTreeSet<&String> = manifest.names.iter().collect();
    if names.len() < manifest.names.len() || !names.iter().all(|name| is_name(name)) {
        return Err(bad("names of maps that are none, or listed twice".to_owned()));
    }
    for (i, kind) in manifest.kinds.iter().enumerate() {
        if manifest.kinds.iter().take(i).any(|other| other.name == kind.name) {
            return Err(bad(format!("the kind `{}` is listed twice", kind.name)));
        }
    }
    Ok(())
}

fn check_functions(manifest: &Manifest, rules: usize) -> Result<(), LoadError> {
    let mut names = BTreeSet::new();
    for needed in &manifest.functions {
        let import = needed.function.import();
        let in_range = |rule: &u32| usize::try_from(*rule).is_ok_and(|rule| rule < rules);
        let problem = if needed.function.arguments.len() > ARGUMENTS_MAX {
            "has too many arguments"
        } else if !needed.rules.iter().all(in_range) {
            "is called by a rule that the pack does not have"
        } else if names.contains(&import) {
            "is listed twice"
        } else {
            names.insert(import);
            continue;
        };
        let problem = format!("the function `{import}` {problem}");
        return Err(LoadError::section(section::MANIFEST, problem));
    }
    Ok(())
}

fn check_plan(
    number: usize,
    plan: &Plan,
    manifest: &Manifest,
    rules: &documents::Reader,
) -> Result<(), LoadError> {
    let problem = if plan.predicate >= manifest.predicates {
        "has a predicate that the pack does not have"
    } else if plan.kinds.iter().any(|&kind| needed(manifest, kind).is_none()) {
        "applies to a kind that the pack does not list"
    } else if plan.reads.iter().any(|&(kind, field)| {
        needed(manifest, kind)
            .is_none_or(|kind| kind.fields.get(usize::from(field)).is_none())
    }) {
        "reads a field that the pack does not list"
    } else if plan.params.iter().any(|&p| manifest.params.get(usize::from(p)).is_none()) {
        "reads a parameter that the pack does not list"
    } else if plan.dedup.as_ref().is_some_and(|dedup| dedup.window < 0) {
        "deduplicates over a negative time"
    } else if !rules.contains(plan.info) {
        "has its information outside the section"
    } else {
        return Ok(());
    };
    Err(LoadError::section(section::PLANS, format!("rule {number} {problem}")))
}

fn needed(
    manifest: &Manifest,
    kind: u16,
) -> Option<&tagout_spec::pack::manifest::NeededKind> {
    manifest.kinds.get(usize::from(kind))
}

fn plan_of(manifest: &Manifest, plans: &[Plan]) -> Result<Vec<Option<u32>>, LoadError> {
    let predicates = usize::try_from(manifest.predicates).unwrap_or(0);
    let mut plan_of = vec![None; predicates];
    for (number, plan) in (0_u32..).zip(plans) {
        let slot = usize::try_from(plan.predicate).ok().and_then(|p| plan_of.get_mut(p));
        if let Some(slot) = slot
            && slot.replace(number).is_some()
        {
            let problem = format!("two rules have predicate {}", plan.predicate);
            return Err(LoadError::section(section::PLANS, problem));
        }
    }
    Ok(plan_of)
}

fn kind_of(manifest: &Manifest, schema: &Schema) -> Vec<Option<u16>> {
    let mut kind_of = vec![None; schema.kinds.len()];
    for (local, kind) in (0_u16..).zip(&manifest.kinds) {
        let known = schema.kind_idx(&kind.name);
        if let Some(slot) = known.and_then(|k| kind_of.get_mut(usize::from(k.0))) {
            *slot = Some(local);
        }
    }
    kind_of
}
