//! Blind rules: those that this sensor and site can never decide.
//!
//! A rule is blind if it applies to no kind that the sensor knows, reads a field
//! that the sensor's schema does not have as the pack means it, or reads a
//! parameter that nobody bound, or calls a
//! function of a plugin that is not here. It is masked in the module and reported, so that
//! its silence is never taken for peace.

use std::collections::BTreeMap;
use std::fmt;

use tagout_spec::function::Function;
use tagout_spec::pack::bindings::Binding;
use tagout_spec::pack::manifest::NeededField;
use tagout_spec::pack::manifest::NeededKind;
use tagout_spec::pack::manifest::NeededPlugin;
use tagout_spec::pack::manifest::Plan;
use tagout_spec::schema::FieldType;
use tagout_spec::schema::Schema;
use tagout_spec::version::Version;

use super::Pack;
use super::given::place;

/// A rule that cannot be decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blind {
    /// `PACK/RULE`.
    pub rule: String,
    /// What is lacking; never empty.
    pub lacks: Vec<Lack>,
}

/// What a rule lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Lack {
    /// The sensor does not know the kind.
    Kind(String),
    /// The sensor's kind does not have the field.
    Field {
        /// Name of the kind.
        kind: String,
        /// Path of the field.
        path: String,
    },
    /// The sensor means something else by the field: type, unit or place differ.
    Meaning {
        /// Name of the kind.
        kind: String,
        /// Path of the field.
        path: String,
    },
    /// The sensor's enumeration has no such label, or with another number.
    Label {
        /// Path of the field.
        path: String,
        /// The label.
        label: String,
    },
    /// Neither the site nor the pack gives the parameter a value.
    Parameter(String),
    /// The sensor does not have the plugin, or has an older or another major version.
    Plugin {
        /// Name of the plugin.
        name: String,
        /// The version that the pack was compiled with.
        wanted: Version,
        /// The version that the sensor has.
        has: Option<Version>,
    },
    /// The sensor's plugin does not have the function, or with other types.
    Function {
        /// Name of the plugin.
        plugin: String,
        /// The function, as `NAME(TYPES) -> TYPE`.
        function: String,
    },
    /// The plugin did not start, or is off.
    Off {
        /// Name of the plugin.
        plugin: String,
        /// Why.
        problem: String,
    },
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "no events of kind `{kind}`"),
            Self::Field { kind, path } => write!(f, "no field `{path}` in `{kind}`"),
            Self::Meaning { kind, path } => {
                write!(f, "another type, unit or place of `{path}` in `{kind}`")
            }
            Self::Label { path, label } => write!(f, "no label `{label}` in `{path}`"),
            Self::Parameter(name) => write!(f, "no value for parameter `{name}`"),
            Self::Plugin { name, wanted, has: None } => {
                write!(f, "no plugin `{name}` {wanted}")
            }
            Self::Plugin { name, wanted, has: Some(has) } => {
                write!(f, "plugin `{name}` is {has}, which does not serve for {wanted}")
            }
            Self::Function { plugin, function } => {
                write!(f, "no function `{function}` in plugin `{plugin}`")
            }
            Self::Off { plugin, problem } => {
                write!(f, "plugin `{plugin}` gives no values: {problem}")
            }
        }
    }
}

