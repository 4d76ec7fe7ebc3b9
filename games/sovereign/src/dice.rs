//! A war's chances: a stream of numbers from the room's seed, part of its state. SplitMix64 (Steele, Lea, Flood 2014).

/// The stream's place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dice(pub(crate) u64);

impl Dice {
    /// A stream of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `bound`, which is not 0. The bias is below 2⁻³².
    pub fn below(&mut self, bound: u32) -> u32 {
        (((self.roll() >> 32) * u64::from(bound.max(1))) >> 32) as u32
    }
}

/// Spreads a number over all 64 bits; the same for the same number everywhere.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
