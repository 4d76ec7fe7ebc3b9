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
