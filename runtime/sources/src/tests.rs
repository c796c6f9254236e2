//! Sources over captures and texts that are built here, byte by byte.

use crate::buffer::tests::Trickle;
use crate::{DEFAULT_LATENESS_NS, Format, Item, Merge, Source, SourceError, SourceStats};

/// Byte order of a capture under test.
#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u16(self, n: u16) -> [u8; 2] {
        match self {
            Order::Big => n.to_be_bytes(),
            Order::Little => n.to_le_bytes(),
        }
    }

    fn u32(self, n: u32) -> [u8; 4] {
        match self {
            Order::Big => n.to_be_bytes(),
            Order::Little => n.to_le_bytes(),
        }
    }
}

fn pcap(order: Order, magic: u32, link: u32, frames: &[(u32, u32, &[u8])]) -> Vec<u8> {
    let mut out = order.u32(magic).to_vec();
    out.extend(order.u16(2));
    out.extend(order.u16(4));
    for word in [0, 0, 65_535, link] {
        out.extend(order.u32(word));
    }
    for (seconds, fraction, data) in frames {
        let len = u32::try_from(data.len()).unwrap();
        for word in [*seconds, *fraction, len, len + 4] {
            out.extend(order.u32(word));
        }
        out.extend_from_slice(data);
    }
    out
}

fn block(order: Order, kind: u32, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(12 + body.len().next_multiple_of(4)).unwrap();
    let mut out = order.u32(kind).to_vec();
    out.extend(order.u32(len));
    out.extend_from_slice(body);
    out.resize(8 + body.len().next_multiple_of(4), 0);
    out.extend(order.u32(len));
    out
}

fn section(order: Order) -> Vec<u8> {
    let mut body = order.u32(0x1a2b_3c4d).to_vec();
    body.extend(order.u16(1));
    body.extend(order.u16(0));
    body.extend([0xff; 8]);
    block(order, 0x0a0d_0d0a, &body)
}

fn interface(order: Order, link: u16, tsresol: Option<u8>, tsoffset: i64) -> Vec<u8> {
    let mut body = order.u16(link).to_vec();
    body.extend(order.u16(0));
    body.extend(order.u32(0));
    if let Some(tsresol) = tsresol {
        body.extend(order.u16(9));
        body.extend(order.u16(1));
        body.extend([tsresol, 0, 0, 0]);
    }
    if tsoffset != 0 {
        body.extend(order.u16(14));
        body.extend(order.u16(8));
        match order {
            Order::Big => body.extend(tsoffset.to_be_bytes()),
            Order::Little => body.extend(tsoffset.to_le_bytes()),
        }
    }
    body.extend([0; 4]);
    block(order, 1, &body)
}

fn enhanced(order: Order, interface: u32, units: u64, data: &[u8]) -> Vec<u8> {
    let len = u32::try_from(data.len()).unwrap();
    let high = u32::try_from(units >> 32).unwrap();
    let low = u32::try_from(units & 0xffff_ffff).unwrap();
    let mut body = Vec::new();
    for word in [interface, high, low, len, len] {
        body.extend(order.u32(word));
    }
    body.extend_from_slice(data);
    block(order, 6, &body)
}

fn simple(order: Order, data: &[u8]) -> Vec<u8> {
    let mut body = order.u32(u32::try_from(data.len()).unwrap()).to_vec();
    body.extend_from_slice(data);
    block(order, 3, &body)
}

/// Reads `bytes`, given `step` at a time, to the end; one string an item. In steps
/// of 7 the reader also says before each step that it would wait.
fn read(bytes: &[u8], step: usize) -> (Vec<String>, Option<SourceError>, SourceStats) {
    let mut source = match Source::open(Trickle { bytes, step }, "test", None) {
        Ok(source) if step == 7 => source.watched(|| false),
        Ok(source) => source,
        Err(error) => return (Vec::new(), Some(error), SourceStats::default()),
    };
    let mut out = Vec::new();
    loop {
        match source.next() {
            Ok(Some(item)) => out.push(show(&item)),
            Ok(None) => return (out, None, source.stats()),
            Err(error) if error.is_idle() => {}
            Err(error) => {
                assert!(source.next().unwrap().is_none(), "an error ends a source");
                return (out, Some(error), source.stats());
            }
        }
    }
}

fn show(item: &Item<'_>) -> String {
    match item {
        Item::Frame(frame) => format!(
            "{} {} if {} link {} {:?}/{}",
            frame.index,
            frame.ts_ns,
            frame.interface,
            frame.link_type.0,
            frame.data,
            frame.orig_len
        ),
        Item::Line(line) => format!("{} @{} {}", line.number, line.offset, line.text),
    }
}

