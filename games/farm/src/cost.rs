//! What the next one costs: `ceil(base × ratio^n)` whole wool, exactly, in big integers.
//!
//! Always from the formula and never from the price before it, so that the price of the hundredth llama does not
//! depend on how one came there, and another implementation needs this one line to agree.

use num_bigint::BigUint;

/// By how much a price may grow from one to the next, in percent. 100 stays the same.
pub(crate) const RATIO_PERCENT: std::ops::RangeInclusive<u32> = 100..=1_000;

/// Micro-wool in a wool.
pub(crate) const MICRO: u32 = 1_000_000;

/// Amounts of wool by position, in micro-wool.
pub(crate) type Bill = Vec<(usize, BigUint)>;

/// A growing price, in one or several wools.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Price {
    /// Whole wool of the first one, by position.
    base: Vec<(usize, u64)>,
    /// The ratio as a reduced fraction, which keeps the powers short.
    ratio: (u32, u32),
}

impl Price {
    pub(crate) fn new(base: Vec<(usize, u64)>, ratio_percent: u32) -> Self {
        let common = gcd(ratio_percent, 100);
        Self { base, ratio: (ratio_percent / common, 100 / common) }
    }

    /// The price of the one after `owned`.
    pub(crate) fn next(&self, owned: u32) -> Bill {
        self.from(owned).next()
    }

    /// The price of `count` more after `owned`.
    pub(crate) fn sum(&self, owned: u32, count: u32) -> Bill {
        let mut walk = self.from(owned);
        let mut total = self.nothing();
        for _ in 0..count {
            add(&mut total, &walk.next());
        }
        total
    }

    /// As many after `owned` as `purse` pays for, at most `most`, and their price.
    pub(crate) fn most(&self, owned: u32, most: u32, purse: &[BigUint]) -> (u32, Bill) {
        let mut walk = self.from(owned);
        let mut total = self.nothing();
        for count in 0..most {
            let mut with = total.clone();
            add(&mut with, &walk.next());
            if !pays(purse, &with) {
                return (count, total);
            }
            total = with;
        }
        (most, total)
    }

    fn nothing(&self) -> Bill {
        self.base.iter().map(|(wool, _)| (*wool, BigUint::ZERO)).collect()
    }

    fn from(&self, owned: u32) -> Walk<'_> {
        let (num, den) = self.ratio;
        Walk { price: self, num: BigUint::from(num).pow(owned), den: BigUint::from(den).pow(owned) }
    }
}

/// Goes from one price to the next by one multiplication instead of a power each.
struct Walk<'a> {
    price: &'a Price,
    num: BigUint,
    den: BigUint,
}

impl Walk<'_> {
    fn next(&mut self) -> Bill {
        let bill = self.price.base.iter().map(|(wool, base)| {
            let up = &self.num * *base + &self.den - 1_u32;
            (*wool, up / &self.den * MICRO)
        });
        let bill = bill.collect();
        self.num *= self.price.ratio.0;
        self.den *= self.price.ratio.1;
        bill
    }
}

/// Both bills are of the same price, so their wools stand at the same places.
fn add(total: &mut Bill, bill: &Bill) {
    for (sum, (_, amount)) in total.iter_mut().zip(bill) {
        sum.1 += amount;
    }
}

/// Is all of the bill in the purse (micro-wool by position)?
pub(crate) fn pays(purse: &[BigUint], bill: &Bill) -> bool {
    bill.iter().all(|(wool, amount)| purse[*wool] >= *amount)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
