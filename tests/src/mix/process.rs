//! Rules and events of process starts on Windows computers.

use std::fmt::Write as _;

use super::Random;

/// Texts of which one must be in a field.
pub type Alternatives = Vec<String>;

/// What a rule of the mix asks for; every part must hold, case folded.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// The image's path ends with one of these.
    pub image: Alternatives,
    /// The parent's path ends with one of these; none if empty.
    pub parent: Alternatives,
    /// The command line contains one of these, for each list.
    pub command_line: Vec<Alternatives>,
}

/// An event of the mix.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the schema")]
pub struct Event {
    pub image: String,
    pub parent: String,
    pub command_line: String,
}

/// Rules and a source of events.
#[derive(Clone, Debug)]
pub struct Mix {
    /// The rules.
    pub rules: Vec<Rule>,
    random: Random,
}

const IMAGES: [&str; 24] = [
    "cmd.exe",
    "powershell.exe",
    "pwsh.exe",
    "mshta.exe",
    "wscript.exe",
    "cscript.exe",
    "rundll32.exe",
    "regsvr32.exe",
    "certutil.exe",
    "bitsadmin.exe",
    "schtasks.exe",
    "reg.exe",
    "net.exe",
    "net1.exe",
    "wmic.exe",
    "vssadmin.exe",
    "sc.exe",
    "msiexec.exe",
    "curl.exe",
    "explorer.exe",
    "svchost.exe",
    "python.exe",
    "node.exe",
    "msbuild.exe",
];
const FOLDERS: [&str; 5] = [
    r"C:\Windows\System32\",
    r"C:\Windows\SysWOW64\",
    r"C:\Program Files\Vendor\Tool\",
    r"C:\Users\operator\AppData\Local\Temp\",
    r"C:\Windows\",
];
const SYLLABLES: [&str; 32] = [
    "ad", "min", "ser", "vice", "tem", "p", "down", "load", "con", "fig", "en", "code",
    "ex", "ec", "reg", "key", "pol", "icy", "dis", "able", "shad", "ow", "cre", "ate",
    "net", "user", "task", "list", "fil", "ter", "pro", "xy",
];

/// What rules look for is made of these, and what people type is not: of the literals
/// of real rules one in seven is a word that is seen all day.
const PAIRS: (&str, &str) = ("bcdfghjklmnpqrstvwxz", "aeiouy");

impl Mix {
    /// A mix of `n` rules.
    #[must_use]
    pub fn new(n: usize, seed: u64) -> Self {
        let mut random = Random::new(seed);
        let rules = (0..n).map(|_| rule(&mut random)).collect();
        Self { rules, random }
    }

    /// The mix as rule source.
    #[must_use]
    pub fn source(&self) -> String {
        let mut text = String::new();
        for (i, rule) in self.rules.iter().enumerate() {
            let _ = write!(
                text,
                "rule r{i} {{\n  meta {{ id = \"MIX-{i}\" severity = low }}\n"
            );
            text.push_str("  on process as p\n  where p.image endswith any ");
            set(&mut text, &rule.image);
            if !rule.parent.is_empty() {
                text.push_str("\n    and p.parent.image endswith any ");
                set(&mut text, &rule.parent);
            }
            for alternatives in &rule.command_line {
                text.push_str("\n    and p.command_line contains any i");
                set(&mut text, alternatives);
            }
            text.push_str("\n}\n\n");
        }
        text
    }

