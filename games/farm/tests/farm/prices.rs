//! What a page works out from the prices in the view is what the rules ask for.

use std::collections::BTreeMap;

use farm::view::{Amounts, BuildingInfo, Occasion, PriceInfo, View};
use farm::{Command, DEFAULT_CONTENT};
use num_bigint::BigUint;

use crate::yard::*;

/// The README's formula, in milli-wool.
fn price(info: &PriceInfo, owned: u32) -> BTreeMap<String, BigUint> {
    let (num, den) = (BigUint::from(info.ratio_percent).pow(owned), BigUint::from(100_u32).pow(owned));
    let each = |base: u64| (&num * base + &den - 1_u32) / &den * 1_000_u32;
    info.base.iter().map(|(wool, base)| (wool.clone(), each(*base))).collect()
}

fn text(amounts: &BTreeMap<String, BigUint>) -> Amounts {
    amounts.iter().map(|(wool, amount)| (wool.clone(), amount.to_string())).collect()
}

/// Every next price by the formula. Says how many were compared.
fn agrees(view: &View) -> usize {
    let mut compared = 0;
    let mut check = |id: &str, info: &PriceInfo, owned, cost: &Option<Amounts>| {
        let Some(cost) = cost else { return };
        assert_eq!(text(&price(info, owned)), *cost, "{id} after {owned}");
        compared += 1;
    };
    for info in &view.content.buildings {
        let now = &view.farm.buildings[&info.id];
        check(&info.id, &info.price, now.count, &now.cost);
    }
    for info in &view.content.upgrades {
        let now = &view.farm.upgrades[&info.id];
        check(&info.id, &info.price, now.level, &now.cost);
    }
    compared
}

#[test]
fn every_next_price_follows_from_the_catalogue() {
    let view = Yard::new(DEFAULT_CONTENT).sees();
    assert_eq!(agrees(&view), view.content.buildings.len() + view.content.upgrades.len());
    let (llama, mill) = (&view.content.buildings[0], &view.content.buildings[4]);
    assert_eq!((llama.price.base["plain"], llama.price.ratio_percent), (10, 112));
    assert_eq!((mill.price.base["plain"], mill.price.base["silky"]), (120_000, 600));

    let mut yard = Yard::new(QUICK);
    let mut step = |command: Command, times: usize| {
        for _ in 0..times {
            yard.shears_up_to(400);
            yard.does(command.clone()).expect("paid, and below its limit");
            assert!(agrees(&yard.sees()) > 0);
        }
    };
    step(buy("llama", 1), 39);
    step(upgrade("shears"), 3);
    step(upgrade("hands"), 4);
    step(craft("spin", 1), 20);
    step(buy("suri", 1), 4);
    step(upgrade("hay"), 2);
}

/// As many as the purse pays for, one price after the other.
fn most(info: &BuildingInfo, owned: u32, purse: &BigUint) -> (u32, BigUint) {
    let (mut count, mut total) = (0, BigUint::ZERO);
    while owned + count < info.count_max {
        let with = &total + &price(&info.price, owned + count)["plain"];
        if with > *purse {
            break;
        }
        (count, total) = (count + 1, with);
    }
    (count, total)
}

#[test]
fn max_takes_the_count_and_the_sum_that_a_page_foretells() {
    for (content, id, whole) in
        [(QUICK, "llama", [11, 23, 300, 2_500]), (DEFAULT_CONTENT, "meadow_llama", [10, 21, 500, 9_999])]
    {
        let mut yard = Yard::new(content);
        for whole in whole {
            yard.shears_up_to(whole);
            let View { content, farm } = yard.sees();
            let info = content.buildings.iter().find(|b| b.id == id).expect("it is there");
            let before = BigUint::from(yard.has("plain"));
            let (count, total) = most(info, farm.buildings[id].count, &before);
            let update = yard.does(buy_max(id)).expect("one can be paid");
            assert_eq!(update.event, Some(Occasion::Bought { building: id.into(), count }));
            assert_eq!(BigUint::from(yard.has("plain")), before - total, "{count} at once");
        }
    }
}
