#![allow(clippy::unwrap_used)]

use crate::orders::tests::stage::{A, B, D, RIVAL, ROWS, TRIBE, all_of, choosing, middle, stage};
use crate::{Code, Difficulty, NationId, Phase, Setup, Size, War};

use super::survey::{NEIGHBOURS_MAX, PLACES_MAX, survey};
use super::{SPREAD, grudge, temper};
use crate::tests::play;
use crate::tuning::FEW_NATIONS;

/// A war of computers on a small map, to its end or a step.
fn play(seed: u64, difficulty: Difficulty, until: u32) -> War {
    let setup = Setup {
        size: Size::Tiny,
        map: Some(3),
        tribes: 8,
        rivals: 4,
        difficulty,
        spawn_seconds: 1,
        ..Setup::default()
    };
    let mut war = War::begin(setup, seed, 0);
    while !matches!(war.phase, Phase::Over(..)) && war.step < until {
        war.one_step();
        war.news = Default::default();
    }
    war
}

#[test]
fn a_war_of_computers_ends_with_a_winner() {
    for difficulty in [Difficulty::Easy, Difficulty::Fair, Difficulty::Hard] {
        let war = play(5, difficulty, 35 * 1_200);
        let Phase::Over(_, winner) = war.phase else { panic!("it goes on and on: {:?}", war.nations) };
        let winner = war.nation(winner).unwrap();
        assert!(winner.tiles * 2 > war.map().land(), "{difficulty:?}: {winner:?}");
        assert!(war.step > 3 * 1_200, "{difficulty:?}: over after {} steps", war.step);
        assert!(matches!(winner.kind, crate::Kind::Rival(_)), "nations that plan beat tribes");
    }
}

#[test]
fn the_same_seed_is_the_same_war_and_another_is_another() {
    let [first, again, other] = [5, 5, 6].map(|seed| play(seed, Difficulty::Fair, 4_000));
    assert!(all_of(&first) == all_of(&again));
    assert!(all_of(&first) != all_of(&other));
}

#[test]
fn turns_are_spread_over_time() {
    let many = play::war(Size::Tiny, FEW_NATIONS as u16, 1, 9);
    for (nations, every) in [(400_u16, temper::TRIBE_EVERY), (200, temper::of(Difficulty::Hard).every)] {
        let is_turn = |id: u16, step| many.is_turn(u32::from(id) * SPREAD, step, every);
        let turns = |step| (1..=nations).filter(|id| is_turn(*id, step)).count();
        let most = (1_000..1_000 + every).map(turns).max().unwrap();
        assert!(most <= usize::from(nations).div_ceil(every as usize) + 1, "{most} of {nations} at once");
        assert_eq!(
            (1_000..1_000 + every).map(turns).sum::<usize>(),
            usize::from(nations),
            "everybody has one"
        );
    }
}

/// Computers think for so long; the rest of the war stands still.
fn think(war: &mut War, steps: u32) {
    for _ in 0..steps {
        war.step += 1;
        super::think(war);
    }
}

#[test]
fn a_nation_that_a_worker_plays_is_left_to_it() {
    let mut war = stage();
    let until = war.step + 400;
    war.nation_mut(RIVAL).unwrap().served_until = until;
    war.nation_mut(RIVAL).unwrap().troops = war.cap(RIVAL);
    think(&mut war, 399);
    assert!(war.attacks.iter().all(|attack| attack.from != RIVAL));
    think(&mut war, 200);
    assert!(war.attacks.iter().any(|attack| attack.from == RIVAL), "the worker is late: the heuristic plays");
}

#[test]
fn people_are_never_played() {
    let mut war = stage();
    think(&mut war, 600);
    assert!(war.attacks.iter().all(|attack| [RIVAL, TRIBE].contains(&attack.from)));
    assert!(war.asks.keys().all(|(from, _)| *from == RIVAL));
}

