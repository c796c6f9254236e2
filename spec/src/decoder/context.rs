//! What is known of bytes besides themselves.
//!
//! It is kept as the head of the message that tells a plugin of them (`spec/plugin.md`,
//! *Messages*). On the way there nothing is translated, and a decoder, built in or not,
//! reads the few fields that it needs where they lie.
//!
//! ```text
//! Facts --Head::of--> Head --context()--> Context     whoever decodes
//!                      '----- a copy ---> a message   and its Context, within a plugin
//! ```

use crate::plugin::message;

use super::{COMMUNITY_LEN, Ip, Mac, Side, Transport};

/// Bytes of a head, without those that follow from its message.
type Bytes = [u8; message::PAYLOAD];

/// One end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Address.
    pub ip: Ip,
    /// Port.
    pub port: u16,
    /// Hardware address, where the link layer has one.
    pub mac: Option<Mac>,
}

/// What a [`Context`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts<'a> {
    /// Time of the frame that completed the bytes, in nanoseconds since 1970.
    pub ts_ns: i64,
    /// Whether that time has nanoseconds.
    pub nanos: bool,
    /// Number of the frame that holds the last of them.
    pub frame: u64,
    /// Which input they come from.
    pub input: u16,
    /// Whether the frame was late.
    pub late: bool,
    /// What carries them.
    pub transport: Transport,
    /// Sender.
    pub src: Endpoint,
    /// Receiver.
    pub dst: Endpoint,
    /// Which side of the flow the sender is.
    pub side: Side,
    /// The side that opened the connection, if that was seen.
    pub client: Option<Side>,
    /// Outermost VLAN.
    pub vlan: Option<u16>,
    /// Identifier of the flow.
    pub flow: u64,
    /// Community identifier of the flow.
    pub community: &'a [u8; COMMUNITY_LEN],
}

impl Facts<'_> {
    /// The same moment, with the other side as sender.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self { src: self.dst, dst: self.src, side: self.side.other(), ..*self }
    }
}

/// What is known of a frame besides the bytes that its protocol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameContext {
    /// Time of the frame.
    pub ts_ns: i64,
    /// Whether that time has nanoseconds.
    pub nanos: bool,
    /// Number of the frame.
    pub frame: u64,
    /// Which input it comes from.
    pub input: u16,
    /// Whether it was late.
    pub late: bool,
    /// Ether type.
    pub ethertype: u16,
    /// Sender, where the link layer says.
    pub src: Option<Mac>,
    /// Receiver, likewise.
    pub dst: Option<Mac>,
    /// Outermost VLAN.
    pub vlan: Option<u16>,
    /// Bytes at the end that the capture has cut: what is short by as many is not
    /// the sender's fault.
    pub missing: usize,
}

/// The bytes behind a [`Context`], in words: written whole, each is read back without
/// waiting until it has left the core.
#[derive(Clone, Copy, Debug)]
pub struct Head([[u8; 8]; message::PAYLOAD / 8]);

impl Head {
    /// Of bytes of a flow.
    #[inline(always)]
    #[must_use]
    pub fn of(facts: &Facts<'_>) -> Self {
        let client = facts.client.map_or(message::NO_SIDE, number);
        Self::whole(&Whole {
            ty: 0,
            sides: [number(facts.side), client],
            session: 0,
            ts_ns: facts.ts_ns,
            frame: facts.frame,
            flow: facts.flow,
            ips: [facts.src.ip, facts.dst.ip],
            ports: [facts.src.port, facts.dst.port],
            transport: facts.transport.number(),
            nanos: facts.nanos,
            late: facts.late,
            vlan: facts.vlan,
            macs: [facts.src.mac, facts.dst.mac],
            ethertype: 0,
            input: facts.input,
            community: facts.community,
        })
    }

    /// Of a frame without IP.
    #[must_use]
    pub fn of_frame(cx: &FrameContext) -> Self {
        Self::whole(&Whole {
            ty: message::FRAME,
            sides: [message::NO_SIDE; 2],
            session: u32::try_from(cx.missing).unwrap_or(u32::MAX),
            ts_ns: cx.ts_ns,
            frame: cx.frame,
            flow: 0,
            ips: [Ip::v6([0; 16]); 2],
            ports: [0; 2],
            transport: 0,
            nanos: cx.nanos,
            late: cx.late,
            vlan: cx.vlan,
            macs: [cx.src, cx.dst],
            ethertype: cx.ethertype,
            input: cx.input,
            community: &[0; COMMUNITY_LEN],
        })
    }

    /// Of a session that has ended: nothing else is said.
    #[must_use]
    pub fn of_close(session: u32) -> Self {
        let mut words = [[0; 8]; message::PAYLOAD / 8];
        let [a, b, c, d] = session.to_le_bytes();
        words[message::TYPE / 8] = [0, 0, 0, 0, message::CLOSE, 0, 0, 0];
        words[message::SESSION / 8] = [a, b, c, d, 0, 0, 0, 0];
        Self(words)
    }

