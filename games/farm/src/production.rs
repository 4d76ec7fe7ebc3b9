//! What grows and what a shear gives: from counts, levels, wishes, stars, keepsakes and events to whole milli-wool a
//! second.
//!
//! Each building's rate is one fraction, rounded down once at its end; rates are sums of those. They change only
//! when something is bought or an event begins or ends, so a farm keeps them beside its state and time is one
//! multiplication.

use num_bigint::BigUint;

use crate::content::{Content, Effect};
use crate::state::Holdings;

/// A fraction of percents, multiplied up.
#[derive(Clone)]
struct Scale {
    num: BigUint,
    den: BigUint,
}

impl Scale {
    fn one() -> Self {
        Self { num: BigUint::from(1_u32), den: BigUint::from(1_u32) }
    }

    fn percent(&mut self, percent: &BigUint, times: u32) {
        self.num *= percent.pow(times);
        self.den *= BigUint::from(100_u32).pow(times);
    }
}

/// Derived from what a farm holds; never stored, never compared on its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rates {
    /// Milli-wool a second of each building kind, all of them together.
    pub buildings: Vec<BigUint>,
    /// Milli-wool a second of each wool.
    pub wools: Vec<BigUint>,
    /// Milli-wool of one shear.
    pub shear: BigUint,
    /// Milli-worth a second of all wools.
    pub worth: BigUint,
    /// How long the herd works on alone.
    pub away_ms: i64,
    /// An event begins or ends then, and these are no longer true.
    pub until_ms: Option<i64>,
}

impl Rates {
    /// At a moment.
    pub(crate) fn at(content: &Content, holdings: &Holdings, at_ms: i64) -> Self {
        let festivals = content.festivals.iter();
        let ends = festivals.clone().flat_map(|f| [f.from_ms, f.to_ms]).filter(|end| *end > at_ms);
        let now = festivals.filter(|f| f.holds(at_ms)).map(|f| (f.effect, 1));
        Self { until_ms: ends.min(), ..Self::of(content, holdings, now) }
    }

    /// Whatever the calendar says.
    pub(crate) fn everyday(content: &Content, holdings: &Holdings) -> Self {
        Self::of(content, holdings, std::iter::empty())
    }

    fn of(content: &Content, holdings: &Holdings, events: impl Iterator<Item = (Effect, u32)>) -> Self {
        let bonus = star_bonus_percent(content, &holdings.stars);
        let (mut all, mut shear) = (Scale::one(), Scale::one());
        all.percent(&bonus, 1);
        shear.percent(&bonus, 1);
        let mut by_wool = vec![Scale::one(); content.wools.len()];
        let mut by_building = vec![Scale::one(); content.buildings.len()];
        let (mut share_permille, mut away_minutes) = (0_u64, u64::from(content.away_minutes));
        for (effect, level) in effects(content, holdings).chain(events) {
            match effect {
                Effect::Building { building, percent } => {
                    by_building[building].percent(&percent.into(), level)
                }
                Effect::Wool { wool, percent } => by_wool[wool].percent(&percent.into(), level),
                Effect::All { percent } => all.percent(&percent.into(), level),
                Effect::Shear { percent } => shear.percent(&percent.into(), level),
                Effect::ShearShare { permille } => share_permille += u64::from(permille) * u64::from(level),
                Effect::Away { minutes } => away_minutes += u64::from(minutes) * u64::from(level),
                // These are asked for when a run begins and ends.
                Effect::HeadStart { .. } | Effect::Gain { .. } => {}
            }
        }

        let mut wools = vec![BigUint::ZERO; content.wools.len()];
        let mut buildings = Vec::with_capacity(content.buildings.len());
        for (index, building) in content.buildings.iter().enumerate() {
            let count = holdings.counts[index];
            let doublings = building.milestones.iter().filter(|&&m| m <= count).count();
            let (own, of_wool) = (&by_building[index], &by_wool[building.wool]);
            let num = (&own.num * &of_wool.num * &all.num * building.rate * count) << doublings;
            let rate = num / (&own.den * &of_wool.den * &all.den);
            wools[building.wool] += &rate;
            buildings.push(rate);
        }
        let by_hand = &shear.num * content.shear.base / &shear.den;
        let shared = &wools[content.shear.wool] * share_permille / 1_000_u32;
        // Content bounds each term to a week times 200 levels of at most 224 lines: no overflow.
        let away_ms = i64::try_from(away_minutes * 60_000).unwrap_or(i64::MAX);
        let worth = content.wools.iter().zip(&wools).map(|(wool, rate)| rate * wool.worth).sum();
        Self { buildings, wools, shear: by_hand + shared, worth, away_ms, until_ms: None }
    }
}

/// Stars that a prestige brings for those that the wool alone would.
pub(crate) fn gain(content: &Content, holdings: &Holdings, stars: BigUint) -> BigUint {
    let scale = gain_scale(content, holdings);
    stars * scale.num / scale.den
}

/// The least stars of wool alone that bring so many.
pub(crate) fn stars_for(content: &Content, holdings: &Holdings, gain: BigUint) -> BigUint {
    let scale = gain_scale(content, holdings);
    (gain * scale.den + &scale.num - 1_u32) / scale.num
}

fn gain_scale(content: &Content, holdings: &Holdings) -> Scale {
    let mut scale = Scale::one();
    for (wish, level) in content.wishes.iter().zip(&holdings.wishes) {
        if let Effect::Gain { percent } = wish.effect
            && *level > 0
        {
            scale.percent(&percent.into(), *level);
        }
    }
    scale
}

/// All growth and shearing is multiplied by this, as a percent.
pub(crate) fn star_bonus_percent(content: &Content, stars: &BigUint) -> BigUint {
    stars * content.prestige.star_percent + 100_u32
}

/// Everything that is in force, with its level.
fn effects<'a>(content: &'a Content, holdings: &'a Holdings) -> impl Iterator<Item = (Effect, u32)> + 'a {
    let upgrades = content.upgrades.iter().zip(&holdings.levels).map(|(u, level)| (u.effect, *level));
    let keepsakes = content.keepsakes.iter().filter(|k| holdings.keepsakes.contains(&k.title.id));
    let wishes = content.wishes.iter().zip(&holdings.wishes).map(|(w, level)| (w.effect, *level));
    let leveled = upgrades.chain(wishes).filter(|(_, level)| *level > 0);
    leveled.chain(keepsakes.map(|k| (k.effect, 1)))
}
