//! Tickets' documents and queries with numbers in place of texts, so that one look costs a few comparisons.

use std::collections::HashMap;

use super::{Entry, MatchRules};
use crate::query::{Clause, Comparison, Occur, Test, Value};

/// A field's name or a text, as a number. [`NOWHERE`] is one that no document has.
pub type Name = u32;
/// A name that no document has.
pub const NOWHERE: Name = Name::MAX;

/// A document's field.
pub struct Cell<'a> {
    pub field: Name,
    pub key: Key,
    raw: &'a Value,
}

/// A value that compares quickly.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Key {
    Text(Name),
    Number(f64),
    Flag,
}

/// A clause of a query.
pub struct Condition<'a> {
    pub occur: Occur,
    /// None is any.
    pub field: Option<Name>,
    pub check: Check<'a>,
    boost: f32,
}

/// What a field has to be.
pub enum Check<'a> {
    /// Exactly this text or number.
    Exact { text: Name, number: Option<f64> },
    /// A number that compares so.
    Number(Comparison, f64),
    /// Anything else.
    Any(&'a Test),
}

impl Check<'_> {
    fn holds(&self, cell: &Cell<'_>) -> bool {
        match (self, cell.key) {
            (Check::Exact { text, .. }, Key::Text(key)) => *text == key,
            (Check::Exact { number, .. }, Key::Number(key)) => *number == Some(key),
            (Check::Exact { .. } | Check::Number(..), _) if matches!(cell.key, Key::Flag) => false,
            (Check::Number(comparison, bound), Key::Number(key)) => comparison.holds(&key, bound),
            (Check::Any(test), _) => test.holds(cell.raw),
            _ => false,
        }
    }
}

impl Condition<'_> {
    fn holds(&self, doc: &[Cell<'_>]) -> bool {
        match self.field {
            None if matches!(self.check, Check::Any(Test::Any)) => true,
            None => doc.iter().any(|cell| self.check.holds(cell)),
            Some(field) => doc.iter().any(|cell| cell.field == field && self.check.holds(cell)),
        }
    }
}

/// A query.
pub struct Finder<'a> {
    pub conditions: Vec<Condition<'a>>,
    /// Some documents are preferred to others.
    pub prefers: bool,
}

impl Finder<'_> {
    /// As [`Query::matches`](crate::query::Query::matches).
    pub fn finds(&self, doc: &[Cell<'_>]) -> bool {
        let (mut must, mut should, mut any) = (false, false, false);
        for condition in &self.conditions {
            match condition.occur {
                Occur::Must if !condition.holds(doc) => return false,
                Occur::MustNot if condition.holds(doc) => return false,
                Occur::Must => must = true,
                Occur::Should => {
                    should = true;
                    any = any || condition.holds(doc);
                }
                Occur::MustNot => {}
            }
        }
        must || !should || any
    }

    /// How much a document that it finds is preferred.
    pub fn score(&self, doc: &[Cell<'_>]) -> f32 {
        let counted = self.conditions.iter().filter(|condition| condition.occur != Occur::MustNot);
        counted.filter(|condition| condition.holds(doc)).map(|condition| condition.boost).sum()
    }
}

/// All tickets' documents and queries.
pub struct Compiled<'a> {
    pub docs: Vec<Vec<Cell<'a>>>,
    pub finders: Vec<Finder<'a>>,
}

impl<'a> Compiled<'a> {
    pub fn new(entries: &[Entry<'a>], rules: &MatchRules) -> Self {
        let mut names = Names::default();
        let docs = entries.iter().map(|entry| {
            let cells = entry.doc.fields().map(|(field, raw)| {
                let key = match raw {
                    Value::Text(text) => Key::Text(names.add(text)),
                    Value::Number(number) => Key::Number(*number),
                    Value::Flag(_) => Key::Flag,
                };
                Cell { field: names.add(field), key, raw }
            });
            cells.collect()
        });
        let docs = docs.collect();
        let finders = entries.iter().map(|entry| {
            let clauses = entry.query.clauses();
            let conditions = clauses.iter().map(|clause| condition(&names, clause, rules, entry.intervals));
            let prefers = clauses
                .iter()
                .any(|clause| clause.occur == Occur::Should && clauses.len() > 1 || clause.boost != 1.0);
            Finder { conditions: conditions.collect(), prefers }
        });
        let finders = finders.collect();
        Self { docs, finders }
    }
}

fn condition<'a>(names: &Names<'_>, clause: &'a Clause, rules: &MatchRules, intervals: u32) -> Condition<'a> {
    let field = clause.field.as_deref();
    let check = match &clause.test {
        // Flags are in no ticket's document, but the general test knows them.
        Test::Term(term) if term.is_empty() => Check::Any(&clause.test),
        Test::Term(term) => Check::Exact { text: names.get(term), number: crate::query::number(term) },
        Test::Number(comparison, bound) => {
            Check::Number(*comparison, wider(clause.occur, *comparison, *bound, field, rules, intervals))
        }
        test => Check::Any(test),
    };
    Condition { occur: clause.occur, field: field.map(|field| names.get(field)), check, boost: clause.boost }
}

/// A bound after so long a wait. What must not match is bounded the other way round.
pub fn wider(
    occur: Occur,
    comparison: Comparison,
    bound: f64,
    field: Option<&str>,
    rules: &MatchRules,
    intervals: u32,
) -> f64 {
    let by = field.map_or(0.0, |field| rules.widened(field, intervals));
    let down = matches!(comparison, Comparison::Greater | Comparison::GreaterOrEqual);
    if down == (occur != Occur::MustNot) { bound - by } else { bound + by }
}

#[derive(Default)]
struct Names<'a>(HashMap<&'a str, Name>);

impl<'a> Names<'a> {
    fn add(&mut self, text: &'a str) -> Name {
        let next = self.0.len() as Name;
        *self.0.entry(text).or_insert(next)
    }

    fn get(&self, text: &str) -> Name {
        self.0.get(text).copied().unwrap_or(NOWHERE)
    }
}