    /// Its bytes, without those that follow from the message.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &[u8; message::PAYLOAD] {
        self.0.as_flattened().first_chunk().unwrap_or(&[0; message::PAYLOAD])
    }

    /// As whoever decodes sees it.
    #[inline]
    #[must_use]
    pub fn context(&self) -> Context<'_> {
        Context(self.bytes())
    }

    /// Word by word, as `spec/plugin.md` draws them.
    #[inline(always)]
    fn whole(of: &Whole<'_>) -> Self {
        let flag = |is: bool, flag: u8| if is { flag } else { 0 };
        let flags = flag(of.nanos, message::NANOS)
            | flag(of.late, message::LATE)
            | flag(of.vlan.is_some(), message::HAS_VLAN);
        let [src_mac, dst_mac] = of.macs;
        let macs = flag(src_mac.is_some(), message::HAS_SRC_MAC)
            | flag(dst_mac.is_some(), message::HAS_DST_MAC);
        let [src, dst] = of.ips;
        let (src, dst) = (halves(src.octets()), halves(dst.octets()));
        let [src_port, dst_port] = of.ports;
        let src_mac = src_mac.map_or(0, Mac::low_first);
        let dst_mac = dst_mac.map_or(0, Mac::low_first);
        let community = of.community.as_chunks().0;
        let [c0, c1, c2] = *community.first_chunk().unwrap_or(&[[0; 8]; 3]);
        let [a, b, c, d, e, f] = *of.community.last_chunk().unwrap_or(&[0; 6]);
        let [side, client] = of.sides;
        // Put together from bytes, a word would wait for each of them to leave the core.
        let w0 = u64::from(of.ty) << 32
            | u64::from(side) << 40
            | u64::from(client) << 48
            | u64::from(flags) << 56;
        let w9 = u64::from(src_port)
            | u64::from(dst_port) << 16
            | u64::from(of.vlan.unwrap_or(0)) << 32
            | u64::from(of.transport) << 48
            | u64::from(macs) << 56;
        let w10 = src_mac | dst_mac << 48;
        let w11 =
            dst_mac >> 16 | u64::from(of.ethertype) << 32 | u64::from(of.input) << 48;
        Self([
            w0.to_le_bytes(),
            u64::from(of.session).to_le_bytes(),
            of.ts_ns.to_le_bytes(),
            of.frame.to_le_bytes(),
            of.flow.to_le_bytes(),
            src[0],
            src[1],
            dst[0],
            dst[1],
            w9.to_le_bytes(),
            w10.to_le_bytes(),
            w11.to_le_bytes(),
            c0,
            c1,
            c2,
            [a, b, c, d, e, f, 0, 0],
        ])
    }
}

/// All that a head can say.
struct Whole<'a> {
    ty: u8,
    sides: [u8; 2],
    session: u32,
    ts_ns: i64,
    frame: u64,
    flow: u64,
    ips: [Ip; 2],
    ports: [u16; 2],
    transport: u8,
    nanos: bool,
    late: bool,
    vlan: Option<u16>,
    macs: [Option<Mac>; 2],
    ethertype: u16,
    input: u16,
    community: &'a [u8; COMMUNITY_LEN],
}

#[inline(always)]
fn halves(address: [u8; 16]) -> [[u8; 8]; 2] {
    let [a, b, c, d, e, f, g, h, rest @ ..] = address;
    [[a, b, c, d, e, f, g, h], rest]
}

/// What is known of bytes of a flow besides themselves.
#[derive(Clone, Copy)]
pub struct Context<'a>(&'a Bytes);

impl<'a> Context<'a> {
    /// Of the head of a message, as the host has written it.
    #[inline]
    #[must_use]
    pub fn of(head: &'a [u8; message::PAYLOAD]) -> Self {
        Self(head)
    }

