//! What clients are sent, as types that serialise to the shapes in `README.md` and can be read back by bots and
//! tests. Large numbers are decimal strings of milli-wool.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod figures;
mod occasion;
mod public;

pub use crate::catalogue::*;
pub use figures::*;
pub use occasion::Occasion;
pub use public::{PublicFarm, PublicPrestige, PublicView};

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
    /// When the owner left; none while they are here.
    pub left_ms: Option<i64>,
    /// When the next event begins or ends.
    pub rates_until_ms: Option<i64>,
    /// Events in force, by id.
    pub events: Vec<String>,
    /// Shears are booked ahead up to here.
    pub hands_free_ms: i64,
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
    /// By id.
    pub wishes: BTreeMap<String, WishView>,
    /// The week so far.
    pub week: WeekView,
    /// A save was taken over.
    pub imported: bool,
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
    /// Always, like all up to `prestige`.
    pub rates_until_ms: Option<i64>,
    /// As in [`FarmView`].
    pub events: Vec<String>,
    /// As in [`FarmView`].
    pub hands_free_ms: i64,
    /// As in [`FarmView`].
    pub week: WeekView,
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
    /// Those that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wishes: Option<BTreeMap<String, WishView>>,
    /// If it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported: Option<bool>,
    /// If they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stats: Option<StatsView>,
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
        self.rates_until_ms = part.rates_until_ms;
        self.events = part.events;
        self.hands_free_ms = part.hands_free_ms;
        self.week = part.week;
        self.wools.extend(part.wools);
        self.prestige = part.prestige;
        if let Some(shear) = part.shear {
            self.shear = shear;
        }
        self.buildings.extend(part.buildings.unwrap_or_default());
        self.upgrades.extend(part.upgrades.unwrap_or_default());
        self.recipes.extend(part.recipes.unwrap_or_default());
        self.keepsakes.extend(part.keepsakes.unwrap_or_default());
        self.wishes.extend(part.wishes.unwrap_or_default());
        if let Some(imported) = part.imported {
            self.imported = imported;
        }
        if let Some(stats) = part.stats {
            self.stats = stats;
        }
    }
}
