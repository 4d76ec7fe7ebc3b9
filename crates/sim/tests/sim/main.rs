//! The room host as its sessions see it, and many seeds of everything at once.

#![allow(clippy::unwrap_used)]

mod beat;
mod board;
mod client;
mod contents;
mod durability;
mod gathering;
mod grove;
mod listening;
mod moving_on;
mod pasts;
mod running;
mod seats;
mod seeds;
mod served;
mod watching;
