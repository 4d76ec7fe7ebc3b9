//! The tiles that an attack may take next, and in which order: low ground and tiles that are half surrounded first, else
//! those that were there first, patch by patch with a little chance, so that fronts look like fronts.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::dice::mix;
use crate::state::Attack;
use crate::{Land, Map, NationId, Tile};

/// Sixteenths of a step.
const UNIT: u32 = 16;

/// Edge in tiles of a patch, whose tiles have the same chance: what changes hands together lies together, and takes few
/// bytes to be told.
const PATCH: u32 = 4;

/// Ground by its height: 0 plain, 1 hills, 2 mountains.
pub(super) fn ruggedness(level: u8) -> usize {
    match level {
        0..10 => 0,
        10..20 => 1,
        _ => 2,
    }
}

/// When the turn of a tile comes, seen from an attack: a time, a little before or after others.
fn cost(map: &Map, tile: Tile, id: u32, mine: u32, step: u32) -> u32 {
    let (x, y) = map.place(tile);
    let patch = (y / PATCH) << 16 | (x / PATCH);
    let chance = (mix(u64::from(patch) << 32 | u64::from(id)) & 7) as u32;
    let ground = [10, 15, 22][ruggedness(map.level(tile))];
    let surrounded = 5_u32.saturating_sub(mine);
    step * UNIT + (10 + chance) * ground * surrounded * UNIT / 40
}

impl crate::War {
    /// Makes an attack's front anew: every tile of its target along the whole border.
    pub(super) fn seed_front(&mut self, at: usize) {
        let (map, land, step) = (&self.ground.map, &self.land, self.step);
        let attack = &mut self.attacks[at];
        let (from, on, id) = (attack.from, attack.on, attack.id);
        let mut tiles = std::mem::take(&mut attack.front).into_vec();
        tiles.clear();
        for mine in self.index.border(map, land, from) {
            for next in map.beside(mine) {
                if land.owner(next) != on || !map.is_land(next) {
                    continue;
                }
                // Each tile once, though it may be beside several of mine.
                let mut sides = map.beside(next).filter(|&side| land.owner(side) == from);
                if sides.next() == Some(mine) {
                    let mine = 1 + sides.count() as u32;
                    tiles.push(Reverse((cost(map, next, id, mine, step), next.0)));
                }
            }
        }
        self.attacks[at].front = BinaryHeap::from(tiles);
    }

    /// Adds what lies beside a tile that the attack holds.
    pub(super) fn push_beside(&mut self, at: usize, tile: Tile) {
        let (map, land, step) = (&self.ground.map, &self.land, self.step);
        push(&mut self.attacks[at], map, land, tile, step);
    }
}

/// Adds what lies beside a tile that an attack has taken.
pub(super) fn push(attack: &mut Attack, map: &Map, land: &Land, taken: Tile, step: u32) {
    for next in map.beside(taken) {
        if land.owner(next) == attack.on && map.is_land(next) {
            let mine = sides(map, land, next, attack.from);
            attack.front.push(Reverse((cost(map, next, attack.id, mine, step), next.0)));
        }
    }
}

/// How many of the tiles beside one are somebody's.
pub(super) fn sides(map: &Map, land: &Land, tile: Tile, id: NationId) -> u32 {
    map.beside(tile).filter(|&next| land.owner(next) == id).count() as u32
}
