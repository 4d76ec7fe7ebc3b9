//! How the ground is made: a few broad rises bent by noise, with ranges along ridges, cut by a level of water that leaves
//! the share of land that was asked for. Specks of land and puddles are filled.

use std::sync::Arc;

use super::noise::Layers;
use super::sea::Sea;
use super::{HEIGHT, LAND, Map, SEA, SHORE, Tile};
use crate::dice::{Dice, mix};

/// Rough heights are reckoned for every so many tiles, and joined between.
const COARSE: u32 = 4;
/// Sixteenths of a tile.
const FINE: u32 = 16;
/// Land of fewer tiles is a speck.
const ISLAND_TILES_MIN: usize = 24;
/// Water of fewer tiles is a puddle.
const LAKE_TILES_MIN: usize = 16;
/// Thousandths of the map that are land, before specks go and puddles are filled: from, and as many as this more.
const LAND_SHARE: (u32, u32) = (420, 110);

/// Makes it.
pub(super) fn make(width: u32, height: u32, seed: u64) -> Arc<Map> {
    let heights = heights(width, height, seed);
    let share = LAND_SHARE.0 + (mix(seed ^ 7) % u64::from(LAND_SHARE.1)) as u32;
    let mut sorted: Vec<i32> = heights.iter().copied().step_by(7).collect();
    sorted.sort_unstable();
    let at = |thousandth: u32| sorted[(sorted.len() - 1) * thousandth as usize / 1_000];
    let water = at(1_000 - share);
    // Heights above the water are spread so that some are plains, fewer hills, few mountains; the same for depths.
    let (high, deep) = (at(995), at(5));
    let ground = heights
        .iter()
        .map(|&level| {
            if level > water {
                let part = i64::from(level - water) * 1_000 / i64::from((high - water).max(1));
                let part = part.min(1_000);
                LAND | ((part * part / 1_000 + part) * i64::from(HEIGHT) / 2_000) as u8
            } else {
                let part = i64::from(water - level) * i64::from(HEIGHT) / i64::from((water - deep).max(1));
                (part as u8).min(HEIGHT)
            }
        })
        .collect();
    let mut map = Map { width, height, seed, ground, land: 0, sea: Sea::default() };
    tidy(&mut map);
    map.land = map.ground.iter().filter(|&&byte| byte & LAND != 0).count() as u32;
    for number in 0..map.ground.len() as u32 {
        let land = map.is_land(Tile(number));
        if map.beside(Tile(number)).any(|next| map.is_land(next) != land) {
            map.ground[number as usize] |= SHORE;
        }
    }
    map.sea = Sea::of(&map);
    Arc::new(map)
}

/// The rise of every tile, without a unit.
fn heights(width: u32, height: u32, seed: u64) -> Vec<i32> {
    let (columns, rows) = (width / COARSE + 2, height / COARSE + 2);
    let size = width.min(height);
    let bend = (Layers::new(seed ^ 1, size * FINE / 3, 3), Layers::new(seed ^ 2, size * FINE / 3, 3));
    let broad = Layers::new(seed ^ 3, size * FINE / 2, 5);
    let ranges = Layers::new(seed ^ 4, size * FINE / 3, 3);
    let rises = rises(width, height, seed);
    let mut coarse = Vec::with_capacity((columns * rows) as usize);
    for row in 0..rows {
        for column in 0..columns {
            let (x, y) = (column * COARSE, row * COARSE);
            // Bent by up to a fifth of the map, so that coasts are no circles.
            let reach = i64::from(size) * i64::from(FINE) / 5;
            let warp = |layers: &Layers, at: u32| {
                let by = (layers.at(x * FINE, y * FINE) - 32_768) * reach / 32_768;
                (i64::from(at * FINE) + by + i64::from(4 * size * FINE)) as u32
            };
            let (bx, by) = (warp(&bend.0, x), warp(&bend.1, y));
            let at_x = i64::from(bx) / i64::from(FINE) - i64::from(4 * size);
            let at_y = i64::from(by) / i64::from(FINE) - i64::from(4 * size);
            let rise = rises.iter().map(|rise| rise.at(at_x, at_y)).max().unwrap_or(0);
            let ridge = ranges.ridge(bx, by);
            let range = (ridge - 45_000).max(0) * 3 * rise / 65_536;
            let edge = i64::from(x.min(width.saturating_sub(x)).min(y).min(height.saturating_sub(y)));
            let shelf = i64::from(size / 9);
            let sink = (shelf - edge).max(0).pow(2) * 60_000 / (shelf * shelf);
            coarse.push((rise + broad.at(bx, by) + range / 2 - sink) as i32);
        }
    }
    let grain = Layers::new(seed ^ 5, 24 * FINE, 3);
    let mut heights = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let (cx, cy) = (x / COARSE, y / COARSE);
            let (fx, fy) = ((x % COARSE) as i32, (y % COARSE) as i32);
            let at = (cy * columns + cx) as usize;
            let below = at + columns as usize;
            let edge = COARSE as i32;
            let top = coarse[at] * (edge - fx) + coarse[at + 1] * fx;
            let low = coarse[below] * (edge - fx) + coarse[below + 1] * fx;
            let rough = (top * (edge - fy) + low * fy) / (edge * edge);
            let fine = ((grain.at(x * FINE, y * FINE) - 32_768) / 5) as i32;
            // The rim is water, so that all seas are one.
            let rim = x < 3 || y < 3 || x + 3 >= width || y + 3 >= height;
            heights.push(if rim { rough.min(0) - 200_000 } else { rough + fine });
        }
    }
    heights
}

