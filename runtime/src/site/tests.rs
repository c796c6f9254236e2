//! Sites as text: what is found by address, and what contradicts itself.

use serde_json::json;
use tagout_spec::pack::bindings::Binding;
use tagout_spec::pack::manifest::ParamInfo;
use tagout_spec::pack::manifest::ParamType;
use tagout_spec::schema::Schema;

use super::Lookup;
use super::Site;
use super::bind;
use super::check::address;
use super::params::duration;

const PLANT: &str = r#"
    [[zone]]
    name = "plant"
    purdue = 3
    prefixes = ["10.0.0.0/8", "2001:db8::/32"]
    [[zone]]
    name = "cell 1"
    purdue = 1
    prefixes = ["10.10.0.0/24"]
    [[asset]]
    name = "press 7"
    addresses = ["10.10.0.5", "2001:db8::5"]
    mac = "00:1b:1b:00:00:01"
    role = "plc"
    criticality = "high"
    hosts = ["PRESS7"]
    [[asset]]
    name = "laptop"
    mac = ["00:1b:1b:00:00:02"]
    zone = "cell 1"
    [[maintenance]]
    asset = "press 7"
    from = 2026-11-22T08:00:00Z
    to = 2026-11-22T09:00:00Z
    [[maintenance]]
    zone = "cell 1"
    weekly = { days = ["mon", "sun"], from = "22:30", to = "24:00" }
    [params]
    limit = 5
    [pack.modbus.params]
    window = "5m"
"#;

fn site(text: &str) -> Site {
    Site::parse(text, &Schema::builtin()).expect("the test's site is sound")
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    match Site::parse(text, &Schema::builtin()) {
        Ok(_) => panic!("accepted, expected {expected:?}"),
        Err(error) => {
            let problems = error.problems();
            assert_eq!(problems.len(), expected.len(), "{problems:#?}");
            for (problem, expected) in problems.iter().zip(expected) {
                assert!(problem.contains(expected), "{problem}\nexpected: {expected}");
            }
        }
    }
}

#[test]
fn the_longest_prefix_wins() {
    // Both addresses of the press would have to lie in one zone.
    let site = site(&PLANT.replace("\"2001:db8::5\"", "\"10.10.0.6\""));
    let lookup = Lookup::new(&site);
    for (text, zone) in [
        ("9.255.255.255", None),
        ("10.0.0.0", Some(0)),
        ("10.9.255.255", Some(0)),
        ("10.10.0.0", Some(1)),
        ("10.10.0.255", Some(1)),
        ("10.10.1.0", Some(0)),
        ("10.255.255.255", Some(0)),
        ("11.0.0.0", None),
        ("::ffff:10.10.0.9", Some(1)),
        ("2001:db8::1", Some(0)),
        ("2001:db9::", None),
    ] {
        assert_eq!(lookup.zone(&address(text).expect("an address")), zone, "{text}");
    }
    assert_eq!(lookup.asset(&address("10.10.0.5").expect("an address")), Some(0));
    assert_eq!(lookup.asset(&address("10.10.0.7").expect("an address")), None);
    assert_eq!(lookup.asset_by_mac(&[0, 0x1b, 0x1b, 0, 0, 2]), Some(1));
    assert_eq!(lookup.asset_by_host(b"press7"), Some(0));
    assert_eq!(site.assets[0].zone, Some(1));
}

#[test]
fn windows_open_and_close() {
    let site = site(PLANT);
    let at = |text: &str| super::windows::time(text).expect("a time");
    let open = |windows: &[super::Window], text: &str| {
        windows.iter().any(|window| window.contains(at(text)))
    };
    let press = &site.assets[0].windows;
    assert!(!open(press, "2026-11-22T07:59:59.999999999Z"));
    assert!(open(press, "2026-11-22T08:00:00Z"));
    assert!(!open(press, "2026-11-22T09:00:00Z"));
    let cell = &site.zones[1].windows;
    // 2026-11-22 is a Sunday, 1969-12-29 a Monday.
    assert!(!open(cell, "2026-11-22T22:29:59Z"));
    assert!(open(cell, "2026-11-22T22:30:00Z"));
    assert!(!open(cell, "2026-11-23T00:00:00Z"));
    assert!(open(cell, "2026-11-23T23:59:59Z"));
    assert!(!open(cell, "2026-11-24T23:59:59Z"));
    assert!(open(cell, "1969-12-29T23:00:00Z"));
}

