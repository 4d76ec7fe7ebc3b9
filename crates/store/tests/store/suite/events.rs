//! Events and jobs.

use store::*;

use super::Engine;
use crate::samples::user;

pub fn events_are_kept_in_order(engine: &mut impl Engine) {
    let keep = |name: &str, at_ms| EventKeep {
        name: name.into(),
        user: Some(user(1)),
        properties: r#"{"a":"b"}"#.into(),
        at_ms,
        outside: true,
    };
    for (seq, name) in [(1, "one"), (2, "two"), (3, "three")] {
        assert_eq!(engine.run(keep(name, seq as i64 * 10)).unwrap(), seq);
    }
    let names = |rows: Vec<EventRow>| rows.into_iter().map(|row| row.name).collect::<Vec<_>>();
    assert_eq!(names(engine.run(EventsAfter { seq: 0, limit: 2 }).unwrap()), ["one", "two"]);
    assert_eq!(names(engine.run(EventsAfter { seq: 2, limit: 2 }).unwrap()), ["three"]);
    assert_eq!(
        names(engine.run(EventsOfUser { user: user(1), seq: 1, limit: 9 }).unwrap()),
        ["two", "three"]
    );

    let consumer = || "analytics".to_owned();
    assert_eq!(engine.run(EventCursor { consumer: consumer() }).unwrap(), 0);
    for seq in [1, 2] {
        engine.run(EventCursorMove { consumer: consumer(), seq }).unwrap();
        assert_eq!(engine.run(EventCursor { consumer: consumer() }).unwrap(), seq);
    }

    assert_eq!(engine.run(EventsForget { user: user(1) }).unwrap(), 3);
    let forgotten = engine.run(EventsAfter { seq: 2, limit: 1 }).unwrap().pop().unwrap();
    assert_eq!((forgotten.user, forgotten.properties.as_str()), (None, "{}"));
}

pub fn old_events_go_but_the_order_goes_on(engine: &mut impl Engine) {
    let keep =
        |at_ms| EventKeep { name: "e".into(), user: None, properties: "{}".into(), at_ms, outside: false };
    for at_ms in [10, 20, 30] {
        engine.run(keep(at_ms)).unwrap();
    }
    assert_eq!(engine.run(EventsPrune { before_ms: 10, limit: 9 }).unwrap(), 0);
    assert_eq!(engine.run(EventsPrune { before_ms: 99, limit: 1 }).unwrap(), 1);
    assert_eq!(engine.run(EventsPrune { before_ms: 99, limit: 9 }).unwrap(), 1, "the newest stays");
    assert_eq!(engine.run(keep(40)).unwrap(), 4);
}

pub fn a_due_job_is_claimed_once(engine: &mut impl Engine) {
    let plan = |schedule: &str, due_ms| JobPlan { name: "nightly".into(), schedule: schedule.into(), due_ms };
    let claim = |due_ms, next_ms| JobClaim { name: "nightly".into(), due_ms, next_ms, now_ms: 105 };
    assert_eq!(engine.run(plan("daily", 100)).unwrap(), 100);
    assert_eq!(engine.run(plan("daily", 500)).unwrap(), 100, "a known job keeps its time");
    assert!(engine.run(claim(100, 200)).unwrap());
    assert!(!engine.run(claim(100, 200)).unwrap(), "somebody else took it");
    let fault = Some("no bread".to_owned());
    engine.run(JobEnd { name: "nightly".into(), ended_ms: 110, fault: fault.clone() }).unwrap();
    let job = engine.run(JobGet { name: "nightly".into() }).unwrap().unwrap();
    assert_eq!((job.due_ms, job.started_ms, job.ended_ms, job.fault), (200, Some(105), Some(110), fault));
    assert_eq!(engine.run(plan("hourly", 150)).unwrap(), 150, "another schedule is another time");
}
