//! Seats that workers may play.

use kernel::{At, Rules, Seat};

use crate::command::Command;
use crate::{NationId, Phase, Setup, Size, Sovereign, War, orders};

#[test]
fn computers_that_can_act_are_served_and_see_where() {
    let setup = Setup { size: Size::Tiny, tribes: 3, rivals: 4, spawn_seconds: 1, ..Setup::default() };
    let mut war = War::begin(setup, 7, 0);
    assert_eq!(Sovereign.served(&war).len(), 4, "they choose their places");
    while war.phase() != Phase::War {
        war.one_step();
    }
    let seats = Sovereign.served(&war);
    assert!(!seats.is_empty() && seats.iter().all(|seat| *seat >= Seat::SERVED_FIRST), "{seats:?}");
    let mut bytes = Vec::new();
    Sovereign.view(&war, At::default(), seats[0], &mut bytes);
    let seen: serde_json::Value = rmp_serde::from_slice(&bytes).unwrap();
    let wild = seen["neighbours"].as_array().unwrap().iter().find(|other| other["id"] == 0);
    assert!(wild.is_some_and(|wild| wild["border"].as_u64() > Some(0)), "{seen}");
    let attack = Command::Attack { on: 0, share: 300 };
    assert_eq!(orders::check(&war, seats[0], &attack), Ok(()), "what it sees it may do");
    let beaten = war.of_seat(seats[0]).unwrap().id;
    war.fall(beaten, NationId::NOBODY);
    assert_eq!(Sovereign.served(&war), seats[1..], "the beaten have nothing to do");
    war.phase = Phase::Over(1, NationId::NOBODY);
    assert_eq!(Sovereign.served(&war), []);
}
