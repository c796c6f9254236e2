//! Packs written by hand, for tests: modules as text, sections as values.

use tagout_spec::pack::documents;
use tagout_spec::pack::manifest::ConditionInfo;
use tagout_spec::pack::manifest::Cost;
use tagout_spec::pack::manifest::Manifest;
use tagout_spec::pack::manifest::NeededField;
use tagout_spec::pack::manifest::NeededKind;
use tagout_spec::pack::manifest::OnUnknown;
use tagout_spec::pack::manifest::PackTest;
use tagout_spec::pack::manifest::Plan;
use tagout_spec::pack::manifest::RuleInfo;
use tagout_spec::pack::manifest::Severity;
use tagout_spec::pack::manifest::TitlePart;
use tagout_spec::pack::manifest::section;
use tagout_spec::schema::Schema;

/// A module with the interface of a pack, whose parts a test replaces.
pub(crate) struct Module {
    /// Imports, types, tables, functions, data; stands first.
    pub(crate) items: String,
    /// Body of `bind`, without its result 0.
    pub(crate) bind: String,
    /// Body of `evaluate` (`$records $n $out $from`, locals `$i $j`).
    pub(crate) evaluate: String,
    /// Body of `columns` (`$records $event $predicate $out`).
    pub(crate) columns: String,
    /// Body of `explain`, likewise.
    pub(crate) explain: String,
}

impl Module {
    pub(crate) fn new(evaluate: &str) -> Self {
        Self {
            items: String::new(),
            bind: String::new(),
            evaluate: evaluate.to_owned(),
            columns: String::new(),
            explain: String::new(),
        }
    }

    pub(crate) fn text(&self) -> String {
        let Self { items, bind, evaluate, columns, explain } = self;
        format!(
            r#"(module
  {items}
  (memory (export "memory") 32 32)
  (global (export "tagout_abi_major") i32 (i32.const 1))
  (global (export "tagout_abi_minor") i32 (i32.const 0))
  (global (export "tagout_batch") i32 (i32.const 65536))
  (global (export "tagout_batch_size") i32 (i32.const 1048576))
  (global (export "tagout_out") i32 (i32.const 0))
  (global (export "tagout_out_size") i32 (i32.const 4096))
  (global (export "tagout_bindings") i32 (i32.const 4096))
  (global (export "tagout_bindings_size") i32 (i32.const 4096))
  (func (export "bind") (param $at i32) (param $len i32) (result i32)
    {bind}
    (i32.const 0))
  (func $evaluate (export "evaluate") (param $records i32) (param $n i32)
    (param $out i32) (param $from i32) (result i32) (local $i i32) (local $j i32)
    (local $at i32) (local $row i32) (local $code i32)
    {evaluate}
    (i32.const 0))
  (func (export "columns") (param $records i32) (param $event i32)
    (param $predicate i32) (param $out i32) (result i32)
    {columns}
    (i32.const 0))
  (func (export "explain") (param $records i32) (param $event i32)
    (param $predicate i32) (param $out i32) (result i32)
    {explain}
    (i32.const 0)))"#
        )
    }

    pub(crate) fn assemble(&self) -> Vec<u8> {
        wat::parse_str(self.text()).expect("the test's module assembles")
    }
}

/// The sections of a pack, as a test wants them.
pub(crate) struct Sections {
    pub(crate) manifest: Manifest,
    pub(crate) plans: Vec<Plan>,
    pub(crate) infos: Vec<RuleInfo>,
    pub(crate) tests: Vec<PackTest>,
}

impl Sections {
    /// Rules named `r0`, `r1`, ... on `modbus`, each with the predicate of its
    /// number, reading `function`.
    pub(crate) fn new(name: &str, rules: u32) -> Self {
        let schema = Schema::builtin();
        let kind = schema.kind(schema.kind_idx("modbus").expect("built in")).expect("it");
        let (idx, _) = kind.lookup("function").expect("a field of modbus");
        let fingerprint = schema.fingerprint(kind, idx).expect("it has one");
        let function = NeededField {
            path: "function".to_owned(),
            fingerprint: format!("{fingerprint:016x}"),
            place: None,
            labels: Vec::new(),
            folded: false,
        };
        let manifest = Manifest {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            edition: "2026".to_owned(),
            license: String::new(),
            compiler: "by hand".to_owned(),
            unicode: "16.0.0".to_owned(),
            kinds: vec![NeededKind {
                name: "modbus".to_owned(),
                stride: kind.stride,
                fields: vec![function],
            }],
            names: Vec::new(),
            params: Vec::new(),
            functions: Vec::new(),
            plugins: Vec::new(),
            predicates: rules,
            max_rows: rules,
            replaceable: Vec::new(),
        };
        let plans = (0..rules).map(|predicate| Plan {
            predicate,
            kinds: vec![0],
            reads: vec![(0, 0)],
            params: Vec::new(),
            severity: Severity::Medium,
            on_unknown: OnUnknown::Count,
            dedup: None,
            info: (0, 0, 0),
        });
        let infos = (0..rules).map(|rule| RuleInfo {
            name: format!("r{rule}"),
            id: format!("{name}/r{rule}"),
            meta: serde_json::Map::new(),
            columns: Vec::new(),
            title: vec![TitlePart::Text(format!("rule {rule}"))],
            evidence: Vec::new(),
            fields: vec!["function".to_owned()],
            conditions: vec![ConditionInfo {
                depth: 0,
                source: "m.function == 16".to_owned(),
                place: ("rules.tag".to_owned(), 3),
                leaf: true,
            }],
            cost: Cost::default(),
        });
        Self {
            manifest,
            plans: plans.collect(),
            infos: infos.collect(),
            tests: Vec::new(),
        }
    }

    /// The module with these sections.
    pub(crate) fn pack(&self, module: &Module) -> Vec<u8> {
        let mut rules = documents::Writer::default();
        let mut plans = self.plans.clone();
        for (plan, info) in plans.iter_mut().zip(&self.infos) {
            let document = serde_json::to_vec(info).expect("serialises");
            plan.info = rules.add(&document).expect("small");
        }
        let json = |value: serde_json::Result<Vec<u8>>| value.expect("serialises");
        let mut bytes = module.assemble();
        add_section(
            &mut bytes,
            section::MANIFEST,
            &json(serde_json::to_vec(&self.manifest)),
        );
        let plans = postcard::to_allocvec(&plans).expect("serialises");
        add_section(&mut bytes, section::PLANS, &plans);
        add_section(&mut bytes, section::RULES, &rules.finish().expect("small"));
        add_section(&mut bytes, section::TESTS, &json(serde_json::to_vec(&self.tests)));
        bytes
    }
}

/// Appends a custom section.
pub(crate) fn add_section(bytes: &mut Vec<u8>, name: &str, data: &[u8]) {
    let leb = |mut n: usize| {
        let mut out = Vec::new();
        loop {
            let low = u8::try_from(n & 0x7f).expect("seven bits");
            n >>= 7;
            out.push(if n == 0 { low } else { low | 0x80 });
            if n == 0 {
                return out;
            }
        }
    };
    let name_len = leb(name.len());
    bytes.push(0);
    bytes.extend(leb(name_len.len() + name.len() + data.len()));
    bytes.extend(name_len);
    bytes.extend(name.bytes());
    bytes.extend(data);
}

/// The 16 bytes of an address.
pub(crate) fn ip(text: &str) -> [u8; 16] {
    tagout_spec::record::ip_octets(text.parse().expect("an address"))
}
