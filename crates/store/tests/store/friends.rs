//! The graph of friends against the simplest model of it, under any course of acts.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use store::*;

use crate::samples::user;

const USERS: u128 = 5;
const MAX: u64 = 3;
const LIMITS: FriendLimits = FriendLimits { friends_max: MAX, received_max: MAX, blocked_max: 2 };

#[derive(Clone, Debug)]
enum Act {
    Add(u128, Vec<u128>),
    Remove(u128, Vec<u128>),
    Block(u128, Vec<u128>),
    Import(u128, Vec<u128>, bool),
}

fn acts() -> impl Strategy<Value = Act> {
    // One more than there are users: somebody who is not there.
    let others = || prop::collection::btree_set(0..=USERS, 1..4);
    let pair = || {
        (0..USERS, others()).prop_map(|(one, mut others)| {
            others.remove(&one);
            (one, others.into_iter().collect::<Vec<_>>())
        })
    };
    prop_oneof![
        5 => pair().prop_map(|(one, others)| Act::Add(one, others)),
        2 => pair().prop_map(|(one, others)| Act::Remove(one, others)),
        1 => pair().prop_map(|(one, others)| Act::Block(one, others)),
        1 => (pair(), any::<bool>()).prop_map(|((one, others), reset)| Act::Import(one, others, reset)),
    ]
}

/// Who wants to be whose friend, and who wants nothing of whom: that is all there is.
#[derive(Clone, Default, Debug)]
struct Model {
    wants: BTreeSet<(u128, u128)>,
    blocks: BTreeSet<(u128, u128)>,
}

impl Model {
    fn state(&self, one: u128, other: u128) -> Option<u8> {
        if self.blocks.contains(&(one, other)) {
            return Some(3);
        }
        match (self.wants.contains(&(one, other)), self.wants.contains(&(other, one))) {
            (true, true) => Some(0),
            (true, false) => Some(1),
            (false, true) => Some(2),
            (false, false) => None,
        }
    }

    fn apart(&self, one: u128, other: u128) -> bool {
        self.blocks.contains(&(one, other)) || self.blocks.contains(&(other, one))
    }

    /// Friends and requests sent.
    fn wanted(&self, one: u128) -> u64 {
        self.wants.iter().filter(|(who, _)| *who == one).count() as u64
    }

    fn waiting(&self, one: u128) -> u64 {
        (0..USERS).filter(|other| self.state(one, *other) == Some(2)).count() as u64
    }

    fn part(&mut self, one: u128, other: u128) {
        self.wants.remove(&(one, other));
        self.wants.remove(&(other, one));
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Add(one, others) => {
                let new = |other: &&u128| {
                    **other < USERS && !self.apart(*one, **other) && !self.wants.contains(&(*one, **other))
                };
                let new: Vec<_> = others.iter().filter(new).copied().collect();
                let full = |other: &u128| {
                    self.state(*one, *other).is_none() && self.waiting(*other) >= LIMITS.received_max
                };
                if self.wanted(*one) + new.len() as u64 <= MAX && !new.iter().any(full) {
                    self.wants.extend(new.into_iter().map(|other| (*one, other)));
                }
            }
            Act::Remove(one, others) => {
                for other in others {
                    if !self.blocks.remove(&(*one, *other)) {
                        self.part(*one, *other);
                    }
                }
            }
            Act::Block(one, others) => {
                let others: Vec<_> = others.iter().filter(|other| **other < USERS).collect();
                let mut blocks = self.blocks.clone();
                blocks.extend(others.iter().map(|other| (*one, **other)));
                if blocks.iter().filter(|(who, _)| who == one).count() as u64 <= LIMITS.blocked_max {
                    self.blocks = blocks;
                    others.into_iter().for_each(|other| self.part(*one, *other));
                }
            }
            Act::Import(one, others, reset) => {
                for other in (0..USERS).filter(|other| *reset && !others.contains(other)) {
                    if self.state(*one, other) == Some(0) {
                        self.part(*one, other);
                    }
                }
                for other in others.iter().filter(|other| **other < USERS) {
                    let fits = |who, with| self.wants.contains(&(who, with)) || self.wanted(who) < MAX;
                    if !self.apart(*one, *other) && fits(*one, *other) && fits(*other, *one) {
                        self.wants.insert((*one, *other));
                        self.wants.insert((*other, *one));
                    }
                }
            }
        }
    }
}

fn users(numbers: &[u128]) -> Vec<UserId> {
    numbers.iter().map(|number| user(*number)).collect()
}

fn act(store: &Store, act: Act, at_ms: i64) {
    match act {
        Act::Add(one, others) => {
            let (user, others) = (user(one), users(&others));
            store.write_now(FriendsAdd { user, others, metadata: None, at_ms, limits: LIMITS }).map(drop)
        }
        Act::Remove(one, others) => {
            store.write_now(FriendsRemove { user: user(one), others: users(&others) }).map(drop)
        }
        Act::Block(one, others) => {
            let (user, others) = (user(one), users(&others));
            store.write_now(FriendsBlock { user, others, at_ms, blocked_max: LIMITS.blocked_max }).map(drop)
        }
        Act::Import(one, others, reset) => {
            let (user, others) = (user(one), users(&others));
            store.write_now(FriendsImport { user, others, reset, at_ms, limits: LIMITS }).map(drop)
        }
    }
    .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_graph_is_its_model(course in prop::collection::vec(acts(), 1..40)) {
        let store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        for number in 0..USERS {
            let (device, username) = (format!("phone-{number:04}"), format!("User{number}"));
            let create = Register { credential: Credential::Device(device), user: user(number), username, at_ms: 1 };
            store.write_now(create).unwrap();
        }
        let mut model = Model::default();
        for (at_ms, one_act) in (1i64..).zip(course) {
            model.act(&one_act);
            act(&store, one_act, at_ms);
            for one in 0..USERS {
                let list = FriendsList { user: user(one), state: None, after: None, limit: 100 };
                let listed = store.read_now(list).unwrap();
                let states: BTreeMap<_, _> =
                    listed.iter().map(|friend| (friend.other, friend.state as u8)).collect();
                let expected: BTreeMap<_, _> = (0..USERS)
                    .filter_map(|other| Some((user(other), model.state(one, other)?)))
                    .collect();
                // A block hides the other side's own row only where the other side has none.
                prop_assert_eq!(&states, &expected);
                let edges = store.read_now(AccountGet { user: user(one) }).unwrap().unwrap().profile.edge_count;
                prop_assert_eq!(edges, listed.len() as i64);
                let order: Vec<_> = listed.iter().map(|one| (one.state, one.updated_ms, one.other)).collect();
                prop_assert!(order.is_sorted());
                for other in (0..USERS).filter(|other| *other != one) {
                    let apart = FriendsBlocked { user: user(one), other: user(other) };
                    prop_assert_eq!(store.read_now(apart).unwrap(), model.apart(one, other));
                }
            }
        }
    }
}
