//! Where boats go: the sea in regions, each the part of a cell that hangs together, so that a way is looked for among a few
//! thousand regions, and goes from one to the next through the tiles between them.

use std::collections::VecDeque;

use super::{Map, Tile};
use crate::index::{Bits, CELL};
use crate::tuning::{BEACH_RADIUS, BOAT_WAY_MAX};

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
            beside.sort();
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
        self.some_tiles(map, region, [u64::MAX; 4])
    }

    /// Those of a region's tiles whose bits are set.
    fn some_tiles<'a>(
        &'a self,
        map: &'a Map,
        region: u32,
        some: [u64; 4],
    ) -> impl Iterator<Item = Tile> + 'a {
        let Region { cell, tiles, .. } = &self.regions[region as usize];
        let across = map.width().div_ceil(CELL);
        let origin = cell / across * CELL * map.width() + cell % across * CELL;
        tiles.iter().enumerate().flat_map(move |(word, &bits)| {
            Bits(bits & some[word])
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
                    let found = (map.away(tile, near), tile);
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
        const UNSEEN: u16 = u16::MAX;
        let mut hops = vec![UNSEEN; self.regions.len()];
        let mut queue = VecDeque::new();
        for next in map.beside(beach) {
            if let Some(region) = self.region(map, next)
                && hops[region as usize] == UNSEEN
            {
                hops[region as usize] = 0;
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
                    .min_by_key(|&tile| (map.away(tile, beach), tile));
                if let Some(start) = start {
                    return Some((start, self.straightest(map, region, start, beach, &hops)));
                }
            }
            let hop = hops[region as usize] + 1;
            for &next in beside {
                if hops[next as usize] == UNSEEN {
                    hops[next as usize] = hop;
                    queue.push_back(next);
                }
            }
        }
        None
    }

    /// Of the shortest ways over regions the one nearest to the straight line, so that boats do not go round corners that
    /// are not there.
    fn straightest(&self, map: &Map, region: u32, start: Tile, beach: Tile, hops: &[u16]) -> Vec<u32> {
        let middle = |region: u32| {
            let across = map.width().div_ceil(CELL);
            let cell = self.regions[region as usize].cell;
            (i64::from(cell % across * CELL + CELL / 2), i64::from(cell / across * CELL + CELL / 2))
        };
        let place = |tile: Tile| {
            let (x, y) = map.place(tile);
            (i64::from(x), i64::from(y))
        };
        let ((sx, sy), (ex, ey)) = (place(start), place(beach));
        let off = |region: u32| {
            let (x, y) = middle(region);
            ((x - sx) * (ey - sy) - (y - sy) * (ex - sx)).abs()
        };
        let mut way = vec![region];
        let mut at = region;
        while hops[at as usize] > 0 {
            let beside = &self.regions[at as usize].beside;
            let nearer = beside.iter().copied().filter(|&next| hops[next as usize] == hops[at as usize] - 1);
            let Some(next) = nearer.min_by_key(|&next| (off(next), next)) else { break };
            way.push(next);
            at = next;
        }
        way
    }

    /// A way through regions: from door to door, and then pulled straight.
    fn through(&self, map: &Map, start: Tile, beach: Tile, regions: &[u32]) -> Option<Vec<u32>> {
        let beside =
            |tile: Tile, region: u32| map.beside(tile).find(|&next| self.region(map, next) == Some(region));
        let first = beside(start, *regions.first()?)?;
        let last = beside(beach, *regions.last()?)?;
        let mut way = vec![first];
        let mut at = first;
        for pair in regions.windows(2) {
            let (out, into) = self.door(map, pair[0], pair[1], at, beach)?;
            self.inside(map, pair[0], at, out, &mut way)?;
            way.push(into);
            at = into;
        }
        self.inside(map, *regions.last()?, at, last, &mut way)?;
        let inner = straighten(map, &way);
        Some(std::iter::once(start).chain(inner).chain([beach]).map(|tile| tile.0).collect())
    }

    /// Where to go from one region to the next: two tiles side by side, with the least way round.
    fn door(&self, map: &Map, from: u32, to: u32, at: Tile, beach: Tile) -> Option<(Tile, Tile)> {
        /// The tiles along the edge of a cell.
        const EDGE: [u64; 4] =
            [0x8001_8001_8001_FFFF, 0x8001_8001_8001_8001, 0x8001_8001_8001_8001, 0xFFFF_8001_8001_8001];
        self.some_tiles(map, from, EDGE)
            .flat_map(|tile| map.beside(tile).map(move |next| (tile, next)))
            .filter(|&(_, next)| self.region(map, next) == Some(to))
            .min_by_key(|&(tile, next)| (map.distance(at, tile) + map.distance(next, beach), tile))
    }

    /// Appends a way within a region from a tile (which is not appended) to another.
    fn inside(&self, map: &Map, region: u32, from: Tile, to: Tile, way: &mut Vec<Tile>) -> Option<()> {
        if line(map, from, to, way) {
            return Some(());
        }
        // From the end, so that what was reached from where leads there.
        let slot = |tile: Tile| {
            let (word, bit) = place(map, tile);
            word * 64 + bit as usize
        };
        let mut reached: [Option<Tile>; TILES] = [None; TILES];
        reached[slot(to)] = Some(to);
        let mut queue = VecDeque::from([to]);
        while let Some(tile) = queue.pop_front() {
            if tile == from {
                let mut at = from;
                while at != to {
                    at = reached[slot(at)]?;
                    way.push(at);
                }
                return Some(());
            }
            for next in map.beside(tile) {
                if self.region(map, next) == Some(region) && reached[slot(next)].is_none() {
                    reached[slot(next)] = Some(tile);
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

/// The same way with straight stretches where the sea allows them.
fn straighten(map: &Map, way: &[Tile]) -> Vec<Tile> {
    /// Tiles of a stretch.
    const STRETCH_MAX: usize = 128;
    let mut straight: Vec<Tile> = way.first().copied().into_iter().collect();
    let mut at = 0;
    while at + 1 < way.len() {
        let mut span = STRETCH_MAX.min(way.len() - 1 - at);
        while span > 1 && !line(map, way[at], way[at + span], &mut straight) {
            span /= 2;
        }
        if span == 1 {
            straight.push(way[at + 1]);
        }
        at += span;
    }
    straight
}

/// Appends the straight line between two tiles, without the first, if all of it is open water and it squeezes through
/// between no two corners of land.
fn line(map: &Map, from: Tile, to: Tile, way: &mut Vec<Tile>) -> bool {
    let begun = way.len();
    let ((mut x, mut y), (ex, ey)) = (map.place(from), map.place(to));
    let (dx, dy) = (i64::from(ex.abs_diff(x)), i64::from(ey.abs_diff(y)));
    let (right, down) = (ex > x, ey > y);
    let step = |at: u32, up: bool| if up { at + 1 } else { at - 1 };
    let mut error = dx - dy;
    while (x, y) != (ex, ey) {
        let (along, across) = (error * 2 > -dy, error * 2 < dx);
        let open = |x: u32, y: u32| map.at(x, y).is_some_and(|tile| map.is_sea(tile));
        let (nx, ny) = (if along { step(x, right) } else { x }, if across { step(y, down) } else { y });
        let squeezed = along && across && !(open(nx, y) && open(x, ny));
        if !open(nx, ny) || squeezed {
            way.truncate(begun);
            return false;
        }
        error += if along { -dy } else { 0 } + if across { dx } else { 0 };
        (x, y) = (nx, ny);
        way.extend(map.at(x, y));
    }
    true
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
