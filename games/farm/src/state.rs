//! What a farm remembers, and how time becomes wool.
//!
//! **The lantern.** The herd works until `works_until_ms`. While the owner is here every input moves that moment to
//! its own time plus the allowance (8 hours and what upgrades add); when the owner leaves, it stays where it is. So
//! time away is paid up to the allowance, an open page is paid for ever, and after a crash in which nobody left
//! properly the gap is paid like time away. Between two moments the herd works `min(b, until) − min(a, until)`:
//! this adds up exactly however the time is cut.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;

use crate::content::{Content, Need};
use crate::production::Rates;
use crate::units::MICRO;

/// One farm. Lists stand in the order of the content; amounts of wool are micro-wool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// What the owner has.
    pub holdings: Holdings,
    /// Derived from `holdings` whenever they change.
    pub rates: Rates,
    /// When the farm was opened.
    pub opened_ms: i64,
    /// When this run began: at opening or at the last prestige.
    pub run_ms: i64,
    /// Growth is booked up to here.
    pub settled_ms: i64,
    /// See the module's text.
    pub works_until_ms: i64,
    /// The owner is here.
    pub present: bool,
    /// When the hands are free again: shears are booked ahead of time up to the burst.
    pub hands_free_ms: i64,
    /// The newest time away.
    pub away: Option<Away>,
    /// Keepsakes that the wallet has not answered yet, by the effect's tag.
    pub pending: BTreeMap<u64, Pending>,
    /// The next tag.
    pub next_tag: u64,
    /// A number for choosing colours and names.
    pub looks: u32,
}

/// What a farm is worth: everything that production depends on, and the wool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holdings {
    /// In store, and grown or shorn since the last prestige.
    pub wools: Vec<Stock>,
    /// How many of each building.
    pub counts: Vec<u32>,
    /// The level of each upgrade.
    pub levels: Vec<u32>,
    /// Won by prestige.
    pub stars: BigUint,
    /// How often.
    pub prestiges: u32,
    /// Shears of all time.
    pub shears: u64,
    /// Ids of keepsakes, also of such as this content does not know: they were paid for.
    pub keepsakes: BTreeSet<String>,
}

/// One wool's amounts, in micro-wool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    /// In store.
    pub amount: BigUint,
    /// Grown and shorn since the last prestige, spent or not. Woven wool is not in it.
    pub earned: BigUint,
}

/// A time without the owner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Away {
    /// From when.
    pub from_ms: i64,
    /// Until when, as far as it is booked.
    pub to_ms: i64,
    /// How much of it the herd worked.
    pub paid_ms: u64,
    /// What grew, micro-wool.
    pub earned: Vec<BigUint>,
}

/// A keepsake that is being paid for. It carries its terms, because the content may change before the answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pending {
    /// Which.
    pub keepsake: String,
    /// The wallet's currency.
    pub currency: String,
    /// How much.
    pub price: i64,
    /// When the wallet was asked.
    pub asked_ms: i64,
}

impl Holdings {
    /// Nothing at all.
    pub fn none(content: &Content) -> Self {
        Self {
            wools: vec![Stock::default(); content.wools.len()],
            counts: vec![0; content.buildings.len()],
            levels: vec![0; content.upgrades.len()],
            stars: BigUint::ZERO,
            prestiges: 0,
            shears: 0,
            keepsakes: BTreeSet::new(),
        }
    }

    pub(crate) fn meets(&self, needs: &[Need]) -> bool {
        needs.iter().all(|need| match *need {
            Need::Building { building, count } => self.counts[building] >= count,
            Need::Upgrade { upgrade, level } => self.levels[upgrade] >= level,
        })
    }

    /// How many animals there are.
    pub fn llamas(&self, content: &Content) -> u64 {
        let herds = content.buildings.iter().zip(&self.counts).filter(|(b, _)| b.llama);
        herds.map(|(_, count)| u64::from(*count)).sum()
    }
}

