//! What an update tells of what happened.

use serde::{Deserialize, Serialize};

use super::KeepsakeState;

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // the README's table of events says what they hold
pub enum Occasion {
    Sheared {
        count: u32,
        wool: String,
        amount: String,
    },
    Bought {
        building: String,
        count: u32,
    },
    Upgraded {
        upgrade: String,
        level: u32,
    },
    Crafted {
        recipe: String,
        count: String,
    },
    Prestiged {
        stars: String,
        fleece: i64,
    },
    Wished {
        wish: String,
        level: u32,
    },
    Keepsake {
        keepsake: String,
        state: KeepsakeState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    Synced {
        kept: u32,
        refused: u32,
    },
    Imported,
}
