//! The ground: water, shores and heights, made from a seed with whole numbers only, so that it is the same everywhere. It
//! never changes during a war.

mod encode;
mod make;
mod noise;
mod sea;

use std::sync::Arc;

use crate::Size;
use crate::index::CELL;

/// A tile: its row times the map's width plus its column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Tile(pub u32);

/// The ground of a war. One byte a tile: bit 7 land, bit 6 shore (land beside water, or water beside land), bit 5 open
/// water (connected to the sea; boats go there), bits 0–4 height of land or depth of water (0 to 31).
#[derive(PartialEq, Eq, Debug)]
pub struct Map {
    width: u32,
    height: u32,
    seed: u64,
    ground: Vec<u8>,
    /// Tiles of land.
    land: u32,
    /// Where boats go.
    sea: sea::Sea,
}

const LAND: u8 = 1 << 7;
const SHORE: u8 = 1 << 6;
const SEA: u8 = 1 << 5;
const HEIGHT: u8 = 31;

impl Map {
    /// The map of a size and seed.
    pub fn make(size: Size, seed: u64) -> Arc<Self> {
        let (width, height) = size.edges();
        make::make(width, height, seed)
    }

    /// It is the map of a size and seed.
    pub(crate) fn is_made_of(&self, size: Size, seed: u64) -> bool {
        (self.width, self.height) == size.edges() && self.seed == seed
    }

    /// Counts the land and marks the shores of ground that is new.
    fn survey(&mut self) {
        self.land = self.ground.iter().filter(|&&byte| byte & LAND != 0).count() as u32;
        for number in 0..self.ground.len() as u32 {
            let land = self.is_land(Tile(number));
            if self.beside(Tile(number)).any(|next| self.is_land(next) != land) {
                self.ground[number as usize] |= SHORE;
            }
        }
    }

    /// A map drawn with letters: `~` is sea, `o` a lake, `^` a mountain, everything else a plain.
    #[cfg(test)]
    pub(crate) fn drawn(rows: &[&str]) -> Arc<Self> {
        let byte = |letter: u8| match letter {
            b'~' => SEA,
            b'o' => 0,
            b'^' => LAND | 25,
            _ => LAND,
        };
        let ground = rows.iter().flat_map(|row| row.bytes().map(byte)).collect();
        let (width, height) = (rows[0].len() as u32, rows.len() as u32);
        let mut map = Self { width, height, seed: 0, ground, land: 0, sea: sea::Sea::default() };
        map.survey();
        map.sea = sea::Sea::of(&map);
        Arc::new(map)
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// What it was made from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Tiles.
    pub fn len(&self) -> usize {
        self.ground.len()
    }

    /// No tiles.
    pub fn is_empty(&self) -> bool {
        self.ground.is_empty()
    }

    /// Tiles of land.
    pub fn land(&self) -> u32 {
        self.land
    }

    /// A tile of this map, if the number is one.
    pub fn tile(&self, number: u32) -> Option<Tile> {
        ((number as usize) < self.ground.len()).then_some(Tile(number))
    }

    /// Its column and row.
    pub fn place(&self, tile: Tile) -> (u32, u32) {
        (tile.0 % self.width, tile.0 / self.width)
    }

    /// The tile of a column and row.
    pub fn at(&self, x: u32, y: u32) -> Option<Tile> {
        (x < self.width && y < self.height).then(|| Tile(y * self.width + x))
    }

    /// Somebody can live there.
    pub fn is_land(&self, tile: Tile) -> bool {
        self.ground[tile.0 as usize] & LAND != 0
    }

    /// Land beside water, or water beside land.
    pub fn is_shore(&self, tile: Tile) -> bool {
        self.ground[tile.0 as usize] & SHORE != 0
    }

    /// Water on which boats go.
    pub fn is_sea(&self, tile: Tile) -> bool {
        self.ground[tile.0 as usize] & SEA != 0
    }

    /// Height of land, depth of water: 0 to 31.
    pub fn level(&self, tile: Tile) -> u8 {
        self.ground[tile.0 as usize] & HEIGHT
    }

    /// Columns and rows between two tiles.
    pub fn apart(&self, a: Tile, b: Tile) -> (u32, u32) {
        let ((ax, ay), (bx, by)) = (self.place(a), self.place(b));
        (ax.abs_diff(bx), ay.abs_diff(by))
    }

    /// The distance of two tiles: the longer side and two fifths of the shorter, within a tenth of the true one.
    pub fn distance(&self, a: Tile, b: Tile) -> u32 {
        let (x, y) = self.apart(a, b);
        x.max(y) + x.min(y) * 2 / 5
    }

    /// The square of the distance of two tiles, for finding the nearest.
    pub fn away(&self, a: Tile, b: Tile) -> u32 {
        let (x, y) = self.apart(a, b);
        x * x + y * y
    }

    /// The tiles of a [cell](crate::index::CELL), row by row.
    pub fn cell_tiles(&self, cell: u32) -> impl Iterator<Item = Tile> + use<> {
        let (width, height) = (self.width, self.height);
        let across = width.div_ceil(CELL);
        let (left, top) = (cell % across * CELL, cell / across * CELL);
        let (right, bottom) = ((left + CELL).min(width), (top + CELL).min(height));
        (top..bottom).flat_map(move |y| (left..right).map(move |x| Tile(y * width + x)))
    }

    /// Land beside water on which boats go.
    pub fn is_beach(&self, tile: Tile) -> bool {
        self.is_land(tile) && self.is_shore(tile) && self.beside(tile).any(|next| self.is_sea(next))
    }

    /// The parts of the sea.
    pub(crate) fn sea(&self) -> &sea::Sea {
        &self.sea
    }

    /// One byte a tile, row by row, as the type's description says.
    pub fn ground(&self) -> &[u8] {
        &self.ground
    }

    /// The up to four tiles beside a tile: above, left, right, below.
    pub fn beside(&self, tile: Tile) -> impl Iterator<Item = Tile> + use<> {
        let (width, count) = (self.width, self.ground.len() as u32);
        let x = tile.0 % width;
        let up = (tile.0 >= width).then(|| Tile(tile.0 - width));
        let left = (x > 0).then(|| Tile(tile.0 - 1));
        let right = (x + 1 < width).then(|| Tile(tile.0 + 1));
        let down = (tile.0 + width < count).then(|| Tile(tile.0 + width));
        [up, left, right, down].into_iter().flatten()
    }
}
