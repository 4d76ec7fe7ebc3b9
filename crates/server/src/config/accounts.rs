//! From the configuration to what accounts are made of.

use std::sync::Arc;

use app::accounts::{AccountParts, AccountSettings, OnEnded, Vault};
use app::ports::Entropy;
use app::tokens::{SessionKey, Settings, Tokens};

use super::{Config, ConfigError};
use crate::ports::TokioSpawn;

/// Whoever changes what a ticket says changes this too.
const TICKETS: &str = "longhouse 2026-11 tickets v1";

/// The keys of what is personal.
pub fn vault(config: &Config, entropy: &Arc<dyn Entropy>) -> Vault {
    let keys = &config.keys;
    let old: Vec<_> = keys.personal_old.reveal().split_whitespace().collect();
    Vault::new(Arc::clone(entropy), keys.personal_key.reveal(), &old, keys.lookup_key.reveal())
}

/// What accounts are made of. Reads the files with keys.
pub fn account_parts(
    config: &Config,
    entropy: &Arc<dyn Entropy>,
    on_ended: OnEnded,
) -> Result<AccountParts, ConfigError> {
    let session_key = config.keys.session_key.reveal();
    let settings = Settings {
        session_key: match config.session.rsa_key_file.as_str() {
            "" => SessionKey::Secret(session_key.into()),
            own => {
                let old =
                    config.session.rsa_old_files.split(',').map(str::trim).filter(|file| !file.is_empty());
                let old = old.map(|file| read("session.rsa_old_files", file)).collect::<Result<_, _>>()?;
                SessionKey::Pair { own: read("session.rsa_key_file", own)?, old }
            }
        },
        refresh_key: config.keys.refresh_key.reveal().into(),
        access_seconds: config.session.access_seconds,
        refresh_seconds: config.session.refresh_seconds,
    };
    let tokens = Tokens::new(&settings)
        .map_err(|error| fault(format!("session.rsa_key_file or its elders: {error}")))?;
    Ok(AccountParts {
        tokens: Arc::new(tokens),
        vault: vault(config, entropy),
        ticket_key: blake3::derive_key(TICKETS, session_key.as_bytes()),
        spawn: Arc::new(TokioSpawn::current()),
        settings: AccountSettings {
            registration: config.accounts.registration,
            single: config.session.single,
        },
        on_ended,
    })
}

fn read(key: &str, file: &str) -> Result<String, ConfigError> {
    std::fs::read_to_string(file).map_err(|error| fault(format!("{key}: {file} cannot be read: {error}")))
}

fn fault(text: String) -> ConfigError {
    ConfigError(vec![text])
}
