//! Any course of claims, appends, effects and failing commits, against a model of a few lines: who holds a room, how
//! far its log is, and what is in each wallet.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;
use store::*;

use crate::samples::{append_now, chunk, effect, key, open, room, user};

const ROOMS: u128 = 2;
const USERS: u128 = 2;

#[derive(Clone, Debug)]
enum Act {
    Claim {
        room: u128,
    },
    /// `term` and `seq`: how far from the right one.
    Append {
        room: u128,
        term: i64,
        seq: i64,
        length: u64,
        effects: Vec<(u128, i64, bool)>,
        fault: Option<CommitFault>,
    },
    /// The holder logs all answers that wait.
    Hear {
        room: u128,
    },
}

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![8 => -100i64..=100, 1 => Just(i64::MAX), 1 => Just(i64::MIN), 1 => any::<i64>()]
}

fn acts() -> impl Strategy<Value = Act> {
    let effects = prop::collection::vec((0..USERS, amounts(), any::<bool>()), 0..4);
    let faults = [CommitFault::Full, CommitFault::LostBefore, CommitFault::LostAfter];
    let fault = prop_oneof![4 => Just(None), 1 => prop::sample::select(faults.to_vec()).prop_map(Some)];
    let off = || prop_oneof![6 => Just(0i64), 1 => -3i64..=3];
    let append = (0..ROOMS, off(), off(), 1u64..4, effects, fault).prop_map(
        |(room, term, seq, length, effects, fault)| Act::Append { room, term, seq, length, effects, fault },
    );
    prop_oneof![
        1 => (0..ROOMS).prop_map(|room| Act::Claim { room }),
        8 => append,
        1 => (0..ROOMS).prop_map(|room| Act::Hear { room }),
    ]
}

#[derive(Clone, Debug)]
struct Room {
    epoch: u64,
    head: u64,
    answers: Vec<(kernel::EffectKey, Answer)>,
}

#[derive(Clone, Debug)]
struct Model {
    rooms: BTreeMap<u128, Room>,
    wallets: BTreeMap<u128, i64>,
}

impl Model {
    fn append(&mut self, number: u128, append: &RoomAppend) -> Result<AppendReceipt, AppendError> {
        let room = self.rooms.get_mut(&number).expect("both rooms are open");
        if append.effects.iter().any(|effect| effect.amount < 0 && !effect.conditional) {
            return Err(AppendError::Refused("an unconditional effect must not take from a wallet"));
        }
        if append.epoch.0 != room.epoch {
            return Err(AppendError::StaleEpoch);
        }
        let head = room.head;
        match append.first_seq.0 {
            first if first <= head => return Err(AppendError::Repeated { head }),
            first if first > head + 1 => return Err(AppendError::Gap { head }),
            _ => room.head = append.last_seq.0,
        }
        let mut answers = Vec::new();
        for effect in &append.effects {
            let balance = self.wallets.entry(effect.user.0).or_default();
            let sum = i128::from(*balance) + i128::from(effect.amount);
            let answer = if sum < 0 {
                Err((REFUSED_SHORT, "not enough coins".to_owned()))
            } else if sum > i128::from(i64::MAX) && effect.conditional {
                Err((REFUSED_FULL, "the wallet holds no more coins".to_owned()))
            } else {
                *balance = i64::try_from(sum).unwrap_or(i64::MAX);
                Ok(())
            };
            if effect.conditional {
                answers.push((effect.key, answer));
            }
        }
        room.answers.retain(|(key, _)| !append.answered.contains(key));
        room.answers.extend(answers.clone());
        Ok(AppendReceipt { last_seq: append.last_seq, answers })
    }
}

fn shifted(number: u64, by: i64) -> u64 {
    number.saturating_add_signed(by).max(1)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_its_model(course in prop::collection::vec(acts(), 1..40)) {
        let faults = Arc::new(Mutex::new(None));
        let next = Arc::clone(&faults);
        let fault: FaultHook = Box::new(move || next.lock().unwrap().take());
        let options = Options { fault: Some(fault), ..Options::default() };
        let store = Store::open_manual(Place::Memory, options).unwrap();
        let mut model = Model { rooms: BTreeMap::new(), wallets: BTreeMap::new() };
        for number in 0..ROOMS {
            store.write_now(open(room(number), None, false)).unwrap();
            model.rooms.insert(number, Room { epoch: 1, head: 2, answers: Vec::new() });
        }
        for act in course {
            match act {
                Act::Claim { room: number } => {
                    let claim = ClaimRoom { room: room(number), holder: "there".into() };
                    let row = store.write_now(claim).unwrap().into_inner().unwrap();
                    let held = model.rooms.get_mut(&number).unwrap();
                    held.epoch += 1;
                    prop_assert_eq!(row.epoch.0, held.epoch);
                }
                Act::Append { room: number, term, seq, length, effects, fault } => {
                    let held = model.rooms[&number].clone();
                    let first = shifted(held.head + 1, seq);
                    let epoch = shifted(held.epoch, term);
                    let mut append = chunk(room(number), epoch, first, first + length - 1);
                    append.effects = (0u32..)
                        .zip(effects)
                        .map(|(index, (who, amount, conditional))| {
                            effect(first, index, user(who), amount, conditional)
                        })
                        .collect();
                    *faults.lock().unwrap() = fault;
                    let got = append_now(&store, vec![append.clone()]).remove(0);
                    *faults.lock().unwrap() = None;
                    let before = model.clone();
                    let expected = model.append(number, &append);
                    match (fault, expected) {
                        (None, expected) | (Some(_), expected @ Err(_)) => prop_assert_eq!(got, expected),
                        (Some(fault), Ok(_)) => {
                            prop_assert!(matches!(got, Err(AppendError::Store(_))));
                            if fault != CommitFault::LostAfter {
                                model = before;
                            }
                        }
                    }
                }
                Act::Hear { room: number } => {
                    let held = model.rooms[&number].clone();
                    let mut append = chunk(room(number), held.epoch, held.head + 1, held.head + 1);
                    append.answered = held.answers.iter().map(|(key, _)| *key).collect();
                    let got = append_now(&store, vec![append.clone()]).remove(0);
                    prop_assert_eq!(got, model.append(number, &append));
                }
            }
            for number in 0..ROOMS {
                let held = &model.rooms[&number];
                let head = store.read_now(LogHead { room: room(number) }).unwrap().unwrap().0;
                prop_assert_eq!(head.0, held.head);
                let answers = store.read_now(AnswersOf { room: room(number) }).unwrap();
                prop_assert_eq!(&answers, &held.answers);
            }
            for number in 0..USERS {
                let wallet = store.read_now(WalletGet { user: user(number) }).unwrap();
                let amount = wallet.first().map_or(0, |balance| balance.amount);
                prop_assert_eq!(amount, model.wallets.get(&user(number).0).copied().unwrap_or(0));
            }
        }
        // Every change of a wallet is in the ledger, and the ledger adds up.
        let mut sums: BTreeMap<UserId, i128> = BTreeMap::new();
        for number in 0..ROOMS {
            let ledger = LedgerOfRoom { room: room(number), after: key(0, 0).seq, limit: 10_000 };
            for entry in store.read_now(ledger).unwrap() {
                *sums.entry(entry.user).or_default() += i128::from(entry.amount);
            }
        }
        for (who, sum) in sums {
            let amount = model.wallets.get(&who.0).copied().unwrap_or(0);
            prop_assert_eq!(sum, i128::from(amount));
        }
    }
}
