//! From flags, variables and a file to the configuration, and what can be said about it.

use std::process::ExitCode;

use crate::config::{self, Config, Loaded, Sources};
use crate::serve::Games;
use anyhow::{Context, Result, bail};

use super::flags::Settings;

impl Settings {
    /// Lays the layers over each other. `flags` are those of the command itself.
    pub fn load(&self, mut flags: Vec<(String, String, String)>) -> Result<Loaded> {
        if let Some(data) = &self.data {
            let data = data.to_str().context("--data is not valid UTF-8")?;
            flags.push(("data".into(), data.into(), "--data".into()));
        }
        for set in &self.set {
            let Some((key, value)) = set.split_once('=') else {
                bail!("--set wants KEY=VALUE, for example --set rooms.grace_ms=5000; it got {set:?}");
            };
            flags.push((key.trim().into(), value.into(), "--set".into()));
        }
        let variables = std::env::vars_os().collect();
        Ok(config::load(&Sources { file: self.config.clone(), variables, flags })?)
    }
}

/// Shows the configuration, after making the games with it as a server would.
pub fn check(loaded: &Loaded, games: &Games) -> Result<ExitCode> {
    games.library(&loaded.config)?;
    print!("{}", config::show(loaded));
    Ok(ExitCode::SUCCESS)
}

/// Shows versions.
pub fn version(games: &Games) -> Result<ExitCode> {
    println!("longhouse {}", env!("CARGO_PKG_VERSION"));
    let library = games.library(&Config::default())?;
    for name in games.names() {
        if let Some(rules) = library.newest(name) {
            println!("rules {}", rules.id());
        }
    }
    Ok(ExitCode::SUCCESS)
}
