//! Where boats go: the sea in regions, each the part of a cell that hangs together, so that a way is looked for among a few
//! thousand regions first and then only among the tiles of those on the way.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::{Map, Tile};
use crate::index::{Bits, CELL};
use crate::tuning::{BEACH_RADIUS, BOAT_WAY_MAX, SEA_SEARCH_MAX};

/// Tiles of a cell.
const TILES: usize = (CELL * CELL) as usize;

/// A part of a cell's water that hangs together.
#[derive(PartialEq, Eq, Debug)]
struct Region {
    cell: u32,
    /// Its tiles, four rows a word.
    tiles: [u64; 4],
    /// Regions beside it, in order.
    beside: Vec<u32>,
}

/// The sea.
#[derive(PartialEq, Eq, Default, Debug)]
pub(crate) struct Sea {
    regions: Vec<Region>,
    /// For each cell its first region; one more at the end.
    first: Vec<u32>,
}

impl Sea {
    /// Finds the regions of a map whose open water is marked.
    pub(super) fn of(map: &Map) -> Self {
        let cells = map.width().div_ceil(CELL) * map.height().div_ceil(CELL);
        let mut sea = Self { regions: Vec::new(), first: vec![0] };
        for cell in 0..cells {
            let mut left = [0_u64; 4];
            for tile in map.cell_tiles(cell).filter(|&tile| map.is_sea(tile)) {
                let (word, bit) = place(map, tile);
                left[word] |= 1 << bit;
            }
            while let Some(word) = (0..4).find(|&word| left[word] != 0) {
                let tiles = spread(word, left[word] & left[word].wrapping_neg(), &left);
                (0..4).for_each(|word| left[word] &= !tiles[word]);
                sea.regions.push(Region { cell, tiles, beside: Vec::new() });
            }
            sea.first.push(sea.regions.len() as u32);
        }
        for number in 0..sea.regions.len() as u32 {
            let mut beside: Vec<u32> = sea
                .tiles(map, number)
                .flat_map(|tile| map.beside(tile))
                .filter_map(|next| sea.region(map, next))
                .filter(|&other| other != number)
                .collect();
            beside.sort_unstable();
            beside.dedup();
            sea.regions[number as usize].beside = beside;
        }
        sea
    }

    /// The region of a tile of open water.
    fn region(&self, map: &Map, tile: Tile) -> Option<u32> {
        let (x, y) = map.place(tile);
        let cell = (y / CELL * map.width().div_ceil(CELL) + x / CELL) as usize;
        let (word, bit) = place(map, tile);
        (self.first[cell]..self.first[cell + 1])
            .find(|&region| self.regions[region as usize].tiles[word] >> bit & 1 == 1)
    }

    fn tiles<'a>(&'a self, map: &'a Map, region: u32) -> impl Iterator<Item = Tile> + 'a {
        let Region { cell, tiles, .. } = &self.regions[region as usize];
        let across = map.width().div_ceil(CELL);
        let origin = cell / across * CELL * map.width() + cell % across * CELL;
        tiles.iter().enumerate().flat_map(move |(word, &bits)| {
            Bits(bits)
                .map(move |bit| Tile(origin + (word as u32 * 4 + bit / CELL) * map.width() + bit % CELL))
        })
    }

    /// The nearest beach to a tile, if one is near.
    pub(crate) fn beach(&self, map: &Map, near: Tile) -> Option<Tile> {
        if map.is_beach(near) {
            return Some(near);
        }
        let (x, y) = map.place(near);
        let mut best = None;
        for by in y.saturating_sub(BEACH_RADIUS)..=y + BEACH_RADIUS {
            for bx in x.saturating_sub(BEACH_RADIUS)..=x + BEACH_RADIUS {
                if let Some(tile) = map.at(bx, by)
                    && map.is_shore(tile)
                    && map.is_beach(tile)
                {
                    let found = (map.distance(tile, near), tile);
                    best = Some(best.map_or(found, |best: (u32, Tile)| best.min(found)));
                }
            }
        }
        best.map(|found| found.1)
    }

    /// A way over water to a beach, from the nearest shore for which `starts` has a land tile: given a tile of water beside
    /// land and the beach, it says which. The way begins and ends on land.
    pub(crate) fn way(
        &self,
        map: &Map,
        beach: Tile,
        mut in_cell: impl FnMut(u32) -> bool,
        mut is_start: impl FnMut(Tile) -> bool,
    ) -> Option<Vec<u32>> {
        let (start, regions) = self.regions_to(map, beach, &mut in_cell, &mut is_start)?;
        let inner = self.through(map, start, beach, &regions)?;
        (inner.len() <= BOAT_WAY_MAX).then_some(inner)
    }

