//! The examples of the pages about plugins: what fails is refused with the page's code, and
//! what is mended is not.

use std::collections::BTreeMap;

use tagout_runtime::{Plugin, PluginOptions, Site};
use tagout_spec::pages::page;
use tagout_spec::plugin::manifest::Manifest;
use tagout_spec::plugin::refusal::Refusal;
use tagout_spec::schema::Schema;
use tagout_tests::plugins::{ECHO, assemble, runtime};

use crate::support::root;

/// The first block of code behind a heading of a page.
fn block(refusal: Refusal, heading: &str) -> String {
    let page = page(refusal.code()).expect("it has a page");
    let rest = page.split_once(&format!("## {heading}\n")).expect("the heading").1;
    let rest = rest.split_once("```").expect("a block").1;
    let (_, rest) = rest.split_once('\n').expect("its first line");
    rest.split_once("```").expect("its end").0.to_owned()
}

/// Checks both examples with what says why one is refused.
fn check(refusal: Refusal, why: impl Fn(&str) -> Option<String>) {
    let refused = why(&block(refusal, "Fails")).expect("it is refused");
    assert!(refused.contains(&format!("[{}]", refusal.code())), "{refused}");
    assert_eq!(why(&block(refusal, "Mended")), None, "{}", refusal.code());
}

fn read(bytes: &[u8]) -> Option<String> {
    let plugin = match Plugin::read(bytes) {
        Ok(plugin) => plugin,
        Err(error) => return Some(error.to_string()),
    };
    plugin.extend(&mut Schema::builtin()).err().map(|error| error.to_string())
}

#[test]
fn of_the_file_itself() {
    check(Refusal::Module, |wat| read(&wat::parse_str(wat).expect("it assembles")));
}

#[test]
fn of_its_manifest() {
    check(Refusal::Manifest, |toml| {
        let mended = Manifest::parse(toml).is_ok();
        // With its text the echo would be another plugin: it is looked at as a section.
        let lines: String = toml
            .lines()
            .map(|line| format!("{}\\n", line.replace('"', "\\\"")))
            .collect();
        let whole =
            format!("(module (memory 1) (@custom \"tagout.plugin\" \"{lines}\"))");
        let bytes = wat::parse_str(whole).expect("it assembles");
        let why = Plugin::read(&bytes).err().map(|error| error.to_string());
        why.filter(|_| !mended)
    });
}

#[test]
fn of_its_schema() {
    check(Refusal::Schema, |toml| {
        let name = toml.split('"').nth(1).expect("a name");
        let bytes = assemble(
            ECHO,
            &[(
                "name = 'echo'\\n\"\n    \"doc = 'a m",
                &format!("name = '{name}'\\n\"\n    \"doc = 'a m"),
            )],
        );
        read(&bytes.expect("it assembles"))
    });
}

/// Those of a site, with the plugin that reads a list of assets.
#[test]
fn of_a_site() {
    let folder = root().join("plugins/assets");
    let why = |toml: &str| {
        let mut plugins = Site::plugins(toml).expect("a site");
        let entry = plugins.remove(0);
        let bytes = std::fs::read(folder.join(&entry.file)).expect("the plugin");
        let data: BTreeMap<_, _> = entry
            .data
            .into_iter()
            .map(|(name, file)| (name, std::fs::read(folder.join(file)).unwrap().into()))
            .collect();
        let options =
            PluginOptions { allow: entry.allow, data, ..PluginOptions::default() };
        runtime(&[(bytes, options)], &[]).err()
    };
    check(Refusal::Capability, why);
    check(Refusal::Start, why);
    let refused = why(&block(Refusal::Site, "Fails")).expect("it is refused");
    assert!(refused.contains("[E0605]"), "{refused}");
}

/// Those of another version, with the echo at work.
#[test]
fn of_a_change_at_work() {
    let echo = |edits: &[(&str, &str)]| assemble(ECHO, edits).expect("it assembles");
    let runtime = runtime(&[(echo(&[]), PluginOptions::default())], &[]).unwrap();
    let mut session = runtime.session().unwrap();
    check(Refusal::Declares, |toml| {
        let ty = toml.split('"').nth(3).expect("a type");
        let bytes = echo(&[("type = 'u8'", &format!("type = '{ty}'"))]);
        let plugin = Plugin::read(&bytes).unwrap();
        let mut session = runtime.session().unwrap();
        let replaced = session.replace_plugin(plugin, &PluginOptions::default());
        replaced.err().map(|error| error.to_string())
    });
    let plugin = Plugin::read(&echo(&[])).unwrap();
    let present = session.add_plugin(plugin, &PluginOptions::default()).unwrap_err();
    assert_eq!(present.refusal(), Some(Refusal::Name));
    check(Refusal::Name, |toml| {
        let name = toml.split('"').nth(1).expect("a name");
        let mut session = runtime.session().unwrap();
        session.remove_plugin(name).err().map(|error| error.to_string())
    });
}
