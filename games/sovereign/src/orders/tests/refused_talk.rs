//! Every refusal of what nations say to each other, and of motions and votes.

use super::refusals::{Case, beaten, none, run};
use super::stage::{A, B, C, D, GOLD, TRIBE, TROOPS};
use crate::command::{Command, MotionKind};
use crate::state::{Motion, Pact};
use crate::tuning::{ASKS_MAX, MOTIONS_MAX};
use crate::{Code, NationId, War};

fn a_motion(id: u32, by: NationId, kind: MotionKind, about: NationId) -> Motion {
    Motion { id, by, kind, about, voters: vec![(A, None), (B, Some(true))], until: 5_000 }
}

fn friends(war: &mut War) {
    war.ally(A, B);
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
