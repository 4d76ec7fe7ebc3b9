//! What the game is made of: wools, buildings, upgrades, recipes, keepsakes and the terms of prestige; and what
//! stands above a single run ([`Wish`], [`Festival`], [`Achievement`], [`Import`]).
//!
//! It is read from a TOML file (`file`), checked as a whole with every fault named by its line (`check`, `values`), and
//! then never changes: one [`Content`] serves every farm that was opened with it. Here references between things
//! are positions in these lists; outside (commands, views, snapshots) they are ids, so that a farm survives a new
//! edition of the file.

mod check;
mod check_lasting;
mod cycles;
mod file;
mod lasting;
mod moment;
mod values;

use kernel::Unreadable;
use num_bigint::BigUint;

use crate::cost::Price;

pub use lasting::{Achievement, Festival, Import, Stat, Wish, WishNeed};

/// The content that comes with the game.
pub const DEFAULT_CONTENT: &[u8] = include_bytes!("../../content/farm.toml");

/// The name used in error messages.
pub const CONTENT_FILE: &str = "farm.toml";

/// Bytes of a content file.
pub const CONTENT_BYTES_MAX: usize = 256 << 10;
/// Kinds of wool in a content file.
pub const WOOLS_MAX: usize = 16;
/// Buildings in a content file.
pub const BUILDINGS_MAX: usize = 64;
/// Upgrades in a content file.
pub const UPGRADES_MAX: usize = 128;
/// Recipes in a content file.
pub const RECIPES_MAX: usize = 32;
/// Keepsakes in a content file.
pub const KEEPSAKES_MAX: usize = 32;
/// Wishes in a content file.
pub const WISHES_MAX: usize = 64;
/// Events in a content file.
pub const FESTIVALS_MAX: usize = 64;
/// Achievements in a content file.
pub const ACHIEVEMENTS_MAX: usize = 128;
/// Bytes of an id, which is of `a-z0-9_`.
pub const ID_BYTES_MAX: usize = 32;
/// Bytes of a name.
pub const NAME_BYTES_MAX: usize = 48;
/// Bytes of a description.
pub const ABOUT_BYTES_MAX: usize = 240;
/// The highest `count_max` of a building: bounds the powers in its price.
pub const COUNT_MAX: u32 = 2_000;
/// The highest `level_max` of an upgrade.
pub const LEVEL_MAX: u32 = 200;
/// The longest time away that one line of content may grant: a week.
pub const AWAY_MINUTES_MAX: u32 = 7 * 24 * 60;

/// Names a thing and says to the player what it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Title {
    /// Unique among its kind, stable between editions.
    pub id: String,
    /// For the player.
    pub name: String,
    /// For the player.
    pub about: String,
}

/// A kind of wool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wool {
    /// What it is called.
    pub title: Title,
    /// What one wool counts at prestige.
    pub worth: u64,
}

/// Something that grows wool by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Building {
    /// What it is called.
    pub title: Title,
    /// It is an animal, and counted as such.
    pub llama: bool,
    /// Which wool it grows.
    pub wool: usize,
    /// Milli-wool a second of one, without bonuses.
    pub rate: u64,
    /// Of the next one.
    pub price: Price,
    /// Not more of them than this.
    pub count_max: u32,
    /// Each of these counts, when reached, doubles the rate of all of them. Ascending.
    pub milestones: Vec<u32>,
    /// What must be there before it can be bought.
    pub needs: Vec<Need>,
}

/// Something bought in levels that makes the farm better until prestige.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Upgrade {
    /// What it is called.
    pub title: Title,
    /// Of the next level.
    pub price: Price,
    /// Not more levels than this.
    pub level_max: u32,
    /// What each level does.
    pub effect: Effect,
    /// What must be there before it can be bought.
    pub needs: Vec<Need>,
}

/// Turns wool into other wool. What is woven does not count for prestige: it counted when it grew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recipe {
    /// What it is called.
    pub title: Title,
    /// Whole wool taken, by position.
    pub from: Vec<(usize, u64)>,
    /// Whole wool given, by position.
    pub to: Vec<(usize, u64)>,
    /// What must be there before it can be woven.
    pub needs: Vec<Need>,
}

