//! Every queue has a limit. One without grows with the slowest reader until the process ends, and takes every room along.

use crate::{finding::Finding, source, tree::Tree};

const MARKS: &[&str] = &[
    "unbounded_channel",
    "UnboundedSender",
    "UnboundedReceiver",
    "mpsc::channel()",
    "unbounded()",
    "flume::unbounded",
];
const WHY: &str = "it grows with its slowest reader; use a bounded one, name the limit, decide what happens when it is full";

/// Finds unbounded channels, tests included: a test is copied sooner or later.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with("rs").filter(|file| !file.path.starts_with("crates/tidy/")) {
        for line in source::lines(&file.path, &file.text, "queues") {
            let code: String = line.code.split_whitespace().collect();
            // `mpsc::channel::<T>()` is the same call.
            let call = match code.split_once("mpsc::channel::<") {
                Some((_, rest)) => rest.contains(">()"),
                None => false,
            };
            if let Some(mark) = MARKS.iter().find(|mark| code.contains(*mark)) {
                findings.push(Finding::at(&file.path, line.number, format!("`{mark}`"), WHY));
            } else if call {
                findings.push(Finding::at(&file.path, line.number, "`mpsc::channel()`", WHY));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unbounded_is_found_and_bounded_passes() {
        let found = |text: &str| check(&Tree::of(&[("crates/x/src/a.rs", text)])).len();
        for fault in [
            "let (a, b) = tokio::sync::mpsc::unbounded_channel();",
            "let (a, b) = std::sync::mpsc::channel();",
            "let (a, b) = mpsc::channel::<Vec<u8>>();",
            "let (a, b) = crossbeam::channel::unbounded();",
        ] {
            assert_eq!(found(fault), 1, "{fault}");
        }
        for fine in ["mpsc::channel(64);", "mpsc::channel::<u8>(QUEUE_FRAMES_MAX);", "mpsc::sync_channel(8);"]
        {
            assert_eq!(found(fine), 0, "{fine}");
        }
    }
}
