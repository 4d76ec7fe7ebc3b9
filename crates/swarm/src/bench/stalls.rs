//! Where writes waited: commits, and the copies of the write-ahead log into the database, by the server's own figures.

use super::metrics::{Page, Spent};
use super::runtime;
use crate::target::Target;
use anyhow::Result;
use serde::Serialize;
use std::fmt;

/// What the store did while something was measured, its warm-up included.
#[derive(Clone, Debug, Serialize)]
pub struct Stalls {
    /// Commits, each with its sync.
    pub commits: Spent,
    /// Copies by the writer itself: nothing commits meanwhile.
    pub writer: Spent,
    /// Copies by the thread beside it, which shares the disk.
    pub beside: Spent,
}

impl Stalls {
    /// Runs `measure` and says what the store did meanwhile.
    pub fn around<T>(target: &Target, measure: impl FnOnce() -> Result<T>) -> Result<(T, Self)> {
        let page = || runtime()?.block_on(Page::read(target));
        let before = page()?;
        let result = measure()?;
        let after = page()?;
        let checkpoint =
            |by: &str| after.since(&before, "longhouse_store_checkpoint_seconds", &format!("by=\"{by}\""));
        let commits = after.since(&before, "longhouse_store_commit_seconds", "");
        Ok((result, Stalls { commits, writer: checkpoint("writer"), beside: checkpoint("thread") }))
    }
}

impl fmt::Display for Stalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts =
            [("commits", &self.commits), ("writer stood still", &self.writer), ("copies", &self.beside)];
        for (index, (name, spent)) in parts.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { "; " };
            write!(f, "{comma}{name} {} × {:.2} ms", spent.count, spent.mean_ms())?;
            if let Some(longest) = spent.longest_ms {
                write!(f, ", none over {longest} ms")?;
            }
        }
        Ok(())
    }
}
