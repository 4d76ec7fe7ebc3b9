//! The binary as a process: its one line, its signals, its commands, and what is left after a SIGKILL.

// A test's helpers may fail as a test does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod commands;
mod content;
mod log_files;
mod process;
mod serving;
