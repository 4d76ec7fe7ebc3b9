//! One command taken out: what is left is what would have come, and what no longer stands is listed.

use kernel::{CommandId, Input, Outbox, REWIND_DEPTH_MAX, Seat, Seq, Start, TakeOutError, Taken};
use proptest::prelude::*;

use crate::drift::LOUD;
use crate::log::{Logged, ROOM, Step, rules_of};

fn command(seat: u32, byte: &[u8]) -> Input<'_> {
    Input::Command { seat: Seat(seat), id: CommandId(0), body: byte }
}

/// A room in which three people sit.
fn seated() -> Logged {
    let mut logged = Logged::open_of("drift", 3);
    (0..3).for_each(|seat| logged.step(&Step::Join(seat)));
    logged
}

fn taken(result: Result<Taken, kernel::Refusal>) -> Option<Seq> {
    match result {
        Ok(Taken::New(seq)) => Some(seq),
        _ => None,
    }
}

/// Takes a command out; the numbers of what fell with it.
fn take_out(logged: &mut Logged, seq: Seq) -> Result<Vec<u64>, TakeOutError> {
    logged.settle();
    logged.commit(true);
    let now = logged.room.memory().seq;
    let course = kernel::without(ROOM, &mut logged.log.clone(), seq, now)?;
    logged.take_out(seq, course.room.as_ref());
    Ok(course.fallen.into_iter().map(|fallen| fallen.seq.0).collect())
}

#[test]
fn what_a_gift_paid_for_falls_with_it() {
    let mut logged = seated();
    logged.step(&Step::Wait(500));
    // Ten units each. Seat 0 gives seat 2 eight, which spends sixteen; seat 1 spends its own.
    let gift = taken(logged.take(&command(0, &[108]))).unwrap();
    let spent = taken(logged.take(&command(2, &[158]))).unwrap();
    let own = taken(logged.take(&command(1, &[152]))).unwrap();
    logged.step(&Step::Wait(1_000));
    assert_eq!(take_out(&mut logged, gift), Ok(vec![spent.0]));
    // What fell does not stand any more, nor does what was taken out.
    for gone in [gift, spent] {
        assert_eq!(take_out(&mut logged, gone), Err(TakeOutError::Gone(gone)));
    }
    // A second one takes nothing else along, and both are found again in the log.
    assert_eq!(take_out(&mut logged, own), Ok(vec![]));
    logged.commit(true);
    for start in [Start::Open, Start::Snapshot] {
        let replayed = logged.log.replay(start, None).unwrap();
        assert_eq!(replayed.room.unwrap().hash(), logged.room.hash());
    }
    let mut never = seated();
    never.step(&Step::Wait(1_500));
    never.step(&Step::Advance);
    assert_eq!(logged.room.state_bytes(), never.room.state_bytes());
}

#[test]
fn only_a_command_that_stands_can_be_taken_out() {
    let mut logged = seated();
    let seq = taken(logged.take(&command(0, &[5]))).unwrap();
    let now = logged.room.memory().seq;
    assert_eq!(take_out(&mut logged, Seq(2)), Err(TakeOutError::NotACommand(Seq(2))));
    assert_eq!(take_out(&mut logged, now.next()), Err(TakeOutError::NotACommand(now.next())));
    logged.step(&Step::Rewind(1));
    assert_eq!(take_out(&mut logged, seq), Err(TakeOutError::Gone(seq)));
}

#[test]
fn what_was_never_asked_is_refused_to_the_rules() {
    // In step 10 the rules ask the wallet under a tag; without the rate they ask under another.
    let mut logged = seated();
    let rate = taken(logged.take(&command(0, &[7]))).unwrap();
    logged.step(&Step::Wait(500));
    let asked = taken(logged.take(&command(0, &[200]))).unwrap();
    let before = logged.room.memory().outstanding.clone();
    assert_eq!(before.keys().map(|key| key.seq).collect::<Vec<_>>(), [asked]);
    assert_eq!(take_out(&mut logged, rate), Ok(vec![]));
    // It is outside as it was, and its answer is heard as the rules know it now.
    assert!(logged.room.memory().outstanding.contains_key(before.keys().next().unwrap()));
    logged.step(&Step::Answer(true));
    logged.commit(true);
    let replayed = logged.log.replay(Start::Open, None).unwrap();
    assert_eq!(replayed.room.unwrap().hash(), logged.room.hash());
}

