//! What a farm remembers, and how time is booked.
//!
//! **The lantern.** The herd works until `works_until_ms`: the allowance (8 hours and what is added) after `lit_ms`.
//! While the owner is here every input moves that moment to its own time; when the owner leaves, it stays where it is.
//! So time away is paid up to the allowance, an open page is paid for ever, and after a crash in which nobody left
//! properly the gap is paid like time away. What grows in a time is [`growth`](crate::growth)'s matter.
//!
//! **Booking.** While the owner is away nothing is booked but what a `sync` brings, so that late actions find their
//! time; see [`State::passes`].

use std::collections::BTreeMap;

use num_bigint::BigUint;

use crate::calendar::{day, week};
use crate::content::Content;
use crate::devices::Devices;
use crate::growth::Growth;
pub use crate::holdings::{Holdings, Stock, WEAVES_MAX};
use crate::production::{self, Rates};
use crate::units::MICRO;

/// One farm. Lists stand in the order of the content; amounts of wool are micro-wool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// What the owner has.
    pub holdings: Holdings,
    /// Derived from `holdings` and the events at `settled_ms`.
    pub rates: Rates,
    /// When the farm was opened.
    pub opened_ms: i64,
    /// When this run began: at opening or at the last prestige.
    pub run_ms: i64,
    /// Growth is booked up to here.
    pub settled_ms: i64,
    /// When the lantern was lit; see the module's text.
    pub lit_ms: i64,
    /// When it goes out.
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
    /// Grown and shorn in the week of `settled_ms`, by worth, micro.
    pub week_earned: BigUint,
    /// Times away in which offline play was kept.
    pub returns: u64,
    /// This time away is counted in `returns`.
    pub returned: bool,
    /// A save was taken over.
    pub imported: bool,
    /// What is known of devices that number their actions.
    pub devices: Devices,
    /// When the score event was emitted last.
    pub reported_ms: i64,
    /// The UTC day that has its restore point.
    pub marked_day: i64,
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

impl State {
    /// A new farm: no wool, no llamas, nobody here.
    pub fn new(content: &Content, at_ms: i64, looks: u32) -> Self {
        let holdings = Holdings::none(content);
        let rates = Rates::at(content, &holdings, at_ms);
        Self {
            works_until_ms: at_ms.saturating_add(rates.away_ms),
            holdings,
            rates,
            opened_ms: at_ms,
            run_ms: at_ms,
            settled_ms: at_ms,
            lit_ms: at_ms,
            present: false,
            hands_free_ms: at_ms,
            away: None,
            pending: BTreeMap::new(),
            next_tag: 0,
            looks,
            week_earned: BigUint::ZERO,
            returns: 0,
            returned: false,
            imported: false,
            devices: Devices::default(),
            reported_ms: at_ms,
            marked_day: day(at_ms),
        }
    }

    /// What could be spent at `at_ms`, micro-wool of each kind.
    pub(crate) fn purse(&self, content: &Content, at_ms: i64) -> Vec<BigUint> {
        let stocks = self.holdings.wools.iter().zip(Growth::of(content, self, at_ms).wools);
        stocks.map(|(stock, grown)| &stock.amount + grown).collect()
    }

    /// The wool of this run by worth, micro.
    pub(crate) fn worth(&self, content: &Content, at_ms: i64) -> BigUint {
        let grown = Growth::of(content, self, at_ms).wools;
        let stocks = self.holdings.wools.iter().zip(grown).zip(&content.wools);
        stocks.map(|((stock, grown), wool)| (&stock.earned + grown) * wool.worth).sum()
    }

    /// The week that `week_earned` is of.
    pub fn week(&self) -> i64 {
        week(self.settled_ms)
    }

    /// Books what has grown up to a moment. Says whether an event has changed the rates.
    pub(crate) fn book(&mut self, content: &Content, at_ms: i64) -> bool {
        let Growth { wools, worked_ms, week_earned, rates } = Growth::of(content, self, at_ms);
        for (stock, grown) in self.holdings.wools.iter_mut().zip(&wools) {
            stock.amount += grown;
            stock.earned += grown;
        }
        if !self.present
            && let Some(away) = &mut self.away
        {
            away.to_ms = away.to_ms.max(at_ms);
            away.paid_ms = away.paid_ms.saturating_add(worked_ms);
            for (sum, grown) in away.earned.iter_mut().zip(&wools) {
                *sum += grown;
            }
        }
        self.week_earned = week_earned;
        self.settled_ms = self.settled_ms.max(at_ms);
        let changed = rates.is_some();
        if let Some(rates) = rates {
            // No event changes the allowance, so the lantern needs no look.
            self.rates = rates;
        }
        changed
    }

    /// Time passes with an input while the owner is here: booked, and the lantern is lit. Says whether an event has
    /// changed the rates.
    pub(crate) fn passes(&mut self, content: &Content, at_ms: i64) -> bool {
        let changed = self.book(content, at_ms);
        if self.present {
            self.light(at_ms);
        }
        changed
    }

    /// The herd works on for the allowance from now.
    fn light(&mut self, at_ms: i64) {
        self.lit_ms = at_ms;
        self.relight();
    }

    /// The allowance may have changed.
    pub(crate) fn relight(&mut self) {
        self.works_until_ms = self.lit_ms.saturating_add(self.rates.away_ms);
    }

    /// The owner comes.
    pub(crate) fn arrive(&mut self, content: &Content, at_ms: i64) {
        self.passes(content, at_ms);
        self.present = true;
        self.light(at_ms);
    }

    /// The owner goes.
    pub(crate) fn depart(&mut self, content: &Content, at_ms: i64) {
        if self.present {
            self.passes(content, at_ms);
            self.present = false;
            self.returned = false;
            let earned = vec![BigUint::ZERO; self.rates.wools.len()];
            self.away = Some(Away { from_ms: at_ms, to_ms: at_ms, paid_ms: 0, earned });
        }
    }

    /// The farm stands again as it stood then, and goes on from now: nothing grows in between, no hand has moved, and
    /// the lantern has as much left as it had.
    pub(crate) fn wakes_later(&mut self, content: &Content, then_ms: i64, now_ms: i64) {
        self.book(content, then_ms);
        if week(self.settled_ms) != week(now_ms) {
            self.week_earned = BigUint::ZERO;
        }
        self.lit_ms = self.lit_ms.saturating_add(now_ms.saturating_sub(then_ms));
        self.settled_ms = self.settled_ms.max(now_ms);
        self.hands_free_ms = self.hands_free_ms.max(now_ms);
        self.rates = Rates::at(content, &self.holdings, self.settled_ms);
        self.relight();
    }

    /// To be called when holdings have changed, at a booked moment. The lantern of a farm that is alone is its caller's
    /// matter.
    pub(crate) fn recompute(&mut self, content: &Content) {
        self.rates = Rates::at(content, &self.holdings, self.settled_ms);
        if self.present {
            self.relight();
        }
    }

    /// Whole stars that a prestige at `at_ms` would bring.
    pub fn gain(&self, content: &Content, at_ms: i64) -> BigUint {
        let prestige = &content.prestige;
        let stars = (self.worth(content, at_ms) / MICRO / &prestige.worth_per_star).nth_root(prestige.root);
        production::gain(content, &self.holdings, stars)
    }
}
