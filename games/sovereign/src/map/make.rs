//! How the ground is made.

use std::sync::Arc;

use super::{HEIGHT, LAND, Map, SEA, SHORE, Tile};
use crate::dice::mix;

/// Makes it.
pub(super) fn make(width: u32, height: u32, seed: u64) -> Arc<Map> {
    let mut map = Map { width, height, seed, ground: vec![0; (width * height) as usize], land: 0 };
    for y in 0..height {
        for x in 0..width {
            let level = value(seed, x, y, 64) * 3 / 4 + value(seed ^ 1, x, y, 16) / 4;
            let at = (y * width + x) as usize;
            if level >= 120 {
                map.ground[at] = LAND | (((level - 120) / 5) as u8).min(HEIGHT);
                map.land += 1;
            } else {
                map.ground[at] = SEA | (((120 - level) / 5) as u8).min(HEIGHT);
            }
        }
    }
    for number in 0..map.ground.len() as u32 {
        let land = map.is_land(Tile(number));
        if map.beside(Tile(number)).any(|next| map.is_land(next) != land) {
            map.ground[number as usize] |= SHORE;
        }
    }
    Arc::new(map)
}

/// Noise between grid points `cell` apart: 0 to 255.
fn value(seed: u64, x: u32, y: u32, cell: u32) -> u32 {
    let corner = |cx: u32, cy: u32| (mix(seed ^ (u64::from(cx) << 32 | u64::from(cy))) & 255) as u32;
    let (cx, cy, fx, fy) = (x / cell, y / cell, x % cell, y % cell);
    let top = corner(cx, cy) * (cell - fx) + corner(cx + 1, cy) * fx;
    let low = corner(cx, cy + 1) * (cell - fx) + corner(cx + 1, cy + 1) * fx;
    (top * (cell - fy) + low * fy) / (cell * cell)
}
