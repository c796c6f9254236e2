//! The manifest and the schema to what the plugin uses of them.

fn main() {
    tagout_plugin_build::run();
}
