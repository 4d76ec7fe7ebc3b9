//! The catalogue: what there is in the game, as clients are told it in a view. It comes from the content alone (`make`).

mod make;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::view::Amounts;
pub(crate) use make::catalogue;

/// What there is in the game.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Catalogue {
    /// In the order of the file, like every list.
    pub wools: Vec<WoolInfo>,
    /// Buildings.
    pub buildings: Vec<BuildingInfo>,
    /// Upgrades.
    pub upgrades: Vec<UpgradeInfo>,
    /// Recipes.
    pub recipes: Vec<RecipeInfo>,
    /// Keepsakes.
    pub keepsakes: Vec<KeepsakeInfo>,
    /// Wishes.
    pub wishes: Vec<WishInfo>,
    /// Events of the calendar.
    pub events: Vec<EventInfo>,
    /// Achievements.
    pub achievements: Vec<AchievementInfo>,
    /// Whether and how saves are taken over.
    pub import: Option<ImportInfo>,
    /// Shearing by hand.
    pub shear: ShearInfo,
    /// How long the herd works on alone, without bonuses.
    pub away_minutes: u32,
    /// Terms of prestige.
    pub prestige: PrestigeInfo,
}

/// A wool.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WoolInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// What one counts at prestige.
    pub worth: String,
}

/// A building.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BuildingInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// An animal.
    pub llama: bool,
    /// What it grows.
    pub wool: String,
    /// How fast one does, without bonuses.
    pub rate: String,
    /// Of each one.
    pub price: PriceInfo,
    /// Not more than this.
    pub count_max: u32,
    /// Counts that double the rate.
    pub milestones: Vec<u32>,
    /// Conditions.
    pub needs: Vec<NeedInfo>,
}

/// An upgrade.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct UpgradeInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// Of each level.
    pub price: PriceInfo,
    /// Not more levels than this.
    pub level_max: u32,
    /// Of each level.
    pub effect: EffectInfo,
    /// Conditions.
    pub needs: Vec<NeedInfo>,
}

/// A growing price: `ceil(base × (ratio_percent / 100)^owned)` whole wool for the one after `owned`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PriceInfo {
    /// Whole wool of the first one, by wool id. Below 2^53, so a number.
    pub base: BTreeMap<String, u64>,
    /// 100 stays the same.
    pub ratio_percent: u32,
}

/// A recipe.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RecipeInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// Taken.
    pub from: Amounts,
    /// Given.
    pub to: Amounts,
    /// Conditions.
    pub needs: Vec<NeedInfo>,
}

/// A keepsake.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeepsakeInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// The wallet's currency.
    pub currency: String,
    /// How much of it.
    pub price: i64,
    /// What it does.
    pub effect: EffectInfo,
}

/// A wish.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WishInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// Stars for the first level.
    pub cost: String,
    /// By how much the price grows; 100 stays the same.
    pub ratio_percent: u32,
    /// Not more levels than this.
    pub level_max: u32,
    /// Of each level.
    pub effect: EffectInfo,
    /// Conditions.
    pub needs: Vec<WishNeedInfo>,
}

/// A condition of a wish.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WishNeedInfo {
    /// Which other.
    pub wish: String,
    /// Which level of it.
    pub level: u32,
}

/// An event of the calendar.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// In force from here.
    pub from_ms: i64,
    /// Over from here.
    pub to_ms: i64,
    /// What it does.
    pub effect: EffectInfo,
}

/// An achievement.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AchievementInfo {
    /// Its id.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
    /// The property of the score event that counts.
    pub stat: String,
    /// Reached when that is at least this.
    pub goal: u64,
    /// Golden fleece for it.
    pub fleece: u32,
}

/// Terms of an import.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ImportInfo {
    /// No save's time counts from before.
    pub since_ms: i64,
    /// Not more days than this are believed.
    pub days_max: u32,
    /// A farm with more animals takes no save.
    pub young_llamas: u32,
}

/// A condition: exactly one of the two pairs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NeedInfo {
    /// So many of a building.
    Building {
        /// Which.
        building: String,
        /// How many.
        count: u32,
    },
    /// A level of an upgrade.
    Upgrade {
        /// Which.
        upgrade: String,
        /// Which level.
        level: u32,
    },
}

/// See [`Effect`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // the same fields, by id
pub enum EffectInfo {
    Building { building: String, percent: u32 },
    Wool { wool: String, percent: u32 },
    All { percent: u32 },
    Shear { percent: u32 },
    ShearShare { permille: u32 },
    Away { minutes: u32 },
    HeadStart { building: String, count: u32 },
    Gain { percent: u32 },
}

/// Terms of shearing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShearInfo {
    /// What it gives.
    pub wool: String,
    /// Milli-wool of one, without bonuses.
    #[serde(rename = "yield")]
    pub base: String,
    /// In one command.
    pub count_max: u32,
    /// On average, rounded down.
    pub per_second: u32,
    /// One takes so long.
    pub interval_ms: u32,
    /// After a rest.
    pub burst: u32,
}

/// Terms of prestige.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PrestigeInfo {
    /// Added by each star.
    pub star_percent: u32,
    /// Paid into the wallet, one for each star.
    pub currency: String,
    /// Stars are the `root`th root of the run's whole worth divided by this.
    pub worth_per_star: String,
    /// See above.
    pub root: u32,
    /// Conditions.
    pub needs: Vec<NeedInfo>,
}
