//! What a farm is worth: everything that production depends on, and the wool.

use std::collections::BTreeSet;

use num_bigint::BigUint;

use crate::content::{Content, Effect, Need, WishNeed};

/// What an owner has. Lists stand in the order of the content; amounts of wool are micro-wool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holdings {
    /// In store, and grown or shorn since the last prestige.
    pub wools: Vec<Stock>,
    /// How many of each building.
    pub counts: Vec<u32>,
    /// The level of each upgrade.
    pub levels: Vec<u32>,
    /// The level of each wish.
    pub wishes: Vec<u32>,
    /// Won by prestige.
    pub stars: BigUint,
    /// Of those, paid for wishes.
    pub spent: BigUint,
    /// How often.
    pub prestiges: u32,
    /// Shears of all time.
    pub shears: u64,
    /// Repetitions of recipes of all time, at most [`WEAVES_MAX`].
    pub weaves: u64,
    /// Ids of keepsakes, also of such as this content does not know: they were paid for.
    pub keepsakes: BTreeSet<String>,
}

/// Where counting repetitions of recipes ends: the last whole number that pages can tell from its neighbours.
pub const WEAVES_MAX: u64 = (1 << 53) - 1;

/// One wool's amounts, in micro-wool.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    /// In store.
    pub amount: BigUint,
    /// Grown and shorn since the last prestige, spent or not. Woven wool is not in it.
    pub earned: BigUint,
}

impl Holdings {
    /// Nothing at all.
    pub fn none(content: &Content) -> Self {
        Self {
            wools: vec![Stock::default(); content.wools.len()],
            counts: vec![0; content.buildings.len()],
            levels: vec![0; content.upgrades.len()],
            wishes: vec![0; content.wishes.len()],
            stars: BigUint::ZERO,
            spent: BigUint::ZERO,
            prestiges: 0,
            shears: 0,
            weaves: 0,
            keepsakes: BTreeSet::new(),
        }
    }

    /// What is left when a run ends and the next begins: what lasts, and the head start that wishes give.
    pub(crate) fn next_run(self, content: &Content) -> Self {
        let mut next = Self {
            wishes: self.wishes,
            stars: self.stars,
            spent: self.spent,
            prestiges: self.prestiges.saturating_add(1),
            shears: self.shears,
            weaves: self.weaves,
            keepsakes: self.keepsakes,
            ..Self::none(content)
        };
        for (wish, level) in content.wishes.iter().zip(&next.wishes) {
            if let Effect::HeadStart { building, count } = wish.effect {
                let more = next.counts[building].saturating_add(count.saturating_mul(*level));
                next.counts[building] = more.min(content.buildings[building].count_max);
            }
        }
        next
    }

    pub(crate) fn meets(&self, needs: &[Need]) -> bool {
        needs.iter().all(|need| match *need {
            Need::Building { building, count } => self.counts[building] >= count,
            Need::Upgrade { upgrade, level } => self.levels[upgrade] >= level,
        })
    }

    pub(crate) fn meets_wishes(&self, needs: &[WishNeed]) -> bool {
        needs.iter().all(|need| self.wishes[need.wish] >= need.level)
    }

    /// Stars that were not spent. A new edition of the content never takes stars, so nothing is owed either.
    pub(crate) fn free_stars(&self) -> BigUint {
        if self.stars > self.spent { &self.stars - &self.spent } else { BigUint::ZERO }
    }

    /// How many animals there are.
    pub fn llamas(&self, content: &Content) -> u64 {
        let herds = content.buildings.iter().zip(&self.counts).filter(|(b, _)| b.llama);
        herds.map(|(_, count)| u64::from(*count)).sum()
    }
}
