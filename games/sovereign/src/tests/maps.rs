//! What every map has, and that boats find their way on it.

use crate::dice::Dice;
use crate::{Map, Size, Tile};

/// Tiles of each piece of land, the largest first.
fn pieces(map: &Map) -> Vec<u32> {
    let mut seen = vec![false; map.len()];
    let mut pieces = Vec::new();
    for number in 0..map.len() as u32 {
        let mut open = vec![Tile(number)];
        let mut size = 0;
        while let Some(tile) = open.pop() {
            if map.is_land(tile) && !std::mem::replace(&mut seen[tile.0 as usize], true) {
                size += 1;
                open.extend(map.beside(tile));
            }
        }
        if size > 0 {
            pieces.push(size);
        }
    }
    pieces.sort_by(|a, b| b.cmp(a));
    pieces
}

#[test]
fn maps_have_a_large_land_islands_mountains_and_one_sea() {
    for (size, seeds) in [(Size::Tiny, 0..12), (Size::Small, 0..3), (Size::Medium, 0..1)] {
        for seed in seeds {
            let map = Map::make(size, seed);
            let what = format!("{size:?} {seed}");
            let share = u64::from(map.land()) * 100 / map.len() as u64;
            assert!((35..=60).contains(&share), "{what}: {share} % land");
            let pieces = pieces(&map);
            assert!(pieces.len() > 2, "{what}: {pieces:?}");
            assert!(pieces[0] * 100 / map.land() > 30, "{what}: {pieces:?}");
            assert!(*pieces.last().unwrap() >= 24, "{what}: specks of land, {pieces:?}");
            let level = |low: u8, high: u8| {
                let tiles = (0..map.len() as u32).map(Tile).filter(|&tile| map.is_land(tile));
                tiles.filter(|&tile| (low..high).contains(&map.level(tile))).count() as u32 * 100 / map.land()
            };
            assert!((50..=70).contains(&level(0, 10)), "{what}: {} % plains", level(0, 10));
            assert!((8..=20).contains(&level(20, 32)), "{what}: {} % mountains", level(20, 32));
            // The rim is sea, and no other water hangs together with it.
            for number in 0..map.len() as u32 {
                let tile = Tile(number);
                assert!(!map.is_sea(tile) || !map.is_land(tile));
                if map.is_sea(tile) {
                    assert!(map.beside(tile).all(|next| map.is_land(next) || map.is_sea(next)), "{what}");
                }
            }
            assert!(map.is_sea(Tile(0)));
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_ground_on_every_machine() {
    let hash = |size, seed| {
        let bytes = Map::make(size, seed);
        bytes.ground().iter().fold(0_u64, |hash, &byte| crate::dice::mix(hash ^ u64::from(byte)))
    };
    // A change here changes every war that was ever logged: raise the rules' version with it.
    assert_eq!(
        [hash(Size::Tiny, 1), hash(Size::Tiny, 2), hash(Size::Small, 2)],
        [387766133386705943, 6280674170160078602, 10698209023001032399],
    );
}

#[test]
fn boats_find_a_way_over_water_between_any_two_coasts() {
    let mut dice = Dice::new(5);
    for (size, seed) in [(Size::Tiny, 3), (Size::Small, 8)] {
        let map = Map::make(size, seed);
        let beaches: Vec<Tile> = (0..map.len() as u32).map(Tile).filter(|&tile| map.is_beach(tile)).collect();
        for _ in 0..60 {
            let from = beaches[dice.below(beaches.len() as u32) as usize];
            let to = beaches[dice.below(beaches.len() as u32) as usize];
            let (fx, fy) = map.place(from);
            let home = fy / 16 * map.width().div_ceil(16) + fx / 16;
            let way = map.sea().way(&map, to, |cell| cell == home, |tile| tile == from).unwrap();
            assert_eq!((way[0], *way.last().unwrap()), (from.0, to.0));
            for pair in way.windows(2) {
                let (x, y) = map.apart(Tile(pair[0]), Tile(pair[1]));
                assert!(x.max(y) == 1, "a boat goes from tile to tile");
            }
            assert!(way[1..way.len() - 1].iter().all(|&tile| map.is_sea(Tile(tile))));
        }
    }
}
