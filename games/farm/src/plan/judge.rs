//! Yes, with every number worked out; or no, and why.

use kernel::Refusal;
use num_bigint::BigUint;

use super::Plan;
use crate::command::{BUY_COUNT_MAX, CRAFT_COUNT_MAX, Count, SHEAR_COUNT_MAX};
use crate::content::Content;
use crate::cost::pays;
use crate::refusals;
use crate::state::{Pending, State};
use crate::units::MICRO;

/// How long a purchase keeps the same one from being asked for again. An answer comes within milliseconds; it never
/// comes if the room was rewound to a moment between question and answer. One that comes later still counts, and
/// if the keepsake is there by then the money goes back.
const ANSWER_MS_MAX: i64 = 60_000;
/// Purchases without an answer.
const PENDING_MAX: usize = 64;

fn not_enough() -> Refusal {
    Refusal::new(refusals::NOT_ENOUGH, "there is not enough wool for it")
}

fn locked() -> Refusal {
    refusals::general(refusals::LOCKED)
}

/// The count as a number from 1 to `most`; `None` for as many as possible.
fn within(count: Count, most: u64) -> Result<Option<u64>, Refusal> {
    match count {
        Count::Max => Ok(None),
        Count::Exactly(count) if (1..=most).contains(&count) => Ok(Some(count)),
        Count::Exactly(_) => {
            Err(Refusal::new(refusals::BAD_COUNT, format!("the count must be from 1 to {most}")))
        }
    }
}

pub(super) fn shear(content: &Content, state: &State, hands_ms: i64, count: u64) -> Result<Plan, Refusal> {
    within(Count::Exactly(count), u64::from(SHEAR_COUNT_MAX))?;
    // In bounds by the line before.
    let count = u32::try_from(count).unwrap_or(SHEAR_COUNT_MAX);
    let interval = i64::from(content.shear.interval_ms);
    // Each shear books one interval of the hands' time; they may be booked a burst ahead.
    let hands_free_ms = state.hands_free_ms.max(hands_ms).saturating_add(interval * i64::from(count));
    if hands_free_ms > hands_ms.saturating_add(interval * i64::from(content.shear.burst)) {
        return Err(refusals::general(refusals::TOO_FAST));
    }
    Ok(Plan::Shear { count, hands_free_ms })
}

pub(super) fn buy(
    content: &Content,
    state: &State,
    at_ms: i64,
    index: usize,
    count: Count,
) -> Result<Plan, Refusal> {
    let wanted = within(count, u64::from(BUY_COUNT_MAX))?;
    let building = &content.buildings[index];
    let owned = state.holdings.counts[index];
    let room = u64::from(building.count_max.saturating_sub(owned));
    if room < wanted.unwrap_or(1) {
        return Err(Refusal::new(refusals::AT_LIMIT, format!("at most {} of these", building.count_max)));
    }
    if !state.holdings.meets(&building.needs) {
        return Err(locked());
    }
    let purse = state.purse(content, at_ms);
    // Both are at most `BUY_COUNT_MAX`.
    let most = u32::try_from(wanted.unwrap_or(room.min(u64::from(BUY_COUNT_MAX)))).unwrap_or(BUY_COUNT_MAX);
    let (count, bill) = building.price.most(owned, most, &purse);
    if count == 0 || wanted.is_some() && count < most {
        return Err(not_enough());
    }
    Ok(Plan::Buy { building: index, count, bill })
}

pub(super) fn upgrade(content: &Content, state: &State, at_ms: i64, index: usize) -> Result<Plan, Refusal> {
    let upgrade = &content.upgrades[index];
    let level = state.holdings.levels[index];
    if level >= upgrade.level_max {
        return Err(Refusal::new(refusals::AT_LIMIT, format!("at most level {}", upgrade.level_max)));
    }
    if !state.holdings.meets(&upgrade.needs) {
        return Err(locked());
    }
    let bill = upgrade.price.next(level);
    if !pays(&state.purse(content, at_ms), &bill) {
        return Err(not_enough());
    }
    Ok(Plan::Upgrade { upgrade: index, bill })
}

pub(super) fn craft(
    content: &Content,
    state: &State,
    at_ms: i64,
    index: usize,
    count: Count,
) -> Result<Plan, Refusal> {
    let wanted = within(count, CRAFT_COUNT_MAX)?.map(BigUint::from);
    let recipe = &content.recipes[index];
    if !state.holdings.meets(&recipe.needs) {
        return Err(locked());
    }
    let purse = state.purse(content, at_ms);
    let possible =
        recipe.from.iter().map(|(wool, each)| &purse[*wool] / (BigUint::from(*each) * MICRO)).min();
    // Content lets no recipe be without `from`.
    let possible = possible.unwrap_or_default();
    let times = wanted.unwrap_or_else(|| possible.clone());
    if times > possible || times == BigUint::ZERO {
        return Err(not_enough());
    }
    Ok(Plan::Craft { recipe: index, times })
}

pub(super) fn prestige(content: &Content, state: &State, at_ms: i64) -> Result<Plan, Refusal> {
    if !state.holdings.meets(&content.prestige.needs) {
        return Err(Refusal::new(refusals::NOT_READY, "the farm does not have what the stars ask for"));
    }
    let stars = state.gain(content, at_ms);
    if stars == BigUint::ZERO {
        return Err(Refusal::new(refusals::NOT_READY, "the farm has not earned a star yet"));
    }
    Ok(Plan::Prestige { stars })
}

pub(super) fn wish(content: &Content, state: &State, index: usize) -> Result<Plan, Refusal> {
    let wish = &content.wishes[index];
    let level = state.holdings.wishes[index];
    if level >= wish.level_max {
        return Err(Refusal::new(refusals::AT_LIMIT, format!("at most level {}", wish.level_max)));
    }
    if !state.holdings.meets_wishes(&wish.needs) {
        return Err(locked());
    }
    let stars = wish.stars(level);
    if stars > state.holdings.free_stars() {
        return Err(Refusal::new(refusals::NOT_ENOUGH, "there are not enough stars for it"));
    }
    Ok(Plan::Wish { wish: index, stars })
}

pub(super) fn keepsake(content: &Content, state: &State, at_ms: i64, index: usize) -> Result<Plan, Refusal> {
    let id = &content.keepsakes[index].title.id;
    if state.holdings.keepsakes.contains(id) {
        return Err(Refusal::new(refusals::OWNED, "it is already yours"));
    }
    let waiting = |p: &Pending| p.keepsake == *id && at_ms < p.asked_ms.saturating_add(ANSWER_MS_MAX);
    if state.pending.len() >= PENDING_MAX || state.pending.values().any(waiting) {
        return Err(Refusal::new(refusals::WAITING, "it is being paid for"));
    }
    Ok(Plan::Keepsake { keepsake: index })
}
