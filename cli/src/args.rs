//! The command line: every command, option and its help, in one place.
//!
//! Man pages and shell completions are projections of these types, and so is
//! the list in `docs/cli.md`, which a test keeps equal to them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Detection rules for industrial networks and the computers that run them.
#[derive(Debug, Parser)]
#[command(name = "tagout", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 fine; 1 findings (errors in rules, failed tests, \
    --fail-on-alert); 2 wrong usage or a file that cannot be used; 3 configuration or \
    environment."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// When to use colour; NO_COLOR is obeyed
    #[arg(long, value_enum, default_value = "auto", global = true, value_name = "WHEN")]
    pub color: Color,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Add the event kinds of a schema file
    #[arg(long = "schema", global = true, value_name = "FILE")]
    pub schemas: Vec<PathBuf>,
    /// Add what a plugin adds: event kinds, fields, functions
    #[arg(long = "plugin", global = true, value_name = "FILE.wasm")]
    pub plugins: Vec<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Parse and check packs and rule files; print every diagnostic
    Check(Check),
    /// Compile a pack to one WebAssembly module
    Build(Build),
    /// Print the alerts of packs over inputs
    Run(Run),
    /// Print one line of JSON for every decoded event
    Decode(Decode),
    /// Run the tests of packs
    Test(Test),
    /// Format rule files in place
    Fmt(Fmt),
    /// Tell what a compiled pack or a plugin holds and needs
    Inspect(Inspect),
    /// Print the schema: event kinds, fields, types, units, examples
    Fields(Fields),
    /// Print the page of a diagnostic
    Explain(Explain),
    /// Tell which condition of a rule failed on the events nearest to a match
    Why(Why),
    /// Tell which alerts a new pack adds, drops and changes
    Diff(Diff),
    /// Turn rules of another dialect into a pack
    #[command(subcommand)]
    Import(Import),
    /// Measure a pack over an input: decode once, evaluate many times
    Bench(Bench),
    /// Work with plugins
    #[command(subcommand)]
    Plugin(Plugin),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Write man pages into a folder
    Man(Man),
}

/// `tagout check`
#[derive(Debug, Args)]
pub struct Check {
    /// Packs (folders) and rule files
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// How to print diagnostics
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: DiagnosticFormat,
    /// Apply the fixes that are certain to be right
    #[arg(long)]
    pub fix: bool,
    /// A site whose plugins are used, with the files that it gives them; nothing else of it
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
}

/// How to print diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiagnosticFormat {
    /// For people, with the source.
    Text,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// `tagout build`
#[derive(Debug, Args)]
pub struct Build {
    /// The pack's folder, or a rule file
    #[arg(value_name = "PACK")]
    pub pack: PathBuf,
    /// Where the module goes; `-` is standard output
    #[arg(short, long, value_name = "FILE", required_unless_present = "emit")]
    pub output: Option<PathBuf>,
    /// Print a stage of the compilation instead
    #[arg(long, value_enum, value_name = "STAGE", conflicts_with = "output")]
    pub emit: Option<Stage>,
    /// A site whose plugins are used, with the files that it gives them; nothing else of it
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
}

/// A stage of the compilation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// The tree of the rule files.
    Ast,
    /// The typed intermediate representation.
    Ir,
    /// Which rules an event can possibly match, and how they are found.
    Index,
    /// The module as text.
    Wat,
}

/// Packs to run, and what they are bound to.
#[derive(Clone, Debug, Args)]
pub struct Packs {
    /// A pack: a folder, a rule file or a compiled module; may be repeated
    #[arg(short, long = "pack", value_name = "PACK", required = true)]
    pub packs: Vec<PathBuf>,
    /// Zones, assets, parameters and maintenance windows of the site
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Do not keep native code of packs between runs
    #[arg(long)]
    pub no_cache: bool,
}

/// What to read.
#[derive(Clone, Debug, Args)]
pub struct Inputs {
    /// Captures and event files; `-` is standard input
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Kind of the inputs, if it is not to be found from their content
    #[arg(long, value_enum, value_name = "KIND")]
    pub input_format: Option<InputFormat>,
    /// How far out of order events may come and still be put right
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = crate::duration::parse)]
    pub lateness: i64,
}

/// Kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InputFormat {
    /// Capture of libpcap.
    Pcap,
    /// Capture of the next generation.
    Pcapng,
    /// One event a line.
    Json,
    /// Log of Windows.
    Evtx,
    /// Windows events as XML.
    Xml,
    /// Log of the Linux audit daemon.
    Auditd,
}

