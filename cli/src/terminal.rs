//! What people see: colour only on a terminal, progress only on a terminal,
//! notes on standard error.

use std::io::{IsTerminal as _, Write as _, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::{Color, Global};

/// How to talk to the person who called.
#[derive(Clone, Debug)]
pub struct Terminal {
    color: Color,
    quiet: bool,
    no_color: bool,
}

impl Terminal {
    /// From the options and the environment.
    #[must_use]
    pub fn new(global: &Global) -> Self {
        let no_color =
            std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { color: global.color, quiet: global.quiet, no_color }
    }

    /// Whether standard output is coloured.
    #[must_use]
    pub fn color_out(&self) -> bool {
        self.color(stdout().is_terminal())
    }

    /// Whether standard error is coloured.
    #[must_use]
    pub fn color_err(&self) -> bool {
        self.color(stderr().is_terminal())
    }

    fn color(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !self.no_color,
        }
    }

    /// Whether nothing but errors is to be said.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line for people on standard error.
    pub fn note(&self, text: &str) {
        if !self.quiet {
            self.error(text);
        }
    }

    /// A line on standard error, also if told to be quiet.
    pub fn error(&self, text: &str) {
        // A closed standard error leaves nobody to tell.
        let _ = writeln!(stderr().lock(), "{text}");
    }

    /// A progress bar over bytes if somebody looks, else one that does nothing.
    #[must_use]
    pub fn progress(&self, total: Option<u64>) -> ProgressBar {
        if self.quiet || !stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                "{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {msg}",
            ),
            None => {
                (ProgressBar::new_spinner(), "{spinner} {bytes} {bytes_per_sec} {msg}")
            }
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        bar
    }
}
