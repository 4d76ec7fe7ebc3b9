//! Computer nations: the order of a turn, and whom they fight.

use super::survey::{beaches, neighbours};
use super::temper::Temper;
use super::{against, chance, envoy, fill, grudge, of_all_land, order, per_mille, works};
use crate::command::Command;
use crate::{Kind, Nation, NationId, War};

/// Who has so many thousandths of all land is everybody's enemy.
pub(super) const LEADS: u64 = 350;
/// A nation this full strikes its likeliest enemy whatever the odds.
const BRIMS: u64 = 880;
/// Thousandths of the room for troops that stay at home even against an attack.
const LAST_RESERVE: u64 = 120;
/// Thousandths of the troops that go by boat.
const LANDING: u16 = 250;

/// A turn: remember less, answer others, strike back, spread, fight, sail, build.
pub(super) fn turn(war: &mut War, id: NationId, temper: &Temper) {
    if let Some(me) = war.nation_mut(id) {
        grudge::fade(me);
    }
    let near = neighbours(war, id);
    envoy::turn(war, id, temper, &near);
    works::turn(war, id, &near);
    if strike_back(war, id, temper) {
        return;
    }
    let settling = war.attacks.iter().any(|attack| attack.from == id && attack.on == NationId::NOBODY);
    let wild = near.iter().any(|(who, _)| *who == NationId::NOBODY);
    if wild && !settling && order(war, id, Command::Attack { on: 0, share: temper.settle }) {
        return;
    }
    if fight(war, id, temper, &near) {
        return;
    }
    // Who still spreads at home or has somebody to fight there sails less often.
    let busy = wild || war.attacks.iter().any(|attack| attack.from == id);
    if !busy || chance(war, 6) {
        sail(war, id, temper);
    }
}

/// Sends troops against the strongest attack on it; as many of both fall.
fn strike_back(war: &mut War, id: NationId, temper: &Temper) -> bool {
    let Some(me) = war.nation(id) else { return false };
    let strongest = war
        .attacks
        .iter()
        .filter(|attack| attack.on == id && !attack.retreating)
        .max_by_key(|attack| (attack.troops, std::cmp::Reverse(attack.id)));
    let Some((by, troops)) = strongest.map(|attack| (attack.from, attack.troops)) else { return false };
    let free = me.troops.saturating_sub(war.cap(id) / 1_000 * LAST_RESERVE);
    // A small attack is left to the border.
    if troops.saturating_mul(10) < me.troops {
        return false;
    }
    let meets = troops.saturating_mul(temper.answers) / 1_000;
    let share = per_mille(meets.min(free), me.troops).min(1_000) as u16;
    order(war, id, Command::Attack { on: by.0, share })
}

/// Begins a war with the likeliest enemy beside it, with all but the reserve.
fn fight(war: &mut War, id: NationId, temper: &Temper, near: &[(NationId, u32)]) -> bool {
    let Some(me) = war.nation(id) else { return false };
    let full = fill(war, me);
    if full < temper.ready {
        return false;
    }
    let free = me.troops.saturating_sub(war.cap(id) / 1_000 * temper.reserve);
    let enemies: Vec<NationId> = near
        .iter()
        .filter(|(who, _)| war.nation(*who).is_some_and(|nation| is_enemy(war, me, nation)))
        .map(|(who, _)| *who)
        .collect();
    let mut best: Option<(u64, NationId)> = None;
    for who in enemies {
        let blur = war.dice.below(temper.blur + 1);
        let (Some(me), Some(enemy)) = (war.nation(id), war.nation(who)) else { continue };
        if full < BRIMS && per_mille(free, enemy.troops) < temper.odds && of_all_land(war, who) < LEADS {
            continue;
        }
        let score = desire(war, me, enemy, free, temper.leads) + u64::from(blur);
        if best.is_none_or(|(most, _)| score > most) {
            best = Some((score, who));
        }
    }
    let Some((_, who)) = best else { return false };
    let Some(me) = war.nation(id) else { return false };
    let share = per_mille(free, me.troops).min(1_000) as u16;
    order(war, id, Command::Attack { on: who.0, share })
}

/// May be struck.
fn is_enemy(war: &War, me: &Nation, other: &Nation) -> bool {
    other.is_alive() && other.id != me.id && !war.allied(me.id, other.id) && other.immune_until <= war.step
}

/// How much it wants to fight somebody.
fn desire(war: &War, me: &Nation, enemy: &Nation, free: u64, leads: u64) -> u64 {
    let weak = per_mille(free, enemy.troops).min(3_000) / 6;
    let pressed = if against(war, enemy.id) * 4 > enemy.troops { 80 } else { 0 };
    let traitor = if enemy.traitor_until > war.step { 150 } else { 0 };
    let leading = if of_all_land(war, enemy.id) >= LEADS { leads } else { 0 };
    let easy = if enemy.kind == Kind::Tribe { 120 } else { 0 };
    weak + pressed + traitor + leading + easy + grudge::depth(me, enemy.id)
}

/// Sends a boat to a beach: wild land first, then whoever is weak enough.
fn sail(war: &mut War, id: NationId, temper: &Temper) -> bool {
    let Some(me) = war.nation(id) else { return false };
    let room = war.cap(id);
    if me.troops < room / 1_000 * temper.reserve.min(300) || war.boats.iter().any(|boat| boat.owner == id) {
        return false;
    }
    let sent = me.troops / 1_000 * u64::from(LANDING);
    let worth = |tile: &crate::Tile| {
        let owner = war.land.owner(*tile);
        match war.nation(owner) {
            None => Some((0, tile.0)),
            Some(enemy) if is_enemy(war, me, enemy) && per_mille(sent, enemy.troops) * 3 > temper.odds => {
                Some((1_000 + per_mille(enemy.troops, sent), tile.0))
            }
            Some(_) => None,
        }
    };
    let Some((_, to)) = beaches(war, id).iter().filter_map(worth).min() else { return false };
    order(war, id, Command::Boat { to, share: LANDING })
}
