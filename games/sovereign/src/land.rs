//! Who owns which tile: two bytes a tile, in blocks that a copy of the war shares until one of the two writes there. So a
//! copy for a snapshot costs a step nothing in proportion to the map.

use std::sync::Arc;

use crate::{NationId, Tile};

/// Tiles of a block.
const BLOCK: usize = 4_096;

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
}
