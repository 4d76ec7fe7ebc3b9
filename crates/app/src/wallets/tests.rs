//! Any course of changes: sums hold, nothing is ever below nothing, and the ledger adds up to what is owned.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::core::bench::Bench;

const USERS: u128 = 2;
const CURRENCIES: [&str; 2] = ["coins", "gems"];

fn amounts() -> impl Strategy<Value = i64> {
    prop_oneof![10 => -50..60_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN)]
}

type Change = (u128, Vec<(usize, i64)>);

fn batches() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let change = (1..=USERS, prop::collection::vec((0..CURRENCIES.len(), amounts()), 1..3));
    prop::collection::vec(prop::collection::vec(change, 1..4), 1..16)
}

type Model = BTreeMap<(u128, String), i64>;

fn update((user, changes): &Change) -> WalletUpdate {
    let changes = changes.iter().map(|(currency, amount)| (CURRENCIES[*currency].to_owned(), *amount));
    WalletUpdate { user: UserId(*user), changes: changes.collect(), metadata: Map::new() }
}

/// The same in a few lines: all of a batch, or none.
fn expect(model: &Model, batch: &[WalletUpdate]) -> Result<Model, WalletError> {
    let mut next = model.clone();
    for change in batch {
        for (currency, amount) in &change.changes {
            let held = next.entry((change.user.0, currency.clone())).or_default();
            *held = held.checked_add(*amount).ok_or(WalletError::Full)?;
            if *held < 0 {
                return Err(WalletError::Short);
            }
        }
    }
    Ok(next)
}

fn ledger(bench: &Bench, wallets: &Wallets, user: u128, limit: u32) -> Vec<LedgerItem> {
    let mut items = Vec::new();
    let mut cursor = None;
    loop {
        let page = bench.run(wallets.ledger(UserId(user), limit, cursor.as_deref())).unwrap();
        assert!(page.items.len() <= limit as usize);
        items.extend(page.items);
        match page.cursor {
            Some(next) => cursor = Some(next),
            None => return items,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn wallets_hold_what_their_ledgers_say(batches in batches(), limit in 1..5_u32, times in any::<bool>()) {
        let bench = Bench::new();
        let wallets = Wallets::new(&bench.core);
        for user in 1..=USERS {
            bench.account(user);
        }
        let mut model = Model::new();
        let mut lines = 0;
        for batch in batches {
            // Several changes may fall into one moment.
            bench.pass(i64::from(times));
            let batch: Vec<_> = batch.iter().map(update).collect();
            let done = bench.run(wallets.update_many(batch.clone()));
            match expect(&model, &batch) {
                Ok(next) => {
                    prop_assert_eq!(done.unwrap().len(), batch.len());
                    model = next;
                    lines += batch.len();
                }
                Err(error) => prop_assert_eq!(done, Err(error)),
            }
        }
        let mut found = 0;
        for user in 1..=USERS {
            let held = bench.run(wallets.get(UserId(user))).unwrap();
            let items = ledger(&bench, &wallets, user, limit);
            prop_assert!(items.is_sorted_by(|a, b| a.place > b.place), "the newest first, each once");
            let mut sums = BTreeMap::<String, i128>::new();
            for (currency, amount) in items.iter().flat_map(|item| &item.changes) {
                *sums.entry(currency.clone()).or_default() += i128::from(*amount);
            }
            for currency in CURRENCIES {
                let amount = held.get(currency).copied().unwrap_or(0);
                prop_assert_eq!(amount, model.get(&(user, currency.to_owned())).copied().unwrap_or(0));
                prop_assert_eq!(i128::from(amount), sums.get(currency).copied().unwrap_or(0));
                prop_assert!(amount >= 0);
            }
            found += items.len();
        }
        prop_assert_eq!(found, lines);
    }
}

#[test]
fn changes_that_cannot_be_are_refused() {
    let bench = Bench::new();
    let wallets = Wallets::new(&bench.core);
    let user = bench.account(1);
    let change = |currency: &str| WalletUpdate {
        user,
        changes: BTreeMap::from([(currency.to_owned(), 1)]),
        metadata: Map::new(),
    };
    let run = |updates| bench.run(wallets.update_many(updates)).map(|done| done.len());
    for currency in ["", "Coins", "a b", &"c".repeat(33), "a\0"] {
        assert_eq!(run(vec![change(currency)]), Err(WalletError::Changes), "{currency:?}");
    }
    let nothing = WalletUpdate { changes: BTreeMap::new(), ..change("a") };
    assert_eq!(run(vec![nothing]), Err(WalletError::Changes));
    assert_eq!(run(Vec::new()), Err(WalletError::Batch));
    assert_eq!(run(vec![change("a"); BATCH_MAX + 1]), Err(WalletError::Batch));
    let mut long = change("a");
    long.metadata.insert("x".into(), "y".repeat(METADATA_BYTES_MAX).into());
    assert_eq!(run(vec![long]), Err(WalletError::Metadata));
    let nobody = WalletUpdate { user: UserId(9), ..change("a") };
    assert_eq!(run(vec![change("a"), nobody]), Err(WalletError::NoAccount));
    assert_eq!(bench.run(wallets.get(user)).unwrap(), BTreeMap::new());
    let list =
        |limit, cursor: Option<&str>| bench.run(wallets.ledger(user, limit, cursor)).map(|page| page.items);
    assert_eq!(list(0, None), Err(WalletError::Limit));
    assert_eq!(list(101, None), Err(WalletError::Limit));
    assert_eq!(list(1, Some("AAAA")), Err(WalletError::Cursor));
}

#[test]
fn a_cursor_is_of_one_players_ledger() {
    let bench = Bench::new();
    let wallets = Wallets::new(&bench.core);
    let (ann, bob) = (bench.account(1), bench.account(2));
    for _ in 0..2 {
        let coins = BTreeMap::from([("coins".to_owned(), 1)]);
        bench.run(wallets.update(ann, coins, Map::new())).unwrap();
    }
    let cursor = bench.run(wallets.ledger(ann, 1, None)).unwrap().cursor.unwrap();
    assert_eq!(bench.run(wallets.ledger(bob, 1, Some(&cursor))), Err(WalletError::Cursor));
    assert_eq!(bench.run(wallets.ledger(ann, 1, Some(&cursor))).unwrap().items.len(), 1);
}

#[test]
fn metadata_may_be_changed() {
    let bench = Bench::new();
    let wallets = Wallets::new(&bench.core);
    let user = bench.account(1);
    let coins = BTreeMap::from([("coins".to_owned(), 5)]);
    let meta = json!({ "why": "gift" }).as_object().cloned().unwrap();
    let done = bench.run(wallets.update(user, coins, meta)).unwrap();
    bench.pass(10);
    let other = json!({ "why": "bug" }).as_object().cloned().unwrap();
    let item = bench.run(wallets.annotate(done.id, &other)).unwrap();
    assert_eq!((item.metadata.as_str(), item.place.0, item.updated_ms), (r#"{"why":"bug"}"#, 1_000, 1_010));
    assert_eq!(bench.run(wallets.ledger(user, 1, None)).unwrap().items, [item]);
    assert_eq!(bench.run(wallets.annotate(done.id + 1, &other)), Err(WalletError::NoItem));
}
