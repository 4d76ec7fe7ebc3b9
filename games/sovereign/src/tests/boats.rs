use super::drawn::{self, A, B};
use crate::news::Notice;
use crate::state::Pact;
use crate::{Tile, War};

const SHORES: [&str; 4] = ["AAA~~~~~BBB", "AAA~~~~~BBB", "AAA~~~~~BBB", "~~~~~~~~~~~"];

/// A boat of A's on its way to B's shore.
fn under_way() -> (War, u32) {
    let mut war = drawn::war(&SHORES);
    let to = war.map().at(8, 1).unwrap();
    let way = war.way(A, to).unwrap();
    assert_eq!((way[0], *way.last().unwrap(), way.len()), (13, to.0, 7));
    let boat = war.launch(A, way, 400).unwrap();
    (war, boat)
}

fn sail(war: &mut War, steps: u32) {
    for _ in 0..steps {
        war.step += 1;
        war.sail();
    }
}

#[test]
fn a_boat_lands_and_its_troops_attack() {
    let (mut war, _) = under_way();
    assert_eq!(drawn::at_home(&war, A), 600);
    sail(&mut war, 10);
    assert_eq!((war.boats.len(), drawn::tiles(&war, A)), (1, 9));
    sail(&mut war, 2);
    assert_eq!((war.boats.len(), drawn::tiles(&war, A)), (0, 10));
    assert!(war.news.notices.contains(&Notice::Landed(1, 19)));
    let attack = drawn::of(&war, A, B).unwrap();
    assert_eq!(attack.troops + war.news.lost, 400 + 1_000 - drawn::at_home(&war, B));
    assert!(!attack.front.is_empty(), "it goes on from the beach");
}

/// How much land A has behind a beach so many steps after it landed there.
fn behind_the_beach(land: char, defenders: u64, steps: u32) -> u32 {
    let row = "AA~~~~~~".to_owned() + &land.to_string().repeat(20);
    let mut war = drawn::war(&[row.as_str(); 12]);
    let boat = war.launch(A, war.way(A, war.map().at(8, 5).unwrap()).unwrap(), 900).unwrap();
    if land == 'B' {
        drawn::troops(&mut war, B, defenders);
    }
    while war.boats.iter().any(|other| other.id == boat) {
        sail(&mut war, 1);
    }
    assert_eq!(drawn::tiles(&war, A), 24 + 1);
    drawn::fight(&mut war, steps);
    drawn::tiles(&war, A) - 24
}

#[test]
fn a_landing_is_carried_over_its_first_tiles() {
    let wild = behind_the_beach('.', 0, 4);
    assert!((7..=9).contains(&wild), "{wild}");
    let (weak, strong) = (behind_the_beach('B', 600, 4), behind_the_beach('B', 12_000, 4));
    assert!(weak > wild && strong < 3, "{weak} {strong}");
    // It goes on from there as any attack does.
    let later = behind_the_beach('.', 0, 24);
    assert!(later > wild + 4 && later < wild * 4, "{later}");
}

#[test]
fn a_landing_that_joins_an_attack_does_not_hasten_it() {
    let mut war = drawn::war(&["AABBBB", "AABBBB"]);
    war.attack(A, B, 300).unwrap();
    war.attack_from_beach(A, B, 200, Tile(1));
    let attack = drawn::of(&war, A, B).unwrap();
    assert_eq!((attack.troops, attack.time), (500, 0));
}

#[test]
fn ports_make_boats_twice_as_fast() {
    let (mut war, _) = under_way();
    war.nation_mut(A).unwrap().built[2] = 1;
    sail(&mut war, 6);
    assert!(war.boats.is_empty());
}

#[test]
fn boats_to_friends_come_home() {
    for friend in ["ally", "immune", "mine"] {
        let (mut war, _) = under_way();
        match friend {
            "ally" => drop(war.pacts.insert((A, B), Pact { until: 9_999, renew: (false, false) })),
            "immune" => war.nation_mut(B).unwrap().immune_until = 9_999,
            _ => war.give(Tile(19), A),
        }
        let tiles = drawn::tiles(&war, A);
        sail(&mut war, 14);
        assert_eq!((drawn::at_home(&war, A), war.boats.len(), war.attacks.len()), (1_000, 0, 0), "{friend}");
        assert_eq!(drawn::tiles(&war, A), tiles);
    }
}

#[test]
fn a_boat_that_turns_back_is_home_after_as_long() {
    let (mut war, boat) = under_way();
    sail(&mut war, 6);
    war.news = Default::default();
    war.turn_back(boat);
    assert!(war.news.boats.contains(&boat), "whoever sees it is told");
    sail(&mut war, 4);
    assert_eq!(war.boats.len(), 1);
    sail(&mut war, 4);
    assert_eq!((war.boats.len(), drawn::at_home(&war, A), war.news.lost), (0, 1_000, 0));
}

#[test]
fn too_few_fall_on_the_beach() {
    let mut war = drawn::war(&SHORES);
    drawn::troops(&mut war, B, 9_000);
    let way = war.way(A, Tile(19)).unwrap();
    war.launch(A, way, 500).unwrap();
    sail(&mut war, 14);
    assert_eq!((drawn::tiles(&war, A), war.attacks.len(), war.news.lost), (9, 0, 500));
}

#[test]
fn there_is_no_way_over_lakes_or_from_inland() {
    let war = drawn::war(&["AAAoooBBB", "AAA...BBB", "~~~~~~~~~", "CCC......"]);
    assert!(war.way(A, Tile(27)).is_some());
    let lake = drawn::war(&["AAAoooBBB", "AAAoooBBB"]);
    assert_eq!(lake.way(A, Tile(6)), None);
    let inland = drawn::war(&["CCCCC", "CAACC", "CCCCC", "~~~~~", "BBBBB"]);
    assert_eq!(inland.way(A, Tile(22)), None);
}

#[test]
fn a_tile_inland_means_the_beach_nearest_to_it() {
    let war = drawn::war(&["....", "....", "....", "~~~~"]);
    assert_eq!(war.beach(Tile(1)), Some(Tile(9)));
    let far = drawn::war(&vec!["."; 20]);
    assert_eq!(far.beach(Tile(1)), None);
}

#[test]
fn a_beaten_nation_has_no_boats() {
    let (mut war, _) = under_way();
    war.fall(A, B);
    assert_eq!((war.boats.len(), war.news.lost), (0, 1_000));
}
