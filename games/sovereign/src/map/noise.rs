//! Noise in whole numbers: smooth chance over the plane, from a seed.

use crate::dice::mix;

/// Noise whose values lie on a grid and are joined smoothly between: 0 to 65,535.
pub(super) struct Noise {
    seed: u64,
    /// Edge of the grid's cells in sixteenths of a tile.
    cell: u32,
}

impl Noise {
    pub(super) fn new(seed: u64, cell: u32) -> Self {
        Self { seed: mix(seed), cell: cell.max(1) }
    }

    fn corner(&self, x: u32, y: u32) -> i64 {
        (mix(self.seed ^ (u64::from(x) << 32 | u64::from(y))) & 0xFFFF) as i64
    }

    /// The value at a place, in sixteenths of a tile.
    pub(super) fn at(&self, x: u32, y: u32) -> i64 {
        let (cx, cy) = (x / self.cell, y / self.cell);
        let smooth = |rest: u32| {
            // 3t² − 2t³ of t in 0..1,024.
            let t = i64::from(rest) * 1_024 / i64::from(self.cell);
            (t * t * (3 * 1_024 - 2 * t)) >> 20
        };
        let (fx, fy) = (smooth(x % self.cell), smooth(y % self.cell));
        let (a, b) = (self.corner(cx, cy), self.corner(cx + 1, cy));
        let (c, d) = (self.corner(cx, cy + 1), self.corner(cx + 1, cy + 1));
        let top = a * 1_024 + (b - a) * fx;
        let low = c * 1_024 + (d - c) * fx;
        (top * 1_024 + (low - top) * fy) >> 20
    }
}

/// Several noises, each twice as fine and half as strong as the one before: 0 to 65,535.
pub(super) struct Layers(Vec<Noise>);

impl Layers {
    pub(super) fn new(seed: u64, cell: u32, count: u32) -> Self {
        Self(
            (0..count)
                .map(|layer| Noise::new(seed.wrapping_add(u64::from(layer) << 40), cell >> layer))
                .collect(),
        )
    }

    pub(super) fn at(&self, x: u32, y: u32) -> i64 {
        let (mut sum, mut weight, mut all) = (0, 1 << 10, 0);
        for noise in &self.0 {
            sum += noise.at(x, y) * weight;
            all += weight;
            weight /= 2;
        }
        sum / all
    }

    /// The same folded at its middle, so that its middle values are ridges: 0 to 65,535.
    pub(super) fn ridge(&self, x: u32, y: u32) -> i64 {
        65_535 - (self.at(x, y) * 2 - 65_535).abs()
    }
}
