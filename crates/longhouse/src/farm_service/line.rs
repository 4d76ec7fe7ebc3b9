//! What a restore moves in the wallet, as a pure function of the ledger and of the restores before.
//!
//! What inputs moved in the wallet stands when they are undone: it was granted, and may have been spent. If it were left
//! at that, going back to before a prestige would bring its golden fleece again and again, and a keepsake that is undone
//! would be lost with its price. So a restore moves the wallet to where it stood at the point.
//!
//! Restores make branches of a log. The *line* of a place is the inputs that led to the farm's state there: those back to
//! the newest restore before it, then those up to where that restore went, and so on. What is moved is what the line of
//! the point has granted, less what the line of the farm has; a restore of a restore gives it all again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use store::LedgerEntry;

/// Restores that are remembered. A farm has some tens of points to go back to, so older ones are out of reach.
const RESTORES_MAX: usize = 200;

/// A restore whose part in the wallet is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Restore {
    /// The input that the farm went back to.
    pub to: u64,
    /// The restore's own place in the log.
    pub at: u64,
}

/// What is remembered of a farm's restores.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Past {
    restores: Vec<Restore>,
    /// What restores should have taken and the wallet did not have, by currency.
    short: BTreeMap<String, i64>,
}

impl Past {
    /// The first input that any line can part at: entries up to it never count.
    pub fn floor(&self, to: u64) -> u64 {
        self.restores.iter().map(|restore| restore.to).fold(to, u64::min)
    }

    /// The entries that lie on one of two lines and not on the other, each with its sign: those of `head`'s line are
    /// undone, those of the line of `to` come back.
    pub fn moved<'a>(&self, entries: &'a [LedgerEntry], head: u64, to: u64) -> Vec<(&'a LedgerEntry, i128)> {
        let (from, into) = (self.line(head), self.line(to));
        let sign = |entry: &LedgerEntry| {
            let on = |line: &[(u64, u64)]| {
                line.iter().any(|(after, last)| (after + 1..=*last).contains(&entry.key.seq.0))
            };
            match (on(&from), on(&into)) {
                (true, false) => -1,
                (false, true) => 1,
                _ => 0,
            }
        };
        entries.iter().map(|entry| (entry, sign(entry))).filter(|(_, sign)| *sign != 0).collect()
    }

    /// By currency, what is to be added to the wallet for these.
    pub fn sums(&self, moved: &[(&LedgerEntry, i128)]) -> BTreeMap<String, i64> {
        let mut sums: BTreeMap<String, i128> =
            self.short.iter().map(|(currency, short)| (currency.clone(), -i128::from(*short))).collect();
        for (entry, sign) in moved {
            *sums.entry(entry.currency.clone()).or_default() += sign * i128::from(entry.amount);
        }
        sums.retain(|_, sum| *sum != 0);
        let clamp = |sum: i128| i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX });
        sums.into_iter().map(|(currency, sum)| (currency, clamp(sum))).collect()
    }

    /// The past after one more restore, for which `sums` was to be moved and `given` was.
    pub fn with(
        &self,
        restore: Restore,
        sums: &BTreeMap<String, i64>,
        given: &BTreeMap<String, i64>,
    ) -> Self {
        let mut restores = self.restores.clone();
        restores.push(restore);
        restores.drain(..restores.len().saturating_sub(RESTORES_MAX));
        let given = |currency: &String| given.get(currency).copied().unwrap_or_default();
        let short =
            sums.iter().map(|(currency, sum)| (currency.clone(), given(currency).saturating_sub(*sum)));
        Self { restores, short: short.filter(|(_, short)| *short > 0).collect() }
    }

    /// The line of a place: stretches of inputs, after the one and up to the other.
    fn line(&self, place: u64) -> Vec<(u64, u64)> {
        let (mut line, mut last) = (Vec::new(), place);
        for restore in self.restores.iter().rev() {
            if restore.at <= last {
                line.push((restore.at, last));
                last = restore.to;
            }
        }
        line.push((0, last));
        line
    }
}

