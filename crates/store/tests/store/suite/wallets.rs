//! Wallets that server code changes, the ledger that a player is shown, and achievements.

use std::collections::BTreeMap;

use store::*;

use super::{Engine, create};
use crate::samples::{chunk, effect, open, room, user};

fn change(id: u128, number: u128, changes: &[(&str, i64)]) -> WalletChange {
    let changes = changes.iter().map(|(currency, amount)| ((*currency).to_owned(), *amount)).collect();
    WalletChange { id, user: user(number), changes, metadata: "{}".into() }
}

fn held(engine: &mut impl Engine, number: u128) -> Vec<(String, i64)> {
    let held = engine.run(WalletGet { user: user(number) }).unwrap();
    held.into_iter().map(|balance| (balance.currency, balance.amount)).collect()
}

pub fn wallets_change_together_or_not_at_all(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(create("phone-0002", 2, "Bob")).unwrap();
    let update = |changes| WalletsUpdate { changes, at_ms: 5 };
    let done = engine.run(update(vec![
        change(1, 1, &[("gems", 3), ("coins", 10)]),
        change(2, 1, &[("coins", -4)]),
        change(3, 2, &[("coins", i64::MAX)]),
    ]));
    let done = done.unwrap();
    let amounts = |held: &[Balance]| held.iter().map(|b| (b.currency.clone(), b.amount)).collect::<Vec<_>>();
    assert_eq!(amounts(&done[0].before), []);
    assert_eq!(amounts(&done[1].before), [("coins".into(), 10), ("gems".into(), 3)]);
    assert_eq!(amounts(&done[1].after), [("coins".into(), 6), ("gems".into(), 3)]);
    for (changes, why) in [
        (vec![change(4, 1, &[("coins", 1)]), change(5, 1, &[("coins", -8)])], Refusal::Short),
        (vec![change(4, 1, &[("coins", 1)]), change(5, 2, &[("coins", 1)])], Refusal::Full),
        (vec![change(4, 1, &[("coins", 1)]), change(5, 9, &[("coins", 1)])], Refusal::NoAccount),
    ] {
        assert_eq!(engine.run(update(changes)), Err(StoreError::Refused(why)));
    }
    assert_eq!(held(engine, 1), [("coins".into(), 6), ("gems".into(), 3)]);
    assert_eq!(held(engine, 2), [("coins".into(), i64::MAX)]);

    let object = ObjectName { user: user(1), collection: "c".into(), key: "k".into() };
    let write = ObjectWrite {
        name: object.clone(),
        only_if: If::Absent,
        version: 1,
        may_read: 1,
        may_write: 0,
        value: "{}".into(),
        listed: Vec::new(),
    };
    let named = AccountChange { display_name: Some("Queen".into()), ..AccountChange::default() };
    let many = |amount| ManyUpdate {
        accounts: vec![AccountUpdate { user: user(1), change: named.clone(), at_ms: 6 }],
        writes: vec![write.clone()],
        deletes: Vec::new(),
        wallets: vec![change(6, 1, &[("coins", amount)])],
        at_ms: 6,
    };
    assert_eq!(engine.run(many(-7)), Err(StoreError::Refused(Refusal::Short)));
    let read = || ObjectsRead { asks: Asks::Server, names: vec![object.clone()] };
    assert_eq!(engine.run(read()).unwrap(), [], "taken back with the wallet");
    let mut shown = || engine.run(AccountGet { user: user(1) }).unwrap().unwrap().profile.display_name;
    assert_eq!(shown(), None);
    assert_eq!(engine.run(many(-6)).unwrap().acks.len(), 1);
    assert_eq!((engine.run(read()).unwrap().len(), held(engine, 1)[0].1), (1, 0));
    let shown = engine.run(AccountGet { user: user(1) }).unwrap().unwrap().profile.display_name;
    assert_eq!(shown.as_deref(), Some("Queen"));
}

