//! Buildings: what they cost, where they stand, and what becomes of them.

use crate::command::Site;
use crate::state::Building;
use crate::tuning::{BUILD_STEPS, CITY_PRICE, CITY_PRICE_MAX, FORT_PRICE, FORT_PRICE_MAX, SITES_APART};
use crate::{NationId, Tile, War};

impl War {
    /// What a nation pays for its next building of a kind.
    pub fn price(&self, id: NationId, site: Site) -> u64 {
        let has = u64::from(self.index.sites(id)[site as usize]);
        match site {
            Site::City | Site::Port => CITY_PRICE.saturating_mul(1 << has.min(8)).min(CITY_PRICE_MAX),
            Site::Fort => (FORT_PRICE * (has + 1)).min(FORT_PRICE_MAX),
        }
    }

    /// What the next city, fort and port cost.
    pub fn prices(&self, id: NationId) -> [u64; 3] {
        [Site::City, Site::Fort, Site::Port].map(|site| self.price(id, site))
    }

    /// The place would do: the nation's own, no other building near, and a port at the sea.
    pub(crate) fn may_build(&self, id: NationId, site: Site, tile: Tile) -> bool {
        let map = self.map();
        let (x, y) = map.place(tile);
        let rows = y.saturating_sub(SITES_APART)..=(y + SITES_APART).min(map.height() - 1);
        let free = rows.into_iter().all(|row| {
            let left = row * map.width() + x.saturating_sub(SITES_APART);
            let right = row * map.width() + (x + SITES_APART).min(map.width() - 1);
            self.sites.range(left..=right).next().is_none()
        });
        self.land.owner(tile) == id && free && (site != Site::Port || map.is_beach(tile))
    }

    /// Begins a building and takes its price.
    pub(crate) fn build(&mut self, id: NationId, site: Site, tile: Tile) {
        let price = self.price(id, site);
        let ready = self.step + BUILD_STEPS;
        let Some(nation) = self.nation_mut(id) else { return };
        nation.gold = nation.gold.saturating_sub(price);
        let building = Building { site, owner: id, ready };
        self.sites.insert(tile.0, building);
        self.index.site_added(tile.0, &building, self.step);
        self.news.sites.insert(tile.0);
    }

    /// Buildings whose time has come are finished.
    pub(crate) fn finish_sites(&mut self) {
        while let Some(&(ready, tile)) = self.index.rising.first()
            && ready <= self.step
        {
            let Some(&building) = self.sites.get(&tile) else {
                self.index.rising.remove(&(ready, tile));
                continue;
            };
            self.index.site_finished(tile, &building);
            if let Some(owner) = self.nation_mut(building.owner) {
                owner.built[building.site as usize] += 1;
            }
            self.news.sites.insert(tile);
            self.news.nations.insert(building.owner.0);
        }
    }

    /// A tile has changed hands: its building goes with it, or is gone if nobody has the tile now.
    pub(crate) fn site_moved(&mut self, tile: Tile, to: NationId) {
        let Some(&building) = self.sites.get(&tile.0) else { return };
        let finished = building.ready <= self.step && !self.index.rising.contains(&(building.ready, tile.0));
        self.index.site_gone(tile.0, &building);
        self.news.sites.insert(tile.0);
        if finished && let Some(loser) = self.nation_mut(building.owner) {
            loser.built[building.site as usize] -= 1;
            self.news.nations.insert(building.owner.0);
        }
        if to == NationId::NOBODY {
            self.sites.remove(&tile.0);
            return;
        }
        let building = Building { owner: to, ..building };
        self.sites.insert(tile.0, building);
        // A building that was to be finished in this very step still is.
        self.index.site_added(
            tile.0,
            &building,
            if finished { self.step } else { building.ready.saturating_sub(1) },
        );
        if finished && let Some(winner) = self.nation_mut(to) {
            winner.built[building.site as usize] += 1;
            self.news.nations.insert(to.0);
        }
    }
}
