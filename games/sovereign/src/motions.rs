//! What allies decide together: a motion is put to the one who moves it and to that nation's allies. It is carried when
//! more than half of them have voted and most votes are for it; votes are counted at the deadline, or as soon as those that
//! are missing can change nothing.
//!
//! A decision binds those who could vote and nobody else. So a peace is an offer: they stop, and the nation, which had no
//! vote, stops by accepting. Otherwise whoever is attacked could vote every attack away.

use crate::command::MotionKind;
use crate::diplomacy::pair;
use crate::news::Notice;
use crate::state::Motion;
use crate::tuning::{BAN_STEPS, MOTION_STEPS};
use crate::{Nation, NationId, War};

/// How a vote stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Count {
    /// The missing votes may still decide.
    Open,
    /// It is carried or not, whatever comes.
    Decided(bool),
}

/// Counts votes: of how many who may vote, for it, against it, and whether the time is over.
fn count(voters: usize, yes: usize, no: usize, late: bool) -> Count {
    if yes * 2 > voters {
        Count::Decided(true)
    } else if no * 2 >= voters {
        Count::Decided(false)
    } else if late || yes + no == voters {
        Count::Decided((yes + no) * 2 > voters && yes > no)
    } else {
        Count::Open
    }
}

/// Counts what is due.
pub(crate) fn pass(war: &mut War) {
    let ids: Vec<u32> = war.motions.iter().map(|motion| motion.id).collect();
    ids.into_iter().for_each(|id| war.decide(id));
}

impl War {
    /// Who may vote on a motion of this nation about another: itself and its allies without that other, in order.
    pub(crate) fn voters(&self, by: NationId, about: NationId) -> Vec<NationId> {
        let mut voters: Vec<NationId> = self.allies(by).filter(|ally| *ally != about).collect();
        voters.push(by);
        voters.sort();
        voters
    }

    /// Puts a motion to the vote; who moves it is for it.
    pub(crate) fn put(&mut self, by: NationId, kind: MotionKind, about: NationId) {
        let voters =
            self.voters(by, about).into_iter().map(|voter| (voter, (voter == by).then_some(true))).collect();
        let until = self.step.saturating_add(MOTION_STEPS);
        let id = self.next;
        self.next += 1;
        self.motions.push(Motion { id, by, kind, about, voters, until });
        self.news.motions.insert(id);
    }

    /// A vote, which may decide.
    pub(crate) fn vote(&mut self, me: NationId, id: u32, yes: bool) {
        let motion = self.motions.iter_mut().find(|motion| motion.id == id);
        let vote = motion.and_then(|motion| motion.voters.iter_mut().find(|(voter, _)| *voter == me));
        if let Some((_, vote)) = vote {
            *vote = Some(yes);
            self.news.motions.insert(id);
            self.decide(id);
        }
    }

    /// Ends a motion if it is decided. Only the living count; one about a beaten nation falls.
    fn decide(&mut self, id: u32) {
        let Some(place) = self.motions.iter().position(|motion| motion.id == id) else { return };
        let motion = &self.motions[place];
        let alive = |id: NationId| self.nation(id).is_some_and(Nation::is_alive);
        let votes = || motion.voters.iter().filter(|(voter, _)| alive(*voter)).map(|(_, vote)| *vote);
        let of = |wanted: bool| votes().filter(|vote| *vote == Some(wanted)).count();
        let late = motion.until <= self.step;
        let counted = if alive(motion.about) {
            count(votes().count(), of(true), of(false), late)
        } else {
            Count::Decided(false)
        };
        let Count::Decided(carried) = counted else { return };
        let motion = self.motions.remove(place);
        self.news.motions.insert(id);
        self.news.notices.push(Notice::Decided(id, carried));
        if carried {
            self.enact(&motion);
        }
    }

    /// What was decided takes effect for all who could vote.
    fn enact(&mut self, motion: &Motion) {
        let about = motion.about;
        for (voter, _) in &motion.voters {
            let voter = *voter;
            if !self.nation(voter).is_some_and(Nation::is_alive) {
                continue;
            }
            match motion.kind {
                MotionKind::War => {
                    self.part(voter, about);
                    self.bans.insert(pair(voter, about), self.step.saturating_add(BAN_STEPS));
                    let asks = [(voter, about), (about, voter)];
                    let gone = asks.iter().filter(|ask| self.asks.remove(ask).is_some()).count();
                    self.news.asks |= gone > 0;
                }
                MotionKind::Peace => {
                    self.cease(voter, about);
                    self.call_boats_back(voter, about);
                    if !self.nation(about).is_some_and(Nation::deals) {
                        continue;
                    }
                    if self.asks.contains_key(&(about, voter)) {
                        self.ally(voter, about);
                    } else if !self.allied(voter, about) && !self.bans.contains_key(&pair(voter, about)) {
                        self.ask(voter, about);
                    }
                }
                MotionKind::Expel => self.part(voter, about),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, count};

    #[test]
    fn votes_are_counted() {
        use Count::{Decided, Open};
        // voters, yes, no, late, what
        let table = [
            (2, 1, 0, false, Open),
            (2, 2, 0, false, Decided(true)),
            (2, 1, 1, false, Decided(false)),
            (2, 1, 0, true, Decided(false)),
            (3, 1, 0, true, Decided(false)),
            (3, 2, 0, false, Decided(true)),
            (3, 1, 1, false, Open),
            (3, 1, 1, true, Decided(false)),
            (5, 2, 1, false, Open),
            (5, 2, 1, true, Decided(true)),
            (5, 2, 0, true, Decided(false)),
            (4, 1, 2, false, Decided(false)),
            (4, 2, 1, true, Decided(true)),
            (4, 2, 2, false, Decided(false)),
            (1, 1, 0, false, Decided(true)),
        ];
        for (voters, yes, no, late, wanted) in table {
            assert_eq!(
                count(voters, yes, no, late),
                wanted,
                "{yes} of {voters} for it, {no} against, late: {late}"
            );
        }
    }
}
