//! Owners of tiles as runs.
//!
//! A whole map goes row by row. Changes go by *codes*, in which tiles that lie together have numbers that lie together:
//! blocks of 32 × 32 tiles row by row, and in a block the bits of column and row in turns (Morton 1966). A front is then a
//! few short runs instead of a run for each row.

use super::varint::{Reader, put};

/// Edge of a block, as a power of two.
const EDGE_BITS: u32 = 5;
const EDGE: u32 = 1 << EDGE_BITS;

/// The owner of tiles that a seat does not see.
pub(crate) const UNSEEN: u16 = u16::MAX;

/// The shape of a map, as codes need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Codes {
    width: u32,
    height: u32,
    blocks: u32,
}

impl Codes {
    pub(crate) fn new(width: u32, height: u32) -> Self {
        Self { width, height, blocks: width.div_ceil(EDGE) }
    }

    /// The code of a tile.
    pub(crate) fn code(self, tile: u32) -> u32 {
        self.code_at(tile % self.width, tile / self.width)
    }

    /// The code of a column and row.
    pub(crate) fn code_at(self, x: u32, y: u32) -> u32 {
        let block = (y >> EDGE_BITS) * self.blocks + (x >> EDGE_BITS);
        block << (2 * EDGE_BITS) | spread(x & (EDGE - 1)) | spread(y & (EDGE - 1)) << 1
    }

    /// The tile of a code, if the map has one.
    pub(crate) fn tile(self, code: u32) -> Option<u32> {
        let block = code >> (2 * EDGE_BITS);
        let x = (block % self.blocks) * EDGE + gather(code);
        let y = (block / self.blocks).checked_mul(EDGE)? + gather(code >> 1);
        (x < self.width && y < self.height).then(|| y * self.width + x)
    }
}

/// Five bits to the even places.
fn spread(bits: u32) -> u32 {
    let bits = (bits | bits << 4) & 0x10F;
    let bits = (bits | bits << 2) & 0x133;
    (bits | bits << 1) & 0x155
}

/// Five bits from the even places.
fn gather(code: u32) -> u32 {
    let bits = code & 0x155;
    let bits = (bits | bits >> 1) & 0x133;
    let bits = (bits | bits >> 2) & 0x10F;
    (bits | bits >> 4) & 0x1F
}

/// A changed tile, in the order in which changes are told: by owner, then code.
pub(crate) fn change(owner: u16, code: u32) -> u64 {
    u64::from(owner) << 32 | u64::from(code)
}

/// Changes as bytes: for each owner its number, how many runs, and the runs. A tile may stand there twice, with the
/// same owner.
pub(crate) fn pack(mut changes: Vec<u64>) -> Vec<u8> {
    changes.sort();
    changes.dedup();
    let mut out = Vec::with_capacity(changes.len() + changes.len() / 2 + 8);
    let mut runs = Vec::new();
    for group in changes.chunk_by(|a, b| a >> 32 == b >> 32) {
        put(&mut out, group[0] >> 32);
        runs.clear();
        let mut count = 0;
        let mut end = 0;
        for run in group.chunk_by(|a, b| a + 1 == *b) {
            let start = run[0] & 0xFFFF_FFFF;
            let long = run.len() as u64 - 1;
            put(&mut runs, (start - end) << 1 | u64::from(long > 0));
            if long > 0 {
                put(&mut runs, long - 1);
            }
            end = start + long + 1;
            count += 1;
        }
        put(&mut out, count);
        out.extend_from_slice(&runs);
    }
    out
}

/// Reads what [`pack`] wrote. Codes that are no tile of the map are passed over.
pub(crate) fn unpack(codes: Codes, bytes: &[u8], mut visit: impl FnMut(u16, u32)) -> Option<()> {
    let tiles_max = (u64::from(codes.blocks) * u64::from(codes.height.div_ceil(EDGE))) << (2 * EDGE_BITS);
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let owner = reader.small()?;
        let mut next = 0_u64;
        for _ in 0..reader.small::<u32>()? {
            let head = reader.number()?;
            let long = if head & 1 == 1 { reader.number()?.checked_add(2)? } else { 1 };
            let start = next.checked_add(head >> 1)?;
            next = start.checked_add(long)?;
            if next > tiles_max {
                return None;
            }
            for code in start..next {
                if let Some(tile) = codes.tile(code as u32) {
                    visit(owner, tile);
                }
            }
        }
    }
    Some(())
}

/// Appends a run of a whole map's owners.
pub(crate) fn put_run(out: &mut Vec<u8>, owner: u16, tiles: u32) {
    put(out, u64::from(owner));
    put(out, u64::from(tiles));
}

/// Reads runs that cover a map of so many tiles, no more and no fewer.
pub(crate) fn read_runs(bytes: &[u8], tiles: usize) -> Option<Vec<u16>> {
    let mut owners = Vec::with_capacity(tiles);
    let mut reader = Reader::new(bytes);
    while !reader.is_empty() {
        let owner = reader.small()?;
        let count = reader.small::<u32>()? as usize;
        if count == 0 || count > tiles - owners.len() {
            return None;
        }
        owners.resize(owners.len() + count, owner);
    }
    (owners.len() == tiles).then_some(owners)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_tiles() {
        for (width, height) in [(1, 1), (33, 7), (200, 125), (64, 64)] {
            let codes = Codes::new(width, height);
            for tile in 0..width * height {
                assert_eq!(codes.tile(codes.code(tile)), Some(tile));
            }
        }
        // (3, 5) in the third block of the second row.
        assert_eq!(Codes::new(100, 100).code_at(64 + 3, 32 + 5), 6 << 10 | 0b10_0111);
        assert_eq!(Codes::new(33, 7).tile(1 << 10 | 1), None);
    }
}
