//! What the next one costs: `ceil(base × ratio^n)` whole wool, exactly, in big integers.
//!
//! Always from the formula and never from the price before it, so that the price of the hundredth llama does not
//! depend on how one came there, and another implementation needs this one line to agree.

use num_bigint::BigUint;

use crate::units::MICRO;

/// By how much a price may grow from one to the next, in percent. 100 stays the same.
pub(crate) const RATIO_PERCENT: std::ops::RangeInclusive<u32> = 100..=1_000;

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

    /// Whole wool of the first one, by position.
    pub(crate) fn base(&self) -> &[(usize, u64)] {
        &self.base
    }

    /// As in the content.
    pub(crate) fn ratio_percent(&self) -> u32 {
        // Reduced from a fraction of 100, so `den` divides 100.
        self.ratio.0 * (100 / self.ratio.1)
    }

    /// The price of the one after `owned`.
    pub(crate) fn next(&self, owned: u32) -> Bill {
        self.from(owned).next()
    }

    /// The prices of the first so many, one by one.
    pub(crate) fn first(&self, count: u32) -> impl Iterator<Item = Bill> + '_ {
        let mut walk = self.from(0);
        (0..count).map(move |_| walk.next())
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn whole(bill: &Bill) -> Vec<String> {
        bill.iter().map(|(_, micro)| (micro / MICRO).to_string()).collect()
    }

    #[test]
    fn prices_are_exact() {
        // From Python: -(-base * ratio**n // 100**n)
        let rows: [(u64, u32, u32, &str); 10] = [
            (10, 112, 0, "10"),
            (10, 112, 1, "12"),
            (10, 112, 2, "13"),
            (10, 112, 100, "835223"),
            (150, 114, 400, "8670253462557204712317900"),
            (15_000, 115, 250, "22415650545948792940"),
            (7, 100, 2_000, "7"),
            (50, 600, 9, "503884800"),
            (250, 800, 20, "288230376151711744000"),
            (1, 1_000, 30, "1000000000000000000000000000000"),
        ];
        for (base, ratio, owned, want) in rows {
            let price = Price::new(vec![(0, base)], ratio);
            assert_eq!(whole(&price.next(owned)), [want], "{base} at {ratio} % after {owned}");
        }
    }

    #[derive(serde::Deserialize)]
    struct Row {
        base: BTreeMap<String, u64>,
        ratio_percent: u32,
        owned: u32,
        most: u32,
        purse: BTreeMap<String, String>,
        count: u32,
        total: BTreeMap<String, String>,
    }

    /// The page holds itself to the same rows, so both agree to the last wool.
    #[test]
    fn the_rows_shared_with_the_page() {
        let rows: Vec<Row> = serde_json::from_str(include_str!("../tests/prices.json")).expect("rows");
        assert!(rows.len() > 10, "there is something to compare");
        for row in rows {
            let price = Price::new(row.base.values().copied().enumerate().collect(), row.ratio_percent);
            assert_eq!(price.ratio_percent(), row.ratio_percent, "survives being reduced");
            let micro = |text: &String| text.parse::<BigUint>().expect("a number") * MICRO;
            let purse: Vec<_> = row.base.keys().map(|wool| micro(&row.purse[wool])).collect();
            let (count, bill) = price.most(row.owned, row.most, &purse);
            let total: Vec<_> = row.base.keys().map(|wool| row.total[wool].clone()).collect();
            let Row { base, ratio_percent, owned, .. } = row;
            assert_eq!((count, whole(&bill)), (row.count, total), "{base:?} {ratio_percent} {owned}");
        }
    }

    #[test]
    fn the_most_is_what_the_purse_holds() {
        let price = Price::new(vec![(0, 10), (1, 1)], 150);
        let purse = |a: u32, b: u32| [BigUint::from(a) * MICRO, BigUint::from(b) * MICRO];
        // Single prices: 10 15 23 34 51 76 …, and 1 2 3 4 6 8 …
        let rows = [
            (9, 9, 0, 5, 0, ["0", "0"]),
            (10, 1, 0, 5, 1, ["10", "1"]),
            (48, 6, 0, 5, 3, ["48", "6"]),
            (1_000, 5, 0, 5, 2, ["25", "3"]),
            (1_000, 1_000, 0, 2, 2, ["25", "3"]),
            (85, 10, 3, 5, 2, ["85", "10"]),
        ];
        for (a, b, owned, most, want, paid) in rows {
            let (count, bill) = price.most(owned, most, &purse(a, b));
            assert_eq!((count, whole(&bill)), (want, paid.map(String::from).to_vec()), "{a} {b} {owned}");
        }
    }
}
