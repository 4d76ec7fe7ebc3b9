//! Who plays with whom: a function of the tickets that wait. No clock, no locks, no chance.
//!
//! A *match* is a set of tickets such that
//! - each finds every other one with its query (or, where matching is not mutual, the one that looks finds the others);
//! - nobody is in it twice;
//! - its number of users is what each ticket wants: `max` of them; or, once the ticket has waited long enough, from
//!   `min` to `max` of them by its multiple.
//!
//! Tickets look in order of age, and each looks through the younger ones: if a match among the waiting is left, its
//! oldest ticket has not looked. Looking is bounded ([`WORK_MAX`]): every ticket has its share, and where all shares
//! together do not reach, the next interval goes on with the tickets that had none. While the bound is not reached,
//! nobody is left waiting who could be in a match with others who are left waiting.

mod choose;
mod compiled;
mod index;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::query::{Doc, Query};
use choose::Search;

/// Users in one match.
pub const COUNT_MAX: u32 = 256;
/// Looks from one ticket at another in one interval.
pub const WORK_MAX: u64 = 3_000_000;

/// A waiting ticket, as far as matching needs it. Slices of these are ordered by age, the oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Who is in it.
    pub users: &'a [u128],
    /// The smallest number of users it accepts, once it has waited.
    pub min: u32,
    /// The number of users it wants.
    pub max: u32,
    /// The number of users must be a multiple of this.
    pub multiple: u32,
    /// Whom it wants.
    pub query: &'a Query,
    /// What others find.
    pub doc: &'a Doc,
    /// Intervals that it has waited.
    pub intervals: u32,
}

impl Entry<'_> {
    /// How many users it brings.
    pub fn size(&self) -> u32 {
        self.users.len() as u32
    }

    /// Is this number of users as it wants?
    pub fn takes(&self, users: u32, intervals_max: u32) -> bool {
        let range = if self.intervals >= intervals_max { self.min } else { self.max }..=self.max;
        range.contains(&users) && users.is_multiple_of(self.multiple.max(1))
    }
}

/// How a numeric field's bounds widen while a ticket waits.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Widening {
    /// By so much with each interval.
    pub step: f64,
    /// By no more than this.
    pub most: f64,
}

/// What a studio sets.
#[derive(Clone, PartialEq, Debug)]
pub struct MatchRules {
    /// Each ticket must find each other one; otherwise the one that looks must find the others.
    pub mutual: bool,
    /// Intervals after which a ticket is content with its smallest number of users.
    pub intervals_max: u32,
    /// Which fields' bounds widen.
    pub widening: BTreeMap<String, Widening>,
}

impl Default for MatchRules {
    fn default() -> Self {
        Self { mutual: true, intervals_max: 3, widening: BTreeMap::new() }
    }
}

impl MatchRules {
    /// By how much the bounds of a field are wider after so many intervals.
    pub fn widened(&self, field: &str, intervals: u32) -> f64 {
        self.widening.get(field).map_or(0.0, |by| (by.step * f64::from(intervals)).min(by.most))
    }
}

/// What an interval found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Found {
    /// Matches, each as places in the slice, the ticket that looked first.
    pub matches: Vec<Vec<usize>>,
    /// The bound of work was reached before this ticket could look: the next interval begins with it.
    pub unfinished: Option<usize>,
}

/// Finds matches. `first` is the ticket that looks first: 0, or where the interval before was not finished.
pub fn find(entries: &[Entry<'_>], rules: &MatchRules, first: usize, work_max: u64) -> Found {
    Search::new(entries, rules, work_max).run(first)
}
