//! Owners of tiles.
//!
//! A whole map goes row by row, as runs. Changes go by *codes*, in which tiles that lie together have numbers that lie
//! together: blocks of 64 × 64 tiles row by row, and in a block the places along a curve that fills it (Hilbert 1891). The
//! tiles of each new owner are told in order of their codes by the gaps between them, in bits.

use super::bits;
use super::varint::{Reader, put};

/// Edge of a block, as a power of two.
const EDGE_BITS: u32 = 6;
const EDGE: u32 = 1 << EDGE_BITS;
const PLACES: usize = 1 << (2 * EDGE_BITS);

/// Orders of the codes of numbers (see [`bits`]) that fit what they say: groups, gaps or runs of a group, the way from the
/// first code of one group to that of the next, gaps between runs, tiles of a run.
const GROUPS: u32 = 2;
const PARTS: u32 = 2;
const FIRST: u32 = 13;
const RUN_GAP: u32 = 4;
const RUN_TILES: u32 = 3;
/// In place of an order for gaps: the group is told in runs.
const RUNS: u32 = 7;
/// Bits in which an order, or that, is said; and how wide owners are.
const ORDER_BITS: u32 = 3;
const WIDTH_BITS: u32 = 5;

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
        let at = (y & (EDGE - 1)) << EDGE_BITS | (x & (EDGE - 1));
        block << (2 * EDGE_BITS) | u32::from(CURVE.0[at as usize])
    }

    /// The tile of a code, if the map has one.
    pub(crate) fn tile(self, code: u32) -> Option<u32> {
        let block = code >> (2 * EDGE_BITS);
        let at = u32::from(CURVE.1[code as usize % PLACES]);
        let x = (block % self.blocks) * EDGE + (at & (EDGE - 1));
        let y = (block / self.blocks).checked_mul(EDGE)? + (at >> EDGE_BITS);
        (x < self.width && y < self.height).then(|| y * self.width + x)
    }

    /// The first number that is no code.
    fn end(self) -> u64 {
        (u64::from(self.blocks) * u64::from(self.height.div_ceil(EDGE))) << (2 * EDGE_BITS)
    }
}

/// Of each place in a block (row, then column) its number along the curve; and of each number its place.
static CURVE: ([u16; PLACES], [u16; PLACES]) = curve();

const fn curve() -> ([u16; PLACES], [u16; PLACES]) {
    let (mut numbers, mut places) = ([0; PLACES], [0; PLACES]);
    let mut number = 0;
    while number < PLACES {
        let (mut x, mut y, mut rest, mut edge) = (0, 0, number, 1);
        while edge < EDGE as usize {
            // Two bits say in which quarter; the curve in it is turned so that its ends meet those beside it.
            let (right, low) = (rest >> 1 & 1, (rest ^ rest >> 1) & 1);
            if low == 0 {
                if right == 1 {
                    (x, y) = (edge - 1 - x, edge - 1 - y);
                }
                (x, y) = (y, x);
            }
            x += edge * right;
            y += edge * low;
            rest >>= 2;
            edge <<= 1;
        }
        places[number] = (y << EDGE_BITS | x) as u16;
        numbers[y << EDGE_BITS | x] = number as u16;
        number += 1;
    }
    (numbers, places)
}

/// A changed tile, in the order in which changes are told: by owner, then code.
pub(crate) fn change(owner: u16, code: u32) -> u64 {
    u64::from(owner) << 32 | u64::from(code)
}

/// Changes as bytes. A tile may stand there twice, with the same owner.
pub(crate) fn pack(mut changes: Vec<u64>) -> Vec<u8> {
    changes.sort();
    changes.dedup();
    let mut groups: Vec<&[u64]> = changes.chunk_by(|a, b| a >> 32 == b >> 32).collect();
    groups.sort_by_key(|group| (group[0] as u32, group[0]));
    // What is not seen is told in the most tiles: one more than the last owner is the first.
    let name = |group: &[u64]| ((group[0] >> 32) as u16).wrapping_add(1);
    let width = 16 - groups.iter().map(|group| name(group)).max().unwrap_or_default().leading_zeros();
    let mut out = bits::Writer::default();
    out.number(groups.len() as u32, GROUPS);
    out.bits(width, WIDTH_BITS);
    let mut before = 0;
    for group in groups {
        let first = group[0] as u32;
        out.bits(name(group).into(), width);
        out.number(first - before, FIRST);
        before = first;
        put_group(&mut out, group);
    }
    out.done()
}

/// The tiles of a group after its first code, in the form that takes the fewest bits.
fn put_group(out: &mut bits::Writer, group: &[u64]) {
    let gaps = || group.windows(2).map(|pair| (pair[1] - pair[0] - 1) as u32);
    // Of each run the gap before it and its tiles but the first.
    let runs = || {
        let mut last = 0;
        group.chunk_by(|a, b| a + 1 == *b).map(move |run| {
            let gap = run[0].saturating_sub(last + 2) as u32;
            last = run[run.len() - 1];
            (gap, run.len() as u32 - 1)
        })
    };
    let in_runs = || {
        let gaps = runs().skip(1).map(|(gap, _)| bits::cost(gap, RUN_GAP));
        gaps.chain(runs().map(|(_, more)| bits::cost(more, RUN_TILES))).sum::<u32>()
    };
    let (least, order) = (0..RUNS)
        .map(|k| (gaps().map(|gap| bits::cost(gap, k)).sum::<u32>(), k))
        .min()
        .expect("there are several orders");
    if group.len() == 1 {
        return out.number(0, PARTS);
    }
    // Where gaps take hardly more bits than tiles there are, there may be runs.
    if least < 4 * group.len() as u32 && in_runs() < least {
        out.number(runs().count() as u32, PARTS);
        out.bits(RUNS, ORDER_BITS);
        for (nth, (gap, more)) in runs().enumerate() {
            if nth > 0 {
                out.number(gap, RUN_GAP);
            }
            out.number(more, RUN_TILES);
        }
    } else {
        out.number(group.len() as u32 - 1, PARTS);
        out.bits(order, ORDER_BITS);
        gaps().for_each(|gap| out.number(gap, order));
    }
}

