//! The graph of friends on every engine: a walk through all transitions, and lists in pages.

use std::collections::{BTreeMap, BTreeSet};

use store::*;

use super::{Engine, create};
use crate::samples::user;

pub const LIMITS: FriendLimits = FriendLimits { friends_max: 10, received_max: 10, blocked_max: 10 };

pub fn people(engine: &mut impl Engine, count: u128) {
    for number in 1..=count {
        engine.run(create(&format!("phone-{number:04}"), number, &format!("User{number}"))).unwrap();
    }
}

pub fn add(from: u128, to: &[u128]) -> FriendsAdd {
    let others = to.iter().map(|number| user(*number)).collect();
    FriendsAdd { user: user(from), others, metadata: None, at_ms: 5, limits: LIMITS }
}

fn block(from: u128, to: u128) -> FriendsBlock {
    FriendsBlock { user: user(from), others: vec![user(to)], at_ms: 6, blocked_max: 10 }
}

fn remove(from: u128, to: u128) -> FriendsRemove {
    FriendsRemove { user: user(from), others: vec![user(to)] }
}

fn done(asked: &[u128], accepted: &[u128]) -> FriendsAdded {
    let users = |list: &[u128]| list.iter().map(|number| user(*number)).collect();
    FriendsAdded::Done { asked: users(asked), accepted: users(accepted) }
}

/// Everybody's list: (whose, of whom) and the state.
fn graph(engine: &mut impl Engine, count: u128) -> BTreeMap<(u128, u128), u8> {
    let mut graph = BTreeMap::new();
    for one in 1..=count {
        let list = FriendsList { user: user(one), state: None, after: None, limit: 100 };
        let listed = engine.run(list).unwrap();
        let edges = engine.run(AccountGet { user: user(one) }).unwrap().unwrap().profile.edge_count;
        assert_eq!(edges, listed.len() as i64, "the edge count of user {one}");
        for friend in listed {
            graph.insert((one, friend.other.0 - user(0).0), friend.state as u8);
        }
    }
    graph
}

pub fn friends_are_asked_accepted_blocked_and_removed(engine: &mut impl Engine) {
    people(engine, 3);
    assert_eq!(engine.run(add(1, &[2, 3, 99])).unwrap(), done(&[2, 3], &[]));
    assert_eq!(engine.run(add(1, &[2])).unwrap(), done(&[], &[]), "asked before");
    assert_eq!(engine.run(add(2, &[1])).unwrap(), done(&[], &[1]));
    assert_eq!(engine.run(add(2, &[1])).unwrap(), done(&[], &[]), "friends already");
    assert_eq!(graph(engine, 3), BTreeMap::from([((1, 2), 0), ((2, 1), 0), ((1, 3), 1), ((3, 1), 2)]));
    let blocked = |list: &[u128]| FriendsBlockedNow::Done(list.iter().map(|one| user(*one)).collect());
    assert_eq!(engine.run(block(3, 1)).unwrap(), blocked(&[1]));
    assert_eq!(engine.run(block(3, 1)).unwrap(), blocked(&[]));
    assert_eq!(engine.run(add(1, &[3])).unwrap(), done(&[], &[]), "blocked");
    assert_eq!(engine.run(add(3, &[1])).unwrap(), done(&[], &[]), "first the block must go");
    assert_eq!(engine.run(remove(1, 3)).unwrap(), [], "not the other's block");
    assert!(engine.run(FriendsBlocked { user: user(1), other: user(3) }).unwrap());
    assert_eq!(engine.run(block(1, 2)).unwrap(), blocked(&[2]));
    assert_eq!(engine.run(block(2, 1)).unwrap(), blocked(&[1]));
    assert_eq!(graph(engine, 3), BTreeMap::from([((3, 1), 3), ((1, 2), 3), ((2, 1), 3)]));
    assert_eq!(engine.run(remove(1, 2)).unwrap(), [user(2)]);
    assert_eq!(graph(engine, 3), BTreeMap::from([((3, 1), 3), ((2, 1), 3)]));
    assert_eq!(engine.run(remove(2, 1)).unwrap(), [user(1)]);
    assert_eq!(engine.run(remove(3, 1)).unwrap(), [user(1)]);
    assert_eq!(graph(engine, 3), BTreeMap::new());
    assert!(!engine.run(FriendsBlocked { user: user(1), other: user(3) }).unwrap());
}

