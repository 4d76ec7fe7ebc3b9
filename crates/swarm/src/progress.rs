//! A bar on the terminal while something runs; nothing where there is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

/// A progress bar on standard error.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar that is full at `total`.
    pub fn new(what: &str, total: u64) -> Self {
        let bar = ProgressBar::new(total.max(1));
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template("{prefix:<28} [{wide_bar}] {percent:>3} %  {msg}");
        bar.set_style(style.expect("the template is constant and valid").progress_chars("=> "));
        bar.set_prefix(what.to_owned());
        Progress { bar }
    }

    /// How far it is.
    pub fn at(&self, position: u64) {
        self.bar.set_position(position);
    }

    /// One step more.
    pub fn step(&self) {
        self.bar.inc(1);
    }

    /// A word beside the bar.
    pub fn say(&self, text: &str) {
        self.bar.set_message(text.to_owned());
    }

    /// Takes the bar away.
    pub fn done(&self) {
        self.bar.finish_and_clear();
    }
}