/// `tagout run`
#[derive(Debug, Args)]
pub struct Run {
    /// Packs and site.
    #[command(flatten)]
    pub packs: Packs,
    /// Inputs.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How to print alerts; eve when piped, text on a terminal
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<AlertFormat>,
    /// Threads to use; the output does not depend on it
    #[arg(short = 'j', long, value_name = "N", default_value_t = 1)]
    pub jobs: usize,
    /// Write counters as JSON
    #[arg(long, value_name = "FILE")]
    pub stats: Option<PathBuf>,
    /// Exit with 1 if an alert of this level or worse was given
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub fail_on_alert: Option<Level>,
}

/// How to print alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AlertFormat {
    /// One JSON document a line, in the shape of Suricata's EVE.
    Eve,
    /// For people.
    Text,
}

/// How bad an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Level {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// `tagout decode`
#[derive(Debug, Args)]
pub struct Decode {
    /// Inputs.
    #[command(flatten)]
    pub inputs: Inputs,
}

/// `tagout test`
#[derive(Debug, Args)]
pub struct Test {
    /// Packs: folders, rule files or compiled modules
    #[arg(required = true, value_name = "PACK")]
    pub packs: Vec<PathBuf>,
    /// Accept the alerts as they are now as the pack's snapshots
    #[arg(long)]
    pub update: bool,
    /// Drop each condition in turn and demand that a test fails
    #[arg(long)]
    pub mutate: bool,
    /// A site whose plugins are used, with the files that it gives them; nothing else of it
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
}

/// `tagout fmt`
#[derive(Debug, Args)]
pub struct Fmt {
    /// Packs, folders and rule files; `-` formats standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a file is not formatted
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would change
    #[arg(long)]
    pub diff: bool,
}

/// `tagout inspect`
#[derive(Debug, Args)]
pub struct Inspect {
    /// A compiled pack, or a plugin
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `tagout fields`
#[derive(Debug, Args)]
pub struct Fields {
    /// A kind or a view; all kinds if left out
    #[arg(value_name = "KIND")]
    pub kind: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `tagout explain`
#[derive(Debug, Args)]
pub struct Explain {
    /// A code such as E0201; all codes if left out
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

/// `tagout why`
#[derive(Debug, Args)]
pub struct Why {
    /// Name or id of the rule
    #[arg(value_name = "RULE")]
    pub rule: String,
    /// Packs and site.
    #[command(flatten)]
    pub packs: Packs,
    /// Inputs.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How many events to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 3)]
    pub number: usize,
}

/// `tagout diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// The pack as it was: a folder, a rule file or a compiled module
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The pack as it is to be
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Zones, assets, parameters and maintenance windows of the site
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
    /// Do not keep native code of packs between runs
    #[arg(long)]
    pub no_cache: bool,
    /// Inputs.
    #[command(flatten)]
    pub inputs: Inputs,
    /// How to print differences; eve when piped, text on a terminal
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<AlertFormat>,
}

/// `tagout import`
#[derive(Debug, Subcommand)]
pub enum Import {
    /// Sigma rules and filters; a report says of every rule: imported, or why not
    Sigma(ImportSigma),
}

/// `tagout import sigma`
#[derive(Debug, Args)]
pub struct ImportSigma {
    /// Rule files (*.yml, *.yaml) and folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Folder of the new pack; it must not hold anything yet
    #[arg(short, long, value_name = "PACK")]
    pub output: PathBuf,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// `tagout plugin`
#[derive(Debug, Subcommand)]
pub enum Plugin {
    /// Run the tests that plugins bring
    Test(PluginTest),
}

/// `tagout plugin test`
#[derive(Debug, Args)]
pub struct PluginTest {
    /// Plugins
    #[arg(required = true, value_name = "FILE.wasm")]
    pub files: Vec<PathBuf>,
    /// What the site lets them do, and the files that it gives them
    #[arg(long, value_name = "FILE")]
    pub site: Option<PathBuf>,
}

/// `tagout bench`
#[derive(Debug, Args)]
pub struct Bench {
    /// Packs and site.
    #[command(flatten)]
    pub packs: Packs,
    /// Inputs.
    #[command(flatten)]
    pub inputs: Inputs,
    /// Times to evaluate the events; the best and the median count
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rounds: u32,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// `tagout completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// `tagout man`
#[derive(Debug, Args)]
pub struct Man {
    /// Folder for the pages
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
}
