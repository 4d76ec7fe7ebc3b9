//! Is it fun? A patient, greedy player plays the standard content for two hours, and the moments that matter come
//! when they should. The ranges are loose: they catch a slip in the content file, not a matter of taste.

use std::collections::BTreeMap;

use farm::view::{Catalogue, FarmView};
use farm::{Command, DEFAULT_CONTENT};

use crate::yard::*;

/// Shears a second of a player who is not in a hurry.
const SHEARS_A_SECOND: u64 = 4;
/// How long it plays.
const PLAYED_S: i64 = 7_200;

/// Every upgrade that can be paid is bought, then the building that pays for itself soonest, as long as it can
/// be paid.
pub fn spends(yard: &mut Yard, content: &Catalogue) {
    loop {
        let farm = &yard.page;
        let affordable = content.upgrades.iter().find(|u| {
            let view = &farm.upgrades[&u.id];
            view.unlocked && view.cost.as_ref().is_some_and(|cost| pays(farm, cost))
        });
        if let Some(next) = affordable {
            yard.does(upgrade(&next.id)).expect("the view said that it can be paid");
            continue;
        }
        let worth: BTreeMap<_, _> = content.wools.iter().map(|w| (&w.id, number(&w.worth))).collect();
        let best = content
            .buildings
            .iter()
            .filter(|b| farm.buildings[&b.id].unlocked && farm.buildings[&b.id].cost.is_some())
            .min_by_key(|b| {
                let view = &farm.buildings[&b.id];
                let cost: u128 = view.cost.iter().flatten().map(|(wool, n)| number(n) * worth[wool]).sum();
                let each = if view.count == 0 {
                    number(&b.rate)
                } else {
                    number(&view.rate) / u128::from(view.count)
                };
                cost * 1_000 / (each * worth[&b.wool]).max(1)
            });
        let best = best.expect("the first building needs nothing").id.clone();
        if yard.does(buy(&best, 1)).is_err() {
            return;
        }
    }
}

fn number(text: &str) -> u128 {
    text.parse().expect("two hours' numbers are not larger than this")
}

fn pays(farm: &FarmView, cost: &BTreeMap<String, String>) -> bool {
    cost.iter().all(|(wool, n)| number(&farm.wools[wool].amount) >= number(n))
}

#[test]
fn the_first_hours_have_their_moments_in_time() {
    let mut yard = Yard::new(DEFAULT_CONTENT);
    yard.checks_page = false;
    let content = yard.sees().content;
    let mut moments: BTreeMap<String, i64> = BTreeMap::new();
    for second in 1..=PLAYED_S {
        yard.waits(1_000);
        yard.does(shear(SHEARS_A_SECOND)).expect("hands are faster than that");
        spends(&mut yard, &content);
        let farm = &yard.page;
        let mut note = |what: &str, is: bool| {
            if is {
                moments.entry(what.to_owned()).or_insert(second);
            }
        };
        for (id, building) in &farm.buildings {
            note(id, building.count > 0);
            note(&format!("ten of {id}"), building.count >= 10);
        }
        for (id, upgrade) in &farm.upgrades {
            note(id, upgrade.level > 0);
        }
        note("a star", farm.prestige.met && farm.prestige.gain != "0");
        note("five stars", farm.prestige.met && number(&farm.prestige.gain) >= 5);
    }
    println!("{moments:#?}");
    let rows = [
        ("meadow_llama", 1, 10),
        ("sharp_shears", 10, 60),
        ("hay_barn", 20, 120),
        ("shearing_shed", 90, 480),
        ("suri_llama", 240, 1_200),
        ("moon_llama", 900, 2_400),
        ("a star", 1_500, 3_600),
        ("five stars", 2_100, 5_400),
        ("sun_llama", 3_600, 7_200),
    ];
    for (what, earliest, latest) in rows {
        let when = moments.get(what).copied().unwrap_or(i64::MAX);
        assert!(
            (earliest..=latest).contains(&when),
            "{what} came after {when} s, not {earliest} to {latest}"
        );
    }
}

/// Plays until a prestige would bring so many stars, and says how long it took.
fn plays_for(yard: &mut Yard, content: &Catalogue, stars: u128) -> i64 {
    for second in 1..=PLAYED_S {
        yard.waits(1_000);
        yard.does(shear(SHEARS_A_SECOND)).expect("hands are faster than that");
        spends(yard, content);
        if yard.page.prestige.met && number(&yard.page.prestige.gain) >= stars {
            return second;
        }
    }
    panic!("no {stars} stars in two hours");
}

/// Stars and what they buy make each run shorter than the one before, but never so short that nothing is left of it.
#[test]
fn stars_and_wishes_carry_the_next_run() {
    let mut yard = Yard::new(DEFAULT_CONTENT);
    yard.checks_page = false;
    let content = yard.sees().content;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(plays_for(&mut yard, &content, 3));
        yard.does(Command::Prestige).expect("three stars");
        while let Some(next) = content.wishes.iter().find(|wish| {
            let view = &yard.page.wishes[&wish.id];
            let affordable =
                view.cost.as_ref().is_some_and(|cost| number(cost) <= number(&yard.page.prestige.free));
            view.unlocked && affordable
        }) {
            yard.does(wish(&next.id)).expect("the view said that it can be paid");
        }
    }
    println!("{runs:?} s, and {:?}", yard.page.wishes);
    for pair in runs.windows(2) {
        assert!(pair[1] < pair[0] && pair[1] > pair[0] / 4, "{runs:?}");
    }
}

/// What the content promises on its first pages can be had: every wish opens once those before it are there, and every
/// achievement is further than the one before it of the same kind.
#[test]
fn the_tree_of_wishes_can_be_climbed_and_ribbons_rise() {
    let content = Yard::new(DEFAULT_CONTENT).sees().content;
    let mut open: BTreeMap<&str, u32> = BTreeMap::new();
    loop {
        let next = content.wishes.iter().find(|wish| {
            let met = |need: &farm::view::WishNeedInfo| open.get(need.wish.as_str()) >= Some(&need.level);
            !open.contains_key(wish.id.as_str()) && wish.needs.iter().all(met)
        });
        let Some(wish) = next else { break };
        open.insert(&wish.id, wish.level_max);
    }
    assert_eq!(open.len(), content.wishes.len(), "some wish can never be had: {open:?}");
    let mut goals: BTreeMap<&str, (u64, u32)> = BTreeMap::new();
    for ribbon in &content.achievements {
        let now = (ribbon.goal, ribbon.fleece);
        let before = goals.insert(&ribbon.stat, now);
        assert!(before.is_none_or(|(goal, fleece)| goal < now.0 && fleece <= now.1), "{ribbon:?}");
    }
}
