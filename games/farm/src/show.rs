//! From content and state to the shapes of [`view`](crate::view).

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::content::Content;
use crate::cost::Bill;
use crate::production::star_bonus_percent;
use crate::state::State;
use crate::units::{MICRO_IN_MILLI, MILLI};
use crate::view::{
    Amounts, AwayView, BuildingView, FarmPart, FarmView, KeepsakeState, PrestigeView, RecipeView, ShearView,
    StatsView, UpgradeView, WoolView,
};

/// A farm at a moment. Only [`Show::farm`] may be asked of one that is not settled there.
pub(crate) struct Show<'a> {
    pub content: &'a Content,
    pub state: &'a State,
    pub at_ms: i64,
}

impl Show<'_> {
    /// Everything.
    pub(crate) fn farm(&self) -> FarmView {
        let mut settled = self.state.clone();
        settled.settle(self.at_ms);
        let show = Show { state: &settled, ..*self };
        FarmView {
            at_ms: self.at_ms,
            works_until_ms: settled.works_until_ms,
            wools: show.wools(),
            shear: show.shear(),
            buildings: show.buildings(),
            upgrades: show.upgrades(),
            recipes: show.recipes(),
            keepsakes: show.keepsakes(),
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
            wools: self.wools(),
            prestige: self.prestige(),
            shear: None,
            buildings: None,
            upgrades: None,
            recipes: None,
            keepsakes: None,
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
            ..self.shelf()
        }
    }

    fn wools(&self) -> BTreeMap<String, WoolView> {
        let stocks = self.content.wools.iter().zip(&self.state.holdings.wools).zip(&self.state.rates.wools);
        stocks
            .map(|((wool, stock), rate)| {
                let (amount, earned) = (milli(&stock.amount), milli(&stock.earned));
                (wool.title.id.clone(), WoolView { amount, rate: rate.to_string(), earned })
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

    fn prestige(&self) -> PrestigeView {
        let (holdings, terms) = (&self.state.holdings, &self.content.prestige);
        let gain = self.state.gain(self.content, self.at_ms);
        let rates = self.content.wools.iter().zip(&self.state.rates.wools);
        let worth_rate: BigUint = rates.map(|(wool, rate)| rate * wool.worth).sum();
        PrestigeView {
            stars: holdings.stars.to_string(),
            count: holdings.prestiges,
            bonus_percent: star_bonus_percent(self.content, &holdings.stars).to_string(),
            worth: milli(&self.state.worth(self.content, self.at_ms)),
            worth_rate: worth_rate.to_string(),
            next_worth: ((&gain + 1_u32).pow(terms.root) * &terms.worth_per_star * MILLI).to_string(),
            gain: gain.to_string(),
            met: holdings.meets(&terms.needs),
        }
    }

    fn stats(&self) -> StatsView {
        let State { opened_ms, run_ms, .. } = *self.state;
        let shears = self.state.holdings.shears;
        StatsView { shears, llamas: self.state.holdings.llamas(self.content), opened_ms, run_ms }
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
