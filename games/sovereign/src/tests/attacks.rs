use super::drawn::{self, A, B, WILD};
use crate::command::Site;
use crate::state::{Building, Pact};
use crate::{Kind, Tile};

#[test]
fn wild_land_is_taken_from_the_border_on_and_costs_little() {
    let mut war = drawn::war(&["AA......", "AA......", "AA......"]);
    war.attack(A, WILD, 300).unwrap();
    assert_eq!(drawn::at_home(&war, A), 700);
    drawn::fight(&mut war, 200);
    assert_eq!(drawn::tiles(&war, A), 24, "{:?}", drawn::picture(&war));
    // What was not needed came home when there was nothing left to take.
    assert!(war.attacks.is_empty());
    let lost = 1_000 - drawn::at_home(&war, A);
    assert_eq!(lost, war.news.lost);
    assert!((18..60).contains(&lost), "{lost}");
}

#[test]
fn a_small_attack_moves_once_a_second_with_the_time_it_has_saved() {
    let row = "A".to_owned() + &".".repeat(40);
    let mut war = drawn::war(&[row.as_str(); 7]);
    war.attack(A, WILD, 900).unwrap();
    let (mut moved, mut last) = (Vec::new(), drawn::tiles(&war, A));
    while war.step < 120 {
        drawn::fight(&mut war, 1);
        let tiles = drawn::tiles(&war, A);
        if tiles > last {
            moved.push((war.step, tiles - last));
        }
        last = tiles;
    }
    // At once as it begins; its turn in step 28 comes too soon after that.
    let steps: Vec<u32> = moved.iter().map(|(step, _)| *step).collect();
    assert_eq!(steps, [24, 48, 68, 88, 108], "{moved:?}");
    assert!(moved.iter().skip(1).all(|(_, tiles)| *tiles >= 5), "{moved:?}");
}

#[test]
fn low_ground_is_taken_first() {
    let mut war = drawn::war(&["AAAAAAAA", "....^^^^", "BBBBBBBB"]);
    war.attack(A, WILD, 500).unwrap();
    while drawn::tiles(&war, A) < 12 {
        // Tile by tile, and not by handfuls.
        war.attacks[0].due = 0;
        drawn::fight(&mut war, 1);
    }
    assert_eq!(drawn::picture(&war), ["AAAAAAAA", "AAAA^^^^", "BBBBBBBB"]);
}

#[test]
fn tiles_that_are_half_surrounded_come_first() {
    // The notch has three sides that are A's, the others one.
    let mut war = drawn::war(&["AAA.AAA", "AAAAAAA", "......."]);
    war.attack(A, WILD, 500).unwrap();
    while drawn::tiles(&war, A) < 14 {
        drawn::fight(&mut war, 1);
    }
    assert_eq!(drawn::picture(&war), ["AAAAAAA", "AAAAAAA", "......."]);
}

#[test]
fn an_attack_costs_both_sides_and_takes_what_it_pays_for() {
    let mut war = drawn::war(&["AAAABBBB", "AAAABBBB", "AAAABBBB"]);
    drawn::troops(&mut war, B, 600);
    war.attack(A, B, 500).unwrap();
    drawn::fight(&mut war, 60);
    let (a, b) = (drawn::tiles(&war, A), drawn::tiles(&war, B));
    assert!(a > 12 && b < 12 && a + b == 24, "{:?}", drawn::picture(&war));
    assert!(drawn::at_home(&war, B) < 600);
    let in_field: u64 = war.attacks.iter().map(|attack| attack.troops).sum();
    assert_eq!(drawn::at_home(&war, A) + in_field + drawn::at_home(&war, B) + war.news.lost, 1_600);
}

