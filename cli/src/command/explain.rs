//! `tagout explain [CODE]`: the page of a diagnostic, or the list of all.

use tagout_compiler::diagnostic::{closest, codes};
use tagout_spec::pages;
use tagout_spec::plugin::refusal::Refusal;

use crate::args::Explain;
use crate::output::Output;
use crate::{Exit, Failure};

/// Prints a page.
pub(super) fn run(args: &Explain) -> Result<Exit, Failure> {
    let mut output = Output::new();
    match &args.code {
        None => {
            for (code, title) in known() {
                output.line(&format!("{code}  {title}"))?;
            }
        }
        Some(wanted) => {
            let wanted = wanted.to_ascii_uppercase();
            let page = pages::page(&wanted).ok_or_else(|| unknown(&wanted))?;
            output.write(page.as_bytes())?;
        }
    }
    output.finish()?;
    Ok(Exit::Fine)
}

/// Codes and their titles: of rules, then of plugins.
fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_rules = codes::ALL.iter().map(|code| (code.id(), code.title()));
    of_rules.chain(Refusal::ALL.iter().map(|refusal| (refusal.code(), refusal.title())))
}

fn unknown(wanted: &str) -> Failure {
    let hint = closest(wanted, known().map(|(code, _)| code))
        .map(|id| format!("; did you mean `{id}`?"));
    Failure::usage(format!(
        "there is no diagnostic `{wanted}`{}",
        hint.unwrap_or_else(|| "; `tagout explain` lists all".into())
    ))
}
