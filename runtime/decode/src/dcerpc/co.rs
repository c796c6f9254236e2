//! A PDU of a connection (C706, 12.6; [MS-RPCE] 2.2.2).
//!
//! ```text
//!  0 version 1 = 5 | minor 1 | type 1 | flags 1 | data representation 4
//!  8 length of the PDU 2 | length of the credentials 2 | call 4
//!
//! bind, alter context   transmit 2 | receive 2 | group 4 | n 1, 0 3 | contexts
//!   a context           id 2 | n 1, 0 1 | interface 16, version 4 | n * (syntax 16 + 4)
//! their answers         transmit 2 | receive 2 | group 4 | length 2, address | padding
//!                       n 1, 0 3 | n * (result 2 | reason 2 | syntax 16 + 4)
//! request               hint 4 | context 2 | operation 2 | (object 16) | stub
//! response, fault       hint 4 | context 2 | 0 2 | (fault: status 4 | 0 4) | stub
//!
//! the end, if credentials have a length: type 1 | level 1 | padding 1, 0 1 | id 4 | they
//! ```

use crate::dcerpc::ndr::{Fault, FaultKind, Ndr, Uuid, byte_order, packet_type as kind};

/// Bytes of the header.
pub(super) const HEADER_LEN: usize = 16;

const FIRST: u8 = 0x01;
const LAST: u8 = 0x02;
const OBJECT: u8 = 0x80;
/// Level at which the stub is encrypted.
const PRIVACY: u8 = 6;

/// The header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) little: bool,
    /// Length of the PDU.
    pub(super) length: u16,
    /// Length of the credentials.
    pub(super) credentials: u16,
    pub(super) call_id: u32,
}

impl Header {
    /// Reads a header; nothing if it is none, or not whole.
    pub(super) fn read(bytes: &[u8]) -> Option<Header> {
        let [5, 0 | 1, kind, flags, a, b, c, 0] = *bytes.first_chunk()? else {
            return None;
        };
        let little = byte_order([a, b, c])?;
        let mut ndr = Ndr::new(bytes.get(8..)?, little);
        let (length, credentials, call_id) = (ndr.u16()?, ndr.u16()?, ndr.u32()?);
        let fits = usize::from(length) >= HEADER_LEN
            && usize::from(credentials) <= usize::from(length).saturating_sub(HEADER_LEN);
        let known = kind <= kind::ORPHANED;
        (fits && known).then_some(Header {
            kind,
            flags,
            little,
            length,
            credentials,
            call_id,
        })
    }
}

/// An interface and its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) uuid: Uuid,
    pub(super) version: u32,
}

/// A PDU. What it does not have is none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pdu<'a> {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) little: bool,
    pub(super) length: u16,
    pub(super) call_id: u32,
    pub(super) context: Option<u16>,
    pub(super) opnum: Option<u16>,
    pub(super) object: Option<Uuid>,
    pub(super) status: Option<u32>,
    pub(super) contexts: Option<Contexts<'a>>,
    /// Secondary address of the server.
    pub(super) address: Option<&'a [u8]>,
    /// Type and level of the credentials.
    pub(super) authentication: Option<(u8, u8)>,
    pub(super) fault: Option<Fault>,
}

