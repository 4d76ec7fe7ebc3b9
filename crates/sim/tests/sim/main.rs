//! The room host as its sessions see it, and many seeds of everything at once.

#![allow(clippy::unwrap_used)]

mod board;
mod client;
mod contents;
mod durability;
mod grove;
mod listening;
mod moving_on;
mod seats;
mod seeds;
mod served;
