//! The Longhouse server: this binary registers the games and what the house does for Llama Wool
//! Farm and Sovereign Lines beside their rules;
//! the `server` library does the rest.

mod farm_service;
mod sovereign_service;

use std::process::ExitCode;

use server::serve::Games;

// Many small blocks under many threads: sessions, frames, rows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A further game is a further line.
    let games = Games::new()
        .with::<ledger::Ledger>(b"")
        .with::<plaza::Plaza>(b"")
        .with::<farm::Farm>(farm::DEFAULT_CONTENT)
        .with_older::<farm::FarmV1>()
        .with::<sovereign::Sovereign>(b"")
        .with_extension(farm_service::register)
        .with_extension(sovereign_service::register);
    server::command::main(games)
}
