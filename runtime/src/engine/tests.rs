//! Compilation, cache and containment of modules written as text.

use std::sync::Arc;
use std::time::Duration;

use sha2::Digest as _;
use sha2::Sha256;

use super::Cache;
use super::CacheError;
use super::Code;
use super::CodeError;
use super::Engines;
use super::Fault;
use super::Instance;
use super::Links;
use super::Memory;
use super::Options;
use super::Origin;
use crate::testing::Module;
use crate::verify::Limits;

fn engines() -> Engines {
    let deadline = Duration::from_millis(20);
    Engines::new(Options { deadline, memory: Memory::Compact, ..Options::default() })
}

fn instance(code: Code) -> Instance {
    let links = Links::default();
    let (opened, _) = links.open();
    Instance::new(code, Arc::new(links), opened).expect("instantiates")
}

fn load(engines: &Engines, bytes: &[u8], cache: Option<&Cache>) -> (Instance, Origin) {
    let digest = Sha256::digest(bytes).into();
    let (code, origin) =
        engines.code(bytes, &digest, &Limits::default(), &[], cache).expect("loads");
    (instance(code), origin)
}

#[test]
fn calls_reach_the_module() {
    let bytes = Module::new("local.get $from local.get $n i32.add return").assemble();
    let (mut instance, origin) = load(&engines(), &bytes, None);
    assert_eq!(origin, Origin::Compiled { cache: None });
    assert_eq!(instance.evaluate(40, 2), Ok(42));
}

#[test]
fn faults_are_contained() {
    for (body, expected) in [
        ("unreachable", "wasm `unreachable` instruction executed"),
        ("loop br 0 end", "did not end in time"),
        (
            "(drop (call $evaluate (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))",
            "call stack exhausted",
        ),
        ("(drop (i32.load (i32.const -4)))", "out of bounds memory access"),
        ("(drop (i32.div_s (local.get $n) (i32.const 0)))", "integer divide by zero"),
        ("(i32.store offset=4294967295 (local.get $n) (i32.const 0))", "out of bounds"),
    ] {
        let bytes = Module::new(body).assemble();
        let (mut instance, _) = load(&engines(), &bytes, None);
        let fault = instance.evaluate(1, 0).expect_err(body).to_string();
        assert!(fault.contains(expected), "{fault}: {body}");
        // Another instance of the same code is as good as new.
        assert!(instance.renew().is_ok());
    }
    assert_eq!(Fault::Deadline.to_string(), "did not end in time");
}

#[test]
fn the_cache_is_used_and_mended() {
    let root = tempfile::tempdir().expect("a directory");
    let cache = Cache::open(root.path().join("native")).expect("made private");
    for body in ["i32.const 7 return", "loop br 0 end"] {
        let bytes = Module::new(body).assemble();
        let compiled = Origin::Compiled { cache: None };
        assert_eq!(load(&engines(), &bytes, Some(&cache)).1, compiled);
        assert_eq!(load(&engines(), &bytes, Some(&cache)).1, Origin::Cache);
        // Limits are part of what was verified.
        let digest = Sha256::digest(&bytes).into();
        let limits = Limits { functions: 100, ..Limits::default() };
        let again =
            engines().code(&bytes, &digest, &limits, &[], Some(&cache)).expect("loads");
        assert_eq!(again.1, compiled);
        for entry in std::fs::read_dir(root.path().join("native")).expect("readable") {
            let path = entry.expect("an entry").path();
            let mut file = std::fs::read(&path).expect("readable");
            let last = file.len() - 1;
            file[last] ^= 1;
            std::fs::write(&path, &file[..]).expect("writable");
        }
        assert_eq!(load(&engines(), &bytes, Some(&cache)).1, compiled);
        assert_eq!(load(&engines(), &bytes, Some(&cache)).1, Origin::Cache);
    }
}

/// Several runtimes of one process share a cache, and load the same pack at once.
#[test]
fn the_cache_is_filled_by_several_at_once() {
    let root = tempfile::tempdir().expect("a directory");
    let cache = Cache::open(root.path().join("native")).expect("made private");
    let bytes = Module::new("i32.const 7 return").assemble();
    let digest = Sha256::digest(&bytes).into();
    let artefact =
        engines().precompile(&bytes, &digest, &Limits::default(), &[]).expect("compiles");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    cache.install(&artefact).expect("written");
                }
            });
        }
    });
    assert_eq!(load(&engines(), &bytes, Some(&cache)).1, Origin::Cache);
    let left = std::fs::read_dir(root.path().join("native")).expect("readable").count();
    assert_eq!(left, 2, "the code and its header");
}

#[cfg(unix)]
#[test]
fn a_cache_open_to_others_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().expect("a directory");
    let dir = root.path().join("native");
    Cache::open(&dir).expect("made private");
    let open = |mode| {
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(mode))
            .expect("ours");
        Cache::open(&dir)
    };
    for mode in [0o777, 0o770, 0o701] {
        assert!(matches!(open(mode), Err(CacheError::NotPrivate { .. })), "{mode:o}");
    }
    assert!(open(0o700).is_ok());
    let link = root.path().join("link");
    std::os::unix::fs::symlink(&dir, &link).expect("a link");
    assert!(matches!(Cache::open(&link), Err(CacheError::NotPrivate { .. })));
}

#[test]
fn an_artefact_of_another_pack_is_refused() {
    let (one, two) = (
        Module::new("i32.const 1 return").assemble(),
        Module::new("i32.const 2 return").assemble(),
    );
    let digest = |bytes: &[u8]| Sha256::digest(bytes).into();
    let limits = Limits::default();
    let artefact =
        engines().precompile(&one, &digest(&one), &limits, &[]).expect("compiles");
    let error = engines().code_of(&artefact, &digest(&two), &limits, &[]).err();
    assert_eq!(error, Some(CodeError::Artefact(super::BadArtefact::OtherPack)));
    let code = engines().code_of(&artefact, &digest(&one), &limits, &[]).expect("fits");
    assert_eq!(instance(code).evaluate(0, 0), Ok(1));
}

#[cfg(feature = "pulley")]
#[test]
fn the_interpreter_gives_the_same_result() {
    let options = Options { strategy: super::Strategy::Pulley, ..Options::default() };
    let bytes = Module::new("local.get $from local.get $n i32.add return").assemble();
    let (mut instance, _) = load(&Engines::new(options), &bytes, None);
    assert_eq!(instance.evaluate(40, 2), Ok(42));
}
