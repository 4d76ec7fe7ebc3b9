use super::drawn::{self, A};
use crate::Kind;
use crate::command::Site;
use crate::tuning::{CAP_CITY, GOLD_A_STEP};

#[test]
fn troops_grow_best_at_about_two_fifths_of_the_cap() {
    let mut war = drawn::war(&["AAAA", "AAAA"]);
    let cap = war.cap(A);
    let mut grown = Vec::new();
    for hundredth in 1..=100 {
        drawn::troops(&mut war, A, cap * hundredth / 100);
        war.nation_mut(A).unwrap().part = 0;
        let before = drawn::at_home(&war, A);
        // Many steps' worth of parts would move the troops along: one step, and its parts.
        war.grow();
        let nation = war.nation(A).unwrap();
        grown.push((nation.troops - before) * 1_000 + u64::from(nation.part));
    }
    let best = grown.iter().enumerate().max_by_key(|&(_, grown)| grown).unwrap().0 + 1;
    assert!((38..=46).contains(&best), "best at {best} %");
    assert!(grown[0] > 0 && grown[0] < grown[best - 1] / 4);
    assert_eq!(grown[99], 0, "nothing grows at the cap");
}

#[test]
fn more_land_and_cities_mean_more_room_and_tribes_have_less() {
    let small = drawn::war(&["AAAA"]);
    let mut large = drawn::war(&["AAAAAAAA", "AAAAAAAA"]);
    assert!(large.cap(A) > small.cap(A));
    let before = large.cap(A);
    large.nation_mut(A).unwrap().built[Site::City as usize] = 2;
    assert_eq!(large.cap(A), before + 2 * CAP_CITY);
    large.nation_mut(A).unwrap().kind = Kind::Tribe;
    assert!(large.cap(A) < before / 2 + 2 * CAP_CITY);
}

#[test]
fn who_has_more_troops_than_room_loses_some_and_nothing_is_lost_unnamed() {
    let mut war = drawn::war(&["AAAA"]);
    let cap = war.cap(A);
    drawn::troops(&mut war, A, cap * 2);
    war.grow();
    let now = drawn::at_home(&war, A);
    assert!(now < cap * 2 && now > cap);
    assert_eq!((war.news.lost, war.news.grown), (cap * 2 - now, 0));
    drawn::troops(&mut war, A, cap + 1);
    war.grow();
    assert_eq!(drawn::at_home(&war, A), cap);
}

#[test]
fn gold_is_flat_and_tribes_get_half() {
    let mut war = drawn::war(&["AAAA.BBBB"]);
    war.nation_mut(drawn::B).unwrap().kind = Kind::Tribe;
    war.grow();
    assert_eq!(war.nation(A).unwrap().gold, GOLD_A_STEP);
    assert_eq!(war.nation(drawn::B).unwrap().gold, GOLD_A_STEP / 2);
}
