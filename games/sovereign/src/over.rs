//! Who is beaten, who has won, and what is said when a war is over.

use std::collections::BTreeMap;

use kernel::{Act, Outbox};

use crate::news::Notice;
use crate::tuning::{STEPS_A_SECOND, WAR_STEPS_MAX, WIN_SHARE};
use crate::{Kind, NationId, Phase, Standing, War};

/// The event that tells a player's seat how a war ended for it: `place`, `tiles`, `players`, `nations`, `step`.
pub const OVER_EVENT: &str = "sovereign_over";

impl War {
    /// All of a nation's land goes to somebody, and it is beaten.
    pub(crate) fn fall(&mut self, id: NationId, to: NationId) {
        self.take_all(id, to);
        self.bury();
    }

    /// Those who lost their last tile are beaten: all that they had is gone.
    pub(crate) fn bury(&mut self) {
        while let Some((id, by)) = self.fallen.pop() {
            let step = self.step;
            let Some(nation) = self.nation_mut(id) else { continue };
            if nation.tiles > 0 || !nation.is_alive() {
                continue;
            }
            nation.standing = Standing::Beaten(step);
            nation.grudges.clear();
            nation.part = 0;
            let gold = std::mem::take(&mut nation.gold);
            let mut lost = std::mem::take(&mut nation.troops);
            if let Some(winner) = self.nation_mut(by) {
                winner.gold = (winner.gold + gold).min(crate::tuning::GOLD_MAX);
            }
            for attack in self.attacks.extract_if(.., |attack| attack.from == id) {
                lost += attack.troops;
                self.news.attacks.insert(attack.id);
            }
            for boat in self.boats.extract_if(.., |boat| boat.owner == id) {
                lost += boat.troops;
                self.news.boats.insert(boat.id);
            }
            self.news.lost += lost;
            self.news.nations.extend([id.0, by.0].into_iter().filter(|&id| id > 0));
            self.news.notices.push(Notice::Beaten(by.0, id.0));
            self.forget(id);
        }
    }

    /// A beaten nation's word: alliances, requests, votes and grudges.
    fn forget(&mut self, id: NationId) {
        let about = |pair: &(NationId, NationId)| pair.0 == id || pair.1 == id;
        self.news.pacts.extend(self.pacts.extract_if(.., |pair, _| about(pair)).map(|(pair, _)| pair));
        self.news.asks |= self.asks.extract_if(.., |pair, _| about(pair)).count() > 0;
        self.bans.retain(|pair, _| !about(pair));
        for nation in &mut self.nations {
            nation.grudges.retain(|grudge| grudge.0 != id);
        }
        for motion in self.motions.extract_if(.., |motion| motion.by == id || motion.about == id) {
            self.news.motions.insert(motion.id);
        }
        for motion in &mut self.motions {
            let before = motion.voters.len();
            motion.voters.retain(|voter| voter.0 != id);
            if before != motion.voters.len() {
                self.news.motions.insert(motion.id);
            }
        }
    }

    /// Once a second: has somebody won?
    pub(crate) fn judge(&mut self) {
        if !self.step.is_multiple_of(STEPS_A_SECOND) {
            return;
        }
        let began = u32::from(self.ground.setup.spawn_seconds) * STEPS_A_SECOND;
        let alive = || self.nations.iter().filter(|nation| nation.is_alive());
        let most = alive().max_by_key(|nation| (nation.tiles, std::cmp::Reverse(nation.id)));
        let Some(most) = most else {
            return self.end(NationId::NOBODY);
        };
        let enough = u64::from(most.tiles) * 1_000 >= u64::from(self.map().land()) * WIN_SHARE;
        if enough || alive().count() == 1 || self.step >= began + WAR_STEPS_MAX {
            let winner = most.id;
            self.end(winner);
        }
    }

    fn end(&mut self, winner: NationId) {
        self.phase = Phase::Over(self.step, winner);
        self.news.phase = true;
    }

    /// Nations in the order in which they did: the winner, those who live by their land, then the beaten, the last first.
    pub fn ranking(&self) -> Vec<NationId> {
        let winner = if let Phase::Over(_, winner) = self.phase { winner } else { NationId::NOBODY };
        let mut order: Vec<_> = self.nations.iter().collect();
        order.sort_by_key(|nation| {
            let fell = if let Standing::Beaten(step) = nation.standing { step } else { u32::MAX };
            (nation.id != winner, std::cmp::Reverse((fell, nation.tiles)), nation.id)
        });
        order.into_iter().map(|nation| nation.id).collect()
    }

    /// Tells the server's consumers who has won: for each player their place and land.
    pub(crate) fn say_end(&self, out: &mut Outbox) {
        let Phase::Over(step, _) = self.phase else { return };
        let players = self.nations.iter().filter(|nation| matches!(nation.kind, Kind::Player(_))).count();
        for (place, id) in self.ranking().into_iter().enumerate() {
            let Some(nation) = self.nation(id) else { continue };
            let Kind::Player(seat) = nation.kind else { continue };
            let properties: [(&str, u64); 5] = [
                ("place", place as u64 + 1),
                ("tiles", u64::from(nation.tiles)),
                ("players", players as u64),
                ("nations", self.nations.len() as u64),
                ("step", u64::from(step)),
            ];
            let properties: BTreeMap<_, _> =
                properties.into_iter().map(|(name, number)| (name.to_owned(), number.to_string())).collect();
            out.effect(Act::Event { seat, name: OVER_EVENT.into(), properties });
        }
    }

    /// Where a nation's name is drawn: near the middle of its land, looked at now and then.
    pub(crate) fn settle_names(&mut self) {
        const EVERY: usize = 200;
        let map = self.ground.map.clone();
        for number in (self.step as usize % EVERY..self.nations.len()).step_by(EVERY) {
            let id = self.nations[number].id;
            let across = self.index.across();
            let cells = self.index.cells(id);
            let (mut x, mut y, mut tiles) = (0_u64, 0_u64, 0_u64);
            for &(cell, count) in cells {
                x += u64::from(cell % across) * u64::from(count);
                y += u64::from(cell / across) * u64::from(count);
                tiles += u64::from(count);
            }
            if tiles == 0 {
                continue;
            }
            let (x, y) = ((x / tiles) as u32, (y / tiles) as u32);
            let away = |cell: u32| (cell % across).abs_diff(x).pow(2) + (cell / across).abs_diff(y).pow(2);
            let nearest = cells.iter().min_by_key(|&&(cell, count)| (away(cell) + 16 / count.min(16), cell));
            if let Some(&(cell, _)) = nearest
                && let Some(tile) = map.cell_tiles(cell).find(|&tile| self.land.owner(tile) == id)
                && self.nations[number].home != tile.0
            {
                self.nations[number].home = tile.0;
                self.news.nations.insert(id.0);
            }
        }
    }
}
