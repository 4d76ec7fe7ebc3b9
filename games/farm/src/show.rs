//! From content and state to the shapes of [`view`](crate::view).

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::calendar::week_begins_ms;
use crate::content::{Content, Title};
use crate::cost::Bill;
use crate::production::{self, star_bonus_percent};
use crate::state::State;
use crate::units::{MICRO_IN_MILLI, MILLI};
use crate::view::{
    Amounts, AwayView, BuildingView, FarmPart, FarmView, KeepsakeState, PrestigeView, PublicFarm,
    PublicPrestige, RecipeView, ShearView, StatsView, UpgradeView, WeekView, WishView, WoolView,
};

/// A farm at a moment. Only [`Show::farm`], [`Show::whole`] and [`Show::public`] may be asked of one that is not booked
/// up to there.
pub(crate) struct Show<'a> {
    pub content: &'a Content,
    pub state: &'a State,
    pub at_ms: i64,
}

impl Show<'_> {
    /// Everything.
    pub(crate) fn farm(&self) -> FarmView {
        let mut settled = self.state.clone();
        settled.passes(self.content, self.at_ms);
        let show = Show { state: &settled, ..*self };
        FarmView {
            at_ms: self.at_ms,
            works_until_ms: settled.works_until_ms,
            left_ms: (!settled.present).then_some(settled.lit_ms),
            rates_until_ms: settled.rates.until_ms,
            events: show.events(),
            hands_free_ms: settled.hands_free_ms,
            wools: show.wools(),
            shear: show.shear(),
            buildings: show.buildings(),
            upgrades: show.upgrades(),
            recipes: show.recipes(),
            keepsakes: show.keepsakes(),
            wishes: show.wishes(),
            week: show.week(),
            imported: settled.imported,
            prestige: show.prestige(),
            stats: show.stats(),
            away: show.away(),
            looks: settled.looks,
        }
    }

    /// What shearing and weaving change.
    pub(crate) fn purse(&self) -> FarmPart {
        FarmPart {
            at_ms: self.at_ms,
            works_until_ms: self.state.works_until_ms,
            rates_until_ms: self.state.rates.until_ms,
            events: self.events(),
            hands_free_ms: self.state.hands_free_ms,
            week: self.week(),
            wools: self.wools(),
            prestige: self.prestige(),
            shear: None,
            buildings: None,
            upgrades: None,
            recipes: None,
            keepsakes: None,
            wishes: None,
            imported: None,
            stats: Some(self.stats()),
        }
    }

    /// What a keepsake's way to the owner changes before it is there.
    pub(crate) fn shelf(&self) -> FarmPart {
        FarmPart { keepsakes: Some(self.keepsakes()), ..self.purse() }
    }

    /// What buying changes: rates, prices and needs may be different everywhere.
    pub(crate) fn all(&self) -> FarmPart {
        FarmPart {
            shear: Some(self.shear()),
            buildings: Some(self.buildings()),
            upgrades: Some(self.upgrades()),
            recipes: Some(self.recipes()),
            wishes: Some(self.wishes()),
            imported: Some(self.state.imported),
            ..self.shelf()
        }
    }

    /// All of that, of a farm that is not booked up to this moment.
    pub(crate) fn whole(&self) -> FarmPart {
        let mut settled = self.state.clone();
        settled.passes(self.content, self.at_ms);
        Show { state: &settled, ..*self }.all()
    }

    fn wools(&self) -> BTreeMap<String, WoolView> {
        let stocks = self.content.wools.iter().zip(&self.state.holdings.wools).zip(&self.state.rates.wools);
        stocks
            .map(|((wool, stock), rate)| {
                let (amount, earned) = (milli(&stock.amount), milli(&stock.earned));
                let rest = (rest(&stock.amount), rest(&stock.earned));
                (wool.title.id.clone(), WoolView { amount, rate: rate.to_string(), earned, rest })
            })
            .collect()
    }

    fn shear(&self) -> ShearView {
        ShearView { each: self.state.rates.shear.to_string() }
    }

    fn buildings(&self) -> BTreeMap<String, BuildingView> {
        let mut list = BTreeMap::new();
        for (index, building) in self.content.buildings.iter().enumerate() {
            let count = self.state.holdings.counts[index];
            let view = BuildingView {
                count,
                rate: self.state.rates.buildings[index].to_string(),
                cost: (count < building.count_max).then(|| self.cost(building.price.next(count))),
                unlocked: self.state.holdings.meets(&building.needs),
                next_milestone: building.milestones.iter().copied().find(|m| *m > count),
            };
            list.insert(building.title.id.clone(), view);
        }
        list
    }

    fn upgrades(&self) -> BTreeMap<String, UpgradeView> {
        let mut list = BTreeMap::new();
        for (index, upgrade) in self.content.upgrades.iter().enumerate() {
            let level = self.state.holdings.levels[index];
            let cost = (level < upgrade.level_max).then(|| self.cost(upgrade.price.next(level)));
            let unlocked = self.state.holdings.meets(&upgrade.needs);
            list.insert(upgrade.title.id.clone(), UpgradeView { level, cost, unlocked });
        }
        list
    }

    fn recipes(&self) -> BTreeMap<String, RecipeView> {
        let list = self.content.recipes.iter();
        list.map(|r| (r.title.id.clone(), RecipeView { unlocked: self.state.holdings.meets(&r.needs) }))
            .collect()
    }

    fn keepsakes(&self) -> BTreeMap<String, KeepsakeState> {
        let list = self.content.keepsakes.iter().map(|k| &k.title.id);
        list.map(|id| {
            let state = if self.state.holdings.keepsakes.contains(id) {
                KeepsakeState::Owned
            } else if self.state.pending.values().any(|p| p.keepsake == *id) {
                KeepsakeState::Pending
            } else {
                KeepsakeState::None
            };
            (id.clone(), state)
        })
        .collect()
    }

    fn wishes(&self) -> BTreeMap<String, WishView> {
        let mut list = BTreeMap::new();
        for (wish, level) in self.content.wishes.iter().zip(&self.state.holdings.wishes) {
            let cost = (*level < wish.level_max).then(|| wish.stars(*level).to_string());
            let unlocked = self.state.holdings.meets_wishes(&wish.needs);
            list.insert(wish.title.id.clone(), WishView { level: *level, cost, unlocked });
        }
        list
    }

    fn events(&self) -> Vec<String> {
        // As the rates know it: those of the last booking.
        let now = self.content.festivals.iter().filter(|f| f.holds(self.state.settled_ms));
        now.map(|f| f.title.id.clone()).collect()
    }

    fn week(&self) -> WeekView {
        let index = self.state.week();
        WeekView { index, worth: milli(&self.state.week_earned), ends_ms: week_begins_ms(index + 1) }
    }

    fn prestige(&self) -> PrestigeView {
        let (holdings, terms) = (&self.state.holdings, &self.content.prestige);
        let gain = self.state.gain(self.content, self.at_ms);
        let next = production::stars_for(self.content, holdings, &gain + 1_u32);
        PrestigeView {
            stars: holdings.stars.to_string(),
            free: holdings.free_stars().to_string(),
            spent: holdings.spent.to_string(),
            count: holdings.prestiges,
            bonus_percent: star_bonus_percent(self.content, &holdings.stars).to_string(),
            worth: milli(&self.state.worth(self.content, self.at_ms)),
            worth_rate: self.state.rates.worth.to_string(),
            next_worth: (next.pow(terms.root) * &terms.worth_per_star * MILLI).to_string(),
            gain: gain.to_string(),
            met: holdings.meets(&terms.needs),
        }
    }

    fn stats(&self) -> StatsView {
        let (state, holdings) = (self.state, &self.state.holdings);
        StatsView {
            shears: holdings.shears,
            llamas: holdings.llamas(self.content),
            weaves: holdings.weaves,
            returns: state.returns,
            prestiges: holdings.prestiges,
            opened_ms: state.opened_ms,
            run_ms: state.run_ms,
        }
    }

    /// What neighbours see.
    pub(crate) fn public(&self) -> PublicFarm {
        let (content, holdings) = (self.content, &self.state.holdings);
        let by_id = |titles: &mut dyn Iterator<Item = &Title>, numbers: &[u32]| -> BTreeMap<String, u32> {
            titles.map(|title| title.id.clone()).zip(numbers.iter().copied()).collect()
        };
        let kept = content.keepsakes.iter().map(|k| &k.title.id);
        PublicFarm {
            at_ms: self.at_ms,
            looks: self.state.looks,
            opened_ms: self.state.opened_ms,
            buildings: by_id(&mut content.buildings.iter().map(|b| &b.title), &holdings.counts),
            upgrades: by_id(&mut content.upgrades.iter().map(|u| &u.title), &holdings.levels),
            wishes: by_id(&mut content.wishes.iter().map(|w| &w.title), &holdings.wishes),
            keepsakes: kept.filter(|id| holdings.keepsakes.contains(*id)).cloned().collect(),
            stats: self.stats(),
            prestige: PublicPrestige {
                stars: holdings.stars.to_string(),
                count: holdings.prestiges,
                bonus_percent: star_bonus_percent(content, &holdings.stars).to_string(),
            },
        }
    }

    fn away(&self) -> Option<AwayView> {
        let away = self.state.away.as_ref()?;
        let earned = self.content.wools.iter().zip(&away.earned);
        let earned = earned.map(|(wool, micro)| (wool.title.id.clone(), milli(micro))).collect();
        Some(AwayView { from_ms: away.from_ms, to_ms: away.to_ms, paid_ms: away.paid_ms, earned })
    }

    fn cost(&self, bill: Bill) -> Amounts {
        bill.iter().map(|(wool, micro)| (self.content.wools[*wool].title.id.clone(), milli(micro))).collect()
    }
}

/// Whole milli-wool, as text.
fn milli(micro: &BigUint) -> String {
    (micro / MICRO_IN_MILLI).to_string()
}

/// Micro-wool beyond that.
fn rest(micro: &BigUint) -> u32 {
    // Below 1,000 by the division.
    u32::try_from(micro % MICRO_IN_MILLI).unwrap_or(0)
}
