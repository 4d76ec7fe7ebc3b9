//! What a player would miss, for a dry run of a new content: numbers of which less is worse.

use num_bigint::BigUint;

use crate::content::{Content, Title};
use crate::production::Rates;
use crate::state::State;
use crate::units::MICRO_IN_MILLI;

pub(crate) fn measures(content: &Content, state: &State, at_ms: i64, report: &mut dyn FnMut(&str, u128)) {
    let holdings = &state.holdings;
    let rates = Rates::everyday(content, holdings);
    let purse = state.purse(content, at_ms);
    for ((wool, amount), rate) in content.wools.iter().zip(&purse).zip(&rates.wools) {
        let id = &wool.title.id;
        report(&format!("wool.{id}.amount"), saturated(&(amount / MICRO_IN_MILLI)));
        report(&format!("wool.{id}.rate"), saturated(rate));
    }
    let mut list = |kind: &str, what: &str, titles: &mut dyn Iterator<Item = &Title>, numbers: &[u32]| {
        for (title, number) in titles.zip(numbers) {
            report(&format!("{kind}.{}.{what}", title.id), u128::from(*number));
        }
    };
    list("building", "count", &mut content.buildings.iter().map(|b| &b.title), &holdings.counts);
    list("upgrade", "level", &mut content.upgrades.iter().map(|u| &u.title), &holdings.levels);
    list("wish", "level", &mut content.wishes.iter().map(|w| &w.title), &holdings.wishes);
    report("stars", saturated(&holdings.stars));
    report("stars.free", saturated(&holdings.free_stars()));
    let known = content.keepsakes.iter().filter(|k| holdings.keepsakes.contains(&k.title.id)).count();
    report("keepsakes", known as u128);
    report("away_ms", u128::try_from(rates.away_ms).unwrap_or(0));
}

fn saturated(number: &BigUint) -> u128 {
    u128::try_from(number).unwrap_or(u128::MAX)
}
