//! Whole numbers in single bits: exponential Golomb codes (Teuhola 1978), the highest bit of a byte first.
//!
//! The code of order `k` of a number is what comes out when 2^k is added to it, in binary, behind a zero for each bit that
//! this has more than `k + 1`: short for numbers around 2^k and below.

/// Bits of the longest number, with 2^k added to it.
const BITS_MAX: u32 = 31;

/// Bits that a number takes in the code of order `k`.
pub(crate) fn cost(number: u32, k: u32) -> u32 {
    2 * width(number, k) - 1 - k
}

/// Bits of a number with 2^k added to it.
fn width(number: u32, k: u32) -> u32 {
    64 - (u64::from(number) + (1 << k)).leading_zeros()
}

/// Bits that are appended.
#[derive(Default)]
pub(crate) struct Writer {
    out: Vec<u8>,
    /// Bits that do not fill a byte yet, and how many they are.
    rest: u64,
    count: u32,
}

impl Writer {
    /// The lowest bits of a number, at most 32.
    pub(crate) fn bits(&mut self, bits: u32, count: u32) {
        self.rest = self.rest << count | u64::from(bits);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            self.out.push((self.rest >> self.count) as u8);
        }
        self.rest &= (1 << self.count) - 1;
    }

    /// A number in the code of order `k`.
    pub(crate) fn number(&mut self, number: u32, k: u32) {
        let width = width(number, k);
        debug_assert!(width <= BITS_MAX, "{number} is too large for its reader");
        self.bits(0, width - 1 - k);
        self.bits(number + (1 << k), width);
    }

    /// The bytes; what is left of the last one is zeros.
    pub(crate) fn done(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bits(0, 8 - self.count);
        }
        self.out
    }
}

/// Bits that are read from the front. Any bytes may come: what is missing or too long is `None`.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn bit(&mut self) -> Option<u32> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = *byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit.into())
    }

    /// So many bits as a number, at most 31.
    pub(crate) fn bits(&mut self, count: u32) -> Option<u32> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | self.bit()?))
    }

    /// A number in the code of order `k`.
    pub(crate) fn number(&mut self, k: u32) -> Option<u32> {
        let mut width = k + 1;
        while self.bit()? == 0 {
            width += 1;
            if width > BITS_MAX {
                return None;
            }
        }
        // The one that ended the zeros is the highest bit.
        Some((1 << (width - 1) | self.bits(width - 1)?) - (1 << k))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn numbers_come_back_in_as_many_bits_as_they_cost() {
        for k in 0..14 {
            let mut bits = 0;
            let mut writer = Writer::default();
            let numbers = (0..30).flat_map(|bit| [(1 << bit) - 1, 1 << bit, 1_234_567 >> bit]);
            for number in numbers.clone() {
                writer.number(number, k);
                bits += cost(number, k);
            }
            writer.bits(0b101, 3);
            let bytes = writer.done();
            assert_eq!(bytes.len() as u32, (bits + 3).div_ceil(8));
            let mut reader = Reader::new(&bytes);
            assert!(numbers.clone().all(|number| reader.number(k) == Some(number)));
            assert_eq!(reader.bits(3), Some(0b101));
            assert!(reader.bits(8).is_none());
        }
    }

    #[test]
    fn what_is_cut_off_or_too_long_is_nothing() {
        assert_eq!(Reader::new(&[]).number(0), None);
        assert_eq!(Reader::new(&[0b0001_0000]).number(0), Some(7));
        assert_eq!(Reader::new(&[0b0000_1000]).number(0), None);
        assert_eq!(Reader::new(&[0; 9]).number(3), None);
    }
}