    /// From the beach outwards over regions, until one has a start at its shore: it, and the regions between.
    fn regions_to(
        &self,
        map: &Map,
        beach: Tile,
        in_cell: &mut impl FnMut(u32) -> bool,
        is_start: &mut impl FnMut(Tile) -> bool,
    ) -> Option<(Tile, Vec<u32>)> {
        const UNSEEN: u32 = u32::MAX;
        let mut from = vec![UNSEEN; self.regions.len()];
        let mut queue = VecDeque::new();
        for next in map.beside(beach) {
            if let Some(region) = self.region(map, next)
                && from[region as usize] == UNSEEN
            {
                from[region as usize] = region;
                queue.push_back(region);
            }
        }
        let across = map.width().div_ceil(CELL);
        while let Some(region) = queue.pop_front() {
            let Region { cell, beside, .. } = &self.regions[region as usize];
            let around = [
                Some(*cell),
                cell.checked_sub(1),
                Some(cell + 1),
                cell.checked_sub(across),
                Some(cell + across),
            ];
            if around.into_iter().flatten().any(&mut *in_cell) {
                let start = self
                    .tiles(map, region)
                    .filter(|&tile| map.is_shore(tile))
                    .flat_map(|tile| map.beside(tile))
                    .filter(|&tile| map.is_land(tile) && is_start(tile))
                    .min_by_key(|&tile| (map.distance(tile, beach), tile));
                if let Some(start) = start {
                    let mut way = vec![region];
                    let mut at = region;
                    while from[at as usize] != at {
                        at = from[at as usize];
                        way.push(at);
                    }
                    return Some((start, way));
                }
            }
            for &next in beside {
                if from[next as usize] == UNSEEN {
                    from[next as usize] = region;
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// The shortest way through some regions and those beside them.
    fn through(&self, map: &Map, start: Tile, beach: Tile, regions: &[u32]) -> Option<Vec<u32>> {
        let mut open: Vec<u32> = regions
            .iter()
            .flat_map(|&region| {
                std::iter::once(region).chain(self.regions[region as usize].beside.iter().copied())
            })
            .map(|region| self.regions[region as usize].cell)
            .collect();
        open.sort_unstable();
        open.dedup();
        let across = map.width().div_ceil(CELL);
        let slot = |tile: Tile| {
            let (x, y) = map.place(tile);
            let at = open.binary_search(&(y / CELL * across + x / CELL)).ok()?;
            Some(at * TILES + (y % CELL * CELL + x % CELL) as usize)
        };
        // For each tile of those cells: where it was reached from, and at which cost.
        let mut reached = vec![(u32::MAX, u32::MAX); open.len() * TILES];
        let left = |tile: Tile| {
            let (x, y) = map.apart(tile, beach);
            x.max(y) * 10 + x.min(y) * 4
        };
        let mut heap = BinaryHeap::from([Reverse((left(start), start.0))]);
        reached[slot(start)?] = (0, start.0);
        let mut looked = 0;
        while let Some(Reverse((_, number))) = heap.pop() {
            let tile = Tile(number);
            if tile == beach {
                let mut way = vec![beach.0];
                let mut at = beach;
                while at != start {
                    at = Tile(reached[slot(at)?].1);
                    way.push(at.0);
                }
                way.reverse();
                return Some(way);
            }
            looked += 1;
            if looked > SEA_SEARCH_MAX {
                return None;
            }
            let cost = reached[slot(tile)?].0;
            let on_land = tile == start;
            let mut step = |next: Tile, price: u32| {
                let fits = map.is_sea(next) || (next == beach && price == 10);
                if let Some(slot) = slot(next).filter(|_| fits)
                    && cost + price < reached[slot].0
                {
                    reached[slot] = (cost + price, number);
                    heap.push(Reverse((cost + price + left(next), next.0)));
                }
            };
            let (x, y) = map.place(tile);
            for (dx, dy) in [(0, -1), (-1, 0), (1, 0), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
                let at = |dx: i32, dy: i32| map.at(x.checked_add_signed(dx)?, y.checked_add_signed(dy)?);
                let Some(next) = at(dx, dy) else { continue };
                if dx == 0 || dy == 0 {
                    step(next, 10);
                } else if !on_land
                    && at(dx, 0).is_some_and(|side| map.is_sea(side))
                    && at(0, dy).is_some_and(|side| map.is_sea(side))
                {
                    step(next, 14);
                }
            }
        }
        None
    }
}

/// The word and bit of a tile in its cell.
fn place(map: &Map, tile: Tile) -> (usize, u32) {
    let (x, y) = map.place(tile);
    ((y % CELL / 4) as usize, y % 4 * CELL + x % CELL)
}

/// What hangs together with a tile, among the bits of a cell.
fn spread(word: usize, bit: u64, within: &[u64; 4]) -> [u64; 4] {
    /// The first and last column of four rows.
    const FIRST: u64 = 0x0001_0001_0001_0001;
    const LAST: u64 = FIRST << 15;
    let mut found = [0_u64; 4];
    found[word] = bit;
    loop {
        let before = found;
        for at in 0..4 {
            let here = before[at];
            let mut grown = here | (here & !LAST) << 1 | (here & !FIRST) >> 1 | here << CELL | here >> CELL;
            if at > 0 {
                grown |= before[at - 1] >> (64 - CELL);
            }
            if at < 3 {
                grown |= before[at + 1] << (64 - CELL);
            }
            found[at] = grown & within[at];
        }
        if found == before {
            return found;
        }
    }
}
