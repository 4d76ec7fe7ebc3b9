//! Whatever comes from whomever: what is refused changes nothing, what is taken loses nothing, and the land's books are
//! right.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use kernel::{At, Event, Outbox, Rules, Seat};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::stage::{all_gold, all_of, all_troops, by_the_sea, in_the_row, stage};
use crate::command::{Command, MotionKind, Site};
use crate::{NationId, Sovereign, Standing, War};

fn nation() -> impl Strategy<Value = u16> {
    prop_oneof![12 => 1u16..7, 1 => Just(0), 1 => any::<u16>()]
}

fn tile() -> impl Strategy<Value = u32> {
    static WAR: LazyLock<War> = LazyLock::new(stage);
    prop_oneof![
        6 => (0u32..648).prop_map(|number| in_the_row(&WAR, number).0),
        6 => 0u32..25_000,
        1 => any::<u32>()
    ]
}

fn share() -> impl Strategy<Value = u16> {
    prop_oneof![6 => 1u16..=1_000, 1 => any::<u16>()]
}

fn amount() -> impl Strategy<Value = u64> {
    prop_oneof![6 => 0u64..4_000, 1 => any::<u64>()]
}

/// A number of an attack, boat or motion: small ones are made one that there is by [`aim`].
fn id() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0u32..16, 1 => any::<u32>()]
}

/// Makes the small numbers of attacks, boats and motions those of some that there are.
fn aim(war: &War, command: Command) -> Command {
    let pick = |number: u32, ids: Vec<u32>| match ids.get(number as usize % ids.len().max(1)) {
        Some(id) if number < 16 => *id,
        _ => number,
    };
    match command {
        Command::Retreat { attack } => {
            Command::Retreat { attack: pick(attack, war.attacks.iter().map(|attack| attack.id).collect()) }
        }
        Command::TurnBack { boat } => {
            Command::TurnBack { boat: pick(boat, war.boats.iter().map(|boat| boat.id).collect()) }
        }
        Command::Vote { motion, yes } => {
            Command::Vote { motion: pick(motion, war.motions.iter().map(|motion| motion.id).collect()), yes }
        }
        other => other,
    }
}

fn kind() -> impl Strategy<Value = MotionKind> {
    prop_oneof![Just(MotionKind::War), Just(MotionKind::Peace), Just(MotionKind::Expel)]
}

fn site() -> impl Strategy<Value = Site> {
    prop_oneof![Just(Site::City), Just(Site::Fort), Just(Site::Port)]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => tile().prop_map(|tile| Command::Spawn { tile }),
        6 => (nation(), share()).prop_map(|(on, share)| Command::Attack { on, share }),
        2 => (tile(), share()).prop_map(|(to, share)| Command::Boat { to, share }),
        2 => id().prop_map(|attack| Command::Retreat { attack }),
        1 => id().prop_map(|boat| Command::TurnBack { boat }),
        2 => (site(), tile()).prop_map(|(site, tile)| Command::Build { site, tile }),
        6 => nation().prop_map(|with| Command::Ally { with }),
        1 => nation().prop_map(|from| Command::Decline { from }),
        2 => nation().prop_map(|with| Command::Break { with }),
        4 => (nation(), amount(), amount()).prop_map(|(to, troops, gold)| Command::Donate { to, troops, gold }),
        1 => (tile(), any::<u8>()).prop_map(|(tile, sign)| Command::Ping { tile, sign }),
        4 => (kind(), nation()).prop_map(|(motion, about)| Command::Move { motion, about }),
        4 => (id(), any::<bool>()).prop_map(|(motion, yes)| Command::Vote { motion, yes }),
        1 => prop::bool::weighted(0.1).prop_map(|yes| if yes { Command::Resign } else { Command::Ping { tile: 0, sign: 0 } }),
    ]
}