fn check(bytes: &[u8], expected: &[&str]) {
    for step in [1, 7, usize::MAX] {
        let (items, error, _) = read(bytes, step);
        assert_eq!(items, expected, "in steps of {step}");
        assert!(error.is_none(), "{error:?}");
    }
    // Cut anywhere, the items before the cut are the same and a cut inside a
    // record is said.
    for end in 0..bytes.len() {
        let (items, error, _) = read(&bytes[..end], usize::MAX);
        if error.is_some() {
            assert!(items.iter().zip(expected).all(|(a, b)| a == b), "cut at {end}");
        }
    }
}

#[test]
fn pcap_in_both_orders_and_units() {
    let frames: &[(u32, u32, &[u8])] = &[(1, 2, &[7, 8, 9]), (3, 4, &[])];
    let micro = ["1 1000002000 if 0 link 1 [7, 8, 9]/7", "2 3000004000 if 0 link 1 []/4"];
    let nano = ["1 1000000002 if 0 link 1 [7, 8, 9]/7", "2 3000000004 if 0 link 1 []/4"];
    for order in [Order::Big, Order::Little] {
        check(&pcap(order, 0xa1b2_c3d4, 1, frames), &micro);
        check(&pcap(order, 0xa1b2_3c4d, 1, frames), &nano);
        // A frame check sequence is announced in the upper half.
        check(&pcap(order, 0xa1b2_c3d4, 0x2400_0001, frames), &micro);
    }
}

#[test]
fn pcapng_with_sections_interfaces_and_resolutions() {
    let mut bytes = Vec::new();
    for order in [Order::Little, Order::Big] {
        bytes.extend(section(order));
        bytes.extend(interface(order, 1, None, 0));
        bytes.extend(interface(order, 113, Some(9), 0));
        bytes.extend(interface(order, 101, Some(0x80 | 10), 2));
        bytes.extend(enhanced(order, 0, 5, &[1]));
        bytes.extend(block(order, 5, &[0; 12]));
        bytes.extend(enhanced(order, 1, 1 << 32, &[2, 2]));
        bytes.extend(enhanced(order, 2, 512, &[3, 3, 3, 3, 3]));
        bytes.extend(simple(order, &[4, 4, 4]));
    }
    check(
        &bytes,
        &[
            "1 5000 if 0 link 1 [1]/1",
            "2 4294967296 if 1 link 113 [2, 2]/2",
            "3 2500000000 if 2 link 101 [3, 3, 3, 3, 3]/5",
            "4 0 if 0 link 1 [4, 4, 4]/3",
            "5 5000 if 0 link 1 [1]/1",
            "6 4294967296 if 1 link 113 [2, 2]/2",
            "7 2500000000 if 2 link 101 [3, 3, 3, 3, 3]/5",
            "8 0 if 0 link 1 [4, 4, 4]/3",
        ],
    );
}

#[test]
fn damaged_blocks_are_passed_and_counted() {
    let order = Order::Little;
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, None, 0));
    bytes.extend(enhanced(order, 9, 5, &[1]));
    let mut lying = enhanced(order, 0, 5, &[1]);
    lying[20] = 200;
    bytes.extend(lying);
    bytes.extend(enhanced(order, 0, 6, &[2]));
    let (items, error, stats) = read(&bytes, 5);
    assert_eq!(items, ["1 6000 if 0 link 1 [2]/1"]);
    assert!(error.is_none());
    assert_eq!(stats.damaged, 2);
}

#[test]
fn a_cut_capture_is_read_to_the_cut() {
    let bytes =
        pcap(Order::Little, 0xa1b2_c3d4, 1, &[(1, 0, &[1; 20]), (2, 0, &[2; 20])]);
    let (items, error, stats) = read(&bytes[..bytes.len() - 1], 9);
    assert_eq!(items.len(), 1);
    let error = error.unwrap();
    assert!(error.is_truncated());
    assert_eq!(error.to_string(), "`test`: the input ends inside frame 2 at byte 60");
    assert_eq!((stats.frames, stats.truncated), (1, 1));
}

#[test]
fn an_impossible_length_is_an_error() {
    let mut bytes = pcap(Order::Little, 0xa1b2_c3d4, 1, &[(1, 0, &[1; 20])]);
    bytes[24 + 8..24 + 12].copy_from_slice(&[0xff; 4]);
    let (items, error, _) = read(&bytes, usize::MAX);
    assert!(items.is_empty());
    let message = error.unwrap().to_string();
    assert_eq!(
        message,
        "`test`: frame 1 at byte 24 is damaged: it claims 4294967295 captured bytes"
    );
}