pub fn one_ledger_shows_changes_by_rooms_and_by_server_code(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    engine.run(open(room(1), Some(user(1)), false)).unwrap();
    for (id, at_ms) in [(70, 20), (71, 30), (72, 30), (73, 60)] {
        let changes = vec![change(id, 1, &[("coins", 1), ("gems", 2)])];
        engine.run(WalletsUpdate { changes, at_ms }).unwrap();
    }
    // A room's rows are at ten times the number of their last input.
    for seq in [3, 4] {
        let mut paid = chunk(room(1), 1, seq, seq);
        paid.effects = vec![effect(seq, 0, user(1), 5, false), effect(seq, 1, user(1), 6, false)];
        engine.append(paid).unwrap();
    }
    let mut list = |limit| {
        let mut before = None;
        let mut seen = Vec::new();
        loop {
            let page = engine.run(LedgerOfUser { user: user(1), before, limit }).unwrap();
            let Some(last) = page.last() else { return seen };
            before = Some(last.place);
            seen.extend(
                page.iter().map(|item| (item.place.0, item.by_room, item.place.2, item.changes["coins"])),
            );
        }
    };
    let all = list(10);
    assert_eq!(all.len(), 8);
    assert!(all.is_sorted_by(|a, b| a.0 >= b.0), "{all:?}");
    assert_eq!(all[0], (60, false, 0, 1));
    assert!(all.contains(&(30, true, 3, 6)) && all.contains(&(40, true, 4, 5)), "{all:?}");
    for limit in [1, 2, 3] {
        assert_eq!(list(limit), all);
    }
    let both = BTreeMap::from([("coins".to_owned(), 1), ("gems".to_owned(), 2)]);
    let annotate = |id| LedgerAnnotate { id, metadata: "{\"a\":1}".into(), at_ms: 99 };
    let item = engine.run(annotate(71)).unwrap().unwrap();
    assert_eq!((item.changes, item.metadata.as_str(), item.updated_ms), (both, "{\"a\":1}", 99));
    assert_eq!(engine.run(annotate(99)).unwrap(), None);
    assert_eq!(engine.run(LedgerForget { user: user(1) }).unwrap(), 4);
    let newest = engine.run(LedgerOfUser { user: user(1), before: None, limit: 4 }).unwrap();
    assert!(newest.iter().all(|item| item.metadata == "{}"));
}

pub fn achievements_are_unlocked_once(engine: &mut impl Engine) {
    engine.run(create("phone-0001", 1, "Ann")).unwrap();
    let step = |name: &str, by, at_ms: i64| AchievementProgress {
        user: user(1),
        achievement: name.into(),
        steps: 3,
        by,
        reward: Some(change(at_ms.unsigned_abs().into(), 1, &[("coins", 5)])),
        at_ms,
    };
    let mut run = |name: &str, by, at_ms| {
        let done = engine.run(step(name, by, at_ms)).unwrap();
        (done.row.progress, done.row.unlocked_ms, done.unlocked_now, done.reward.is_some())
    };
    assert_eq!(run("b", 0, 1), (0, None, false, false));
    assert_eq!(run("b", 2, 2), (2, None, false, false));
    assert_eq!(run("b", 2, 3), (3, Some(3), true, true));
    assert_eq!(run("b", 2, 4), (3, Some(3), false, false));
    assert_eq!(run("a", u64::MAX, 5), (3, Some(5), true, true));
    assert_eq!(held(engine, 1), [("coins".into(), 10)]);
    let of = |after: &str| AchievementsOf { user: user(1), after: after.into(), limit: 9 };
    let rows = engine.run(of("")).unwrap();
    assert_eq!(rows.iter().map(|row| row.achievement.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(engine.run(of("a")).unwrap().len(), 1);
    let nobody = AchievementProgress { user: user(9), ..step("a", 1, 6) };
    assert_eq!(engine.run(nobody), Err(StoreError::Refused(Refusal::NoAccount)));
    assert_eq!(engine.run(AchievementsForget { user: user(1) }).unwrap(), 2);
}
