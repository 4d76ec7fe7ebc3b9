//! Objects, their indexes, and writes that apply once under a key.

use store::*;

use super::Engine;
use crate::samples::user;

fn name(number: u128, key: &str) -> ObjectName {
    ObjectName { user: user(number), collection: "saves".into(), key: key.into() }
}

fn write(name: ObjectName, only_if: If, version: u128) -> ObjectWrite {
    let value = format!("{{\"v\":{version}}}");
    ObjectWrite { name, only_if, version, may_read: 1, may_write: 1, value, listed: Vec::new() }
}

fn put(asks: Asks, writes: Vec<ObjectWrite>, at_ms: i64) -> ObjectsWrite {
    ObjectsWrite { asks, writes, at_ms }
}

pub fn objects_are_written_under_conditions(engine: &mut impl Engine) {
    let mine = Asks::User(user(1));
    let refusal = StoreError::Refused(Refusal::Object);
    let refused = Err(refusal.clone());
    let mut run = |only_if, version, at_ms| {
        let done = engine.run(put(mine, vec![write(name(1, "a"), only_if, version)], at_ms));
        done.map(|acks| (acks[0].version, acks[0].created_ms, acks[0].updated_ms))
    };
    assert_eq!(run(If::Version(1), 2, 5), refused);
    assert_eq!(run(If::Never, 2, 5), refused);
    assert_eq!(run(If::Absent, 1, 5), Ok((1, 5, 5)));
    assert_eq!(run(If::Absent, 2, 6), refused);
    assert_eq!(run(If::Version(2), 3, 6), refused);
    assert_eq!(run(If::Version(1), u128::MAX, 7), Ok((u128::MAX, 5, 7)));
    assert_eq!(run(If::Any, 4, 8), Ok((4, 5, 8)));

    let locked = ObjectWrite { may_write: 0, may_read: 0, ..write(name(1, "a"), If::Any, 5) };
    engine.run(put(Asks::Server, vec![locked], 9)).unwrap();
    let two = vec![write(name(1, "Z"), If::Any, 1), write(name(1, "a"), If::Any, 6)];
    assert_eq!(engine.run(put(mine, two, 10)), Err(refusal));
    let names = vec![name(1, "Z"), name(1, "a"), name(2, "a")];
    let read = |asks| ObjectsRead { asks, names: names.clone() };
    assert_eq!(engine.run(read(mine)).unwrap(), [], "all of a batch or nothing, and a 0 hides");
    let seen = engine.run(read(Asks::Server)).unwrap();
    assert_eq!((seen.len(), seen[0].version, seen[0].value.as_str()), (1, 5, "{\"v\":5}"));
    assert_eq!((seen[0].created_ms, seen[0].updated_ms, seen[0].may_read), (5, 9, 0));

    let delete = |asks, only_if| ObjectsDelete {
        asks,
        deletes: vec![ObjectDelete { name: name(1, "a"), only_if, indexes: Vec::new() }],
    };
    assert!(engine.run(delete(mine, If::Any)).is_err());
    assert!(engine.run(delete(Asks::Server, If::Version(4))).is_err());
    engine.run(delete(Asks::Server, If::Version(5))).unwrap();
    engine.run(delete(Asks::Server, If::Any)).unwrap();
    assert!(engine.run(delete(mine, If::Any)).is_err(), "a player names what is there");
}

