//! Alliances and votes of computer nations.

use super::rival::LEADS;
use super::temper::Temper;
use super::{chance, fill, grudge, of_all_land, order};
use crate::command::{Command, MotionKind};
use crate::diplomacy::pair;
use crate::tuning::RENEW_STEPS;
use crate::{Nation, NationId, War};

/// A grudge deeper than this stands against any alliance.
const UNFORGIVEN: u64 = 150;
/// A nation without enemies breaks its word when it is this full.
const RESTLESS: u64 = 800;

/// Answers who asks, votes, renews what is useful, asks a neighbour now and then.
pub(super) fn turn(war: &mut War, id: NationId, temper: &Temper, near: &[(NationId, u32)]) {
    answer(war, id, temper);
    vote(war, id);
    renew(war, id, near);
    if chance(war, 12) {
        ask(war, id, temper, near);
    }
    if temper.schemes && chance(war, 8) {
        scheme(war, id, near);
    }
}

/// Somebody whom it would have beside it: no traitor, nobody who leads, nobody it resents.
fn is_trusted(war: &War, me: &Nation, other: &Nation) -> bool {
    other.deals()
        && other.is_alive()
        && other.traitor_until <= war.step
        && of_all_land(war, other.id) < LEADS
        && of_all_land(war, me.id) < LEADS
        && grudge::depth(me, other.id) < UNFORGIVEN
}

/// Says yes or no to all who ask.
fn answer(war: &mut War, id: NationId, temper: &Temper) {
    let asking: Vec<NationId> = war.asks.keys().filter(|(_, to)| *to == id).map(|(from, _)| *from).collect();
    for from in asking {
        let (Some(me), Some(other)) = (war.nation(id), war.nation(from)) else { continue };
        // One that is much weaker is no help, it is land.
        let useful = other.troops.saturating_mul(3) > me.troops;
        let yes = useful && is_trusted(war, me, other) && war.allies(id).count() < temper.allies;
        let answer = if yes { Command::Ally { with: from.0 } } else { Command::Decline { from: from.0 } };
        order(war, id, answer);
    }
}

/// Asks a neighbour that is strong enough to be worth it, and that it does not fight.
fn ask(war: &mut War, id: NationId, temper: &Temper, near: &[(NationId, u32)]) {
    if war.allies(id).count() >= temper.allies {
        return;
    }
    let fights = |other: NationId| {
        war.attacks.iter().any(|attack| pair(attack.from, attack.on) == pair(id, other) && !attack.retreating)
    };
    let Some(me) = war.nation(id) else { return };
    let worth =
        |other: &&Nation| is_trusted(war, me, other) && other.troops >= me.troops && !fights(other.id);
    let strongest = near
        .iter()
        .filter_map(|(who, _)| war.nation(*who))
        .filter(worth)
        .max_by_key(|other| (other.troops, other.id));
    // Somebody must be left to fight.
    let enemies = near.iter().filter(|(who, _)| !war.allied(id, *who)).count();
    if let Some(with) = strongest.filter(|_| enemies > 1).map(|other| other.id.0) {
        order(war, id, Command::Ally { with });
    }
}

/// Wishes to go on with allies that it still trusts, as long as others are left to fight.
fn renew(war: &mut War, id: NationId, near: &[(NationId, u32)]) {
    let ending = |with: &NationId| {
        war.pacts.get(&pair(id, *with)).is_some_and(|pact| pact.until.saturating_sub(war.step) <= RENEW_STEPS)
    };
    let ending: Vec<NationId> = war.allies(id).filter(ending).collect();
    let enemies = near.iter().any(|(who, _)| !war.allied(id, *who));
    for with in ending {
        let (Some(me), Some(other)) = (war.nation(id), war.nation(with)) else { continue };
        if enemies && is_trusted(war, me, other) {
            order(war, id, Command::Ally { with: with.0 });
        }
    }
}

/// Votes on what waits for its vote.
fn vote(war: &mut War, id: NationId) {
    let open = |motion: &&crate::Motion| motion.voters.contains(&(id, None));
    let open: Vec<_> =
        war.motions.iter().filter(open).map(|motion| (motion.id, motion.kind, motion.about)).collect();
    for (motion, kind, about) in open {
        let (Some(me), Some(other)) = (war.nation(id), war.nation(about)) else { continue };
        let resents = grudge::depth(me, about) > 0 || other.traitor_until > war.step;
        let leads = of_all_land(war, about) >= LEADS;
        let yes = match kind {
            MotionKind::War => leads || resents || !war.allied(id, about) && other.troops < me.troops,
            MotionKind::Peace => !leads && grudge::depth(me, about) < UNFORGIVEN,
            MotionKind::Expel => leads || resents,
        };
        order(war, id, Command::Vote { motion, yes });
    }
}

/// Calls its allies to war against who leads; turns on its weakest ally when nobody else is left beside it.
fn scheme(war: &mut War, id: NationId, near: &[(NationId, u32)]) {
    let leader = war.nations.iter().filter(|nation| nation.is_alive() && nation.id != id);
    let leader = leader.map(|nation| (of_all_land(war, nation.id), nation.id)).max();
    if let Some((land, about)) = leader.filter(|(land, _)| *land >= LEADS)
        && land > of_all_land(war, id)
    {
        order(war, id, Command::Move { motion: MotionKind::War, about: about.0 });
    }
    let Some(me) = war.nation(id) else { return };
    let alone = near.iter().all(|(who, _)| war.allied(id, *who));
    if alone && fill(war, me) >= RESTLESS {
        let weakest =
            near.iter().filter_map(|(who, _)| war.nation(*who)).min_by_key(|other| (other.troops, other.id));
        let weakest =
            weakest.filter(|other| other.troops.saturating_mul(2) < me.troops).map(|other| other.id.0);
        if let Some(with) = weakest {
            order(war, id, Command::Break { with });
        }
    }
}
