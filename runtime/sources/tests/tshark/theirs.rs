//! tshark's answers, kept below `target/` for as long as they hold.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::pdml::{Packet, compact, packets};
use crate::protocol::Protocol;

/// Changes when the form of what is kept does.
const FORM: u32 = 1;

/// Version of tshark, if it is installed; says loudly if not.
pub(crate) fn version() -> Option<&'static str> {
    static VERSION: OnceLock<Option<String>> = OnceLock::new();
    let version = VERSION.get_or_init(|| {
        let output = Command::new("tshark").arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines().next().map(str::to_owned)
    });
    if version.is_none() {
        eprintln!("NOT RUN: tshark is not installed");
    }
    version.as_deref()
}

/// All packets of a capture in which tshark sees the protocol.
pub(crate) fn each_packet(
    protocol: &Protocol,
    name: &str,
    path: &Path,
    each: impl FnMut(&Packet),
) {
    let arguments = arguments(protocol, name);
    let kept = kept(path, &arguments);
    if !kept.is_file() {
        // Written beside and moved, so that a run that ends early leaves nothing half.
        let part = kept.with_extension(std::process::id().to_string());
        fs::create_dir_all(kept.parent().unwrap()).unwrap();
        run(path, &arguments, &part);
        fs::rename(&part, &kept).unwrap();
    }
    packets(BufReader::new(File::open(kept).unwrap()), each);
}

fn arguments(protocol: &Protocol, name: &str) -> Vec<String> {
    let mut arguments: Vec<String> = Vec::new();
    let mut add = |flag: &str, text: &str| arguments.extend([flag.into(), text.into()]);
    add("-Y", protocol.filter);
    add("-T", "pdml");
    add("-J", protocol.layers);
    for preference in protocol.preferences {
        add("-o", preference);
    }
    for (_, port) in protocol.decode_as.iter().filter(|(end, _)| name.ends_with(end)) {
        add("-d", port);
    }
    arguments
}

/// Where the answer about these bytes to this question is kept.
fn kept(path: &Path, arguments: &[String]) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (FORM, version(), arguments, fs::read(path).unwrap()).hash(&mut hasher);
    let name = format!("{:016x}.nodes", hasher.finish());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("tshark").join(name)
}

fn run(path: &Path, arguments: &[String], out: &Path) {
    let mut tshark = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(path)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tshark starts");
    let pdml = BufReader::new(tshark.stdout.take().unwrap());
    compact(pdml, &mut BufWriter::new(File::create(out).unwrap())).unwrap();
    let output = tshark.wait_with_output().unwrap();
    // 2: the capture ends within a packet; what came before counts.
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_cut = errors.contains("cut short") || errors.contains("damaged");
    assert!(output.status.success() || is_cut, "{}: {errors}", path.display());
}
