//! Packs whose sections lie, and rules that this sensor cannot decide.

use tagout_spec::pack::bindings::Binding;
use tagout_spec::pack::documents;
use tagout_spec::pack::manifest::Dedup;
use tagout_spec::pack::manifest::ParamInfo;
use tagout_spec::pack::manifest::ParamType;
use tagout_spec::pack::manifest::section;
use tagout_spec::schema::Schema;

use super::Pack;
use super::collisions;
use crate::testing::Module;
use crate::testing::Sections;
use crate::testing::add_section;

fn read(bytes: &[u8]) -> Result<Pack, String> {
    Pack::read(bytes, &Schema::builtin()).map_err(|error| error.to_string())
}

#[track_caller]
fn check(edit: impl Fn(&mut Sections), expected: &str) {
    let mut sections = Sections::new("p", 3);
    edit(&mut sections);
    match read(&sections.pack(&Module::new(""))) {
        Ok(_) => panic!("loaded, expected: {expected}"),
        Err(error) => assert_eq!(error, expected),
    }
}

#[test]
fn sound_sections_are_read() {
    let pack = read(&Sections::new("p", 3).pack(&Module::new(""))).expect("sound");
    assert_eq!(pack.full_name(2), "p/r2");
    assert_eq!(pack.rule("r1"), Some(1));
    assert_eq!(pack.rule("p/r1"), Some(1));
    assert_eq!(pack.rule("r3"), None);
    assert_eq!(pack.plan_of(1).map(|(rule, _)| rule), Some(1));
    assert!(pack.plan_of(3).is_none());
    assert_eq!(pack.blind(&Schema::builtin(), &[], &[]), vec![]);
    assert!(pack.tests().expect("none").is_empty());
}

#[test]
fn lying_sections_are_refused() {
    check(
        |s| s.plans[0].predicate = 3,
        "section `tagout.plans`: rule 0 has a predicate that the pack does not have",
    );
    check(
        |s| s.plans[1].predicate = 0,
        "section `tagout.plans`: two rules have predicate 0",
    );
    check(
        |s| s.plans[2].kinds = vec![0, 1],
        "section `tagout.plans`: rule 2 applies to a kind that the pack does not list",
    );
    check(
        |s| s.plans[2].reads = vec![(0, 1)],
        "section `tagout.plans`: rule 2 reads a field that the pack does not list",
    );
    check(
        |s| s.plans[0].params = vec![0],
        "section `tagout.plans`: rule 0 reads a parameter that the pack does not list",
    );
    check(
        |s| s.plans[0].dedup = Some(Dedup { by: vec![], window: -1 }),
        "section `tagout.plans`: rule 0 deduplicates over a negative time",
    );
    check(
        |s| s.manifest.predicates = u32::MAX,
        "section `tagout.manifest`: 4294967295 predicates, at most 1048576 allowed",
    );
    check(|s| s.manifest.name.clear(), "section `tagout.manifest`: the pack has no name");
    check(
        |s| s.manifest.kinds.push(s.manifest.kinds[0].clone()),
        "section `tagout.manifest`: the kind `modbus` is listed twice",
    );
}

#[test]
fn sections_are_there_once_and_whole() {
    let whole = Sections::new("p", 1).pack(&Module::new(""));
    let error = |bytes: &[u8]| read(bytes).err().unwrap_or_default();
    assert_eq!(
        error(&Module::new("").assemble()),
        "section `tagout.manifest`: is missing"
    );
    let mut twice = whole.clone();
    add_section(&mut twice, section::PLANS, &[0]);
    assert_eq!(error(&twice), "section `tagout.plans`: occurs twice");
    let mut other = Module::new("").assemble();
    add_section(&mut other, section::MANIFEST, b"{\"name\":");
    assert!(error(&other).starts_with("section `tagout.manifest`: malformed: EOF"));
    // Cut anywhere, it either is no module or lacks a section.
    for n in 0..whole.len() {
        let cut = &whole[..n];
        if let Ok(pack) = read(cut) {
            // Only the tests may be missing.
            assert!(pack.tests().expect("none").is_empty());
        }
    }
    assert!(error(b"garbage").starts_with("not a pack: "));
}

