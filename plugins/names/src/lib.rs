//! Functions over names, for rules.
//!
//! ```text
//! entropy(text) -> float          how much a name looks like chance
//! edit_distance(text) -> int      how near it is to a name of the site's list
//! ```
//!
//! The list is the file `names` of the site, a name a line; what stands behind `#` is
//! passed over. A site without the file has no distances.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod distance;
mod entropy;

use tagout_plugin::Global;

use crate::distance::Names;

tagout_plugin::plugin!();
tagout_plugin::start!(start);
tagout_plugin::functions! {
    fn entropy(text: text) -> float {
        entropy::entropy(text)
    }

    fn edit_distance(text: text) -> int {
        NAMES.with(|names| names.nearest(text)).flatten().map(i64::from)
    }
}

static NAMES: Global<Names> = Global::new();

/// Reads the list; refuses one that is longer than the cost of a call allows for.
fn start() -> i32 {
    match tagout_plugin::data("names") {
        None => 0,
        Some(list) => match Names::read(&list) {
            Some(names) => {
                NAMES.set(names);
                0
            }
            None => 1,
        },
    }
}
