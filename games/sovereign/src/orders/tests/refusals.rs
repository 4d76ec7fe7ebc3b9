//! Every refusal of every command, as a table: what is changed in the small war before, who says what, and the reason.

use kernel::{Refusal, Seat};

use super::stage::{A, B, C, D, GOLD, RIVAL, TRIBE, TROOPS, all_of, choosing, middle, seat, stage};
use crate::command::{Command, MotionKind, Site};
use crate::orders::{check, may_join};
use crate::state::{Attack, Boat, Motion, Pact};
use crate::tuning::{ASKS_MAX, ATTACKS_MAX, BOATS_MAX, MOTIONS_MAX};
use crate::{Code, NationId, Phase, Standing, Tile, War};

type Case = (&'static str, fn(&mut War), NationId, fn(&War) -> Command, Code);

fn none(_: &mut War) {}

fn beaten(war: &mut War, id: NationId) {
    war.nation_mut(id).unwrap().standing = Standing::Beaten(3);
}

fn water(war: &War) -> u32 {
    (0..war.map().len() as u32).find(|tile| !war.map().is_land(Tile(*tile))).unwrap()
}

fn an_attack(id: u32, from: NationId, on: NationId) -> Attack {
    Attack { id, from, on, troops: 100, front: Default::default(), head: 0, retreating: false }
}

fn a_boat(id: u32, owner: NationId) -> Boat {
    Boat { id, owner, troops: 100, way: [1, 2].into(), at: 0, turned: false }
}

fn a_motion(id: u32, by: NationId, kind: MotionKind, about: NationId) -> Motion {
    Motion { id, by, kind, about, voters: vec![(A, None), (B, Some(true))], until: 5_000 }
}

fn friends(war: &mut War) {
    war.ally(A, B);
}

fn on(on: NationId, share: u16) -> Command {
    Command::Attack { on: on.0, share }
}

/// What a seat hears, with nothing changed by asking.
fn refusal(war: &War, seat: Seat, command: &Command) -> Result<(), Refusal> {
    let before = all_of(war);
    let heard = check(war, seat, command);
    assert_eq!(all_of(war), before, "asking changes nothing");
    heard
}

fn run(cases: &[Case]) {
    for (name, prepare, who, command, code) in cases {
        let mut war = stage();
        prepare(&mut war);
        let command = command(&war);
        let heard = refusal(&war, seat(*who), &command);
        let heard = heard.expect_err(name);
        assert_eq!(heard.code, *code as u16, "{name}: {command:?} heard \"{}\"", heard.reason);
        assert!(!heard.reason.is_empty());
    }
}

#[test]
fn refused_by_when_and_who() {
    let cases: &[Case] = &[
        ("before the war", |war| war.phase = Phase::Choosing(2_000), A, |_| on(B, 100), Code::WrongPhase),
        ("after the war", |war| war.phase = Phase::Over(900, B), A, |_| on(B, 100), Code::WrongPhase),
        ("after defeat", |war| beaten(war, A), A, |_| on(B, 100), Code::NotAlive),
        (
            "after defeat, beginning anew",
            |war| beaten(war, A),
            A,
            |_| Command::Spawn { tile: 5 },
            Code::NotAlive,
        ),
        (
            "without a place",
            |war| war.nation_mut(A).unwrap().standing = Standing::Waiting,
            A,
            |_| on(B, 100),
            Code::NotAlive,
        ),
        ("a seat without a nation", none, NationId(60), |_| on(B, 100), Code::NotAlive),
        (
            "too fast",
            |war| {
                let step = war.step;
                let me = war.nation_mut(A).unwrap();
                (me.allowance, me.allowance_at) = (999, step);
            },
            A,
            |_| on(B, 100),
            Code::TooFast,
        ),
        ("computers giving up", none, RIVAL, |_| Command::Resign, Code::NotForThisSeat),
    ];
    run(cases);
}

#[test]
fn refused_places() {
    let cases: &[Case] = &[
        ("in the war", none, A, |war| Command::Spawn { tile: middle(war, A).0 }, Code::WrongPhase),
        (
            "off the map",
            |war| war.phase = Phase::Choosing(2_000),
            A,
            |_| Command::Spawn { tile: u32::MAX },
            Code::NoSuchTile,
        ),
        (
            "one past the map",
            |war| war.phase = Phase::Choosing(2_000),
            A,
            |war| Command::Spawn { tile: war.map().len() as u32 },
            Code::NoSuchTile,
        ),
        (
            "in water",
            |war| war.phase = Phase::Choosing(2_000),
            A,
            |war| Command::Spawn { tile: water(war) },
            Code::NotAPlace,
        ),
        (
            "on somebody",
            |war| war.phase = Phase::Choosing(2_000),
            A,
            |war| Command::Spawn { tile: middle(war, D).0 },
            Code::NotAPlace,
        ),
        (
            "the same place",
            |war| war.phase = Phase::Choosing(2_000),
            A,
            |war| Command::Spawn { tile: middle(war, A).0 },
            Code::Already,
        ),
        (
            "building off the map",
            none,
            A,
            |_| Command::Build { site: Site::City, tile: u32::MAX },
            Code::NoSuchTile,
        ),
        (
            "building in water",
            none,
            A,
            |war| Command::Build { site: Site::Port, tile: water(war) },
            Code::NotYours,
        ),
        (
            "building abroad",
            none,
            A,
            |war| Command::Build { site: Site::City, tile: middle(war, B).0 },
            Code::NotYours,
        ),
        (
            "a port inland",
            none,
            A,
            |war| Command::Build { site: Site::Port, tile: middle(war, A).0 },
            Code::NotAPlace,
        ),
        (
            "on a building",
            |war| {
                let tile = middle(war, A);
                war.build(A, Site::Fort, tile);
            },
            A,
            |war| Command::Build { site: Site::City, tile: middle(war, A).0 },
            Code::NotAPlace,
        ),
        (
            "without gold",
            |war| {
                let price = war.price(A, Site::City);
                war.nation_mut(A).unwrap().gold = price - 1;
            },
            A,
            |war| Command::Build { site: Site::City, tile: middle(war, A).0 },
            Code::TooLittleGold,
        ),
    ];
    run(cases);
}

#[test]
fn refused_attacks() {
    let cases: &[Case] = &[
        ("on oneself", none, A, |_| on(A, 100), Code::Yourself),
        ("on nobody known", none, A, |_| on(NationId(999), 100), Code::NoSuchNation),
        ("on the last number", none, A, |_| on(NationId(u16::MAX), 100), Code::NoSuchNation),
        ("on the beaten", |war| beaten(war, B), A, |_| on(B, 100), Code::NoSuchNation),
        ("on an ally", friends, A, |_| on(B, 100), Code::Ally),
        (
            "on the immune",
            |war| war.nation_mut(B).unwrap().immune_until = 1_001,
            A,
            |_| on(B, 100),
            Code::Immune,
        ),
        ("with nothing", none, A, |_| on(B, 0), Code::BadAmount),
        ("with more than all", none, A, |_| on(B, 1_001), Code::BadAmount),
        ("with a huge share", none, A, |_| on(B, u16::MAX), Code::BadAmount),
        ("with too few", |war| war.nation_mut(A).unwrap().troops = 99, A, |_| on(B, 100), Code::TooFewTroops),
        ("far away", none, A, |_| on(C, 100), Code::NotReachable),
        (
            "on too many",
            |war| war.attacks = (0..ATTACKS_MAX as u32).map(|id| an_attack(id, A, C)).collect(),
            A,
            |_| on(B, 100),
            Code::TooMany,
        ),
        ("back: none", none, A, |_| Command::Retreat { attack: 77 }, Code::Gone),
        (
            "back: another's",
            |war| war.attacks.push(an_attack(77, B, C)),
            A,
            |_| Command::Retreat { attack: 77 },
            Code::NotYours,
        ),
        (
            "back: again",
            |war| {
                let mut attack = an_attack(77, A, B);
                attack.retreating = true;
                war.attacks.push(attack);
            },
            A,
            |_| Command::Retreat { attack: 77 },
            Code::Already,
        ),
    ];
    run(cases);
}

#[test]
fn refused_boats() {
    let cases: &[Case] = &[
        ("off the map", none, A, |_| Command::Boat { to: u32::MAX, share: 100 }, Code::NoSuchTile),
        ("to water", none, A, |war| Command::Boat { to: water(war), share: 100 }, Code::NotAPlace),
        ("home", none, A, |war| Command::Boat { to: middle(war, A).0, share: 100 }, Code::Yourself),
        ("to an ally", friends, A, |war| Command::Boat { to: middle(war, B).0, share: 100 }, Code::Ally),
        (
            "to the immune",
            |war| war.nation_mut(B).unwrap().immune_until = 2_000,
            A,
            |war| Command::Boat { to: middle(war, B).0, share: 100 },
            Code::Immune,
        ),
        ("with nobody", none, A, |war| Command::Boat { to: middle(war, B).0, share: 0 }, Code::BadAmount),
        (
            "with too many",
            none,
            A,
            |war| Command::Boat { to: middle(war, B).0, share: 2_000 },
            Code::BadAmount,
        ),
        (
            "with too few",
            |war| war.nation_mut(A).unwrap().troops = 9,
            A,
            |war| Command::Boat { to: middle(war, B).0, share: 1_000 },
            Code::TooFewTroops,
        ),
        (
            "one more than may be",
            |war| war.boats = (0..BOATS_MAX as u32).map(|id| a_boat(id, A)).collect(),
            A,
            |war| Command::Boat { to: middle(war, B).0, share: 100 },
            Code::TooMany,
        ),
        (
            "without a shore",
            none,
            A,
            |war| Command::Boat { to: middle(war, C).0, share: 100 },
            Code::NotReachable,
        ),
        ("back: none", none, A, |_| Command::TurnBack { boat: 5 }, Code::Gone),
        (
            "back: another's",
            |war| war.boats.push(a_boat(5, B)),
            A,
            |_| Command::TurnBack { boat: 5 },
            Code::NotYours,
        ),
        (
            "back: again",
            |war| {
                let mut boat = a_boat(5, A);
                boat.turned = true;
                war.boats.push(boat);
            },
            A,
            |_| Command::TurnBack { boat: 5 },
            Code::Already,
        ),
    ];
    run(cases);
}

#[test]
fn refused_talk() {
    let cases: &[Case] = &[
        ("with oneself", none, A, |_| Command::Ally { with: A.0 }, Code::Yourself),
        ("with wild land", none, A, |_| Command::Ally { with: 0 }, Code::NoSuchNation),
        ("with a tribe", none, A, |_| Command::Ally { with: TRIBE.0 }, Code::NotForThisSeat),
        ("with the beaten", |war| beaten(war, B), A, |_| Command::Ally { with: B.0 }, Code::NoSuchNation),
        ("with an ally", friends, A, |_| Command::Ally { with: B.0 }, Code::Already),
        ("asking again", |war| war.ask(A, B), A, |_| Command::Ally { with: B.0 }, Code::Already),
        (
            "renewing again",
            |war| {
                war.pacts.insert((A, B), Pact { until: 1_100, renew: (true, false) });
            },
            A,
            |_| Command::Ally { with: B.0 },
            Code::Already,
        ),
        (
            "after a no",
            |war| {
                war.ask(B, A);
                war.decline(A, B);
            },
            B,
            |_| Command::Ally { with: A.0 },
            Code::NotYet,
        ),
        (
            "too many at once",
            |war| (0..ASKS_MAX as u16).for_each(|id| war.ask(A, NationId(100 + id))),
            A,
            |_| Command::Ally { with: B.0 },
            Code::TooMany,
        ),
        ("no to nobody", none, A, |_| Command::Decline { from: B.0 }, Code::Gone),
        ("no to one's own question", |war| war.ask(A, B), A, |_| Command::Decline { from: B.0 }, Code::Gone),
        ("breaking nothing", none, A, |_| Command::Break { with: B.0 }, Code::Gone),
        ("breaking with oneself", none, A, |_| Command::Break { with: A.0 }, Code::Yourself),
        (
            "a gift to oneself",
            friends,
            A,
            |_| Command::Donate { to: A.0, troops: 1, gold: 0 },
            Code::Yourself,
        ),
        (
            "a gift to nobody",
            friends,
            A,
            |_| Command::Donate { to: 0, troops: 1, gold: 0 },
            Code::NoSuchNation,
        ),
        ("a gift to a stranger", none, A, |_| Command::Donate { to: B.0, troops: 1, gold: 0 }, Code::Gone),
        ("an empty gift", friends, A, |_| Command::Donate { to: B.0, troops: 0, gold: 0 }, Code::BadAmount),
        (
            "more troops than there are",
            friends,
            A,
            |_| Command::Donate { to: B.0, troops: TROOPS + 1, gold: 0 },
            Code::TooFewTroops,
        ),
        (
            "all numbers",
            friends,
            A,
            |_| Command::Donate { to: B.0, troops: u64::MAX, gold: u64::MAX },
            Code::TooFewTroops,
        ),
        (
            "more gold than there is",
            friends,
            A,
            |_| Command::Donate { to: B.0, troops: 0, gold: GOLD + 1 },
            Code::TooLittleGold,
        ),
        (
            "more than there is room for",
            |war| {
                friends(war);
                let room = war.cap(B);
                war.nation_mut(B).unwrap().troops = room;
            },
            A,
            |_| Command::Donate { to: B.0, troops: 1, gold: 0 },
            Code::BadAmount,
        ),
        ("pointing off the map", none, A, |_| Command::Ping { tile: u32::MAX, sign: 0 }, Code::NoSuchTile),
        ("a sign that is none", none, A, |_| Command::Ping { tile: 0, sign: 8 }, Code::BadAmount),
    ];
    run(cases);
}

#[test]
fn refused_motions() {
    let cases: &[Case] = &[
        (
            "about oneself",
            friends,
            A,
            |_| Command::Move { motion: MotionKind::War, about: A.0 },
            Code::Yourself,
        ),
        (
            "about nobody",
            friends,
            A,
            |_| Command::Move { motion: MotionKind::War, about: 0 },
            Code::NoSuchNation,
        ),
        ("alone", none, A, |_| Command::Move { motion: MotionKind::War, about: C.0 }, Code::Gone),
        (
            "war with one's only ally",
            friends,
            A,
            |_| Command::Move { motion: MotionKind::War, about: B.0 },
            Code::Gone,
        ),
        (
            "expelling a stranger",
            friends,
            A,
            |_| Command::Move { motion: MotionKind::Expel, about: C.0 },
            Code::Gone,
        ),
        (
            "peace with an ally",
            friends,
            A,
            |_| Command::Move { motion: MotionKind::Peace, about: B.0 },
            Code::Ally,
        ),
        (
            "again",
            |war| {
                friends(war);
                war.motions.push(a_motion(9, B, MotionKind::War, C));
            },
            A,
            |_| Command::Move { motion: MotionKind::War, about: C.0 },
            Code::Already,
        ),
        (
            "a third one",
            |war| {
                friends(war);
                for id in [1, 2] {
                    war.motions.push(a_motion(id, A, MotionKind::War, C));
                }
            },
            A,
            |_| Command::Move { motion: MotionKind::Peace, about: C.0 },
            Code::TooMany,
        ),
        (
            "too many of others",
            |war| {
                friends(war);
                for id in 0..MOTIONS_MAX as u32 {
                    war.motions.push(a_motion(id, B, MotionKind::War, C));
                }
            },
            A,
            |_| Command::Move { motion: MotionKind::Peace, about: C.0 },
            Code::TooMany,
        ),
        ("a vote on nothing", none, A, |_| Command::Vote { motion: 9, yes: true }, Code::Gone),
        (
            "a vote of a stranger",
            |war| war.motions.push(a_motion(9, A, MotionKind::War, C)),
            D,
            |_| Command::Vote { motion: 9, yes: true },
            Code::NotYours,
        ),
        (
            "a second vote",
            |war| war.motions.push(a_motion(9, A, MotionKind::War, C)),
            B,
            |_| Command::Vote { motion: 9, yes: false },
            Code::Already,
        ),
    ];
    run(cases);
}

#[test]
fn who_may_come_in() {
    let mut war = choosing();
    let code = |war: &War, seat| may_join(war, seat).map_err(|refusal| refusal.code);
    assert_eq!(code(&war, Seat(0)), Ok(()), "who was here before");
    assert_eq!(code(&war, Seat(4)), Ok(()), "the last free seat");
    assert_eq!(code(&war, seat(RIVAL)), Err(Code::NotForThisSeat as u16));
    war.join(Seat(4));
    assert_eq!(code(&war, Seat(5)), Err(Code::Full as u16));
    assert_eq!(code(&war, Seat(4)), Ok(()));
    let mut war = choosing();
    war.phase = Phase::Over(100, A);
    assert_eq!(code(&war, Seat(4)), Err(Code::Full as u16));
    assert_eq!(code(&war, Seat(0)), Ok(()), "to see how it ended");
}

#[test]
fn a_thousand_a_second_are_mostly_refused() {
    let mut war = stage();
    let (mut taken, ping) = (0, Command::Ping { tile: 0, sign: 1 });
    for _ in 0..crate::tuning::STEPS_A_SECOND {
        war.step += 1;
        for _ in 0..50 {
            match refusal(&war, seat(A), &ping) {
                Ok(()) => {
                    crate::orders::act(&mut war, seat(A), ping.clone());
                    taken += 1;
                }
                Err(refusal) => assert_eq!(refusal.code, Code::TooFast as u16),
            }
        }
    }
    assert!(
        (29..=30).contains(&taken),
        "{taken} commands in a second: what may come at once and one second's"
    );
    assert_eq!(refusal(&war, seat(B), &ping), Ok(()), "others are not held up");
}
