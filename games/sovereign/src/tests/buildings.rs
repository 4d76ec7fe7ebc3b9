use super::drawn::{self, A, B, WILD};
use crate::command::Site;
use crate::tuning::{BUILD_STEPS, TRADE_EVERY, TRADE_MAX};
use crate::{Tile, War};

fn pass(war: &mut War, steps: u32) {
    for _ in 0..steps {
        war.step += 1;
        war.finish_sites();
    }
}

#[test]
fn prices_rise_with_what_one_has() {
    let wide = "A".repeat(120);
    let mut war = drawn::war(&[&wide]);
    for (site, prices) in [
        (Site::City, [125_000, 250_000, 500_000, 1_000_000, 1_000_000]),
        (Site::Port, [125_000, 250_000, 500_000, 1_000_000, 1_000_000]),
        (Site::Fort, [50_000, 100_000, 150_000, 200_000, 250_000]),
    ] {
        for (number, price) in prices.into_iter().enumerate() {
            assert_eq!(war.price(A, site), price);
            war.nation_mut(A).unwrap().gold = price + 5;
            let tile = war.sites.len() as u32 * 8 + number as u32 % 2;
            war.build(A, site, Tile(tile));
            assert_eq!(war.nation(A).unwrap().gold, 5);
        }
    }
}

#[test]
fn buildings_stand_on_own_land_apart_and_ports_at_the_sea() {
    let mut war = drawn::war(&["AAAAAAAAAAAAAAA.", "AAAAAAAAAAAAAAAB", "~~~~~~~~~~~~~~~~"]);
    war.build(A, Site::City, Tile(0));
    for (site, tile, fits) in [
        (Site::City, 0, false),
        (Site::Fort, 6, false),
        (Site::Fort, 7, true),
        (Site::Port, 7, false),
        (Site::Port, 23, true),
        (Site::Port, 22, false),
        (Site::City, 15, false),
        (Site::City, 31, false),
        (Site::City, 40, false),
    ] {
        assert_eq!(war.may_build(A, site, Tile(tile)), fits, "{site:?} at {tile}");
    }
}

#[test]
fn a_building_counts_when_it_is_finished_and_goes_with_its_land() {
    let mut war = drawn::war(&["AAAABBBB"]);
    let cap = (war.cap(A), war.cap(B));
    war.build(A, Site::City, Tile(3));
    pass(&mut war, BUILD_STEPS - 1);
    assert_eq!((war.nation(A).unwrap().built[0], war.cap(A)), (0, cap.0));
    pass(&mut war, 1);
    assert_eq!(war.nation(A).unwrap().built[0], 1);
    assert!(war.cap(A) > cap.0);
    war.give(Tile(3), B);
    assert_eq!((war.nation(A).unwrap().built[0], war.nation(B).unwrap().built[0]), (0, 1));
    assert!(war.cap(B) > cap.1);
    assert_eq!(war.price(A, Site::City), 125_000);
    assert_eq!(war.price(B, Site::City), 250_000);
    war.give(Tile(3), WILD);
    assert!(war.sites.is_empty());
    assert_eq!(war.nation(B).unwrap().built[0], 0);
}

#[test]
fn what_is_taken_unfinished_is_finished_for_who_took_it() {
    let mut war = drawn::war(&["AAAABBBB"]);
    war.build(A, Site::Fort, Tile(3));
    pass(&mut war, BUILD_STEPS / 2);
    war.give(Tile(3), B);
    pass(&mut war, BUILD_STEPS / 2);
    assert_eq!((war.nation(A).unwrap().built[1], war.nation(B).unwrap().built[1]), (0, 1));
    assert_eq!(war.index.forts(B), [3]);
}

#[test]
fn ports_of_two_nations_trade_unless_they_are_at_war() {
    for at_war in [false, true] {
        let mut war = drawn::war(&["AAA~~~~~~~~BBB", "AAA~~~~~~~~BBB", "AAAAAAAAAABBBB"]);
        war.build(A, Site::Port, Tile(2));
        war.build(B, Site::Port, Tile(11));
        pass(&mut war, BUILD_STEPS);
        if at_war {
            war.attack(A, B, 100).unwrap();
        }
        for id in [A, B] {
            war.nation_mut(id).unwrap().gold = 0;
        }
        for _ in 0..TRADE_EVERY {
            war.step += 1;
            war.trade();
        }
        let gold = [A, B].map(|id| war.nation(id).unwrap().gold);
        assert_eq!(gold[0], gold[1], "both have the same of it");
        assert_eq!(gold[0] > 0, !at_war);
        assert!(gold[0] <= 2 * TRADE_MAX);
    }
}

#[test]
fn a_port_alone_trades_with_nobody() {
    let mut war = drawn::war(&["AAA~~~AAA", "AAAAAAAAA"]);
    war.build(A, Site::Port, Tile(2));
    war.build(A, Site::Port, Tile(6));
    pass(&mut war, BUILD_STEPS);
    war.nation_mut(A).unwrap().gold = 0;
    for _ in 0..TRADE_EVERY {
        war.step += 1;
        war.trade();
    }
    assert_eq!(war.nation(A).unwrap().gold, 0);
}