impl<'a> Pdu<'a> {
    /// Reads a whole PDU.
    pub(super) fn read(header: &Header, bytes: &'a [u8]) -> Pdu<'a> {
        let Header { kind, flags, little, length, call_id, .. } = *header;
        let mut pdu = Pdu { kind, flags, little, length, call_id, ..Pdu::default() };
        let credentials = usize::from(header.credentials);
        if credentials > 0 {
            let end = bytes.len().saturating_sub(credentials);
            let trailer = bytes.get(..end).and_then(|rest| rest.last_chunk::<8>());
            pdu.authentication = trailer.map(|[kind, level, ..]| (*kind, *level));
        }
        let mut ndr = Ndr::new(bytes.get(HEADER_LEN..).unwrap_or_default(), little);
        if pdu.body(&mut ndr).is_none() {
            let at = HEADER_LEN.saturating_add(ndr.cursor.at());
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            pdu.fault = Some(Fault { at, why: FaultKind::Short });
        }
        pdu
    }

    fn body(&mut self, ndr: &mut Ndr<'a>) -> Option<()> {
        match self.kind {
            kind::REQUEST => {
                let _hint = ndr.u32()?;
                self.context = Some(ndr.u16()?);
                self.opnum = Some(ndr.u16()?);
                if self.flags & OBJECT != 0 {
                    self.object = Some(ndr.uuid()?);
                }
            }
            kind::RESPONSE | kind::FAULT => {
                let _hint = ndr.u32()?;
                self.context = Some(ndr.u16()?);
                let _cancels = ndr.u16()?;
                if self.kind == kind::FAULT {
                    self.status = Some(ndr.u32()?);
                }
            }
            kind::BIND | kind::ALTER_CONTEXT => {
                let _sizes_and_group = ndr.cursor.array::<8>()?;
                let [n, _, _, _] = ndr.cursor.array()?;
                self.contexts = Some(Contexts { rest: *ndr, n, are_results: false });
                self.passed(ndr)?;
            }
            kind::BIND_ACK | kind::ALTER_CONTEXT_RESPONSE => {
                let _sizes_and_group = ndr.cursor.array::<8>()?;
                let length = ndr.u16()?;
                let address = ndr.cursor.take(length.into())?;
                let text = address.strip_suffix(&[0]).unwrap_or(address);
                self.address = (!text.is_empty()).then_some(text);
                // The header has 16 bytes, so the alignment counts from here as well.
                let padding = ndr.cursor.at().wrapping_neg() % 4;
                ndr.cursor.take(padding)?;
                let [n, _, _, _] = ndr.cursor.array()?;
                self.contexts = Some(Contexts { rest: *ndr, n, are_results: true });
                self.passed(ndr)?;
            }
            _ => {}
        }
        Some(())
    }

    /// Passes the contexts; nothing if they end too early.
    fn passed(&self, ndr: &mut Ndr<'a>) -> Option<()> {
        let mut contexts = self.contexts?;
        for _ in 0..contexts.n {
            let next = contexts.next();
            *ndr = contexts.rest;
            next?;
        }
        Some(())
    }

    /// Whether it is a call's first fragment.
    pub(super) fn is_first(&self) -> bool {
        self.flags & FIRST != 0
    }

    /// Whether it is a call's last fragment.
    pub(super) fn is_last(&self) -> bool {
        self.flags & LAST != 0
    }

    /// Whether the stub cannot be read.
    pub(super) fn is_encrypted(&self) -> bool {
        let calls = matches!(self.kind, kind::REQUEST | kind::RESPONSE | kind::FAULT);
        calls && self.authentication.is_some_and(|(_, level)| level == PRIVACY)
    }
}

/// Presentation contexts that are offered, or the results of that.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contexts<'a> {
    rest: Ndr<'a>,
    n: u8,
    are_results: bool,
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OneContext {
    /// Identifier, or the place in an answer.
    pub(super) id: u16,
    pub(super) offer: Option<Offer>,
    /// Result and reason.
    pub(super) result: Option<(u16, u16)>,
}

impl Contexts<'_> {
    /// The contexts, as far as there are bytes of them.
    pub(super) fn iter(mut self) -> impl Iterator<Item = OneContext> {
        let n = u16::from(self.n);
        (0..n).map_while(move |place| {
            let context = self.next()?;
            let id = if self.are_results { place } else { context.id };
            Some(OneContext { id, ..context })
        })
    }

    fn next(&mut self) -> Option<OneContext> {
        let ndr = &mut self.rest;
        if self.are_results {
            let result = Some((ndr.u16()?, ndr.u16()?));
            let _syntax = ndr.cursor.array::<20>()?;
            return Some(OneContext { id: 0, offer: None, result });
        }
        let id = ndr.u16()?;
        let [syntaxes, _] = ndr.cursor.array()?;
        let offer = Some(Offer { uuid: ndr.uuid()?, version: ndr.u32()? });
        ndr.cursor.take(usize::from(syntaxes).wrapping_mul(20))?;
        Some(OneContext { id, offer, result: None })
    }
}