impl State {
    /// A new farm: no wool, no llamas, nobody here.
    pub fn new(content: &Content, at_ms: i64, looks: u32) -> Self {
        let holdings = Holdings::none(content);
        let rates = Rates::of(content, &holdings);
        Self {
            works_until_ms: at_ms.saturating_add(rates.away_ms),
            holdings,
            rates,
            opened_ms: at_ms,
            run_ms: at_ms,
            settled_ms: at_ms,
            present: false,
            hands_free_ms: at_ms,
            away: None,
            pending: BTreeMap::new(),
            next_tag: 0,
            looks,
        }
    }

    /// How long the herd has worked between the last booking and `at_ms`.
    fn worked_ms(&self, at_ms: i64) -> u64 {
        let (from, to) = (self.settled_ms.min(self.works_until_ms), at_ms.min(self.works_until_ms));
        if to > from { to.abs_diff(from) } else { 0 }
    }

    /// What has grown since the last booking, micro-wool of each kind. Milli-wool a second times milliseconds.
    pub(crate) fn grown(&self, at_ms: i64) -> Vec<BigUint> {
        let worked_ms = self.worked_ms(at_ms);
        self.rates.wools.iter().map(|rate| rate * worked_ms).collect()
    }

    /// What could be spent at `at_ms`, micro-wool of each kind.
    pub(crate) fn purse(&self, at_ms: i64) -> Vec<BigUint> {
        let stocks = self.holdings.wools.iter().zip(self.grown(at_ms));
        stocks.map(|(stock, grown)| &stock.amount + grown).collect()
    }

    /// The wool of this run by worth, micro.
    pub(crate) fn worth(&self, content: &Content, at_ms: i64) -> BigUint {
        let stocks = self.holdings.wools.iter().zip(self.grown(at_ms)).zip(&content.wools);
        stocks.map(|((stock, grown), wool)| (&stock.earned + grown) * wool.worth).sum()
    }

    /// Books what has grown, and sets the lantern.
    pub(crate) fn settle(&mut self, at_ms: i64) {
        let (worked_ms, grown) = (self.worked_ms(at_ms), self.grown(at_ms));
        for (stock, grown) in self.holdings.wools.iter_mut().zip(&grown) {
            stock.amount += grown;
            stock.earned += grown;
        }
        if self.present {
            self.light(at_ms);
        } else if let Some(away) = &mut self.away {
            away.to_ms = away.to_ms.max(at_ms);
            away.paid_ms = away.paid_ms.saturating_add(worked_ms);
            for (sum, grown) in away.earned.iter_mut().zip(&grown) {
                *sum += grown;
            }
        }
        self.settled_ms = self.settled_ms.max(at_ms);
    }

    /// The herd works on for the allowance from now.
    fn light(&mut self, at_ms: i64) {
        self.works_until_ms = at_ms.saturating_add(self.rates.away_ms);
    }

    /// The owner comes.
    pub(crate) fn arrive(&mut self, at_ms: i64) {
        self.settle(at_ms);
        self.present = true;
        self.light(at_ms);
    }

    /// The owner goes.
    pub(crate) fn depart(&mut self, at_ms: i64) {
        self.settle(at_ms);
        if self.present {
            self.present = false;
            self.light(at_ms);
            let earned = vec![BigUint::ZERO; self.rates.wools.len()];
            self.away = Some(Away { from_ms: at_ms, to_ms: at_ms, paid_ms: 0, earned });
        }
    }

    /// To be called when holdings have changed, at a settled moment.
    pub(crate) fn recompute(&mut self, content: &Content) {
        self.rates = Rates::of(content, &self.holdings);
        if self.present {
            self.light(self.settled_ms);
        }
    }

    /// Whole stars that a prestige at `at_ms` would bring.
    pub(crate) fn gain(&self, content: &Content, at_ms: i64) -> BigUint {
        let prestige = &content.prestige;
        (self.worth(content, at_ms) / MICRO / &prestige.worth_per_star).nth_root(prestige.root)
    }
}
