//! How the ground is made: a few broad rises bent by noise, with ranges along ridges, cut by a level of water that leaves
//! the share of land that was asked for. Specks of land and puddles are filled.

use std::sync::Arc;

use super::noise::Layers;
use super::sea::Sea;
use super::{HEIGHT, LAND, Map, SEA, Tile};
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

/// Thousandths of the land that are plains, and hills with them; the rest is mountains.
const PLAINS: usize = 620;
const HILLS: usize = 880;

/// What is reckoned of a tile, without a unit: how far it rises over the water, and how tall its ground is.
#[derive(Clone, Copy)]
struct Form {
    rise: i32,
    tall: i32,
}

/// Makes it: of a few tries the first that has a large land, islands and enough of both land and water.
pub(super) fn make(width: u32, height: u32, seed: u64) -> Arc<Map> {
    const TRIES: u64 = 16;
    let mut tries = (0..TRIES).map(|number| attempt(width, height, seed ^ number << 48));
    let (mut map, _) = tries.find(|found| found.1).unwrap_or_else(|| attempt(width, height, seed));
    map.seed = seed;
    map.sea = Sea::of(&map);
    Arc::new(map)
}

/// One try, and whether it will do.
fn attempt(width: u32, height: u32, seed: u64) -> (Map, bool) {
    let forms = forms(width, height, seed);
    let share = LAND_SHARE.0 + (mix(seed ^ 7) % u64::from(LAND_SHARE.1)) as u32;
    let rises = spread(forms.iter().map(|form| form.rise));
    let at = |order: &[i32], thousandth: usize| order[(order.len() - 1) * thousandth / 1_000];
    let water = at(&rises, 1_000 - share as usize);
    let deep = at(&rises, 5);
    let talls = spread(forms.iter().filter(|form| form.rise > water).map(|form| form.tall));
    // Some are plains, fewer hills, few mountains, whatever the noise gave.
    let marks = [0, PLAINS, HILLS, 998].map(|thousandth| at(&talls, thousandth));
    let ground = forms
        .iter()
        .map(|form| {
            if form.rise > water {
                LAND | level(form.tall, marks)
            } else {
                let part =
                    i64::from(water - form.rise) * i64::from(HEIGHT) / i64::from((water - deep).max(1));
                (part as u8).min(HEIGHT)
            }
        })
        .collect();
    let mut map = Map { width, height, seed, ground, land: 0, sea: Sea::default() };
    let lands = tidy(&mut map);
    map.survey();
    let largest = lands.iter().copied().max().unwrap_or(0) as u32;
    let share = u64::from(map.land) * 100 / map.ground.len() as u64;
    let fits = lands.len() > 2 && largest * 100 >= map.land * 35 && (36..=59).contains(&share);
    (map, fits)
}

/// Some of the numbers, in order.
fn spread(numbers: impl Iterator<Item = i32>) -> Vec<i32> {
    let mut some: Vec<i32> = numbers.step_by(7).collect();
    some.push(0);
    some.sort();
    some
}

/// The height of land: 0 to 9 are plains, 10 to 19 hills, 20 and up mountains.
fn level(tall: i32, marks: [i32; 4]) -> u8 {
    let band = if tall < marks[1] { 0 } else { 1 + usize::from(tall >= marks[2]) };
    let (low, high) = (i64::from(marks[band]), i64::from(marks[band + 1]));
    let room = if band == 2 { 11 } else { 9 };
    let part = (i64::from(tall) - low) * room / (high - low).max(1);
    band as u8 * 10 + part.clamp(0, room) as u8
}

/// The form of every tile.
fn forms(width: u32, height: u32, seed: u64) -> Vec<Form> {
    let (columns, rows) = (width / COARSE + 2, height / COARSE + 2);
    let size = width.min(height);
    let bend = (Layers::new(seed ^ 1, size * FINE / 3, 4), Layers::new(seed ^ 2, size * FINE / 3, 4));
    let broad = Layers::new(seed ^ 3, size * FINE / 3, 5);
    let coasts = Layers::new(seed ^ 8, size.max(160) * FINE / 10, 3);
    let ranges = Layers::new(seed ^ 4, size * FINE / 2, 3);
    let spurs = Layers::new(seed ^ 9, size.max(160) * FINE / 8, 3);
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
            let edge = i64::from(x.min(width.saturating_sub(x)).min(y).min(height.saturating_sub(y)));
            let shelf = i64::from(size / 10);
            let sink = (shelf - edge).max(0).pow(2) * 60_000 / (shelf * shelf);
            let coast = (coasts.at(x * FINE, y * FINE) - 32_768) * 3 / 4;
            let ridge = (ranges.ridge(bx, by) - 40_000).max(0);
            let spur = spurs.ridge(x * FINE, y * FINE) / 4;
            coarse.push(Form {
                rise: (rise + broad.at(bx, by) * 3 / 4 + coast - sink) as i32,
                tall: (ridge * 2 + spur + (rise - 20_000).max(0) / 3) as i32,
            });
        }
    }
    let grain = Layers::new(seed ^ 5, 20 * FINE, 3);
    let mut forms = Vec::with_capacity((width * height) as usize);
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = ((x % COARSE) as i32, (y % COARSE) as i32);
            let at = (y / COARSE * columns + x / COARSE) as usize;
            let below = at + columns as usize;
            let corners = [coarse[at], coarse[at + 1], coarse[below], coarse[below + 1]];
            let between = |part: fn(&Form) -> i32| {
                let edge = COARSE as i32;
                let top = part(&corners[0]) * (edge - fx) + part(&corners[1]) * fx;
                let low = part(&corners[2]) * (edge - fx) + part(&corners[3]) * fx;
                (top * (edge - fy) + low * fy) / (edge * edge)
            };
            let fine = ((grain.at(x * FINE, y * FINE) - 32_768) / 4) as i32;
            // The rim is water, so that all seas are one.
            let rim = x < 3 || y < 3 || x + 3 >= width || y + 3 >= height;
            let rise = between(|form| form.rise);
            forms.push(Form {
                rise: if rim { rise.min(0) - 200_000 } else { rise + fine },
                tall: between(|form| form.tall) + fine / 2,
            });
        }
    }
    forms
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

/// Specks of land go under, puddles dry up, and the water that reaches the rim is the sea. Says how large the
/// lands are that remain.
fn tidy(map: &mut Map) -> Vec<usize> {
    let mut lands = Vec::new();
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
        let byte = match (land, piece.len()) {
            (true, ..ISLAND_TILES_MIN) => 1,
            (false, ..LAKE_TILES_MIN) => LAND | 1,
            (true, tiles) => {
                lands.push(tiles);
                continue;
            }
            (false, _) => continue,
        };
        piece.iter().for_each(|tile| map.ground[tile.0 as usize] = byte);
    }
    // The first tile is on the rim, and the rim is all water.
    let mut open = vec![Tile(0)];
    map.ground[0] |= SEA;
    while let Some(tile) = open.pop() {
        for next in map.beside(tile) {
            if !map.is_land(next) && !map.is_sea(next) {
                map.ground[next.0 as usize] |= SEA;
                open.push(next);
            }
        }
    }
    lands
}
