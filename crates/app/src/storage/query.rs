//! Queries over declared indexes: a walk along one field of the index, from place to place, in which each object is
//! held against the whole query. The walk follows the field that is sorted by, else a field that the query fixes or
//! bounds, else the time of the last write, the newest first.

use store::{Asks, Object, ObjectsWalk, UserId};

use super::index::{StorageIndex, encode, places};
use super::{PAGE_MAX, Storage, StorageError};
use crate::cursor;
use crate::query::{Comparison, Occur, Query, Test, Value};

/// Objects that are read at a time.
const STEP: u32 = 64;
/// Objects that one page looks at. It may have fewer than asked for, and yet not be the last.
const EXAMINED_MAX: u32 = 4_096;
/// Bytes of values after which a page ends.
const PAGE_BYTES_MAX: usize = 2 << 20;

/// What is asked of an index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StorageQuery {
    /// Which index.
    pub index: String,
    /// In the query language, over `value.<field>`.
    pub query: String,
    /// A field to sort by, and whether from high to low.
    pub sort: Option<(String, bool)>,
    /// Objects of one page.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// On whose behalf: only what this one may read is found.
    pub asks: Asks,
}

/// What was found.
pub type StorageFound = super::StoragePage;

/// The stretches of a field that are walked, in order of bytes.
struct Way {
    field: String,
    back: bool,
    stretches: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Way {
    fn whole(field: &str, back: bool) -> Self {
        Self { field: field.to_owned(), back, stretches: vec![(Vec::new(), vec![0xff])] }
    }

    fn along(
        index: &StorageIndex,
        query: &Query,
        sort: Option<&(String, bool)>,
    ) -> Result<Self, StorageError> {
        let field_of = |name: &Option<String>| {
            let name = name.as_deref()?.strip_prefix("value.")?;
            index.fields.iter().find(|field| *field == name).cloned()
        };
        let musts = query.clauses().iter().filter(|clause| clause.occur == Occur::Must);
        let bounds = musts.filter_map(|clause| Some((field_of(&clause.field)?, stretches(&clause.test)?)));
        if let Some((field, back)) = sort {
            let field = field.strip_prefix("value.").unwrap_or(field);
            if !index.fields.iter().any(|known| known == field) {
                return Err(StorageError::NoField);
            }
            let mut bounds = bounds;
            let bound = bounds.find(|(bounded, _)| bounded == field);
            return Ok(match bound {
                Some((_, stretches)) => Self { field: field.to_owned(), back: *back, stretches },
                None => Self::whole(field, *back),
            });
        }
        // A point is narrower than a stretch.
        let best = bounds.min_by_key(|(_, stretches)| stretches.iter().any(|(low, high)| low != high));
        Ok(match best {
            Some((field, stretches)) => Self { field, back: false, stretches },
            None => Self::whole("", true),
        })
    }

    fn holds(&self, value: &[u8]) -> bool {
        self.stretches.iter().any(|(low, high)| low.as_slice() <= value && value <= high.as_slice())
    }

    /// The place among an object's values at which the walk comes to it first.
    fn first(&self, mut values: Vec<Vec<u8>>) -> Option<Vec<u8>> {
        values.retain(|value| self.holds(value));
        if self.back { values.pop() } else { (!values.is_empty()).then(|| values.swap_remove(0)) }
    }
}

/// Where a test can be true; `None` if it may be anywhere. Wider than the test: each object is tested all the same.
fn stretches(test: &Test) -> Option<Vec<(Vec<u8>, Vec<u8>)>> {
    let text = |text: &str| encode(&Value::Text(text.to_owned()));
    let point = |value: Vec<u8>| (value.clone(), value);
    match test {
        Test::Term(term) => {
            let mut all = Vec::new();
            match term.as_str() {
                "true" | "T" => all.push(point(encode(&Value::Flag(true)))),
                "false" | "F" => all.push(point(encode(&Value::Flag(false)))),
                _ => {}
            }
            if let Some(number) = crate::query::number(term) {
                all.push(point(encode(&Value::Number(number))));
            }
            all.push(point(text(term)));
            Some(all)
        }
        Test::Phrase(phrase) => Some(vec![point(text(phrase))]),
        Test::Number(comparison, bound) => {
            let bound = encode(&Value::Number(*bound));
            Some(vec![match comparison {
                Comparison::Greater | Comparison::GreaterOrEqual => (bound, [&[2][..], &[0xff; 8]].concat()),
                Comparison::Less | Comparison::LessOrEqual => (vec![2], bound),
            }])
        }
        Test::Text(comparison, bound) => {
            let bound = text(bound);
            Some(vec![match comparison {
                Comparison::Greater | Comparison::GreaterOrEqual => (bound, vec![3, 0xff]),
                Comparison::Less | Comparison::LessOrEqual => (vec![3], bound),
            }])
        }
        _ => None,
    }
}

type Place = store::EntryPlace;

impl Storage {
    /// Finds objects by what is in them.
    pub async fn query(&self, ask: StorageQuery) -> Result<StorageFound, StorageError> {
        let index = self.index(&ask.index).ok_or(StorageError::NoIndex)?;
        if !(1..=PAGE_MAX).contains(&ask.limit) {
            return Err(StorageError::Limit);
        }
        let query = Query::parse(&ask.query)?;
        let way = Way::along(&index, &query, ask.sort.as_ref())?;
        let sort = format!("{:?}", ask.sort);
        let scope: [&[u8]; 4] =
            [b"storage query", ask.index.as_bytes(), ask.query.as_bytes(), sort.as_bytes()];
        let begun = match &ask.cursor {
            Some(text) => Some(unpack(&cursor::open(&scope, text).map_err(|_| StorageError::Cursor)?)?),
            None => None,
        };

        let mut found = Vec::new();
        let (mut bytes, mut examined) = (0, 0);
        let mut stretches = way.stretches.clone();
        if way.back {
            stretches.reverse();
        }
        for (low, high) in stretches {
            let passed =
                begun.as_ref().is_some_and(|(value, ..)| if way.back { *value < low } else { *value > high });
            if passed {
                continue;
            }
            let inside = begun.clone().filter(|(value, ..)| low <= *value && *value <= high);
            let (start, to) = if way.back {
                (([&high[..], &[0xff]].concat(), UserId(u128::MAX), String::new()), low)
            } else {
                ((low, UserId(0), String::new()), high)
            };
            let mut from = inside.unwrap_or(start);
            loop {
                let walk = ObjectsWalk {
                    index: index.name.clone(),
                    collection: index.collection.clone(),
                    field: way.field.clone(),
                    from: from.clone(),
                    to: to.clone(),
                    back: way.back,
                    limit: STEP,
                };
                let steps = self.core.read(walk).await?;
                let ended = steps.len() < STEP as usize;
                for (place, object) in steps {
                    examined += 1;
                    from = place;
                    if let Some(object) = object
                        && matches(&ask, &index, &query, &way, &from.0, &object)
                    {
                        bytes += object.value.len();
                        found.push(object);
                    }
                    if found.len() >= ask.limit as usize
                        || examined >= EXAMINED_MAX
                        || bytes >= PAGE_BYTES_MAX
                    {
                        let cursor = Some(cursor::seal(&scope, &pack(&from)));
                        return Ok(StorageFound { objects: found, cursor });
                    }
                }
                if ended {
                    break;
                }
            }
        }
        Ok(StorageFound { objects: found, cursor: None })
    }
}

fn matches(
    ask: &StorageQuery,
    index: &StorageIndex,
    query: &Query,
    way: &Way,
    at: &[u8],
    object: &Object,
) -> bool {
    if !ask.asks.may_read(object.name.user, object.may_read) {
        return false;
    }
    let doc = index.doc(&serde_json::from_str(&object.value).unwrap_or_default());
    // An object with several values of the field stands at several places: it counts at the first.
    let first = way.field.is_empty() || way.first(places(&doc, &way.field)).is_some_and(|first| first == at);
    first && query.matches(&doc)
}

fn pack((value, user, key): &Place) -> Vec<u8> {
    let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
    [&[length][..], value, &user.to_bytes(), key.as_bytes()].concat()
}

fn unpack(held: &[u8]) -> Result<Place, StorageError> {
    let (length, rest) = held.split_first().ok_or(StorageError::Cursor)?;
    let (value, rest) = rest.split_at_checked(usize::from(*length)).ok_or(StorageError::Cursor)?;
    let (user, key) = super::place(rest)?;
    Ok((value.to_vec(), user, key))
}