    /// The next event: one in a hundred is made to satisfy some rule. Command
    /// lines have 82 bytes on average.
    pub fn event(&mut self) -> Event {
        let random = &mut self.random;
        let mut event = Event {
            image: format!("{}{}", random.pick(&FOLDERS), random.pick(&IMAGES)),
            parent: format!("{}{}", random.pick(&FOLDERS), random.pick(&IMAGES)),
            command_line: String::new(),
        };
        let mut line = format!("\"{}\"", event.image);
        let target = 50 + random.below(64);
        while line.len() < target {
            line.push(*random.pick(&[' ', ' ', '/', '-', '\\', '=']));
            line.push_str(&word(random));
        }
        if random.percent(1) {
            let rule = random.pick(&self.rules).clone();
            event.image = format!("C:\\Windows{}", random.pick(&rule.image));
            if !rule.parent.is_empty() {
                event.parent = format!("C:\\Windows{}", random.pick(&rule.parent));
            }
            for alternatives in &rule.command_line {
                line.push_str(random.pick::<String>(alternatives));
            }
        }
        event.command_line = line;
        event
    }
}

/// Whether an event satisfies a rule, by the letter: the oracle of the benches.
#[must_use]
pub fn matches(rule: &Rule, event: &Event) -> bool {
    let ends = |text: &str, endings: &Alternatives| {
        let text = text.to_ascii_lowercase();
        endings.iter().any(|ending| text.ends_with(&ending.to_ascii_lowercase()))
    };
    let line = event.command_line.to_ascii_lowercase();
    ends(&event.image, &rule.image)
        && (rule.parent.is_empty() || ends(&event.parent, &rule.parent))
        && rule.command_line.iter().all(|alternatives| {
            alternatives.iter().any(|part| line.contains(&part.to_ascii_lowercase()))
        })
}

fn rule(random: &mut Random) -> Rule {
    let names = 1 + usize::from(random.percent(40)) + usize::from(random.percent(15));
    let endings = |random: &mut Random, n: usize| -> Alternatives {
        (0..n).map(|_| format!("\\{}", random.pick(&IMAGES))).collect()
    };
    let image = endings(random, names);
    let parent =
        if random.percent(25) { endings(random, 1) } else { Alternatives::new() };
    let lists = 1 + usize::from(random.percent(35)) + usize::from(random.percent(15));
    let command_line = (0..lists)
        .map(|list| {
            let n = match random.below(100) {
                0..54 => 1,
                54..76 => 2,
                76..86 => 3,
                86..96 => 5,
                _ => 12,
            };
            // One list at least says what the rule is about.
            let common = if list == 0 { 0 } else { 30 };
            (0..n).map(|_| literal(random, common)).collect()
        })
        .collect();
    Rule { image, parent, command_line }
}

/// A literal of about 10 bytes: a flag, an assignment or a part of a path. So many in a
/// hundred are made of the words that all command lines are made of.
fn literal(random: &mut Random, common: usize) -> String {
    let mut text = String::from(*random.pick(&["-", "/", " ", "\\", "", "="]));
    let is_common = random.percent(common);
    for _ in 0..=random.below(3) {
        text.push_str(&if is_common { word(random) } else { rare(random) });
        if random.percent(30) {
            text.push(*random.pick(&[' ', '.', '-', '=']));
        }
    }
    while text.len() < 4 {
        text.push_str(random.pick::<&str>(&SYLLABLES));
    }
    text
}

/// A word of four to eight letters that only rules know.
fn rare(random: &mut Random) -> String {
    let mut text = String::new();
    let pick = |letters: &str, random: &mut Random| {
        letters.chars().nth(random.below(letters.len())).unwrap_or('x')
    };
    for _ in 0..2 + random.below(3) {
        text.push(pick(PAIRS.0, random));
        text.push(pick(PAIRS.1, random));
    }
    text
}

fn word(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..=random.below(3) {
        let syllable = random.pick::<&str>(&SYLLABLES);
        if random.percent(20) {
            text.push_str(&syllable.to_ascii_uppercase());
        } else {
            text.push_str(syllable);
        }
    }
    if random.percent(25) {
        let _ = write!(text, "{}", random.below(1_000));
    }
    text
}

fn set(text: &mut String, items: &[String]) {
    text.push_str("{ ");
    for (i, item) in items.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        let _ = write!(
            text,
            "{comma}\"{}\"",
            item.replace('\\', "\\\\").replace('"', "\\\"")
        );
    }
    text.push_str(" }");
}
