//! What a player can ask for, as a type: [`Order`] is a [`Command`] with the device's number for it. How it stands in
//! bytes is `wire`'s matter.

mod count;
mod wire;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::devices::DeviceId;
pub use count::Count;

/// Bytes of a command, but for the two that carry more.
pub const COMMAND_BYTES_MAX: usize = 320;
/// Bytes of a `sync`.
pub const SYNC_BYTES_MAX: usize = 16 << 10;
/// Bytes of an `import`.
pub const IMPORT_BYTES_MAX: usize = 8 << 10;
/// Actions in a `sync`.
pub const ACTIONS_MAX: usize = 100;
/// Shears in one command.
pub const SHEAR_COUNT_MAX: u32 = 50;
/// Buildings in one command.
pub const BUY_COUNT_MAX: u32 = 1_000;
/// Repetitions of a recipe in one command, unless it is [`Count::Max`].
pub const CRAFT_COUNT_MAX: u64 = 1_000_000_000;

/// A command as it is sent.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "wire::Body", try_from = "wire::Body")]
pub struct Order {
    /// What.
    pub command: Command,
    /// The device's own number for it, if it has one.
    pub by: Option<By>,
}

/// A device, and its number for an action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct By {
    /// Which.
    pub device: DeviceId,
    /// From 1; rises with every action of the device.
    pub n: u64,
}

/// What a player wants. Ids are those of the content file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Command {
    /// Shear by hand.
    Shear {
        /// How often: 1 to [`SHEAR_COUNT_MAX`].
        count: u64,
    },
    /// Buy buildings.
    Buy {
        /// Which.
        building: String,
        /// How many: 1 to [`BUY_COUNT_MAX`].
        count: Count,
    },
    /// Buy an upgrade's next level.
    Upgrade {
        /// Which.
        upgrade: String,
    },
    /// Weave.
    Craft {
        /// What.
        recipe: String,
        /// How often: 1 to [`CRAFT_COUNT_MAX`].
        count: Count,
    },
    /// Trade the farm for stars.
    Prestige,
    /// Buy a wish's next level.
    Wish {
        /// Which.
        wish: String,
    },
    /// Buy a keepsake from the wallet.
    Keepsake {
        /// Which.
        keepsake: String,
    },
    /// What was done offline.
    Sync(Sync),
    /// Take over a save of a local-only game.
    Import(Save),
    /// Say how the farm stands.
    Report,
}

/// A chunk of what a device did offline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sync {
    /// Which.
    pub device: DeviceId,
    /// The newest action that the device knows to be known.
    pub after: u64,
    /// The device's clock as it sends this.
    pub clock_ms: i64,
    /// In order of their numbers; at most [`ACTIONS_MAX`].
    pub actions: Vec<Late>,
}

/// One action that was done offline.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Late {
    /// The device's number for it.
    pub n: u64,
    /// The device's clock as it was done.
    pub at_ms: i64,
    /// What.
    pub command: Command,
}

/// The save of a local-only game.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Save {
    /// [`SAVE_FORMAT`].
    pub format: String,
    /// [`SAVE_VERSION`].
    pub version: u32,
    /// When that game began.
    pub started_ms: i64,
    /// When it was saved.
    pub saved_ms: i64,
    /// Whole wool in store, decimal, by id.
    pub wools: BTreeMap<String, String>,
    /// Counts by id.
    pub buildings: BTreeMap<String, u32>,
    /// Levels by id.
    pub upgrades: BTreeMap<String, u32>,
    /// Shears by hand.
    pub shears: u64,
}

/// What a save calls itself.
pub const SAVE_FORMAT: &str = "llama-wool-farm";
/// The version of a save that is read.
pub const SAVE_VERSION: u32 = 1;

impl Command {
    /// It may stand in a `sync`, if only to be refused there.
    fn is_action(&self) -> bool {
        !matches!(self, Self::Sync(_) | Self::Import(_))
    }

    /// It is heard from an owner who has not joined.
    pub(crate) fn is_heard_absent(&self) -> bool {
        matches!(self, Self::Sync(_) | Self::Import(_) | Self::Report)
    }
}

impl From<Command> for Order {
    fn from(command: Command) -> Self {
        Self { command, by: None }
    }
}
