//! Real wars, seen from outside: clients that hear every update know what a view shows, and a war that is cut and
//! restored goes on as if nothing had been.

#![allow(clippy::unwrap_used)]

mod clients;
mod game;
mod past;
mod restored;
mod seats;
mod vectors;
