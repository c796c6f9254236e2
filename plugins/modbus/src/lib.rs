//! The built-in Modbus decoder as a plugin.
//!
//! There is no other source than the decoder's own: this crate gives its events kinds of
//! their own names, whose fields lie where the built-in ones do, and exports it. A test
//! compares the events of both; a bench what they cost.

use tagout_decode::modbus::Modbus;
use tagout_plugin::EventKind;
use tagout_plugin::record::typed;

tagout_plugin::plugin!();
tagout_plugin::decoder!(Modbus, KINDS);

/// The plugin's kinds, by the numbers and layouts that the decoder's writers know.
static KINDS: &[EventKind] = &[
    EventKind {
        kind: &plugin::tables::KINDS[0],
        idx: typed::modbus::KIND,
        layout: typed::modbus::LAYOUT,
    },
    EventKind {
        kind: &plugin::tables::KINDS[1],
        idx: typed::umas::KIND,
        layout: typed::umas::LAYOUT,
    },
];
