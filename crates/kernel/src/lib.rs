//! The kernel of Longhouse: **a room is a deterministic function of its log.**
//!
//! A game implements [`Rules`]. The kernel turns rules into a [`Room`] that takes [`Input`]s one by one, writes
//! inputs to durable [`Row`]s and [snapshots](Frozen), and rebuilds rooms from them ([`replay`]).
//!
//! What this crate does not do: it has no clock, no randomness, no IO, no threads and no async, and never learns
//! who a player is. Time, seeds and ids come in as arguments; the room host of the `app` crate brings them.

mod desk;
mod hash;
mod ids;
mod input;
mod log_file;
mod machine;
mod memory;
mod outbox;
mod refusal;
mod registry;
mod replay;
mod row;
mod rules;
mod snapshot;
mod without;

pub use desk::{DeskJob, DeskResult};
pub use hash::*;
pub use ids::*;
pub use input::*;
pub use log_file::*;
pub use machine::{AnyRules, Room, Taken};
pub use memory::{
    COMMANDS_REMEMBERED, Memory, OUTSTANDING_MAX, Outstanding, SEATS_MAX, SENDERS_MAX, SeatMemory,
};
pub use outbox::*;
pub use refusal::*;
pub use registry::*;
pub use replay::*;
pub use row::*;
pub use rules::*;
pub use snapshot::Frozen;
pub use without::{Course, Fallen, TakeOutError, WITHOUT_LISTED_MAX, without};
