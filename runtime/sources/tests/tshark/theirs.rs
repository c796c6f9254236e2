//! tshark's answers, kept below `target/` for as long as they hold.

use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use tempfile::NamedTempFile;

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
    let kept = kept(path, &arguments(protocol, name), compact);
    packets(BufReader::new(File::open(kept).unwrap()), each);
}

/// The layers of every frame of a capture, as `eth:ethertype:ip:tcp:mbtcp:modbus`.
pub(crate) fn layers(path: &Path) -> BTreeMap<u64, String> {
    let fields = ["-T", "fields", "-e", "frame.number", "-e", "frame.protocols"];
    let kept = kept(path, &fields.map(str::to_owned), |mut lines, out| {
        std::io::copy(&mut lines, out).map(|_| ())
    });
    let text = fs::read_to_string(kept).unwrap();
    let row = |line: &str| {
        let (frame, layers) = line.split_once('\t')?;
        Some((frame.parse().ok()?, layers.to_owned()))
    };
    text.lines().filter_map(row).collect()
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

/// The file that keeps the answer about these bytes to this question; `rewrite` makes it
/// of what tshark prints.
fn kept(
    path: &Path,
    arguments: &[String],
    rewrite: impl FnOnce(BufReader<ChildStdout>, &mut dyn Write) -> io::Result<()>,
) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    (FORM, version(), arguments, fs::read(path).unwrap()).hash(&mut hasher);
    let name = format!("{:016x}", hasher.finish());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tshark");
    let kept = folder.join(&name);
    if !kept.is_file() {
        // Written beside and moved, so that a run that ends early leaves nothing half;
        // under a name of its own, since two tests may ask the same at once.
        fs::create_dir_all(&folder).unwrap();
        let mut out = BufWriter::new(NamedTempFile::new_in(&folder).unwrap());
        run(path, arguments, |lines| rewrite(lines, &mut out));
        out.into_inner().unwrap().persist(&kept).unwrap();
    }
    kept
}

fn run(
    path: &Path,
    arguments: &[String],
    take: impl FnOnce(BufReader<ChildStdout>) -> io::Result<()>,
) {
    let mut tshark = Command::new("tshark")
        .args(["-n", "-r"])
        .arg(path)
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tshark starts");
    take(BufReader::new(tshark.stdout.take().unwrap())).unwrap();
    let output = tshark.wait_with_output().unwrap();
    // 2: the capture ends within a packet; what came before counts.
    let errors = String::from_utf8_lossy(&output.stderr);
    let is_cut = errors.contains("cut short") || errors.contains("damaged");
    assert!(output.status.success() || is_cut, "{}: {errors}", path.display());
}
