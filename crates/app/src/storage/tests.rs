//! Objects against a model of a few lines, who may do what, pages, and queries against a look at everything.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::core::bench::Bench;
use crate::query::Query;

const USERS: u128 = 3;

/// 0 is the server; under its own name it owns what belongs to nobody.
fn asks(who: u128) -> Asks {
    if who == 0 { Asks::Server } else { Asks::User(UserId(who)) }
}

fn value(number: u8) -> String {
    format!(r#"{{"n": {number}}}"#)
}

#[derive(Clone, Debug)]
enum Wanted {
    Any,
    Absent,
    Of(u8),
    Nonsense,
}

impl Wanted {
    fn text(&self) -> String {
        match self {
            Wanted::Any => String::new(),
            Wanted::Absent => "*".into(),
            Wanted::Of(number) => version_text(checks::version_of(&value(*number))),
            Wanted::Nonsense => "f00".into(),
        }
    }
}

type Name = (u128, u8, u8);

#[derive(Clone, Debug)]
enum Act {
    Write { who: u128, writes: Vec<(Name, Wanted, u8, i32, i32)> },
    Delete { who: u128, deletes: Vec<(Name, Wanted)> },
}

fn names() -> impl Strategy<Value = Name> {
    (0..=USERS, 0..2_u8, 0..3_u8)
}

fn acts() -> impl Strategy<Value = Act> {
    let wanted = || {
        prop_oneof![
            4 => Just(Wanted::Any),
            2 => Just(Wanted::Absent),
            4 => (0..3_u8).prop_map(Wanted::Of),
            1 => Just(Wanted::Nonsense),
        ]
    };
    let write = (names(), wanted(), 0..3_u8, 0..3, 0..2);
    prop_oneof![
        3 => (0..=USERS, prop::collection::vec(write, 1..4)).prop_map(|(who, mut writes)| {
            // Players name their own most of the time: else nothing would ever happen.
            if who > 0 && writes.len() < 3 {
                writes.iter_mut().for_each(|write| write.0.0 = who);
            }
            Act::Write { who, writes }
        }),
        1 => (0..=USERS, prop::collection::vec((names(), wanted()), 1..3)).prop_map(|(who, mut deletes)| {
            if who > 0 {
                deletes.iter_mut().for_each(|delete| delete.0.0 = who);
            }
            Act::Delete { who, deletes }
        }),
    ]
}

/// (value, read, write) by name.
type Model = BTreeMap<Name, (u8, i32, i32)>;

fn holds(model: &Model, name: &Name, wanted: &Wanted) -> bool {
    match (wanted, model.get(name)) {
        (Wanted::Any, _) | (Wanted::Absent, None) => true,
        (Wanted::Of(wanted), Some((number, ..))) => wanted == number,
        _ => false,
    }
}

/// The same in a few lines. Writes happen in the order of their names, all or none.
fn expect(model: &Model, act: &Act) -> Option<Model> {
    let mut next = model.clone();
    let allowed = |model: &Model, who: u128, name: &Name| {
        who == 0 || who == name.0 && model.get(name).is_none_or(|(.., write)| *write == 1)
    };
    match act {
        Act::Write { who, writes } => {
            let mut writes = writes.clone();
            writes.sort_by_key(|write| write.0);
            for (name, wanted, number, read, write) in writes {
                if !allowed(&next, *who, &name) || !holds(&next, &name, &wanted) {
                    return None;
                }
                next.insert(name, (number, read, write));
            }
        }
        Act::Delete { who, deletes } => {
            let mut deletes = deletes.clone();
            deletes.sort_by_key(|delete| delete.0);
            for (name, wanted) in deletes {
                let missing = !next.contains_key(&name);
                let any = matches!(wanted, Wanted::Any);
                if missing && *who == 0 && any {
                    continue;
                }
                let absent = matches!(wanted, Wanted::Absent);
                if missing || absent || !allowed(&next, *who, &name) || !holds(&next, &name, &wanted) {
                    return None;
                }
                next.remove(&name);
            }
        }
    }
    Some(next)
}

fn run(bench: &Bench, storage: &Storage, act: &Act) -> Result<(), StorageError> {
    match act {
        Act::Write { who, writes } => {
            let objects =
                writes.iter().map(|((user, collection, key), wanted, number, read, write)| WriteObject {
                    user: UserId(*user),
                    collection: format!("c{collection}"),
                    key: format!("k{key}"),
                    value: value(*number),
                    version: wanted.text(),
                    may_read: Some(*read),
                    may_write: Some(*write),
                });
            let objects: Vec<_> = objects.collect();
            let acks = bench.run(storage.write(asks(*who), objects.clone()))?;
            for (ack, object) in acks.iter().zip(&objects) {
                let name = (&ack.name.collection, &ack.name.key, ack.name.user);
                assert_eq!(
                    name,
                    (&object.collection, &object.key, object.user),
                    "in the order of the request"
                );
                assert_eq!(ack.version, checks::version_of(&object.value));
            }
            assert_eq!(acks.len(), objects.len());
            Ok(())
        }
        Act::Delete { who, deletes } => {
            let objects = deletes.iter().map(|((user, collection, key), wanted)| DeleteObject {
                user: UserId(*user),
                collection: format!("c{collection}"),
                key: format!("k{key}"),
                version: wanted.text(),
            });
            bench.run(storage.delete(asks(*who), objects.collect()))
        }
    }
}

/// What one sees by every way of reading.
fn seen(bench: &Bench, storage: &Storage, who: u128, model: &Model) -> Result<(), TestCaseError> {
    let all: Vec<Name> =
        (0..=USERS).flat_map(|u| (0..2).flat_map(move |c| (0..3).map(move |k| (u, c, k)))).collect();
    let may_read = |name: &Name| {
        model.get(name).filter(|(_, read, _)| who == 0 || *read == 2 || *read == 1 && name.0 == who)
    };
    let name = |(user, collection, key): &Name| ObjectName {
        user: UserId(*user),
        collection: format!("c{collection}"),
        key: format!("k{key}"),
    };
    let read = bench.run(storage.read(asks(who), all.iter().map(name).collect())).unwrap();
    let shown: Vec<_> = read.iter().map(|object| (object.name.clone(), object.value.clone())).collect();
    let expected: Vec<_> =
        all.iter().filter_map(|at| may_read(at).map(|(number, ..)| (name(at), value(*number)))).collect();
    prop_assert_eq!(&shown, &expected);

    for collection in 0..2_u8 {
        for owner in (0..=USERS).map(Some).chain([None]) {
            let expected = all.iter().filter(|at| {
                let listed = at.1 == collection && owner.is_none_or(|owner| owner == at.0);
                // Without an owner, players see what is public only.
                let public = model.get(at).is_some_and(|(_, read, _)| *read == 2);
                listed && may_read(at).is_some() && (who == 0 || owner == Some(who) || public)
            });
            let expected: Vec<_> = expected.map(name).collect();
            for limit in [1, 2, 100] {
                let list = list_all(bench, storage, who, &format!("c{collection}"), owner, limit);
                prop_assert_eq!(
                    &list,
                    &expected,
                    "{} lists {:?} of {:?} by {}",
                    who,
                    collection,
                    owner,
                    limit
                );
            }
        }
    }
    Ok(())
}

fn list_all(
    bench: &Bench,
    storage: &Storage,
    who: u128,
    collection: &str,
    owner: Option<u128>,
    limit: u32,
) -> Vec<ObjectName> {
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let list = storage.list(asks(who), collection, owner.map(UserId), limit, cursor.as_deref());
        let page = bench.run(list).unwrap();
        assert!(page.objects.len() <= limit as usize);
        names.extend(page.objects.into_iter().map(|object| object.name));
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return names,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_course_of_writes_and_deletions_is_as_the_model_has_it(acts in prop::collection::vec(acts(), 1..24)) {
        let bench = Bench::new();
        let storage = Storage::new(&bench.core);
        let mut model = Model::new();
        for act in acts {
            bench.pass(1);
            let done = run(&bench, &storage, &act);
            match expect(&model, &act) {
                Some(next) => {
                    prop_assert_eq!(&done, &Ok(()), "{:?}", act);
                    model = next;
                }
                None => prop_assert_eq!(&done, &Err(StorageError::Rejected), "{:?}", act),
            }
        }
        for who in 0..=USERS {
            seen(&bench, &storage, who, &model)?;
        }
    }
}

fn put(bench: &Bench, storage: &Storage, user: u128, key: &str, value: &serde_json::Value, read: i32) {
    bench.pass(1);
    let object = WriteObject {
        user: UserId(user),
        collection: "heroes".into(),
        key: key.into(),
        value: value.to_string(),
        version: String::new(),
        may_read: Some(read),
        may_write: None,
    };
    bench.run(storage.write(Asks::Server, vec![object])).unwrap();
}

fn index(entries_max: u64) -> StorageIndex {
    let fields = ["level", "region", "tags", "deep.flag"].map(String::from).to_vec();
    StorageIndex { name: "heroes".into(), collection: "heroes".into(), key: None, fields, entries_max }
}

fn documents() -> impl Strategy<Value = serde_json::Value> {
    let level = prop_oneof![
        (-3..4_i32).prop_map(|n| json!(n)),
        Just(json!(0.5)),
        Just(json!(-0.0)),
        Just(json!("7")),
        Just(json!(null)),
        Just(json!([3, 1, "x", 1])),
    ];
    let region = prop_oneof![
        prop::sample::select(vec!["eu", "us", "eu-west", "", "true"]).prop_map(|text| json!(text)),
        Just(json!("e".repeat(100))),
        Just(json!(true)),
    ];
    (level, region, prop::collection::vec(prop::sample::select(vec!["a", "b", "c"]), 0..3), any::<bool>())
        .prop_map(|(level, region, tags, flag)| {
            json!({ "level": level, "region": region, "tags": tags, "deep": { "flag": flag }, "else": 1 })
        })
}

const QUERIES: &[&str] = &[
    "",
    "*",
    "+value.level:1",
    "+value.level:7",
    "+value.level:>=0",
    "+value.level:<0.5 +value.region:eu",
    "+value.region:true",
    "+value.region:e*",
    "value.region:us value.tags:b",
    "-value.tags:a",
    "+value.tags:c +value.deep.flag:true",
    "+value.region:>\"eu\"",
    "+value.region:<=\"eu-west\" -value.level:2",
    "+value.else:1",
    "+value.region:/eu.*/",
];

fn long_query() -> String {
    format!("+value.region:\"{}\"", "e".repeat(100))
}

fn find_all(
    bench: &Bench,
    storage: &Storage,
    who: Asks,
    query: &str,
    sort: Option<(&str, bool)>,
    limit: u32,
) -> Vec<Object> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let ask = StorageQuery {
            index: "heroes".into(),
            query: query.into(),
            sort: sort.map(|(field, back)| (field.to_owned(), back)),
            limit,
            cursor,
            asks: who,
        };
        let page = bench.run(storage.query(ask)).unwrap();
        found.extend(page.objects);
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

/// Holds every query against a look at all objects.
fn check_queries(bench: &Bench, storage: &Storage, limit: u32) -> Result<(), TestCaseError> {
    let index = index(1_000);
    let all = bench.run(storage.list(Asks::Server, "heroes", None, 100, None)).unwrap().objects;
    let doc = |object: &Object| index.doc(&serde_json::from_str(&object.value).unwrap());
    let long = long_query();
    for query in QUERIES.iter().copied().chain([long.as_str()]) {
        for who in [Asks::Server, Asks::User(UserId(1))] {
            let read = Query::parse(query).unwrap();
            let matching = all.iter().filter(|object| who.may_read(object.name.user, object.may_read));
            let mut expected: Vec<_> = matching
                .filter(|object| read.matches(&doc(object)))
                .map(|object| object.name.clone())
                .collect();
            expected.sort();
            for sort in [None, Some(("level", false)), Some(("value.level", true)), Some(("region", false))] {
                let found = find_all(bench, storage, who, query, sort, limit);
                let mut names: Vec<_> = found.iter().map(|object| object.name.clone()).collect();
                names.sort();
                prop_assert_eq!(&names, &expected, "{} sorted by {:?}", query, sort);
                // The values of a list stand at several places, so only single ones show an order.
                if let Some((field, back)) = sort {
                    let field = field.trim_start_matches("value.");
                    let single = found.iter().map(|object| super::index::places(&doc(object), field));
                    let mut single: Vec<_> = single.filter(|places| places.len() == 1).collect();
                    if back {
                        single.reverse();
                    }
                    prop_assert!(single.is_sorted(), "{} sorted by {:?}", query, sort);
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn queries_find_what_a_look_at_everything_finds(
        before in prop::collection::vec((0..3_u128, 0..4_u8, documents(), 0..3), 0..8),
        after in prop::collection::vec((0..3_u128, 0..4_u8, prop::option::of(documents()), 0..3), 0..12),
        limit in 1..5_u32,
    ) {
        let bench = Bench::new();
        let storage = Storage::new(&bench.core);
        for (user, key, document, read) in &before {
            put(&bench, &storage, *user, &format!("k{key}"), document, *read);
        }
        // A restart with an index that is new: what was there before is entered.
        let storage = Storage::new(&bench.core);
        storage.declare(index(1_000));
        bench.run(storage.prepare()).unwrap();
        check_queries(&bench, &storage, limit)?;
        for (user, key, document, read) in &after {
            match document {
                Some(document) => put(&bench, &storage, *user, &format!("k{key}"), document, *read),
                None => {
                    let key = format!("k{key}");
                    let (user, collection, version) = (UserId(*user), "heroes".into(), String::new());
                    let gone = DeleteObject { user, collection, key, version };
                    bench.run(storage.delete(Asks::Server, vec![gone])).unwrap();
                }
            }
        }
        check_queries(&bench, &storage, limit)?;
    }
}

#[test]
fn an_index_holds_the_newest_and_goes_when_it_is_not_declared() {
    let bench = Bench::new();
    let storage = Storage::new(&bench.core);
    storage.declare(index(3));
    bench.run(storage.prepare()).unwrap();
    for key in ["a", "b", "c", "d", "b", "e"] {
        put(&bench, &storage, 1, key, &json!({ "level": 1 }), 2);
    }
    let keys = |storage: &Storage, query: &str| {
        let found = find_all(&bench, storage, Asks::Server, query, None, 2);
        found.into_iter().map(|object| object.name.key).collect::<Vec<_>>()
    };
    assert_eq!(keys(&storage, "*"), ["e", "b", "d"], "the newest first");
    assert_eq!(keys(&storage, "+value.level:1"), ["b", "d", "e"]);

    let changed = Storage::new(&bench.core);
    changed.declare(StorageIndex { key: Some("a".into()), ..index(3) });
    bench.run(changed.prepare()).unwrap();
    assert_eq!(keys(&changed, "*"), ["a"], "another definition fills it anew");

    let none = Storage::new(&bench.core);
    bench.run(none.prepare()).unwrap();
    let known = bench.run(bench.core.read(store::IndexGet { name: "heroes".into() })).unwrap();
    assert_eq!(known, None);
    let ask = StorageQuery {
        index: "heroes".into(),
        query: String::new(),
        sort: None,
        limit: 1,
        cursor: None,
        asks: Asks::Server,
    };
    assert_eq!(bench.run(none.query(ask)), Err(StorageError::NoIndex));
}

#[test]
fn queries_that_cannot_be_are_refused() {
    let bench = Bench::new();
    let storage = Storage::new(&bench.core);
    storage.declare(index(10));
    bench.run(storage.prepare()).unwrap();
    for key in ["a", "b", "c"] {
        put(&bench, &storage, 1, key, &json!({ "level": 1 }), 2);
    }
    let good = || StorageQuery {
        index: "heroes".into(),
        query: "+value.level:1".into(),
        sort: None,
        limit: 1,
        cursor: None,
        asks: Asks::Server,
    };
    let run = |ask| bench.run(storage.query(ask));
    let cursor = run(good()).unwrap().cursor;
    assert!(cursor.is_some());
    assert!(run(StorageQuery { cursor: cursor.clone(), ..good() }).is_ok());
    let elsewhere = StorageQuery { cursor, query: "*".into(), ..good() };
    assert_eq!(run(elsewhere), Err(StorageError::Cursor), "of another query");
    let odd = StorageQuery { cursor: Some("AAAA".into()), ..good() };
    assert_eq!(run(odd), Err(StorageError::Cursor));
    let field = StorageQuery { sort: Some(("power".into(), false)), ..good() };
    assert_eq!(run(field), Err(StorageError::NoField));
    for limit in [0, 101] {
        assert_eq!(run(StorageQuery { limit, ..good() }), Err(StorageError::Limit));
    }
    let query = StorageQuery { query: "+value.level:/(/".into(), ..good() };
    assert!(matches!(run(query), Err(StorageError::Query(_))));
}

#[test]
fn batches_names_and_cursors_are_bounded() {
    let bench = Bench::new();
    let storage = Storage::new(&bench.core);
    let object = |key: &str| WriteObject {
        user: UserId(1),
        collection: "c".into(),
        key: key.into(),
        value: "{}".into(),
        version: String::new(),
        may_read: None,
        may_write: None,
    };
    let asks = Asks::User(UserId(1));
    let write = |objects| bench.run(storage.write(asks, objects)).map(|acks| acks.len());
    let many = |count: usize| (0..count).map(|n| object(&format!("k{n:03}"))).collect::<Vec<_>>();
    assert_eq!(write(Vec::new()), Ok(0));
    assert_eq!(write(many(BATCH_MAX)), Ok(BATCH_MAX));
    assert_eq!(write(many(BATCH_MAX + 1)), Err(StorageError::Batch));
    for key in ["", &"k".repeat(129), "a\0b"] {
        assert_eq!(write(vec![object(key)]), Err(StorageError::Name));
    }
    let odd = WriteObject { may_read: Some(3), ..object("k") };
    assert_eq!(write(vec![odd]), Err(StorageError::Permission));

    let list = |owner, cursor: &str| bench.run(storage.list(asks, "c", owner, 7, Some(cursor)));
    let page = bench.run(storage.list(asks, "c", Some(UserId(1)), 7, None)).unwrap();
    let cursor = page.cursor.unwrap();
    assert!(list(Some(UserId(1)), &cursor).is_ok());
    for (owner, cursor) in [(None, cursor.as_str()), (Some(UserId(2)), &cursor), (Some(UserId(1)), "AAAA")] {
        assert_eq!(list(owner, cursor), Err(StorageError::Cursor));
    }
    for limit in [0, 101] {
        assert_eq!(bench.run(storage.list(asks, "c", None, limit, None)), Err(StorageError::Limit));
    }
}

#[test]
fn objects_and_wallets_change_together_or_not_at_all() {
    let bench = Bench::new();
    let storage = Storage::new(&bench.core);
    let user = bench.account(1);
    let object = |key: &str, version: &str| WriteObject {
        user,
        collection: "shop".into(),
        key: key.into(),
        value: "{}".into(),
        version: version.into(),
        may_read: None,
        may_write: Some(0),
    };
    let wallet = |amount| crate::wallets::WalletUpdate {
        user,
        changes: BTreeMap::from([("coins".to_owned(), amount)]),
        metadata: serde_json::Map::new(),
    };
    let update = |writes, wallets| {
        let update = MultiUpdate { writes, wallets, ..MultiUpdate::default() };
        bench.run(storage.multi_update(update))
    };
    let held = || {
        let balance = bench.run(bench.core.read(store::WalletGet { user })).unwrap();
        let list = bench.run(storage.list(Asks::Server, "shop", None, 10, None)).unwrap();
        (balance.first().map_or(0, |balance| balance.amount), list.objects.len())
    };
    let done = update(vec![object("b", "*"), object("a", "*")], vec![wallet(10), wallet(-4)]).unwrap();
    assert_eq!(done.acks.iter().map(|ack| ack.name.key.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((done.wallets[0].after[0].amount, done.wallets[1].after[0].amount, held()), (10, 6, (6, 2)));
    let short = update(vec![object("c", "*")], vec![wallet(-7)]);
    assert_eq!(short, Err(StorageError::Wallet(WalletError::Short)));
    assert_eq!(update(vec![object("a", "*")], vec![wallet(1)]), Err(StorageError::Rejected));
    let mut nobody = wallet(1);
    nobody.user = UserId(99);
    assert_eq!(update(vec![object("d", "*")], vec![nobody]), Err(StorageError::NoAccount));
    assert_eq!(held(), (6, 2), "nothing of what was refused is there");
    bench.account(2);
    let rename = |name: &str| {
        let change = store::AccountChange { username: Some(name.into()), ..store::AccountChange::default() };
        let accounts = vec![store::AccountUpdate { user, change, at_ms: 1 }];
        MultiUpdate { accounts, writes: vec![object("e", "*")], ..MultiUpdate::default() }
    };
    assert_eq!(bench.run(storage.multi_update(rename("user2"))), Err(StorageError::NameTaken));
    assert_eq!(held(), (6, 2), "nor with a name that is taken");
    assert!(bench.run(storage.multi_update(rename("queen"))).is_ok());
    let gone = DeleteObject { user, collection: "shop".into(), key: "a".into(), version: String::new() };
    let update = MultiUpdate { deletes: vec![gone], wallets: vec![wallet(-6)], ..MultiUpdate::default() };
    bench.run(storage.multi_update(update)).unwrap();
    assert_eq!(held(), (0, 2));
}
