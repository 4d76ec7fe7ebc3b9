//! Logs and snapshots that are not whole.

use kernel::{Fault, Frozen, Input, RoomId, Row, Seq, Start, row_sum};

use crate::log::{Log, Logged, ROOM, Step};

/// Five rows of two inputs each, after the opening row.
fn log() -> Log {
    let mut logged = Logged::open(3);
    logged.step(&Step::Join(0));
    logged.step(&Step::Join(1));
    logged.commit(false);
    for byte in 1..5 {
        logged.step(&Step::Command(0, 0, byte));
        logged.step(&Step::Command(1, 0, byte));
        logged.commit(byte == 4);
    }
    logged.log
}

fn check(harm: impl FnOnce(&mut Vec<Row>), expected: &str) {
    let mut log = log();
    harm(&mut log.rows);
    let said = match log.replay(Start::Open, None) {
        Ok(replayed) => format!("ok, {} inputs", replayed.inputs),
        Err(fault) => fault.to_string(),
    };
    assert!(said.contains(expected), "said {said:?}, expected {expected:?}");
}

#[test]
fn a_log_that_is_not_whole_is_refused_with_the_place() {
    check(|_| {}, "ok, 11 inputs");
    check(|rows| drop(rows.pop()), "ok, 9 inputs");
    check(|rows| drop(rows.remove(2)), "inputs 4 to 5 are missing");
    check(|rows| drop(rows.remove(0)), "inputs 1 to 1 are missing");
    check(|rows| rows.insert(3, rows[2].clone()), "begins at input 4, which an earlier row holds already");
    check(|rows| rows[3].sum ^= 1, "begins at input 6 is damaged: its checksum does not match");
    check(|rows| rows[3].body = rows[2].body.clone(), "begins at input 6 is damaged: its checksum");
    let resum = |row: &mut Row| row.sum = row_sum(ROOM, row.first, row.last, &row.body);
    check(
        |rows| {
            rows[3].body = rows[3].body.slice(..rows[3].body.len() - 3);
            resum(&mut rows[3]);
        },
        "begins at input 6 is damaged: it cannot be decoded",
    );
    check(
        |rows| {
            rows[3].body = rows[2].body.clone();
            resum(&mut rows[3]);
        },
        "begins at input 6 is damaged: it holds 2 inputs from 4",
    );
}

#[test]
fn a_difference_is_found_and_told() {
    // The row's inputs are changed and its sum is made right again, as a change of the rules would seem.
    let mut log = log();
    let row = log.rows.last_mut().unwrap();
    let mut body = row.body.to_vec();
    *body.last_mut().unwrap() += 1;
    row.body = body.into();
    row.sum = row_sum(ROOM, row.first, row.last, &row.body);
    let Err(Fault::Differs { room, seq, logged, found, last }) = log.replay(Start::Open, None) else {
        panic!("the difference was not found")
    };
    assert_eq!((room, seq), (ROOM, Seq(11)));
    assert_ne!(logged, found);
    assert_eq!(last.len(), 2);
    assert!(last[1].contains("11 at 1000 ms: command of seat 1, 1 bytes 05"), "{last:?}");
}

#[test]
fn only_the_first_input_opens() {
    let mut logged = Logged::open(0);
    assert!(logged.take(&Input::Open { setup: b"", seed: 0 }).is_err());
    assert!(logged.take(&Input::Migrate).is_err());
    assert!(logged.take(&Input::Rewind { to: Seq(1), step: None }).is_err());
}

#[test]
fn a_snapshot_that_is_not_whole_is_refused() {
    let mut logged = Logged::open(3);
    logged.step(&Step::Join(0));
    logged.step(&Step::Command(0, 5, 200));
    let bytes = logged.room.snapshot();
    assert!(Frozen::read(ROOM, &bytes).is_ok());
    assert!(Frozen::read(RoomId(1), &bytes).is_err());
    for i in 0..bytes.len() {
        assert!(Frozen::read(ROOM, &bytes[..i]).is_err(), "cut at {i}");
        let mut changed = bytes.clone();
        changed[i] ^= 4;
        assert!(Frozen::read(ROOM, &changed).is_err(), "changed at {i}");
    }
}