pub fn objects_are_listed_in_pages(engine: &mut impl Engine) {
    for number in 1..=3 {
        for (key, may_read) in [("B", 0), ("a", 1), ("b", 2), ("ä", 2)] {
            let object = ObjectWrite { may_read, ..write(name(number, key), If::Any, 1) };
            let far = ObjectWrite {
                name: ObjectName { collection: "other".into(), ..name(number, key) },
                ..object.clone()
            };
            engine.run(put(Asks::Server, vec![object, far], 1)).unwrap();
        }
    }
    let mut list = |of, limit| {
        let mut after = (NOBODY, String::new());
        let mut seen = Vec::new();
        loop {
            let page = engine.run(ObjectsList { collection: "saves".into(), of, after, limit }).unwrap();
            assert!(page.objects.len() <= limit as usize);
            seen.extend(page.objects.into_iter().map(|object| (object.name.user, object.name.key)));
            match page.next {
                Some(next) => after = next,
                None => return seen,
            }
        }
    };
    let of = |keys: &[&str], numbers: &[u128]| {
        let of_one = |number: &u128| {
            let user = user(*number);
            keys.iter().map(move |key| (user, (*key).to_owned())).collect::<Vec<_>>()
        };
        numbers.iter().flat_map(of_one).collect::<Vec<_>>()
    };
    for limit in [1, 2, 3, 20] {
        assert_eq!(list(ListOf::Owner(user(2), 0), limit), of(&["B", "a", "b", "ä"], &[2]));
        assert_eq!(list(ListOf::Owner(user(2), 1), limit), of(&["a", "b", "ä"], &[2]));
        assert_eq!(list(ListOf::PublicOf(user(3)), limit), of(&["b", "ä"], &[3]));
        assert_eq!(list(ListOf::Public, limit), of(&["b", "ä"], &[1, 2, 3]));
        assert_eq!(list(ListOf::Everything, limit), of(&["B", "a", "b", "ä"], &[1, 2, 3]));
        assert_eq!(list(ListOf::Owner(user(9), 0), limit), []);
    }
    let named = ObjectsNamed { user: user(1), after: ("other".into(), "b".into()), limit: 2 };
    let named = engine.run(named).unwrap();
    let named: Vec<_> = named.iter().map(|name| (name.collection.as_str(), name.key.as_str())).collect();
    assert_eq!(named, [("other", "ä"), ("saves", "B")]);
    assert_eq!(engine.run(ObjectsForget { user: user(1), limit: 5 }).unwrap(), 5);
    assert_eq!(engine.run(ObjectsForget { user: user(1), limit: 5 }).unwrap(), 3);
}

fn listed(value: u8) -> Listed {
    let fields = vec![("level".into(), vec![2, value])];
    Listed { index: "heroes".into(), entries_max: 3, fields }
}

fn walk(from: (Vec<u8>, UserId, String), to: &[u8], back: bool) -> ObjectsWalk {
    let (index, collection, field) = ("heroes".into(), "saves".into(), "level".into());
    ObjectsWalk { index, collection, field, from, to: to.to_vec(), back, limit: 10 }
}

pub fn indexes_are_walked_both_ways(engine: &mut impl Engine) {
    let begin = || IndexBegin { name: "heroes".into(), definition: "saves\nfilling".into(), limit: 2 };
    assert!(engine.run(begin()).unwrap());
    for (at_ms, (number, key, level)) in
        [(1, "a", 5), (2, "a", 9), (1, "b", 5), (3, "a", 1)].iter().enumerate()
    {
        let object = ObjectWrite { listed: vec![listed(*level)], ..write(name(*number, key), If::Any, 1) };
        engine.run(put(Asks::Server, vec![object], at_ms as i64)).unwrap();
    }
    let ready = IndexReady { name: "heroes".into(), definition: "saves\nready".into() };
    engine.run(ready).unwrap();
    let known = IndexKnown { definition: "saves\nready".into(), entries: 3 };
    assert_eq!(engine.run(IndexGet { name: "heroes".into() }).unwrap(), Some(known));
    let mut levels = |walk: ObjectsWalk| {
        let steps = engine.run(walk).unwrap();
        let read = steps.into_iter().map(|((value, user, key), object)| {
            assert_eq!(object.unwrap().name, ObjectName { user, collection: "saves".into(), key });
            value[1]
        });
        read.collect::<Vec<_>>()
    };
    let start = (Vec::new(), NOBODY, String::new());
    let end = (vec![0xff], UserId(u128::MAX), String::new());
    assert_eq!(levels(walk(start.clone(), &[0xff], false)), [1, 5, 9], "the oldest has gone");
    assert_eq!(levels(walk(start, &[2, 5], false)), [1, 5]);
    assert_eq!(levels(walk((vec![2, 5], user(1), "b".into()), &[0xff], false)), [9]);
    assert_eq!(levels(walk(end.clone(), &[], true)), [9, 5, 1]);
    assert_eq!(levels(walk(end, &[2, 5], true)), [9, 5]);
    assert_eq!(engine.run(ObjectsForget { user: user(1), limit: 5 }).unwrap(), 2);
    let known = engine.run(IndexGet { name: "heroes".into() }).unwrap().unwrap();
    assert_eq!(known.entries, 2);

    let object = name(2, "a");
    let fill = |updated_ms| IndexFill { objects: vec![(object.clone(), updated_ms, listed(7))] };
    engine.run(fill(99)).unwrap();
    let start = (Vec::new(), NOBODY, String::new());
    let mut levels =
        |walk: ObjectsWalk| engine.run(walk).unwrap().iter().map(|step| step.0.0[1]).collect::<Vec<_>>();
    assert_eq!(levels(walk(start.clone(), &[0xff], false)), [1, 9], "it was written again meanwhile");
    engine.run(fill(1)).unwrap();
    assert_eq!(
        engine.run(walk(start, &[0xff], false)).unwrap().iter().map(|step| step.0.0[1]).collect::<Vec<_>>(),
        [1, 7]
    );
    let drop = || IndexDrop { declared: Vec::new(), limit: 3 };
    assert!(!engine.run(drop()).unwrap());
    assert!(engine.run(drop()).unwrap());
    assert_eq!(engine.run(IndexGet { name: "heroes".into() }).unwrap(), None);
}

