//! A decoder: a plugin as the pipeline sees it.
//!
//! ```text
//! Pipeline --probe-->  PluginDecoder  --tagout_probe-->  yes: PluginSession, a number
//!          --on_data-> PluginSession  --place kept--> the sink
//!                                     --message-----> Decoding --tagout_decode--> events
//! the sink --when it wants them--> Brought --Importer--> batches, in their places
//! ```
//!
//! A sink that keeps the places of events that are to come takes them when it evaluates;
//! any other is given them at once. A session that ends is told with the next message. After
//! a fault the sessions of before are over: the pipeline looks at their flows again.

mod brought;
mod decoding;
mod outbox;
mod probe;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use tagout_decode::{
    Context, Decoder, EventSink, FrameContext, FrameSession, Probe, Session, Transport,
    Verdict,
};
use tagout_spec::plugin::manifest::Decoder as Traffic;
use tagout_spec::plugin::verdict;

pub(crate) use self::brought::Brought;
pub(crate) use self::decoding::{Decoding, MESSAGES_MAX};

use self::decoding::{Told, What};
use super::live::{Live, Shared, lock};
use crate::engine::GuestFault;

/// A decoder that is a plugin.
struct PluginDecoder {
    live: Arc<Live>,
    name: &'static str,
}

/// The decoder of a plugin, if it has one.
pub(super) fn of(live: &Arc<Live>) -> Option<Box<dyn Decoder + Send>> {
    let loaded = live.loaded();
    loaded.plugin.manifest.decoder.as_ref()?;
    let name = interned(loaded.name());
    Some(Box::new(PluginDecoder { live: Arc::clone(live), name }))
}

/// The name of a decoder lasts as long as the process. There are few, and each is kept
/// once.
fn interned(name: &str) -> &'static str {
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = lock(&NAMES);
    if let Some(known) = names.get(name) {
        return known;
    }
    let name: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(name);
    name
}

impl Decoder for PluginDecoder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn probe(&self, probe: &Probe<'_>) -> Verdict<Box<dyn Session>> {
        let shared = &self.live.shared;
        if shared.is_off() {
            return Verdict::No;
        }
        let mut decoding = lock(&self.live.decoding);
        let traffic = decoding.loaded().plugin.manifest.decoder.as_ref();
        if !traffic.is_some_and(|traffic| is_asked(traffic, probe))
            || !decoding.has_room()
        {
            return Verdict::No;
        }
        match decoding.probe(probe, shared) {
            Ok(verdict::YES) => Verdict::Yes(Box::new(PluginSession {
                live: Arc::clone(&self.live),
                generation: shared.generation.load(Ordering::Relaxed),
                told: decoding.begin(),
            })),
            Ok(verdict::MORE) => Verdict::More,
            Ok(_) => Verdict::No,
            Err(fault) => {
                decoding.fail(shared, &fault);
                Verdict::No
            }
        }
    }

    fn open_frames(&self) -> Option<Box<dyn FrameSession>> {
        let loaded = self.live.loaded();
        let ethertypes = loaded.plugin.manifest.decoder.as_ref()?.ethertypes.clone();
        let live = Arc::clone(&self.live);
        (!ethertypes.is_empty())
            .then(|| Box::new(PluginFrames { live, ethertypes }) as Box<dyn FrameSession>)
    }
}

/// Whether the manifest lists a transport and one of its ports.
fn is_asked(traffic: &Traffic, probe: &Probe<'_>) -> bool {
    let ports = match probe.transport {
        Transport::Tcp => traffic.tcp.as_ref(),
        Transport::Udp => traffic.udp.as_ref(),
    };
    ports.is_some_and(|ports| {
        ports.is_empty() || probe.ports.iter().any(|port| ports.contains(port))
    })
}

/// A flow that the plugin decodes.
struct PluginSession {
    live: Arc<Live>,
    /// When it was opened: see [`Shared::generation`](super::live::Shared::generation).
    generation: u32,
    told: Told,
}

impl PluginSession {
    fn tell(&mut self, cx: Context<'_>, mut what: What<'_>, sink: &mut dyn EventSink) {
        loop {
            if self.is_over() {
                return;
            }
            // Whoever keeps places may have to make room for one, and take what waits.
            let later = sink.defer(self.live.id);
            let mut decoding = lock(&self.live.decoding);
            let number = decoding.number();
            if self.is_over() {
                return; // What it took had a fault.
            }
            let shared = &self.live.shared;
            let put = decoding.put(number, &mut self.told, cx, &mut what, shared);
            if put.is_err() || !later || !decoding.may_wait() {
                settle(shared, &mut decoding, put, number, sink, later);
            }
            if !matches!(what, What::Data([_, ..])) {
                return;
            }
        }
    }
}

/// Has a message decoded that was written and does not wait. A sink that keeps no place
/// for its events is given them.
#[inline(never)]
fn settle(
    shared: &Shared,
    decoding: &mut Decoding,
    put: Result<(), GuestFault>,
    number: u32,
    sink: &mut dyn EventSink,
    later: bool,
) {
    if let Err(fault) = put.and_then(|()| decoding.call()) {
        decoding.fail(shared, &fault);
    }
    decoding.speak(shared);
    if later {
        decoding.note_waiting(shared);
    } else {
        decoding.brought().hand_on(number, sink);
        decoding.end_round_of(number);
    }
}

impl Session for PluginSession {
    fn on_data(&mut self, cx: Context<'_>, bytes: &[u8], sink: &mut dyn EventSink) {
        self.tell(cx, What::Data(bytes), sink);
    }

    fn kept(&self) -> usize {
        // It lies in the plugin's own memory, which has a bound of its own.
        0
    }

    fn on_gap(&mut self, cx: Context<'_>, missing: u32, sink: &mut dyn EventSink) {
        self.tell(cx, What::Gap(missing), sink);
    }

    fn is_over(&self) -> bool {
        // Whoever takes the plugin off changes it too.
        self.live.shared.generation.load(Ordering::Relaxed) != self.generation
    }
}

impl Drop for PluginSession {
    fn drop(&mut self) {
        if !self.is_over() {
            lock(&self.live.decoding).end(&self.told);
        }
    }
}

/// The frames without IP that the plugin decodes.
struct PluginFrames {
    live: Arc<Live>,
    ethertypes: Vec<u16>,
}

impl FrameSession for PluginFrames {
    fn ethertypes(&self) -> &[u16] {
        &self.ethertypes
    }

    /// Whether a frame is the plugin's has to be known before the next decoder is asked,
    /// so it does not wait for others.
    fn on_frame(
        &mut self,
        cx: &FrameContext,
        payload: &[u8],
        sink: &mut dyn EventSink,
    ) -> bool {
        let live = &self.live;
        if live.is_off() {
            return false;
        }
        let later = sink.defer(live.id);
        let mut decoding = lock(&live.decoding);
        let number = decoding.number();
        let put = decoding.put_frame(number, cx, payload, &live.shared);
        let put = put.and_then(|()| decoding.call());
        if let Err(fault) = &put {
            decoding.fail(&live.shared, fault);
        }
        let is_own = decoding.brought().events_of(number) > 0;
        settle(&live.shared, &mut decoding, Ok(()), number, sink, later);
        is_own
    }
}
