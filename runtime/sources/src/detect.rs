//! Which kind of input this is, from its first bytes alone.

use std::fmt;

/// Kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A libpcap capture file.
    Pcap,
    /// A pcapng capture file.
    Pcapng,
    /// A Windows event log.
    Evtx,
    /// One JSON object a line.
    JsonLines,
    /// The Linux audit daemon's log.
    Auditd,
    /// Windows events as XML, one element after another.
    Xml,
}

impl Format {
    /// All formats, in the order of their names on the command line.
    pub const ALL: [Format; 6] = [
        Format::Pcap,
        Format::Pcapng,
        Format::Evtx,
        Format::JsonLines,
        Format::Auditd,
        Format::Xml,
    ];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Pcap => "pcap",
            Format::Pcapng => "pcapng",
            Format::Evtx => "evtx",
            Format::JsonLines => "jsonl",
            Format::Auditd => "auditd",
            Format::Xml => "xml",
        }
    }

    /// The format of that name.
    pub fn from_name(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detected {
    /// The input is of this kind.
    Is(Format),
    /// The input is compressed by the named tool.
    Compressed(&'static str),
    /// These bytes begin several kinds: more of them are needed.
    NeedMore,
    /// The input is of no known kind.
    Unknown,
}

/// Bytes after which undecided input counts as unknown.
const ENOUGH: usize = 4096;

/// Magic numbers in file order. The third of pcap's is the "modified" format
/// of old Linux systems, whose record headers are longer.
const MAGICS: [(&[u8], Detected); 10] = [
    (&[0xd4, 0xc3, 0xb2, 0xa1], Detected::Is(Format::Pcap)),
    (&[0xa1, 0xb2, 0xc3, 0xd4], Detected::Is(Format::Pcap)),
    (&[0x34, 0xcd, 0xb2, 0xa1], Detected::Is(Format::Pcap)),
    (&[0x4d, 0x3c, 0xb2, 0xa1], Detected::Is(Format::Pcap)),
    (&[0xa1, 0xb2, 0x3c, 0x4d], Detected::Is(Format::Pcap)),
    (&[0x0a, 0x0d, 0x0d, 0x0a], Detected::Is(Format::Pcapng)),
    (b"ElfFile\0", Detected::Is(Format::Evtx)),
    (&[0x1f, 0x8b], Detected::Compressed("gzip")),
    (&[0x28, 0xb5, 0x2f, 0xfd], Detected::Compressed("zstd")),
    (&[0xfd, b'7', b'z', b'X', b'Z'], Detected::Compressed("xz")),
];

/// Says what input begins with `bytes`. Asks for more only while the answer is
/// open, so that a pipe is not waited for in vain.
pub fn detect(bytes: &[u8]) -> Detected {
    let mut open = false;
    for (magic, detected) in MAGICS {
        if bytes.starts_with(magic) {
            return detected;
        }
        open |= magic.starts_with(bytes);
    }
    if open { Detected::NeedMore } else { detect_text(bytes) }
}

/// Text formats, after an optional byte order mark and blank lines.
fn detect_text(bytes: &[u8]) -> Detected {
    const MARK: &[u8] = &[0xef, 0xbb, 0xbf];
    let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
    if text.first() == Some(&b'{') {
        return Detected::Is(Format::JsonLines);
    }
    const XML: [&[u8]; 2] = [b"<?xml", b"<Event"];
    if XML.iter().any(|opening| text.starts_with(opening)) {
        return Detected::Is(Format::Xml);
    }
    if !text.is_empty() && XML.iter().any(|opening| opening.starts_with(text)) {
        return Detected::NeedMore;
    }
    let mut lines = text.split(|&byte| byte == b'\n');
    let line = lines.next().unwrap_or_default();
    let complete = lines.next().is_some();
    let begins_record = |prefix: &[u8]| {
        line.starts_with(prefix) || (!complete && prefix.starts_with(line))
    };
    if !begins_record(b"type=") && !begins_record(b"node=") && !MARK.starts_with(bytes) {
        return Detected::Unknown;
    }
    if line.windows(10).any(|window| window == b"msg=audit(") {
        return Detected::Is(Format::Auditd);
    }
    if complete || bytes.len() >= ENOUGH {
        return Detected::Unknown;
    }
    Detected::NeedMore
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Detected) {
        assert_eq!(detect(bytes), expected, "{bytes:02x?}");
        // A prefix never decides otherwise; it may only ask for more.
        for end in 0..bytes.len() {
            let early = detect(&bytes[..end]);
            assert!(
                early == expected || early == Detected::NeedMore,
                "{:02x?} gave {early:?}",
                &bytes[..end]
            );
        }
    }

    #[test]
    fn kinds_are_found_from_the_first_bytes() {
        check(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0], Detected::Is(Format::Pcap));
        check(&[0xa1, 0xb2, 0x3c, 0x4d], Detected::Is(Format::Pcap));
        check(&[0x0a, 0x0d, 0x0d, 0x0a, 28], Detected::Is(Format::Pcapng));
        check(b"ElfFile\0\0\0", Detected::Is(Format::Evtx));
        check(b"{\"ts\":", Detected::Is(Format::JsonLines));
        check(b"\xef\xbb\xbf  \r\n {", Detected::Is(Format::JsonLines));
        check(b"type=SYSCALL msg=audit(1.2:3): a=b\n", Detected::Is(Format::Auditd));
        check(b"node=h type=CWD msg=audit(1.2:3):", Detected::Is(Format::Auditd));
        check(&[0x1f, 0x8b, 8], Detected::Compressed("gzip"));
        check(b"hello", Detected::Unknown);
        check(b"type=x\n", Detected::Unknown);
        check(b"<xml", Detected::Unknown);
        check(b"<?xml version", Detected::Is(Format::Xml));
        check(b"\xef\xbb\xbf<Event xmlns", Detected::Is(Format::Xml));
    }

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(Format::from_name(format.name()), Some(format));
        }
    }
}
