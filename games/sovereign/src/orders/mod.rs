//! Whether a command may be given, and what it does. Each check looks only, so that what is refused has changed nothing;
//! computers give their orders through the same checks.
//!
//! | file | orders |
//! | --- | --- |
//! | `rate.rs` | how many a seat may give |
//! | `place.rs` | where a nation begins, what it builds, giving up |
//! | `fight.rs` | attacks and boats |
//! | `talk.rs` | alliances, gifts, signs |
//! | `council.rs` | motions and votes |

mod council;
mod fight;
mod place;
pub(crate) mod rate;
mod talk;
#[cfg(test)]
pub(crate) mod tests;

use kernel::{Refusal, Seat};

use crate::command::Command;
use crate::{Code, Kind, Nation, NationId, Phase, Standing, War};

/// May this seat come in? Who has a nation always may; others while a seat is free and the war goes on.
pub(crate) fn may_join(war: &War, seat: Seat) -> Result<(), Refusal> {
    if seat >= Seat::SERVED_FIRST {
        return Err(Code::NotForThisSeat.refusal("that seat is a computer's"));
    }
    if war.of_seat(seat).is_some() {
        return Ok(());
    }
    if matches!(war.phase, Phase::Over(..)) {
        return Err(Code::Full.refusal("the war is over"));
    }
    let people = war.nations.iter().filter(|nation| matches!(nation.kind, Kind::Player(_))).count();
    if people >= usize::from(war.setup().seats) {
        return Err(Code::Full.refusal("all seats are taken"));
    }
    Ok(())
}

/// May this seat give this command now?
pub(crate) fn check(war: &War, seat: Seat, command: &Command) -> Result<(), Refusal> {
    let me = war.of_seat(seat).ok_or_else(|| Code::NotAlive.refusal("you have no nation in this war"))?;
    rate::check(me, war.step)?;
    may(war, me.id, command)
}

/// Does it. [`check`] has said yes. A computer's seat that speaks is left to its worker for a while.
pub(crate) fn act(war: &mut War, seat: Seat, command: Command) {
    let Some(me) = war.of_seat(seat).map(|nation| nation.id) else { return };
    let step = war.step;
    if let Some(nation) = war.nation_mut(me) {
        rate::spend(nation, step);
        if matches!(nation.kind, Kind::Rival(_)) {
            nation.served_until = step.saturating_add(crate::tuning::SERVED_STEPS);
        }
    }
    carry_out(war, me, command);
}

/// May this nation do that now, however often it has spoken?
pub(crate) fn may(war: &War, id: NationId, command: &Command) -> Result<(), Refusal> {
    let me = war.nation(id).ok_or_else(|| Code::NotAlive.refusal("there is no such nation"))?;
    if let Command::Spawn { tile } = *command {
        return place::may_spawn(war, me, tile);
    }
    match war.phase {
        Phase::War => {}
        Phase::Choosing(_) => return Err(Code::WrongPhase.refusal("the war has not begun")),
        Phase::Over(..) => return Err(Code::WrongPhase.refusal("the war is over")),
    }
    match me.standing {
        Standing::Alive => {}
        Standing::Waiting => return Err(Code::NotAlive.refusal("your nation has no place yet")),
        Standing::Beaten(_) => return Err(Code::NotAlive.refusal("your nation is beaten")),
    }
    match *command {
        Command::Spawn { tile } => place::may_spawn(war, me, tile),
        Command::Attack { on, share } => fight::may_attack(war, me, NationId(on), share),
        Command::Boat { to, share } => fight::may_boat(war, me, to, share),
        Command::Retreat { attack } => fight::may_retreat(war, me, attack),
        Command::TurnBack { boat } => fight::may_turn_back(war, me, boat),
        Command::Build { site, tile } => place::may_build(war, me, site, tile),
        Command::Ally { with } => talk::may_ally(war, me, NationId(with)),
        Command::Decline { from } => talk::may_decline(war, me, NationId(from)),
        Command::Break { with } => talk::may_break(war, me, NationId(with)),
        Command::Donate { to, troops, gold } => talk::may_donate(war, me, NationId(to), troops, gold),
        Command::Ping { tile, sign } => talk::may_ping(war, tile, sign),
        Command::Move { motion, about } => council::may_move(war, me, motion, NationId(about)),
        Command::Vote { motion, .. } => council::may_vote(war, me, motion),
        Command::Resign => place::may_resign(me),
    }
}

/// Does it. [`may`] has said yes.
pub(crate) fn carry_out(war: &mut War, me: NationId, command: Command) {
    match command {
        Command::Spawn { tile } => place::begin(war, me, tile),
        Command::Attack { on, share } => fight::attack(war, me, NationId(on), share),
        Command::Boat { to, share } => fight::boat(war, me, to, share),
        Command::Retreat { attack } => fight::retreat(war, attack),
        Command::TurnBack { boat } => fight::turn_back(war, boat),
        Command::Build { site, tile } => place::build(war, me, site, tile),
        Command::Ally { with } => talk::ally(war, me, NationId(with)),
        Command::Decline { from } => talk::decline(war, me, NationId(from)),
        Command::Break { with } => talk::break_with(war, me, NationId(with)),
        Command::Donate { to, troops, gold } => talk::donate(war, me, NationId(to), troops, gold),
        Command::Ping { tile, sign } => talk::ping(war, me, tile, sign),
        Command::Move { motion, about } => council::put(war, me, motion, NationId(about)),
        Command::Vote { motion, yes } => council::vote(war, me, motion, yes),
        Command::Resign => place::resign(war, me),
    }
}

/// Another nation that lives: whom one attacks, asks or gives to.
fn other<'a>(war: &'a War, me: &Nation, id: NationId) -> Result<&'a Nation, Refusal> {
    if id == me.id {
        return Err(Code::Yourself.refusal("that is your own nation"));
    }
    war.nation(id)
        .filter(|nation| nation.is_alive())
        .ok_or_else(|| Code::NoSuchNation.refusal("there is no such nation, or it is beaten"))
}

/// A tile of the map.
fn tile(war: &War, number: u32) -> Result<crate::Tile, Refusal> {
    war.map().tile(number).ok_or_else(|| Code::NoSuchTile.refusal("that tile is not on the map"))
}
