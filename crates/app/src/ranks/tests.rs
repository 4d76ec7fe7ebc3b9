//! Ranks against plain sorted lists: any order of arrival, any moment of reading.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use store::{PeriodId, RankChange, RankKey, UserId};

use super::counted::Counted;
use super::order::Order;

fn key(number: i64) -> RankKey {
    RankKey { first: number / 7, second: number % 7 / 3, seq: number }
}

fn agrees<const BLOCK: usize>(order: &Order<BLOCK>, model: &BTreeSet<RankKey>) {
    assert_eq!((order.len(), order.is_empty()), (model.len(), model.is_empty()));
    for (place, key) in model.iter().enumerate() {
        assert_eq!(order.at(place), Some(*key));
        assert_eq!(order.before(key), place);
        assert!(order.contains(key));
    }
    assert_eq!(order.at(model.len()), None);
}

proptest! {
    /// Blocks of four split and join all the time.
    #[test]
    fn an_order_is_a_sorted_list(steps in prop::collection::vec((any::<bool>(), 0..200i64), 0..600)) {
        let (mut order, mut model) = (Order::<4>::default(), BTreeSet::new());
        for (insert, number) in steps {
            let key = key(number);
            if insert {
                prop_assert_eq!(order.insert(key), model.insert(key));
            } else {
                prop_assert_eq!(order.remove(&key), model.remove(&key));
            }
            prop_assert_eq!(order.contains(&key), model.contains(&key));
            prop_assert_eq!(order.before(&key), model.range(..key).count());
        }
        agrees(&order, &model);
    }
}

#[test]
fn long_blocks_in_and_out_of_order() {
    let (mut order, mut model) = (Order::<512>::default(), BTreeSet::new());
    let mut dice = 1u64;
    for step in 0..60_000i64 {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Growing, then shrinking to nothing much.
        let grows = dice >> 60 < if step < 30_000 { 12 } else { 4 };
        let number = if step % 3 == 0 { step } else { (dice >> 40) as i64 % 20_000 };
        if grows {
            assert_eq!(order.insert(key(number)), model.insert(key(number)));
        } else {
            assert_eq!(order.remove(&key(number)), model.remove(&key(number)));
        }
    }
    agrees(&order, &model);
}

#[test]
fn a_million_keys_are_small_and_quick() {
    const KEYS: i64 = 1_000_000;
    const LOOKS: i64 = 10_000;
    let mut order = Order::<512>::default();
    for number in 0..KEYS {
        // Every number once, in a mixed order.
        order.insert(key(number * 7_919 % KEYS));
    }
    assert_eq!(order.len(), KEYS as usize);
    let bytes = order.bytes() / order.len();
    assert!(bytes <= 50, "{bytes} bytes a key");
    let started = std::time::Instant::now();
    for number in 0..LOOKS {
        let place = order.before(&key(number * 97));
        assert_eq!(place as i64, number * 97);
        let around = (place.saturating_sub(10)..place + 10).filter_map(|at| order.at(at)).count();
        assert_eq!(around, 10 + place.min(10));
    }
    // A rank with the keys around it; without optimisation, too.
    let took = started.elapsed() / LOOKS as u32;
    assert!(took < std::time::Duration::from_millis(1), "{took:?}");
}

/// One owner's record moves to a score or away, as the store would number it.
fn history(steps: &[(u8, Option<u8>)]) -> (Vec<RankChange>, Vec<BTreeMap<UserId, RankKey>>) {
    let mut state: BTreeMap<UserId, RankKey> = BTreeMap::new();
    let (mut changes, mut states) = (Vec::new(), vec![state.clone()]);
    for (owner, score) in steps {
        let owner = UserId((*owner).into());
        let old = state.get(&owner).copied();
        if old.is_none() && score.is_none() {
            continue;
        }
        let seq = changes.len() as i64 + 1;
        let new = score.map(|score| RankKey { first: score.into(), second: 0, seq });
        match new {
            Some(new) => state.insert(owner, new),
            None => state.remove(&owner),
        };
        let period = PeriodId { board: 1, expires_s: 0 };
        changes.push(RankChange { period, owner, seq, old, new });
        states.push(state.clone());
    }
    (changes, states)
}

const OWNERS: u8 = 8;
const PAGE: usize = 2;

proptest! {
    /// Pages are read at any moments, one after the other; then changes arrive in their order, those that a page has seen
    /// perhaps not at all. From the moment of the last page on exactly the records that stand are counted.
    #[test]
    fn after_any_reading_what_stands_is_counted(
        steps in prop::collection::vec((0..OWNERS, prop::option::weighted(0.8, 0..5u8)), 0..60),
        moments in prop::collection::vec(any::<prop::sample::Index>(), OWNERS as usize),
        lost in prop::collection::vec(any::<bool>(), 60),
    ) {
        let (changes, states) = history(&steps);
        let mut moments: Vec<usize> = moments.iter().map(|moment| moment.index(states.len())).collect();
        moments.sort_unstable();
        let mut counted = Counted::default();
        let mut after = None;
        // Up to which owner each page tells, and what it has seen.
        let mut pages = Vec::new();
        for at in moments {
            let rest = states[at].iter().filter(|(owner, _)| after.is_none_or(|after| **owner > after));
            let keys: Vec<_> = rest.take(PAGE).map(|(owner, key)| (*owner, *key)).collect();
            counted.page(at as i64, &keys);
            after = keys.last().map(|(owner, _)| *owner);
            if keys.len() < PAGE {
                pages.push((UserId(u128::MAX), at as i64));
                break;
            }
            pages.extend(after.map(|last| (last, at as i64)));
        }
        let seen = |change: &RankChange| {
            let page = pages.iter().find(|(last, _)| change.owner <= *last);
            page.is_some_and(|(_, at)| change.seq <= *at)
        };
        let read = pages.last().map_or(0, |(_, at)| *at);
        for ((change, lost), (now, state)) in changes.iter().zip(lost).zip((1..).zip(&states[1..])) {
            if !(lost && seen(change)) {
                prop_assert!(counted.take(*change));
            }
            if now >= read {
                agrees(&counted.order, &state.values().copied().collect());
            }
        }
        agrees(&counted.order, &states[changes.len()].values().copied().collect());
    }
}

#[test]
fn a_move_from_a_key_that_is_not_there_is_noticed() {
    let (changes, _) = history(&[(1, Some(3)), (1, Some(2)), (1, None)]);
    let mut counted = Counted::default();
    counted.page(0, &[]);
    assert!(!counted.take(changes[1]), "its first move is missing");
    assert!(counted.take(changes[2]));
    assert_eq!(counted.order.len(), 0);
}