    /// The bytes that it reads.
    #[inline]
    #[must_use]
    pub fn bytes(self) -> &'a [u8; message::PAYLOAD] {
        self.0
    }

    /// A copy that lasts.
    #[must_use]
    pub fn to_head(self) -> Head {
        let (words, _) = self.0.as_chunks();
        Head(*words.first_chunk().unwrap_or(&[[0; 8]; message::PAYLOAD / 8]))
    }

    /// Whether it is that of a message as a plugin is told it, and nobody has changed it.
    #[inline]
    #[must_use]
    pub fn is_told(self) -> bool {
        cfg!(target_family = "wasm") && self.array(message::BYTES) != [0; 4]
    }

    /// All of it, for a context that differs in some of it.
    #[must_use]
    pub fn facts(self) -> Facts<'a> {
        Facts {
            ts_ns: self.ts_ns(),
            nanos: self.nanos(),
            frame: self.frame(),
            input: self.input(),
            late: self.late(),
            transport: self.transport(),
            src: self.src(),
            dst: self.dst(),
            side: self.side(),
            client: self.client(),
            vlan: self.vlan(),
            flow: self.flow(),
            community: self.community(),
        }
    }

    /// Time of the frame that completed the bytes, in nanoseconds since 1970.
    #[inline]
    #[must_use]
    pub fn ts_ns(self) -> i64 {
        i64::from_le_bytes(self.array(message::TS))
    }

    /// Whether that time has nanoseconds.
    #[inline]
    #[must_use]
    pub fn nanos(self) -> bool {
        self.has(message::FLAGS, message::NANOS)
    }

    /// Number of the frame that holds the last of the bytes.
    #[inline]
    #[must_use]
    pub fn frame(self) -> u64 {
        u64::from_le_bytes(self.array(message::FRAME_NUMBER))
    }

    /// Which input they come from.
    #[inline]
    #[must_use]
    pub fn input(self) -> u16 {
        u16::from_le_bytes(self.array(message::INPUT))
    }

    /// Whether the frame was late.
    #[inline]
    #[must_use]
    pub fn late(self) -> bool {
        self.has(message::FLAGS, message::LATE)
    }

    /// What carries the bytes.
    #[inline]
    #[must_use]
    pub fn transport(self) -> Transport {
        let [number] = self.array(message::TRANSPORT);
        if number == Transport::Udp.number() { Transport::Udp } else { Transport::Tcp }
    }

    /// Sender.
    #[inline]
    #[must_use]
    pub fn src(self) -> Endpoint {
        Endpoint {
            ip: Ip::v6(self.array(message::SRC_IP)),
            port: self.src_port(),
            mac: self.src_mac(),
        }
    }

    /// Receiver.
    #[inline]
    #[must_use]
    pub fn dst(self) -> Endpoint {
        Endpoint {
            ip: Ip::v6(self.array(message::DST_IP)),
            port: self.dst_port(),
            mac: self.dst_mac(),
        }
    }

    /// The sender's address: 16 bytes, as a record holds them.
    #[inline]
    #[must_use]
    pub fn src_ip(self) -> [u8; 16] {
        self.array(message::SRC_IP)
    }

    /// The receiver's.
    #[inline]
    #[must_use]
    pub fn dst_ip(self) -> [u8; 16] {
        self.array(message::DST_IP)
    }

    /// The sender's port.
    #[inline]
    #[must_use]
    pub fn src_port(self) -> u16 {
        u16::from_le_bytes(self.array(message::SRC_PORT))
    }

    /// The receiver's.
    #[inline]
    #[must_use]
    pub fn dst_port(self) -> u16 {
        u16::from_le_bytes(self.array(message::DST_PORT))
    }

    /// The sender's hardware address, where the link layer has one.
    #[inline]
    #[must_use]
    pub fn src_mac(self) -> Option<Mac> {
        self.mac(message::HAS_SRC_MAC, message::SRC_MAC)
    }

    /// The receiver's.
    #[inline]
    #[must_use]
    pub fn dst_mac(self) -> Option<Mac> {
        self.mac(message::HAS_DST_MAC, message::DST_MAC)
    }

    /// Which side of the flow the sender is.
    #[inline]
    #[must_use]
    pub fn side(self) -> Side {
        let [side] = self.array(message::SIDE);
        if side == number(Side::B) { Side::B } else { Side::A }
    }

    /// The side that opened the connection, if that was seen.
    #[inline]
    #[must_use]
    pub fn client(self) -> Option<Side> {
        let [side] = self.array(message::CLIENT);
        [Side::A, Side::B].into_iter().find(|known| number(*known) == side)
    }

    /// Outermost VLAN.
    #[inline]
    #[must_use]
    pub fn vlan(self) -> Option<u16> {
        let vlan = || u16::from_le_bytes(self.array(message::VLAN));
        self.has(message::FLAGS, message::HAS_VLAN).then(vlan)
    }

    /// Identifier of the flow.
    #[inline]
    #[must_use]
    pub fn flow(self) -> u64 {
        u64::from_le_bytes(self.array(message::FLOW))
    }

    /// Community identifier of the flow.
    #[inline]
    #[must_use]
    pub fn community(self) -> &'a [u8; COMMUNITY_LEN] {
        let bytes = self.0.get(message::COMMUNITY..);
        bytes.and_then(|bytes| bytes.first_chunk()).unwrap_or(&[0; COMMUNITY_LEN])
    }

    /// Whether it is of a flow, and not of a frame without IP, of which it says less.
    #[cfg(feature = "std")]
    pub(crate) fn is_of_flow(self) -> bool {
        self.array(message::TYPE) != [message::FRAME]
    }

    #[inline(always)]
    fn mac(self, flag: u8, at: usize) -> Option<Mac> {
        self.has(message::MACS, flag).then(|| Mac::new(self.array(at)))
    }

    #[inline(always)]
    fn has(self, at: usize, flag: u8) -> bool {
        let [flags] = self.array(at);
        flags & flag != 0
    }

    /// Bytes of the head; the offsets are constants within it.
    #[inline(always)]
    fn array<const N: usize>(self, at: usize) -> [u8; N] {
        self.0.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
    }
}

