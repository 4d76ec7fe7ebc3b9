//! What comes in through the door, and what goes out.

use app::agents::{FromWorker, Late, ToWorker};
use bytes::Bytes;
use kernel::{RoomId, Seat};

use crate::contract::{self as proto, from_worker, job_done, to_worker, too_late};
use crate::translate::{Unreadable, heard, hello, told};

const MATCH: &str = "00000000-0000-0000-0000-000000000007.longhouse";

#[test]
fn a_worker_says_who_it_is() {
    let said = |match_ids: &[&str]| proto::Hello {
        name: "ann".into(),
        rules: vec!["war".into()],
        match_ids: match_ids.iter().map(|id| (*id).to_owned()).collect(),
        seats_max: 3,
        kinds: Vec::new(),
    };
    let read = hello(said(&[MATCH])).unwrap();
    assert_eq!((read.rooms, read.seats_max), (vec![RoomId(7)], 3));
    for wrong in ["", "7", "00000000-0000-0000-0000-000000000007.", &"x".repeat(500)] {
        assert!(matches!(hello(said(&[wrong])), Err(Unreadable::Match(text)) if text.len() <= 64), "{wrong}");
    }
}

#[test]
fn its_words_are_read_or_refused() {
    let read = |word: Option<from_worker::Word>| heard(proto::FromWorker { word });
    let turn = proto::TurnDone { turn: 5, commands: vec![Bytes::from_static(b"go")], memory: None };
    let same = FromWorker::Turn { turn: 5, commands: vec![Bytes::from_static(b"go")], memory: None };
    assert_eq!(read(Some(from_worker::Word::TurnDone(turn))), Ok(same));
    let job = |job: &str, outcome| {
        from_worker::Word::JobDone(proto::JobDone { job: job.into(), outcome, memory: None })
    };
    let id = "00000000-0000-0000-0000-000000000009";
    let failed = Some(job_done::Outcome::Failure("no".into()));
    let same = FromWorker::Job { job: 9, result: Err("no".into()), memory: None };
    assert_eq!(read(Some(job(id, failed.clone()))), Ok(same));
    assert_eq!(read(Some(job("nine", failed))), Err(Unreadable::Job("nine".into())));
    assert_eq!(read(Some(job(id, None))), Err(Unreadable::NoOutcome));
    assert_eq!(read(Some(from_worker::Word::Hello(proto::Hello::default()))), Err(Unreadable::Again));
    assert_eq!(read(None), Err(Unreadable::Nothing));
}

#[test]
fn it_is_told_in_the_contracts_words() {
    let key = (RoomId(7), Seat(Seat::SERVED_FIRST.0 + 2));
    let word = |word: ToWorker| told(word, "longhouse").word.unwrap();
    let seat = word(ToWorker::Seat { key, rules: "war".into(), given: true });
    let same = proto::Seat { match_id: MATCH.into(), rules: "war".into(), seat: key.1.0, given: true };
    assert_eq!(seat, to_worker::Word::Seat(same));
    let what = |late| match word(ToWorker::TooLate(late)) {
        to_worker::Word::TooLate(late) => late.what.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(what(Late::Turn(3)), too_late::What::Turn(3));
    assert_eq!(what(Late::Job(9)), too_late::What::Job("00000000-0000-0000-0000-000000000009".into()));
    let refused = ToWorker::Refused { turn: 1, index: None, code: 5, reason: "too much".into() };
    let same = proto::Refused { turn: 1, index: None, code: 5, reason: "too much".into() };
    assert_eq!(word(refused), to_worker::Word::Refused(same));
}
