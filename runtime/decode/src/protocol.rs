//! What a protocol's decoder is to the packet path: the same for those that are built in
//! and for plugins, hence of `tagout-spec`.

pub use tagout_spec::decoder::{
    Context, Decoder, Endpoint, EventSink, Facts, FrameContext, FrameSession, Head,
    Probe, Session, Transport, Verdict,
};
