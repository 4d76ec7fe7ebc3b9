//! Points of rooms, their snapshots, events of appends, and contents that are published, on every engine.

use kernel::{Epoch, Seq};
use store::*;

use super::Engine;
use crate::samples::{chunk, open, room, user};

fn point(seq: u64, why: &str) -> RestorePoint {
    RestorePoint { seq: Seq(seq), at_ms: seq as i64 * 10, why: why.into(), label: format!("at {seq}") }
}

pub fn points_are_noted_with_their_inputs(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    engine.run(open(room(2), None, false)).unwrap();
    let mut marked = chunk(room(1), 1, 3, 5);
    marked.points = vec![point(2, "daily"), point(4, "prestige")];
    engine.append(marked.clone()).unwrap();
    let of = |number| PointsOf { room: room(number) };
    let both = vec![point(4, "prestige"), point(2, "daily")];
    assert_eq!(engine.run(of(1)).unwrap(), both);
    assert_eq!(engine.run(of(2)).unwrap(), []);
    // Not with inputs that are not taken, and only before inputs that are.
    assert!(engine.append(marked).is_err());
    for seq in [4, 6] {
        let mut stray = chunk(room(1), 1, 6, 6);
        stray.points = vec![point(seq, "stray")];
        assert!(matches!(engine.append(stray), Err(AppendError::Refused(_))));
    }
    let mut forged = chunk(room(1), 9, 6, 6);
    forged.points = vec![point(5, "forged")];
    assert_eq!(engine.append(forged), Err(AppendError::StaleEpoch));
    assert_eq!(engine.run(of(1)).unwrap(), both);
    // The newest stay.
    for seq in 6..6 + u64::from(POINTS_MAX) {
        let mut next = chunk(room(1), 1, seq, seq);
        next.points = vec![point(seq - 1, "again")];
        engine.append(next).unwrap();
    }
    let seqs: Vec<u64> = engine.run(of(1)).unwrap().iter().map(|point| point.seq.0).collect();
    assert_eq!(seqs, (5..5 + u64::from(POINTS_MAX)).rev().collect::<Vec<_>>());
}

pub fn snapshots_of_points_are_not_thinned_out(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    let mut marked = chunk(room(1), 1, 3, 9);
    marked.points = vec![point(3, "prestige")];
    engine.append(marked).unwrap();
    for seq in [3, 5, 6, 7, 8] {
        assert!(engine.run(snapshot(seq, false)).unwrap());
    }
    let thin = engine.run(ThinSnapshots { room: room(1) }).unwrap();
    assert_eq!(thin, (vec![Seq(6), Seq(5)], Some(Seq(7))));
}

fn snapshot(seq: u64, moment: bool) -> SaveSnapshotPart {
    let at_ms = seq.cast_signed() * 10;
    let body = format!("room at {seq}").into_bytes();
    SaveSnapshotPart { room: room(1), epoch: Epoch(1), seq: Seq(seq), part: 0, parts: 1, at_ms, body, moment }
}

fn moments(engine: &mut impl Engine) -> Vec<u64> {
    let moments = engine.run(MomentsOf { room: room(1) }).unwrap();
    moments.iter().map(|moment| moment.seq.0).collect()
}

