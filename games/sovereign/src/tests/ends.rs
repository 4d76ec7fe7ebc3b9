use kernel::{Act, At, Event, Outbox, Rules, Seat};

use super::drawn::{self, A, B, C};
use crate::news::Notice;
use crate::state::Pact;
use crate::tuning::WAR_STEPS_MAX;
use crate::{Phase, Sovereign, Standing, War};

fn second(war: &mut War) {
    for _ in 0..20 {
        war.one_step();
    }
}

#[test]
fn four_fifths_of_the_land_win() {
    for (rows, won) in [(["AAAAAAAABB"], true), (["AAAAAAABBB"], false)] {
        let mut war = drawn::war(&rows);
        second(&mut war);
        assert_eq!(war.phase(), if won { Phase::Over(40, A) } else { Phase::War });
    }
}

#[test]
fn the_last_one_wins() {
    let mut war = drawn::war(&["AA....", "B....."]);
    second(&mut war);
    assert_eq!(war.phase(), Phase::War);
    war.fall(A, drawn::WILD);
    second(&mut war);
    assert_eq!(war.phase(), Phase::Over(60, B));
}

#[test]
fn after_an_hour_the_most_land_wins() {
    let mut war = drawn::war(&["AA....", "BBB..."]);
    war.step = WAR_STEPS_MAX;
    second(&mut war);
    assert_eq!(war.phase(), Phase::Over(WAR_STEPS_MAX + 20, B));
    second(&mut war);
    assert_eq!(war.phase(), Phase::Over(WAR_STEPS_MAX + 20, B), "it is over once");
}

#[test]
fn the_beaten_lose_everything() {
    let mut war = drawn::war(&["AAABBBCCC"]);
    war.nation_mut(A).unwrap().gold = 500;
    war.attack(A, B, 400).unwrap();
    war.pacts.insert((A, C), Pact { until: 9_999, renew: (false, false) });
    war.asks.insert((B, A), 9_999);
    war.nation_mut(B).unwrap().grudges.push((A, 5));
    war.fall(A, B);
    let a = war.nation(A).unwrap();
    assert_eq!((a.standing, a.troops, a.gold, a.tiles), (Standing::Beaten(20), 0, 0, 0));
    assert_eq!((drawn::tiles(&war, B), war.nation(B).unwrap().gold), (6, 500));
    assert!(war.attacks.is_empty() && war.pacts.is_empty() && war.asks.is_empty());
    assert!(war.nation(B).unwrap().grudges.is_empty());
    assert_eq!(war.news.lost, 1_000);
    assert!(war.news.notices.contains(&Notice::Beaten(2, 1)));
}

#[test]
fn attacks_on_the_beaten_come_home() {
    let mut war = drawn::war(&["AAABBBCCC"]);
    war.attack(C, B, 300).unwrap();
    war.fall(B, A);
    drawn::fight(&mut war, 4);
    assert_eq!((war.attacks.len(), drawn::at_home(&war, C)), (0, 1_000));
}

#[test]
fn the_end_is_told_once_to_the_servers_consumers() {
    let mut war = drawn::war(&["AAAAAAAABC"]);
    war.input = (20, 20);
    let at = |step| At { ms: 0, step };
    let mut out = Outbox::new();
    Sovereign.pass(&mut war, at(45), &mut out);
    assert_eq!(war.phase(), Phase::Over(40, A));
    assert!(out.effects().is_empty());
    Sovereign.execute(&mut war, at(45), Event::Advance, &mut out);
    let told: Vec<_> = out
        .effects()
        .iter()
        .map(|effect| {
            let Act::Event { seat, name, properties } = &effect.act else { panic!("{effect:?}") };
            assert_eq!((name.as_str(), properties["players"].as_str()), ("sovereign_over", "3"));
            (*seat, properties["place"].clone(), properties["tiles"].clone(), properties["step"].clone())
        })
        .collect();
    let line = |seat, place: &str, tiles: &str| (Seat(seat), place.into(), tiles.into(), "40".to_owned());
    assert_eq!(told, [line(0, "1", "8"), line(1, "2", "1"), line(2, "3", "1")]);
    let mut out = Outbox::new();
    Sovereign.pass(&mut war, at(60), &mut out);
    Sovereign.execute(&mut war, at(60), Event::Advance, &mut out);
    assert!(out.effects().is_empty());
}

#[test]
fn a_war_does_not_go_on_while_its_server_is_away() {
    let mut war = drawn::war(&["AAAABBBB"]);
    war.input = (20, 20);
    let mut out = Outbox::new();
    Sovereign.pass(&mut war, At { ms: 0, step: 1_000_000 }, &mut out);
    assert_eq!(war.step(), 60);
    // In two calls as in one.
    Sovereign.pass(&mut war, At { ms: 0, step: 2_000_000 }, &mut out);
    assert_eq!(war.step(), 60);
    Sovereign.execute(&mut war, At { ms: 0, step: 2_000_000 }, Event::Advance, &mut out);
    Sovereign.pass(&mut war, At { ms: 0, step: 2_000_010 }, &mut out);
    assert_eq!(war.step(), 70);
}
