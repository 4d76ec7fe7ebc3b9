//! Steps add up, an achievement is unlocked once, and its reward comes once.

use super::*;
use crate::core::bench::Bench;
use crate::wallets::Wallets;

fn declared(bench: &Bench) -> Achievements {
    let achievements = Achievements::new(&bench.core, &Notifications::new(&bench.core));
    let reward = BTreeMap::from([("coins".to_owned(), 50)]);
    let jumper = Achievement { id: "jumper".into(), steps: 3, reward, ..Achievement::default() };
    achievements.declare(jumper);
    let secret = Achievement { id: "secret".into(), steps: 1, hidden: true, ..Achievement::default() };
    achievements.declare(secret);
    achievements
}

#[test]
fn the_last_step_brings_the_reward_once() {
    let bench = Bench::new();
    let (achievements, wallets) = (declared(&bench), Wallets::new(&bench.core));
    let user = bench.account(1);
    let step = |by| bench.run(achievements.progress(user, "jumper", by)).unwrap();
    let coins = || bench.run(wallets.get(user)).unwrap().get("coins").copied();
    assert_eq!((step(2).row.progress, coins()), (2, None));
    bench.pass(5);
    let last = step(u64::MAX);
    assert_eq!((last.row.progress, last.row.unlocked_ms, last.unlocked_now), (3, Some(1_005), true));
    assert_eq!((last.reward.unwrap().after[0].amount, coins()), (50, Some(50)));
    bench.pass(5);
    let again = step(3);
    assert_eq!((again.row.unlocked_ms, again.unlocked_now, again.reward), (Some(1_005), false, None));
    assert_eq!(coins(), Some(50));
    let ledger = bench.run(wallets.ledger(user, 10, None)).unwrap().items;
    let told = bench.run(Notifications::new(&bench.core).list(user, 10, "")).unwrap().notifications;
    assert_eq!(
        told.iter().map(|told| told.code).collect::<Vec<_>>(),
        [code::ACHIEVEMENT],
        "and is told once"
    );
    assert_eq!((ledger.len(), ledger[0].metadata.as_str()), (1, r#"{"achievement":"jumper"}"#));
}

#[test]
fn lost_commits_leave_no_half_an_achievement() {
    use store::CommitFault::{Full, LostAfter, LostBefore};
    for fault in [Full, LostBefore, LostAfter] {
        let bench = Bench::new();
        let (achievements, wallets) = (declared(&bench), Wallets::new(&bench.core));
        let user = bench.account(1);
        bench.faults.lock().unwrap().push(Some(fault));
        assert!(bench.run(achievements.progress(user, "jumper", 3)).is_err());
        bench.run(achievements.progress(user, "jumper", 3)).unwrap();
        assert_eq!(bench.run(wallets.get(user)).unwrap().get("coins"), Some(&50), "{fault:?}");
    }
}

#[test]
fn hidden_ones_show_when_they_are_unlocked() {
    let bench = Bench::new();
    let achievements = declared(&bench);
    let user = bench.account(1);
    let shown = || {
        let list = bench.run(achievements.list(user)).unwrap();
        list.into_iter().map(|state| (state.achievement.id, state.progress)).collect::<Vec<_>>()
    };
    assert_eq!(shown(), [("jumper".to_owned(), 0)]);
    bench.run(achievements.progress(user, "secret", 1)).unwrap();
    bench.run(achievements.progress(user, "jumper", 1)).unwrap();
    assert_eq!(shown(), [("jumper".to_owned(), 1), ("secret".to_owned(), 1)]);
}

#[test]
fn unknown_ones_and_nobodies_are_refused() {
    let bench = Bench::new();
    let achievements = declared(&bench);
    let user = bench.account(1);
    assert_eq!(bench.run(achievements.progress(user, "walker", 1)), Err(AchievementError::Unknown));
    let nobody = bench.run(achievements.progress(UserId(9), "jumper", 1));
    assert_eq!(nobody, Err(AchievementError::Wallet(WalletError::NoAccount)));
}

fn reached(user: UserId, id: &str, to: u64) -> Reached {
    Reached { user, id: id.into(), to }
}

#[test]
fn counted_elsewhere_it_never_goes_back_and_unlocks_once() {
    let bench = Bench::new();
    let (achievements, wallets) = (declared(&bench), Wallets::new(&bench.core));
    let (ada, bob) = (bench.account(1), bench.account(2));
    let reach = |rows| {
        let done: Vec<_> = bench.run(achievements.reach(rows)).unwrap();
        done.into_iter().map(|done| (done.row.progress, done.unlocked_now)).collect::<Vec<_>>()
    };
    let coins = |user| bench.run(wallets.get(user)).unwrap().get("coins").copied();
    assert_eq!(reach(vec![reached(ada, "jumper", 2), reached(bob, "jumper", 9)]), [(2, false), (3, true)]);
    assert_eq!(reach(vec![reached(ada, "jumper", 1), reached(bob, "jumper", 1)]), [(2, false), (3, false)]);
    assert_eq!((coins(ada), coins(bob)), (None, Some(50)));
    let twice = vec![reached(ada, "jumper", 3), reached(ada, "jumper", 3), reached(ada, "secret", 0)];
    assert_eq!(reach(twice), [(3, true), (3, false), (0, false)]);
    assert_eq!(coins(ada), Some(50));
    // All or none: one that is not there takes the others along.
    let bad = vec![reached(ada, "secret", 1), reached(UserId(99), "secret", 1)];
    assert!(bench.run(achievements.reach(bad)).is_err());
    assert_eq!(bench.run(achievements.list(ada)).unwrap().len(), 1, "the secret one is still locked");
    assert_eq!(
        bench.run(achievements.reach(vec![reached(ada, "unknown", 1)])),
        Err(AchievementError::Unknown)
    );
    let many = vec![reached(ada, "jumper", 1); REACHED_MAX + 1];
    assert_eq!(bench.run(achievements.reach(many)), Err(AchievementError::Batch));
}

#[test]
fn a_set_is_replaced_as_a_whole_and_leaves_others_alone() {
    let bench = Bench::new();
    let achievements = declared(&bench);
    let user = bench.account(1);
    let of = |id: &str, steps| Achievement { id: id.into(), steps, ..Achievement::default() };
    let names = || -> Vec<_> {
        let states = bench.run(achievements.list(user)).unwrap();
        states.into_iter().map(|state| (state.achievement.id, state.progress)).collect()
    };
    achievements.declare_set("farm", vec![of("first", 2), of("second", 9)]).unwrap();
    bench.run(achievements.reach(vec![reached(user, "second", 4)])).unwrap();
    achievements.declare_set("farm", vec![of("third", 1)]).unwrap();
    assert_eq!(names(), [("jumper".into(), 0), ("third".into(), 0)]);
    achievements.declare_set("farm", vec![of("second", 5)]).unwrap();
    assert_eq!(names(), [("jumper".into(), 0), ("second".into(), 4)], "what was reached is kept");
    for bad in [vec![of("jumper", 1)], vec![of("a", 1), of("a", 2)], vec![of("b", 0)], vec![of("", 1)]] {
        assert!(matches!(achievements.declare_set("farm", bad), Err(AchievementError::Bad(_))));
    }
    assert_eq!(names().len(), 2, "what is refused changes nothing");
}
