//! What an operator can set about outside workers.

use app::agents::DeskSettings;
use serde::{Deserialize, Serialize};

use super::{Config, Secret};

/// Outside workers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agents {
    /// `HOST:PORT` of their listener (gRPC); empty: none come in. Port 0 takes a free one.
    pub listen: String,
    /// Lets them in.
    pub key: Secret,
    /// Workers at a time.
    pub workers_max: usize,
    /// A seat's turns are at least so far apart.
    pub turn_ms: u32,
    /// A turn must be answered in this time.
    pub deadline_ms: u32,
}

impl Default for Agents {
    fn default() -> Self {
        Self {
            listen: String::new(),
            key: Secret::new("defaultagentskey"),
            workers_max: 64,
            turn_ms: 1_000,
            deadline_ms: 800,
        }
    }
}

/// As the use case takes it.
pub(crate) fn desk_settings(config: &Config) -> DeskSettings {
    let Agents { workers_max, turn_ms, deadline_ms, .. } = config.agents;
    DeskSettings { turn_ms: turn_ms.into(), deadline_ms: deadline_ms.into(), workers_max }
}

/// Whether others than this machine could reach them with a key that everybody knows, or their address is none.
pub(super) fn faults(config: &Config) -> Option<(&'static str, String)> {
    let Agents { listen, key, .. } = &config.agents;
    if listen.is_empty() {
        return None;
    }
    match super::addresses(listen) {
        Err(fault) => Some(("agents.listen", format!("agents.{fault}"))),
        Ok(found) => {
            let known = *key == Agents::default().key;
            let reached = !found.iter().all(|address| address.ip().is_loopback());
            (known && reached).then(|| {
                let fault = format!(
                    "agents.listen is \"{listen}\", which others can reach, while agents.key still has the default \
                     that everybody knows; set LONGHOUSE_AGENTS_KEY (or the key in the file) to a secret of your own, \
                     or listen on 127.0.0.1"
                );
                ("agents.listen", fault)
            })
        }
    }
}
