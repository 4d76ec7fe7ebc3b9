//! Sessions that stand on an issuer's word, and notes that are read once.

use store::*;

use super::Engine;
use crate::samples::user;

fn session(family: u128, subject: &str, sid: &str, ends_ms: i64) -> OutsideSession {
    OutsideSession {
        family: FamilyId(family),
        user: user(1),
        provider: "house".into(),
        subject: subject.into(),
        sid: sid.into(),
        renewal: None,
        checked_ms: 1,
        ends_ms,
    }
}

fn families(found: Vec<OutsideSession>) -> Vec<u128> {
    found.into_iter().map(|one| one.family.0).collect()
}

pub fn sessions_are_found_by_what_an_issuer_calls_them(engine: &mut impl Engine) {
    for one in [session(1, "ann", "s", 10), session(2, "ann", "t", 20), session(3, "bea", "u", 30)] {
        engine.run(OutsideSessionPut(one)).unwrap();
    }
    let of = |who| OutsideSessionsOf { provider: "house".into(), who, limit: 9 };
    let subject = |text: &str| of(OutsideWho::Subject(text.into()));
    assert_eq!(families(engine.run(subject("ann")).unwrap()), [1, 2]);
    assert_eq!(families(engine.run(of(OutsideWho::Sid("t".into()))).unwrap()), [2]);
    let elsewhere = OutsideSessionsOf { provider: "google".into(), ..subject("ann") };
    assert_eq!(families(engine.run(elsewhere).unwrap()), []);
    let due = |now_ms| OutsideSessionsDue { now_ms, limit: 9 };
    assert_eq!(families(engine.run(due(9)).unwrap()), []);
    assert_eq!(families(engine.run(due(20)).unwrap()), [1, 2]);

    // Of two who would ask the issuer, one does.
    let claim = || OutsideSessionClaim { family: FamilyId(1), seen_ms: 1, at_ms: 5 };
    assert!(engine.run(claim()).unwrap());
    assert!(!engine.run(claim()).unwrap());

    // Its new word replaces what may change, and nothing else.
    let renewed =
        OutsideSession { renewal: Some("sealed".into()), checked_ms: 6, ..session(1, "ann", "s", 40) };
    engine.run(OutsideSessionPut(renewed.clone())).unwrap();
    let get = |family| OutsideSessionGet { family: FamilyId(family) };
    assert_eq!(engine.run(get(1)).unwrap(), Some(renewed));

    engine.run(OutsideSessionDrop { family: FamilyId(1) }).unwrap();
    assert_eq!(engine.run(get(1)).unwrap(), None);
    assert_eq!(engine.run(OutsideSessionsForget { user: user(1) }).unwrap(), 2);
    assert_eq!(engine.run(get(2)).unwrap(), None);
}

pub fn notes_are_written_once_and_read_once(engine: &mut impl Engine) {
    let put = |name: &str, said: &str| NotePut { name: name.into(), said: said.into(), expires_ms: 10 };
    let take = |name: &str, now_ms| NoteTake { name: name.into(), now_ms };
    assert!(engine.run(put("a", "first")).unwrap());
    assert!(!engine.run(put("a", "second")).unwrap());
    assert_eq!(engine.run(take("a", 9)).unwrap().as_deref(), Some("first"));
    assert_eq!(engine.run(take("a", 9)).unwrap(), None);
    assert!(engine.run(put("a", "third")).unwrap());
    assert_eq!(engine.run(take("a", 10)).unwrap(), None, "it is over");
    for name in ["b", "c", "d"] {
        engine.run(put(name, "")).unwrap();
    }
    assert_eq!(engine.run(NotesPrune { now_ms: 9, limit: 2 }).unwrap(), 0);
    assert_eq!(engine.run(NotesPrune { now_ms: 10, limit: 2 }).unwrap(), 2);
    assert_eq!(engine.run(NotesPrune { now_ms: 10, limit: 2 }).unwrap(), 1);
}
