//! Logs that are taken away from a server and replayed without it.

use serde_json::Value;
use wire::envelope::{MatchJoin, Message};
use wire::payload::Payload;

use crate::process::{Serving, Socket, longhouse, said};

fn join(socket: &mut Socket, room: &str) {
    socket.send(Message::MatchJoin(MatchJoin { match_id: Some(room.into()), ..MatchJoin::default() }));
}

#[test]
fn a_log_is_replayed_where_its_server_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let (token, _) = serving.log_in("ada");
    let room = serving.ledger(&token);
    let mut socket = serving.socket(&token);
    join(&mut socket, &room);
    while !matches!(socket.receive(), Some(Message::MatchData(_)) | None) {}
    let path = format!("/v2/match/{room}/log?http_key=defaulthttpkey");
    let (status, file) = serving.download(&path);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&file));
    assert_eq!(serving.download(&path.replace("defaulthttpkey", "wrong")).0, 401);
    drop(socket);
    serving.kill();

    // Elsewhere: a folder without a store in it.
    let elsewhere = tempfile::tempdir().unwrap();
    let (data, log) = (elsewhere.path().to_str().unwrap(), elsewhere.path().join("ledger.lhlog"));
    let replay = |flags: &[&str]| {
        longhouse(&[&["replay", "--data", data, "--file", log.to_str().unwrap()], flags].concat(), &[])
    };
    std::fs::write(&log, &file).unwrap();
    let replayed = replay(&["--json"]);
    let line: Value =
        serde_json::from_slice(&replayed.stdout).unwrap_or_else(|_| panic!("{}", said(&replayed)));
    assert_eq!(line["room"].as_str(), room.split('.').next());
    assert_eq!((line["inputs"].as_u64(), line["equals_snapshot"].as_bool()), (Some(2), Some(true)));
    assert!(line["times_real_time"].is_null(), "its time is no work");
    assert!(said(&replay(&["--to", "1"])).contains("1 up to 1"));

    std::fs::write(&log, &file[..file.len() - 1]).unwrap();
    let cut = replay(&[]);
    assert!(!cut.status.success() && said(&cut).contains("cut short"), "{}", said(&cut));
    let mut turned = file.clone();
    turned[file.len() / 2] ^= 1;
    std::fs::write(&log, &turned).unwrap();
    let other = replay(&[]);
    assert!(!other.status.success() && said(&other).contains("no whole log file"), "{}", said(&other));
    std::fs::write(&log, b"something else entirely").unwrap();
    assert!(!replay(&[]).status.success());
    let both = longhouse(&["replay", &room, "--file", log.to_str().unwrap()], &[]);
    assert!(!both.status.success(), "a room and a file");
}

#[test]
fn a_war_is_replayed_many_times_faster_than_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Serving::start(folder.path());
    let (token, _) = serving.log_in("ada");
    let body = r#"{"rules":"sovereign","setup":{}}"#;
    let answer = serving.ask("POST", "/v2/rpc/room_open?unwrap", &format!("Bearer {token}"), body);
    let room = answer.1["match_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned();
    let mut socket = serving.socket(&token);
    join(&mut socket, &room);
    let mut step = 0;
    while step < 30 {
        if let Message::MatchData(data) = socket.receive().expect("the server closed the socket") {
            match Payload::decode(&data.data).unwrap() {
                Payload::View(view) => step = view.step,
                Payload::Updates(updates) => step = updates.step,
                _ => {}
            }
        }
    }
    let open = serving.ask("GET", &format!("/v2/match/{room}/log"), &format!("Bearer {token}"), "");
    assert_eq!(open.0, 403, "a war that is not over is nobody's to read: {}", open.1);
    let (status, file) = serving.download(&format!("/v2/match/{room}/log?moments&http_key=defaulthttpkey"));
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&file));
    drop(socket);
    serving.terminate();

    let log = folder.path().join("war.lhlog");
    std::fs::write(&log, &file).unwrap();
    let replayed = longhouse(&["replay", "--file", log.to_str().unwrap()], &[]);
    let text = said(&replayed);
    assert!(replayed.status.success() && text.contains("times real time"), "{text}");
}
