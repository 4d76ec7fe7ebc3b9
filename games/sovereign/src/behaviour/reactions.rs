//! How soon a seat answers what others do to it.

use std::collections::BTreeMap;

use kernel::Seat;

use super::SOON_MS;

/// An answer later than this is none.
const LATEST_MS: i64 = 10_000;
/// Others whose deeds wait for an answer; further ones are passed over until one is too old.
const WAITING_MAX: usize = 64;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Reactions {
    /// When somebody did something that was not answered yet.
    waiting: BTreeMap<Seat, i64>,
    answers: u64,
    soon: u64,
    soonest_ms: Option<u64>,
    step: u64,
}

impl Reactions {
    /// Another seat did something to this one.
    pub fn done_by(&mut self, ms: i64, other: Seat) {
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.retain(|_, since| ms.saturating_sub(*since) <= LATEST_MS);
        }
        if self.waiting.len() < WAITING_MAX {
            self.waiting.entry(other).or_insert(ms);
        }
    }

    /// This seat does something to another one: perhaps an answer.
    pub fn answered(&mut self, step: u64, ms: i64, other: Seat) {
        let after = self.waiting.remove(&other).map(|since| ms.saturating_sub(since));
        let Some(after) = after.filter(|after| (0..=LATEST_MS).contains(after)) else { return };
        self.answers += 1;
        self.soon += u64::from(after < SOON_MS);
        let after = after.unsigned_abs();
        if self.soonest_ms.is_none_or(|soonest| after < soonest) {
            (self.soonest_ms, self.step) = (Some(after), step);
        }
    }

    /// How many answers, and how many of them too soon.
    pub fn counts(&self) -> (u64, u64) {
        (self.answers, self.soon)
    }

    /// The soonest.
    pub fn soonest_ms(&self) -> Option<u64> {
        self.soonest_ms
    }

    /// The step of the soonest.
    pub fn step(&self) -> u64 {
        self.step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_an_answer_is_bounded_and_what_is_too_old_makes_room() {
        let mut reactions = Reactions::default();
        (0..=WAITING_MAX as u32).for_each(|other| reactions.done_by(0, Seat(other)));
        assert_eq!(reactions.waiting.len(), WAITING_MAX);
        reactions.done_by(LATEST_MS + 1, Seat(900));
        assert_eq!(reactions.waiting, BTreeMap::from([(Seat(900), LATEST_MS + 1)]));
    }

    #[test]
    fn several_deeds_of_one_are_answered_since_the_first() {
        let mut reactions = Reactions::default();
        [0, 900].into_iter().for_each(|ms| reactions.done_by(ms, Seat(7)));
        reactions.answered(20, 1_000, Seat(7));
        assert_eq!((reactions.counts(), reactions.soonest_ms()), ((1, 0), Some(1_000)));
    }
}
