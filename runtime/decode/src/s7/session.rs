//! What a connection of S7comm remembers: requests that wait, blocks that are moved,
//! lists that come in pieces.
//!
//! ```text
//! message --> pdu --> pair with its request --> follow its transfer or list --> event
//! ```

use tagout_spec::record::typed::codes::{s7_function as function, s7_rosctr as rosctr};

use crate::artifact::Digest;
use crate::iso::{Tsdu, User};
use crate::net::flow::Side;
use crate::protocol::{Context, EventSink};
use crate::s7::block::Block;
use crate::s7::event::Event;
use crate::s7::ops;
use crate::s7::pdu::{self, Body, Message};
use crate::s7::pending::{Asked, Pending, PiName, Request};
use crate::s7::transfer::Transfer;
use crate::s7::transfers::{Key, Transfers};
use crate::s7::userdata::{self, Content, Userdata};

/// A connection of S7comm.
#[derive(Default)]
pub(super) struct S7User {
    pending: Pending,
    transfers: Transfers,
    lists: Vec<List>,
}

/// Most lists that come in pieces at a time. Controllers number them with a byte; the
/// oldest gives way.
const MAX_LISTS: usize = 8;

/// A list that a side sends in pieces, of which more are to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct List {
    side: Side,
    data_unit: u8,
    service: u16,
    /// Identifier and index of a system status list.
    pub(super) szl: Option<(u16, u16)>,
    /// Bytes of each of its records, and their number.
    pub(super) szl_records: Option<(u16, u16)>,
    /// Type of the blocks that are listed.
    pub(super) block_type: Option<u8>,
}

/// What a message is given by what came before it.
#[derive(Default)]
pub(super) struct Known {
    /// The request that it answers.
    pub(super) request: Option<Request>,
    /// The block that its transfer moves.
    pub(super) block: Option<Block>,
    /// The list that it goes on with.
    pub(super) list: Option<List>,
    /// The block that it ends the transfer of.
    pub(super) digest: Option<Digest>,
}

impl User for S7User {
    fn message(&mut self, cx: Context<'_>, tsdu: Tsdu<'_>, sink: &mut dyn EventSink) {
        let mut message = pdu::parse(tsdu.bytes);
        let mut content = Content::default();
        let mut known = Known::default();
        // By reference: a body is large, and most are not looked at here.
        let is_request = match (message.header, &message.body) {
            (Some(header), Body::Userdata(userdata)) => {
                let userdata = *userdata;
                if userdata.is_response() {
                    let service = Some(userdata.service());
                    let (side, ts_ns) = (cx.side(), cx.ts_ns());
                    known.request =
                        self.pending.take(side, header.reference, None, service, ts_ns);
                }
                let asked = known.request.as_ref().map(|request| request.asked);
                let asked = asked.unwrap_or_default();
                (content, known.list) =
                    self.userdata(cx, &mut message, &userdata, &asked);
                if userdata.is_request() {
                    self.ask_userdata(cx, header.reference, &userdata, &content);
                }
                Some(userdata.is_request())
            }
            (Some(header), _) if header.rosctr == rosctr::JOB => {
                self.job(cx, header.reference, &message, &mut known);
                Some(true)
            }
            (Some(header), _) if header.is_known() => {
                let code = message.function;
                known.request = self.pending.take(
                    cx.side(),
                    header.reference,
                    code,
                    None,
                    cx.ts_ns(),
                );
                self.answer(&message, &mut known);
                Some(false)
            }
            _ => None,
        };
        let event = Event { message: &message, content: &content, known: &known, tsdu };
        event.write(is_request, cx, sink);
        if let Some(request) = known.request {
            self.pending.recycle(request);
        }
    }

    fn on_gap(&mut self, side: Side) {
        // Answers of this side, and pieces of its lists, may be what is missing.
        self.pending.forget_answers_of(side);
        self.transfers.tear();
        self.lists.retain(|list| list.side != side);
    }
}

