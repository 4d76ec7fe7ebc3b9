//! The command line of a binary that brings its games: `serve` and what an operator needs beside it.

mod content;
mod content_table;
mod flags;
mod log_file;
mod migrate;
mod personal;
mod replay;
mod rooms;
mod serve;
mod settings;

use std::process::ExitCode;

use clap::Parser;

use crate::serve::Games;
use flags::{Cli, Command};

/// Does what the process's arguments ask for: the whole `main` of a binary with these games.
pub fn main(games: Games) -> ExitCode {
    let Cli { settings, command } = Cli::parse();
    let load = |flags| settings.load(flags);
    let done = match command {
        Command::Serve(flags) => load(flags.keys()).and_then(|loaded| serve::serve(loaded, games)),
        Command::CheckConfig => load(Vec::new()).and_then(|loaded| settings::check(&loaded, &games)),
        Command::Migrate(step) => load(Vec::new()).and_then(|loaded| migrate::migrate(&loaded, &step)),
        Command::Personal(ask) => load(Vec::new()).and_then(|loaded| personal::personal(&loaded, &ask)),
        Command::Rooms(ask) => load(Vec::new()).and_then(|loaded| rooms::rooms(&loaded, &ask)),
        Command::Replay(ask) => load(Vec::new()).and_then(|loaded| replay::replay(&loaded, &games, &ask)),
        Command::Content(ask) => load(Vec::new()).and_then(|loaded| content::content(&loaded, &games, &ask)),
        Command::Version => settings::version(&games),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("longhouse: {error:#}");
            ExitCode::FAILURE
        }
    }
}
