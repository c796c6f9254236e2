//! A pack at work in a session: its module's memory, its parameters, its faults.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value as Json;
use tagout_spec::pack::Cause;
use tagout_spec::pack::Verdict;
use tagout_spec::pack::bindings;
use tagout_spec::pack::bindings::Binding;
use tagout_spec::pack::bindings::Bindings;
use tagout_spec::pack::manifest::Severity;
use tagout_spec::pack::rows;
use tagout_spec::pack::rows::Row;
use tagout_spec::record::Batch;
use tagout_spec::schema::KindIdx;

use super::column::Column;
use crate::engine::Fault;
use crate::engine::Instance;
use crate::engine::Library;
use crate::engine::Links;
use crate::pack::Blind;
use crate::pack::Lack;
use crate::pack::LoadError;
use crate::pack::Pack;
use crate::runtime::Loaded;
use crate::runtime::Runtime;
use crate::site;

/// Most rows of one pack for one batch.
const ROWS_MAX: usize = 1 << 22;
const SEVERITIES: [Severity; 5] =
    [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

/// A pack in a session.
pub(super) struct Running {
    pub(super) loaded: Arc<Loaded>,
    pub(super) blind: Vec<Blind>,
    pub(super) faults: u32,
    pub(super) off: bool,
    instance: Instance,
    /// The input of `bind`, for an instance that replaces a faulty one.
    bindings: Vec<u8>,
    /// By predicate.
    enabled: Vec<bool>,
    /// By kind of the pack and predicate: whether rows may come of it. An event can
    /// have thousands.
    decided: Vec<Vec<bool>>,
    /// Functions that are off, by number in the manifest.
    silent: Vec<usize>,
    /// The batch in the module's memory: its kind, and the number of its first event.
    held: Option<(KindIdx, u64)>,
}

/// What `columns` says of a row.
pub(super) struct Computed {
    pub(super) severity: Option<Severity>,
    pub(super) columns: Vec<Column>,
}

impl Running {
    /// Instantiates a pack and binds its parameters: of `with` first, then of the
    /// site, then its own.
    pub(super) fn new(
        loaded: &Arc<Loaded>,
        runtime: &Runtime,
        with: &Map<String, Json>,
        libraries: &[Arc<dyn Library>],
    ) -> Result<Self, LoadError> {
        let pack = &loaded.pack;
        let params = values(loaded, runtime, with)?;
        let links = Links::new(&pack.manifest.functions, libraries);
        let (opened, problems) = links.open();
        let has: Vec<_> =
            libraries.iter().flat_map(|library| library.functions()).collect();
        let mut lacking = pack.functions_lacking(&has);
        let off = |(n, problem)| (n, lack_of_off(pack, n, problem));
        lacking.extend(problems.into_iter().map(off));
        let blind = pack.blind(&runtime.schema, &params, &lacking);
        let predicates = usize::try_from(pack.manifest.predicates).unwrap_or(0);
        let mut enabled = vec![true; predicates];
        for (rule, _) in &blind {
            let predicate = pack.plans.get(*rule).map(|plan| plan.predicate);
            let slot = predicate.and_then(|p| enabled.get_mut(usize::try_from(p).ok()?));
            if let Some(slot) = slot {
                *slot = false;
            }
        }
        let names = names(pack, runtime)?;
        let bindings = Bindings { enabled: enabled.clone(), params, names }.encode();
        let mut running = Self {
            instance: Instance::new(loaded.code.clone(), Arc::new(links), opened)?,
            silent: Vec::new(),
            blind: blind
                .into_iter()
                .map(|(rule, lacks)| Blind { rule: pack.full_name(rule), lacks })
                .collect(),
            loaded: loaded.clone(),
            faults: 0,
            off: false,
            bindings,
            decided: decided(pack, &enabled),
            enabled,
            held: None,
        };
        running.bind().map_err(|problem| LoadError::Bind { problem })?;
        Ok(running)
    }

    /// Takes over the faults of the same pack at work.
    pub(super) fn go_on(&mut self, old: &Self) {
        (self.faults, self.off) = (old.faults, old.off);
    }

    /// Whether a rule is decided by this pack for a kind.
    pub(super) fn decides(&self, predicate: u32, local_kind: u16) -> bool {
        let kind = self.decided.get(usize::from(local_kind));
        let predicate = usize::try_from(predicate).ok();
        kind.zip(predicate).and_then(|(kind, p)| kind.get(p)) == Some(&true)
    }

    /// The memory changes: what it holds is not the next batch.
    pub(super) fn forget(&mut self) {
        self.held = None;
    }

    /// Evaluates a batch; on a fault, says from which record on nothing is decided.
    pub(super) fn evaluate(
        &mut self,
        kind: KindIdx,
        batch: &Batch<'_>,
        out: &mut Vec<Row>,
    ) -> Result<(), (u32, Fault)> {
        let n = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        let local = self.hold(kind, batch).map_err(|fault| (0, fault))?;
        let mut from = 0;
        while from < n {
            from =
                self.evaluate_from(local, n, from, out).map_err(|fault| (from, fault))?;
        }
        self.mask_silent().map_err(|problem| (n, Fault::Output(problem)))
    }

    /// Rules whose functions have gone off are blind from now on.
    fn mask_silent(&mut self) -> Result<(), String> {
        let off = self.instance.off();
        if off.len() == self.silent.len() {
            return Ok(());
        }
        let pack = &self.loaded.pack;
        let fresh = off.iter().filter(|number| !self.silent.contains(number));
        let problem = || "it failed too often".to_owned();
        let lacking: Vec<_> =
            fresh.map(|n| (*n, lack_of_off(pack, *n, problem()))).collect();
        for (rule, plan) in pack.plans.iter().enumerate() {
            let lacks = pack.lacks_of_functions(rule, &lacking);
            let at = usize::try_from(plan.predicate).unwrap_or(usize::MAX);
            let Some(enabled) = self.enabled.get_mut(at).filter(|on| **on) else {
                continue;
            };
            if lacks.is_empty() {
                continue;
            }
            *enabled = false;
            bindings::disable(&mut self.bindings, at);
            self.blind.push(Blind { rule: pack.full_name(rule), lacks });
        }
        self.decided = decided(pack, &self.enabled);
        self.silent = off;
        self.bind()
    }

    /// Evaluates until the output is full or the batch is done.
    fn evaluate_from(
        &mut self,
        local: u16,
        n: u32,
        from: u32,
        out: &mut Vec<Row>,
    ) -> Result<u32, Fault> {
        let end = self.instance.evaluate(n, from)?;
        let predicates = self.loaded.pack.manifest.predicates;
        let before = out.len();
        let resume = rows::rows(self.instance.output(end)?, n, predicates, out)
            .map_err(bad_output)?;
        let problem = self.problem_of(local, from, resume, out, before);
        problem.map_or(Ok(resume), |problem| {
            out.truncate(before);
            Err(Fault::Output(problem))
        })
    }

    /// What is wrong with rows that are valid by themselves.
    fn problem_of(
        &self,
        local: u16,
        from: u32,
        resume: u32,
        out: &[Row],
        before: usize,
    ) -> Option<String> {
        if resume <= from {
            return Some("the module does not advance".to_owned());
        }
        if out.len() > ROWS_MAX {
            return Some("too many rows".to_owned());
        }
        let decided = self.decided.get(usize::from(local)).map_or(&[][..], Vec::as_slice);
        let is_asked = |row: &&Row| {
            let predicate = usize::try_from(row.predicate).ok();
            row.event >= from && predicate.and_then(|p| decided.get(p)) == Some(&true)
        };
        let bad = out.get(before..)?.iter().find(|row| !is_asked(row))?;
        let Row { event, predicate, .. } = bad;
        Some(format!(
            "the module reported predicate {predicate} for event {event}, \
             which it was not asked for"
        ))
    }

    /// Severity and columns of a row.
    pub(super) fn columns(
        &mut self,
        kind: KindIdx,
        batch: &Batch<'_>,
        record: u32,
        predicate: u32,
    ) -> Result<Computed, Fault> {
        self.hold(kind, batch)?;
        let end = self.instance.columns(record, predicate)?;
        let out = self.instance.output(end)?;
        let (severity, columns) =
            rows::columns(self.instance.memory(), out).map_err(bad_output)?;
        let severity = severity.and_then(|s| SEVERITIES.get(usize::from(s))).copied();
        Ok(Computed {
            severity,
            columns: columns.into_iter().map(Column::from).collect(),
        })
    }

    /// Verdicts of conditions, and causes of fields.
    pub(super) fn explain(
        &mut self,
        kind: KindIdx,
        batch: &Batch<'_>,
        record: u32,
        predicate: u32,
    ) -> Result<(Vec<Verdict>, Vec<Cause>), Fault> {
        self.hold(kind, batch)?;
        let end = self.instance.explain(record, predicate)?;
        rows::explanation(self.instance.output(end)?).map_err(bad_output)
    }

    /// Charges a fault: a fresh instance, or none any more.
    pub(super) fn charge(&mut self, allowed: u32) {
        self.faults = self.faults.saturating_add(1);
        self.held = None;
        let renewed = self.instance.renew();
        self.off = self.faults >= allowed || renewed.is_err();
        if let Ok(instance) = renewed {
            self.instance = instance;
            self.off |= self.bind().is_err();
        }
    }

    /// Copies a batch to the module's memory unless it is there.
    fn hold(&mut self, kind: KindIdx, batch: &Batch<'_>) -> Result<u16, Fault> {
        let missing = || Fault::Output("the pack does not know the kind".to_owned());
        let local = self.loaded.pack.local_kind(kind).ok_or_else(missing)?;
        let this = (kind, batch.sequence());
        if self.held == Some(this) {
            return Ok(local);
        }
        self.held = None;

        let no_room = || Fault::Output("no room for the batch".to_owned());
        let given = self.loaded.given.get(usize::from(local)).ok_or_else(no_room)?;
        let area = self.instance.code().verified.batch;
        let area = self.instance.area_mut(area);
        let all = 0..batch.len();
        batch.copy_to(area, local.into(), given.stride, all).ok_or_else(no_room)?;
        if !given.moves.is_empty() {
            batch.move_fields(area, given.stride, &given.moves).ok_or_else(no_room)?;
        }
        self.held = Some(this);
        Ok(local)
    }

    fn bind(&mut self) -> Result<(), String> {
        let area = self.instance.code().verified.bindings;
        let room = self.instance.area_mut(area).get_mut(..self.bindings.len());
        let Some(room) = room else {
            let (needs, has) = (self.bindings.len(), area.len);
            return Err(format!(
                "they take {needs} bytes, the module has room for {has}"
            ));
        };
        room.copy_from_slice(&self.bindings);
        let len = u32::try_from(self.bindings.len()).unwrap_or(u32::MAX);
        match self.instance.bind(len) {
            Ok(0) => Ok(()),
            Ok(status) => Err(format!("status {status}")),
            Err(fault) => Err(fault.to_string()),
        }
    }
}

/// What a rule lacks if it calls a function that does not answer.
fn lack_of_off(pack: &Pack, number: usize, problem: String) -> Lack {
    let needed = pack.manifest.functions.get(number);
    let plugin = needed.map(|needed| needed.function.plugin.clone()).unwrap_or_default();
    Lack::Off { plugin, problem }
}

/// For each name of a pack, its number among those of all packs.
fn names(pack: &Pack, runtime: &Runtime) -> Result<Vec<u16>, LoadError> {
    let known = |name: &String| {
        let found = runtime.names.iter().position(|known| known == name);
        found.and_then(|at| u16::try_from(at).ok())
    };
    let numbers: Option<Vec<u16>> = pack.manifest.names.iter().map(known).collect();
    numbers.ok_or_else(|| LoadError::Site(vec!["a name without a number".to_owned()]))
}

/// The values of a pack's parameters.
fn values(
    loaded: &Loaded,
    runtime: &Runtime,
    with: &Map<String, Json>,
) -> Result<Vec<Binding>, LoadError> {
    let (manifest, site) = (&loaded.pack.manifest, &runtime.site);
    let of_pack = site.pack_params.get(&manifest.name).and_then(Json::as_object);
    let mut problems = Vec::new();
    for name in of_pack.into_iter().flat_map(Map::keys).chain(with.keys()) {
        if !manifest.params.iter().any(|param| param.name == *name) {
            problems.push(format!("pack `{}` has no parameter `{name}`", manifest.name));
        }
    }
    let mut values = Vec::new();
    for param in &manifest.params {
        let value = with
            .get(&param.name)
            .or_else(|| of_pack.and_then(|values| values.get(&param.name)))
            .or_else(|| site.params.get(&param.name))
            .or(param.default.as_ref());
        let bind = |value| site::bind(param, value, &runtime.schema);
        let bound = value.map_or(Ok(Binding::Unbound), bind);
        values.push(bound.unwrap_or_else(|problem| {
            problems.push(format!("parameter `{}`: {problem}", param.name));
            Binding::Unbound
        }));
    }
    if problems.is_empty() { Ok(values) } else { Err(LoadError::Site(problems)) }
}

fn bad_output(bad: rows::BadOutput) -> Fault {
    Fault::Output(bad.to_string())
}

fn decided(pack: &Pack, enabled: &[bool]) -> Vec<Vec<bool>> {
    let of_kind = |kind: u16| {
        let decides = |(predicate, enabled): (u32, &bool)| {
            let plan = pack.plan_of(predicate);
            *enabled && plan.is_some_and(|(_, plan)| plan.kinds.contains(&kind))
        };
        (0_u32..).zip(enabled).map(decides).collect()
    };
    (0_u16..).zip(&pack.manifest.kinds).map(|(kind, _)| of_kind(kind)).collect()
}
