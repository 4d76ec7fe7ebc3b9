//! Sovereign Lines: a war for land, twenty steps a second, for a hundred players and their computer rivals.
//!
//! | file | idea |
//! | --- | --- |
//! | `rules.rs` | the room: which inputs it takes, and what time alone does |
//! | `setup.rs`, `command.rs`, `refusals.rs` | how a war begins, what a player may do, and why not |
//! | `state.rs`, `nation.rs`, `land.rs` | what a war is |
//! | `map/` | the ground, made from a seed |
//! | `index.rs` | what follows from the land: borders, contacts, cells |
//! | `begin.rs`, `over.rs` | who comes in and where; who is beaten, and who has won |
//! | `step.rs`, `turns.rs`, `growth.rs` | one step of time, in its order; whose turn it is; troops and gold |
//! | `attack/`, `capture.rs`, `boats.rs` | how land is taken |
//! | `sites.rs`, `trade.rs` | buildings and what they bring |
//! | `orders/` | whether a command may be given, and what it does |
//! | `diplomacy.rs`, `motions.rs` | alliances; what allies vote on |
//! | `ai/` | how computers play |
//! | `view/`, `tell/`, `bytes/` | what a seat sees, what it is told of changes, and their forms |
//! | `mirror.rs` | a client in small |
//! | `news.rs`, `snapshot/` | what is to be told; the whole war as bytes |

mod ai;
mod attack;
mod begin;
pub mod behaviour;
mod boats;
mod bytes;
mod capture;
#[cfg(test)]
mod chaos;
mod command;
mod dice;
mod diplomacy;
mod growth;
mod index;
mod land;
pub mod map;
pub mod mirror;
mod motions;
mod nation;
mod news;
mod orders;
mod over;
mod power;
mod refusals;
mod rules;
mod setup;
mod sites;
mod snapshot;
mod state;
mod step;
mod tell;
#[cfg(test)]
mod tests;
mod trade;
mod tuning;
mod turns;
mod view;

pub use command::{Command, MotionKind, Site};
pub use land::Land;
pub use map::{Map, Tile};
pub use nation::{Kind, Nation, NationId, Standing};
pub use over::OVER_EVENT;
pub use refusals::Code;
pub use rules::{STEP_MS, Sovereign};
pub use setup::{Difficulty, Setup, Size};
pub use state::{Attack, Boat, Building, Motion, Pact, Phase, War};