impl fmt::Display for Blind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rule `{}` is blind: ", self.rule)?;
        for (i, lack) in self.lacks.iter().enumerate() {
            write!(f, "{}{lack}", if i == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Pack {
    /// The rules that are blind under a schema, bindings, and what is lacking of functions
    /// (by number in the manifest); by number.
    pub(crate) fn blind(
        &self,
        schema: &Schema,
        params: &[Binding],
        functions: &[(usize, Lack)],
    ) -> Vec<(usize, Vec<Lack>)> {
        // What is lacking of each field, found once and looked up for each rule.
        let lacks: BTreeMap<(u16, u16), Lack> = (0..)
            .zip(&self.manifest.kinds)
            .flat_map(|(k, kind)| {
                (0..).zip(&kind.fields).filter_map(move |(f, field)| {
                    Some(((k, f), lack_of(schema, kind, field)?))
                })
            })
            .collect();
        let rules = self.plans.iter().enumerate();
        rules
            .map(|(rule, plan)| {
                let mut found = self.lacks(plan, schema, &lacks, params);
                found.extend(self.lacks_of_functions(rule, functions));
                (rule, found)
            })
            .filter(|(_, lacks)| !lacks.is_empty())
            .collect()
    }

    fn lacks(
        &self,
        plan: &Plan,
        schema: &Schema,
        fields: &BTreeMap<(u16, u16), Lack>,
        params: &[Binding],
    ) -> Vec<Lack> {
        let name =
            |k: u16| self.manifest.kinds.get(usize::from(k)).map(|k| k.name.as_str());
        let unserved: Vec<(&NeededPlugin, Lack)> = self.unserved(schema);
        let unserved_kind =
            |k: u16| unserved.iter().find(|(needed, _)| needed.kinds.contains(&k));
        let known = |k: u16| {
            name(k).is_some_and(|name| schema.kind_idx(name).is_some())
                && unserved_kind(k).is_none()
        };
        let mut lacks: Vec<Lack> = Vec::new();
        // One unknown kind among several only means that it never occurs.
        if !plan.kinds.iter().any(|&k| known(k)) {
            lacks.extend(plan.kinds.iter().filter_map(|&k| match unserved_kind(k) {
                Some((_, lack)) => Some(lack.clone()),
                None => Some(Lack::Kind(name(k)?.into())),
            }));
        }
        let of_plugin = |needed: &NeededPlugin| {
            plan.reads.iter().any(|read| known(read.0) && needed.fields.contains(read))
        };
        let lacking = unserved.iter().filter(|(needed, _)| of_plugin(needed));
        lacks.extend(lacking.map(|(_, lack)| lack.clone()));
        if !fields.is_empty() {
            let of_known = plan.reads.iter().filter(|(k, _)| known(*k));
            lacks.extend(of_known.filter_map(|read| fields.get(read)).cloned());
        }
        lacks.extend(plan.params.iter().filter_map(|&p| {
            let param = self.manifest.params.get(usize::from(p))?;
            let bound = params.get(usize::from(p));
            let unbound = bound.is_none_or(|b| *b == Binding::Unbound);
            unbound.then(|| Lack::Parameter(param.name.clone()))
        }));
        lacks.sort();
        lacks.dedup();
        lacks
    }
}

impl Pack {
    /// The plugins that the pack needs and the sensor does not have, or not in a version
    /// that serves.
    fn unserved(&self, schema: &Schema) -> Vec<(&NeededPlugin, Lack)> {
        let lack = |needed: &NeededPlugin| {
            let has = schema.origins.iter().find(|origin| origin.plugin == needed.name);
            let has: Option<Version> = has.and_then(|origin| origin.version.parse().ok());
            let serves = has.is_some_and(|has| has.serves(&needed.version));
            let (name, wanted) = (needed.name.clone(), needed.version);
            (!serves).then_some(Lack::Plugin { name, wanted, has })
        };
        let needed = self.manifest.plugins.iter();
        needed.filter_map(|needed| Some((needed, lack(needed)?))).collect()
    }

    /// What a rule lacks of functions, each once.
    pub(crate) fn lacks_of_functions(
        &self,
        rule: usize,
        functions: &[(usize, Lack)],
    ) -> Vec<Lack> {
        let calls = |number: usize| {
            let needed = self.manifest.functions.get(number);
            let rule = u32::try_from(rule).ok();
            needed.zip(rule).is_some_and(|(needed, rule)| needed.rules.contains(&rule))
        };
        let lacks = functions.iter().filter(|(number, _)| calls(*number));
        let mut lacks: Vec<Lack> = lacks.map(|(_, lack)| lack.clone()).collect();
        lacks.sort();
        lacks.dedup();
        lacks
    }

    /// What is lacking of the functions that the pack declares, by number.
    pub(crate) fn functions_lacking(&self, has: &[&Function]) -> Vec<(usize, Lack)> {
        let needed = self.manifest.functions.iter().enumerate();
        needed
            .filter_map(|(number, needed)| Some((number, lack(&needed.function, has)?)))
            .collect()
    }
}

fn lack(wanted: &Function, has: &[&Function]) -> Option<Lack> {
    if has.iter().any(|has| has.serves(wanted)) {
        return None;
    }
    let plugin = || wanted.plugin.clone();
    let versions = || has.iter().filter(|has| has.plugin == wanted.plugin);
    if versions().any(|has| has.version.serves(&wanted.version)) {
        return Some(Lack::Function { plugin: plugin(), function: wanted.to_string() });
    }
    let has = versions().map(|has| has.version).max();
    Some(Lack::Plugin { name: plugin(), wanted: wanted.version, has })
}

fn lack_of(schema: &Schema, needed: &NeededKind, field: &NeededField) -> Option<Lack> {
    let (kind, path) = (needed.name.clone(), field.path.clone());
    let known = schema.kind(schema.kind_idx(&needed.name)?)?;
    let Some((idx, found)) = known.lookup(&field.path) else {
        return Some(Lack::Field { kind, path });
    };
    let fingerprint = schema.fingerprint(known, idx).unwrap_or(0);
    let has_place = !found.is_added() || place(needed, field, found).is_some();
    if field.fingerprint != format!("{fingerprint:016x}") || !has_place {
        return Some(Lack::Meaning { kind, path });
    }
    field.labels.iter().find_map(|(label, value)| {
        let agrees = enumerations(found.ty)
            .into_iter()
            .chain(found.items.iter().flat_map(|items| {
                items.fields.iter().filter_map(|inner| enumerations(inner.ty))
            }))
            .any(|e| schema.enum_value(e, label) == Some(*value));
        (!agrees).then(|| Lack::Label { path: path.clone(), label: label.clone() })
    })
}

fn enumerations(ty: FieldType) -> Option<tagout_spec::schema::EnumIdx> {
    match ty {
        FieldType::Enum(e, _)
        | FieldType::List(tagout_spec::schema::Scalar::Enum(e, _)) => Some(e),
        _ => None,
    }
}
