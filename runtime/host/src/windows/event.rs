//! A Windows event as all layouts state it.

use std::borrow::Cow;

use tagout_spec::schema::layout::MAP_MAX;

/// Most names of an event that are kept: as many as a record's map holds.
const DATA_MAX: usize = MAP_MAX as usize;
/// Most bytes of unnamed data that are joined.
const JOINED_MAX: usize = 64 * 1024;

/// A text of an event.
pub(crate) type Text<'t> = Cow<'t, str>;

/// The system part and the names of an event; empty texts stand for what is not there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Event<'t> {
    pub(crate) provider: Text<'t>,
    pub(crate) id: Text<'t>,
    pub(crate) version: Text<'t>,
    pub(crate) level: Text<'t>,
    pub(crate) task: Text<'t>,
    pub(crate) opcode: Text<'t>,
    pub(crate) keywords: Text<'t>,
    pub(crate) time: Text<'t>,
    pub(crate) record: Text<'t>,
    pub(crate) activity: Text<'t>,
    pub(crate) pid: Text<'t>,
    pub(crate) tid: Text<'t>,
    pub(crate) channel: Text<'t>,
    pub(crate) computer: Text<'t>,
    pub(crate) user_sid: Text<'t>,
    pub(crate) message: Text<'t>,
    /// Names and texts, in the order of the source.
    pub(crate) data: Vec<(Text<'t>, Text<'t>)>,
    /// Data without names.
    pub(crate) unnamed: Vec<Text<'t>>,
    /// Whether there was more data than is kept.
    pub(crate) cut: bool,
}

impl<'t> Event<'t> {
    /// The text under a name; of a name that is given twice the first.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.data.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_ref())
    }

    /// Adds a name, unless there are too many.
    pub(crate) fn push(&mut self, name: Text<'t>, text: Text<'t>) {
        if self.data.len() < DATA_MAX {
            self.data.push((name, text));
        } else {
            self.cut = true;
        }
    }

    /// Adds data without a name.
    pub(crate) fn push_unnamed(&mut self, text: Text<'t>) {
        if self.unnamed.len() < DATA_MAX {
            self.unnamed.push(text);
        } else {
            self.cut = true;
        }
    }

    /// Gives names to data that has none: `param1`, `param2`, ... and all of it, joined
    /// by line feeds, `Data`.
    pub(crate) fn name_unnamed(&mut self) {
        let unnamed = std::mem::take(&mut self.unnamed);
        if unnamed.is_empty() {
            return;
        }
        let mut joined = String::new();
        for (n, text) in unnamed.into_iter().enumerate() {
            if n > 0 {
                joined.push('\n');
            }
            if joined.len().saturating_add(text.len()) <= JOINED_MAX {
                joined.push_str(&text);
            }
            self.push(format!("param{}", n.saturating_add(1)).into(), text);
        }
        self.push("Data".into(), joined.into());
    }

    /// The system part under the names that shippers and rules use for it.
    pub(crate) fn system(&self) -> [(&'static str, &str); 15] {
        [
            ("Provider_Name", &self.provider),
            ("EventID", &self.id),
            ("Version", &self.version),
            ("Level", &self.level),
            ("Task", &self.task),
            ("Opcode", &self.opcode),
            ("Keywords", &self.keywords),
            ("TimeCreated", &self.time),
            ("EventRecordID", &self.record),
            ("Correlation_ActivityID", &self.activity),
            ("Execution_ProcessID", &self.pid),
            ("Execution_ThreadID", &self.tid),
            ("Channel", &self.channel),
            ("Computer", &self.computer),
            ("Security_UserID", &self.user_sid),
        ]
    }

    /// The provider's name; where a shipper leaves it out, that of the channel.
    pub(crate) fn provider(&self) -> &str {
        match self.channel.as_ref() {
            _ if !self.provider.is_empty() => &self.provider,
            "Security" => "Microsoft-Windows-Security-Auditing",
            "Windows PowerShell" => "PowerShell",
            channel => channel.split_once('/').map_or(channel, |(provider, _)| provider),
        }
    }
}
