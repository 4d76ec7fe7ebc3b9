//! The catalogue: what there is in the game, as clients are told it in a view. It comes from the content alone.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use serde::{Deserialize, Serialize};

use crate::command::SHEAR_COUNT_MAX;
use crate::content::{Content, Effect, Need, Title};
use crate::cost::Price;
use crate::units::MILLI;
use crate::view::Amounts;

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
    /// Shearing by hand.
    pub shear: ShearInfo,
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
}

/// Terms of shearing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShearInfo {
    /// What it gives.
    pub wool: String,
    /// In one command.
    pub count_max: u32,
    /// On average, rounded down.
    pub per_second: u32,
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
    /// Conditions.
    pub needs: Vec<NeedInfo>,
}

/// The catalogue of a content.
pub(crate) fn catalogue(content: &Content) -> Catalogue {
    let whole = |list: &[(usize, u64)]| -> Amounts {
        let milli = |n: u64| (BigUint::from(n) * MILLI).to_string();
        list.iter().map(|(wool, n)| (content.wools[*wool].title.id.clone(), milli(*n))).collect()
    };
    let needs = |list: &[Need]| list.iter().map(|need| need_info(content, need)).collect();
    Catalogue {
        wools: content
            .wools
            .iter()
            .map(|w| {
                let Title { id, name, about } = w.title.clone();
                WoolInfo { id, name, about, worth: w.worth.to_string() }
            })
            .collect(),
        buildings: content
            .buildings
            .iter()
            .map(|b| {
                let Title { id, name, about } = b.title.clone();
                BuildingInfo {
                    id,
                    name,
                    about,
                    llama: b.llama,
                    wool: content.wools[b.wool].title.id.clone(),
                    rate: b.rate.to_string(),
                    price: price_info(content, &b.price),
                    count_max: b.count_max,
                    milestones: b.milestones.clone(),
                    needs: needs(&b.needs),
                }
            })
            .collect(),
        upgrades: content
            .upgrades
            .iter()
            .map(|u| {
                let Title { id, name, about } = u.title.clone();
                let effect = effect_info(content, u.effect);
                let price = price_info(content, &u.price);
                UpgradeInfo { id, name, about, price, level_max: u.level_max, effect, needs: needs(&u.needs) }
            })
            .collect(),
        recipes: content
            .recipes
            .iter()
            .map(|r| {
                let Title { id, name, about } = r.title.clone();
                RecipeInfo { id, name, about, from: whole(&r.from), to: whole(&r.to), needs: needs(&r.needs) }
            })
            .collect(),
        keepsakes: content
            .keepsakes
            .iter()
            .map(|k| {
                let Title { id, name, about } = k.title.clone();
                let effect = effect_info(content, k.effect);
                KeepsakeInfo { id, name, about, currency: k.currency.clone(), price: k.price, effect }
            })
            .collect(),
        shear: ShearInfo {
            wool: content.wools[content.shear.wool].title.id.clone(),
            count_max: SHEAR_COUNT_MAX,
            per_second: 1_000 / content.shear.interval_ms,
            burst: content.shear.burst,
        },
        prestige: PrestigeInfo {
            star_percent: content.prestige.star_percent,
            currency: content.prestige.currency.clone(),
            needs: needs(&content.prestige.needs),
        },
    }
}

fn price_info(content: &Content, price: &Price) -> PriceInfo {
    let base = price.base().iter().map(|(wool, n)| (content.wools[*wool].title.id.clone(), *n));
    PriceInfo { base: base.collect(), ratio_percent: price.ratio_percent() }
}

fn need_info(content: &Content, need: &Need) -> NeedInfo {
    match *need {
        Need::Building { building, count } => {
            NeedInfo::Building { building: content.buildings[building].title.id.clone(), count }
        }
        Need::Upgrade { upgrade, level } => {
            NeedInfo::Upgrade { upgrade: content.upgrades[upgrade].title.id.clone(), level }
        }
    }
}

fn effect_info(content: &Content, effect: Effect) -> EffectInfo {
    match effect {
        Effect::Building { building, percent } => {
            EffectInfo::Building { building: content.buildings[building].title.id.clone(), percent }
        }
        Effect::Wool { wool, percent } => {
            EffectInfo::Wool { wool: content.wools[wool].title.id.clone(), percent }
        }
        Effect::All { percent } => EffectInfo::All { percent },
        Effect::Shear { percent } => EffectInfo::Shear { percent },
        Effect::ShearShare { permille } => EffectInfo::ShearShare { permille },
        Effect::Away { minutes } => EffectInfo::Away { minutes },
    }
}