#[test]
fn contradictions_are_reported_all_at_once() {
    check(
        r#"
        [[zone]]
        name = "a"
        purdue = 7
        prefixes = ["10.0.0.0/24", "10.1.0.1/24", "10.2.0.0/33"]
        [[zone]]
        name = "b"
        prefixes = ["10.0.0.0/24", "10.3.0.0/16"]
        [[zone]]
        name = "b"
        [[asset]]
        name = "one"
        addresses = ["10.3.0.1", "10.300.0.1"]
        role = "plcc"
        zone = "a"
        [[asset]]
        name = "two"
        addresses = ["10.3.0.1"]
        mac = "00:00"
        zone = "nowhere"
        [[asset]]
        name = "two"
        [[maintenance]]
        asset = "one"
        from = 2026-11-22T09:00:00Z
        to = 2026-11-22T08:00:00Z
        [[maintenance]]
        zone = "c"
        weekly = { days = ["sunday"], from = "02:00", to = "25:00" }
        "#,
        &[
            "zone `a`: 7 is no Purdue level",
            "zone `a`: `10.1.0.1/24` has bits set after its first 24",
            "zone `a`: `10.2.0.0/33` is no prefix",
            "two zones are named `b`",
            "zones `a` and `b` have the same prefix `10.0.0.0/24`",
            "asset `one`: `10.300.0.1` is no address",
            "asset `one`: `plcc` is no role; there are unknown, plc",
            "asset `two`: `00:00` is no MAC address",
            "asset `two`: there is no zone `nowhere`",
            "assets `one` and `two` have the same address `10.3.0.1`",
            "two assets are named `two`",
            "asset `one`: its address `10.3.0.1` lies in zone `b`, not in zone `a`",
            "maintenance window 1: the window ends before it starts",
            "maintenance window 2: `25:00` is not a time of day",
            "maintenance window 2: there is no zone `c`",
        ],
    );
}

#[test]
fn unknown_keys_and_wrong_types_are_errors() {
    check("[[zone]]\nname = 'a'\nprefix = []\n", &["unknown field `prefix`"]);
    check("[[zones]]\nname = 'a'\n", &["unknown field `zones`"]);
    check("[[asset]]\nname = 7\n", &["expected a string"]);
    check("[[asset]\n", &["TOML parse error at line 1"]);
    check("[pack.a]\nparam = 1\n", &["unknown field `param`"]);
}

#[test]
fn parameters_are_read_by_type() {
    let schema = Schema::builtin();
    let info = |ty, max| ParamInfo {
        name: "p".to_owned(),
        ty,
        enumeration: None,
        max,
        default: None,
    };
    let ok = |ty, max, value| bind(&info(ty, max), &value, &schema).expect("fits");
    assert_eq!(
        ok(ParamType::Duration, None, json!("1h30m")),
        Binding::Int(5_400 * 1_000_000_000)
    );
    assert_eq!(
        ok(ParamType::Time, None, json!("1970-01-01T00:00:01Z")),
        Binding::Int(1_000_000_000)
    );
    assert_eq!(
        ok(ParamType::Name, Some(4), json!(["A", "b"])),
        Binding::Texts(vec![b"a".to_vec(), b"b".to_vec()])
    );
    let Binding::Ips(ranges) =
        ok(ParamType::Ip, Some(3), json!(["10.0.0.0/30", "::1", "10.0.0.1-10.0.0.2"]))
    else {
        panic!("a set of addresses")
    };
    assert_eq!(ranges.len(), 3);
    for (ty, max, value, expected) in [
        (ParamType::Int, None, json!("x"), "`\"x\"` is no `int`"),
        (ParamType::Int, None, json!(1.5), "`1.5` is no `int`"),
        (ParamType::Int, Some(1), json!([1, 2]), "2 values, at most 1 allowed"),
        (ParamType::Int, Some(1), json!(1), "`1` is not an array"),
        (ParamType::Bool, None, json!(1), "`1` is no `bool`"),
        (ParamType::Ip, None, json!("10.0.0.0/8"), "`10.0.0.0/8` is no address"),
        (ParamType::Ip, Some(1), json!(["10.0.0.9-10.0.0.1"]), "descends"),
        (ParamType::Bytes, None, json!({"hex": "0g"}), "is no `bytes`"),
        (ParamType::Text, None, json!("x".repeat(2000)), "2000 bytes, at most 1024"),
    ] {
        let problem = bind(&info(ty, max), &value, &schema).expect_err("refused");
        assert!(problem.contains(expected), "{problem}\nexpected: {expected}");
    }
    let codes = ParamInfo {
        enumeration: Some("modbus_function".to_owned()),
        ..info(ParamType::Int, Some(4))
    };
    let values = json!(["write_single_coil", 99, "16"]);
    assert_eq!(bind(&codes, &values, &schema), Ok(Binding::Ints(vec![5, 99, 16])));
    let problem = bind(&codes, &json!(["write_coil"]), &schema).expect_err("refused");
    assert_eq!(
        problem,
        "`\"write_coil\"` is no label of `modbus_function`, nor a number"
    );
    assert_eq!(duration("500ms"), Some(500_000_000));
    for text in ["", "5", "m", "5x", "99999999999d", "-", "--1s", "1 s"] {
        assert_eq!(duration(text), None, "{text}");
    }
}
