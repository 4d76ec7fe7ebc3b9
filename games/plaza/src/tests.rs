#![allow(clippy::unwrap_used)]

use kernel::{At, Event, Outbox, Rules, Seat};
use proptest::prelude::*;

use crate::{Code, Plaza, Seen, Setup, Step};

fn at() -> At {
    At { ms: 0, step: 0 }
}

fn open(width: u16, height: u16) -> crate::State {
    let setup = serde_json::to_vec(&Setup { width, height }).unwrap();
    Plaza.open(at(), &setup, 0).unwrap()
}

/// Takes an event if the rules allow it, and gives what all are told.
fn take(state: &mut crate::State, event: Event<'_, Step>) -> Option<Vec<Seen>> {
    Plaza.validate(state, at(), &event).ok()?;
    let mut out = Outbox::new();
    Plaza.execute(state, at(), event, &mut out);
    Some(out.updates().iter().map(|update| Seen::decode(&update.body).unwrap()).collect())
}

#[test]
fn players_come_walk_and_go() {
    let mut state = open(10, 20);
    let seat = Seat(3);
    let seen = |x, y, mark| Some(vec![Seen { seat, step: Step { x, y, mark } }]);
    assert_eq!(take(&mut state, Event::Join { seat }), seen(5, 10, 0));
    let walk = |x, y| Event::Command { seat, command: Step { x, y, mark: 7 } };
    assert_eq!(take(&mut state, walk(9, 19)), seen(9, 19, 7));
    for (x, y) in [(10, 0), (0, 20), (u16::MAX, u16::MAX)] {
        assert_eq!(take(&mut state, walk(x, y)), None);
        let refused = Plaza.validate(&state, at(), &walk(x, y)).unwrap_err();
        assert_eq!(refused.code, Code::Outside as u16);
    }
    assert_eq!(
        take(&mut state, Event::Join { seat }),
        seen(9, 19, 7),
        "who comes back stands where they stood"
    );
    assert_eq!(take(&mut state, Event::Leave { seat }), seen(u16::MAX, u16::MAX, 0));
    assert_eq!(state.players().count(), 0);
}

#[test]
fn setups_that_make_no_plaza() {
    for setup in [r#"{"width":0}"#, r#"{"height":40000}"#, r#"{"depth":1}"#, "[", ""] {
        assert!(Plaza.open(at(), setup.as_bytes(), 0).is_err(), "{setup}");
    }
}

proptest! {
    #[test]
    fn a_snapshot_is_the_state(steps in prop::collection::vec((0u32..20, 0u16..100, 0u16..100, any::<u64>()), 0..50)) {
        let mut state = open(100, 100);
        for (seat, x, y, mark) in steps {
            take(&mut state, Event::Join { seat: Seat(seat) });
            take(&mut state, Event::Command { seat: Seat(seat), command: Step { x, y, mark } });
        }
        let mut bytes = Vec::new();
        Plaza.snapshot(&state, &mut bytes);
        prop_assert_eq!(Plaza.restore(&bytes).unwrap(), state);
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Plaza.decode(&bytes);
        if let Ok(state) = Plaza.restore(&bytes) {
            let mut again = Vec::new();
            Plaza.snapshot(&state, &mut again);
            prop_assert_eq!(again, bytes);
        }
    }
}
