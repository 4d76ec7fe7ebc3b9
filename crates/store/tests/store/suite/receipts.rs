//! Purchases and subscriptions: each once, for one account.

use store::*;

use super::Engine;
use crate::samples::user;

fn purchase(id: &str, at_ms: i64) -> Purchase {
    Purchase {
        shop: 0,
        transaction_id: id.into(),
        product_id: "coins".into(),
        environment: 2,
        purchased_ms: at_ms,
        refunded_ms: None,
        said: "{}".into(),
    }
}

fn keep(number: u128, ids: &[&str], at_ms: i64) -> KeepPurchases {
    let purchases = ids.iter().map(|id| purchase(id, 5)).collect();
    KeepPurchases { user: user(number), purchases, look_only: false, at_ms }
}

fn kept(found: Keeping<Vec<KeptPurchase>>) -> Vec<(String, bool, i64, i64)> {
    match found {
        Keeping::Kept(all) => all
            .into_iter()
            .map(|one| (one.purchase.transaction_id, one.seen_before, one.created_ms, one.updated_ms))
            .collect(),
        Keeping::Taken => panic!("it is taken"),
    }
}

pub fn purchases_are_kept_once_for_one_account(engine: &mut impl Engine) {
    let look = KeepPurchases { look_only: true, ..keep(1, &["a"], 10) };
    assert_eq!(kept(engine.run(look.clone()).unwrap()), [("a".into(), false, 10, 10)]);
    assert_eq!(kept(engine.run(look).unwrap()), [("a".into(), false, 10, 10)], "looking keeps nothing");
    let both = engine.run(keep(1, &["a", "b", "a"], 11)).unwrap();
    assert_eq!(kept(both), [("a".into(), false, 11, 11), ("b".into(), false, 11, 11)]);
    let again = engine.run(keep(1, &["b", "c"], 12)).unwrap();
    assert_eq!(kept(again), [("b".into(), true, 11, 12), ("c".into(), false, 12, 12)]);

    // One that is somebody else's spoils the whole receipt.
    assert_eq!(engine.run(keep(2, &["d", "a"], 13)).unwrap(), Keeping::Taken);
    let of = |number, after: (i64, u32, &str), limit| {
        let after = (after.0, after.1, after.2.to_owned());
        PurchasesOf { user: user(number), after, limit }
    };
    assert_eq!(engine.run(of(2, (i64::MIN, 0, ""), 9)).unwrap(), []);
    let ids = |found: Vec<KeptPurchase>| -> Vec<String> {
        found.into_iter().map(|one| one.purchase.transaction_id).collect()
    };
    assert_eq!(ids(engine.run(of(1, (i64::MIN, 0, ""), 2)).unwrap()), ["a", "b"]);
    assert_eq!(ids(engine.run(of(1, (5, 0, "b"), 2)).unwrap()), ["c"]);

    // Another store's id may be the same.
    let mut other = keep(2, &["a"], 14);
    other.purchases[0].shop = 1;
    assert_eq!(kept(engine.run(other).unwrap()), [("a".into(), false, 14, 14)]);

    // What the store says later counts.
    let mut refunded = keep(1, &["a"], 15);
    refunded.purchases[0].refunded_ms = Some(14);
    engine.run(refunded).unwrap();
    let found = engine.run(of(1, (i64::MIN, 0, ""), 1)).unwrap();
    assert_eq!(found[0].purchase.refunded_ms, Some(14));
}

fn subscribe(number: u128, id: &str, product: &str, begun: i64, expires_ms: i64) -> KeepSubscription {
    let subscription = Subscription {
        shop: 1,
        original_id: id.into(),
        product_id: product.into(),
        environment: 1,
        purchased_ms: begun,
        expires_ms,
        refunded_ms: None,
        said: "{}".into(),
    };
    KeepSubscription { user: user(number), subscription, look_only: false, at_ms: 100 }
}

pub fn subscriptions_are_brought_up_to_date_and_listed(engine: &mut impl Engine) {
    let get = |product: &str| SubscriptionGet { user: user(1), product_id: product.into() };
    let look = KeepSubscription { look_only: true, ..subscribe(1, "a", "gold", 1, 10) };
    assert!(matches!(engine.run(look).unwrap(), Keeping::Kept(_)));
    assert_eq!(engine.run(get("gold")).unwrap(), None);
    engine.run(subscribe(1, "a", "gold", 1, 10)).unwrap();
    engine.run(subscribe(1, "b", "gold", 2, 9)).unwrap();
    assert_eq!(engine.run(get("gold")).unwrap().unwrap().subscription.original_id, "a");
    engine.run(subscribe(1, "b", "gold", 2, 11)).unwrap();
    assert_eq!(engine.run(get("gold")).unwrap().unwrap().subscription.original_id, "b");
    assert_eq!(engine.run(get("silver")).unwrap(), None);
    assert_eq!(engine.run(subscribe(2, "b", "gold", 2, 99)).unwrap(), Keeping::Taken);
    assert_eq!(engine.run(get("gold")).unwrap().unwrap().subscription.expires_ms, 11);

    engine.run(subscribe(1, "c", "silver", 2, 5)).unwrap();
    let page = |from: (i64, u32, &str), back, limit| SubscriptionsOf {
        user: user(1),
        from: (from.0, from.1, from.2.to_owned()),
        back,
        limit,
    };
    let ids = |found: Vec<KeptSubscription>| -> Vec<String> {
        found.into_iter().map(|one| one.subscription.original_id).collect()
    };
    assert_eq!(ids(engine.run(page((i64::MAX, u32::MAX, ""), false, 9)).unwrap()), ["c", "b", "a"]);
    assert_eq!(ids(engine.run(page((2, 1, "c"), false, 1)).unwrap()), ["b"]);
    assert_eq!(ids(engine.run(page((1, 1, "a"), true, 1)).unwrap()), ["b"]);
    assert_eq!(ids(engine.run(page((1, 1, "a"), true, 9)).unwrap()), ["c", "b"]);
}
