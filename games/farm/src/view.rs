//! What clients are sent, as types that serialise to the shapes in `README.md` and can be read back by bots and
//! tests. Large numbers are decimal strings of milli-wool.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::catalogue::*;

/// Amounts by wool id.
pub type Amounts = BTreeMap<String, String>;

/// The body of a view.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct View {
    /// The catalogue.
    pub content: Catalogue,
    /// All that changes.
    pub farm: FarmView,
}

/// The body of an update.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Update {
    /// What has changed.
    pub farm: FarmPart,
    /// What happened.
    pub event: Option<Occasion>,
}

/// The farm at a moment.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FarmView {
    /// The moment.
    pub at_ms: i64,
    /// The herd sleeps from here on.
    pub works_until_ms: i64,
    /// By id.
    pub wools: BTreeMap<String, WoolView>,
    /// Shearing by hand.
    pub shear: ShearView,
    /// By id.
    pub buildings: BTreeMap<String, BuildingView>,
    /// By id.
    pub upgrades: BTreeMap<String, UpgradeView>,
    /// By id.
    pub recipes: BTreeMap<String, RecipeView>,
    /// By id.
    pub keepsakes: BTreeMap<String, KeepsakeState>,
    /// Stars, and how far the next one is.
    pub prestige: PrestigeView,
    /// Figures for the curious.
    pub stats: StatsView,
    /// The newest time away.
    pub away: Option<AwayView>,
    /// A number for choosing colours and names.
    pub looks: u32,
}

/// What has changed: keys that are there replace, maps by id are merged.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FarmPart {
    /// The moment.
    pub at_ms: i64,
    /// As in [`FarmView`], like all that follow.
    pub works_until_ms: i64,
    /// All of them, always.
    pub wools: BTreeMap<String, WoolView>,
    /// Always.
    pub prestige: PrestigeView,
    /// If it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shear: Option<ShearView>,
    /// Those that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buildings: Option<BTreeMap<String, BuildingView>>,
    /// Those that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upgrades: Option<BTreeMap<String, UpgradeView>>,
    /// Those that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipes: Option<BTreeMap<String, RecipeView>>,
    /// Those that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keepsakes: Option<BTreeMap<String, KeepsakeState>>,
    /// If they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<StatsView>,
}

/// A wool's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WoolView {
    /// In store.
    pub amount: String,
    /// Growth a second.
    pub rate: String,
    /// Grown and shorn since the last prestige.
    pub earned: String,
}

/// Shearing's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShearView {
    /// Of one shear.
    #[serde(rename = "yield")]
    pub each: String,
}

/// A building's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BuildingView {
    /// How many there are.
    pub count: u32,
    /// What they grow together, a second.
    pub rate: String,
    /// Of the next one; none at the limit.
    pub cost: Option<Amounts>,
    /// Its needs are met.
    pub unlocked: bool,
    /// The next count that doubles the rate.
    pub next_milestone: Option<u32>,
}

/// An upgrade's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UpgradeView {
    /// Reached so far.
    pub level: u32,
    /// Of the next one; none at the limit.
    pub cost: Option<Amounts>,
    /// Its needs are met.
    pub unlocked: bool,
}

/// A recipe's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecipeView {
    /// Its needs are met.
    pub unlocked: bool,
}

/// Where a keepsake is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepsakeState {
    /// Not bought.
    None,
    /// Being paid for.
    Pending,
    /// There.
    Owned,
    /// The wallet said no; only in events.
    Refused,
}

/// Prestige's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PrestigeView {
    /// Won so far.
    pub stars: String,
    /// How often.
    pub count: u32,
    /// By which all growth and shearing is multiplied.
    pub bonus_percent: String,
    /// The run's wool by worth.
    pub worth: String,
    /// Its growth a second.
    pub worth_rate: String,
    /// Stars to be had now.
    pub gain: String,
    /// The worth at which there is one more.
    pub next_worth: String,
    /// The conditions hold.
    pub met: bool,
}

/// Figures for the curious.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatsView {
    /// Of all time.
    pub shears: u64,
    /// Alive now.
    pub llamas: u64,
    /// When the farm began.
    pub opened_ms: i64,
    /// When the run began.
    pub run_ms: i64,
}

/// A time without the owner.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AwayView {
    /// From when.
    pub from_ms: i64,
    /// Until when.
    pub to_ms: i64,
    /// How much of it the herd worked.
    pub paid_ms: u64,
    /// What grew.
    pub earned: Amounts,
}

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
    Keepsake {
        keepsake: String,
        state: KeepsakeState,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
}

impl View {
    /// Reads a view's body.
    pub fn decode(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }
}

impl Update {
    /// Reads an update's body.
    pub fn decode(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }
}

impl FarmView {
    /// Takes over what an update says, as every client does.
    pub fn apply(&mut self, part: FarmPart) {
        self.at_ms = part.at_ms;
        self.works_until_ms = part.works_until_ms;
        self.wools.extend(part.wools);
        self.prestige = part.prestige;
        if let Some(shear) = part.shear {
            self.shear = shear;
        }
        self.buildings.extend(part.buildings.unwrap_or_default());
        self.upgrades.extend(part.upgrades.unwrap_or_default());
        self.recipes.extend(part.recipes.unwrap_or_default());
        self.keepsakes.extend(part.keepsakes.unwrap_or_default());
        if let Some(stats) = part.stats {
            self.stats = stats;
        }
    }
}
