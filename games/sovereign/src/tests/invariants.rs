//! What is true after every step of every war.

use super::play;
use crate::{NationId, Phase, Size, Tile, War};

/// Troops in all, wherever they are.
fn troops(war: &War) -> u64 {
    war.nations().iter().map(|nation| nation.troops).sum::<u64>()
        + war.attacks.iter().map(|attack| attack.troops).sum::<u64>()
        + war.boats.iter().map(|boat| boat.troops).sum::<u64>()
}

fn check(war: &War) {
    let mut tiles = vec![0_u32; war.nations().len() + 1];
    for number in 0..war.land().len() as u32 {
        let owner = war.land().owner(Tile(number));
        assert!(owner == NationId::NOBODY || war.map().is_land(Tile(number)), "water is nobody's");
        tiles[usize::from(owner.0)] += 1;
    }
    for nation in war.nations() {
        assert_eq!(nation.tiles, tiles[usize::from(nation.id.0)], "{:?}", nation.id);
        assert_eq!(nation.is_alive(), nation.tiles > 0, "{:?}", nation.id);
        if !nation.is_alive() {
            assert_eq!((nation.troops, nation.gold, nation.built), (0, 0, [0; 3]), "{:?}", nation.id);
        }
    }
    let mut again = war.clone();
    again.reindex();
    assert!(war.index.same(&again.index, war.nations().len()), "the index is what the land says");
    for attack in &war.attacks {
        assert!(attack.troops > 0 && attack.from != attack.on);
        assert!(war.nation(attack.from).unwrap().is_alive());
    }
}

#[test]
fn land_is_counted_and_troops_are_conserved_in_a_whole_war() {
    for seed in 0..3 {
        let mut war = play::war(Size::Tiny, 12, 4, seed);
        while war.step() < 12_000 && !matches!(war.phase(), Phase::Over(..)) {
            let before = troops(&war);
            war.news = Default::default();
            play::step(&mut war);
            let after = troops(&war);
            assert_eq!(before + war.news.grown, after + war.news.lost, "step {}", war.step());
            if war.step().is_multiple_of(200) {
                check(&war);
            }
        }
        check(&war);
        let alive: Vec<_> =
            war.nations().iter().filter(|n| n.is_alive()).map(|n| (n.id.0, n.tiles, n.troops)).collect();
        println!("{} land {} {:?} {alive:?}", war.step(), war.map().land(), war.phase());
    }
}
