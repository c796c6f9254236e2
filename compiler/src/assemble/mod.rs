//! From a checked program to the contents of a pack's custom sections.
//!
//! ```text
//! Program + Schema + Sources + PackInfo + tests
//!    needs.rs    which kinds, fields, labels and folded copies the pack reads
//!    info.rs     for each rule what an alert prints, one JSON document
//!    params.rs   parameters and their defaults in the form of `site.toml`
//!         |
//!     Sections: manifest, plans, rules, tests, source map
//! ```
//!
//! Nothing here decides what a rule means; that is the module's business.

mod info;
mod needs;
mod params;

use tagout_spec::pack::documents;
use tagout_spec::pack::manifest::{
    Dedup, Manifest, OnUnknown, PackTest, Plan, Severity, SourceMap, section,
};
use tagout_spec::schema::Schema;

use crate::PackInfo;
use crate::diagnostic::Sources;
use crate::ir::{self, Program};

/// What the module carries beside its code.
#[derive(Clone, Debug)]
pub(crate) struct Sections {
    /// Name and bytes of each custom section, in order.
    pub custom: Vec<(String, Vec<u8>)>,
    /// Files and lines of the predicates; the code generator adds functions.
    pub source_map: SourceMap,
}

/// All custom sections of a pack but those that know functions.
///
/// # Errors
/// If a table does not fit its encoding: a pack of more than 4 GiB.
pub(crate) fn sections(
    program: &Program,
    schema: &Schema,
    sources: &Sources,
    about: &PackInfo,
    tests: &[PackTest],
) -> Result<Sections, AssembleError> {
    let needs = needs::Needs::of(program, schema);
    let mut rules = documents::Writer::default();
    let mut plans = Vec::with_capacity(program.plans.len());
    for plan in &program.plans {
        let Some(predicate) = program.predicates.get(index(plan.predicate)) else {
            continue;
        };
        let info = info::rule(program, schema, sources, about, plan, predicate);
        let info = rules.add(&serde_json::to_vec(&info)?).ok_or_else(too_large)?;
        plans.push(Plan {
            predicate: plan.predicate,
            kinds: predicate.kinds.clone(),
            reads: needs.of_predicate(predicate),
            params: needs::params_of(predicate),
            severity: severity(plan.severity),
            on_unknown: match plan.on_unknown {
                ir::OnUnknown::Count => OnUnknown::Count,
                ir::OnUnknown::Alert => OnUnknown::Alert,
            },
            dedup: plan.dedup.clone().map(|(by, window)| Dedup { by, window }),
            info,
        });
    }
    let manifest = Manifest {
        name: about.name.clone(),
        version: about.version.clone(),
        edition: about.edition.clone(),
        license: about.license.clone(),
        compiler: concat!("tagout ", env!("CARGO_PKG_VERSION")).to_owned(),
        unicode: tagout_spec::fold::UNICODE_VERSION.to_owned(),
        plugins: needs.plugins(schema),
        kinds: needs.kinds,
        names: program.names.clone(),
        params: program.params.iter().map(|one| params::info(schema, one)).collect(),
        functions: needs::functions(program),
        predicates: u32::try_from(program.predicates.len())?,
        max_rows: max_rows(program),
        replaceable: program
            .data
            .iter()
            .filter(|table| table.replaceable)
            .map(|table| table.name.clone())
            .collect(),
    };
    let custom = vec![
        (section::MANIFEST.to_owned(), serde_json::to_vec(&manifest)?),
        (section::PLANS.to_owned(), postcard::to_allocvec(&plans)?),
        (section::RULES.to_owned(), rules.finish().ok_or_else(too_large)?),
        (section::TESTS.to_owned(), serde_json::to_vec(tests)?),
    ];
    Ok(Sections { custom, source_map: source_map(program, sources) })
}

/// A section that cannot be encoded.
#[derive(Debug)]
pub(crate) struct AssembleError(String);

impl std::fmt::Display for AssembleError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the pack's tables cannot be encoded: {}", self.0)
    }
}

impl std::error::Error for AssembleError {}

macro_rules! from {
    ($($error:ty),*) => {$(
        impl From<$error> for AssembleError {
            fn from(error: $error) -> Self {
                Self(error.to_string())
            }
        }
    )*};
}

fn too_large() -> AssembleError {
    AssembleError("what is said of the rules is too large".to_owned())
}

from!(std::num::TryFromIntError, serde_json::Error, postcard::Error);

fn severity(severity: ir::Severity) -> Severity {
    match severity {
        ir::Severity::Info => Severity::Info,
        ir::Severity::Low => Severity::Low,
        ir::Severity::Medium => Severity::Medium,
        ir::Severity::High => Severity::High,
        ir::Severity::Critical => Severity::Critical,
    }
}

/// The most predicates that apply to one kind: each gives at most one row.
fn max_rows(program: &Program) -> u32 {
    let of_kind =
        |kind| program.predicates.iter().filter(|p| p.kinds.contains(&kind)).count();
    let kinds = u16::try_from(program.kinds.len()).unwrap_or(u16::MAX);
    let most = (0..kinds).map(of_kind).max().unwrap_or(0);
    u32::try_from(most).unwrap_or(u32::MAX)
}

fn source_map(program: &Program, sources: &Sources) -> SourceMap {
    let files = sources.iter().map(|(_, source)| source.name().to_owned()).collect();
    let mut predicates = vec![(0, 0, 0); program.predicates.len()];
    for plan in &program.plans {
        let Some(source) = sources.get(plan.span.file) else { continue };
        if let Some(place) = predicates.get_mut(index(plan.predicate)) {
            let file = u16::try_from(plan.span.file.0).unwrap_or(u16::MAX);
            let first = source.position(plan.span.start).line;
            let last = source.position(plan.span.end.saturating_sub(1)).line;
            *place = (file, first, last);
        }
    }
    SourceMap { files, predicates, functions: Vec::new() }
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
