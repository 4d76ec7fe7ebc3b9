//! The room host as its sessions see it, and many seeds of everything at once.

#![allow(clippy::unwrap_used)]

mod board;
mod client;
mod durability;
mod listening;
mod moving_on;
mod seats;
mod seeds;
