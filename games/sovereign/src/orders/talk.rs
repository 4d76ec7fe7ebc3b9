//! Alliances asked for, made, renewed and broken; gifts; signs.

use kernel::Refusal;

use super::{other, tile};
use crate::diplomacy::pair;
use crate::news::Notice;
use crate::tuning::{ASKS_MAX, RENEW_STEPS, SIGN_MAX};
use crate::{Code, Nation, NationId, War};

/// Somebody who makes alliances: tribes do not.
fn may_deal(nation: &Nation) -> Result<(), Refusal> {
    if !nation.deals() {
        return Err(Code::NotForThisSeat.refusal("wild tribes make no alliances"));
    }
    Ok(())
}

pub(super) fn may_ally(war: &War, me: &Nation, with: NationId) -> Result<(), Refusal> {
    may_deal(me)?;
    may_deal(other(war, me, with)?)?;
    if let Some(pact) = war.pacts.get(&pair(me.id, with)) {
        let wishes = if me.id < with { pact.renew.0 } else { pact.renew.1 };
        if wishes || pact.until.saturating_sub(war.step) > RENEW_STEPS {
            return Err(Code::Already.refusal("you are allies; renew in the last 30 seconds"));
        }
        return Ok(());
    }
    if war.bans.contains_key(&pair(me.id, with)) {
        return Err(Code::NotYet.refusal("a no or a vote stands between you for a while"));
    }
    if war.asks.contains_key(&(me.id, with)) {
        return Err(Code::Already.refusal("you have asked; wait for the answer"));
    }
    let asked = !war.asks.contains_key(&(with, me.id));
    if asked && war.asks.range((me.id, NationId(0))..=(me.id, NationId(u16::MAX))).count() >= ASKS_MAX {
        return Err(Code::TooMany.refusal("you have asked as many as you may"));
    }
    Ok(())
}

pub(super) fn ally(war: &mut War, me: NationId, with: NationId) {
    if war.allied(me, with) {
        war.renew(me, with);
    } else if war.asks.contains_key(&(with, me)) {
        war.ally(me, with);
    } else {
        war.ask(me, with);
    }
}

pub(super) fn may_decline(war: &War, me: &Nation, from: NationId) -> Result<(), Refusal> {
    if !war.asks.contains_key(&(from, me.id)) {
        return Err(Code::Gone.refusal("it does not ask for an alliance"));
    }
    Ok(())
}

pub(super) fn decline(war: &mut War, me: NationId, from: NationId) {
    war.decline(me, from);
}

/// Allies of each other.
fn pact(war: &War, me: &Nation, with: NationId) -> Result<(), Refusal> {
    other(war, me, with)?;
    if !war.allied(me.id, with) {
        return Err(Code::Gone.refusal("you are no allies"));
    }
    Ok(())
}

pub(super) fn may_break(war: &War, me: &Nation, with: NationId) -> Result<(), Refusal> {
    pact(war, me, with)
}

pub(super) fn break_with(war: &mut War, me: NationId, with: NationId) {
    war.betray(me, with);
}

/// Only what one has, and only what the other has room for: nothing is lost on the way.
pub(super) fn may_donate(
    war: &War,
    me: &Nation,
    to: NationId,
    troops: u64,
    gold: u64,
) -> Result<(), Refusal> {
    pact(war, me, to)?;
    if troops == 0 && gold == 0 {
        return Err(Code::BadAmount.refusal("that gives nothing"));
    }
    if troops > me.troops {
        return Err(Code::TooFewTroops.refusal("you have fewer troops than that"));
    }
    if gold > me.gold {
        return Err(Code::TooLittleGold.refusal("you have less gold than that"));
    }
    let fits = other(war, me, to)?;
    let full = fits.troops.checked_add(troops).is_none_or(|sum| troops > 0 && sum > war.cap(to));
    if full || fits.gold.checked_add(gold).is_none() {
        return Err(Code::BadAmount.refusal("your ally has no room for so many troops"));
    }
    Ok(())
}

pub(super) fn donate(war: &mut War, me: NationId, to: NationId, troops: u64, gold: u64) {
    if let Some(giver) = war.nation_mut(me) {
        giver.troops -= troops;
        giver.gold -= gold;
    }
    if let Some(taker) = war.nation_mut(to) {
        taker.troops += troops;
        taker.gold += gold;
    }
    war.news.nations.insert(me.0);
    war.news.nations.insert(to.0);
    war.news.notices.push(Notice::Gave(me.0, to.0, troops, gold));
}

pub(super) fn may_ping(war: &War, number: u32, sign: u8) -> Result<(), Refusal> {
    tile(war, number)?;
    if sign > SIGN_MAX {
        return Err(Code::BadAmount.refusal("a sign is 0 to 7"));
    }
    Ok(())
}

pub(super) fn ping(war: &mut War, me: NationId, tile: u32, sign: u8) {
    war.news.notices.push(Notice::Ping(me.0, tile, sign));
}
