//! What a compiled pack holds and needs, for people and for listings.
//!
//! Claims of the pack (its sections) and what its bytes prove stand apart.

use serde::Serialize;
use tagout_spec::pack::manifest::{Manifest, Plan, RuleInfo, Severity};
use tagout_spec::schema::Schema;

use crate::engine::CodeError;
use crate::pack::{self, LoadError, Pack};
use crate::verify::{self, Limits, Verified};

/// A pack, looked at and not run.
#[derive(Clone, Debug, Serialize)]
pub struct Inspection {
    /// Bytes of the module.
    pub bytes: usize,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub digest: String,
    /// Whether a signature was verified: packs are not signed yet.
    pub signed: bool,
    /// What its bytes prove.
    pub verified: Verified,
    /// What it says of itself.
    pub manifest: Manifest,
    /// Its rules in order.
    pub rules: Vec<InspectedRule>,
    /// Number of its tests.
    pub tests: usize,
}

/// A rule of an inspected pack.
#[derive(Clone, Debug, Serialize)]
pub struct InspectedRule {
    /// Severity where the module chooses none.
    pub severity: Severity,
    /// What an alert says of it.
    pub info: RuleInfo,
    /// What the host does with its verdicts.
    pub plan: Plan,
}

/// Reads a pack without running it.
///
/// # Errors
///
/// The bytes are no module, or its sections are not a pack's.
pub fn inspect(bytes: &[u8], limits: &Limits) -> Result<Inspection, LoadError> {
    let declared = pack::functions(bytes);
    let verified =
        verify::verify(bytes, limits, &declared).map_err(CodeError::Refused)?;
    let pack = Pack::read(bytes, &Schema::builtin())?;
    let rule = |(number, plan): (usize, &Plan)| InspectedRule {
        severity: plan.severity,
        info: pack.info(number).clone(),
        plan: plan.clone(),
    };
    Ok(Inspection {
        bytes: bytes.len(),
        digest: crate::hex(&pack.digest),
        signed: false,
        verified,
        rules: pack.plans.iter().enumerate().map(rule).collect(),
        tests: pack.tests()?.len(),
        manifest: pack.manifest.clone(),
    })
}
