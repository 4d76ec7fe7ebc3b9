//! The query language of lists and of the matchmaker: `+properties.region:eu -label.mode:duel properties.skill:>=10^2`.
//!
//! | text | meaning |
//! | --- | --- |
//! | `*`, or nothing | everything |
//! | `field:term`, `term` | the field (or any field) is exactly this text, this number or this truth value |
//! | `field:"some words"` | the field is exactly this text |
//! | `field:fo?d*` | `?` is any one character, `*` any number of them |
//! | `field:/colou?r/` | the whole field matches the regular expression |
//! | `field:term~`, `term~2` | the field is this text but for one edit (two) |
//! | `field:>10`, `>=`, `<`, `<=` | the number compares so; with a quoted text, the text does |
//! | `+clause`, `-clause` | must match, must not match |
//! | `clause^3` | counts for so much in the order of preference |
//!
//! Clauses without a sign need not match where another must; among themselves, one of them has to. A backslash takes
//! its meaning from any special character. A document is flat: dotted fields with a text, a number or a truth value;
//! a list is a field with several values, of which one is enough.
//!
//! **Not here.** Indexes: a caller that has one looks at [`Query::clauses`] for what must match.

mod doc;
mod parse;
mod pattern;
mod print;
#[cfg(test)]
mod tests;

pub use doc::{Doc, FIELDS_MAX, TooManyFields, Value};
pub use parse::QueryError;
pub(crate) use parse::number;
pub use pattern::{Expression, Piece};

/// Bytes of a query's text.
pub const QUERY_BYTES_MAX: usize = 2_048;
/// Clauses of a query. They are not nested.
pub const CLAUSES_MAX: usize = 64;
/// Regular expressions in one query.
pub const EXPRESSIONS_MAX: usize = 4;
/// Bytes of one regular expression's text.
pub const EXPRESSION_BYTES_MAX: usize = 256;
/// Bytes of memory that one compiled regular expression may take.
pub const EXPRESSION_MEMORY_BYTES_MAX: usize = 256 << 10;
/// Edits that `~` may allow.
pub const EDITS_MAX: u8 = 2;

/// A query that was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Query {
    clauses: Vec<Clause>,
}

/// One part of a query.
#[derive(Clone, PartialEq, Debug)]
pub struct Clause {
    /// Whether it has to match.
    pub occur: Occur,
    /// Which field it is about; none is any.
    pub field: Option<String>,
    /// What the field has to be.
    pub test: Test,
    /// What a match counts in the order of preference; 1 unless the query says so.
    pub boost: f32,
}

/// Whether a clause has to match.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Occur {
    /// `+`
    Must,
    /// Without a sign.
    Should,
    /// `-`
    MustNot,
}

/// What a field has to be.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// There at all.
    Any,
    /// Exactly this text, or the number or truth value that it spells.
    Term(String),
    /// Exactly this text.
    Phrase(String),
    /// Like this text but for a few edits.
    Near(String, u8),
    /// A text with wildcards.
    Like(Vec<Piece>),
    /// A regular expression for the whole text.
    Expression(Expression),
    /// A number that compares so.
    Number(Comparison, f64),
    /// A text that compares so, byte by byte. Times in RFC 3339 of one zone do.
    Text(Comparison, String),
}

/// How two values compare.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// Does `left` compare so to `right`?
    pub fn holds<T: PartialOrd + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
        }
    }
}

impl Query {
    /// Reads a query.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text)
    }

    /// Its parts, in the order of the text.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The same parts with other tests.
    pub fn map_clauses(&self, change: impl Fn(&Clause) -> Clause) -> Self {
        Self { clauses: self.clauses.iter().map(change).collect() }
    }

    /// Does it match everything?
    pub fn is_everything(&self) -> bool {
        let everything = |clause: &Clause| clause.field.is_none() && clause.test == Test::Any;
        let must_all = self.clauses.iter().all(|clause| match clause.occur {
            Occur::Must => everything(clause),
            Occur::Should => true,
            Occur::MustNot => false,
        });
        let must = self.clauses.iter().any(|clause| clause.occur == Occur::Must);
        must_all && (must || self.clauses.is_empty() || self.clauses.iter().any(everything))
    }

    /// Does the document match?
    pub fn matches(&self, doc: &Doc) -> bool {
        let (mut must, mut should, mut any) = (false, false, false);
        for clause in &self.clauses {
            match clause.occur {
                Occur::Must if !clause.matches(doc) => return false,
                Occur::MustNot if clause.matches(doc) => return false,
                Occur::Must => must = true,
                Occur::Should => {
                    should = true;
                    any = any || clause.matches(doc);
                }
                Occur::MustNot => {}
            }
        }
        must || !should || any
    }

    /// How much a document is preferred; nothing if it does not match. Greater is better.
    pub fn score(&self, doc: &Doc) -> Option<f32> {
        self.matches(doc).then(|| {
            let counted = self.clauses.iter().filter(|clause| clause.occur != Occur::MustNot);
            counted.filter(|clause| clause.matches(doc)).map(|clause| clause.boost).sum()
        })
    }
}

impl Clause {
    /// Does the document have such a field with such a value? Says nothing of the sign.
    pub fn matches(&self, doc: &Doc) -> bool {
        match &self.field {
            None if self.test == Test::Any => true,
            None => doc.values().any(|value| self.test.holds(value)),
            Some(field) => doc.get(field).any(|value| self.test.holds(value)),
        }
    }
}

impl Test {
    /// Is a value as this says?
    pub fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Test::Any, _) => true,
            (Test::Term(term), Value::Text(text)) | (Test::Phrase(term), Value::Text(text)) => term == text,
            (Test::Term(term), Value::Number(number)) => parse::number(term) == Some(*number),
            (Test::Term(term), Value::Flag(flag)) => match term.as_str() {
                "true" | "T" => *flag,
                "false" | "F" => !flag,
                _ => false,
            },
            (Test::Near(term, edits), Value::Text(text)) => pattern::is_near(term, text, *edits),
            (Test::Like(pieces), Value::Text(text)) => pattern::is_like(pieces, text),
            (Test::Expression(expression), Value::Text(text)) => expression.matches(text),
            (Test::Number(comparison, bound), Value::Number(number)) => comparison.holds(number, bound),
            (Test::Text(comparison, bound), Value::Text(text)) => {
                comparison.holds(text.as_str(), bound.as_str())
            }
            _ => false,
        }
    }
}