fn once(key: u128, ordinal: u32, request: u128, now_ms: i64) -> Once<ObjectsWrite> {
    let mark = OnceMark { scope: user(1).0, key, request, ordinal, now_ms, expires_ms: now_ms + 100 };
    let version = u128::from(ordinal);
    let operation = put(Asks::Server, vec![write(name(1, "once"), If::Any, version)], now_ms);
    Once { mark, operation }
}

pub fn writes_apply_once_under_a_key(engine: &mut impl Engine) {
    let first = engine.run(once(1, 1, 7, 10)).unwrap();
    assert!(!first.repeated);
    let again = engine.run(once(1, 1, 7, 20)).unwrap();
    assert_eq!((again.repeated, again.output[0].updated_ms), (true, 10));
    assert_eq!(again.output, first.output);
    assert_eq!(engine.run(once(1, 1, 8, 20)), Err(StoreError::KeyReused));
    assert_eq!(engine.run(once(1, 2, 8, 20)).map(|done| done.repeated), Ok(false));
    let named = |ordinal| OnceMark { ordinal, ..once(1, 1, 7, 20).mark };
    let other = Once { mark: named(1), operation: ObjectsDelete { asks: Asks::Server, deletes: Vec::new() } };
    assert_eq!(engine.run(other), Err(StoreError::AnswerLost), "another operation in its place");

    let find = |key, now_ms| OnceFind { scope: user(1).0, key, now_ms };
    assert_eq!(engine.run(find(1, 20)).unwrap(), Some(OnceKnown { request: 7, answer: None }));
    let answer = WholeAnswer { status: 200, kind: "text/plain".into(), body: vec![0, 255] };
    let finish = |key, request| OnceFinish { scope: user(1).0, key, request, answer: answer.clone() };
    assert!(!engine.run(finish(1, 8)).unwrap(), "of another request");
    assert!(!engine.run(finish(2, 7)).unwrap(), "of a request that wrote nothing");
    assert!(engine.run(finish(1, 7)).unwrap());
    assert!(!engine.run(finish(1, 7)).unwrap(), "the first answer stays");
    let known = OnceKnown { request: 7, answer: Some(answer.clone()) };
    assert_eq!(engine.run(find(1, 20)).unwrap(), Some(known));
    assert_eq!(engine.run(find(1, 110)).unwrap(), None, "its time is over");
    assert_eq!(engine.run(once(1, 1, 9, 110)).map(|done| done.repeated), Ok(false));
    assert_eq!(engine.run(once(1, 2, 9, 110)).map(|done| done.repeated), Ok(false), "all of it is new");
    engine.run(once(2, 1, 1, 400)).unwrap();

    let hour = 3_600_000;
    assert_eq!(
        engine.run(OncePrune { now_ms: 209 + hour, limit: 9 }).unwrap(),
        0,
        "a little longer than known"
    );
    assert_eq!(engine.run(OncePrune { now_ms: 210 + hour, limit: 1 }).unwrap(), 1);
    assert_eq!(engine.run(OncePrune { now_ms: 210 + hour, limit: 9 }).unwrap(), 1);
    assert_eq!(engine.run(OnceForget { user: user(1) }).unwrap(), 1);
}
