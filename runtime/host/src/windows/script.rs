//! Script blocks of PowerShell, which come in parts.
//!
//! ```text
//! event 4104, part 1     AAAAAAAA
//!             part 2             BBBBBBBB
//! text of an event       [AAAAAAAA]  [AAAAAAAABBBBBBBB]        while all of it fits
//!                        [..AAAABBBB]  [..BBBBBBBB]            then a window
//! ```
//!
//! A record holds 16 KiB of a text, and what a rule looks for may lie across two parts.
//! So each event's text begins with as much of the parts before as fits, and a part that
//! is longer gives several events, which overlap. All of a script is seen, and whatever
//! is no longer than [`OVERLAP`] is seen in one piece.

use tagout_spec::record::TEXT_MAX;

use super::event::Event;
use crate::fields;

/// Bytes that windows have in common at least.
const OVERLAP: usize = 1024;
/// Most scripts whose next part is waited for.
const OPEN_MAX: usize = 64;
/// Most parts of a script that are followed.
const PARTS_MAX: i64 = 4096;

/// A piece of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) text: String,
    /// Bytes of the script before it.
    pub(super) offset: usize,
}

/// Scripts whose parts are being read; the one that was touched last is at the end.
#[derive(Debug, Default)]
pub(super) struct Scripts {
    open: Vec<Open>,
    pub(super) evicted: u64,
}

#[derive(Debug)]
struct Open {
    id: String,
    next: i64,
    /// The end of what was read.
    tail: String,
    /// Bytes of the script before `tail`.
    offset: usize,
}

impl Scripts {
    /// What an event shows of its script.
    pub(super) fn windows(&mut self, event: &Event) -> Vec<Window> {
        let number = |name| event.get(name).and_then(fields::int).unwrap_or(1);
        let (part, parts) = (number("MessageNumber"), number("MessageTotal"));
        let id = event.get("ScriptBlockId").unwrap_or_default();
        let text = event.get("ScriptBlockText").unwrap_or_default();
        let position =
            self.open.iter().position(|open| open.id == id && open.next == part);
        let before = position.map(|at| self.open.remove(at));
        let (mut whole, offset) =
            before.map_or((String::new(), 0), |b| (b.tail, b.offset));
        let kept = whole.len();
        whole.push_str(text);
        let windows = cut(&whole, kept, offset);
        if (part..parts).contains(&part) && parts <= PARTS_MAX {
            if self.open.len() >= OPEN_MAX {
                self.open.remove(0);
                self.evicted = self.evicted.saturating_add(1);
            }
            let start = boundary(&whole, whole.len().saturating_sub(TEXT_MAX));
            let tail = whole.get(start..).unwrap_or_default().to_owned();
            self.open.push(Open {
                id: id.to_owned(),
                next: part.saturating_add(1),
                tail,
                offset: offset.saturating_add(start),
            });
        }
        windows
    }
}

/// Windows that show everything behind the first `kept` bytes.
fn cut(whole: &str, kept: usize, offset: usize) -> Vec<Window> {
    let window = |start: usize, end: usize| Window {
        text: whole.get(start..end).unwrap_or_default().to_owned(),
        offset: offset.saturating_add(start),
    };
    if whole.len() <= TEXT_MAX {
        return vec![window(0, whole.len())];
    }
    let mut windows = Vec::new();
    let mut start = boundary(whole, kept.saturating_sub(OVERLAP));
    loop {
        let end = boundary(whole, start.saturating_add(TEXT_MAX).min(whole.len()));
        windows.push(window(start, end));
        if end >= whole.len() {
            return windows;
        }
        start = boundary(whole, end.saturating_sub(OVERLAP));
    }
}

/// The place, or the character's beginning before it.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(number: usize, total: usize, text: &str) -> Event {
        of_script("id", number, total, text)
    }

    fn of_script(id: &str, number: usize, total: usize, text: &str) -> Event {
        let mut event = Event::default();
        for (name, text) in [
            ("MessageNumber", number.to_string().as_str()),
            ("MessageTotal", &total.to_string()),
            ("ScriptBlockId", id),
            ("ScriptBlockText", text),
        ] {
            let (name, text) = (event.texts.add(name), event.texts.add(text));
            event.push(None, name, text);
        }
        event
    }

    #[test]
    fn short_parts_are_joined() {
        let mut scripts = Scripts::default();
        let texts = |windows: Vec<Window>| {
            windows.into_iter().map(|w| (w.text, w.offset)).collect::<Vec<_>>()
        };
        assert_eq!(texts(scripts.windows(&part(1, 3, "ab"))), [("ab".into(), 0)]);
        assert_eq!(texts(scripts.windows(&part(2, 3, "cd"))), [("abcd".into(), 0)]);
        assert_eq!(texts(scripts.windows(&part(3, 3, "é"))), [("abcdé".into(), 0)]);
        // All is forgotten then; and a part out of turn stands by itself.
        assert_eq!(texts(scripts.windows(&part(3, 3, "ef"))), [("ef".into(), 0)]);
        assert!(scripts.open.is_empty());
    }

    #[test]
    fn long_parts_are_cut_into_windows_that_overlap() {
        let mut scripts = Scripts::default();
        let long: String =
            (0..40_000_u32).map(|n| char::from(b'a' + (n % 26) as u8)).collect();
        let mut seen = String::new();
        let (first, second) = long.split_at(25_000);
        for (number, text) in [(1, first), (2, second)] {
            for window in scripts.windows(&part(number, 2, text)) {
                assert!(window.text.len() <= TEXT_MAX);
                let end = window.offset + window.text.len();
                assert_eq!(Some(window.text.as_str()), long.get(window.offset..end));
                assert!(window.offset == 0 || window.offset + OVERLAP <= seen.len());
                seen.truncate(window.offset);
                seen.push_str(&window.text);
            }
        }
        assert_eq!(seen, long);
    }

    #[test]
    fn open_scripts_are_bounded() {
        let mut scripts = Scripts::default();
        for n in 0..=OPEN_MAX {
            scripts.windows(&of_script(&n.to_string(), 1, 2, "x"));
        }
        assert_eq!((scripts.open.len(), scripts.evicted), (OPEN_MAX, 1));
    }
}
