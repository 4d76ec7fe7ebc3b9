//! The parts of a farm's view.

use serde::{Deserialize, Serialize};

use super::Amounts;

/// A wool's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WoolView {
    /// In store.
    pub amount: String,
    /// Growth a second.
    pub rate: String,
    /// Grown and shorn since the last prestige.
    pub earned: String,
    /// Micro-wool beyond `amount` and `earned`, below 1,000.
    pub rest: (u32, u32),
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

/// A wish's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WishView {
    /// Reached so far.
    pub level: u32,
    /// Stars for the next one; none at the limit.
    pub cost: Option<String>,
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
    /// Of those, not spent yet.
    pub free: String,
    /// Of those, paid for wishes.
    pub spent: String,
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
    /// Repetitions of recipes of all time.
    pub weaves: u64,
    /// Times away in which offline play was kept.
    pub returns: u64,
    /// Of all time.
    pub prestiges: u32,
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

/// The week's figures.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WeekView {
    /// Weeks since Monday 1970-01-05.
    pub index: i64,
    /// Grown and shorn in it, by worth.
    pub worth: String,
    /// When the next one begins.
    pub ends_ms: i64,
}