#[test]
fn an_attack_is_met_and_remembered() {
    let mut war = stage();
    // Nothing else to do.
    war.nation_mut(RIVAL).unwrap().gold = 0;
    super::struck(&mut war, D, RIVAL, 2_000);
    war.attack(D, RIVAL, 2_000);
    let met = war.attacks[0].troops;
    think(&mut war, 61);
    let left = war.attacks.iter().find(|attack| attack.from == D).map_or(0, |attack| attack.troops);
    assert!(left < met, "{met} came, {left} are left");
    let me = war.nation(RIVAL).unwrap();
    assert!(grudge::depth(me, D) > 200 && grudge::depth(me, B) == 0);
}

#[test]
fn grudges_fade_and_the_lightest_makes_room() {
    let mut war = stage();
    for by in 10..40 {
        super::struck(&mut war, NationId(by), RIVAL, if by == 12 { 100 } else { 2_000 });
    }
    let me = war.nation_mut(RIVAL).unwrap();
    assert!(me.grudges.len() <= 16 && me.grudges.is_sorted());
    assert_eq!(grudge::depth(me, NationId(12)), 0);
    let mut turns = 0;
    while !me.grudges.is_empty() {
        grudge::fade(me);
        turns += 1;
        assert!(turns < 400);
    }
    assert!(turns > 50, "forgiven after {turns} turns");
}

#[test]
fn it_makes_friends_but_none_with_traitors_or_who_struck_it() {
    let answer = |prepare: fn(&mut War)| {
        let mut war = stage();
        prepare(&mut war);
        war.ask(D, RIVAL);
        for _ in 0..60 {
            war.step += 1;
            super::think(&mut war);
        }
        assert!(!war.asks.contains_key(&(D, RIVAL)), "it answers within its turn");
        war.allied(D, RIVAL)
    };
    assert!(answer(|_| ()));
    assert!(!answer(|war| war.nation_mut(D).unwrap().traitor_until = 5_000));
    assert!(!answer(|war| super::struck(war, D, RIVAL, 4_000)));
    assert!(!answer(|war| war.nation_mut(D).unwrap().troops = 100), "one that weak is prey");
}

#[test]
fn wars_that_last_make_everybody_bolder() {
    for difficulty in [Difficulty::Easy, Difficulty::Fair, Difficulty::Hard] {
        let temper = temper::of(difficulty);
        assert_eq!(temper.at(0), temper);
        let (middle, late) = (temper.at(20 * 1_200), temper.at(60 * 1_200));
        assert!(late.reserve < middle.reserve && middle.reserve < temper.reserve);
        assert_eq!((late.allies, late.answers), (0, 0));
    }
}

#[test]
fn a_survey_tells_what_is_there_and_changes_nothing() {
    let mut war = stage();
    for _ in 0..50 {
        war.step += 1;
        let before = all_of(&war);
        let seen = survey(&war, B);
        assert_eq!(all_of(&war), before);
        assert_eq!(survey(&war, B), seen);
        assert!(seen.neighbours.is_sorted() && seen.neighbours.len() <= NEIGHBOURS_MAX);
        assert_eq!(seen.neighbours.iter().find(|(who, _)| *who == A).unwrap().1, ROWS);
        assert!(seen.beaches.is_empty(), "it has no shore");
        assert!(seen.places.len() <= PLACES_MAX);
        assert!(seen.places.iter().all(|tile| war.land.owner(*tile) == B));
    }
    // One that has a shore sees beaches, none of them its own.
    let shore = (0..war.map().len() as u32).map(crate::Tile).find(|tile| war.map().is_beach(*tile)).unwrap();
    war.give(shore, A);
    let beaches: Vec<_> = (0..50)
        .flat_map(|_| {
            war.step += 1;
            survey(&war, A).beaches
        })
        .collect();
    assert!(!beaches.is_empty());
    assert!(beaches.iter().all(|tile| war.map().is_beach(*tile) && war.land.owner(*tile) != A));
    // While places are chosen: such as the rules allow.
    let war = choosing();
    let places = survey(&war, A).places;
    assert!(!places.is_empty());
    for tile in places {
        assert_eq!(crate::orders::may(&war, A, &crate::Command::Spawn { tile: tile.0 }), Ok(()));
    }
    let taken = crate::Command::Spawn { tile: middle(&stage(), B).0 };
    let mut war = stage();
    war.phase = Phase::Choosing(9_000);
    assert_eq!(crate::orders::may(&war, A, &taken).unwrap_err().code, Code::NotAPlace as u16);
}
