//! What a sensor does with the runtime: loads a pack, writes typed records, hands
//! over lines of JSON, prints alerts.
//!
//! ```text
//! embedder compile PACK FOLDER        (feature cranelift) artefacts: native, pulley
//! embedder run PACK                   (feature cranelift) compiled here
//! embedder run PACK native|pulley FOLDER     from an artefact
//! ```
//!
//! Events come as lines on standard input; one more is written as a record.

use std::error::Error;
use std::io::{BufRead, stdin};

use tagout_runtime::{Artefact, Options, Output, Runtime, Strategy};
use tagout_spec::record::Value;
use tagout_spec::schema::Schema;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        #[cfg(feature = "cranelift")]
        ["compile", pack, folder] => compile(pack, folder),
        ["run", pack] => {
            let bytes = std::fs::read(pack)?;
            run(Runtime::builder().pack(*pack, bytes).build()?)
        }
        ["run", pack, strategy, folder] => {
            let bytes = std::fs::read(pack)?;
            let artefact = std::fs::read(format!("{folder}/{strategy}"))?;
            // SAFETY: the file was written by `compile` of this very program, in a
            // folder that the test has to itself.
            let artefact = unsafe { Artefact::from_trusted_bytes(artefact) };
            let artefact = artefact.map_err(|error| error.to_string())?;
            let builder = Runtime::builder().options(options(strategy)?);
            run(builder.precompiled(*pack, bytes, artefact).build()?)
        }
        _ => Err("usage: embedder compile PACK FOLDER | run PACK [STRATEGY FOLDER]".into()),
    }
}

fn options(strategy: &str) -> Result<Options, String> {
    let strategy = match strategy {
        "native" => Strategy::Native,
        #[cfg(feature = "pulley")]
        "pulley" => Strategy::Pulley,
        other => return Err(format!("no strategy `{other}` in this build")),
    };
    Ok(Options { strategy, ..Options::default() })
}

#[cfg(feature = "cranelift")]
fn compile(pack: &str, folder: &str) -> Result<(), Box<dyn Error>> {
    let bytes = std::fs::read(pack)?;
    for strategy in ["native", "pulley"] {
        let limits = tagout_runtime::verify::Limits::default();
        let artefact = tagout_runtime::precompile(&bytes, &options(strategy)?, &limits)?;
        std::fs::write(format!("{folder}/{strategy}"), artefact.as_bytes())?;
    }
    Ok(())
}

fn run(runtime: Runtime) -> Result<(), Box<dyn Error>> {
    let mut session = runtime.session()?;
    for line in stdin().lock().lines() {
        session.line(line?.as_bytes())?;
    }
    let schema = Schema::builtin();
    let kind = schema.kind_idx("modbus").ok_or("no modbus")?;
    let modbus = schema.kind(kind).ok_or("no modbus")?;
    session.event(kind, |record| {
        for (path, value) in [
            ("ts", Value::Int(1_795_341_600_000_000_000)),
            ("src.ip", Value::Ip(mapped([10, 30, 1, 9]))),
            ("dst.ip", Value::Ip(mapped([10, 10, 0, 7]))),
            ("request", Value::Bool(true)),
            ("function", Value::Int(8)),
            ("subfunction", Value::Int(1)),
            ("unit", Value::Int(3)),
        ] {
            if let Some((field, _)) = modbus.lookup(path) {
                record.set(field, value);
            }
        }
    })?;
    session.flush();
    while let Some(output) = session.next_output() {
        match output {
            Output::Alert(alert) => println!("{}", alert.to_eve()),
            other => return Err(format!("{other:?}").into()),
        }
    }
    Ok(())
}

/// An IPv4 address as records hold it.
fn mapped(v4: [u8; 4]) -> [u8; 16] {
    let mut ip = [0; 16];
    ip[10..12].fill(0xff);
    ip[12..].copy_from_slice(&v4);
    ip
}
