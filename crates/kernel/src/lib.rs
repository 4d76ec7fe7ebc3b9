//! Rooms as state machines: a room is a deterministic function of its log.
mod ids;
mod outbox;
mod refusal;
mod rules;

pub use ids::*;
pub use outbox::*;
pub use refusal::*;
pub use rules::*;