/// Reads what [`pack`] wrote. Codes that are no tile of the map are passed over; more tiles than a map has are not read.
pub(crate) fn unpack(codes: Codes, bytes: &[u8], mut visit: impl FnMut(u16, u32)) -> Option<()> {
    let end = codes.end();
    let mut left = end;
    let mut from = bits::Reader::new(bytes);
    let groups = from.number(GROUPS)?;
    let width = from.bits(WIDTH_BITS).filter(|width| *width <= 16)?;
    let mut first = 0_u64;
    for _ in 0..groups {
        let owner = (from.bits(width)? as u16).wrapping_sub(1);
        first += u64::from(from.number(FIRST)?);
        let parts = from.number(PARTS)?;
        let order = if parts > 0 { from.bits(ORDER_BITS)? } else { 0 };
        let mut next = first;
        // The first tile has no gap before it; the first run neither, and is one of them.
        for nth in 0..parts + u32::from(order != RUNS) {
            let gap = match (nth, order) {
                (0, _) => 0,
                // Runs beside each other would be one.
                (_, RUNS) => u64::from(from.number(RUN_GAP)?) + 1,
                _ => from.number(order)?.into(),
            };
            let more = if order == RUNS { from.number(RUN_TILES)? } else { 0 };
            let start = next + gap;
            next = start + 1 + u64::from(more);
            left = left.checked_sub(next - start)?;
            if next > end {
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
    #![allow(clippy::unwrap_used)]

    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_tiles() {
        for (width, height) in [(1, 1), (65, 7), (200, 125), (128, 128)] {
            let codes = Codes::new(width, height);
            for tile in 0..width * height {
                assert_eq!(codes.tile(codes.code(tile)), Some(tile));
            }
        }
        // The beginning of the curve, and the third block of the second row.
        let codes = Codes::new(200, 100);
        assert_eq!(
            [(0, 0), (1, 0), (1, 1), (0, 1), (0, 2)].map(|(x, y)| codes.code_at(x, y)),
            [0, 1, 2, 3, 4]
        );
        assert_eq!(codes.code_at(128, 64), 6 << 12);
        assert_eq!(Codes::new(65, 7).tile(1 << 12 | 1), None);
    }

    #[test]
    fn the_curve_goes_from_tile_to_tile_beside_it() {
        let codes = Codes::new(EDGE, EDGE);
        let place = |code| codes.tile(code).map(|tile| (tile % EDGE, tile / EDGE)).unwrap();
        for code in 1..PLACES as u32 {
            let ((x, y), (left, up)) = (place(code), place(code - 1));
            assert_eq!(x.abs_diff(left) + y.abs_diff(up), 1, "at {code}");
        }
    }

    #[test]
    fn a_handful_of_tiles_takes_little_more_than_its_gaps() {
        let codes = Codes::new(1_250, 800);
        let front: Vec<u64> = (0..40).map(|x| change(290, codes.code_at(600 + x, 400))).collect();
        assert_eq!(pack(front).len(), 24);
        let cell = (0..256).map(|at| change(UNSEEN, 512 + at)).collect();
        assert!(pack(cell).len() <= 8);
        assert_eq!(pack(Vec::new()).len(), 1);
    }

    proptest! {
        #[test]
        fn changes_come_back(
            (width, height) in (1u32..200, 1u32..200),
            fronts in prop::collection::vec((any::<u32>(), 1u32..40, 1u32..90, 0usize..4), 0..12),
        ) {
            let codes = Codes::new(width, height);
            let mut owners = BTreeMap::new();
            for (start, tiles, stride, who) in fronts {
                for nth in 0..tiles {
                    let tile = start.wrapping_add(nth * stride) % (width * height);
                    owners.insert(tile, [0, 7, 999, UNSEEN][who]);
                }
            }
            let changes = owners.iter().map(|(tile, owner)| change(*owner, codes.code(*tile)));
            let bytes = pack(changes.clone().chain(changes).collect());
            let mut found = BTreeMap::new();
            unpack(codes, &bytes, |owner, tile| _ = found.insert(tile, owner)).unwrap();
            prop_assert_eq!(&found, &owners);
            // Cut off it cannot be read, or says less.
            for cut in 0..bytes.len() {
                let mut count = 0;
                if unpack(codes, &bytes[..cut], |_, _| count += 1).is_some() {
                    prop_assert!(false, "{cut} of {} bytes give {count} tiles", bytes.len());
                }
            }
        }

        #[test]
        fn any_bytes_give_no_more_tiles_than_there_are(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let codes = Codes::new(150, 90);
            let mut count = 0;
            let _ = unpack(codes, &bytes, |_, tile| {
                assert!(tile < 150 * 90);
                count += 1;
            });
            prop_assert!(count <= 150 * 90 * 2);
        }
    }
}
