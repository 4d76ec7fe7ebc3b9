//! Land that falls without a fight: a piece that was cut off from its nation and has only one other beside it. It is
//! looked for where a tile was just taken, and only within a window of the map, so that looking never costs much.

use crate::{Map, NationId, Tile, War};

/// Edge of the window in tiles: pieces that reach out of it are too large to fall.
const WINDOW: u32 = 64;
/// Tiles that one look visits.
const LOOK_MAX: usize = 1_500;

/// Wild land of more tiles does not fall by being surrounded: somebody has to go there.
const WILD_TILES_MAX: usize = 40;

/// What a look from a tile has found.
enum Piece {
    /// It hangs together with more than the window shows, or with the tile asked about.
    Large,
    /// All of it, and whom it touches.
    Whole(Vec<Tile>, Option<NationId>),
}

impl War {
    /// A tile of `loser` was taken: if that cut a piece off which now touches nobody but `winner`, it falls too. True if
    /// something fell.
    pub(crate) fn cut_off(&mut self, taken: Tile, loser: NationId, winner: NationId) -> bool {
        let map = self.ground.map.clone();
        let ring = ring(&map, taken);
        let is_theirs =
            |tile: Option<Tile>| tile.is_some_and(|tile| self.land.owner(tile) == loser && map.is_land(tile));
        // The loser's tiles around this one hang together by themselves if they are one stretch of the ring; where they are
        // more, the tile that was taken may have been what joined them.
        let here: [bool; 8] = ring.map(is_theirs);
        let mut starts = [Tile(0); 4];
        let mut count = 0;
        for side in [1, 3, 5, 7] {
            let Some(tile) = ring[side] else { continue };
            if !here[side] {
                continue;
            }
            if !(here[side - 1] && here[(side + 6) % 8]) {
                starts[count] = tile;
                count += 1;
            }
        }
        if count < 2 {
            return false;
        }
        let ends = &starts[..count];
        let mut pieces: Vec<Vec<Tile>> = Vec::new();
        for &start in ends {
            if let Piece::Whole(piece, Some(beside)) = self.look(start, loser, ends)
                && beside == winner
                && (loser != NationId::NOBODY || piece.len() <= WILD_TILES_MAX)
            {
                pieces.push(piece);
            }
        }
        // The smaller ones: the last that a nation has is no piece of it.
        pieces.sort_by_key(|piece| (piece.len(), piece[0]));
        let fell = !pieces.is_empty();
        for piece in pieces {
            if self.nation(loser).is_none_or(|nation| nation.tiles as usize > piece.len()) {
                piece.into_iter().for_each(|tile| self.give(tile, winner));
            }
        }
        fell
    }

    /// Follows a nation's land from a tile. It is large if it reaches another of `ends`: pieces that hang together were not
    /// cut apart.
    fn look(&self, start: Tile, id: NationId, ends: &[Tile]) -> Piece {
        let map = self.map();
        let (x, y) = map.place(start);
        let (left, top) = (x.saturating_sub(WINDOW / 2), y.saturating_sub(WINDOW / 2));
        let mut seen = [0_u64; WINDOW as usize];
        seen[(y - top) as usize] |= 1 << (x - left);
        let mut piece = vec![start];
        let mut beside = None;
        let mut several = false;
        let mut at = 0;
        while at < piece.len() {
            for next in map.beside(piece[at]) {
                let owner = self.land.owner(next);
                if owner != id {
                    if map.is_land(next) {
                        several |= beside.is_some_and(|known| known != owner);
                        beside = Some(owner);
                    }
                    continue;
                }
                if !map.is_land(next) {
                    continue;
                }
                let (x, y) = map.place(next);
                if x < left || y < top || x >= left + WINDOW || y >= top + WINDOW || piece.len() >= LOOK_MAX {
                    return Piece::Large;
                }
                let (row, bit) = ((y - top) as usize, 1 << (x - left));
                if seen[row] & bit != 0 {
                    continue;
                }
                if next != start && ends.contains(&next) {
                    return Piece::Large;
                }
                seen[row] |= bit;
                piece.push(next);
            }
            if several {
                // Whatever else it is, it touches more than one.
                return Piece::Large;
            }
            at += 1;
        }
        Piece::Whole(piece, beside)
    }

    /// All land of one goes to another.
    pub(crate) fn take_all(&mut self, id: NationId, to: NationId) {
        let map = self.ground.map.clone();
        let cells: Vec<u32> = self.index.cells(id).iter().map(|&(cell, _)| cell).collect();
        for cell in cells {
            for tile in map.cell_tiles(cell) {
                if self.land.owner(tile) == id {
                    self.give(tile, to);
                }
            }
        }
    }
}

/// The eight tiles around one, clockwise from the upper left: corners at even places, sides at odd ones.
fn ring(map: &Map, tile: Tile) -> [Option<Tile>; 8] {
    let (x, y) = map.place(tile);
    const AROUND: [(i32, i32); 8] = [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)];
    AROUND.map(|(dx, dy)| map.at(x.checked_add_signed(dx)?, y.checked_add_signed(dy)?))
}
