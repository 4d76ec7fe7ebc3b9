//! What somebody sees who is not the owner: nothing that could be traded, nothing that tells when the owner is there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Catalogue, StatsView};

/// The body of a view for a viewer without a seat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicView {
    /// The catalogue.
    pub content: Catalogue,
    /// What is public.
    pub farm: PublicFarm,
}

/// A farm as its neighbours see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicFarm {
    /// The moment.
    pub at_ms: i64,
    /// A number for choosing colours and names.
    pub looks: u32,
    /// When the farm began.
    pub opened_ms: i64,
    /// Counts by id.
    pub buildings: BTreeMap<String, u32>,
    /// Levels by id.
    pub upgrades: BTreeMap<String, u32>,
    /// Levels by id.
    pub wishes: BTreeMap<String, u32>,
    /// Those that are there.
    pub keepsakes: Vec<String>,
    /// Figures for the curious.
    pub stats: StatsView,
    /// Stars.
    pub prestige: PublicPrestige,
}

/// Stars, as neighbours see them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PublicPrestige {
    /// Won so far.
    pub stars: String,
    /// How often.
    pub count: u32,
    /// By which all growth and shearing is multiplied.
    pub bonus_percent: String,
}

impl PublicView {
    /// Reads such a view's body.
    pub fn decode(bytes: &[u8]) -> Result<Self, rmp_serde::decode::Error> {
        rmp_serde::from_slice(bytes)
    }
}
