//! What stands above a single run: wishes, events of the calendar, achievements, and the terms of an import.

use num_bigint::BigUint;

use super::{Effect, Title};
use crate::cost::Price;
use crate::units::MICRO;

/// Something bought in levels with stars, that outlives prestige.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wish {
    /// What it is called.
    pub title: Title,
    /// Stars for the next level, as the only entry.
    pub(crate) price: Price,
    /// Not more levels than this.
    pub level_max: u32,
    /// What each level does.
    pub effect: Effect,
    /// What must be there before it can be bought.
    pub needs: Vec<WishNeed>,
}

impl Wish {
    /// The price of the level after `level`.
    pub(crate) fn stars(&self, level: u32) -> BigUint {
        // Prices are told in millionths, for wool.
        self.price.next(level).into_iter().map(|(_, micro)| micro / MICRO).sum()
    }

    /// The first level's price, and how it grows, in percent.
    pub(crate) fn terms(&self) -> (BigUint, u32) {
        (self.stars(0), self.price.ratio_percent())
    }
}

/// A condition of a wish: at least this level of another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WishNeed {
    /// Which.
    pub wish: usize,
    /// Which level.
    pub level: u32,
}

/// An event of the calendar: for a time, something is better on every farm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Festival {
    /// What it is called.
    pub title: Title,
    /// In force from here…
    pub from_ms: i64,
    /// …to just before here.
    pub to_ms: i64,
    /// What it does, as one level.
    pub effect: Effect,
}

impl Festival {
    /// Is it in force?
    pub fn holds(&self, at_ms: i64) -> bool {
        (self.from_ms..self.to_ms).contains(&at_ms)
    }
}

/// Something to be proud of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Achievement {
    /// What it is called.
    pub title: Title,
    /// The figure that counts.
    pub stat: Stat,
    /// Reached when the figure is at least this.
    pub goal: u64,
    /// Golden fleece for it.
    pub fleece: u32,
}

/// A figure of a farm, as the score event names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stat {
    /// Shears of all time.
    Shears,
    /// Animals now.
    Llamas,
    /// Buildings now, animals among them.
    Buildings,
    /// Levels of upgrades now.
    Upgrades,
    /// Prestiges of all time.
    Prestiges,
    /// Stars won in all.
    Stars,
    /// Levels of wishes.
    Wishes,
    /// Repetitions of recipes of all time.
    Weaves,
    /// The run's worth, as a magnitude.
    WorthMagnitude,
    /// Times away in which offline play was kept.
    Returns,
}

impl Stat {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Shears,
        Self::Llamas,
        Self::Buildings,
        Self::Upgrades,
        Self::Prestiges,
        Self::Stars,
        Self::Wishes,
        Self::Weaves,
        Self::WorthMagnitude,
        Self::Returns,
    ];

    /// The name in content, catalogue and score event.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shears => "shears",
            Self::Llamas => "llamas",
            Self::Buildings => "buildings",
            Self::Upgrades => "upgrades",
            Self::Prestiges => "prestiges",
            Self::Stars => "stars",
            Self::Wishes => "wishes",
            Self::Weaves => "weaves",
            Self::WorthMagnitude => "worth_magnitude",
            Self::Returns => "returns",
        }
    }
}

/// Terms of taking over a save from a local-only game.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Import {
    /// No such game is older.
    pub since_ms: i64,
    /// Not more days than this are believed.
    pub days_max: u32,
    /// A farm with more animals is not young.
    pub young_llamas: u32,
}
