//! What plugins cost: an empty call, the same decoder as plugin and built in, a field
//! that an enricher adds, a hundred of them at start.
//!
//! Decoders are given a PDU a segment, as a pipeline does; a plugin's events are taken as a
//! session takes them, those of a call at once.

use std::error::Error;

use tagout_compiler::PackSource;
use tagout_decode::net::addr::Ip;
use tagout_decode::net::flow::Side;
use tagout_decode::{
    Commons, Decoder, Endpoint, EventSink, Facts, Head, Probe, Session as Flow,
    Transport, Verdict,
};
use tagout_runtime::{Cache, Plugin, PluginOptions, Plugins, Runtime, Session};
use tagout_spec::record::typed::modbus::{KIND, Writer};
use tagout_spec::record::{BatchBuilder, Needs};
use tagout_spec::schema::{KindIdx, Schema};
use tagout_tests::clock::{median, thread_ns};
use tagout_tests::plugins::{ECHO, TAG, assemble};

use crate::{ROUNDS, ns, row};

/// Messages of a round.
const MESSAGES: usize = 20_000;
/// Plugins that are loaded at once.
const MANY: usize = 100;

/// A request for three registers, and its answer.
const PDUS: [&[u8]; 2] = [
    &[0, 7, 0, 0, 0, 6, 17, 3, 0, 0x6b, 0, 3],
    &[0, 7, 0, 0, 0, 9, 17, 3, 6, 2, 0x2b, 0, 0, 0, 0x64],
];

/// Prints all of it.
pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let idle = assemble(ECHO, &[(";;@event", "(return)")])?;
    let idle = Flowing::plugin(&idle, &[b"*", b"*"])?.rounds()?;
    row("a plugin's call that does nothing, with its message", "100 ns", &ns(idle));
    let says = "(import \"tagout\" \"emit_of\" (func (param i32 i32 i32)))";
    let many = assemble(ECHO, &[(";;@event", "(return)"), (";;@imports", says)])?;
    let many = Flowing::plugin(&many, &[b"*", b"*"])?.rounds()?;
    row("a message to it, with others in one call", "", &ns(many));
    let guest = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../plugins/modbus/modbus.wasm"
    ))?;
    let mut guest = Flowing::plugin(&guest, &PDUS)?;
    let mut native = Flowing::built_in(&tagout_decode::modbus::Modbus, &PDUS)?;
    // Turn by turn: what slows the machine down for a while slows both down.
    let (mut natives, mut guests, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (built_in, plugin) = (native.round(), guest.round());
        natives.push(built_in);
        guests.push(plugin);
        ratios.push(plugin / built_in);
    }
    guest.reported()?;
    row("Modbus, a PDU, built in", "", &ns(median(natives)));
    row("Modbus, a PDU, the same source as plugin", "", &ns(median(guests)));
    row("plugin over built in", "2.5", &format!("{:.2}", median(ratios)));
    let (mut bare, mut tagged) =
        (enriching(None)?, enriching(Some(&assemble(TAG, &[])?))?);
    let mut fields = Vec::new();
    for _ in 0..ROUNDS {
        let without = evaluate(&mut bare)?;
        fields.push(evaluate(&mut tagged)? - without);
    }
    row("two fields of an enricher, an event", "150 ns", &ns(median(fields)));
    start()
}

/// A flow that a decoder is given, message by message.
struct Flowing<'m> {
    session: Box<dyn Flow>,
    sink: Sink,
    messages: [&'m [u8]; 2],
    /// Of a plugin, what makes it run.
    _runtime: Option<(Runtime, Session)>,
}