fn seat() -> impl Strategy<Value = Seat> {
    prop_oneof![12 => (0u32..4).prop_map(Seat), 3 => Just(Seat(Seat::SERVED_FIRST.0 + 1)), 1 => any::<u32>().prop_map(Seat)]
}

/// The books of the land are right: every tile's owner lives, and everybody has as many tiles as they are said to.
fn books(war: &War) -> Result<(), TestCaseError> {
    let mut tiles = vec![0; war.nations.len() + 1];
    for (number, owner) in war.land.owners().enumerate() {
        prop_assert!(usize::from(owner) < tiles.len());
        prop_assert!(owner == 0 || war.map().is_land(crate::Tile(number as u32)));
        tiles[usize::from(owner)] += 1;
    }
    for nation in &war.nations {
        prop_assert_eq!(nation.tiles, tiles[usize::from(nation.id.0)]);
        prop_assert_eq!(nation.tiles > 0, nation.standing == Standing::Alive, "{:?}", nation);
    }
    for (a, b) in war.pacts.keys() {
        prop_assert!(a < b && [a, b].iter().all(|id| war.nation(**id).is_some_and(crate::Nation::is_alive)));
    }
    Ok(())
}

fn at(step: u64) -> At {
    At { ms: step as i64 * 50, step }
}

/// What the properties below try is worth trying: of each order some are taken and some refused.
#[test]
fn orders_by_chance_are_taken_and_refused() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut heard: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    for _ in 0..20 {
        let mut war = by_the_sea();
        for _ in 0..100 {
            let (seat, command) = (seat(), command()).new_tree(&mut runner).unwrap().current();
            let command = aim(&war, command);
            let taken = crate::orders::check(&war, seat, &command).is_ok();
            let name = format!("{command:?}").split([' ', '{']).next().unwrap().to_owned();
            heard.entry(name).or_default()[usize::from(taken)] += 1;
            if taken {
                crate::orders::act(&mut war, seat, command);
            }
            war.one_step();
        }
    }
    for (name, [refused, taken]) in &heard {
        // Places are chosen only before the war; few give up.
        assert!(*refused > 0 || name == "Resign", "{heard:?}");
        assert!(*taken > 0 || name == "Spawn", "{heard:?}");
    }
    assert_eq!(heard.len(), 14, "{heard:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn refused_changes_nothing_and_taken_loses_nothing(
        said in prop::collection::vec((seat(), command(), 0u32..12), 1..60),
    ) {
        let mut war = by_the_sea();
        for (seat, command, steps) in said {
            let command = aim(&war, command);
            war.news = Default::default();
            let before = (all_of(&war), all_troops(&war), all_gold(&war));
            let event = Event::Command { seat, command: command.clone() };
            if Sovereign.validate(&war, at(0), &event).is_err() {
                prop_assert_eq!(&all_of(&war), &before.0);
            } else {
                let me = war.of_seat(seat).unwrap();
                let price = match &command {
                    Command::Build { site, .. } => war.price(me.id, *site),
                    Command::Resign => me.gold,
                    _ => 0,
                };
                crate::orders::act(&mut war, seat, command.clone());
                let news = &war.news;
                prop_assert_eq!(all_troops(&war) + news.lost, before.1 + news.grown, "{:?}", command);
                prop_assert_eq!(all_gold(&war) + price, before.2, "{:?}", command);
            }
            for _ in 0..steps {
                war.news = Default::default();
                let before = all_troops(&war);
                war.one_step();
                prop_assert_eq!(all_troops(&war) + war.news.lost, before + war.news.grown);
            }
        }
        books(&war)?;
    }

    #[test]
    fn the_same_is_always_the_same(said in prop::collection::vec((seat(), command(), 0u32..8), 1..40)) {
        let play = || {
            let mut war = by_the_sea();
            for (seat, command, steps) in &said {
                let command = aim(&war, command.clone());
                if crate::orders::check(&war, *seat, &command).is_ok() {
                    crate::orders::act(&mut war, *seat, command);
                }
                (0..*steps).for_each(|_| war.one_step());
            }
            all_of(&war)
        };
        prop_assert_eq!(play(), play());
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Sovereign.decode(&bytes);
    }

    #[test]
    fn a_command_is_what_its_bytes_say(command in command()) {
        prop_assert_eq!(Sovereign.decode(&command.encode()).unwrap(), command);
    }
}