impl core::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.facts().fmt(f)
    }
}

impl FrameContext {
    /// Of the head of a message, as the host has written it.
    #[must_use]
    pub fn of(head: &[u8; message::PAYLOAD]) -> Self {
        let cx = Context(head);
        let missing = u32::from_le_bytes(cx.array(message::SESSION));
        Self {
            ts_ns: cx.ts_ns(),
            nanos: cx.nanos(),
            frame: cx.frame(),
            input: cx.input(),
            late: cx.late(),
            ethertype: u16::from_le_bytes(cx.array(message::ETHERTYPE)),
            src: cx.src_mac(),
            dst: cx.dst_mac(),
            vlan: cx.vlan(),
            missing: usize::try_from(missing).unwrap_or(usize::MAX),
        }
    }
}

/// A side as a message has it.
#[inline]
fn number(side: Side) -> u8 {
    match side {
        Side::A => 0,
        Side::B => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMUNITY: [u8; COMMUNITY_LEN] = *b"1:LQU9qZlK+B5F3KDmev6m5PMibrg=";

    fn facts() -> Facts<'static> {
        let end = |last, port, mac| Endpoint { ip: Ip::v4([10, 0, 0, last]), port, mac };
        Facts {
            ts_ns: 0x0102_0304_0506_0708,
            nanos: true,
            frame: 9,
            input: 0x0a0b,
            late: false,
            transport: Transport::Udp,
            src: end(1, 0x1234, Some(Mac::new([1, 2, 3, 4, 5, 6]))),
            dst: end(2, 502, Some(Mac::new([0xa, 0xb, 0xc, 0xd, 0xe, 0xf]))),
            side: Side::B,
            client: None,
            vlan: Some(0x0c0d),
            flow: 42,
            community: &COMMUNITY,
        }
    }

    /// Byte by byte as `spec/plugin.md` draws it, *Messages*.
    #[test]
    fn a_head_is_that_of_the_message() {
        let head = Head::of(&facts());
        let bytes = head.bytes();
        let v4 = |last| [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last];
        let said: [(usize, &[u8]); 16] = [
            (0, &[0, 0, 0, 0, 0]),
            (5, &[1, 255, 1 | 4]),
            (8, &[0; 8]),
            (16, &[8, 7, 6, 5, 4, 3, 2, 1]),
            (24, &[9, 0, 0, 0, 0, 0, 0, 0]),
            (32, &[42, 0, 0, 0, 0, 0, 0, 0]),
            (40, &v4(1)),
            (56, &v4(2)),
            (72, &[0x34, 0x12]),
            (74, &[0xf6, 0x01]),
            (76, &[0x0d, 0x0c]),
            (78, &[17, 1 | 2]),
            (80, &[1, 2, 3, 4, 5, 6, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]),
            (92, &[0, 0, 0x0b, 0x0a]),
            (96, &COMMUNITY),
            (126, &[0, 0]),
        ];
        for (at, said) in said {
            assert_eq!(&bytes[at..at + said.len()], said, "{at}");
        }
        assert_eq!(said.iter().map(|(_, said)| said.len()).sum::<usize>(), bytes.len());
    }

    #[test]
    fn what_goes_in_comes_out() {
        let all = facts();
        let fewer = Facts { nanos: false, late: true, vlan: None, ..all };
        let bare = Endpoint { mac: None, ..all.src };
        let fewer = Facts { src: bare, client: Some(Side::A), ..fewer };
        let other = Facts { transport: Transport::Tcp, client: Some(Side::B), ..fewer };
        for facts in [all, fewer, other, all.turned(), other.turned()] {
            let head = Head::of(&facts);
            assert_eq!(head.context().facts(), facts);
            assert_eq!(head.context().to_head().bytes(), head.bytes());
        }
    }

    #[test]
    fn a_frame_says_what_it_lacks() {
        let cx = FrameContext {
            ts_ns: -1,
            nanos: false,
            frame: u64::MAX,
            input: 1,
            late: true,
            ethertype: 0x8892,
            src: Some(Mac::new([0xff; 6])),
            dst: None,
            vlan: Some(0),
            missing: 3,
        };
        assert_eq!(FrameContext::of(Head::of_frame(&cx).bytes()), cx);
    }
}
