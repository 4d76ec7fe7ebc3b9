//! Rooms that run between their inputs: however their time is cut, the log alone says what they are.

use kernel::{CommandId, Input, Outbox, Registry, Seat, Taken};
use proptest::prelude::*;

use crate::drift::{Drift, LOUD, STEP_MS};
use crate::log::{ROOM, rules_of};

fn open() -> Box<dyn kernel::Room> {
    let mut room = rules_of("drift", 1).open(ROOM, 0, b"", 5).unwrap();
    room.take(room.at(0), &Input::Join { seat: Seat(0) }, &mut Outbox::new()).unwrap();
    room
}

fn command(byte: &[u8]) -> Input<'_> {
    Input::Command { seat: Seat(0), id: CommandId(0), body: byte }
}

/// The steps that updates told of.
fn steps(out: &Outbox) -> Vec<u64> {
    out.updates().iter().map(|update| u64::from_le_bytes(update.body[..8].try_into().unwrap())).collect()
}

#[test]
fn time_passes_once_however_often_it_is_told_to() {
    let mut room = open();
    let mut out = Outbox::new();
    room.pass(room.at(120), &mut out);
    assert_eq!((steps(&out), room.is_settled()), (vec![1, 2], false));
    room.pass(room.at(149), &mut out);
    assert_eq!(steps(&out), []);
    // The clock goes back: the room does not.
    assert_eq!((room.at(10).ms, room.at(10).step), (149, 2));
    assert_eq!(room.take(room.at(151), &Input::Advance, &mut out), Ok(Taken::New(kernel::Seq(3))));
    assert_eq!((steps(&out), room.is_settled()), (vec![3], true));
}

#[test]
fn a_refused_input_changes_nothing_but_that_time_has_passed() {
    let (mut asked, mut waited) = (open(), open());
    let mut out = Outbox::new();
    assert!(asked.take(asked.at(510), &command(&[120]), &mut out).is_err());
    assert_eq!(steps(&out).len(), 10, "what passing time told is not lost");
    waited.pass(waited.at(510), &mut out);
    assert_eq!(asked.state_bytes(), waited.state_bytes());
    assert_eq!(asked.memory(), waited.memory());
    // In step 20 there is enough.
    assert!(asked.take(asked.at(1_000), &command(&[120]), &mut out).is_ok());
}

#[test]
fn too_much_told_at_once_is_marked_as_not_whole_and_nothing_is_broken() {
    let mut room = open();
    let mut out = Outbox::new();
    room.take(room.at(0), &command(&[LOUD as u8]), &mut out).unwrap();
    room.pass(room.at(i64::from(STEP_MS) * 7), &mut out);
    assert!(!out.overran());
    room.pass(room.at(i64::from(STEP_MS) * 1_007), &mut out);
    assert!(out.overran() && !out.is_heard());
    let bytes: usize = out.updates().iter().map(|update| update.body.len()).sum();
    assert!(bytes <= kernel::OUTBOX_BYTES_MAX);
    room.pass(room.at(i64::from(STEP_MS) * 1_008), &mut out);
    assert_eq!((out.overran(), out.updates().len()), (false, 1));
    // So with an input that had to wait that long.
    room.take(room.at(i64::from(STEP_MS) * 3_000), &command(&[1]), &mut out).unwrap();
    assert!(out.overran());
}

#[test]
fn computers_seats_are_never_joined_and_are_heard() {
    let mut room = open();
    let served = room.served();
    assert_eq!(served, [Seat::SERVED_FIRST]);
    let mut out = Outbox::new();
    let at = room.at(0);
    assert!(room.take(at, &Input::Join { seat: served[0] }, &mut out).is_err());
    let say = |byte| Input::Command { seat: served[0], id: CommandId(9), body: byte };
    assert!(room.take(at, &say(&[11]), &mut out).is_err(), "these are not heard of the absent");
    let Ok(Taken::New(seq)) = room.take(at, &say(&[10]), &mut out) else { panic!("refused") };
    assert_eq!(room.take(at, &say(&[10]), &mut out), Ok(Taken::Repeat(seq)));
    room.take(at, &Input::Leave { seat: Seat(0) }, &mut out).unwrap();
    assert_eq!(room.served(), []);
}

#[test]
fn rules_cannot_run_without_a_step() {
    struct Still;
    impl kernel::Rules for Still {
        const NAME: &'static str = "still";
        const VERSION: u32 = 1;
        type State = ();
        type Command = ();
        fn load(_: &[u8]) -> Result<Self, kernel::Unreadable> {
            Ok(Self)
        }
        fn pace(&self) -> kernel::Pace {
            kernel::Pace { runs: true, ..kernel::Pace::TURNS }
        }
        fn open(&self, _: kernel::At, _: &[u8], _: u64) -> Result<(), kernel::Refusal> {
            Ok(())
        }
        fn decode(&self, _: &[u8]) -> Result<(), kernel::Refusal> {
            Ok(())
        }
        fn validate(&self, _: &(), _: kernel::At, _: &kernel::Event<'_, ()>) -> Result<(), kernel::Refusal> {
            Ok(())
        }
        fn execute(&self, _: &mut (), _: kernel::At, _: kernel::Event<'_, ()>, _: &mut Outbox) {}
        fn view(&self, _: &(), _: kernel::At, _: Seat, _: &mut Vec<u8>) {}
        fn snapshot(&self, _: &(), _: &mut Vec<u8>) {}
        fn restore(&self, _: &[u8]) -> Result<(), kernel::Unreadable> {
            Ok(())
        }
    }
    let made = Registry::new().with::<Still>().with::<Drift<1>>().make("still", 1, b"");
    assert!(made.err().unwrap().0.contains("without a step"));
}

proptest! {
    #[test]
    fn time_may_pass_in_any_pieces(
        inputs in prop::collection::vec((0i64..700, (0u8..200).prop_filter("loud", |byte| u64::from(*byte) != LOUD)), 1..30),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let (mut one, mut other) = (open(), open());
        let mut out = Outbox::new();
        let mut ms = 0;
        let end: i64 = inputs.iter().map(|(wait, _)| wait).sum();
        let mut cuts: Vec<i64> = cuts.into_iter().map(|cut| cut.index(end as usize + 1) as i64).collect();
        cuts.sort_unstable();
        for (wait, byte) in inputs {
            let mut told = Vec::new();
            for cut in cuts.iter().filter(|cut| (ms..ms + wait).contains(*cut)) {
                other.pass(other.at(*cut), &mut out);
                told.extend(out.take_updates());
            }
            ms += wait;
            let body = [byte];
            let second = other.take(other.at(ms), &command(&body), &mut out);
            told.extend(out.take_updates());
            let first = one.take(one.at(ms), &command(&body), &mut out);
            prop_assert_eq!(first, second);
            prop_assert_eq!(out.take_updates(), told, "updates are the same however they are split");
        }
        for room in [&mut one, &mut other] {
            room.take(room.at(ms), &Input::Advance, &mut out).unwrap();
        }
        prop_assert_eq!(one.hash(), other.hash());
    }
}
