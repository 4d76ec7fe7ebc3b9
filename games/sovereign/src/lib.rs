//! Sovereign Lines: a war for land, twenty steps a second, for a hundred players and their computer rivals.
//!
//! | file | idea |
//! | --- | --- |
//! | `rules.rs` | the room: which inputs it takes, and what time alone does |
//! | `setup.rs`, `command.rs`, `refusals.rs` | how a war begins, what a player may do, and why not |
//! | `state.rs`, `nation.rs`, `land.rs` | what a war is |
//! | `map/` | the ground, made from a seed |
//! | `step.rs` | one step of time, in its order |

mod ai;
mod begin;
mod command;
mod dice;
mod diplomacy;
mod land;
pub mod map;
mod nation;
mod news;
mod orders;
mod refusals;
mod rules;
mod setup;
mod snapshot;
mod state;
mod step;
mod tell;
mod tuning;
mod view;

pub use command::{Command, Site};
pub use land::Land;
pub use map::{Map, Tile};
pub use nation::{Kind, Nation, NationId, Standing};
pub use refusals::Code;
pub use rules::Sovereign;
pub use setup::{Difficulty, Setup, Size};
pub use state::{Attack, Boat, Building, Motion, Pact, Phase, War};
