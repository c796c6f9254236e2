//! The figures that the engine owes, measured in one run:
//!
//! ```text
//! cargo run --release -p tagout-tests --example figures \
//!     [ot|process|functions|packs|plugins]
//! ```
//!
//! Times are CPU times of this thread, the median of rounds over 100,000 distinct
//! events; on another machine only the ratios carry over. Events are written by the
//! typed writers into a batch and evaluated 256 at a time, as a stream is: the memory of
//! a batch is used again by the next.
#![expect(clippy::print_stdout, reason = "the report is the purpose")]

mod clock;
mod functions;
mod ot;
mod packs;
mod plugins;
mod process;

use std::error::Error;

use tagout_runtime::{Options, Watch};
use tagout_tests::mix::ot::Shape;

/// Events of each mix.
const EVENTS: usize = 100_000;
/// Rounds, of which the median counts.
const ROUNDS: usize = 19;

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1);
    let is_wanted = |part: &str| wanted.as_deref().is_none_or(|wanted| wanted == part);
    println!("| figure | owed | found |\n|---|---|---|");
    if is_wanted("ot") {
        of_ot()?;
    }
    if is_wanted("process") {
        let process = process::measure(3_000, &Options::default())?;
        row("process, 3,000 rules: write alone", "", &ns(process.write));
        row("process, 3,000 rules: write, scan, evaluate", "250 ns", &ns(process.whole));
    }
    if is_wanted("plugins") {
        plugins::measure()?;
    }
    if is_wanted("functions") {
        functions::measure()?;
    }
    if is_wanted("packs") {
        packs::measure(10_000)?;
    }
    Ok(())
}

fn of_ot() -> Result<(), Box<dyn Error>> {
    let plain = Options::default();
    let watched = Options { watch: Watch::All, ..Options::default() };
    let usual = ot::measure(3_000, Shape::Realistic, &plain)?;
    row("OT, 3,000 rules: write alone", "", &ns(usual.write));
    row("OT, 3,000 rules: write and evaluate", "50 ns", &ns(usual.whole));
    let matched = usual.rows as f64 / EVENTS as f64 * 100.0;
    row("rows an event", "about 1 %", &format!("{matched:.2} %"));
    let under_watch = ot::measure(3_000, Shape::Realistic, &watched)?;
    row("the same with epoch checks", "65 ns", &ns(under_watch.whole));
    let native = ot::native(3_000);
    row("evaluation by hand-written Rust", "", &ns(native));
    row("module over hand-written Rust", "2.0", &ratio(usual.evaluate(), native));
    let worst = ot::measure(3_000, Shape::Worst, &plain)?;
    row("worst mix: one function, no address", "reported", &ns(worst.whole));
    let few = ot::measure(1_000, Shape::Realistic, &plain)?;
    let many = ot::measure(10_000, Shape::Realistic, &plain)?;
    row(
        "evaluation, 10,000 rules over 1,000",
        "5",
        &ratio(many.evaluate(), few.evaluate()),
    );
    let lacking = ot::measure_lacking(3_000, &plain)?;
    row(
        "every event lacks the destination, over the normal event",
        "3",
        &ratio(lacking.evaluate(), usual.evaluate()),
    );
    let crafted = ot::crafted(3_000, &plain)?;
    let times = |of: f64| format!("{of:.1}");
    row("worst crafted event, complete, over the median", "20", &times(crafted.complete));
    row("worst crafted event, lacking the destination", "20", &times(crafted.lacking));
    Ok(())
}

fn row(what: &str, owed: &str, found: &str) {
    println!("| {what} | {owed} | {found} |");
}

fn ns(nanoseconds: f64) -> String {
    format!("{nanoseconds:.1} ns")
}

fn ratio(a: f64, b: f64) -> String {
    format!("{:.2}", a / b)
}
