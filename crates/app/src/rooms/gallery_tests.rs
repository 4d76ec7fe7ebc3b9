use proptest::prelude::*;
use store::UserId;

use super::*;

const ROOM: RoomId = RoomId(1);

fn watcher(number: u128) -> Arc<Session> {
    Session::new(SessionId(number), UserId(number), format!("watcher {number}"))
}

/// What a session was shown since the last time: `v` a view, `u` updates, each with its text.
fn shown(session: &Session) -> Vec<String> {
    let mut deliveries = Vec::new();
    let _ = session.drain(&mut deliveries);
    let text = |delivery| match delivery {
        Delivery::Payload { kind: Kind::View, data, .. } => format!("v{}", String::from_utf8_lossy(&data)),
        Delivery::Payload { kind: Kind::Updates, data, .. } => {
            format!("u{}", String::from_utf8_lossy(&data))
        }
        other => panic!("{other:?}"),
    };
    deliveries.into_iter().map(text).collect()
}

fn data(number: u64) -> Bytes {
    number.to_string().into()
}

fn keyframe(gallery: &mut Gallery, now: i64, number: u64, jump: bool) {
    gallery.keyframe_asked(now);
    gallery.keyframe(now, data(number), jump);
}

#[test]
fn everything_is_shown_once_its_time_has_come() {
    let mut gallery = Gallery::new(ROOM, 1_000);
    let one = watcher(1);
    assert!(!gallery.wants_keyframe(0), "nobody is here");
    assert!(gallery.enter(one.clone()));
    assert!(gallery.wants_keyframe(0));
    keyframe(&mut gallery, 0, 1, false);
    assert!(!gallery.wants_keyframe(KEYFRAME_MS), "nothing was told since");
    gallery.updates(50, data(2));
    assert!(gallery.wants_keyframe(KEYFRAME_MS));
    gallery.play(999);
    assert_eq!((shown(&one), gallery.next_due()), (vec![], Some(1_000)));
    gallery.play(1_000);
    assert_eq!((shown(&one), gallery.next_due()), (vec!["v1".into()], Some(1_050)));
    // Who comes between is shown the same, and both go on together.
    let two = watcher(2);
    gallery.enter(two.clone());
    gallery.play(1_060);
    assert_eq!((shown(&one), shown(&two)), (vec!["u2".into()], vec!["v1".into(), "u2".into()]));
    keyframe(&mut gallery, 1_100, 3, false);
    gallery.updates(1_200, data(4));
    gallery.play(2_200);
    assert_eq!((shown(&one), shown(&two)), (vec!["u4".into()], vec!["u4".into()]));
    let three = watcher(3);
    gallery.enter(three.clone());
    gallery.play(2_200);
    assert_eq!(shown(&three), ["v3", "u4"]);
    gallery.exit(three.id);
    gallery.updates(2_300, data(5));
    keyframe(&mut gallery, 2_400, 6, true);
    gallery.play(9_000);
    assert_eq!((shown(&one), shown(&three)), (vec!["u5".into(), "v6".into()], vec![]));
}

#[test]
fn without_a_delay_each_newcomer_has_a_view_of_its_own() {
    let mut gallery = Gallery::new(ROOM, 0);
    let (one, two) = (watcher(1), watcher(2));
    gallery.enter(one.clone());
    assert!(gallery.wants_keyframe(0));
    keyframe(&mut gallery, 0, 1, false);
    gallery.play(0);
    gallery.updates(10, data(2));
    gallery.play(10);
    assert_eq!(shown(&one), ["v1", "u2"]);
    assert!(!gallery.wants_keyframe(60_000), "everybody knows everything");
    gallery.enter(two.clone());
    assert!(gallery.wants_keyframe(10));
    keyframe(&mut gallery, 10, 3, false);
    gallery.play(10);
    assert_eq!((shown(&one), shown(&two)), (vec![], vec!["v3".into()]));
    assert_eq!(gallery.bytes, 0, "nothing is held back");
}

#[test]
fn what_does_not_fit_is_stood_for_by_a_keyframe_for_all() {
    let mut gallery = Gallery::new(ROOM, 1_000);
    let one = watcher(1);
    gallery.enter(one.clone());
    keyframe(&mut gallery, 0, 1, false);
    gallery.updates(10, vec![0; UPDATES_BYTES_MAX].into());
    gallery.updates(20, data(2));
    assert!(!gallery.wants_keyframe(KEYFRAME_MS_MIN - 1));
    assert!(gallery.wants_keyframe(KEYFRAME_MS_MIN));
    keyframe(&mut gallery, 1_000, 3, false);
    gallery.updates(1_010, data(4));
    gallery.play(2_010);
    assert_eq!(shown(&one), ["v1", "v3", "u4"]);
    // Bytes and payloads that wait are bounded.
    let part = Bytes::from(vec![b'x'; UPDATES_BYTES_MAX / 2 - 1]);
    for now in 0..200 {
        gallery.updates(3_000 + now, part.clone());
        assert!(gallery.bytes <= GALLERY_BYTES_MAX);
    }
    assert!(gallery.lost);
    gallery.keyframe(5_000, vec![b'v'; GALLERY_BYTES_MAX + 1].into(), false);
    assert_eq!(gallery.payloads.len(), 1);
}

#[derive(Clone, Debug)]
enum Act {
    Tell,
    Keyframe(bool),
    Enter(u128),
    Exit(u128),
    Again(u128),
    Pass(i64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => Just(Act::Tell),
        1 => any::<bool>().prop_map(Act::Keyframe),
        2 => (0..4u128).prop_map(Act::Enter),
        1 => (0..4u128).prop_map(Act::Exit),
        1 => (0..4u128).prop_map(Act::Again),
        4 => (0..400i64).prop_map(Act::Pass),
    ]
}

proptest! {
    /// Whoever watches sees a view and then every update after it, in order and none twice, and nothing before its time.
    #[test]
    fn nobody_misses_anything_or_sees_it_early(acts in prop::collection::vec(act(), 0..200), delay in 0..1_000i64) {
        let mut gallery = Gallery::new(ROOM, delay);
        let (mut now, mut told) = (0, vec![0]);
        let mut seen: BTreeMap<u128, (Arc<Session>, Option<usize>)> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Tell => {
                    told.push(now);
                    gallery.updates(now, data(told.len() as u64 - 1));
                }
                Act::Keyframe(jump) => keyframe(&mut gallery, now, told.len() as u64 - 1, jump),
                Act::Enter(number) => {
                    let session = watcher(number);
                    gallery.enter(session.clone());
                    seen.insert(number, (session, None));
                }
                Act::Exit(number) => {
                    gallery.exit(SessionId(number));
                    seen.remove(&number);
                }
                Act::Again(number) => {
                    if gallery.again(SessionId(number)) {
                        seen.entry(number).and_modify(|(_, newest)| *newest = None);
                    }
                }
                Act::Pass(ms) => now += ms,
            }
            if gallery.wants_keyframe(now) {
                keyframe(&mut gallery, now, told.len() as u64 - 1, false);
            }
            gallery.play(now);
            for (session, newest) in seen.values_mut() {
                for text in shown(session) {
                    let number: usize = text[1..].parse().unwrap();
                    prop_assert!(told[number] + delay <= now, "{text} was shown early");
                    if text.starts_with('u') {
                        prop_assert_eq!(newest.map(|newest| newest + 1), Some(number), "{} does not follow", text);
                    }
                    *newest = Some(number);
                }
                if delay == 0 {
                    prop_assert_eq!(*newest, Some(told.len() - 1));
                }
            }
        }
    }
}
