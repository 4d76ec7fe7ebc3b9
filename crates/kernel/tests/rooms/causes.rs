//! What one input causes beside the state: commands of absent seats, answers, events, marks; and what never happens
//! twice.

use kernel::{Act, CommandId, Effect, Input, Outbox, Refusal, SEATS_MAX, Seat, Seq, Start, Taken};

use crate::log::{Logged, Step};

fn command(seat: Seat, id: u128, byte: &[u8; 1]) -> Input<'_> {
    Input::Command { seat, id: CommandId(id), body: byte }
}

fn refused(logged: &mut Logged, input: &Input<'_>, code: u16) {
    let taken = logged.take(input);
    assert_eq!(taken.as_ref().map_err(|refusal| refusal.code), Err(code), "{input:?}");
}

fn caused(logged: &mut Logged, input: &Input<'_>) -> Outbox {
    let (at, mut out) = (logged.room.at(0), Outbox::new());
    logged.room.take(at, input, &mut out).unwrap();
    out
}

#[test]
fn the_absent_are_heard_as_far_as_the_rules_say() {
    let mut logged = Logged::open(0);
    let never = Seat(4);
    refused(&mut logged, &command(never, 1, &[11]), Refusal::NOT_SEATED);
    assert_eq!(logged.take(&command(never, 1, &[10])), Ok(Taken::New(Seq(2))));
    // It is remembered, though nobody ever sat there, and over a snapshot too.
    assert_eq!(logged.take(&command(never, 1, &[10])), Ok(Taken::Repeat(Seq(2))));
    assert!(!logged.room.memory().joined(never));
    logged.step(&Step::Snapshot);
    logged.room = logged.log.replay(Start::Snapshot, None).unwrap().room.unwrap();
    assert_eq!(logged.take(&command(never, 1, &[10])), Ok(Taken::Repeat(Seq(2))));
    // Somebody who has left hears what became of a command that was sent before.
    logged.step(&Step::Join(1));
    assert_eq!(logged.take(&command(Seat(1), 7, &[11])), Ok(Taken::New(Seq(4))));
    logged.step(&Step::Leave(1));
    assert_eq!(logged.take(&command(Seat(1), 7, &[11])), Ok(Taken::Repeat(Seq(4))));
    refused(&mut logged, &command(Seat(1), 8, &[11]), Refusal::NOT_SEATED);
    // A seat that spoke before anybody sat there can be taken like any other.
    assert_eq!(logged.take(&Input::Join { seat: never }), Ok(Taken::New(Seq(6))));
}

#[test]
fn nobody_never_sits_or_speaks_and_seats_are_bounded() {
    let mut logged = Logged::open(0);
    refused(&mut logged, &Input::Join { seat: Seat::NOBODY }, Refusal::TOO_MUCH);
    refused(&mut logged, &command(Seat::NOBODY, 1, &[10]), Refusal::TOO_MUCH);
    for (seat, id) in (0..SEATS_MAX as u32).zip(1..) {
        let taken = logged.room.take(logged.room.at(0), &command(Seat(seat), id, &[10]), &mut Outbox::new());
        assert!(matches!(taken, Ok(Taken::New(_))));
    }
    refused(&mut logged, &command(Seat(SEATS_MAX as u32), 1, &[10]), Refusal::TOO_MUCH);
    assert!(logged.take(&command(Seat(0), 99_999_999, &[10])).is_ok());
}

#[test]
fn answers_and_events_are_said_once_and_wait_for_nothing() {
    let mut logged = Logged::open(0);
    let hundred = [100];
    let input = command(Seat(0), 1, &hundred);
    let out = caused(&mut logged, &input);
    assert_eq!(out.answered(), 100u64.to_le_bytes());
    let [Effect { act: Act::Event { seat: Seat(0), name, properties }, answer: None }] = out.effects() else {
        panic!("no event: {out:?}")
    };
    assert_eq!((name.as_str(), properties["sum"].as_str()), ("hundred", "100"));
    assert!(logged.room.memory().outstanding.is_empty());
    let again = caused(&mut logged, &input);
    assert!(again.answered().is_empty() && again.effects().is_empty());
}

