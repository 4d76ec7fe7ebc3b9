//! Numbers of each difficulty. Times are in steps, shares in thousandths.

use crate::{Difficulty, tuning::STEPS_A_SECOND};

/// A tribe has a turn every so many steps.
pub(super) const TRIBE_EVERY: u32 = 88;

/// How a computer nation plays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Temper {
    /// Steps between two turns.
    pub(super) every: u32,
    /// Troops sent into wild land, of those at home.
    pub(super) settle: u16,
    /// A war is begun with this much of what it has room for.
    pub(super) ready: u64,
    /// So much stays at home.
    pub(super) reserve: u64,
    /// It strikes whom it outnumbers so: its free troops by the enemy's.
    pub(super) odds: u64,
    /// What it sends against an attack on it, of the attack's troops.
    pub(super) answers: u64,
    /// How much more it wants to fight who leads.
    pub(super) leads: u64,
    /// How much chance blurs its choice of an enemy.
    pub(super) blur: u32,
    /// Allies that it wants.
    pub(super) allies: usize,
    /// It breaks its word when nobody else is left to fight, and calls others to war against who leads.
    pub(super) schemes: bool,
}

/// Wars that last longer than this many steps make everybody bolder, and boldest of all after as many again: they end.
const LATE: u32 = 720 * STEPS_A_SECOND;

impl Temper {
    /// How it plays at a step of the war.
    pub(super) fn at(self, step: u32) -> Self {
        let late = u64::from(step.saturating_sub(LATE).min(LATE)) * 1_000 / u64::from(LATE);
        let less = |number: u64, by: u64| number * (1_000 - late * by / 1_000) / 1_000;
        Self {
            reserve: less(self.reserve, 800),
            odds: less(self.odds, 500),
            answers: less(self.answers, 1_000),
            blur: less(self.blur.into(), 1_000) as u32,
            allies: if late > 500 { 0 } else { self.allies },
            leads: less(self.leads, 1_000),
            ..self
        }
    }
}

/// The numbers of a difficulty.
pub(super) fn of(difficulty: Difficulty) -> Temper {
    match difficulty {
        Difficulty::Easy => Temper {
            every: 120,
            settle: 120,
            ready: 750,
            reserve: 500,
            odds: 900,
            answers: 0,
            leads: 250,
            blur: 400,
            allies: 4,
            schemes: false,
        },
        Difficulty::Fair => Temper {
            every: 60,
            settle: 200,
            ready: 650,
            reserve: 420,
            odds: 750,
            answers: 400,
            leads: 250,
            blur: 150,
            allies: 3,
            schemes: false,
        },
        Difficulty::Hard => Temper {
            every: 40,
            settle: 250,
            ready: 550,
            reserve: 360,
            odds: 650,
            answers: 700,
            leads: 250,
            blur: 50,
            allies: 3,
            schemes: true,
        },
    }
}
