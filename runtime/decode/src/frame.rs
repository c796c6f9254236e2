//! A captured frame, as sources hand it over.

/// The link-layer type of a frame: the number of the registry that pcap and
/// pcapng share. An open set: an unknown number survives and is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkType(pub u32);

impl LinkType {
    /// BSD loopback: four bytes of address family in the writer's byte order.
    pub const NULL: LinkType = LinkType(0);
    /// IEEE 802.3.
    pub const ETHERNET: LinkType = LinkType(1);
    /// Raw IP as some BSD systems number it in files.
    pub const RAW_BSD: LinkType = LinkType(12);
    /// Raw IP as `OpenBSD` numbers it in files.
    pub const RAW_OPENBSD: LinkType = LinkType(14);
    /// Raw IP, version from the first nibble.
    pub const RAW: LinkType = LinkType(101);
    /// `OpenBSD` loopback: the address family in network byte order.
    pub const LOOP: LinkType = LinkType(108);
    /// Linux cooked capture, version 1.
    pub const LINUX_SLL: LinkType = LinkType(113);
    /// Raw IPv4.
    pub const IPV4: LinkType = LinkType(228);
    /// Raw IPv6.
    pub const IPV6: LinkType = LinkType(229);
    /// Linux cooked capture, version 2.
    pub const LINUX_SLL2: LinkType = LinkType(276);
}

/// One captured frame; the bytes are borrowed from its source.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Time of capture in nanoseconds since 1970-01-01 UTC.
    pub ts_ns: i64,
    /// Whether the source keeps nanoseconds (else microseconds or coarser).
    pub nanos: bool,
    /// What the bytes begin with.
    pub link_type: LinkType,
    /// The captured bytes; fewer than `orig_len` if the capture cut the frame.
    pub data: &'a [u8],
    /// Length on the wire.
    pub orig_len: u32,
    /// Position in its input, from 1, as capture tools number frames.
    pub index: u64,
    /// Which input of the run it comes from, from 0.
    pub input: u16,
    /// Interface within the input, from 0.
    pub interface: u32,
}