/// Numbers that are no whole numbers, keys that are none, too much, too little: each is refused as unreadable.
#[test]
fn bytes_that_say_no_command() {
    let map = |pairs: &[(&str, rmp_bytes::Value)]| rmp_bytes::map(pairs);
    use rmp_bytes::Value::{Float, Int, Text};
    let good = map(&[("do", Text("attack")), ("on", Int(3)), ("share", Int(300))]);
    assert!(Sovereign.decode(&good).is_ok());
    let mut long = good.clone();
    long.push(0);
    let bad = [
        map(&[("do", Text("attack")), ("on", Int(3)), ("share", Float(f64::NAN))]),
        map(&[("do", Text("attack")), ("on", Float(3.5)), ("share", Int(300))]),
        map(&[("do", Text("attack")), ("on", Int(-1)), ("share", Int(300))]),
        map(&[("do", Text("attack")), ("on", Int(65_536)), ("share", Int(300))]),
        map(&[("do", Text("attack")), ("on", Int(3))]),
        map(&[("do", Text("attack")), ("on", Int(3)), ("share", Int(300)), ("as", Int(4))]),
        map(&[("do", Text("conquer"))]),
        map(&[("do", Text("ping")), ("tile", Int(i64::MAX)), ("sign", Int(0))]),
        map(&[("do", Text("build")), ("site", Text("castle")), ("tile", Int(0))]),
        map(&[]),
        long,
        good[..good.len() - 1].to_vec(),
        vec![0xc0],
        vec![0x91; 256],
        vec![0; 100_000],
    ];
    for bytes in bad {
        let refused = Sovereign.decode(&bytes).unwrap_err();
        assert_eq!(refused.code, kernel::Refusal::MALFORMED, "{bytes:?}");
    }
}

/// MessagePack by hand, to say what no command says.
mod rmp_bytes {
    pub(super) enum Value {
        Int(i64),
        Float(f64),
        Text(&'static str),
    }

    pub(super) fn map(pairs: &[(&str, Value)]) -> Vec<u8> {
        let text = |out: &mut Vec<u8>, text: &str| {
            out.push(0xa0 | text.len() as u8);
            out.extend_from_slice(text.as_bytes());
        };
        let mut out = vec![0x80 | pairs.len() as u8];
        for (key, value) in pairs {
            text(&mut out, key);
            match value {
                Value::Int(number) => {
                    out.push(0xd3);
                    out.extend_from_slice(&number.to_be_bytes());
                }
                Value::Float(number) => {
                    out.push(0xcb);
                    out.extend_from_slice(&number.to_be_bytes());
                }
                Value::Text(word) => text(&mut out, word),
            }
        }
        out
    }
}

/// A seat that nobody sits at is heard as well, and a worker may not sit down at a computer's.
#[test]
fn inputs_of_strangers() {
    let mut war = stage();
    let mut out = Outbox::new();
    let stranger = Event::Command { seat: Seat(77), command: Command::Resign };
    assert!(Sovereign.validate(&war, at(0), &stranger).is_err());
    let join = Event::Join { seat: Seat(Seat::SERVED_FIRST.0 + 1) };
    assert!(Sovereign.validate(&war, at(0), &join).is_err());
    let leave = Event::Leave { seat: Seat(0) };
    assert!(Sovereign.validate(&war, at(0), &leave).is_ok());
    Sovereign.execute(&mut war, at(0), leave, &mut out);
    assert!(war.nation(NationId(3)).unwrap().is_alive(), "a nation whose player left lives on");
}
