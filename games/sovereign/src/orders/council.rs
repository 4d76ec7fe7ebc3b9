//! Motions that allies vote on.

use kernel::Refusal;

use super::other;
use crate::command::MotionKind;
use crate::tuning::{MOTIONS_MAX, MOVED_MAX};
use crate::{Code, Nation, NationId, War};

pub(super) fn may_move(war: &War, me: &Nation, kind: MotionKind, about: NationId) -> Result<(), Refusal> {
    other(war, me, about)?;
    let allied = war.allied(me.id, about);
    match kind {
        MotionKind::Expel if !allied => return Err(Code::Gone.refusal("it is not one of your allies")),
        MotionKind::Peace if allied => return Err(Code::Ally.refusal("you are at peace with your ally")),
        MotionKind::War | MotionKind::Peace | MotionKind::Expel => {}
    }
    let vote = |motion: &&crate::Motion| motion.voters.iter().any(|(voter, _)| *voter == me.id);
    let mine = war.motions.iter().filter(vote);
    if mine.clone().any(|motion| motion.kind == kind && motion.about == about) {
        return Err(Code::Already.refusal("that is being voted on"));
    }
    if mine.clone().count() >= MOTIONS_MAX || mine.filter(|motion| motion.by == me.id).count() >= MOVED_MAX {
        return Err(Code::TooMany.refusal("as many motions as there may be wait for votes"));
    }
    if war.voters(me.id, about).len() < 2 {
        return Err(Code::Gone.refusal("you have no allies who could vote"));
    }
    Ok(())
}

pub(super) fn put(war: &mut War, me: NationId, kind: MotionKind, about: NationId) {
    war.put(me, kind, about);
}

pub(super) fn may_vote(war: &War, me: &Nation, id: u32) -> Result<(), Refusal> {
    let motion = war.motions.iter().find(|motion| motion.id == id);
    let motion = motion.ok_or_else(|| Code::Gone.refusal("there is no such motion, or it is decided"))?;
    match motion.voters.iter().find(|(voter, _)| *voter == me.id) {
        None => Err(Code::NotYours.refusal("you have no vote on that")),
        Some((_, Some(_))) => Err(Code::Already.refusal("you have voted")),
        Some((_, None)) => Ok(()),
    }
}

pub(super) fn vote(war: &mut War, me: NationId, id: u32, yes: bool) {
    war.vote(me, id, yes);
}
