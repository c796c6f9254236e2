//! `tagout plugin test FILE.wasm...`: the tests that plugins bring.

use crate::args::{Global, PluginTest};
use crate::output::Output;
use crate::setup::Setup;
use crate::{Exit, Failure, Terminal};

/// Runs the tests of plugins.
pub(super) fn test(
    args: &PluginTest,
    global: &Global,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let mut global = global.clone();
    global.plugins.clone_from(&args.files);
    let setup = Setup::read(&global, args.site.as_deref())?;
    let runtime =
        setup.builder().build().map_err(|error| Failure::usage(error.to_string()))?;
    let mut output = Output::new();
    let (mut passed, mut failed) = (0, 0);
    for tested in
        runtime.test_plugins().map_err(|error| Failure::environment(error.to_string()))?
    {
        if tested.results.is_empty() {
            terminal.note(&format!("plugin `{}` has no tests", tested.plugin));
        }
        for result in tested.results {
            if result.problems.is_empty() {
                passed += 1;
                continue;
            }
            failed += 1;
            output.line(&format!("FAILED {}: {}", tested.plugin, result.name))?;
            for line in result.problems.iter().flat_map(|problem| problem.lines()) {
                output.line(&format!("  {line}"))?;
            }
        }
    }
    output.line(&format!("{passed} passed, {failed} failed"))?;
    output.finish()?;
    Ok(if failed == 0 { Exit::Fine } else { Exit::Findings })
}
