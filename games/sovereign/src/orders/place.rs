//! Where a nation begins, what it builds, and giving up.

use kernel::Refusal;

use super::tile;
use crate::command::Site;
use crate::tuning::SITES_MAX;
use crate::{Code, Kind, Nation, NationId, Phase, Standing, Tile, War};

/// Places are chosen while the countdown runs; who comes later and has none yet may still choose.
pub(super) fn may_spawn(war: &War, me: &Nation, number: u32) -> Result<(), Refusal> {
    let chooses = match (war.phase, me.standing) {
        (Phase::Choosing(_), _) => true,
        (Phase::War, standing) => standing == Standing::Waiting,
        (Phase::Over(..), _) => false,
    };
    if let Standing::Beaten(_) = me.standing {
        return Err(Code::NotAlive.refusal("your nation is beaten"));
    }
    if !chooses {
        return Err(Code::WrongPhase.refusal("places are no longer chosen"));
    }
    let tile = tile(war, number)?;
    if me.is_alive() && me.home == number {
        return Err(Code::Already.refusal("you have chosen that place"));
    }
    if !war.may_settle(me.id, tile) {
        return Err(Code::NotAPlace.refusal("nobody can begin there: water, taken, or too near to somebody"));
    }
    Ok(())
}

pub(super) fn begin(war: &mut War, me: NationId, number: u32) {
    war.settle(me, Tile(number));
}

/// Own land that fits the building, a number of them that may be, and the gold.
pub(super) fn may_build(war: &War, me: &Nation, site: Site, number: u32) -> Result<(), Refusal> {
    let tile = tile(war, number)?;
    if war.land.owner(tile) != me.id {
        return Err(Code::NotYours.refusal("that land is not yours"));
    }
    if !war.may_build(me.id, site, tile) {
        return Err(
            Code::NotAPlace.refusal("it cannot stand there: too near to another, or a port without a shore")
        );
    }
    if war.index.sites(me.id).iter().map(|count| usize::from(*count)).sum::<usize>() >= SITES_MAX {
        return Err(Code::TooMany.refusal("you have as many buildings as there may be"));
    }
    if me.gold < war.price(me.id, site) {
        return Err(Code::TooLittleGold.refusal("you have not enough gold for that"));
    }
    Ok(())
}

pub(super) fn build(war: &mut War, me: NationId, site: Site, number: u32) {
    war.build(me, site, Tile(number));
}

/// People may give up; a worker that plays a computer's nation may not.
pub(super) fn may_resign(me: &Nation) -> Result<(), Refusal> {
    match me.kind {
        Kind::Player(_) => Ok(()),
        Kind::Tribe | Kind::Rival(_) => Err(Code::NotForThisSeat.refusal("computers do not give up")),
    }
}

pub(super) fn resign(war: &mut War, me: NationId) {
    war.fall(me, NationId::NOBODY);
}
