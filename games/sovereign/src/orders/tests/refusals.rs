//! Refusals as tables: what is changed in the small war before, who says what, and the reason. Here those of when and who,
//! and of places; `refused_fights.rs` and `refused_talk.rs` have the others.

use kernel::{Refusal, Seat};

use super::stage::{A, B, D, RIVAL, all_of, choosing, middle, seat, stage};
use crate::command::{Command, Site};
use crate::orders::{check, may_join};
use crate::{Code, NationId, Phase, Standing, Tile, War};

pub(super) type Case = (&'static str, fn(&mut War), NationId, fn(&War) -> Command, Code);

pub(super) fn none(_: &mut War) {}

pub(super) fn beaten(war: &mut War, id: NationId) {
    war.nation_mut(id).unwrap().standing = Standing::Beaten(3);
}

pub(super) fn water(war: &War) -> u32 {
    (0..war.map().len() as u32).find(|tile| !war.map().is_land(Tile(*tile))).unwrap()
}

pub(super) fn on(on: NationId, share: u16) -> Command {
    Command::Attack { on: on.0, share }
}

/// What a seat hears, with nothing changed by asking.
fn refusal(war: &War, seat: Seat, command: &Command) -> Result<(), Refusal> {
    let before = all_of(war);
    let heard = check(war, seat, command);
    assert_eq!(all_of(war), before, "asking changes nothing");
    heard
}

pub(super) fn run(cases: &[Case]) {
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