impl<'m> Flowing<'m> {
    /// Of a plugin's decoder.
    fn plugin(bytes: &[u8], messages: &[&'m [u8]; 2]) -> Result<Self, Box<dyn Error>> {
        let plugin = Plugin::read(bytes)?;
        let runtime = Runtime::builder()
            .plugin("plugin", plugin, PluginOptions::default())
            .build()?;
        let session = runtime.session()?;
        let decoders = session.plugins().decoders();
        let decoder = decoders.first().ok_or("it has no decoder")?;
        let sink = Sink::new(runtime.schema(), session.plugins());
        let flow = open(decoder.as_ref(), messages)?;
        let messages = *messages;
        Ok(Self { session: flow, sink, messages, _runtime: Some((runtime, session)) })
    }

    /// Of one that is built in.
    fn built_in(
        decoder: &dyn Decoder,
        messages: &[&'m [u8]; 2],
    ) -> Result<Self, Box<dyn Error>> {
        let sink = Sink::new(&Schema::builtin(), Plugins::default());
        let session = open(decoder, messages)?;
        Ok(Self { session, sink, messages: *messages, _runtime: None })
    }

    /// Nanoseconds a message.
    fn round(&mut self) -> f64 {
        let [first, second] = self.messages;
        let start = thread_ns();
        for n in 0..MESSAGES / 2 {
            feed(self.session.as_mut(), &mut self.sink, n, first, Side::A);
            feed(self.session.as_mut(), &mut self.sink, n, second, Side::B);
        }
        self.sink.take();
        (thread_ns() - start) / MESSAGES as f64
    }

    /// The median of all rounds.
    fn rounds(mut self) -> Result<f64, Box<dyn Error>> {
        let rounds = (0..ROUNDS).map(|_| self.round()).collect();
        self.reported()?;
        Ok(median(rounds))
    }

    /// Whether the plugin has had no fault.
    fn reported(&self) -> Result<(), Box<dyn Error>> {
        match self.sink.plugins.take_reports().first() {
            Some(report) => Err(report.to_string().into()),
            None => Ok(()),
        }
    }
}

/// A session of a decoder that knows its protocol by these bytes.
fn open(
    decoder: &dyn Decoder,
    messages: &[&[u8]; 2],
) -> Result<Box<dyn Flow>, Box<dyn Error>> {
    // Ports of Modbus and of the plugin of the tests.
    for port in [502, 7777] {
        let probe = Probe {
            transport: Transport::Tcp,
            ports: [50_000, port],
            sides: *messages,
            datagrams: &[],
            is_start: true,
        };
        if let Verdict::Yes(mut session) = decoder.probe(&probe) {
            session.join(&Commons::default());
            return Ok(session);
        }
    }
    Err("the decoder does not know its protocol".into())
}

fn feed(session: &mut dyn Flow, sink: &mut Sink, n: usize, bytes: &[u8], side: Side) {
    let end = |last, port| Endpoint { ip: Ip::v4([10, 0, 0, last]), port, mac: None };
    let (src, dst) = match side {
        Side::A => (end(1, 50_000), end(2, 502)),
        Side::B => (end(2, 502), end(1, 50_000)),
    };
    let head = Head::of(&Facts {
        ts_ns: 1_767_225_600_000_000_000,
        nanos: false,
        frame: u64::try_from(n).unwrap_or(0),
        input: 0,
        late: false,
        transport: Transport::Tcp,
        src,
        dst,
        side,
        client: Some(Side::A),
        vlan: None,
        flow: 42,
        community: b"1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
    });
    session.on_data(head.context(), bytes, sink);
}

/// Batches that are filled and emptied, and places for a plugin's events, which are taken
/// as a session takes them.
struct Sink {
    batches: Vec<BatchBuilder>,
    plugins: Plugins,
    places: Option<(u64, usize)>,
}

impl Sink {
    fn new(schema: &Schema, plugins: Plugins) -> Self {
        let batch = |(kind, _)| BatchBuilder::new(schema, kind, Needs::ALL);
        Self {
            batches: schema.kinds().filter_map(batch).collect(),
            plugins,
            places: None,
        }
    }

    /// Takes what belongs to the places.
    fn take(&mut self) {
        if let Some((decoder, _)) = self.places.take() {
            self.plugins.clone().hand_on(decoder, self);
        }
    }
}

impl EventSink for Sink {
    #[expect(clippy::indexing_slicing, reason = "the decoders write kinds of the schema")]
    fn batch(&mut self, kind: KindIdx) -> &mut BatchBuilder {
        let batch = &mut self.batches[usize::from(kind.0)];
        if batch.is_full() {
            batch.clear();
        }
        batch
    }

    fn defer(&mut self, decoder: u64) -> bool {
        let places = self.places.map_or(0, |(_, places)| places);
        if places >= Plugins::PLACES {
            self.take();
        }
        let places = self.places.map_or(0, |(_, places)| places);
        self.places = Some((decoder, places + 1));
        true
    }
}

/// A session with a rule, and perhaps an enricher.
fn enriching(plugin: Option<&[u8]>) -> Result<Session, Box<dyn Error>> {
    let rule = "rule r { on modbus as m where m.unit == 200 }";
    let source = PackSource::single("rule.tag", rule);
    let pack = tagout_compiler::build(&source, &Schema::builtin()).pack;
    let mut builder =
        Runtime::builder().pack("rule", pack.ok_or("the rule does not build")?);
    if let Some(bytes) = plugin {
        builder = builder.plugin("tag", Plugin::read(bytes)?, PluginOptions::default());
    }
    Ok(builder.build()?.session()?)
}

/// Nanoseconds an event.
fn evaluate(session: &mut Session) -> Result<f64, Box<dyn Error>> {
    let start = thread_ns();
    for _ in 0..MESSAGES {
        let batch = session.batch(KIND).ok_or("no such kind")?;
        let Some(mut w) = Writer::begin(batch) else {
            return Err("a full batch".into());
        };
        w.ts(1_767_225_600_000_000_000).unit(17).function(3).address(107).quantity(3);
        w.src_ip([1; 16]).dst_ip([2; 16]);
        w.commit();
    }
    session.flush();
    Ok((thread_ns() - start) / MESSAGES as f64)
}

/// A hundred plugins: how long they take to start with the cache, and their memory.
fn start() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let cache = Cache::open(folder.path().join("cache"))?;
    let names: Vec<String> = (0..MANY).map(|n| format!("echo{n}")).collect();
    let plugins: Result<Vec<Vec<u8>>, _> =
        names.iter().map(|name| assemble(ECHO, &[("echo", name)])).collect();
    let plugins = plugins?;
    let build = || -> Result<Runtime, Box<dyn Error>> {
        let mut builder = Runtime::builder().cache(cache.clone());
        for (name, bytes) in names.iter().zip(&plugins) {
            let plugin = Plugin::read(bytes)?;
            builder = builder.plugin(name, plugin, PluginOptions::default());
        }
        Ok(builder.build()?)
    };
    drop(build()?);
    let mut times = Vec::new();
    for _ in 0..5 {
        let start = thread_ns();
        drop(build()?);
        times.push((thread_ns() - start) / 1e6);
    }
    row(
        "start of 100 plugins with the cache",
        "50 ms",
        &format!("{:.1} ms", median(times)),
    );
    let before = resident();
    let runtime = build()?;
    let session = runtime.session()?;
    let decoders = session.plugins().decoders();
    let probe = Probe {
        transport: Transport::Udp,
        ports: [50_000, 7777],
        sides: [&[], &[]],
        datagrams: &[vec![1]],
        is_start: true,
    };
    let open = decoders.iter().filter(|d| matches!(d.probe(&probe), Verdict::Yes(_)));
    let open = open.count();
    let each = (resident() - before) / MANY as f64 / 1024.0;
    let at_most = runtime.plugins().iter().map(|p| p.memory_max).max().unwrap_or(0) >> 20;
    row(
        &format!(
            "resident memory of each of {open} at work (at most {at_most} MiB by default)"
        ),
        "10 MB",
        &format!("{each:.0} KiB"),
    );
    Ok(())
}

/// Bytes of this process that are in memory.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages =
        pages.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok());
    pages.unwrap_or(0.0) * 4096.0
}