impl S7User {
    /// Keeps what a job asks, and follows its transfer.
    fn job(
        &mut self,
        cx: Context<'_>,
        reference: u16,
        message: &Message<'_>,
        known: &mut Known,
    ) {
        let mut asked = Asked { function: message.function, ..Asked::default() };
        let mut parameter: &[u8] = &[];
        match message.body {
            Body::Variables(_) => parameter = message.parameter,
            Body::Transfer(transfer) => {
                self.transfer(message.function, &transfer, known);
                asked.block = known.block;
                asked.transfer = transfer.id;
            }
            Body::Control(control) => {
                asked.block = control.blocks().next();
                asked.pi_service = control.service.map(PiName::new);
                if message.function == Some(function::PLC_CONTROL) {
                    let service = control.service.unwrap_or_default();
                    asked.op = ops::pi(service, control.argument);
                }
            }
            _ => {}
        }
        if message.fault.is_none() {
            self.pending.push(cx.side(), reference, cx.ts_ns(), asked, parameter);
        }
    }

    /// Follows the transfer of a job.
    #[cold]
    fn transfer(&mut self, code: Option<u8>, transfer: &Transfer<'_>, known: &mut Known) {
        known.block = transfer.block;
        let upload = transfer.id.map(Key::Upload);
        let download = transfer.block.map(Key::Download);
        match (code, download, upload) {
            (Some(function::REQUEST_DOWNLOAD), Some(key), _) => {
                self.transfers.begin(key, transfer.block);
            }
            (Some(function::DOWNLOAD_ENDED), Some(key), _) => {
                known.digest = self.transfers.end(key, transfer.has_failed());
            }
            (Some(function::UPLOAD), _, Some(key)) => {
                known.block = self.transfers.block(key);
            }
            (Some(function::END_UPLOAD), _, Some(key)) => {
                known.block = self.transfers.block(key);
                known.digest = self.transfers.end(key, transfer.has_failed());
            }
            _ => {}
        }
    }

    /// Follows the transfer of an answer.
    fn answer(&mut self, message: &Message<'_>, known: &mut Known) {
        let asked = known.request.as_ref().map(|request| request.asked);
        known.block = asked.and_then(|asked| asked.block);
        let Body::Transfer(transfer) = message.body else { return };
        if let (Some(function::START_UPLOAD), Some(id)) = (message.function, transfer.id)
        {
            self.transfers.begin(Key::Upload(id), known.block);
        }
        let Some(piece) = transfer.piece else { return };
        let key = asked.and_then(|asked| match asked.function {
            Some(function::UPLOAD) => asked.transfer.map(Key::Upload),
            _ => asked.block.map(Key::Download),
        });
        match key {
            Some(key) => {
                let more = transfer.more_follows().unwrap_or_default();
                self.transfers.piece(key, piece, more);
            }
            // Nobody knows whose piece this is.
            None => self.transfers.tear(),
        }
    }

    /// Reads the payload of user data, and follows its list.
    fn userdata<'m>(
        &mut self,
        cx: Context<'_>,
        message: &mut Message<'m>,
        userdata: &Userdata<'m>,
        asked: &Asked,
    ) -> (Content<'m>, Option<List>) {
        let unit = userdata.data_unit.filter(|unit| *unit != 0);
        let Some(data_unit) = unit.filter(|_| userdata.is_response()) else {
            let (content, fault) = userdata::content(userdata, false);
            message.fault = message.fault.or(fault);
            return (content, None);
        };
        let service = userdata.service();
        let is_same = |list: &List| {
            (list.side, list.data_unit, list.service) == (cx.side(), data_unit, service)
        };
        let at = self.lists.iter().position(is_same);
        let begun = at.map(|at| self.lists.remove(at));
        let (content, fault) = userdata::content(userdata, begun.is_some());
        message.fault = message.fault.or(fault);
        if userdata.more_follows == Some(true) {
            if self.lists.len() >= MAX_LISTS {
                self.lists.remove(0);
            }
            let (szl, szl_records) = (content.szl, content.szl_records);
            let (side, block_type) = (cx.side(), asked.block_type);
            let first = List { side, data_unit, service, szl, szl_records, block_type };
            self.lists.push(begun.unwrap_or(first));
        }
        (content, begun)
    }

    fn ask_userdata(
        &mut self,
        cx: Context<'_>,
        reference: u16,
        userdata: &Userdata<'_>,
        content: &Content<'_>,
    ) {
        let asked = Asked {
            service: Some(userdata.service()),
            block: content.block,
            block_type: content.block_type,
            szl: content.szl,
            ..Asked::default()
        };
        let places = content.places.map(|(_, bytes)| bytes).unwrap_or_default();
        self.pending.push(cx.side(), reference, cx.ts_ns(), asked, places);
    }
}
