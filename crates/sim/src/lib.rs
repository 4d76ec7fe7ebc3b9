//! The real room host and the real store in one thread under a seed, with commits that fail.
//!
//! Nothing here is a rewrite: [`app::rooms`] runs without its threads ([`RoomsByHand`](app::rooms::RoomsByHand)), the
//! store without its own ([`store::Store::open_manual`]), and a [`World`] brings the time, the randomness and the order in
//! which everything gets its turn. Players ([`Player`]) send commands, lose their sockets, come back and send again
//! what was not answered. At the end [`check`] reads the logs and compares them with what the players were told.
//!
//! The same seed gives the same history, to the byte ([`History::digest`]).

mod history;
mod player;
mod world;

pub use history::{History, check};
pub use player::Player;
pub use world::{Faults, GRACE_MS, RETAIN_MS, SLEEP_AFTER_MS, World};
