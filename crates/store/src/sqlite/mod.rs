//! The built-in engine: SQLite with one writer and several readers.
//!
//! - Writes queue in two classes, appends of rooms before everything else. The writer takes what is there, runs each
//!   operation in its own savepoint, commits once, and only then answers. While it syncs, the next batch gathers.
//! - Reads run on the calling thread, on connections of their own, within [`READ_MS_MAX`].
//! - The write-ahead log is emptied by a thread of its own; the writer does only the small rest, between batches.
//!
//! The writer's core has no thread: [`Store::open_manual`] drives it by hand.

mod checkpoint;
mod core;
mod files;
mod job;
mod migrate;
mod options;
mod queue;
mod readers;
mod shared;
mod store;
mod tx;

pub use job::{AppendDone, Appended};
pub use migrate::{MigrationStatus, migrate_down, migrate_up, migration_status};
pub use options::*;
pub use shared::SharedRead;
pub use store::{Place, Store};
