//! What a plugin says of itself: the section `tagout.plugin`.
//!
//! ```text
//! TOML --parse--> text (keys, types) --check--> Manifest, or the first thing wrong
//! ```
//!
//! Whether the module keeps to it is the host's to find out.

use std::fmt;

use serde::Deserialize;

use crate::function::{ARGUMENTS_MAX, ArgumentType, CallCost, Function, ResultType};
use crate::version::Version;

use super::SECTION_MAX;

/// Most bytes of a name.
const NAME_MAX: usize = 64;
/// Most functions, and most tests.
const MANY: usize = 1024;

/// What a plugin is, adds and asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// SPDX expression.
    pub licence: String,
    /// One line for people.
    pub doc: String,
    /// What it decodes.
    pub decoder: Option<Decoder>,
    /// What it adds fields to.
    pub enricher: Option<Enricher>,
    /// What rules can call.
    pub functions: Vec<Function>,
    /// What it asks for.
    pub limits: Limits,
    /// Its tests.
    pub tests: Vec<Test>,
}

/// Which traffic a decoder is asked about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decoder {
    /// Ports of UDP: `None` not at all, empty on every port.
    pub udp: Option<Vec<u16>>,
    /// The same of TCP.
    pub tcp: Option<Vec<u16>>,
    /// Ether types whose frames it is given.
    #[serde(default)]
    pub ethertypes: Vec<u16>,
}

/// Which events an enricher is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enricher {
    /// Their kinds.
    pub kinds: Vec<String>,
    /// The fields that it is given of them.
    #[serde(default)]
    pub reads: Vec<String>,
}

/// What a plugin may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of its memory.
    pub memory: u64,
    /// Instructions of one call.
    pub fuel: CallCost,
    /// Flows at once.
    pub sessions: u32,
    /// Events out of one message.
    pub events: u32,
}

impl Limits {
    /// Most that a manifest may ask for, and that a site may give.
    pub const MAX: Self = Self {
        memory: 64 << 20,
        fuel: CallCost { call: 1_000_000_000, byte: 1_000_000 },
        sessions: 65_536,
        events: 4_096,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 8 << 20,
            fuel: CallCost { call: 100_000, byte: 1_000 },
            sessions: 1_024,
            events: 256,
        }
    }
}

/// Limits of which some are stated: of a manifest or a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SomeLimits {
    /// See [`Limits::memory`].
    pub memory: Option<u64>,
    /// See [`Limits::fuel`].
    pub fuel: Option<CallCost>,
    /// See [`Limits::sessions`].
    pub sessions: Option<u32>,
    /// See [`Limits::events`].
    pub events: Option<u32>,
}

impl SomeLimits {
    /// These where they are stated, else the others.
    ///
    /// # Errors
    /// One is greater than [`Limits::MAX`]; says which.
    pub fn over(self, base: Limits) -> Result<Limits, String> {
        let limits = Limits {
            memory: self.memory.unwrap_or(base.memory),
            fuel: self.fuel.unwrap_or(base.fuel),
            sessions: self.sessions.unwrap_or(base.sessions),
            events: self.events.unwrap_or(base.events),
        };
        let max = Limits::MAX;
        for (name, is, max) in [
            ("memory", limits.memory, max.memory),
            ("fuel.call", limits.fuel.call, max.fuel.call),
            ("fuel.byte", limits.fuel.byte, max.fuel.byte),
            ("sessions", limits.sessions.into(), max.sessions.into()),
            ("events", limits.events.into(), max.events.into()),
        ] {
            if is > max {
                return Err(format!("`{name}` is {is}, at most {max} are given"));
            }
        }
        Ok(limits)
    }
}

/// A test: what goes in, and what must come out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Test {
    /// What it shows.
    pub name: String,
    /// Datagrams of one flow.
    #[serde(default)]
    pub udp: Vec<Message>,
    /// Pieces of the streams of one connection.
    #[serde(default)]
    pub tcp: Vec<Message>,
    /// Frames without IP.
    #[serde(default)]
    pub frame: Vec<Frame>,
    /// Events that an enricher is given, as JSON.
    #[serde(default)]
    pub given: Vec<String>,
    /// Events that must be there, in this order, with at least these members.
    #[serde(default)]
    pub events: Vec<String>,
    /// A call of a function.
    #[serde(default)]
    pub calls: Vec<TestCall>,
}

/// Bytes from one side to the other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Who sends: the client `a`, or the server `b`.
    pub from: Side,
    /// Port of the server.
    pub port: u16,
    /// The bytes, as hexadecimal digits; blanks are passed over.
    pub hex: String,
}

/// A side of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The client.
    A,
    /// The server.
    B,
}

/// A frame without IP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    /// Its ether type.
    pub ethertype: u16,
    /// What stands behind it.
    pub hex: String,
}

