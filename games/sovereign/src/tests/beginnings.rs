use kernel::{At, Event, Rules as _, Seat};

use super::drawn::{self, A, WILD};
use crate::tuning::{HOMES_APART_MIN, START_TROOPS, TRIBE_TROOPS};
use crate::{Kind, Phase, Setup, Size, Sovereign, Standing, Tile, War};

fn tiny(tribes: u16, rivals: u16) -> War {
    let setup = Setup { size: Size::Tiny, tribes, rivals, spawn_seconds: 2, ..Setup::default() };
    War::begin(setup, 3, 0)
}

#[test]
fn when_the_countdown_ends_everybody_has_a_place_and_people_are_safe_a_while() {
    let mut war = tiny(10, 3);
    war.join(Seat(0));
    war.join(Seat(1));
    war.join(Seat(0));
    assert_eq!(war.nations().len(), 15, "a seat is joined once");
    let chosen =
        (0..war.land().len() as u32).map(Tile).find(|&tile| war.may_settle(crate::NationId(14), tile));
    assert!(war.settle(crate::NationId(14), chosen.unwrap()));
    for _ in 0..20 {
        war.one_step();
    }
    let placed = |war: &War| war.nations().iter().filter(|nation| nation.is_alive()).count();
    assert_eq!(placed(&war), 14, "computers choose in the first half, people may wait");
    for _ in 0..20 {
        war.one_step();
    }
    assert_eq!((war.phase(), placed(&war)), (Phase::War, 15));
    assert!(war.news.phase);
    assert_eq!(war.of_seat(Seat(0)).unwrap().home, chosen.unwrap().0);
    for nation in war.nations() {
        let person = matches!(nation.kind, Kind::Player(_));
        assert_eq!(nation.immune_until, if person { 40 + 100 } else { 0 });
        assert_eq!(nation.troops, if nation.kind == Kind::Tribe { TRIBE_TROOPS } else { START_TROOPS });
        assert!((20..80).contains(&nation.tiles), "{nation:?}");
        for other in war.nations().iter().filter(|other| other.id != nation.id) {
            let apart = war.map().distance(Tile(nation.home), Tile(other.home));
            assert!(apart >= HOMES_APART_MIN);
        }
    }
}

#[test]
fn a_place_may_be_changed_and_leaves_nothing_behind() {
    let wide = ".".repeat(60);
    let mut rows = vec![wide.as_str(); 20];
    let corner = "A".to_owned() + &".".repeat(59);
    rows[0] = &corner;
    let mut war = drawn::war(&rows);
    war.give(Tile(0), WILD);
    war.fallen.clear();
    war.nation_mut(A).unwrap().standing = Standing::Waiting;
    war.phase = Phase::Choosing(100);
    for tile in [310, 335, 318] {
        assert!(war.settle(A, Tile(tile)));
        let owned = (0..war.land().len() as u32).filter(|&tile| war.land().owner(Tile(tile)) == A).count();
        assert_eq!((drawn::tiles(&war, A) as usize, owned), (61, 61));
        assert_eq!(drawn::at_home(&war, A), START_TROOPS);
        assert!(war.fallen.is_empty());
    }
}

#[test]
fn nobody_begins_in_water_on_land_of_others_or_beside_them() {
    let mut war = drawn::war(&["BBBB~~~~~~~~~~~~~~~~~~~~.......A"]);
    war.nation_mut(A).unwrap().standing = Standing::Waiting;
    war.nation_mut(drawn::B).unwrap().home = 0;
    for (tile, may) in [(0, false), (6, false), (24, true), (31, true)] {
        assert_eq!(war.may_settle(A, Tile(tile)), may, "{tile}");
    }
    let mut near = drawn::war(&["BBBB..........................A"]);
    near.nation_mut(A).unwrap().standing = Standing::Waiting;
    assert!(!near.may_settle(A, Tile(HOMES_APART_MIN - 1)));
    assert!(near.may_settle(A, Tile(HOMES_APART_MIN)));
}

#[test]
fn who_comes_late_is_safe_for_as_long_as_the_others_were() {
    let mut war = drawn::war(&["BBBB..........................A"]);
    war.nation_mut(A).unwrap().standing = Standing::Waiting;
    assert!(war.settle(A, Tile(HOMES_APART_MIN)));
    assert_eq!(war.nation(A).unwrap().immune_until, 20 + 100);
}

#[test]
fn who_finds_no_room_is_out() {
    let mut war = drawn::war(&["BBBB", "BBBB"]);
    war.join(Seat(9));
    war.phase = Phase::Choosing(30);
    war.step = 29;
    war.one_step();
    assert_eq!(war.phase(), Phase::War);
    assert_eq!(war.of_seat(Seat(9)).unwrap().standing, Standing::Beaten(30));
}

#[test]
fn lists_show_as_open_what_takes_more_people_and_logs_are_shut_until_the_end() {
    let shown = |private, phase, people: u32| {
        let setup = Setup { size: Size::Tiny, tribes: 1, rivals: 0, seats: 2, private, ..Setup::default() };
        let mut war = War::begin(setup, 3, 0);
        (0..people).for_each(|seat| war.join(Seat(seat)));
        war.phase = phase;
        let label: serde_json::Value = serde_json::from_str(&Sovereign.label(&war)).unwrap();
        assert_eq!(label["players"], people);
        (label["open"].as_bool().unwrap(), Sovereign.log_is_open(&war))
    };
    // private, how far, how many people; in the list as open, log for everybody
    let table = [
        (false, Phase::Choosing(40), 0, (true, false)),
        (false, Phase::Choosing(40), 1, (true, false)),
        (false, Phase::Choosing(40), 2, (false, false)),
        (true, Phase::Choosing(40), 0, (false, false)),
        (false, Phase::War, 1, (false, false)),
        (false, Phase::Over(50, A), 1, (false, true)),
        (true, Phase::Over(50, A), 1, (false, true)),
    ];
    for (private, phase, people, wanted) in table {
        assert_eq!(shown(private, phase, people), wanted, "{private} {phase:?} {people}");
    }
}

#[test]
fn a_war_takes_no_messages() {
    let message = Event::Message { from: kernel::RoomId(9), body: b"hello" };
    let refused = Sovereign.validate(&tiny(1, 1), At { ms: 0, step: 0 }, &message);
    assert_eq!(refused.unwrap_err().code, crate::Code::NotForThisSeat as u16);
}