#[test]
fn attacks_against_each_other_cancel() {
    // B's attack, then A's, what is left of each.
    for (theirs, mine, left) in [(300, 200, (0, 100)), (200, 300, (100, 0)), (250, 250, (0, 0))] {
        let mut war = drawn::war(&["AABB"]);
        war.attack(B, A, theirs).unwrap();
        let number = war.attack(A, B, mine);
        assert_eq!(number.is_some(), left.0 > 0);
        let of = |from, on| drawn::of(&war, from, on).map_or(0, |attack| attack.troops);
        assert_eq!((of(A, B), of(B, A)), left);
        assert_eq!(war.news.lost, 2 * theirs.min(mine));
    }
}

#[test]
fn attacks_on_the_same_target_merge() {
    let mut war = drawn::war(&["AABB"]);
    let first = war.attack(A, B, 200).unwrap();
    assert_eq!(war.attack(A, B, 100), Some(first));
    assert_eq!(war.attack(A, WILD, 0), None, "nothing comes of no troops");
    assert_eq!(drawn::of(&war, A, B).unwrap().troops, 300);
    // More than there is takes what there is.
    war.attack(A, B, 5_000).unwrap();
    assert_eq!((drawn::of(&war, A, B).unwrap().troops, drawn::at_home(&war, A)), (1_000, 0));
}

#[test]
fn calling_back_costs_a_quarter_but_nothing_on_wild_land() {
    for (on, home) in [(B, 900), (WILD, 1_000)] {
        let mut war = drawn::war(&[".AABB"]);
        let id = war.attack(A, on, 400).unwrap();
        war.retreat(id);
        war.retreat(id);
        drawn::fight(&mut war, 4);
        assert!(war.attacks.is_empty());
        assert_eq!((drawn::at_home(&war, A), war.news.lost), (home, 1_000 - home));
    }
}

#[test]
fn who_was_called_back_is_not_sent_again() {
    let mut war = drawn::war(&["AAABBB"; 6]);
    let first = war.attack(A, B, 400).unwrap();
    war.retreat(first);
    let second = war.attack(A, B, 200).unwrap();
    assert_ne!(first, second);
    drawn::fight(&mut war, 4);
    let left: Vec<_> = war.attacks.iter().map(|attack| (attack.id, attack.retreating)).collect();
    assert_eq!((left, drawn::at_home(&war, A)), (vec![(second, false)], 700));
}

#[test]
fn an_attack_on_an_ally_goes_home() {
    let mut war = drawn::war(&["AABB"]);
    war.attack(A, B, 400).unwrap();
    war.pacts.insert((A, B), Pact { until: 9_999, renew: (false, false) });
    drawn::fight(&mut war, 4);
    assert_eq!((war.attacks.len(), drawn::at_home(&war, A), drawn::tiles(&war, B)), (0, 1_000, 2));
}

#[test]
fn an_attack_whose_border_is_gone_goes_home() {
    let mut war = drawn::war(&["AA.BB"]);
    war.attack(A, B, 400).unwrap();
    drawn::fight(&mut war, 8);
    assert_eq!((war.attacks.len(), drawn::at_home(&war, A)), (0, 1_000));
}

#[test]
fn time_that_found_nothing_to_take_is_not_saved() {
    // B takes the only tile of A's front, and loses it again.
    let row = "A".to_owned() + &".".repeat(40) + "B";
    let mut war = drawn::war(&[row.as_str()]);
    war.attack(A, WILD, 900).unwrap();
    war.attacks[0].time = 20_000;
    war.give(Tile(1), B);
    drawn::fight(&mut war, 4);
    assert_eq!((drawn::tiles(&war, A), war.attacks.len()), (1, 1));
    war.give(Tile(1), WILD);
    drawn::fight(&mut war, 40);
    // A tile wide, it gathers less than one in every turn.
    assert!((1..=3).contains(&drawn::tiles(&war, A)), "{}", drawn::tiles(&war, A));
}

