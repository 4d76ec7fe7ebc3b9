//! The store's tests, in one binary.
//!
//! `suite` says what every engine must do and runs on SQLite and on a real PostgreSQL; the other modules are about
//! the built-in engine: its writer, its files, a full disk, a power cut.
// In a test, what cannot be is a failure, and `unwrap` says where.
#![allow(clippy::unwrap_used)]

mod directory;
mod engine;
mod friends;
mod full_disk;
mod governance;
mod groups;
mod migrations;
mod model;
mod plans;
mod postgres;
mod power_cut;
mod samples;
mod suite;
mod vfs;
mod write_ahead_log;
