//! Where things lie in a frame: Ethernet, at most a few VLAN tags, IPv4, and TCP or UDP.

use std::ops::Range;

use tagout_decode::LinkType;

use crate::run::Captured;

pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

const SYN_FIN_RST: u8 = 0x07;

/// A whole IPv4 packet of TCP or UDP that is no fragment.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// First byte of the IP header.
    pub(crate) ip: usize,
    /// First byte of the transport's header.
    pub(crate) transport: usize,
    pub(crate) protocol: u8,
    /// TCP: the flags that begin or end a connection.
    pub(crate) is_control: bool,
    /// TCP: what the sender says it has got.
    pub(crate) acknowledged: u32,
    /// What the transport carries.
    pub(crate) payload: Range<usize>,
    from: Vec<u8>,
    to: Vec<u8>,
}

/// Addresses and ports, the sender's first.
pub(crate) type Ends = (Vec<u8>, Vec<u8>);

pub(crate) fn packet(frame: &Captured) -> Option<Packet> {
    if frame.link_type != LinkType::ETHERNET {
        return None;
    }
    let data = frame.data.as_slice();
    let mut ip = 14;
    while data.get(ip - 2..ip)? == [0x81, 0x00] {
        ip += 4;
    }
    let header = data.get(ip..ip + 20)?;
    if data[ip - 2..ip] != [0x08, 0x00] || header[0] >> 4 != 4 || header[6] & 0x3f != 0 {
        return None;
    }
    if header[7] != 0 {
        return None;
    }
    let transport = ip + usize::from(header[0] & 0x0f) * 4;
    let end = ip + usize::from(u16::from_be_bytes([header[2], header[3]]));
    let protocol = header[9];
    let (start, is_control, acknowledged) = match protocol {
        TCP => {
            let tcp = data.get(transport..transport + 20)?;
            let acknowledged = u32::from_be_bytes([tcp[8], tcp[9], tcp[10], tcp[11]]);
            let start = transport + usize::from(tcp[12] >> 4) * 4;
            (start, tcp[13] & SYN_FIN_RST != 0, acknowledged)
        }
        UDP => (transport + 8, false, 0),
        _ => return None,
    };
    data.get(start..end)?;
    let ports = data.get(transport..transport + 4)?;
    let from = [&header[12..16], &ports[..2]].concat();
    let to = [&header[16..20], &ports[2..]].concat();
    let payload = start..end;
    Some(Packet { ip, transport, protocol, is_control, acknowledged, payload, from, to })
}

impl Packet {
    /// The direction.
    pub(crate) fn ends(&self) -> Ends {
        (self.from.clone(), self.to.clone())
    }

    /// The flow, whoever sends.
    pub(crate) fn flow(&self) -> (u8, Vec<u8>, Vec<u8>) {
        let mut ends = [self.from.clone(), self.to.clone()];
        ends.sort();
        let [a, b] = ends;
        (self.protocol, a, b)
    }
}
