//! Checks of what stands above a single run: wishes, events, achievements, the terms of an import.

use std::collections::BTreeSet;

use super::check::Check;
use super::file::{File, ImportTable, Text};
use super::values::Place;
use super::{Achievement, Content, Festival, Import, LEVEL_MAX, Stat, Wish, WishNeed, cycles, moment};
use crate::cost::{Price, RATIO_PERCENT};
use crate::magnitude::magnitude_of_whole;

/// A goal fits a page's numbers.
const GOAL_MAX: u64 = 9_000_000_000_000_000;

impl Check {
    pub(super) fn wishes(&mut self, file: &File) -> Vec<Wish> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.wish {
            let ratio = self.within("ratio_percent", &t.ratio_percent, RATIO_PERCENT);
            list.push(Wish {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                price: Price::new(vec![(0, self.amount("cost", &t.cost))], ratio),
                level_max: self.within("level_max", &t.level_max, 1..=LEVEL_MAX),
                effect: self.effect(&t.effect, Place::Wish),
                needs: t
                    .needs
                    .iter()
                    .map(|need| WishNeed {
                        wish: self.wish(&need.wish),
                        level: self.within("level", &need.level, 1..=LEVEL_MAX),
                    })
                    .collect(),
            });
        }
        list
    }

    pub(super) fn festivals(&mut self, file: &File) -> Vec<Festival> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.event {
            let (from_ms, to_ms) = (self.moment("from", &t.from), self.moment("to", &t.to));
            if from_ms.zip(to_ms).is_some_and(|(from, to)| from >= to) {
                self.fault(t.to.span(), "an event ends after it begins");
            }
            list.push(Festival {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                from_ms: from_ms.unwrap_or(0),
                to_ms: to_ms.unwrap_or(0),
                effect: self.effect(&t.effect, Place::Festival),
            });
        }
        list
    }

    pub(super) fn achievements(&mut self, file: &File) -> Vec<Achievement> {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for t in &file.achievement {
            let stat = Stat::ALL.into_iter().find(|stat| stat.name() == t.stat.get_ref());
            if stat.is_none() {
                let names = Stat::ALL.map(Stat::name).join(", ");
                self.fault(t.stat.span(), format!("a stat is one of: {names}"));
            }
            let stat = stat.unwrap_or(Stat::Shears);
            let goal = *t.goal.get_ref();
            if !(1..=GOAL_MAX).contains(&goal) {
                self.fault(t.goal.span(), format!("goal must be from 1 to {GOAL_MAX}, not {goal}"));
            }
            list.push(Achievement {
                title: self.title(&mut seen, &t.id, &t.name, &t.about),
                stat,
                goal: if stat == Stat::WorthMagnitude { magnitude_of_whole(goal) } else { goal },
                fleece: self.within("fleece", &t.fleece, 0..=1_000),
            });
        }
        list
    }

    pub(super) fn import(&mut self, table: &ImportTable) -> Import {
        Import {
            since_ms: self.moment("since", &table.since).unwrap_or(0),
            days_max: self.within("days_max", &table.days_max, 1..=10_000),
            young_llamas: self.within("young_llamas", &table.young_llamas, 0..=1_000_000),
        }
    }

    fn moment(&mut self, key: &str, text: &Text) -> Option<i64> {
        let found = moment::parse(text.get_ref());
        if found.is_none() {
            self.fault(text.span(), format!("{key} must be a moment like \"2026-11-27T18:00:00Z\""));
        }
        found
    }

    /// Wishes that need each other could never be bought.
    pub(super) fn wish_circles(&mut self, file: &File, content: &Content) {
        let wishes = content.wishes.iter().enumerate();
        let edges: Vec<_> = wishes.flat_map(|(at, w)| w.needs.iter().map(move |n| (at, n.wish))).collect();
        if let Some(node) = cycles::find(content.wishes.len(), &edges) {
            let id = &file.wish[node].id;
            self.fault(id.span(), format!("{:?} needs itself, by way of its needs", id.get_ref()));
        }
    }
}