#[cfg(test)]
mod tests {
    use kernel::{EffectKey, Seq};
    use store::UserId;

    use super::*;

    fn entry(seq: u64, amount: i64) -> LedgerEntry {
        let key = EffectKey { seq: Seq(seq), index: 0 };
        LedgerEntry { key, user: UserId(1), currency: "fleece".into(), amount, balance: 0, at_ms: 0 }
    }

    /// Restores a farm whose wallet has enough, or `held` of it: what was moved.
    fn restore(past: &mut Past, entries: &[LedgerEntry], (at, to): (u64, u64), held: i64) -> i64 {
        let moved = past.moved(entries, at - 1, to);
        let sums = past.sums(&moved);
        let given = sums.iter().map(|(currency, sum)| (currency.clone(), (*sum).max(-held))).collect();
        *past = past.with(Restore { to, at }, &sums, &given);
        given.values().sum()
    }

    #[test]
    fn undone_twice_it_is_taken_once_and_done_again_it_is_given_again() {
        let mut past = Past::default();
        let mut entries = vec![entry(5, 1), entry(15, 3), entry(18, -1)];
        assert_eq!(restore(&mut past, &entries, (20, 10), 99), -2);
        assert_eq!(restore(&mut past, &entries, (21, 10), 99), 0, "there is nothing left to undo");
        // Another branch grows, and is undone with the point before the first of all.
        entries.push(entry(25, 7));
        assert_eq!(restore(&mut past, &entries, (30, 10), 99), -7);
        assert_eq!(restore(&mut past, &entries, (31, 4), 99), -1);
        // Back to what stood before the very first restore, then before the third.
        assert_eq!(restore(&mut past, &entries, (32, 19), 99), 3);
        assert_eq!(restore(&mut past, &entries, (33, 29), 99), 5, "7 in place of 3 - 1");
        assert_eq!(restore(&mut past, &entries, (34, 29), 99), 0);
    }

    #[test]
    fn what_the_wallet_did_not_have_is_owed() {
        let mut past = Past::default();
        let entries = vec![entry(15, 3)];
        assert_eq!(restore(&mut past, &entries, (20, 10), 1), -1);
        assert_eq!(restore(&mut past, &entries, (21, 19), 0), 1, "as much as was taken");
        assert_eq!(restore(&mut past, &entries, (22, 10), 99), -3);
    }

    /// Whatever restores there are, the wallet holds what the farm's line has granted.
    #[test]
    fn the_wallet_is_where_the_line_is() {
        // A small generator of its own: the same every time.
        let mut chance = 0x2545_f491_4f6c_dd1d_u64;
        let mut below = move |bound: u64| {
            chance ^= chance << 13;
            chance ^= chance >> 7;
            chance ^= chance << 17;
            chance % bound
        };
        for _ in 0..200 {
            let (mut past, mut entries, mut wallet) = (Past::default(), Vec::new(), 0_i64);
            // What each place of the log had granted on its own line.
            let mut stood = vec![0_i64];
            for seq in 1..60_u64 {
                let before = *stood.last().unwrap();
                if below(4) == 0 && seq > 2 {
                    let to = below(seq - 1);
                    wallet += restore(&mut past, &entries, (seq, to), i64::MAX);
                    stood.push(stood[to as usize]);
                } else {
                    let amount = below(9) as i64;
                    entries.push(entry(seq, amount));
                    wallet += amount;
                    stood.push(before + amount);
                }
                assert_eq!(wallet, *stood.last().unwrap(), "after {seq}: {past:?}");
            }
        }
    }

    #[test]
    fn entries_below_the_floor_lie_on_every_line_and_the_past_is_bounded() {
        let mut past = Past::default();
        for n in 0..500 {
            past = past.with(Restore { to: 100 + n, at: 1_000 + n }, &BTreeMap::new(), &BTreeMap::new());
        }
        assert_eq!((past.restores.len(), past.floor(999)), (RESTORES_MAX, 400));
        let entries = [entry(400, 5), entry(1, 5)];
        assert!(past.moved(&entries, 2_000, 450).is_empty());
    }
}
