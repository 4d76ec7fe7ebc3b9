//! Says which of all measurements runs, so that a long report is not a silent one.

use std::time::Instant;

/// Counts the measurements of one report.
pub struct Stages {
    begun: Instant,
    done: usize,
    total: usize,
}

impl Stages {
    /// So many are to come.
    pub fn new(total: usize) -> Self {
        Stages { begun: Instant::now(), done: 0, total }
    }

    /// The next one begins.
    pub fn next(&mut self, what: &str) {
        self.done += 1;
        let seconds = self.begun.elapsed().as_secs();
        eprintln!("{:>3} of {}  {:>2}:{:02}  {what}", self.done, self.total, seconds / 60, seconds % 60);
    }
}
