//! Clients of real wars.

use kernel::Seat;
use sovereign::Phase;
use sovereign::mirror::Mirror;

use crate::game::{Game, hear};

/// Without what is told in turns or reckoned by the client: troops and gold, where attacks are, places of boats.
pub fn exact(mirror: &Mirror) -> Mirror {
    let mut exact = mirror.clone();
    for row in exact.nations.values_mut() {
        row.troops = row.troops.map(|_| 0);
        row.gold = None;
        if mirror.fog {
            row.tiles = row.tiles.map(|_| 0);
        }
    }
    for row in exact.attacks.values_mut() {
        (row.troops, row.head) = (0, 0);
    }
    exact.boats.values_mut().for_each(|row| (row.at, row.troops) = (0, 0));
    exact.step = 0;
    exact.tick = Default::default();
    exact.notices.clear();
    exact
}

fn follow(setup: &str, seed: u64, steps: u64) {
    let mut game = Game::open(setup, 4, seed);
    let seats = [Seat::NOBODY, Seat(1), Seat(3)];
    let mut mirrors = seats.map(|seat| game.seen(seat));
    let (mut taken, mut views) = (0, 0);
    while game.step < steps {
        taken += game.play();
        let updates = game.out.take_updates();
        for (mirror, seat) in mirrors.iter_mut().zip(seats) {
            views += hear(mirror, &game, seat, &updates);
            // A view costs as much as many updates.
            if !game.step.is_multiple_of(7) {
                continue;
            }
            let (known, shown) = (exact(mirror), exact(&game.seen(seat)));
            let at = (seed, game.step, seat);
            assert!(known.owners == shown.owners, "owners at {at:?}");
            for (known, shown) in known.nations.values().zip(shown.nations.values()) {
                assert_eq!(known, shown, "{at:?}");
            }
            assert_eq!(known.attacks, shown.attacks, "{at:?}");
            assert_eq!(known.boats, shown.boats, "{at:?}");
            assert_eq!(known.sites, shown.sites, "{at:?}");
            assert_eq!(known.pacts, shown.pacts, "{at:?}");
            assert!(known == shown, "something else at {at:?}");
        }
    }
    assert!(taken > 20 && game.war.phase() == Phase::War, "{taken} commands");
    // Nobody misses anything; but who sees nothing of a hidden war is shown it again when it begins.
    assert_eq!(views, usize::from(mirrors[0].fog));
}

#[test]
fn who_hears_every_update_knows_an_open_war() {
    for seed in 1..=2 {
        follow(
            r#"{"size":"tiny","tribes":8,"rivals":4,"spawn_seconds":2,"immunity_seconds":0}"#,
            seed,
            1_200,
        );
    }
}

#[test]
fn who_hears_every_update_knows_what_fog_shows() {
    for seed in 1..=2 {
        let setup = r#"{"size":"tiny","tribes":8,"rivals":4,"spawn_seconds":2,"immunity_seconds":0,"fog":true,"hidden_gold":false}"#;
        follow(setup, seed, 600);
    }
}
