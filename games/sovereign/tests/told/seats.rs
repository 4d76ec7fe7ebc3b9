//! What computers' seats and those of nobody are shown.

use kernel::Seat;
use serde_json::Value;

use crate::game::Game;

#[test]
fn a_computer_sees_what_it_needs_to_play() {
    let setup = r#"{"size":"tiny","tribes":6,"rivals":3,"spawn_seconds":2,"immunity_seconds":0,"fog":true}"#;
    let mut game = Game::open(setup, 2, 5);
    let rival = game.war.nations().iter().find_map(|nation| nation.seat()).unwrap();
    let mut neighbours = 0;
    while game.step < 900 {
        game.play();
        if !game.step.is_multiple_of(50) {
            continue;
        }
        let body = game.view(rival);
        let seen: Value = rmp_serde::from_slice(&body).unwrap();
        let me = game.war.of_seat(rival).unwrap();
        assert_eq!(seen["me"]["id"], me.id.0);
        assert_eq!(seen["me"]["gold"], me.gold);
        assert_eq!(seen["step"], game.war.step());
        assert!(body.len() < 8_192, "{} bytes", body.len());
        for neighbour in seen["neighbours"].as_array().unwrap() {
            let id = sovereign::NationId(neighbour["id"].as_u64().unwrap() as u16);
            assert!(game.war.touches(me.id, id));
            assert!(neighbour["border"].as_u64().unwrap() > 0);
            match game.war.nation(id) {
                Some(other) => assert_eq!(neighbour["troops"], other.troops),
                None => assert!(neighbour.get("troops").is_none()),
            }
            assert!(neighbour.get("gold").is_none());
            neighbours += 1;
        }
        assert!(
            seen["places"].as_array().unwrap().len() <= 8 && seen["beaches"].as_array().unwrap().len() <= 8
        );
    }
    assert!(neighbours > 10);
    let nobody = game.seen(Seat::NOBODY);
    assert!(nobody.nations.is_empty() && nobody.fog);
}