#[test]
fn lines_keep_their_numbers() {
    let mut bytes = b"\xef\xbb\xbf{\"a\":1}\r\n\n  {}  \n\xff\n".to_vec();
    bytes.extend(vec![b'x'; 3 * 1024 * 1024]);
    bytes.extend(b"\n{\"last\":1}");
    let expected = ["1 @3 {\"a\":1}", "3 @13 {}", "6 @3145751 {\"last\":1}"];
    for step in [1000, usize::MAX] {
        let (items, error, stats) = read(&bytes, step);
        assert_eq!(items, expected);
        assert!(error.is_none());
        assert_eq!((stats.blank, stats.not_utf8, stats.too_long), (1, 1, 1));
    }
}

#[test]
fn unusable_inputs_are_said() {
    let message = |bytes: &[u8]| read(bytes, 3).1.unwrap().to_string();
    assert_eq!(message(b""), "`test`: the input is empty");
    assert_eq!(
        message(b"\x1f\x8b\x08"),
        "`test`: compressed with gzip; decompress it first"
    );
    assert_eq!(message(b"ElfFile\0"), "`test`: the input ends inside header 1 at byte 0");
    assert!(message(b"\x7fELF").contains("neither a capture"));
}

fn merge(inputs: &[&[u8]], lateness_ns: i64) -> (Vec<String>, u64) {
    let open = |(i, bytes): (usize, &&'static [u8])| {
        Source::open(*bytes, &format!("{i}"), None).unwrap()
    };
    let inputs: Vec<&'static [u8]> = inputs
        .iter()
        .map(|bytes| &*Box::leak(bytes.to_vec().into_boxed_slice()))
        .collect();
    let mut merge =
        Merge::new(inputs.iter().enumerate().map(open).collect(), lateness_ns);
    let mut out = Vec::new();
    while let Some(merged) = merge.next().unwrap() {
        let (input, what) = match merged.item {
            Item::Frame(frame) => (frame.input, format!("{}", frame.ts_ns)),
            Item::Line(line) => (line.input, line.number.to_string()),
        };
        out.push(format!("{input}:{what}{}", if merged.late { " late" } else { "" }));
    }
    (out, merge.stats().late)
}

#[test]
fn inputs_are_merged_by_time_within_the_lateness() {
    let order = Order::Little;
    let nano = 0xa1b2_3c4d;
    let one = pcap(order, nano, 1, &[(0, 10, &[]), (0, 30, &[]), (0, 20, &[])]);
    let two =
        pcap(order, nano, 1, &[(0, 5, &[]), (0, 20, &[]), (0, 90, &[]), (0, 1, &[])]);
    let text = b"{\"ts\":\"1970-01-01T00:00:00.000000025Z\"}\n{}\n";
    let (items, late) = merge(&[&one, &two, text], DEFAULT_LATENESS_NS);
    assert_eq!(
        items,
        ["1:1", "1:5", "0:10", "0:20", "1:20", "2:1", "2:2", "0:30", "1:90"]
    );
    assert_eq!(late, 0);
    let (items, late) = merge(&[&one, &two], 0);
    assert_eq!(items, ["1:5", "0:10", "1:20", "0:30", "0:20 late", "1:90", "1:1 late"]);
    assert_eq!(late, 2);
}

#[test]
fn one_input_keeps_its_order() {
    let bytes =
        pcap(Order::Big, 0xa1b2_3c4d, 1, &[(9, 0, &[]), (1, 0, &[]), (9, 0, &[])]);
    let (items, late) = merge(&[&bytes], DEFAULT_LATENESS_NS);
    assert_eq!(items, ["0:9000000000", "0:1000000000 late", "0:9000000000"]);
    assert_eq!(late, 1);
}

#[test]
fn lines_are_late_by_their_own_times() {
    let line =
        |second: u32| format!("{{\"ts\":\"1970-01-01T00:00:{second:02}.000000Z\"}}\n");
    let text = [line(20), line(15), "{}\n".to_owned(), line(14), line(21)].concat();
    let (items, late) = merge(&[text.as_bytes()], DEFAULT_LATENESS_NS);
    assert_eq!(items, ["0:1", "0:2", "0:3", "0:4 late", "0:5"]);
    assert_eq!(late, 1);
}

#[test]
fn the_format_can_be_said() {
    let source = Source::open(&b"anything"[..], "x", Some(Format::JsonLines)).unwrap();
    assert_eq!(source.format(), Format::JsonLines);
}