pub fn friends_have_bounds(engine: &mut impl Engine) {
    people(engine, 8);
    let limits = FriendLimits { friends_max: 2, received_max: 2, blocked_max: 1 };
    let add = |from, to: &[u128]| FriendsAdd { limits, ..add(from, to) };
    assert_eq!(engine.run(add(1, &[2, 3, 4])).unwrap(), FriendsAdded::Full);
    assert_eq!(engine.run(add(1, &[2, 3])).unwrap(), done(&[2, 3], &[]));
    assert_eq!(engine.run(add(4, &[1])).unwrap(), done(&[1], &[]), "others may still ask");
    assert_eq!(engine.run(add(5, &[1])).unwrap(), done(&[1], &[]));
    assert_eq!(engine.run(add(6, &[7, 1])).unwrap(), FriendsAdded::OtherFull(user(1)));
    assert_eq!(engine.run(add(1, &[4])).unwrap(), FriendsAdded::Full, "to accept is to have one more");
    assert!(graph(engine, 8).keys().all(|(one, other)| ![*one, *other].contains(&7)), "nothing of it");
    let block = |from, to| FriendsBlock { blocked_max: 1, ..block(from, to) };
    assert!(matches!(engine.run(block(1, 7)).unwrap(), FriendsBlockedNow::Done(_)));
    assert_eq!(engine.run(block(1, 8)).unwrap(), FriendsBlockedNow::Full);
}

pub fn friends_are_listed_in_pages(engine: &mut impl Engine) {
    people(engine, 9);
    for (at_ms, to) in [(3, 4), (1, 6), (1, 5), (2, 2)] {
        let metadata = Some(format!("{{\"at\":{at_ms}}}"));
        engine.run(FriendsAdd { at_ms, metadata, ..add(1, &[to]) }).unwrap();
    }
    engine.run(add(6, &[1])).unwrap();
    engine.run(add(7, &[1])).unwrap();
    engine.run(block(1, 8)).unwrap();
    for (state, expected) in [
        (None, vec![6, 5, 2, 4, 7, 8]),
        (Some(FriendState::Friend), vec![6]),
        (Some(FriendState::Sent), vec![5, 2, 4]),
        (Some(FriendState::Received), vec![7]),
        (Some(FriendState::Blocked), vec![8]),
    ] {
        for limit in 1..4 {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let list = FriendsList { user: user(1), state, after, limit };
                let page = engine.run(list).unwrap();
                seen.extend(page.iter().map(|friend| friend.other.0 - user(0).0));
                let Some(last) = page.last() else { break };
                after = Some(FriendKey { state: last.state, updated_ms: last.updated_ms, other: last.other });
            }
            assert_eq!(seen, expected, "{state:?} by {limit}");
        }
    }
    let listed = engine.run(FriendsList { user: user(4), state: None, after: None, limit: 9 }).unwrap();
    assert_eq!(listed[0].metadata, "{\"at\":3}");
}

pub fn friends_of_friends_are_found(engine: &mut impl Engine) {
    people(engine, 9);
    for (one, other) in [(1, 2), (1, 3), (2, 4), (2, 5), (3, 5), (3, 6), (4, 7), (1, 6)] {
        engine.run(add(one, &[other])).unwrap();
        engine.run(add(other, &[one])).unwrap();
    }
    engine.run(add(3, &[9])).unwrap();
    engine.run(block(4, 1)).unwrap();
    for limit in 1..4 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = engine.run(FriendsOfFriends { user: user(1), after, limit }).unwrap();
            seen.extend(page.found.iter().map(|(through, who)| (through.0 - user(0).0, who.0 - user(0).0)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        // Not 4, who blocks; not 6, who is a friend; not 9, who has not answered.
        assert_eq!(seen, [(2, 5), (3, 5)], "by {limit}");
    }
}

pub fn friends_from_elsewhere_are_friends_at_once(engine: &mut impl Engine) {
    people(engine, 7);
    engine.run(add(1, &[2])).unwrap();
    engine.run(add(3, &[1])).unwrap();
    engine.run(block(4, 1)).unwrap();
    engine.run(add(1, &[5])).unwrap();
    engine.run(add(5, &[1])).unwrap();
    let others: Vec<_> = [2, 3, 4, 6, 99].into_iter().map(user).collect();
    let import = FriendsImport { user: user(1), others, reset: false, at_ms: 9, limits: LIMITS };
    assert_eq!(engine.run(import.clone()).unwrap(), [user(2), user(3), user(6)]);
    assert_eq!(engine.run(import.clone()).unwrap(), []);
    let friends = |engine: &mut _, who| -> BTreeSet<u128> {
        let graph = graph(engine, 7);
        graph
            .iter()
            .filter(|((one, _), state)| *one == who && **state == 0)
            .map(|((_, other), _)| *other)
            .collect()
    };
    assert_eq!(friends(engine, 1), BTreeSet::from([2, 3, 5, 6]));
    let import = FriendsImport { others: vec![user(2), user(7)], reset: true, ..import };
    assert_eq!(engine.run(import).unwrap(), [user(7)]);
    assert_eq!(friends(engine, 1), BTreeSet::from([2, 7]));
    assert_eq!(friends(engine, 5), BTreeSet::new());
    while engine.run(FriendsErase { user: user(1), limit: 2 }).unwrap() > 0 {}
    assert_eq!(graph(engine, 7), BTreeMap::new());
}
