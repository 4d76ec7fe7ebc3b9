//! `longhouse migrate`: the store's schema, up, down and where it stands.

use std::process::ExitCode;

use crate::config::Loaded;
use anyhow::{Result, bail};

use super::flags::Migrate;

/// Moves the schema, or shows it.
pub fn migrate(loaded: &Loaded, step: &Migrate) -> Result<ExitCode> {
    let data = &loaded.config.data;
    if !data.is_dir() {
        bail!("there is no folder {}; --data names another one", data.display());
    }
    match step {
        Migrate::Up { to } => {
            let taken = store::migrate_up(data, *to)?;
            println!("{}", steps("taken", &taken));
        }
        Migrate::Down { to } => {
            let undone = store::migrate_down(data, *to)?;
            println!("{}", steps("undone", &undone));
        }
        Migrate::Status => {
            let status = store::migration_status(data)?;
            for step in &status.applied {
                println!("{:04}  taken    {}", step.number, step.name);
            }
            for (number, name) in &status.pending {
                println!("{number:04}  waiting  {name}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn steps(what: &str, numbers: &[u32]) -> String {
    match numbers {
        [] => format!("nothing to do: no step {what}"),
        numbers => {
            let numbers: Vec<_> = numbers.iter().map(|number| format!("{number:04}")).collect();
            format!("steps {what}: {}", numbers.join(", "))
        }
    }
}
