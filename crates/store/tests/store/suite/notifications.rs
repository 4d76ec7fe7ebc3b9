//! Notifications on every engine.

use store::*;

use super::Engine;
use super::friends::people;
use crate::samples::user;

fn add(to: &[u128], id: u128, code: i32) -> NotificationsAdd {
    let to = Addressees::Users(to.iter().map(|number| user(*number)).collect());
    let notification = Notification {
        id,
        subject: "news".into(),
        content: format!("{{\"code\":{code}}}"),
        code,
        sender: (code < 0).then(|| user(1)),
        at_ms: 3,
    };
    NotificationsAdd { to, notification, kept_max: 3 }
}

fn codes(engine: &mut impl Engine, who: u128, after: u128) -> Vec<i32> {
    let list = NotificationsList { user: user(who), after, limit: 10 };
    engine.run(list).unwrap().into_iter().map(|one| one.code).collect()
}

pub fn notifications_are_kept_in_order_and_bounded(engine: &mut impl Engine) {
    people(engine, 4);
    assert_eq!(engine.run(add(&[1, 99, 2], 50, -1)).unwrap().kept, [(user(1), 50), (user(2), 50)]);
    // A clock that ran backwards: ids grow all the same.
    assert_eq!(engine.run(add(&[1], 7, 2)).unwrap().kept, [(user(1), 51)]);
    let listed = engine.run(NotificationsList { user: user(1), after: 0, limit: 10 }).unwrap();
    let first = Notification {
        id: 50,
        subject: "news".into(),
        content: "{\"code\":-1}".into(),
        code: -1,
        sender: Some(user(1)),
        at_ms: 3,
    };
    assert_eq!(listed[0], first);
    assert_eq!(codes(engine, 1, 50), [2]);
    // Even when the newest one is deleted.
    assert_eq!(engine.run(NotificationsDelete { user: user(1), ids: vec![51, 51, 1] }).unwrap(), 1);
    assert_eq!(engine.run(NotificationsDelete { user: user(2), ids: vec![51] }).unwrap(), 0);
    assert_eq!(engine.run(add(&[1], 7, 3)).unwrap().kept, [(user(1), 52)]);
    for code in 4..=6 {
        engine.run(add(&[1], 7, code)).unwrap();
    }
    assert_eq!(codes(engine, 1, 0), [4, 5, 6], "the oldest are dropped");
    assert_eq!(codes(engine, 2, 0), [-1]);
    // What user 1 caused goes where it lies, and the place is free again.
    engine.run(add(&[2, 3], 60, -2)).unwrap();
    let mut forget = || engine.run(NotificationsForget { user: user(1), limit: 2 }).unwrap();
    assert_eq!((forget(), forget(), forget()), (2, 1, 0));
    assert_eq!((codes(engine, 2, 0), codes(engine, 3, 0)), (vec![], vec![]));
    for code in 7..=9 {
        engine.run(add(&[2], 70, code)).unwrap();
    }
    assert_eq!(codes(engine, 2, 0), [7, 8, 9]);
    assert_eq!(codes(engine, 1, 0), [4, 5, 6], "others' stay");
    engine.run(NotificationsErase { user: user(1) }).unwrap();
    assert!(codes(engine, 1, 0).is_empty());
    assert_eq!(engine.run(add(&[1], 7, 8)).unwrap().kept, [(user(1), 7)]);
}

pub fn notifications_reach_everybody_in_steps(engine: &mut impl Engine) {
    people(engine, 5);
    let (mut after, mut reached) = (UserId(0), Vec::new());
    loop {
        let all = NotificationsAdd { to: Addressees::After(after, 2), ..add(&[], 9, 1) };
        let kept = engine.run(all).unwrap().kept;
        let Some((last, _)) = kept.last() else { break };
        after = *last;
        reached.extend(kept.iter().map(|(user, _)| *user));
    }
    assert_eq!(reached, (1..=5).map(user).collect::<Vec<_>>());
    assert_eq!(codes(engine, 5, 0), [1]);
}
