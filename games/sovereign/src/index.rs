//! What can be read off the land, kept with every tile that changes hands, so that nobody has to look for it: where
//! borders run, who touches whom, in which parts of the map a nation has land. No part of a snapshot: it is made anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::command::Site;
use crate::state::Building;
use crate::{Land, Map, NationId, Tile};

/// Edge of a cell in tiles.
pub const CELL: u32 = 16;
/// Words of a cell's border bits: four rows each.
const WORDS: usize = 4;

/// One nation's part of it.
#[derive(Clone, Default, Debug)]
struct Holding {
    /// Cells in which it has land, and how many tiles; sorted.
    cells: Vec<(u32, u32)>,
    /// Whom it touches, and along how many edges of tiles; nobody stands for wild land. Sorted.
    contacts: Vec<(NationId, u32)>,
    /// Its finished forts.
    forts: Vec<u32>,
    /// Its buildings, finished or not: cities, forts, ports.
    sites: [u16; 3],
}

/// The index.
#[derive(Clone, Default, Debug)]
pub struct Index {
    /// Cells in a row.
    across: u32,
    /// A bit a tile: it is owned, and one beside it is not its owner's (water among them).
    borders: Vec<u64>,
    holdings: Vec<Holding>,
    /// Finished ports.
    pub(crate) ports: BTreeSet<u32>,
    /// Buildings that are not finished: when, where.
    pub(crate) rising: BTreeSet<(u32, u32)>,
}

impl Index {
    /// Reads everything off the land.
    pub fn of(map: &Map, land: &Land, sites: &BTreeMap<u32, Building>, step: u32) -> Self {
        let across = map.width().div_ceil(CELL);
        let cells = (across * map.height().div_ceil(CELL)) as usize;
        let mut index = Self {
            across,
            borders: vec![0; cells * WORDS],
            holdings: Vec::new(),
            ports: BTreeSet::new(),
            rising: BTreeSet::new(),
        };
        for (number, owner) in land.owners().enumerate() {
            if owner == 0 {
                continue;
            }
            let (tile, owner) = (Tile(number as u32), NationId(owner));
            index.count(map, tile, owner, true);
            index.mark(map, tile, on_border(map, land, tile, owner));
            for next in map.beside(tile) {
                let other = land.owner(next);
                if other != owner && map.is_land(next) {
                    index.touch(owner, other, 1);
                }
            }
        }
        for (&tile, building) in sites {
            index.site_added(tile, building, step);
        }
        index
    }

    /// A tile went from one to another; the land says so already.
    pub fn moved(&mut self, map: &Map, land: &Land, tile: Tile, from: NationId, to: NationId) {
        self.count(map, tile, from, false);
        self.count(map, tile, to, true);
        // Edges between the two: those to the winner go, those to the loser come.
        let mut shared = 0_i32;
        let mut border = false;
        for next in map.beside(tile) {
            let other = land.owner(next);
            border |= other != to;
            if other == NationId::NOBODY && !map.is_land(next) {
                continue;
            }
            if other == from {
                shared += 1;
                self.mark(map, next, other != NationId::NOBODY);
            } else if other == to {
                shared -= 1;
                self.mark(map, next, other != NationId::NOBODY && on_border(map, land, next, to));
            } else {
                self.touch_both(from, other, -1);
                self.touch_both(to, other, 1);
            }
        }
        self.touch_both(from, to, shared);
        self.mark(map, tile, to != NationId::NOBODY && border);
    }

    /// Cells in which a nation has land, and how many tiles; in order. Cell `c` is `CELL` tiles wide and high, and cells
    /// are numbered row by row.
    pub fn cells(&self, id: NationId) -> &[(u32, u32)] {
        self.holding(id).map_or(&[], |holding| &holding.cells)
    }

    /// Tiles that a nation has in a cell.
    pub fn in_cell(&self, id: NationId, cell: u32) -> u32 {
        let cells = self.cells(id);
        cells.binary_search_by_key(&cell, |entry| entry.0).map_or(0, |at| cells[at].1)
    }

    /// The cell of a tile.
    pub fn cell(&self, map: &Map, tile: Tile) -> u32 {
        let (x, y) = map.place(tile);
        (y / CELL) * self.across + x / CELL
    }

    /// Cells in a row.
    pub fn across(&self) -> u32 {
        self.across
    }

    /// Whom a nation touches, and along how many edges; in order, wild land first.
    pub fn contacts(&self, id: NationId) -> &[(NationId, u32)] {
        self.holding(id).map_or(&[], |holding| &holding.contacts)
    }

    /// Edges along which `a` touches `b`, who may be nobody.
    pub fn touching(&self, a: NationId, b: NationId) -> u32 {
        let contacts = self.contacts(a);
        contacts.binary_search_by_key(&b, |entry| entry.0).map_or(0, |at| contacts[at].1)
    }

