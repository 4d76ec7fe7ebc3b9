//! A farm as bytes: one byte for the format, then MessagePack arrays (`saved`). Everything is named by its id, so that a
//! farm can move to another edition of the content.
//!
//! **Strict** reading (recovery, replay) takes only what this very content could have written. **Lenient** reading
//! (migration) follows this rule: what the new edition does not know is dropped, and what was paid for it in wool or
//! stars is gone; what is new starts at nothing; counts and levels above a new limit come down to it; keepsakes are
//! never dropped, because they were paid for from the account, and sleep until an edition knows them again. Growth that
//! was not booked at the moment of the migration is booked at the new rates.

mod align;
mod big;
mod saved;

use std::collections::{BTreeMap, BTreeSet};

use kernel::Unreadable;
use serde::Deserialize;

use crate::content::{Content, ID_BYTES_MAX};
use crate::devices::{Device, Devices};
use crate::production::Rates;
use crate::state::{Away, Holdings, Pending, State, Stock, WEAVES_MAX};
use align::{align, limit};
use saved::{More, Saved};

/// Bytes that are looked at.
const SNAPSHOT_BYTES_MAX: usize = 1 << 20;
/// A keepsake's price, as the content bounds it.
const PRICE: std::ops::RangeInclusive<i64> = 1..=1_000_000;

/// The first byte.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Of version 1 of the rules.
    First = 1,
    /// Of version 2: a second array after the first.
    Second = 2,
}

/// How much a reader forgives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    Strict,
    Lenient,
}

pub(crate) fn write(content: &Content, state: &State, format: Format, out: &mut Vec<u8>) {
    out.push(format as u8);
    let form = "strings, integers and bytes always have a MessagePack form";
    rmp_serde::encode::write(out, &Saved::of(content, state)).expect(form);
    if format == Format::Second {
        rmp_serde::encode::write(out, &More::of(content, state)).expect(form);
    }
}

pub(crate) fn read(
    content: &Content,
    bytes: &[u8],
    format: Format,
    reading: Reading,
) -> Result<State, Unreadable> {
    let body = match bytes {
        _ if bytes.len() > SNAPSHOT_BYTES_MAX => return unreadable("it is larger than a farm can be"),
        [first, body @ ..] if *first == format as u8 => body,
        _ => return unreadable("it does not begin with its format"),
    };
    let mut reader = rmp_serde::Deserializer::new(body);
    let saved = Saved::deserialize(&mut reader).or_else(|e| unreadable(&e.to_string()))?;
    let more = match format {
        Format::First => More::before_it(content, &saved),
        Format::Second => More::deserialize(&mut reader).or_else(|e| unreadable(&e.to_string()))?,
    };
    if !reader.get_ref().is_empty() {
        return unreadable("something stands after its end");
    }
    let works_until_ms = saved.works_until_ms;
    let mut state = state(content, saved, more, reading)?;
    match (format, reading) {
        // Version 1 did not light the lantern anew for what came while the owner was away.
        (Format::First, Reading::Strict) => state.works_until_ms = works_until_ms,
        (Format::Second, Reading::Strict) if state.works_until_ms != works_until_ms => {
            return unreadable("its lantern burns for another time than its allowance");
        }
        _ => {}
    }
    Ok(state)
}

fn state(content: &Content, saved: Saved, more: More, reading: Reading) -> Result<State, Unreadable> {
    let wools = saved
        .wools
        .into_iter()
        .map(|(id, amount, earned)| (id, Stock { amount: amount.0, earned: earned.0 }));
    let wools = align(wools.collect(), content.wools.iter().map(|w| &w.title), reading)?;
    let mut counts = align(saved.counts, content.buildings.iter().map(|b| &b.title), reading)?;
    let mut levels = align(saved.levels, content.upgrades.iter().map(|u| &u.title), reading)?;
    limit(&mut counts, content.buildings.iter().map(|b| b.count_max), reading)?;
    limit(&mut levels, content.upgrades.iter().map(|u| u.level_max), reading)?;
    let mut wishes = align(more.wishes, content.wishes.iter().map(|w| &w.title), reading)?;
    limit(&mut wishes, content.wishes.iter().map(|w| w.level_max), reading)?;
    if more.weaves > WEAVES_MAX {
        return unreadable("it has woven more than can be counted");
    }

    let away = match saved.away {
        None => None,
        Some((from_ms, to_ms, paid_ms, earned)) => {
            let earned = earned.into_iter().map(|(id, big)| (id, big.0)).collect();
            let earned = align(earned, content.wools.iter().map(|w| &w.title), reading)?;
            Some(Away { from_ms, to_ms, paid_ms, earned })
        }
    };
    let devices = more
        .devices
        .into_iter()
        .map(|(id, last_n, used_ms, refused)| (id, Device { last_n, used_ms, refused }));
    let Some(devices) = Devices::from_saved(devices) else {
        return unreadable("its devices are not in order");
    };

    let holdings = Holdings {
        wools,
        counts,
        levels,
        wishes,
        stars: saved.stars.0,
        spent: more.spent.0,
        prestiges: saved.prestiges,
        shears: saved.shears,
        weaves: more.weaves,
        keepsakes: keepsakes(saved.keepsakes)?,
    };
    let rates = Rates::at(content, &holdings, saved.settled_ms);
    Ok(State {
        works_until_ms: more.lit_ms.saturating_add(rates.away_ms),
        rates,
        holdings,
        opened_ms: saved.opened_ms,
        run_ms: saved.run_ms,
        settled_ms: saved.settled_ms,
        lit_ms: more.lit_ms,
        present: saved.present,
        hands_free_ms: saved.hands_free_ms,
        away,
        pending: pending(saved.pending)?,
        next_tag: saved.next_tag,
        looks: saved.looks,
        week_earned: more.week_earned.0,
        returns: more.returns,
        returned: more.returned,
        imported: more.imported,
        devices,
        reported_ms: more.reported_ms,
        marked_day: more.marked_day,
    })
}

fn keepsakes(saved: Vec<String>) -> Result<BTreeSet<String>, Unreadable> {
    let keepsakes: BTreeSet<String> = saved.iter().cloned().collect();
    if !saved.iter().eq(&keepsakes) || !keepsakes.iter().all(|id| is_id(id)) {
        return unreadable("its keepsakes are not a sorted list of ids");
    }
    Ok(keepsakes)
}

fn pending(saved: Vec<(u64, String, String, i64, i64)>) -> Result<BTreeMap<u64, Pending>, Unreadable> {
    let mut pending = BTreeMap::new();
    for (tag, keepsake, currency, price, asked_ms) in saved {
        let ascends = pending.last_key_value().is_none_or(|(last, _)| *last < tag);
        if !ascends || !is_id(&keepsake) || !is_id(&currency) || !PRICE.contains(&price) {
            return unreadable("its unanswered purchases are not in order");
        }
        pending.insert(tag, Pending { keepsake, currency, price, asked_ms });
    }
    Ok(pending)
}

fn unreadable<T>(why: &str) -> Result<T, Unreadable> {
    Err(Unreadable(format!("not a farm's snapshot: {why}")))
}

fn is_id(text: &str) -> bool {
    let plain = text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    plain && (1..=ID_BYTES_MAX).contains(&text.len())
}
