//! Is it fun? A patient, greedy player plays the standard content for two hours, and the moments that matter come
//! when they should. The ranges are loose: they catch a slip in the content file, not a matter of taste.

use std::collections::BTreeMap;

use farm::DEFAULT_CONTENT;
use farm::view::{Catalogue, FarmView};

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
