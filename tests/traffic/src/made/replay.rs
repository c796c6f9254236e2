//! The packs' own captures (`rules/PACK/captures`), over and over: each time between
//! other hosts and later, so that what is a connection is a new one.
//!
//! ```text
//! IPv4  10.0.0.1 -> 10.0.0.2    the third time: 10.3.0.1 -> 10.3.0.2   (second byte)
//! else  as it was
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use tagout_decode::{Frame, LinkType};
use tagout_sources::{Item, Source};

/// A pack's captures, in memory.
pub struct Replay {
    /// The pack's name.
    pub pack: String,
    frames: Vec<Captured>,
    /// From the first frame to some time after the last.
    period: i64,
}

struct Captured {
    ts_ns: i64,
    link_type: LinkType,
    data: Vec<u8>,
    /// Where an IPv4 header begins, in an Ethernet frame.
    ip: Option<usize>,
}

/// Between one time and the next: flows that were not closed have gone idle.
const PAUSE_NS: i64 = 3_600_000_000_000;

/// All packs that have captures, by name.
pub fn packs() -> Vec<Replay> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rules");
    let mut folders: Vec<PathBuf> = entries(&rules);
    folders.sort();
    folders.iter().filter_map(|folder| Replay::read(folder)).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path()).collect()
}

impl Replay {
    /// The captures of a pack's folder, if it has any.
    fn read(folder: &Path) -> Option<Replay> {
        let mut paths = entries(&folder.join("captures"));
        paths.retain(|path| path.extension().is_some_and(|e| e == "pcap"));
        paths.sort();
        let mut frames = Vec::new();
        for path in paths {
            let file = File::open(path).ok()?;
            let mut source = Source::open(file, "capture", None).ok()?;
            while let Ok(Some(item)) = source.next() {
                if let Item::Frame(frame) = item {
                    frames.push(Captured::new(&frame));
                }
            }
        }
        let times = || frames.iter().map(|frame: &Captured| frame.ts_ns);
        let period = times().max()? - times().min()? + PAUSE_NS;
        let pack = folder.file_name()?.to_string_lossy().into_owned();
        Some(Replay { pack, frames, period })
    }

    /// Frames of one time.
    #[expect(clippy::len_without_is_empty, reason = "a pack without captures has none")]
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// The frames of one time after another.
    pub fn each(&mut self, times: u32, mut take: impl FnMut(&Frame<'_>)) {
        let mut index = 0;
        for time in 0..times {
            let later = i64::from(time).saturating_mul(self.period);
            for captured in &mut self.frames {
                captured.move_hosts();
                index += 1;
                take(&captured.frame(captured.ts_ns.saturating_add(later), index));
            }
        }
    }

    /// Bytes that transports carry, or Ethernet where there is none, of one time.
    pub fn payload_bytes(&self) -> u64 {
        self.frames.iter().map(|frame| frame.payload() as u64).sum()
    }

    /// The bytes of a frame, between hosts of this time.
    pub fn bytes(&mut self, at: usize) -> Option<&[u8]> {
        let captured = self.frames.get_mut(at)?;
        captured.move_hosts();
        Some(&captured.data)
    }
}

impl Captured {
    fn new(frame: &Frame<'_>) -> Captured {
        let data = frame.data.to_vec();
        let is_ip = data.get(12..15) == Some(&[0x08, 0x00, 0x45]);
        let ip = (is_ip && frame.link_type == LinkType::ETHERNET).then_some(14);
        Captured { ts_ns: frame.ts_ns, link_type: frame.link_type, data, ip }
    }

    /// Other hosts than the last time: the second and third bytes of both addresses are
    /// counted up, so that none is the same in 65,536 times.
    fn move_hosts(&mut self) {
        let Some(ip) = self.ip else { return };
        for at in [ip + 12, ip + 16] {
            let Some(bytes) = self.data.get_mut(at + 1..at + 3) else { return };
            let Ok(pair) = <[u8; 2]>::try_from(&*bytes) else { return };
            let next = u16::from_be_bytes(pair).wrapping_add(1);
            bytes.copy_from_slice(&next.to_be_bytes());
        }
    }

    fn frame(&self, ts_ns: i64, index: u64) -> Frame<'_> {
        Frame {
            ts_ns,
            nanos: false,
            link_type: self.link_type,
            data: &self.data,
            orig_len: u32::try_from(self.data.len()).unwrap_or(u32::MAX),
            index,
            input: 0,
            interface: 0,
        }
    }

    fn payload(&self) -> usize {
        let Some(ip) = self.ip else { return self.data.len().saturating_sub(14) };
        let byte = |at: usize| self.data.get(at).copied().unwrap_or_default();
        let header = match byte(ip + 9) {
            6 => usize::from(byte(ip + 32) >> 4) * 4,
            _ => 8,
        };
        let total = u16::from_be_bytes([byte(ip + 2), byte(ip + 3)]);
        usize::from(total).saturating_sub(20 + header)
    }
}