#[test]
fn information_that_lies_outside_or_is_no_document_is_contained() {
    let sections = Sections::new("p", 1);
    let mut bytes = Module::new("").assemble();
    let json = serde_json::to_vec(&sections.manifest).expect("serialises");
    add_section(&mut bytes, section::MANIFEST, &json);
    let mut plans = sections.plans.clone();
    plans[0].info = (u32::MAX, u32::MAX, 1);
    let mut rules = documents::Writer::default();
    let place = rules.add(b"xxxx").expect("small");
    let rules = rules.finish().expect("small");
    let outside = |plans: &[_]| {
        let mut bytes = bytes.clone();
        add_section(
            &mut bytes,
            section::PLANS,
            &postcard::to_allocvec(plans).expect("ok"),
        );
        add_section(&mut bytes, section::RULES, &rules);
        read(&bytes)
    };
    assert_eq!(
        outside(&plans).err().as_deref(),
        Some("section `tagout.plans`: rule 0 has its information outside the section")
    );
    plans[0].info = place;
    let pack = outside(&plans).expect("reads");
    assert_eq!(pack.full_name(0), "p/#0");
    let refused = pack.check_infos().expect_err("is no document").to_string();
    assert!(refused.starts_with("section `tagout.rules`: rule 0: "), "{refused}");
}

#[test]
fn blind_rules_say_what_they_lack() {
    let check = |edit: &dyn Fn(&mut Sections), params: &[Binding], expected: &[&str]| {
        let mut sections = Sections::new("p", 1);
        edit(&mut sections);
        let pack = read(&sections.pack(&Module::new(""))).expect("sound");
        let blind = pack.blind(&Schema::builtin(), params, &[]);
        let lacks = blind.iter().flat_map(|(_, lacks)| lacks).map(ToString::to_string);
        assert_eq!(lacks.collect::<Vec<_>>(), expected);
    };
    check(
        &|s| s.manifest.kinds[0].name = "telex".into(),
        &[],
        &["no events of kind `telex`"],
    );
    check(
        &|s| s.manifest.kinds[0].fields[0].path = "fun".into(),
        &[],
        &["no field `fun` in `modbus`"],
    );
    check(
        &|s| s.manifest.kinds[0].fields[0].fingerprint = "0123456789abcdef".into(),
        &[],
        &["another type, unit or place of `function` in `modbus`"],
    );
    check(
        &|s| s.manifest.kinds[0].fields[0].labels = vec![("write_single_coil".into(), 6)],
        &[],
        &["no label `write_single_coil` in `function`"],
    );
    let with_param = |s: &mut Sections| {
        let name = "engineering".to_owned();
        let param = ParamInfo {
            name,
            ty: ParamType::Ip,
            enumeration: None,
            max: Some(4),
            default: None,
        };
        s.manifest.params.push(param);
        s.plans[0].params.push(0);
    };
    check(&with_param, &[Binding::Unbound], &["no value for parameter `engineering`"]);
    check(&with_param, &[Binding::Ips(vec![])], &[]);
    // A view's rule is not blind for one kind that does not occur.
    check(
        &|s| {
            let mut other = s.manifest.kinds[0].clone();
            other.name = "telex".to_owned();
            s.manifest.kinds.push(other);
            s.plans[0].kinds.push(1);
            s.plans[0].reads.push((1, 0));
        },
        &[],
        &[],
    );
}

#[test]
fn signature_ids_do_not_collide() {
    let packs = |edit: &dyn Fn(&mut Sections)| {
        let mut sections = Sections::new("p", 2);
        edit(&mut sections);
        read(&sections.pack(&Module::new(""))).expect("sound")
    };
    let sound = packs(&|_| {});
    assert_eq!(collisions([&sound].into_iter()), Ok(()));
    let collides = packs(&|s| {
        for info in &mut s.infos {
            info.meta.insert("sid".to_owned(), 1_000_001.into());
        }
    });
    assert_eq!(
        collisions([&collides].into_iter()).map_err(|e| e.to_string()),
        Err("rules `p/r0` and `p/r1` have the same signature id 1000001; \
             give one of them a `sid` in `meta`"
            .to_owned())
    );
}
