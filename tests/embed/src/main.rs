//! The smallest program that embeds the runtime.
//!
//! ```text
//! tagout-embed precompile native|pulley PACK CACHE     with the compiler
//! tagout-embed run        native|pulley PACK CACHE EVENTS
//! ```
//!
//! Without the compiler, `run` finds what `precompile` has put into the cache.

use std::error::Error;
use std::fs;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;

use tagout_runtime::Cache;
use tagout_runtime::Options;
use tagout_runtime::Output;
use tagout_runtime::Runtime;
use tagout_runtime::Session;
use tagout_runtime::Strategy;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["precompile", strategy, pack, cache] => precompile(strategy, pack, cache),
        ["run", strategy, pack, cache, events] => run(strategy, pack, cache, events),
        _ => Err("usage: tagout-embed precompile|run native|pulley PACK CACHE [EVENTS]".into()),
    }
}

#[cfg(feature = "cranelift")]
fn precompile(strategy: &str, pack: &str, cache: &str) -> Result<(), Box<dyn Error>> {
    let limits = tagout_runtime::verify::Limits::default();
    let artefact =
        tagout_runtime::precompile(&fs::read(pack)?, &options(strategy)?, &limits)?;
    Ok(Cache::open(cache)?.install(&artefact)?)
}

#[cfg(not(feature = "cranelift"))]
fn precompile(_: &str, _: &str, _: &str) -> Result<(), Box<dyn Error>> {
    Err("this build has no compiler".into())
}

fn run(
    strategy: &str,
    pack: &str,
    cache: &str,
    events: &str,
) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::builder()
        .options(options(strategy)?)
        .cache(Cache::open(cache)?)
        .pack(pack, fs::read(pack)?)
        .build()?;
    let mut session = runtime.session()?;
    for line in BufReader::new(fs::File::open(events)?).split(b'\n') {
        session.line(&line?)?;
        print(&mut session)?;
    }
    session.flush();
    print(&mut session)
}

fn print(session: &mut Session) -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    while let Some(output) = session.next_output() {
        match output {
            Output::Alert(alert) => writeln!(out, "{}", alert.to_eve())?,
            other => return Err(format!("{other:?}").into()),
        }
    }
    Ok(())
}

fn options(strategy: &str) -> Result<Options, Box<dyn Error>> {
    let strategy = match strategy {
        "native" => Strategy::Native,
        #[cfg(feature = "pulley")]
        "pulley" => Strategy::Pulley,
        other => return Err(format!("no strategy `{other}` in this build").into()),
    };
    Ok(Options { strategy, ..Options::default() })
}
