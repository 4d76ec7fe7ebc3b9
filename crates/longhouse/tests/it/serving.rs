//! Serving, ending and coming back.

use ledger::Command;
use wire::envelope::{MatchDataSend, MatchJoin, Message};
use wire::payload::{self, Flags, Payload};

use crate::process::{Serving, Socket, longhouse, said};

fn join(socket: &mut Socket, room: &str) {
    socket.send(Message::MatchJoin(MatchJoin { match_id: Some(room.into()), ..Default::default() }));
    loop {
        match socket.receive().expect("the socket lives") {
            Message::Match(_) => return,
            Message::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
}

/// Sends a transfer and waits for its place in the log.
fn transfer(socket: &mut Socket, room: &str, id: u128, amount: u64) -> u64 {
    let (mut body, mut data) = (Vec::new(), Vec::new());
    Command::Transfer { from: 0, to: 1, amount }.encode(&mut body);
    payload::Command { flags: Flags::NONE, id, seen: 0, body: &body }.write(&mut data);
    let sent = MatchDataSend { match_id: room.into(), op_code: 1, data, ..Default::default() };
    socket.send(Message::MatchDataSend(sent));
    loop {
        let Message::MatchData(data) = socket.receive().expect("the socket lives") else { continue };
        match Payload::decode(&data.data).unwrap() {
            Payload::Accepted(accepted) if accepted.id == id => return accepted.seq,
            Payload::Refused(refused) => panic!("{refused:?}"),
            _ => {}
        }
    }
}

#[test]
fn what_was_acknowledged_is_there_after_a_kill_and_after_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path());
    let (token, _) = first.log_in("ada");
    let room = first.ledger(&token);
    let mut socket = first.socket(&token);
    join(&mut socket, &room);
    let seqs: Vec<u64> = (1..=50).map(|id| transfer(&mut socket, &room, id, 1)).collect();
    first.kill();
    assert!(socket.receive().is_none());

    let second = Serving::start(folder.path());
    let mut socket = second.socket(&token);
    join(&mut socket, &room);
    for (id, seq) in (1..=50).zip(&seqs) {
        assert_eq!(transfer(&mut socket, &room, id, 1), *seq, "sent again, it is the same input");
    }
    assert!(transfer(&mut socket, &room, 51, 1) > seqs[49]);
    assert_eq!(second.terminate(), Some(0));

    let third = Serving::start(folder.path());
    let mut socket = third.socket(&token);
    join(&mut socket, &room);
    assert_eq!(transfer(&mut socket, &room, 50, 1), seqs[49]);
    drop(third);

    let data = folder.path().to_str().unwrap();
    let replayed = longhouse(&["replay", &room, "--data", data, "--json"], &[]);
    assert!(replayed.status.success(), "{}", said(&replayed));
    let line: serde_json::Value = serde_json::from_slice(&replayed.stdout).unwrap();
    assert_eq!(line["equals_snapshot"], true);
    assert!(line["inputs"].as_u64().unwrap() >= 52, "{line}");
}

#[test]
fn a_log_out_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path());
    let ((out, out_refresh), (stays, stays_refresh)) = (first.log_in("ada"), first.log_in("ada"));
    let bearer = |token: &str| format!("Bearer {token}");
    let this_one = format!(r#"{{"token":"{out}","refresh_token":"{out_refresh}"}}"#);
    assert_eq!(first.ask("POST", "/v2/session/logout", &bearer(&out), &this_one).0, 200);
    first.kill();

    let second = Serving::start(folder.path());
    assert_eq!(second.ask("GET", "/v2/account", &bearer(&out), "").0, 401);
    assert_eq!(second.refresh(&out_refresh), 401);
    assert_eq!(second.ask("GET", "/v2/account", &bearer(&stays), "").0, 200);
    assert_eq!(second.refresh(&stays_refresh), 200);
}

#[test]
fn a_folder_in_use_is_refused_and_the_line_tells_the_address() {
    let folder = tempfile::tempdir().unwrap();
    let first = Serving::start(folder.path());
    assert!(first.line.contains(" in ") && first.line.contains(" ms"), "{}", first.line);
    let data = folder.path().to_str().unwrap();
    let second = longhouse(&["serve", "--data", data, "--listen", "127.0.0.1:0"], &[]);
    assert!(!second.status.success());
    assert!(said(&second).contains("in use by another process"), "{}", said(&second));
    assert!(second.stdout.is_empty(), "nothing says ready");
    assert_eq!(first.ask("GET", "/healthz", "", "").0, 200, "the first one goes on");
}
