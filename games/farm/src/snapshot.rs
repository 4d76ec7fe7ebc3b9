//! A farm as bytes: one byte for the format, then a MessagePack array. Everything is named by its id, so that a
//! farm can move to another edition of the content.
//!
//! **Strict** reading (recovery, replay) takes only what this very content could have written. **Lenient** reading
//! (migration) follows this rule: what the new edition does not know is dropped, and what was paid for it in wool is
//! gone; what is new starts at nothing; counts and levels above a new limit come down to it; keepsakes are never
//! dropped, because they were paid for from the account, and sleep until an edition knows them again. Growth that
//! was not booked at the moment of the migration is booked at the new rates.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kernel::Unreadable;
use num_bigint::BigUint;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::content::{Content, ID_BYTES_MAX, Title};
use crate::production::Rates;
use crate::state::{Away, Holdings, Pending, State, Stock};

/// The first byte.
const FORMAT: u8 = 1;
/// Bytes that are looked at.
const SNAPSHOT_BYTES_MAX: usize = 1 << 20;
/// A keepsake's price, as the content bounds it.
const PRICE: std::ops::RangeInclusive<i64> = 1..=1_000_000;

/// How much a reader forgives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Strict,
    Lenient,
}

/// The array's elements, in order. New ones go to the end, with a new format.
#[derive(Serialize, Deserialize)]
struct Saved {
    wools: Vec<(String, Big, Big)>,
    counts: Vec<(String, u32)>,
    levels: Vec<(String, u32)>,
    stars: Big,
    prestiges: u32,
    shears: u64,
    keepsakes: Vec<String>,
    opened_ms: i64,
    run_ms: i64,
    settled_ms: i64,
    works_until_ms: i64,
    present: bool,
    hands_free_ms: i64,
    away: Option<SavedAway>,
    pending: Vec<(u64, String, String, i64, i64)>,
    next_tag: u64,
    looks: u32,
}

/// From, to, worked, and what grew.
type SavedAway = (i64, i64, u64, Vec<(String, Big)>);

pub(crate) fn write(content: &Content, state: &State, out: &mut Vec<u8>) {
    let holdings = &state.holdings;
    let wools = content.wools.iter().map(|w| id(&w.title));
    let saved = Saved {
        wools: wools
            .clone()
            .zip(&holdings.wools)
            .map(|(id, s)| (id, Big::of(&s.amount), Big::of(&s.earned)))
            .collect(),
        counts: content.buildings.iter().map(|b| id(&b.title)).zip(holdings.counts.iter().copied()).collect(),
        levels: content.upgrades.iter().map(|u| id(&u.title)).zip(holdings.levels.iter().copied()).collect(),
        stars: Big::of(&holdings.stars),
        prestiges: holdings.prestiges,
        shears: holdings.shears,
        keepsakes: holdings.keepsakes.iter().cloned().collect(),
        opened_ms: state.opened_ms,
        run_ms: state.run_ms,
        settled_ms: state.settled_ms,
        works_until_ms: state.works_until_ms,
        present: state.present,
        hands_free_ms: state.hands_free_ms,
        away: state.away.as_ref().map(|a| {
            (a.from_ms, a.to_ms, a.paid_ms, wools.zip(&a.earned).map(|(id, e)| (id, Big::of(e))).collect())
        }),
        pending: state
            .pending
            .iter()
            .map(|(tag, p)| (*tag, p.keepsake.clone(), p.currency.clone(), p.price, p.asked_ms))
            .collect(),
        next_tag: state.next_tag,
        looks: state.looks,
    };
    out.push(FORMAT);
    rmp_serde::encode::write(out, &saved)
        .expect("strings, integers and bytes always have a MessagePack form");
}