/// A call of a function, and its result.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestCall {
    /// Which function.
    pub function: String,
    /// Its arguments; an address as text, bytes as hexadecimal digits.
    pub arguments: Vec<toml::Value>,
    /// Its result; absent if there must be none. Floats may differ by a millionth.
    pub returns: Option<toml::Value>,
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > SECTION_MAX {
            return Err(ManifestError(format!("more than {SECTION_MAX} bytes")));
        }
        let text: Text = toml::from_str(text)
            .map_err(|error| ManifestError(error.to_string().trim_end().to_owned()))?;
        text.check().map_err(ManifestError)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    name: String,
    version: Version,
    licence: String,
    doc: String,
    decoder: Option<Decoder>,
    enricher: Option<Enricher>,
    #[serde(default)]
    function: Vec<FunctionText>,
    #[serde(default)]
    limits: SomeLimits,
    #[serde(default)]
    test: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FunctionText {
    name: String,
    arguments: Vec<ArgumentType>,
    returns: ResultType,
    doc: String,
    example: String,
    cost: CallCost,
}

impl Text {
    fn check(self) -> Result<Manifest, String> {
        if !is_plugin_name(&self.name) {
            return Err(format!(
                "`{}` is no name: a-z, 0-9 and `-`, at most {NAME_MAX}",
                self.name
            ));
        }
        if self.decoder.is_none() && self.enricher.is_none() && self.function.is_empty() {
            return Err("it adds nothing: no decoder, no enricher, no function".into());
        }
        if self.function.len() > MANY || self.test.len() > MANY {
            return Err(format!("more than {MANY} functions or tests"));
        }
        if let Some(decoder) = &self.decoder {
            if decoder.udp.is_none()
                && decoder.tcp.is_none()
                && decoder.ethertypes.is_empty()
            {
                return Err("the decoder names no traffic: udp, tcp or ethertypes".into());
            }
            if let Some(length) = decoder.ethertypes.iter().find(|ty| **ty < 0x600) {
                return Err(format!("{length:#x} is no ether type"));
            }
        }
        if let Some(twice) = self.enricher.as_ref().and_then(|e| repeated(&e.kinds)) {
            return Err(format!("the kind `{twice}` is listed twice"));
        }
        let names: Vec<String> = self.function.iter().map(|f| f.name.clone()).collect();
        if let Some(twice) = repeated(&names) {
            return Err(format!("the function `{twice}` is declared twice"));
        }
        let limits = self.limits.over(Limits::default())?;
        let (plugin, version) = (&self.name, self.version);
        let functions = self.function.into_iter().map(|f| f.check(plugin, version));
        Ok(Manifest {
            functions: functions.collect::<Result<_, _>>()?,
            name: self.name,
            version,
            licence: self.licence,
            doc: self.doc,
            decoder: self.decoder,
            enricher: self.enricher,
            limits,
            tests: self.test,
        })
    }
}

impl FunctionText {
    fn check(self, plugin: &str, version: Version) -> Result<Function, String> {
        let Self { name, arguments, returns, doc, example, cost } = self;
        if !is_function_name(&name) {
            return Err(format!(
                "`{name}` is no name of a function: a-z, 0-9 and `_`, at most {NAME_MAX}"
            ));
        }
        if arguments.len() > ARGUMENTS_MAX {
            return Err(format!("`{name}` has more than {ARGUMENTS_MAX} arguments"));
        }
        let plugin = plugin.to_owned();
        Ok(Function { plugin, version, name, arguments, returns, cost, doc, example })
    }
}

/// A text that is listed twice.
fn repeated(texts: &[String]) -> Option<&String> {
    let mut others = texts.iter().enumerate();
    others.find(|(at, text)| texts.iter().take(*at).any(|t| t == *text)).map(|(_, t)| t)
}

fn is_plugin_name(name: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= NAME_MAX
        && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && name.bytes().all(is_part)
}

fn is_function_name(name: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= NAME_MAX
        && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::Manifest;

    const HEAD: &str =
        "name = \"p\"\nversion = \"1.2.3\"\nlicence = \"MIT\"\ndoc = \"a plugin\"\n";

    /// What is wrong with a head and these lines; empty if nothing is.
    fn check(more: &str) -> String {
        Manifest::parse(&format!("{HEAD}{more}"))
            .err()
            .map_or(String::new(), |error| error.to_string())
    }

    #[test]
    fn what_is_stated_is_kept() {
        let text = format!(
            "{HEAD}[decoder]\nudp = [9600]\ntcp = []\n\
             [limits]\nmemory = 65536\nfuel = {{ call = 5, byte = 1 }}\n"
        );
        let manifest = Manifest::parse(&text).unwrap();
        let decoder = manifest.decoder.unwrap();
        assert_eq!(decoder.udp, Some(vec![9600]));
        assert_eq!(decoder.tcp, Some(vec![]));
        assert_eq!((manifest.limits.memory, manifest.limits.fuel.call), (65_536, 5));
        assert_eq!(manifest.limits.events, 256);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(check("[decoder]\nudp = []\n"), "");
        for (more, expected) in [
            ("", "adds nothing"),
            ("[decoder]\n", "names no traffic"),
            ("[decoder]\nudp = []\nports = [1]\n", "unknown field"),
            ("[decoder]\nethertypes = [100]\n", "no ether type"),
            ("[enricher]\nkinds = [\"a\", \"a\"]\n", "twice"),
            ("[decoder]\nudp = []\n[limits]\nmemory = 999999999\n", "at most"),
            (
                "[[function]]\nname = \"F\"\narguments = []\nreturns = \"int\"\n\
                 doc = \"\"\nexample = \"\"\ncost = { call = 1 }\n",
                "no name of a function",
            ),
        ] {
            let found = check(more);
            assert!(found.contains(expected), "{more}: {found}");
        }
    }
}
