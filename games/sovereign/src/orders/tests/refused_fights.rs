//! Every refusal of attacks and boats.

use super::refusals::{Case, beaten, none, on, run, water};
use super::stage::{A, B, C, middle, seat, stage};
use crate::command::Command;
use crate::orders::check;
use crate::state::{Attack, Boat};
use crate::tuning::{ATTACKS_MAX, BOATS_MAX};
use crate::{Code, NationId};

fn an_attack(id: u32, from: NationId, on: NationId) -> Attack {
    Attack {
        id,
        from,
        on,
        troops: 100,
        front: Default::default(),
        head: 0,
        retreating: false,
        time: 0,
        due: 0,
    }
}

fn a_boat(id: u32, owner: NationId) -> Boat {
    Boat { id, owner, troops: 100, way: [1, 2].into(), at: 0, turned: false }
}

#[test]
fn refused_attacks() {
    let cases: &[Case] = &[
        ("on oneself", none, A, |_| on(A, 100), Code::Yourself),
        ("on nobody known", none, A, |_| on(NationId(999), 100), Code::NoSuchNation),
        ("on the last number", none, A, |_| on(NationId(u16::MAX), 100), Code::NoSuchNation),
        ("on the beaten", |war| beaten(war, B), A, |_| on(B, 100), Code::NoSuchNation),
        ("on an ally", |war| war.ally(A, B), A, |_| on(B, 100), Code::Ally),
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
fn immunity_ends_with_its_last_step() {
    let mut war = stage();
    for (more, may) in [(1, false), (0, true)] {
        war.nation_mut(B).unwrap().immune_until = war.step + more;
        assert_eq!(check(&war, seat(A), &on(B, 100)).is_ok(), may);
    }
}

#[test]
fn refused_boats() {
    let cases: &[Case] = &[
        ("off the map", none, A, |_| Command::Boat { to: u32::MAX, share: 100 }, Code::NoSuchTile),
        ("to water", none, A, |war| Command::Boat { to: water(war), share: 100 }, Code::NotAPlace),
        ("home", none, A, |war| Command::Boat { to: middle(war, A).0, share: 100 }, Code::Yourself),
        (
            "to an ally",
            |war| war.ally(A, B),
            A,
            |war| Command::Boat { to: middle(war, B).0, share: 100 },
            Code::Ally,
        ),
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
