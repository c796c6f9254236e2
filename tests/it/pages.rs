//! Every diagnostic has its page, and every page its diagnostic.

use tagout_compiler::diagnostic::codes;
use tagout_spec::pages::PAGES;
use tagout_spec::plugin::refusal::Refusal;

use crate::support::{files, root};

/// Codes and titles of what is wrong with rules and packs, and with plugins.
fn declared() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_rules = codes::ALL.iter().map(|code| (code.id(), code.title()));
    of_rules.chain(Refusal::ALL.iter().map(|refusal| (refusal.code(), refusal.title())))
}

#[test]
fn codes_pages_and_files_name_the_same() {
    let declared: Vec<_> = declared().map(|(code, _)| code.to_owned()).collect();
    let embedded: Vec<_> = PAGES.iter().map(|(code, _)| (*code).to_owned()).collect();
    let stem = |path: &std::path::PathBuf| path.file_stem()?.to_str().map(str::to_owned);
    let on_disk: Vec<_> =
        files(&root().join("spec/errors"), ".md").iter().filter_map(stem).collect();
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(sorted(declared), on_disk);
    assert_eq!(embedded, on_disk, "run `cargo xtask codegen`");
}

#[test]
fn a_page_opens_with_its_code_and_title() {
    for (code, title) in declared() {
        let page = tagout_spec::pages::page(code).unwrap_or_default();
        let head = format!("# {code}: {title}");
        assert_eq!(page.lines().next(), Some(head.as_str()));
    }
}
