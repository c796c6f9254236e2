//! The schema to typed writers.

fn main() {
    tagout_plugin_build::run();
}
