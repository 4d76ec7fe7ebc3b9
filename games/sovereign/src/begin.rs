//! How a war begins: its first state, who comes in, and where nations have their first land.

use std::sync::Arc;

use kernel::Seat;

use crate::dice::{Dice, mix};
use crate::index::Index;
use crate::state::Ground;
use crate::tuning::{
    COMMANDS_AT_ONCE, HOME_RADIUS, HOME_TRIES, HOMES_APART, HOMES_APART_MIN, NATIONS_MAX, START_TROOPS,
    STEPS_A_SECOND, TRIBE_TROOPS,
};
use crate::{Kind, Land, Map, Nation, NationId, Phase, Setup, Standing, Tile, War};

impl War {
    /// A new war: its tribes and rivals are there, and choose their places in the first half of the countdown.
    pub(crate) fn begin(setup: Setup, seed: u64, host_step: u64) -> Self {
        let map = Map::make(setup.size, setup.map.unwrap_or_else(|| mix(seed)));
        Self::on(map, setup, seed, host_step)
    }

    /// The same on a map that is there.
    pub(crate) fn on(map: Arc<Map>, setup: Setup, seed: u64, host_step: u64) -> Self {
        let choosing = u32::from(setup.spawn_seconds) * STEPS_A_SECOND;
        let land = Land::new(map.len());
        let (tribes, rivals) = (setup.tribes, setup.rivals);
        let mut war = Self {
            index: Index::of(&map, &land, &Default::default(), 0),
            land,
            ground: Arc::new(Ground { setup, map }),
            step: 0,
            input: (host_step, 0),
            dice: Dice::new(seed),
            phase: Phase::Choosing(choosing),
            nations: Vec::new(),
            attacks: Vec::new(),
            boats: Vec::new(),
            sites: Default::default(),
            pacts: Default::default(),
            asks: Default::default(),
            bans: Default::default(),
            motions: Vec::new(),
            next: 1,
            news: Default::default(),
            fallen: Vec::new(),
        };
        for _ in 0..rivals {
            let id = war.nations.len() as u32 + 1;
            war.found(Kind::Rival(Seat(Seat::SERVED_FIRST.0 + id)));
        }
        for _ in 0..tribes {
            war.found(Kind::Tribe);
        }
        war
    }

    /// A seat is taken, perhaps again: the first time, it gets a nation that has no land yet.
    pub(crate) fn join(&mut self, seat: Seat) {
        if self.of_seat(seat).is_none() && self.nations.len() < NATIONS_MAX {
            self.found(Kind::Player(seat));
        }
    }

    fn found(&mut self, kind: Kind) {
        let id = NationId(self.nations.len() as u16 + 1);
        self.nations.push(Nation {
            id,
            kind,
            standing: Standing::Waiting,
            troops: 0,
            part: 0,
            gold: 0,
            tiles: 0,
            built: [0; 3],
            home: 0,
            immune_until: 0,
            traitor_until: 0,
            served_until: 0,
            allowance: COMMANDS_AT_ONCE * 1_000,
            allowance_at: self.step,
            grudges: Vec::new(),
        });
        self.news.nations.insert(id.0);
    }

    /// A nation could begin here: land that nobody owns, some way from everybody else's home.
    pub(crate) fn may_settle(&self, id: NationId, tile: Tile) -> bool {
        self.is_free_home(id, tile, HOMES_APART_MIN)
    }

    fn is_free_home(&self, id: NationId, tile: Tile, apart: u32) -> bool {
        let map = self.map();
        let owner = self.land.owner(tile);
        map.is_land(tile)
            && (owner == NationId::NOBODY || owner == id)
            && self.nations.iter().all(|other| {
                other.id == id || !other.is_alive() || map.distance(Tile(other.home), tile) >= apart
            })
    }

