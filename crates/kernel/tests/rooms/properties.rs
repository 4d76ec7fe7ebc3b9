use kernel::{CommandId, Input, Seat, Seq, Start, Taken};
use proptest::prelude::*;

use crate::log::{Logged, Step};

pub fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0u16..3_000).prop_map(Step::Wait),
        3 => (0u32..10).prop_map(Step::Join),
        1 => (0u32..10).prop_map(Step::Leave),
        12 => (0u32..6, 0u128..40, prop_oneof![0u8..202, Just(210)]).prop_map(|(seat, id, byte)| Step::Command(seat, id, byte)),
        1 => Just(Step::Advance),
        3 => Just(Step::Pass),
        2 => (0u128..3, 0u64..20).prop_map(|(from, seq)| Step::Message(from, seq)),
        2 => any::<bool>().prop_map(Step::Answer),
        1 => Just(Step::Migrate),
        1 => (0usize..200).prop_map(Step::Rewind),
        1 => (0usize..200).prop_map(Step::Without),
        4 => any::<bool>().prop_map(Step::Commit),
        1 => Just(Step::Snapshot),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn a_room_is_a_function_of_its_log(name in prop::sample::select(vec!["tally", "drift"]), seed in any::<u64>(), steps in prop::collection::vec(any_step(), 1..80), cut in any::<prop::sample::Index>()) {
        let mut logged = Logged::open_of(name, seed);
        let mut hashes = vec![(Seq(1), logged.room.hash())];
        for step in &steps {
            logged.step(step);
            if !logged.room.is_settled() {
                continue;
            }
            let now = (logged.room.memory().seq, logged.room.hash());
            if hashes.last().unwrap().0 != now.0 {
                hashes.push(now);
            }
        }
        logged.commit(true);
        // Whole, from the beginning and from the newest snapshot.
        for start in [Start::Open, Start::Snapshot] {
            let replayed = logged.log.replay(start, None).unwrap().room.unwrap();
            prop_assert_eq!(replayed.hash(), logged.room.hash());
            prop_assert_eq!(replayed.memory(), logged.room.memory());
        }
        // Cut anywhere.
        let (seq, hash) = hashes[cut.index(hashes.len())];
        let earlier = logged.log.replay(Start::Snapshot, Some(seq)).unwrap().room.unwrap();
        prop_assert_eq!((earlier.memory().seq, earlier.hash()), (seq, hash));
    }

    #[test]
    fn a_command_sent_again_is_taken_once(bytes in prop::collection::vec(0u8..200, 1..40), again in prop::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let mut logged = Logged::open(0);
        logged.step(&Step::Join(0));
        let mut send = |id: usize, byte| {
            logged.take(&Input::Command { seat: Seat(0), id: CommandId(id as u128 + 1), body: &[byte] }).unwrap()
        };
        let first: Vec<Taken> = bytes.iter().enumerate().map(|(id, byte)| send(id, *byte)).collect();
        for again in again {
            let id = again.index(bytes.len());
            let Taken::New(seq) = first[id] else { panic!("a new command was taken as a repeat") };
            prop_assert_eq!(send(id, bytes[id]), Taken::Repeat(seq));
        }
    }
}
