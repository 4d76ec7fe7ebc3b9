//! How a war begins: the JSON with which its room is opened.

use kernel::Refusal;
use serde::{Deserialize, Serialize};

/// Sizes of maps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    /// 200 × 125.
    Tiny,
    /// 500 × 250.
    Small,
    /// 625 × 400.
    #[default]
    Medium,
    /// 1,250 × 800.
    Large,
    /// 2,000 × 1,000.
    Huge,
}

impl Size {
    /// Width and height in tiles.
    pub const fn edges(self) -> (u32, u32) {
        match self {
            Self::Tiny => (200, 125),
            Self::Small => (500, 250),
            Self::Medium => (625, 400),
            Self::Large => (1_250, 800),
            Self::Huge => (2_000, 1_000),
        }
    }
}

/// How well computers play.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Difficulty {
    /// They dawdle.
    Easy,
    /// They play.
    #[default]
    Fair,
    /// They plan.
    Hard,
}

/// How a war begins.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The map's size.
    pub size: Size,
    /// The map's seed; the room's own where none is given.
    pub map: Option<u64>,
    /// Seats for people: 1 to 200.
    pub seats: u16,
    /// Wild tribes: 0 to 400.
    pub tribes: u16,
    /// Computer nations: 0 to 200.
    pub rivals: u16,
    /// How well computers play.
    pub difficulty: Difficulty,
    /// Players see only what is near their land and their allies'.
    pub fog: bool,
    /// Nobody sees the gold of others.
    pub hidden_gold: bool,
    /// Seconds for choosing a place: 1 to 120.
    pub spawn_seconds: u16,
    /// Seconds after the beginning in which people are not attacked: 0 to 300.
    pub immunity_seconds: u16,
    /// Lists do not show it: whoever has its link comes in.
    pub private: bool,
    /// What lists call it: at most 48 bytes.
    pub name: String,
}

/// Bytes of a setup.
pub const SETUP_BYTES_MAX: usize = 1_024;
/// Bytes of a war's name.
pub const NAME_BYTES_MAX: usize = 48;

impl Default for Setup {
    fn default() -> Self {
        Self {
            size: Size::default(),
            map: None,
            seats: 50,
            tribes: 60,
            rivals: 12,
            difficulty: Difficulty::default(),
            fog: false,
            hidden_gold: true,
            spawn_seconds: 20,
            immunity_seconds: 5,
            private: false,
            name: String::new(),
        }
    }
}

impl Setup {
    /// Seats for people in one war.
    pub const SEATS_MAX: u16 = 200;

    /// Reads it and checks every number.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > SETUP_BYTES_MAX {
            return Err(Refusal::malformed("a war's setup has at most 1,024 bytes"));
        }
        let bytes = if bytes.is_empty() { b"{}" } else { bytes };
        let setup: Self = serde_json::from_slice(bytes)
            .map_err(|error| Refusal::malformed(format!("the war's setup cannot be read: {error}")))?;
        let fits = (1..=Self::SEATS_MAX).contains(&setup.seats)
            && setup.tribes <= 400
            && setup.rivals <= 200
            && (1..=120).contains(&setup.spawn_seconds)
            && setup.immunity_seconds <= 300
            && setup.name.len() <= NAME_BYTES_MAX;
        if fits {
            Ok(setup)
        } else {
            Err(Refusal::malformed("a number of the war's setup is out of its range"))
        }
    }
}
