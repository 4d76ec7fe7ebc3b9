//! `tests/vectors.json`: short wars as bytes, for clients that are written elsewhere. The page's own mirror is held
//! against them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::Seat;
use serde_json::{Value, json};
use sovereign::mirror::{Applied, Mirror};
use sovereign::{Command, MotionKind, Phase, Standing, Tile};

use crate::clients::exact;
use crate::game::{Game, hear};

/// Bytes of the file.
const VECTORS_BYTES_MAX: usize = 200_000;
/// What is told in turns, so that it may be a second old in a client.
const IN_TURNS: [&str; 7] = [
    "nations.troops",
    "nations.gold",
    "nations.tiles under fog",
    "attacks.troops",
    "attacks.head",
    "boats.at",
    "tick",
];

/// Watches a seat for some steps.
fn watch(name: &str, game: &mut Game, seat: Seat, steps: u64, mut each: impl FnMut(&mut Game)) -> Value {
    let view = game.view(seat);
    let mut mirror = game.seen(seat);
    game.out.clear();
    let mut bodies = Vec::new();
    for _ in 0..steps {
        each(game);
        game.pass();
        let updates = game.out.take_updates();
        assert_eq!(hear(&mut mirror, game, seat, &updates), 0);
        bodies.extend(Game::told(&updates, seat).cloned());
    }
    assert!(exact(&mirror) == exact(&game.seen(seat)), "{name}");
    assert_eq!(view[0], 1, "the view of {name} is deflated");
    json!({
        "name": name,
        "turns": IN_TURNS,
        "view": STANDARD.encode(view),
        "ground": STANDARD.encode(game.war.map().encode()),
        "updates": bodies.iter().map(|body| STANDARD.encode(body)).collect::<Vec<_>>(),
        "after": STANDARD.encode(game.view(seat)),
    })
}

fn wars() -> Vec<Value> {
    let setup = r#"{"size":"tiny","map":9,"tribes":14,"rivals":4,"spawn_seconds":2,"immunity_seconds":0}"#;
    let mut wars = Vec::new();
    // From the first step: places are chosen, and everybody strikes.
    let many = setup.replace(r#""tribes":14"#, r#""tribes":50"#);
    let mut game = Game::open(&many, 2, 3);
    let strike = |game: &mut Game| {
        for seat in [1, 2] {
            let tile = game.dice.below(25_000);
            game.command(seat, Command::Spawn { tile });
            game.command(seat, Command::Attack { on: 0, share: 100 });
        }
    };
    wars.push(watch("the beginning", &mut game, Seat(1), 120, strike));

    // Somebody is beaten.
    let mut end = 0;
    let mut seer = Game::open(setup, 2, 3);
    while end == 0 {
        strike(&mut seer);
        seer.pass();
        let beaten = seer.war.nations().iter().any(|nation| matches!(nation.standing, Standing::Beaten(_)));
        end = if beaten { seer.step } else { 0 };
    }
    let mut game = Game::open(setup, 2, 3);
    while game.step + 20 < end {
        strike(&mut game);
        game.pass();
    }
    let view = watch("a nation is beaten", &mut game, Seat::NOBODY, 30, strike);
    assert!(game.war.nations().iter().any(|nation| matches!(nation.standing, Standing::Beaten(_))));
    wars.push(view);

    // Two people are allies, send boats, and vote.
    let mut game = Game::open(setup, 3, 4);
    let place = |game: &mut Game, seat: u32| {
        while game.war.of_seat(Seat(seat)).unwrap().standing == Standing::Waiting {
            let tile = game.dice.below(25_000);
            if game.war.map().is_beach(Tile(tile)) {
                game.command(seat, Command::Spawn { tile });
            }
        }
    };
    (1..=3).for_each(|seat| place(&mut game, seat));
    while game.war.phase() != Phase::War {
        game.pass();
    }
    let ids = [1, 2, 3].map(|seat| game.war.of_seat(Seat(seat)).unwrap().id.0);
    let (mut boats, mut asked) = (0, false);
    let talk = |game: &mut Game| {
        let step = game.war.step();
        for _ in 0..50 {
            if boats == 2 {
                break;
            }
            let to = game.dice.below(25_000);
            boats += u32::from(game.command(1 + boats, Command::Boat { to, share: 50 }));
        }
        match step % 60 {
            0 => asked |= game.command(1, Command::Ally { with: ids[1] }),
            20 => _ = game.command(2, Command::Ally { with: ids[0] }),
            21 => _ = game.command(3, Command::Ally { with: ids[0] }),
            30 => _ = game.command(2, Command::Move { motion: MotionKind::War, about: ids[2] }),
            35 => _ = game.command(1, Command::Ping { tile: 777, sign: 3 }),
            _ => {}
        }
    };
    // Up to a moment in which a motion waits for votes and boats are on their way.
    let start = game.step;
    let view = watch("boats, an alliance and a vote", &mut game, Seat(1), 100 - start % 60, talk);
    assert!(asked, "an alliance is asked for");
    assert_eq!(boats, 2);
    let seen = game.seen(Seat(1));
    assert!(
        !seen.boats.is_empty() && !seen.pacts.is_empty() && !seen.motions.is_empty() && !seen.asks.is_empty()
    );
    wars.push(view);

    // The same, but hidden.
    let hidden = setup.replace(r#""size""#, r#""fog":true,"size""#);
    let mut game = Game::open(&hidden, 2, 3);
    for _ in 0..100 {
        strike(&mut game);
        game.pass();
    }
    wars.push(watch("fog", &mut game, Seat(2), 120, strike));
    wars
}

/// They hold for wars of today's rules. What they are today is left in the target folder's `tmp`: to be put in the file's
/// place when the bytes have another form.
#[test]
fn the_vectors_hold() {
    let wars = wars();
    let mut text = serde_json::to_string_pretty(&wars).unwrap();
    text.push('\n');
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/vectors.json"), &text).unwrap();
    check(&text);
}

/// The file holds for today's readers. Its wars may be of other rules: it stands for the form.
#[test]
fn the_file_holds() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors.json");
    check(&std::fs::read_to_string(path).unwrap());
}

fn check(text: &str) {
    assert!(text.len() < VECTORS_BYTES_MAX, "{} bytes", text.len());
    let wars: Vec<Value> = serde_json::from_str(text).unwrap();
    let mut forms = [0; 2];
    for war in &wars {
        let bytes = |value: &Value| STANDARD.decode(value.as_str().unwrap()).unwrap();
        let mut mirror = Mirror::read(&bytes(&war["view"])).unwrap();
        for body in war["updates"].as_array().unwrap().iter().map(bytes) {
            forms[usize::from(body[0])] += 1;
            assert_eq!(mirror.apply(&body).unwrap(), Applied::Now);
        }
        let after = Mirror::read(&bytes(&war["after"])).unwrap();
        assert!(exact(&mirror) == exact(&after), "{}", war["name"]);
    }
    assert!(forms.iter().all(|count| *count > 0), "plain and deflated: {forms:?}");
}
