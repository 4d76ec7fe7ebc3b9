//! How a farm stands, for ranks and achievements: figures, and the event that tells them.

use std::collections::BTreeMap;

use kernel::{Act, Outbox};
use num_bigint::BigUint;

use crate::content::{Content, Stat};
use crate::magnitude::magnitude;
use crate::rules::OWNER;
use crate::state::State;
use crate::units::MICRO_IN_MILLI;

/// The event's name.
pub const SCORE_EVENT: &str = "farm_score";
/// Between two of them, unless something calls for one.
const SCORE_EVERY_MS: i64 = 60_000;

/// Is it time for one?
pub(crate) fn is_due(state: &State, at_ms: i64) -> bool {
    at_ms.saturating_sub(state.reported_ms) >= SCORE_EVERY_MS
}

/// Emits one.
pub(crate) fn emit(content: &Content, state: &mut State, at_ms: i64, out: &mut Outbox) {
    state.reported_ms = at_ms;
    let properties = properties(content, state);
    out.effect(Act::Event { seat: OWNER, name: SCORE_EVENT.into(), properties });
}

fn properties(content: &Content, state: &State) -> BTreeMap<String, String> {
    let stats = Stat::ALL.map(|stat| (stat.name().to_owned(), figure(content, state, stat).to_string()));
    let mut properties = BTreeMap::from(stats);
    let mut add = |name: &str, value: String| properties.insert(name.to_owned(), value);
    add("week", state.week().to_string());
    add("week_magnitude", magnitude_of_micro(&state.week_earned).to_string());
    add("run_magnitude", figure(content, state, Stat::WorthMagnitude).to_string());
    properties
}

/// A figure as of the last booking, at most 2^63 − 1.
pub(crate) fn figure(content: &Content, state: &State, stat: Stat) -> u64 {
    let holdings = &state.holdings;
    let sum = |list: &[u32]| list.iter().map(|n| u64::from(*n)).sum();
    let figure = match stat {
        Stat::Shears => holdings.shears,
        Stat::Llamas => holdings.llamas(content),
        Stat::Buildings => sum(&holdings.counts),
        Stat::Upgrades => sum(&holdings.levels),
        Stat::Prestiges => u64::from(holdings.prestiges),
        Stat::Stars => u64::try_from(&holdings.stars).unwrap_or(u64::MAX),
        Stat::Wishes => sum(&holdings.wishes),
        Stat::Weaves => holdings.weaves,
        Stat::WorthMagnitude => magnitude_of_micro(&state.worth(content, state.settled_ms)),
        Stat::Returns => state.returns,
    };
    figure.min(i64::MAX.unsigned_abs())
}

fn magnitude_of_micro(worth: &BigUint) -> u64 {
    magnitude(&(worth / MICRO_IN_MILLI))
}
