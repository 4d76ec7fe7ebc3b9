//! Which tickets another one should look at: by exact texts and by ranges of numbers that its query demands.

use std::collections::HashMap;

use super::compiled::{Check, Compiled, Finder, Key, Name};
use crate::query::{Comparison, Occur};

/// A range of numbers is looked up if it holds at most this part of all tickets; else going by age is as quick.
const RANGE_PART: usize = 16;
/// Or if it holds no more than this.
const RANGE_FEW: usize = 64;

/// See the module.
pub struct Index {
    texts: HashMap<(Name, Name), Vec<u32>>,
    /// Sorted by number.
    numbers: HashMap<Name, Vec<(f64, u32)>>,
    len: usize,
}

/// Where to look.
pub enum Where<'a> {
    /// At everybody, by age.
    All,
    /// At these, by age.
    These(&'a [u32]),
    /// At these, by age.
    Gathered(Vec<u32>),
}

impl Index {
    pub fn new(compiled: &Compiled<'_>) -> Self {
        let mut texts: HashMap<_, Vec<u32>> = HashMap::new();
        let mut numbers: HashMap<_, Vec<(f64, u32)>> = HashMap::new();
        // Only what some query demands.
        for condition in compiled.finders.iter().flat_map(|finder| &finder.conditions) {
            match (condition.occur, condition.field, &condition.check) {
                (Occur::Must, Some(field), Check::Exact { text, number: None }) => {
                    texts.entry((field, *text)).or_default();
                }
                (Occur::Must, Some(field), Check::Number(..)) => {
                    numbers.entry(field).or_default();
                }
                _ => {}
            }
        }
        for (ticket, doc) in (0..).zip(&compiled.docs) {
            for cell in doc {
                match cell.key {
                    Key::Text(text) => {
                        if let Some(list) = texts.get_mut(&(cell.field, text)) {
                            list.push(ticket);
                        }
                    }
                    Key::Number(number) => {
                        if let Some(list) = numbers.get_mut(&cell.field) {
                            list.push((number, ticket));
                        }
                    }
                    Key::Flag => {}
                }
            }
        }
        numbers.values_mut().for_each(|list| list.sort_unstable_by(|a, b| a.0.total_cmp(&b.0)));
        Self { texts, numbers, len: compiled.docs.len() }
    }

    /// Where a ticket with this query should look: everybody that it finds is there.
    pub fn candidates(&self, finder: &Finder<'_>) -> Where<'_> {
        let mut best = Where::All;
        let mut fewest = self.len;
        let mut ranges: Vec<(Name, f64, f64)> = Vec::new();
        for condition in &finder.conditions {
            let (Occur::Must, Some(field)) = (condition.occur, condition.field) else { continue };
            match condition.check {
                Check::Exact { text, number: None } => {
                    let list = self.texts.get(&(field, text)).map_or(&[][..], Vec::as_slice);
                    if list.len() <= fewest {
                        fewest = list.len();
                        best = Where::These(list);
                    }
                }
                Check::Number(comparison, bound) => {
                    let known = ranges.iter().position(|(known, ..)| *known == field);
                    let at = known.unwrap_or_else(|| {
                        ranges.push((field, f64::NEG_INFINITY, f64::INFINITY));
                        ranges.len() - 1
                    });
                    let (_, low, high) = &mut ranges[at];
                    match comparison {
                        Comparison::Greater | Comparison::GreaterOrEqual => *low = low.max(bound),
                        Comparison::Less | Comparison::LessOrEqual => *high = high.min(bound),
                    }
                }
                _ => {}
            }
        }
        for (field, low, high) in ranges {
            let Some(list) = self.numbers.get(&field) else { continue };
            let start = list.partition_point(|(number, _)| *number < low);
            let end = list.partition_point(|(number, _)| *number <= high).max(start);
            let few = end - start;
            if few < fewest && few <= RANGE_FEW.max(self.len / RANGE_PART) {
                fewest = few;
                let mut gathered: Vec<u32> = list[start..end].iter().map(|(_, ticket)| *ticket).collect();
                gathered.sort_unstable();
                // A list of numbers in one document stands there several times.
                gathered.dedup();
                best = Where::Gathered(gathered);
            }
        }
        best
    }
}
