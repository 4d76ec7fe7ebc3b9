//! Attacks over land, boats over water, and calling either back.

use kernel::Refusal;

use super::{other, tile};
use crate::tuning::{ATTACK_TROOPS_MIN, ATTACKS_MAX, BOATS_MAX};
use crate::{Code, Nation, NationId, Tile, War};

/// The troops at home that a share is.
pub(crate) fn troops_of(me: &Nation, share: u16) -> u64 {
    // At most `troops`: a share is at most 1,000.
    (u128::from(me.troops) * u128::from(share.min(1_000)) / 1_000) as u64
}

/// Enough of them set out.
fn may_send(me: &Nation, share: u16) -> Result<(), Refusal> {
    if !(1..=1_000).contains(&share) {
        return Err(Code::BadAmount.refusal("a share is 1 to 1,000 thousandths"));
    }
    if troops_of(me, share) < ATTACK_TROOPS_MIN {
        return Err(Code::TooFewTroops.refusal("fewer than 10 troops do not set out"));
    }
    Ok(())
}

/// An enemy that may be struck now: somebody else who lives, no ally, not immune. Wild land always may.
fn may_strike(war: &War, me: &Nation, on: NationId) -> Result<(), Refusal> {
    if on == NationId::NOBODY {
        return Ok(());
    }
    let enemy = other(war, me, on)?;
    if war.allied(me.id, on) {
        return Err(Code::Ally.refusal("that is your ally"));
    }
    if enemy.immune_until > war.step {
        return Err(Code::Immune.refusal("it may not be attacked yet"));
    }
    Ok(())
}

pub(super) fn may_attack(war: &War, me: &Nation, on: NationId, share: u16) -> Result<(), Refusal> {
    may_strike(war, me, on)?;
    may_send(me, share)?;
    let mut mine = war.attacks.iter().filter(|attack| attack.from == me.id).peekable();
    if mine.peek().is_some() && mine.clone().count() >= ATTACKS_MAX && mine.all(|attack| attack.on != on) {
        return Err(Code::TooMany.refusal("you have as many attacks as there may be"));
    }
    if !war.touches(me.id, on) {
        return Err(Code::NotReachable.refusal("you have no border with it"));
    }
    Ok(())
}

pub(super) fn attack(war: &mut War, me: NationId, on: NationId, share: u16) {
    let Some(troops) = war.nation(me).map(|nation| troops_of(nation, share)) else { return };
    crate::ai::struck(war, me, on, troops);
    war.attack(me, on, troops);
}

/// The sea way is looked for last: it is what costs most.
pub(super) fn may_boat(war: &War, me: &Nation, to: u32, share: u16) -> Result<(), Refusal> {
    let to = tile(war, to)?;
    if !war.map().is_land(to) {
        return Err(Code::NotAPlace.refusal("boats land on land"));
    }
    may_strike(war, me, war.land.owner(to))?;
    may_send(me, share)?;
    if war.boats.iter().filter(|boat| boat.owner == me.id).count() >= BOATS_MAX {
        return Err(Code::TooMany.refusal("you have as many boats as there may be"));
    }
    let unreachable = || Code::NotReachable.refusal("no boat of yours gets there");
    let beach = war.beach(to).ok_or_else(unreachable)?;
    // The beach may be somebody else's.
    may_strike(war, me, war.land.owner(beach))?;
    // Who has no shore is told so before anybody looks over the whole sea.
    if !war.border(me.id).any(|tile| war.map().is_beach(tile)) {
        return Err(unreachable());
    }
    war.way(me.id, to).map(|_| ()).ok_or_else(unreachable)
}

pub(super) fn boat(war: &mut War, me: NationId, to: u32, share: u16) {
    let Some(troops) = war.nation(me).map(|nation| troops_of(nation, share)) else { return };
    let Some(way) = war.way(me, Tile(to)) else { return };
    if let Some(beach) = way.last() {
        crate::ai::struck(war, me, war.land.owner(Tile(*beach)), troops);
    }
    war.launch(me, way, troops);
}

pub(super) fn may_retreat(war: &War, me: &Nation, id: u32) -> Result<(), Refusal> {
    let attack = war.attacks.iter().find(|attack| attack.id == id);
    let attack = attack.ok_or_else(|| Code::Gone.refusal("there is no such attack"))?;
    if attack.from != me.id {
        return Err(Code::NotYours.refusal("that attack is not yours"));
    }
    if attack.retreating {
        return Err(Code::Already.refusal("it was called back already"));
    }
    Ok(())
}

pub(super) fn retreat(war: &mut War, id: u32) {
    war.retreat(id);
}

pub(super) fn may_turn_back(war: &War, me: &Nation, id: u32) -> Result<(), Refusal> {
    let boat = war.boats.iter().find(|boat| boat.id == id);
    let boat = boat.ok_or_else(|| Code::Gone.refusal("there is no such boat"))?;
    if boat.owner != me.id {
        return Err(Code::NotYours.refusal("that boat is not yours"));
    }
    if boat.turned {
        return Err(Code::Already.refusal("it goes home already"));
    }
    Ok(())
}

pub(super) fn turn_back(war: &mut War, id: u32) {
    war.turn_back(id);
}
