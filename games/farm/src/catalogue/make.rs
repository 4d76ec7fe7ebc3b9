//! From a content to its [`Catalogue`].

use num_bigint::BigUint;

use super::{
    AchievementInfo, BuildingInfo, Catalogue, EffectInfo, EventInfo, ImportInfo, KeepsakeInfo, NeedInfo,
    PrestigeInfo, PriceInfo, RecipeInfo, ShearInfo, UpgradeInfo, WishInfo, WishNeedInfo, WoolInfo,
};
use crate::command::SHEAR_COUNT_MAX;
use crate::content::{Achievement, Content, Effect, Festival, Need, Title, Wish};
use crate::cost::Price;
use crate::units::MILLI;
use crate::view::Amounts;

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
        wishes: content.wishes.iter().map(|w| wish_info(content, w)).collect(),
        events: content.festivals.iter().map(|f| event_info(content, f)).collect(),
        achievements: content.achievements.iter().map(achievement_info).collect(),
        import: content.import.map(|terms| ImportInfo {
            since_ms: terms.since_ms,
            days_max: terms.days_max,
            young_llamas: terms.young_llamas,
        }),
        away_minutes: content.away_minutes,
        shear: ShearInfo {
            wool: content.wools[content.shear.wool].title.id.clone(),
            base: content.shear.base.to_string(),
            interval_ms: content.shear.interval_ms,
            count_max: SHEAR_COUNT_MAX,
            per_second: 1_000 / content.shear.interval_ms,
            burst: content.shear.burst,
        },
        prestige: PrestigeInfo {
            star_percent: content.prestige.star_percent,
            currency: content.prestige.currency.clone(),
            worth_per_star: content.prestige.worth_per_star.to_string(),
            root: content.prestige.root,
            needs: needs(&content.prestige.needs),
        },
    }
}

fn wish_info(content: &Content, wish: &Wish) -> WishInfo {
    let Title { id, name, about } = wish.title.clone();
    let (cost, ratio_percent) = wish.terms();
    let needs = wish
        .needs
        .iter()
        .map(|need| WishNeedInfo { wish: content.wishes[need.wish].title.id.clone(), level: need.level });
    WishInfo {
        id,
        name,
        about,
        cost: cost.to_string(),
        ratio_percent,
        level_max: wish.level_max,
        effect: effect_info(content, wish.effect),
        needs: needs.collect(),
    }
}

fn event_info(content: &Content, festival: &Festival) -> EventInfo {
    let Title { id, name, about } = festival.title.clone();
    let effect = effect_info(content, festival.effect);
    EventInfo { id, name, about, from_ms: festival.from_ms, to_ms: festival.to_ms, effect }
}

fn achievement_info(achievement: &Achievement) -> AchievementInfo {
    let Title { id, name, about } = achievement.title.clone();
    let (stat, goal) = (achievement.stat.name().to_owned(), achievement.goal);
    AchievementInfo { id, name, about, stat, goal, fleece: achievement.fleece }
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
        Effect::HeadStart { building, count } => {
            EffectInfo::HeadStart { building: content.buildings[building].title.id.clone(), count }
        }
        Effect::Gain { percent } => EffectInfo::Gain { percent },
    }
}
