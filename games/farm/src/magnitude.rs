//! Magnitudes: numbers of any size as integers that keep their order, for ranks and goals.

use num_bigint::BigUint;

use crate::units::MILLI;

/// Bits kept after the first one.
const FRACTION_BITS: u64 = 20;

/// `floor(log2 x) × 2^20` and the next 20 bits of `x`; 0 for 0.
pub fn magnitude(x: &BigUint) -> u64 {
    let Some(exponent) = x.bits().checked_sub(1) else { return 0 };
    // The leading bit comes to stand at bit 20.
    let scaled = if exponent > FRACTION_BITS {
        x >> (exponent - FRACTION_BITS)
    } else {
        x << (FRACTION_BITS - exponent)
    };
    // 21 bits by the shift before; the first of them is implied by the exponent.
    let bits = u64::try_from(scaled).unwrap_or(0) & ((1 << FRACTION_BITS) - 1);
    (exponent << FRACTION_BITS) | bits
}

/// Of whole worth, as all magnitudes are of milli-worth.
pub(crate) fn magnitude_of_whole(worth: u64) -> u64 {
    magnitude(&(BigUint::from(worth) * MILLI))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_the_number_comes_back() {
        let one = 1_u64 << 20;
        let rows: [(u128, u64); 8] = [
            (0, 0),
            (1, 0),
            (2, one),
            (3, one + one / 2),
            (1_000, 9 * one + 1_000 * one / 512 - one),
            ((1 << 20) + 1, 20 * one + 1),
            ((1 << 21) + 1, 21 * one),
            (u128::MAX, 127 * one + one - 1),
        ];
        for (x, want) in rows {
            assert_eq!(magnitude(&BigUint::from(x)), want, "{x}");
        }
        let (mut x, mut last) = (BigUint::from(1_u32), 0);
        for _ in 0..10_000 {
            let next = magnitude(&x);
            assert!(next >= last);
            last = next;
            x = &x * 11_u32 / 10_u32 + 1_u32;
        }
        assert!(last < 1 << 53, "even a page's numbers hold it");
    }
}