/// A broad rise of the ground: a lens.
struct Rise {
    x: i64,
    y: i64,
    /// Half its width and height.
    wide: i64,
    high: i64,
    top: i64,
}

impl Rise {
    fn at(&self, x: i64, y: i64) -> i64 {
        let part = ((x - self.x) * 1_024 / self.wide).pow(2) + ((y - self.y) * 1_024 / self.high).pow(2);
        self.top * (1_048_576 - part).max(0) / 1_048_576
    }
}

/// One continent near the middle of one half, others where there is room, and small ones about.
fn rises(width: u32, height: u32, seed: u64) -> Vec<Rise> {
    let mut dice = Dice::new(seed ^ 6);
    let (width, height) = (i64::from(width), i64::from(height));
    let mut between = |low: i64, high: i64| low + i64::from(dice.below((high - low).max(1) as u32));
    let mut rises = Vec::new();
    for number in 0..9 {
        let (size, top) = match number {
            0 => (height * between(48, 60) / 100, 62_000),
            1..=3 => (height * between(22, 36) / 100, between(42_000, 56_000)),
            _ => (height * between(9, 18) / 100, between(32_000, 50_000)),
        };
        let mut place = (width / 2, height / 2);
        let mut best = i64::MIN;
        for _ in 0..8 {
            let tried = match number {
                0 => (width * between(28, 72) / 100, height * between(42, 58) / 100),
                _ => (width * between(10, 90) / 100, height * between(14, 86) / 100),
            };
            // The freest of a few.
            let free = rises
                .iter()
                .map(|rise: &Rise| (rise.x - tried.0).abs().max((rise.y - tried.1).abs()) - rise.wide)
                .min()
                .unwrap_or(0);
            if free > best {
                (best, place) = (free, tried);
            }
        }
        let wide = size * between(95, 150) / 100;
        rises.push(Rise { x: place.0, y: place.1, wide: wide.max(4), high: size.max(4), top });
    }
    rises
}

/// Specks of land go under, puddles dry up, and the water that reaches the rim is the sea.
fn tidy(map: &mut Map) {
    let mut seen = vec![false; map.ground.len()];
    let mut piece = Vec::new();
    for number in 0..map.ground.len() as u32 {
        if seen[number as usize] {
            continue;
        }
        let land = map.is_land(Tile(number));
        seen[number as usize] = true;
        piece.clear();
        piece.push(Tile(number));
        let mut at = 0;
        while at < piece.len() {
            for next in map.beside(piece[at]) {
                if !seen[next.0 as usize] && map.is_land(next) == land {
                    seen[next.0 as usize] = true;
                    piece.push(next);
                }
            }
            at += 1;
        }
        // The first tile is on the rim, and the rim is all water.
        let byte = match (land, number, piece.len()) {
            (false, 0, _) => Some(SEA),
            (true, _, ..ISLAND_TILES_MIN) => Some(SEA | 1),
            (false, _, ..LAKE_TILES_MIN) => Some(LAND | 1),
            _ => None,
        };
        for tile in &piece {
            let ground = &mut map.ground[tile.0 as usize];
            match byte {
                Some(SEA) => *ground |= SEA,
                Some(byte) => *ground = byte,
                None => {}
            }
        }
    }
}