#[test]
fn removals_do_not_grow_dearer_than_their_number() {
    // Each removal is followed from the one before it alone: were each followed from all, this would never end.
    let mut logged = seated();
    let count = REWIND_DEPTH_MAX as usize / 2;
    let seqs: Vec<Seq> = (0..count).map(|_| taken(logged.take(&command(1, &[3]))).unwrap()).collect();
    for seq in seqs {
        take_out(&mut logged, seq).unwrap();
    }
    logged.commit(true);
    let replayed = logged.log.replay(Start::Open, None).unwrap();
    assert_eq!(replayed.room.unwrap().hash(), logged.room.hash());
}

proptest! {
    #[test]
    fn without_a_command_the_room_is_what_it_would_have_been(
        inputs in prop::collection::vec(
            (0u16..900, 0u32..3, (0u8..200).prop_filter("loud", |byte| u64::from(*byte) != LOUD)), 1..40),
        which in any::<prop::sample::Index>(),
    ) {
        let mut logged = seated();
        let mut stood = Vec::new();
        let mut ms = 1_000;
        for (wait, seat, byte) in inputs {
            logged.step(&Step::Wait(wait));
            ms += i64::from(wait);
            if let Some(seq) = taken(logged.take(&command(seat, &[byte]))) {
                stood.push((seq, ms, seat, byte));
            }
        }
        prop_assume!(!stood.is_empty());
        let out = stood[which.index(stood.len())].0;
        let fallen = take_out(&mut logged, out).unwrap();
        // The same, never given.
        let mut other = rules_of("drift", 1).open(ROOM, 1_000, b"", 3).unwrap();
        let mut told = Outbox::new();
        for seat in 0..3 {
            other.take(other.at(1_000), &Input::Join { seat: Seat(seat) }, &mut told).unwrap();
        }
        let mut refused = Vec::new();
        for (seq, ms, seat, byte) in stood.into_iter().filter(|(seq, ..)| *seq != out) {
            if other.take(other.at(ms), &command(seat, &[byte]), &mut told).is_err() {
                refused.push(seq.0);
            }
        }
        other.pass(other.at(ms), &mut told);
        prop_assert_eq!(fallen, refused);
        prop_assert_eq!(other.state_bytes(), logged.room.state_bytes());
        logged.commit(true);
        let replayed = logged.log.replay(Start::Open, None).unwrap().room.unwrap();
        prop_assert_eq!(replayed.hash(), logged.room.hash());
    }

    #[test]
    fn a_room_goes_back_to_any_step(waits in prop::collection::vec((0u16..400, 0u8..90), 1..30), step in 0u64..100) {
        let mut logged = seated();
        let mut states = vec![];
        let mut watch = |logged: &Logged, until| {
            // Every step that passed, as the room was at its end.
            let mut room = logged.room.fork();
            while room.passed().step < until {
                let next = room.passed().step + 1;
                room.pass(room.at_step(next), &mut Outbox::new());
                states.push((next, room.view_bytes()));
            }
        };
        for (wait, byte) in waits {
            logged.step(&Step::Wait(wait));
            watch(&logged, logged.at().step);
            logged.take(&command(0, &[byte])).unwrap();
        }
        logged.settle();
        logged.commit(false);
        let now = logged.room.memory().seq;
        let log = &mut logged.log.clone();
        let to = kernel::input_of_step(ROOM, log, step, now).unwrap().unwrap();
        let earlier = kernel::earlier(ROOM, log, to, Some(step), now).unwrap();
        let at = earlier.passed().step;
        prop_assert_eq!(at, step);
        if let Some((_, view)) = states.iter().find(|(other, _)| *other == step) {
            prop_assert_eq!(&earlier.view_bytes(), view);
        }
    }
}

trait ViewBytes {
    fn view_bytes(&self) -> Vec<u8>;
}

impl ViewBytes for Box<dyn kernel::Room> {
    fn view_bytes(&self) -> Vec<u8> {
        let mut view = Vec::new();
        self.view(self.passed(), Seat::NOBODY, &mut view);
        view
    }
}