    /// A nation's border, cell by cell.
    pub fn border<'a>(
        &'a self,
        map: &'a Map,
        land: &'a Land,
        id: NationId,
    ) -> impl Iterator<Item = Tile> + 'a {
        self.cells(id).iter().flat_map(move |&(cell, _)| self.border_in(map, land, id, cell))
    }

    /// The part of a nation's border in a cell.
    pub fn border_in<'a>(
        &'a self,
        map: &'a Map,
        land: &'a Land,
        id: NationId,
        cell: u32,
    ) -> impl Iterator<Item = Tile> + 'a {
        let origin = (cell / self.across * CELL) * map.width() + cell % self.across * CELL;
        let words = cell as usize * WORDS;
        (0..WORDS).flat_map(move |word| {
            Bits(self.borders[words + word]).filter_map(move |bit| {
                let row = word as u32 * 4 + bit / CELL;
                let tile = Tile(origin + row * map.width() + bit % CELL);
                (land.owner(tile) == id).then_some(tile)
            })
        })
    }

    /// A nation's finished forts.
    pub fn forts(&self, id: NationId) -> &[u32] {
        self.holding(id).map_or(&[], |holding| &holding.forts)
    }

    /// A nation's buildings, finished or not: cities, forts, ports.
    pub fn sites(&self, id: NationId) -> [u16; 3] {
        self.holding(id).map_or([0; 3], |holding| holding.sites)
    }

    /// A building stands here from now on, for its owner.
    pub fn site_added(&mut self, tile: u32, building: &Building, step: u32) {
        if let Some(holding) = self.holding_mut(building.owner) {
            holding.sites[building.site as usize] += 1;
        }
        if building.ready > step {
            self.rising.insert((building.ready, tile));
        } else {
            self.site_finished(tile, building);
        }
    }

    /// It is finished.
    pub fn site_finished(&mut self, tile: u32, building: &Building) {
        self.rising.remove(&(building.ready, tile));
        match building.site {
            Site::City => {}
            Site::Fort => {
                if let Some(holding) = self.holding_mut(building.owner) {
                    let at = holding.forts.partition_point(|&other| other < tile);
                    holding.forts.insert(at, tile);
                }
            }
            Site::Port => {
                self.ports.insert(tile);
            }
        }
    }

    /// It is gone from its owner.
    pub fn site_gone(&mut self, tile: u32, building: &Building) {
        if let Some(holding) = self.holding_mut(building.owner) {
            holding.sites[building.site as usize] -= 1;
            holding.forts.retain(|&other| other != tile);
        }
        self.ports.remove(&tile);
        self.rising.remove(&(building.ready, tile));
    }

    /// Two say the same of so many nations.
    #[cfg(test)]
    pub fn same(&self, other: &Self, nations: usize) -> bool {
        let same = |id| {
            let part = |index: &Self| {
                (
                    index.cells(id).to_vec(),
                    index.contacts(id).to_vec(),
                    index.forts(id).to_vec(),
                    index.sites(id),
                )
            };
            part(self) == part(other)
        };
        self.borders == other.borders
            && self.ports == other.ports
            && self.rising == other.rising
            && (1..=nations as u16).all(|number| same(NationId(number)))
    }

    fn holding(&self, id: NationId) -> Option<&Holding> {
        self.holdings.get(id.index()?)
    }

    fn holding_mut(&mut self, id: NationId) -> Option<&mut Holding> {
        let at = id.index()?;
        if at >= self.holdings.len() {
            self.holdings.resize_with(at + 1, Holding::default);
        }
        Some(&mut self.holdings[at])
    }

    fn count(&mut self, map: &Map, tile: Tile, id: NationId, more: bool) {
        let cell = self.cell(map, tile);
        let Some(holding) = self.holding_mut(id) else { return };
        match holding.cells.binary_search_by_key(&cell, |entry| entry.0) {
            Ok(at) if more => holding.cells[at].1 += 1,
            Ok(at) if holding.cells[at].1 > 1 => holding.cells[at].1 -= 1,
            Ok(at) => {
                holding.cells.remove(at);
            }
            Err(at) => holding.cells.insert(at, (cell, 1)),
        }
    }

    fn touch_both(&mut self, a: NationId, b: NationId, edges: i32) {
        self.touch(a, b, edges);
        self.touch(b, a, edges);
    }

    fn touch(&mut self, id: NationId, other: NationId, edges: i32) {
        if edges == 0 {
            return;
        }
        let Some(holding) = self.holding_mut(id) else { return };
        match holding.contacts.binary_search_by_key(&other, |entry| entry.0) {
            Ok(at) => {
                let now = holding.contacts[at].1.saturating_add_signed(edges);
                if now == 0 {
                    holding.contacts.remove(at);
                } else {
                    holding.contacts[at].1 = now;
                }
            }
            Err(at) => holding.contacts.insert(at, (other, edges.max(0) as u32)),
        }
    }

    fn mark(&mut self, map: &Map, tile: Tile, border: bool) {
        let (x, y) = map.place(tile);
        let (word, bit) = self.bit(x, y);
        if border {
            self.borders[word] |= 1 << bit;
        } else {
            self.borders[word] &= !(1 << bit);
        }
    }

    fn bit(&self, x: u32, y: u32) -> (usize, u32) {
        let cell = (y / CELL) * self.across + x / CELL;
        let (cx, cy) = (x % CELL, y % CELL);
        (cell as usize * WORDS + (cy / 4) as usize, (cy % 4) * CELL + cx)
    }
}

fn on_border(map: &Map, land: &Land, tile: Tile, owner: NationId) -> bool {
    map.beside(tile).any(|next| land.owner(next) != owner)
}

/// The places of a word's ones, in order.
pub(crate) struct Bits(pub u64);

impl Iterator for Bits {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        if self.0 == 0 {
            return None;
        }
        let bit = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        Some(bit)
    }
}
