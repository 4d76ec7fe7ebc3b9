//! Llama Wool Farm: an idle game as a room.
//!
//! Read in this order: `README.md` (what clients see), [`content`] (what the game is made of), [`state`] (what a
//! farm remembers and how time becomes wool), `plan` (what a command may do), [`rules`] (the room).
//!
//! The one idea: **wool is counted in millionths, and growth in thousandths a second**, so that a rate times
//! milliseconds is a whole number. Nothing is ever rounded while time passes, and a night paid in one piece is
//! the same as a night paid in a thousand.
//!
//! Pure: no clock, no IO, no randomness, no floats. Not here: ranks, visitors and offline play.

mod catalogue;
pub mod command;
pub mod content;
mod cost;
mod plan;
mod production;
pub mod refusals;
pub mod rules;
mod show;
mod snapshot;
pub mod state;
mod units;
pub mod view;

pub use command::{Command, Count};
pub use content::{Content, DEFAULT_CONTENT};
pub use rules::{Farm, OWNER};
pub use state::State;
