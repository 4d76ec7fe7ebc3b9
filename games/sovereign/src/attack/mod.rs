//! How attacks begin and end. How they move is told in [`advance`], along which tiles in [`front`].

mod advance;
mod front;

use std::collections::BinaryHeap;

use crate::state::Attack;
use crate::tuning::RETREAT_COST;
use crate::{NationId, Tile, War};

impl War {
    /// Sends troops from home over the border with `on` (nobody: wild land). Troops that `on` has sent the other way fall
    /// together with as many of these; an attack that goes there already becomes so much stronger. Its number, if there is
    /// one now.
    pub(crate) fn attack(&mut self, from: NationId, on: NationId, troops: u64) -> Option<u32> {
        let troops = self.call_up(from, troops);
        let at = self.engage(from, on, troops)?;
        self.seed_front(at);
        Some(self.attacks[at].id)
    }

    /// The same from a beach that was just taken.
    pub(crate) fn attack_from_beach(&mut self, from: NationId, on: NationId, troops: u64, beach: Tile) {
        let Some(at) = self.engage(from, on, troops) else { return };
        let is_new = self.attacks[at].front.is_empty();
        self.push_beside(at, beach);
        if is_new {
            self.attacks[at].head = beach.0;
            self.storm(at);
        }
    }

    /// The place of the attack of `from` on `on` with so many troops more; none if the other side's attack took them all.
    fn engage(&mut self, from: NationId, on: NationId, troops: u64) -> Option<usize> {
        let mut troops = troops;
        if on != NationId::NOBODY
            && let Some(at) = self.attacks.iter().position(|attack| attack.from == on && attack.on == from)
        {
            let against = &mut self.attacks[at];
            let fallen = troops.min(against.troops);
            against.troops -= fallen;
            troops -= fallen;
            self.news.lost += 2 * fallen;
            let news = &mut self.news;
            if against.troops == 0 {
                news.attacks.insert(against.id);
                self.attacks.remove(at);
            } else {
                news.troops.insert(against.id);
            }
        }
        if troops == 0 {
            return None;
        }
        let same = |attack: &Attack| attack.from == from && attack.on == on && !attack.retreating;
        let at = self.attacks.iter().position(same);
        match at {
            Some(at) => self.news.troops.insert(self.attacks[at].id),
            None => self.news.attacks.insert(self.next),
        };
        let at = at.unwrap_or_else(|| {
            let id = self.next;
            self.next += 1;
            self.attacks.push(Attack {
                id,
                from,
                on,
                troops: 0,
                front: BinaryHeap::new(),
                head: self.nation(from).map_or(0, |nation| nation.home),
                retreating: false,
                time: 0,
                due: 0,
            });
            self.attacks.len() - 1
        });
        self.attacks[at].troops += troops;
        Some(at)
    }

    /// Calls an attack back: a part of its troops is lost at once (none against wild land), the rest is home soon.
    pub(crate) fn retreat(&mut self, id: u32) {
        let Some(attack) = self.attacks.iter_mut().find(|attack| attack.id == id && !attack.retreating)
        else {
            return;
        };
        attack.retreating = true;
        if attack.on != NationId::NOBODY {
            let gone = attack.troops * RETREAT_COST / 1_000;
            attack.troops -= gone;
            self.news.lost += gone;
        }
        self.news.attacks.insert(id);
    }

    /// An attack is over; what is left of it comes home.
    fn end_attack(&mut self, at: usize) {
        let attack = self.attacks.remove(at);
        self.news.attacks.insert(attack.id);
        self.come_home(attack.from, attack.troops);
    }
}