    /// Gives a nation its first land, or another while places are chosen. False if it can have none there.
    pub(crate) fn settle(&mut self, id: NationId, tile: Tile) -> bool {
        let Some(nation) = self.nation(id) else { return false };
        let chosen = nation.is_alive();
        if matches!(nation.standing, Standing::Beaten(_)) || !self.may_settle(id, tile) {
            return false;
        }
        if chosen {
            for tile in self.disc(Tile(nation.home)) {
                if self.land.owner(tile) == id {
                    self.give(tile, NationId::NOBODY);
                }
            }
            // It is not beaten by choosing again.
            self.fallen.retain(|fallen| fallen.0 != id);
        }
        for tile in self.disc(tile) {
            if self.land.owner(tile) == NationId::NOBODY {
                self.give(tile, id);
            }
        }
        let troops = if self.nation(id).is_some_and(|nation| nation.kind == Kind::Tribe) {
            TRIBE_TROOPS
        } else {
            START_TROOPS
        };
        let immune = if self.phase == Phase::War { self.step + self.immunity() } else { 0 };
        if let Some(nation) = self.nation_mut(id) {
            nation.home = tile.0;
            nation.standing = Standing::Alive;
            if !chosen {
                // Who comes late has as much time as the others had.
                nation.immune_until = immune;
                nation.troops = troops;
                self.news.grown += troops;
            }
        }
        self.news.nations.insert(id.0);
        true
    }

    /// The land of a home around a tile, as far as it hangs together.
    fn disc(&self, middle: Tile) -> Vec<Tile> {
        let map = self.map();
        let mut found = vec![middle];
        let mut at = 0;
        while at < found.len() {
            for next in map.beside(found[at]) {
                let (x, y) = map.apart(next, middle);
                if x * x + y * y <= HOME_RADIUS * HOME_RADIUS + 2
                    && map.is_land(next)
                    && !found.contains(&next)
                {
                    found.push(next);
                }
            }
            at += 1;
        }
        found
    }

    /// Gives a nation a place by dice: far from the others if there is such a place, else nearer. False if the map is full.
    pub(crate) fn settle_by_dice(&mut self, id: NationId) -> bool {
        let tiles = self.land.len() as u32;
        let mut apart = HOMES_APART;
        loop {
            for _ in 0..HOME_TRIES {
                let tile = Tile(self.dice.below(tiles));
                if self.is_free_home(id, tile, apart) && self.settle(id, tile) {
                    return true;
                }
            }
            if apart == HOMES_APART_MIN {
                return false;
            }
            apart = (apart * 3 / 4).max(HOMES_APART_MIN);
        }
    }

    fn immunity(&self) -> u32 {
        u32::from(self.ground.setup.immunity_seconds) * STEPS_A_SECOND
    }

    /// Computers choose in the first half of the countdown; when it is over, whoever has no place gets one, and the war
    /// begins.
    pub(crate) fn choose(&mut self, until: u32) {
        let waiting: Vec<NationId> = self
            .nations
            .iter()
            .filter(|nation| nation.standing == Standing::Waiting)
            .filter(|nation| self.step >= until || !matches!(nation.kind, Kind::Player(_)))
            .map(|nation| nation.id)
            .collect();
        let left = (until / 2).saturating_sub(self.step) as usize + 1;
        let now = if self.step >= until { waiting.len() } else { waiting.len().div_ceil(left) };
        for &id in waiting.iter().take(now) {
            self.settle_by_dice(id);
        }
        if self.step < until {
            return;
        }
        let immune = self.immunity();
        for nation in &mut self.nations {
            if matches!(nation.kind, Kind::Player(_)) {
                nation.immune_until = self.step + immune;
                self.news.nations.insert(nation.id.0);
            }
            if nation.standing == Standing::Waiting {
                // The map had no room for it.
                nation.standing = Standing::Beaten(self.step);
                self.news.nations.insert(nation.id.0);
            }
        }
        self.phase = Phase::War;
        self.news.phase = true;
    }
}
