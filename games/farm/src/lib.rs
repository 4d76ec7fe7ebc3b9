//! Llama Wool Farm: an idle game as a room.
//!
//! Read in this order: `README.md` (what clients see), [`content`] (what the game is made of), [`state`] (what a
//! farm remembers), `growth` (how time becomes wool), `plan` (what a command may do), `sync` (what was done offline),
//! [`rules`] (the room) and `course` (what each input does).
//!
//! The one idea: **wool is counted in millionths, and growth in thousandths a second**, so that a rate times
//! milliseconds is a whole number. Nothing is ever rounded while time passes, and a night paid in one piece is
//! the same as a night paid in a thousand.
//!
//! Pure: no clock, no IO, no randomness, no floats. Not here: ranks, friends and wallets.

mod calendar;
mod catalogue;
pub mod command;
pub mod content;
mod cost;
mod course;
pub mod devices;
mod growth;
mod holdings;
mod import;
mod magnitude;
mod measure;
mod plan;
mod points;
mod production;
pub mod refusals;
pub mod rules;
mod score;
mod show;
mod snapshot;
pub mod state;
mod sync;
mod units;
pub mod view;

pub use command::{By, Command, Count, DeviceId, Late, Order, Save, Sync};
pub use content::{Content, DEFAULT_CONTENT};
pub use magnitude::magnitude;
pub use rules::{Farm, FarmRules, FarmV1, OWNER};
pub use score::SCORE_EVENT;
pub use state::State;
pub use sync::Outcome;
