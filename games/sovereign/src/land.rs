//! Who owns which tile: two bytes a tile, in blocks that a copy of the war shares until one of the two writes there. So a
//! copy for a snapshot costs a step nothing in proportion to the map.

use std::sync::Arc;

use crate::{NationId, Tile};

/// Tiles of a block.
const BLOCK: usize = 4_096;
/// Tiles that are compared at once.
const RUN: usize = 32;

/// The owners of all tiles.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Land {
    blocks: Vec<Arc<[u16; BLOCK]>>,
    tiles: usize,
}

impl Land {
    /// Nobody owns anything.
    pub fn new(tiles: usize) -> Self {
        let empty = Arc::new([0; BLOCK]);
        Self { blocks: vec![empty; tiles.div_ceil(BLOCK)], tiles }
    }

    /// Tiles in all.
    pub fn len(&self) -> usize {
        self.tiles
    }

    /// A map without tiles.
    pub fn is_empty(&self) -> bool {
        self.tiles == 0
    }

    /// Who owns a tile of this map.
    pub fn owner(&self, tile: Tile) -> NationId {
        let at = tile.0 as usize;
        NationId(self.blocks[at / BLOCK][at % BLOCK])
    }

    /// Gives a tile to somebody. Nations' counts are the caller's.
    pub fn set(&mut self, tile: Tile, owner: NationId) {
        let at = tile.0 as usize;
        Arc::make_mut(&mut self.blocks[at / BLOCK])[at % BLOCK] = owner.0;
    }

    /// All owners in order.
    pub fn owners(&self) -> impl Iterator<Item = u16> + '_ {
        self.blocks.iter().flat_map(|block| block.iter().copied()).take(self.tiles)
    }

    /// All owners in order, as runs: an owner and how many tiles of it follow.
    pub fn each_run(&self, mut visit: impl FnMut(u16, u32)) {
        let Some(first) = self.blocks.first().filter(|_| self.tiles > 0) else { return };
        let (mut owner, mut count, mut left) = (first[0], 0, self.tiles);
        for block in &self.blocks {
            let tiles = &block[..left.min(BLOCK)];
            left -= tiles.len();
            for some in tiles.chunks(RUN) {
                // Most of a map is long runs: many tiles are compared at once.
                if some.iter().fold(0, |other, tile| other | (tile ^ owner)) == 0 {
                    count += some.len() as u32;
                    continue;
                }
                for tile in some {
                    if *tile != owner {
                        visit(owner, count);
                        (owner, count) = (*tile, 0);
                    }
                    count += 1;
                }
            }
        }
        visit(owner, count);
    }

    /// Land of whose tiles the runs tell, in order; `None` unless they cover it and no more.
    pub(crate) fn of_runs(tiles: usize, mut next: impl FnMut() -> Option<(u16, u32)>) -> Option<Self> {
        let mut land = Self::new(tiles);
        let mut at = 0;
        while at < tiles {
            let (owner, count) = next()?;
            let end = at.checked_add(count as usize).filter(|end| count > 0 && *end <= tiles)?;
            while at < end {
                let to = end.min((at / BLOCK + 1) * BLOCK);
                if owner != 0 {
                    Arc::make_mut(&mut land.blocks[at / BLOCK])[at % BLOCK..][..to - at].fill(owner);
                }
                at = to;
            }
        }
        Some(land)
    }
}
