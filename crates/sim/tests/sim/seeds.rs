//! Many seeds: whatever fails and in whatever order things happen, what was told is true.

use kernel::{CommandId, Hash128, RoomId, Seq};
use sim::{Faults, History, Player, World, check};
use store::UserId;

const PLAYERS: u128 = 5;
const ROOMS: usize = 3;
const COINS: u64 = ROOMS as u64 * 8 * 100;
const ACTS: usize = 160;

struct Ran {
    world: World,
    rooms: Vec<RoomId>,
    history: History,
}

fn run(seed: u64, faults: Faults) -> Ran {
    let mut world = World::new(seed, faults);
    let rooms: Vec<RoomId> = (0..ROOMS)
        .map(|_| {
            let handle = world.rooms();
            let setup = br#"{"accounts":8,"balance":100}"#.to_vec();
            world.wait_for(async move { handle.open(UserId(1), "ledger", setup, false).await }).unwrap()
        })
        .collect();
    let mut players: Vec<Player> = (0..PLAYERS).map(Player::new).collect();
    let mut history = History::default();
    world.faults(true);
    for _ in 0..ACTS {
        let player = world.chance(PLAYERS as u64) as usize;
        players[player].act(&mut world, &rooms, &mut history);
        for _ in 0..world.chance(6) {
            world.turn();
        }
        world.pass(world.chance(400) as i64);
    }
    // The disk is well again; everybody insists until all is answered, and rooms that wait for one another agree.
    world.faults(false);
    for _ in 0..60 {
        for player in &mut players {
            player.insist(&mut world, &mut history);
        }
        world.settle();
        world.pass(600);
    }
    for player in &mut players {
        player.listen(&mut world, &mut history);
        assert!(player.is_answered(), "seed {seed}: a command was never answered");
    }
    let handle = world.rooms();
    world.wait_for(async move { handle.wake_due().await }).unwrap();
    for _ in 0..20 {
        world.settle();
        world.pass(600);
    }
    let handle = world.rooms();
    world.wait_for(async move { handle.shutdown().await });
    Ran { world, rooms, history }
}

impl Ran {
    fn check(&self) -> Result<(), String> {
        check(&self.world.store, &self.world.library, &self.rooms, COINS, &self.history)
    }
}

const FAULTY: Faults = Faults { full: 30, lost_before: 30, lost_after: 60 };

#[test]
fn without_faults() {
    for seed in 0..20 {
        run(seed, Faults::default()).check().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    }
}

#[test]
fn with_failing_commits() {
    let mut accepted = 0;
    for seed in 100..400 {
        let ran = run(seed, FAULTY);
        accepted += ran.history.accepted();
        ran.check().unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
    }
    assert!(accepted > 1_000, "only {accepted} commands were accepted: the runs say little");
}

#[test]
fn the_same_seed_gives_the_same_history() {
    let digest = |seed| -> Hash128 { run(seed, FAULTY).history.digest() };
    assert_eq!(digest(7), digest(7));
    assert_ne!(digest(7), digest(8));
}

#[test]
fn a_planted_lie_is_found() {
    let mut ran = run(9, FAULTY);
    ran.check().unwrap();
    let room = ran.rooms[0];
    ran.history.answered(room, CommandId(1), Ok(Seq(5)));
    assert!(ran.check().unwrap_err().contains("was accepted"));
}
