//! The Longhouse server: this binary registers the games, the `server` library does the rest.

mod cli;
mod migrate;
mod replay;
mod rooms;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::Parser;
use server::serve::Games;

use cli::{Cli, Command};

// Many small blocks under many threads: sessions, frames, rows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The games of this house. A further one is a further line.
fn games() -> Games {
    Games::new().with::<ledger::Ledger>(b"").with::<farm::Farm>(farm::DEFAULT_CONTENT)
}

fn main() -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    let done = match command {
        Command::Serve(flags) => settings.load(flags.keys()).and_then(|loaded| serve::serve(loaded, games())),
        Command::CheckConfig => {
            settings.load(Vec::new()).and_then(|loaded| settings::check(&loaded, &games()))
        }
        Command::Migrate(step) => {
            settings.load(Vec::new()).and_then(|loaded| migrate::migrate(&loaded, &step))
        }
        Command::Rooms(ask) => settings.load(Vec::new()).and_then(|loaded| rooms::rooms(&loaded, &ask)),
        Command::Replay(ask) => {
            settings.load(Vec::new()).and_then(|loaded| replay::replay(&loaded, &games(), &ask))
        }
        Command::Version => settings::version(&games()),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("longhouse: {error:#}");
            ExitCode::FAILURE
        }
    }
}