pub(crate) fn read(content: &Content, bytes: &[u8], reading: Reading) -> Result<State, Unreadable> {
    let body = match bytes {
        _ if bytes.len() > SNAPSHOT_BYTES_MAX => return unreadable("it is larger than a farm can be"),
        [FORMAT, body @ ..] => body,
        _ => return unreadable("it does not begin with a known format"),
    };
    let mut reader = rmp_serde::Deserializer::new(body);
    let saved = Saved::deserialize(&mut reader).or_else(|e| unreadable(&e.to_string()))?;
    if !reader.get_ref().is_empty() {
        return unreadable("something stands after its end");
    }

    let wools = saved
        .wools
        .into_iter()
        .map(|(id, amount, earned)| (id, Stock { amount: amount.0, earned: earned.0 }));
    let wools = align(wools.collect(), content.wools.iter().map(|w| &w.title), reading)?;
    let mut counts = align(saved.counts, content.buildings.iter().map(|b| &b.title), reading)?;
    let mut levels = align(saved.levels, content.upgrades.iter().map(|u| &u.title), reading)?;
    limit(&mut counts, content.buildings.iter().map(|b| b.count_max), reading)?;
    limit(&mut levels, content.upgrades.iter().map(|u| u.level_max), reading)?;

    let away = match saved.away {
        None => None,
        Some((from_ms, to_ms, paid_ms, earned)) => {
            let earned = earned.into_iter().map(|(id, big)| (id, big.0)).collect();
            let earned = align(earned, content.wools.iter().map(|w| &w.title), reading)?;
            Some(Away { from_ms, to_ms, paid_ms, earned })
        }
    };

    let keepsakes: BTreeSet<String> = saved.keepsakes.iter().cloned().collect();
    if !saved.keepsakes.iter().eq(&keepsakes) || !keepsakes.iter().all(|id| is_id(id)) {
        return unreadable("its keepsakes are not a sorted list of ids");
    }
    let mut pending = BTreeMap::new();
    for (tag, keepsake, currency, price, asked_ms) in saved.pending {
        let ascends = pending.last_key_value().is_none_or(|(last, _)| *last < tag);
        if !ascends || !is_id(&keepsake) || !is_id(&currency) || !PRICE.contains(&price) {
            return unreadable("its unanswered purchases are not in order");
        }
        pending.insert(tag, Pending { keepsake, currency, price, asked_ms });
    }

    let holdings = Holdings {
        wools,
        counts,
        levels,
        stars: saved.stars.0,
        prestiges: saved.prestiges,
        shears: saved.shears,
        keepsakes,
    };
    Ok(State {
        rates: Rates::of(content, &holdings),
        holdings,
        opened_ms: saved.opened_ms,
        run_ms: saved.run_ms,
        settled_ms: saved.settled_ms,
        works_until_ms: saved.works_until_ms,
        present: saved.present,
        hands_free_ms: saved.hands_free_ms,
        away,
        pending,
        next_tag: saved.next_tag,
        looks: saved.looks,
    })
}

fn unreadable<T>(why: &str) -> Result<T, Unreadable> {
    Err(Unreadable(format!("not a farm's snapshot: {why}")))
}

fn id(title: &Title) -> String {
    title.id.clone()
}

fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    plain && (1..=ID_BYTES_MAX).contains(&text.len())
}

/// Brings values named by ids into the content's order.
fn align<'a, T: Default>(
    saved: Vec<(String, T)>,
    titles: impl Iterator<Item = &'a Title> + Clone,
    reading: Reading,
) -> Result<Vec<T>, Unreadable> {
    if reading == Reading::Strict && !saved.iter().map(|(id, _)| id).eq(titles.clone().map(|t| &t.id)) {
        return unreadable("it was made with other content");
    }
    let mut by_id = BTreeMap::new();
    for (id, value) in saved {
        if by_id.insert(id, value).is_some() {
            return unreadable("an id stands in it twice");
        }
    }
    Ok(titles.map(|title| by_id.remove(&title.id).unwrap_or_default()).collect())
}

fn limit(values: &mut [u32], limits: impl Iterator<Item = u32>, reading: Reading) -> Result<(), Unreadable> {
    for (value, most) in values.iter_mut().zip(limits) {
        if *value > most {
            if reading == Reading::Strict {
                return unreadable("there is more of something than the content allows");
            }
            *value = most;
        }
    }
    Ok(())
}

/// A big number as big-endian bytes without leading zeros; nothing at all is 0.
struct Big(BigUint);

impl Big {
    fn of(number: &BigUint) -> Self {
        Self(number.clone())
    }
}

impl Serialize for Big {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.0 == BigUint::ZERO {
            to.serialize_bytes(&[])
        } else {
            to.serialize_bytes(&self.0.to_bytes_be())
        }
    }
}

impl<'de> Deserialize<'de> for Big {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Big;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes of a number")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Big, E> {
                if bytes.first() == Some(&0) {
                    return Err(E::custom("a number begins with a zero"));
                }
                Ok(Big(BigUint::from_bytes_be(bytes)))
            }
        }
        from.deserialize_bytes(Reader)
    }
}
