use super::drawn::{self, A, B};
use crate::Tile;

/// Takes one tile for A as an attack would, and shows the map then.
fn taken(rows: &[&str], x: u32, y: u32) -> Vec<String> {
    let mut war = drawn::war(rows);
    let tile = war.map().at(x, y).unwrap();
    let loser = war.land().owner(tile);
    war.give(tile, A);
    war.cut_off(tile, loser, A);
    assert_eq!(war.land().owner(Tile(0)), A, "the corner of these maps is A's");
    drawn::picture(&war)
}

#[test]
fn a_pocket_with_one_nation_around_it_falls() {
    let rows = ["AAAAAAA", "ABBAAAA", "ABBBBBB", "AAAABBB"];
    assert_eq!(taken(&rows, 3, 2), ["AAAAAAA", "AAAAAAA", "AAAABBB", "AAAABBB"]);
}

#[test]
fn a_pocket_between_one_nation_and_water_falls() {
    let rows = ["A~~~~~", "ABBABB", "AABBBB"];
    assert_eq!(taken(&rows, 2, 2), ["A~~~~~", "AAAABB", "AAABBB"]);
}

#[test]
fn wild_pockets_fall_too() {
    let rows = ["AAAAA.B", "A..A..B", "AA....B", "AAAAA.B"];
    assert_eq!(taken(&rows, 2, 2)[1], "AAAA..B");
}

#[test]
fn pockets_that_touch_another_or_wild_land_stand() {
    for rows in [["AAAAAAC", "ABBABBB", "ABBBBBB", "AACABBB"], ["AAAAAA.", "ABBABBB", "A.BBBBB", "AAAABBB"]] {
        let mut kept: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
        kept[2].replace_range(3..4, "A");
        assert_eq!(taken(&rows, 3, 2), kept);
    }
}

#[test]
fn land_that_still_hangs_together_stands() {
    let rows = ["ABBBB", "ABABB", "ABBBB"];
    let mut kept: Vec<String> = rows.iter().map(|row| (*row).to_owned()).collect();
    kept[1].replace_range(1..2, "A");
    assert_eq!(taken(&rows, 1, 1), kept);
}

#[test]
fn large_pieces_are_not_looked_at_to_their_end() {
    // Two halves, each more than the window: neither falls, though each touches A alone.
    let wide = "B".repeat(90);
    let wall = "A".repeat(45) + "B" + &"A".repeat(44);
    let edge = "A".repeat(90);
    let mut rows = vec![edge.as_str()];
    rows.extend(std::iter::repeat_n(wide.as_str(), 40));
    rows.push(&wall);
    rows.extend(std::iter::repeat_n(wide.as_str(), 40));
    let now = taken(&rows, 45, 41);
    assert_eq!(now.iter().map(|row| row.matches('B').count()).sum::<usize>(), 90 * 80);
}

#[test]
fn the_last_land_of_a_weak_nation_is_absorbed() {
    let rows = ["AAAAAAAABB", "AAAAAAAABB", "AAAA~~~~~~", "AAAA~BBBBB"];
    for (theirs, left) in [(100, 0), (6_000, 9)] {
        let mut war = drawn::war(&rows);
        drawn::troops(&mut war, A, 9_000);
        drawn::troops(&mut war, B, theirs);
        war.attack(A, B, if theirs == 100 { 500 } else { 3_000 }).unwrap();
        while drawn::tiles(&war, A) == 24 {
            drawn::fight(&mut war, 1);
        }
        let b = drawn::tiles(&war, B);
        assert!(if left == 0 { b == 0 } else { b > 0 }, "{:?}", drawn::picture(&war));
        assert_eq!(war.nation(B).unwrap().is_alive(), left > 0);
    }
}