#[test]
fn an_attack_without_the_troops_for_one_more_tile_goes_home() {
    let mut war = drawn::war(&["AB"]);
    drawn::troops(&mut war, B, 900);
    war.attack(A, B, 300).unwrap();
    drawn::fight(&mut war, 200);
    assert_eq!((war.attacks.len(), drawn::tiles(&war, B), drawn::at_home(&war, A)), (0, 1, 1_000));
    assert_eq!(war.news.lost, 0);
}

/// How much of B's land A takes with 20,000 troops in a time, and what is left of them.
fn field(change: impl Fn(&mut crate::War)) -> (u32, u64) {
    field_of([10, 50, 0], change)
}

/// The same where their land, and wild land behind it, is so many columns wide.
fn field_of(columns: [usize; 3], change: impl Fn(&mut crate::War)) -> (u32, u64) {
    let row: String = ["A", "B", "."].iter().zip(columns).map(|(land, wide)| land.repeat(wide)).collect();
    let mut war = drawn::war(&[row.as_str(); 12]);
    drawn::troops(&mut war, B, 40_000);
    drawn::troops(&mut war, A, 40_000);
    let before = drawn::tiles(&war, A);
    change(&mut war);
    war.attack(A, B, 20_000).unwrap();
    drawn::fight(&mut war, 60);
    let left = drawn::of(&war, A, B).map_or(0, |attack| attack.troops);
    (drawn::tiles(&war, A) - before, left)
}

/// Troops that a tile has cost.
fn a_tile((tiles, left): (u32, u64)) -> u64 {
    (20_000 - left) / u64::from(tiles.max(1))
}

#[test]
fn forts_hold_and_broken_words_weaken() {
    let plain = field(|_| {});
    let fort = field(|war| {
        let building = Building { site: Site::Fort, owner: B, ready: 0 };
        war.sites.insert(6 * 60 + 14, building);
        war.reindex();
    });
    let traitor = field(|war| war.nation_mut(B).unwrap().traitor_until = 9_999);
    assert!(fort.0 < plain.0, "{fort:?} {plain:?}");
    assert!(traitor.0 > plain.0, "{traitor:?} {plain:?}");
    assert!(a_tile(fort) > a_tile(plain) && a_tile(traitor) < a_tile(plain));
}

#[test]
fn who_is_large_pays_more_and_defends_worse() {
    // The same two nations, once on most of the map and once on a small part of it.
    let alone = |a, b| field_of([a, b, 0], |_| {});
    let among_others = |a, b| field_of([a, b, 900], |_| {});
    let (large, small) = (alone(50, 10), among_others(50, 10));
    assert!(large.0 < small.0 && a_tile(large) > a_tile(small), "as attackers: {large:?} {small:?}");
    let (large, small) = (alone(10, 50), among_others(10, 50));
    assert!(a_tile(large) < a_tile(small), "as defenders: {large:?} {small:?}");
}

#[test]
fn more_troops_are_faster() {
    let few = field(|war| drawn::troops(war, B, 60_000));
    let many = field(|war| drawn::troops(war, B, 15_000));
    assert!(many.0 > few.0 * 2, "{many:?} {few:?}");
}

#[test]
fn a_front_of_one_dear_tile_is_taken_in_the_end() {
    let mut war = drawn::war(&["A^"]);
    let building = Building { site: Site::Fort, owner: B, ready: 0 };
    war.attack(A, WILD, 100).unwrap();
    drawn::fight(&mut war, 400);
    assert_eq!(drawn::tiles(&war, A), 2);
    // With a fort and few against many as well.
    let mut war = drawn::war(&["AB^B^B"]);
    (0..6).for_each(|at| war.give(Tile(at), if at == 0 { A } else { B }));
    war.sites.insert(5, building);
    war.reindex();
    drawn::troops(&mut war, A, 50_000);
    drawn::troops(&mut war, B, 40_000);
    war.nation_mut(B).unwrap().kind = Kind::Tribe;
    war.attack(A, B, 45_000).unwrap();
    drawn::fight(&mut war, 4_000);
    assert!(drawn::tiles(&war, A) > 1);
}