/// Something bought from the account's wallet, once, that outlives prestige.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Keepsake {
    /// What it is called.
    pub title: Title,
    /// The wallet's currency.
    pub currency: String,
    /// How much of it.
    pub price: i64,
    /// What it does, as one level.
    pub effect: Effect,
}

/// What a level of an upgrade, or a keepsake, does. A percent multiplies: 150 is half as much again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// One building's rate.
    Building {
        /// Which.
        building: usize,
        /// By how much.
        percent: u32,
    },
    /// Everything that grows one wool.
    Wool {
        /// Which.
        wool: usize,
        /// By how much.
        percent: u32,
    },
    /// Everything that grows.
    All {
        /// By how much.
        percent: u32,
    },
    /// What a shear gives.
    Shear {
        /// By how much.
        percent: u32,
    },
    /// A shear also gives this part of a second's growth of its wool.
    ShearShare {
        /// In thousandths; levels add up.
        permille: u32,
    },
    /// The herd works on alone for longer.
    Away {
        /// By how much; levels add up.
        minutes: u32,
    },
    /// Every run begins with these. Wishes only.
    HeadStart {
        /// Which.
        building: usize,
        /// How many; levels add up.
        count: u32,
    },
    /// Stars that a prestige brings. Wishes only.
    Gain {
        /// By how much.
        percent: u32,
    },
}

/// A condition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// At least so many of a building.
    Building {
        /// Which.
        building: usize,
        /// How many.
        count: u32,
    },
    /// At least this level of an upgrade.
    Upgrade {
        /// Which.
        upgrade: usize,
        /// Which level.
        level: u32,
    },
}

/// Shearing by hand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shear {
    /// Which wool it gives.
    pub wool: usize,
    /// Milli-wool of one shear, without bonuses.
    pub base: u64,
    /// One shear is possible every so often…
    pub interval_ms: u32,
    /// …and after a rest so many at once.
    pub burst: u32,
}

/// Trading the farm for stars.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prestige {
    /// The wallet's currency that is paid, one for each star.
    pub currency: String,
    /// Each star adds this much to all growth and shearing.
    pub star_percent: u32,
    /// Stars = the `root`th root of (worth / `worth_per_star`), rounded down.
    pub worth_per_star: BigUint,
    /// See above.
    pub root: u32,
    /// What must be there.
    pub needs: Vec<Need>,
}

/// A checked content file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// How long the herd works on when the owner is away, without bonuses.
    pub away_minutes: u32,
    /// Shearing by hand.
    pub shear: Shear,
    /// Trading the farm for stars.
    pub prestige: Prestige,
    /// Every list in the order of the file.
    pub wools: Vec<Wool>,
    /// Buildings.
    pub buildings: Vec<Building>,
    /// Upgrades.
    pub upgrades: Vec<Upgrade>,
    /// Recipes.
    pub recipes: Vec<Recipe>,
    /// Keepsakes.
    pub keepsakes: Vec<Keepsake>,
    /// Wishes.
    pub wishes: Vec<Wish>,
    /// Events of the calendar.
    pub festivals: Vec<Festival>,
    /// Achievements.
    pub achievements: Vec<Achievement>,
    /// Whether and how saves are taken over.
    pub import: Option<Import>,
}

impl Content {
    /// Reads and checks a content file. The error has one line for each fault: `farm.toml:LINE: what is wrong`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Unreadable> {
        check::parse(bytes)
    }

    /// Where the building with this id is.
    pub fn building(&self, id: &str) -> Option<usize> {
        self.buildings.iter().position(|b| b.title.id == id)
    }

    /// Where the upgrade with this id is.
    pub fn upgrade(&self, id: &str) -> Option<usize> {
        self.upgrades.iter().position(|u| u.title.id == id)
    }

    /// Where the wool with this id is.
    pub fn wool(&self, id: &str) -> Option<usize> {
        self.wools.iter().position(|w| w.title.id == id)
    }

    /// Where the recipe with this id is.
    pub fn recipe(&self, id: &str) -> Option<usize> {
        self.recipes.iter().position(|r| r.title.id == id)
    }

    /// Where the keepsake with this id is.
    pub fn keepsake(&self, id: &str) -> Option<usize> {
        self.keepsakes.iter().position(|k| k.title.id == id)
    }

    /// Where the wish with this id is.
    pub fn wish(&self, id: &str) -> Option<usize> {
        self.wishes.iter().position(|w| w.title.id == id)
    }
}
