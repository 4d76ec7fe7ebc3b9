//! Boats: troops over water to a beach.

use std::sync::Arc;

use crate::command::Site;
use crate::news::Notice;
use crate::state::Boat;
use crate::tuning::BOAT_EVERY;
use crate::{NationId, Tile, War};

impl War {
    /// The beach where a boat to a tile would land.
    pub(crate) fn beach(&self, near: Tile) -> Option<Tile> {
        self.map().sea().beach(self.map(), near)
    }

    /// A way over water from a nation's nearest shore to the beach at or near a tile; none if there is none, or it is too
    /// long.
    pub(crate) fn way(&self, id: NationId, to: Tile) -> Option<Arc<[u32]>> {
        let beach = self.beach(to)?;
        let way = self.map().sea().way(
            self.map(),
            beach,
            |cell| self.index.in_cell(id, cell) > 0,
            |tile| self.land.owner(tile) == id,
        );
        way.map(Arc::from)
    }

    /// Sends troops from home on their way. The boat's number.
    pub(crate) fn launch(&mut self, owner: NationId, way: Arc<[u32]>, troops: u64) -> Option<u32> {
        let troops = self.call_up(owner, troops);
        if troops == 0 || way.len() < 2 {
            self.come_home(owner, troops);
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.boats.push(Boat { id, owner, troops, way, at: 0, turned: false });
        self.news.boats.insert(id);
        Some(id)
    }

    /// Turns a boat around.
    pub(crate) fn turn_back(&mut self, id: u32) {
        if let Some(boat) = self.boats.iter_mut().find(|boat| boat.id == id && !boat.turned) {
            boat.turned = true;
            self.news.boats.insert(id);
        }
    }

    /// Turns around whatever one nation has sent over water to land that is another's now.
    pub(crate) fn call_boats_back(&mut self, owner: NationId, on: NationId) {
        let land = &self.land;
        for boat in self.boats.iter_mut().filter(|boat| boat.owner == owner && !boat.turned) {
            if boat.way.last().is_some_and(|&beach| land.owner(Tile(beach)) == on) {
                boat.turned = true;
                self.news.boats.insert(boat.id);
            }
        }
    }

    /// Boats move; some land.
    pub(crate) fn sail(&mut self) {
        let mut at = 0;
        while at < self.boats.len() {
            let boat = &self.boats[at];
            let has_port = self.nation(boat.owner).is_some_and(|owner| owner.built[Site::Port as usize] > 0);
            if !has_port && !(self.step + boat.id).is_multiple_of(BOAT_EVERY) {
                at += 1;
                continue;
            }
            let boat = &mut self.boats[at];
            let last = boat.way.len() as u32 - 1;
            boat.at = if boat.turned { boat.at.saturating_sub(1) } else { (boat.at + 1).min(last) };
            if (boat.turned && boat.at == 0) || (!boat.turned && boat.at == last) {
                let boat = self.boats.remove(at);
                self.news.boats.insert(boat.id);
                self.land_boat(boat);
            } else {
                at += 1;
            }
        }
    }

    fn land_boat(&mut self, boat: Boat) {
        let tile = Tile(boat.way[boat.at as usize]);
        let on = self.land.owner(tile);
        let home = boat.turned || on == boat.owner || self.allied(boat.owner, on);
        let immune = self.nation(on).is_some_and(|nation| nation.immune_until > self.step);
        if home || immune {
            return self.come_home(boat.owner, boat.troops);
        }
        // The beach costs what a tile of its owner costs.
        let density = self.nation(on).map_or(2, |nation| nation.troops / u64::from(nation.tiles.max(1)) + 1);
        if boat.troops <= density {
            self.news.lost += boat.troops;
            return;
        }
        self.news.lost += density;
        if let Some(defender) = self.nation_mut(on) {
            let fallen = density.min(defender.troops);
            defender.troops -= fallen;
            self.news.lost += fallen;
        }
        self.news.notices.push(Notice::Landed(boat.owner.0, tile.0));
        self.give(tile, boat.owner);
        self.attack_from_beach(boat.owner, on, boat.troops - density, tile);
    }
}