pub fn moments_stay_as_long_as_the_log_after_them(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    for seq in 3..=9 {
        engine.append(chunk(room(1), 1, seq, seq)).unwrap();
    }
    for (seq, moment) in [(3, true), (4, false), (5, true), (6, false), (7, true), (8, false), (9, false)] {
        assert!(engine.run(snapshot(seq, moment)).unwrap());
    }
    let forged = SaveSnapshotPart { epoch: Epoch(2), ..snapshot(8, true) };
    assert!(!engine.run(forged).unwrap());
    assert_eq!(moments(engine), [3, 5, 7]);
    let (unwanted, oldest) = engine.run(ThinSnapshots { room: room(1) }).unwrap();
    assert_eq!((unwanted, oldest), (vec![Seq(6), Seq(4)], Some(Seq(8))));
    for (at_ms, seq) in [(29, None), (30, Some(3)), (55, Some(5)), (1_000, Some(9))] {
        assert_eq!(engine.run(SnapshotAt { room: room(1), at_ms }).unwrap(), seq.map(Seq));
    }
    // The first inputs go, and with them what only they led on from.
    let prune = PruneLog { room: room(1), before: Seq(6), before_ms: i64::MAX, limit: 9 };
    assert!(engine.run(prune).unwrap() > 0);
    let (unwanted, _) = engine.run(ThinSnapshots { room: room(1) }).unwrap();
    assert_eq!(unwanted, [Seq(6), Seq(4), Seq(3)]);
    for seq in unwanted {
        assert_eq!(engine.run(DropSnapshot { room: room(1), seq, limit: 9 }).unwrap(), 1);
    }
    assert_eq!(moments(engine), [5, 7]);
}

pub fn events_of_an_append_are_kept_with_it(engine: &mut impl Engine) {
    engine.run(open(room(1), None, false)).unwrap();
    let event = |name: &str, number: Option<u128>| EventKeep {
        name: name.into(),
        user: number.map(user),
        properties: r#"{"stars":"5"}"#.into(),
        at_ms: 7,
        outside: false,
    };
    let mut told = chunk(room(1), 1, 3, 4);
    told.events = vec![event("farm_score", Some(1)), event("farm_open", None)];
    engine.append(told.clone()).unwrap();
    assert!(engine.append(told.clone()).is_err());
    engine.run(event("other", None)).unwrap();
    let mut half = chunk(room(1), 1, 5, 5);
    (half.events, half.label) = (vec![event("half", None)], Some("a\0b".into()));
    assert!(engine.append(half).is_err());
    let rows = engine.run(EventsAfter { seq: 0, limit: 9 }).unwrap();
    let names: Vec<_> = rows.iter().map(|row| (row.seq, row.name.as_str(), row.user)).collect();
    assert_eq!(names, [(1, "farm_score", Some(user(1))), (2, "farm_open", None), (3, "other", None)]);
    assert_eq!((rows[0].properties.as_str(), rows[0].at_ms, rows[0].outside), (r#"{"stars":"5"}"#, 7, false));
}

pub fn the_content_that_was_published_last_is_current(engine: &mut impl Engine) {
    let put = |hash: &[u8], at_ms| ContentPut {
        rules: "farm".into(),
        hash: hash.to_vec(),
        body: [b"body of ", hash].concat(),
        at_ms,
    };
    let row = |hash: &[u8], at_ms| ContentRow { hash: hash.to_vec(), at_ms };
    let current = || ContentCurrent { rules: "farm".into() };
    assert!(engine.run(put(b"a", 1)).unwrap());
    assert_eq!(engine.run(current()).unwrap(), None);
    assert!(engine.run(ContentPublish(put(b"b", 2))).unwrap());
    assert_eq!(engine.run(current()).unwrap(), Some(row(b"b", 2)));
    // One that is known already is published all the same.
    assert!(!engine.run(ContentPublish(put(b"a", 5))).unwrap());
    assert_eq!(engine.run(current()).unwrap(), Some(row(b"a", 5)));
    assert_eq!(engine.run(ContentCurrent { rules: "ledger".into() }).unwrap(), None);
    let list = |limit| ContentsOf { rules: "farm".into(), limit };
    assert_eq!(engine.run(list(9)).unwrap(), [row(b"b", 2), row(b"a", 1)]);
    assert_eq!(engine.run(list(1)).unwrap(), [row(b"b", 2)]);
    let get = ContentGet { rules: "farm".into(), hash: b"b".to_vec() };
    assert_eq!(engine.run(get).unwrap(), Some(b"body of b".to_vec()));
}