#[test]
fn a_mark_is_what_stood_before_and_replay_has_none() {
    let mut logged = Logged::open(0);
    logged.step(&Step::Join(0));
    let before = logged.room.hash();
    let seven = [7];
    let mark = caused(&mut logged, &command(Seat(0), 1, &seven)).take_mark().unwrap();
    assert_eq!((mark.why, mark.before.hash(), mark.before.memory().seq), ("seven", before, Seq(2)));
    assert!(caused(&mut logged, &command(Seat(0), 1, &seven)).mark().is_none());
    assert!(caused(&mut logged, &command(Seat(0), 2, &[8])).mark().is_none());
    assert_eq!(caused(&mut logged, &Input::Join { seat: Seat(3) }).take_mark().unwrap().why, "third");
    let (at, mut out) = (logged.room.at(0), Outbox::for_replay());
    logged.room.take(at, &command(Seat(0), 3, &seven), &mut out).unwrap();
    assert!(out.mark().is_none());
}

#[test]
fn a_log_is_followed_from_a_snapshot_within_a_row() {
    let mut logged = Logged::open(0);
    logged.step(&Step::Join(0));
    for byte in [1, 7, 2, 14, 3] {
        logged.step(&Step::Command(0, 0, byte));
    }
    logged.commit(true);
    logged.step(&Step::Command(0, 0, 4));
    logged.commit(true);
    let within: Vec<Seq> = logged.log.snapshots.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(within, [Seq(3), Seq(5)]);
    let whole = logged.log.replay(Start::Snapshot, None).unwrap();
    assert_eq!((whole.room.unwrap().hash(), whole.inputs, whole.hashes), (logged.room.hash(), 3, 2));
    let cut = logged.log.replay(Start::Snapshot, Some(Seq(6))).unwrap();
    assert_eq!(cut.inputs, 1);
    assert_eq!(
        cut.room.unwrap().hash(),
        logged.log.replay(Start::Open, Some(Seq(6))).unwrap().room.unwrap().hash()
    );
    // Exactly there, nothing of the log is needed.
    let mut pruned = logged.log.clone();
    pruned.rows.clear();
    assert_eq!(pruned.replay(Start::Snapshot, Some(Seq(5))).unwrap().inputs, 0);
    // But a row that lies wholly before the snapshot is one too many.
    let mut twice = logged.log.clone();
    twice.rows.insert(2, twice.rows[1].clone());
    let said = twice.replay(Start::Snapshot, None).err().unwrap().to_string();
    assert!(said.contains("which an earlier row holds already"), "{said}");
}

#[test]
fn rules_hear_how_long_ago_the_state_is_that_they_are_taken_back_to() {
    let mut logged = Logged::open(0);
    logged.step(&Step::Wait(300));
    logged.step(&Step::Join(0));
    logged.step(&Step::Wait(7_000));
    logged.step(&Step::Command(0, 0, 1));
    logged.step(&Step::Rewind(1));
    logged.step(&Step::Wait(40));
    // 300 ms before the join, none between the join and the rewind that went back to it, 40 since.
    logged.step(&Step::Advance);
    let passed = &logged.room.state_bytes()[32..40];
    assert_eq!(passed, 340i64.to_le_bytes());
}

#[test]
#[should_panic(expected = "the rules answered a command with 262145 bytes")]
fn an_answer_has_a_limit() {
    let mut logged = Logged::open(0);
    logged.step(&Step::Join(0));
    let _ = logged.take(&command(Seat(0), 1, &[203]));
}

#[test]
fn an_event_has_limits_and_no_answer() {
    let event = |name: String, key: String, count: usize| Act::Event {
        seat: Seat(0),
        name,
        properties: (0..count).map(|i| (format!("{i}{key}"), String::new())).collect(),
    };
    let panics = |act: Act, ask: bool| {
        let emit = move || if ask { Outbox::new().ask(1, act) } else { Outbox::new().effect(act) };
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(emit)).is_err()
    };
    let long = |len| "x".repeat(len);
    assert!(!panics(event(long(128), long(1_022), 64), false));
    assert!(panics(event(long(128), String::new(), 1), true));
    assert!(panics(event(String::new(), String::new(), 1), false));
    assert!(panics(event(long(129), String::new(), 1), false));
    assert!(panics(event("a\0".into(), String::new(), 1), false));
    assert!(panics(event(long(1), long(1_024), 1), false));
    assert!(panics(event(long(1), String::new(), 65), false));
}

#[test]
fn measures_are_of_the_time_asked_for() {
    let mut logged = Logged::open(3);
    logged.step(&Step::Command(0, 0, 10));
    let mut found = Vec::new();
    let at = logged.room.at(1_500);
    logged.room.measures(at, &mut |name, value| found.push((name.to_owned(), value)));
    assert_eq!(found, [("sum".to_owned(), 13), ("passed".to_owned(), 500)]);
}
