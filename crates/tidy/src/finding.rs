//! What a check reports: where, what, and why it matters.

use std::fmt;

/// One place to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Path from the root of the tree.
    pub path: String,
    /// Line, from 1; 0 when it is about the file as a whole.
    pub line: usize,
    /// What was found.
    pub what: String,
    /// Why the house does without it, and what to do instead.
    pub why: &'static str,
}

impl Finding {
    /// A finding at one line.
    pub fn at(path: &str, line: usize, what: impl Into<String>, why: &'static str) -> Self {
        Self { path: path.to_owned(), line, what: what.into(), why }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}\n    {}", self.path, self.what, self.why),
            line => write!(f, "{}:{line}: {}\n    {}", self.path, self.what, self.why),
        }
    }
}
