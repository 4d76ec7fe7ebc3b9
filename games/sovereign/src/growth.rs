//! Troops and gold as time passes.

use crate::tuning::{
    CAP_BASE, CAP_CITY, CAP_LAND, GOLD_A_STEP, GOLD_MAX, GROWTH_BASE, GROWTH_PART, TROOPS_MAX,
};
use crate::{Difficulty, Kind, Nation, NationId, War, power};

/// Troops for which a nation has room, all told: at home, in attacks and at sea they are counted by who asks.
fn cap_of(nation: &Nation, difficulty: Difficulty) -> u64 {
    let land = CAP_BASE + CAP_LAND * power::six(u64::from(nation.tiles)) / 1_000;
    let cities = CAP_CITY * u64::from(nation.built[0]);
    let share = match (nation.kind, difficulty) {
        (Kind::Player(_), _) | (Kind::Rival(_), Difficulty::Hard) => 1_000,
        (Kind::Rival(_), Difficulty::Fair) => 850,
        (Kind::Rival(_), Difficulty::Easy) => 650,
        (Kind::Tribe, _) => 330,
    };
    land * share / 1_000 + cities
}

/// Thousandths of a troop that grow in a step: most of all near two fifths of the cap.
fn growth_of(nation: &Nation, cap: u64, difficulty: Difficulty) -> u64 {
    let free = cap.saturating_sub(nation.troops);
    let whole = GROWTH_BASE + power::seventy_three(nation.troops) / GROWTH_PART;
    let share = match (nation.kind, difficulty) {
        (Kind::Tribe, _) => 600,
        (Kind::Rival(_), Difficulty::Easy) => 850,
        _ => 1_000,
    };
    (u128::from(whole) * u128::from(free) * share / (u128::from(cap.max(1)) * 1_000)) as u64
}

impl War {
    /// Troops for which a nation has room at home.
    pub fn cap(&self, id: NationId) -> u64 {
        self.nation(id).map_or(0, |nation| cap_of(nation, self.ground.setup.difficulty))
    }

    /// Everybody's troops and gold grow. Who has more troops than room loses some.
    pub(crate) fn grow(&mut self) {
        let difficulty = self.ground.setup.difficulty;
        let (mut grown, mut lost) = (0, 0);
        for nation in &mut self.nations {
            if !nation.is_alive() {
                continue;
            }
            let cap = cap_of(nation, difficulty);
            if nation.troops < cap {
                let parts = u64::from(nation.part) + growth_of(nation, cap, difficulty);
                let more = (parts / 1_000).min(cap - nation.troops);
                nation.part = (parts % 1_000) as u32;
                nation.troops += more;
                grown += more;
            } else {
                let gone = (nation.troops - cap).div_ceil(64);
                nation.troops -= gone;
                lost += gone;
            }
            let gold = if nation.kind == Kind::Tribe { GOLD_A_STEP / 2 } else { GOLD_A_STEP };
            nation.gold = (nation.gold + gold).min(GOLD_MAX);
        }
        self.news.grown += grown;
        self.news.lost += lost;
    }

    /// Troops come home, as many as a nation can have. Those of a beaten one are lost.
    pub(crate) fn come_home(&mut self, id: NationId, troops: u64) {
        let mut left = troops;
        if let Some(nation) = self.nation_mut(id)
            && nation.is_alive()
        {
            let taken = troops.min(TROOPS_MAX.saturating_sub(nation.troops));
            nation.troops += taken;
            left -= taken;
        }
        self.news.lost += left;
    }

    /// Takes troops from home, as many as are there.
    pub(crate) fn call_up(&mut self, id: NationId, troops: u64) -> u64 {
        let Some(nation) = self.nation_mut(id) else { return 0 };
        let taken = troops.min(nation.troops);
        nation.troops -= taken;
        taken
    }
}
