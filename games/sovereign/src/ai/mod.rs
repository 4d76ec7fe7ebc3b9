//! How computers play: heuristics over what a player could see as well, inside the rules (every order goes through
//! [`orders::may`](crate::orders::may)), by the war's own dice. Turns are staggered, so that a step has few of them.
//!
//! | file | idea |
//! | --- | --- |
//! | `survey.rs` | what a nation sees around it; workers are shown the same |
//! | `temper.rs` | numbers of each difficulty |
//! | `tribe.rs` | wild tribes: they grow and strike at whoever is near |
//! | `rival.rs` | computer nations: the order of a turn, and whom they fight |
//! | `envoy.rs` | their alliances and votes |
//! | `works.rs` | what they build, and where |
//! | `grudge.rs` | what they remember of whom |

mod envoy;
mod grudge;
mod rival;
pub(crate) mod survey;
mod temper;
#[cfg(test)]
mod tests;
mod tribe;
mod works;

pub(crate) use grudge::{betrayed, struck};

use crate::command::Command;
use crate::{Kind, Nation, NationId, Phase, War, orders};

/// A number without a common factor spreads neighbours in the list over the time between two turns.
const SPREAD: u32 = 37;

/// The turns of this step. A nation that a worker plays is left to it.
pub(crate) fn think(war: &mut War) {
    if war.phase != Phase::War {
        return;
    }
    let step = war.step;
    let temper = temper::of(war.setup().difficulty).at(step);
    for place in 0..war.nations.len() {
        let nation = &war.nations[place];
        let every = match nation.kind {
            Kind::Player(_) => continue,
            Kind::Tribe => temper::TRIBE_EVERY,
            Kind::Rival(_) => temper.every,
        };
        let id = nation.id;
        if !nation.is_alive()
            || !war.is_turn(u32::from(id.0) * SPREAD, step, every)
            || nation.served_until > step
        {
            continue;
        }
        match nation.kind {
            Kind::Tribe => tribe::turn(war, id),
            _ => rival::turn(war, id, &temper),
        }
    }
}

/// Gives an order if the rules allow it, and says whether they did.
fn order(war: &mut War, id: NationId, command: Command) -> bool {
    if orders::may(war, id, &command).is_err() {
        return false;
    }
    orders::carry_out(war, id, command);
    true
}

/// One in so many times.
fn chance(war: &mut War, one_in: u32) -> bool {
    war.dice.below(one_in) == 0
}

/// Troops at home in thousandths of what the nation has room for.
fn fill(war: &War, me: &Nation) -> u64 {
    per_mille(me.troops, war.cap(me.id))
}

/// `part` of `whole` in thousandths.
fn per_mille(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1_000 / u128::from(whole.max(1))).unwrap_or(u64::MAX)
}

/// A nation's part of all land in thousandths.
fn of_all_land(war: &War, id: NationId) -> u64 {
    per_mille(war.nation(id).map_or(0, |nation| nation.tiles.into()), war.map().land().into())
}

/// Troops that are sent against a nation now.
fn against(war: &War, id: NationId) -> u64 {
    war.attacks
        .iter()
        .filter(|attack| attack.on == id && !attack.retreating)
        .map(|attack| attack.troops)
        .sum()
}
