//! A room over the socket, in both formats: open, join, command, resume, leave.

use ledger::Command;
use wire::envelope::{Envelope, ErrorCode, Format, MatchDataSend, MatchJoin, MatchLeave, Message, Rpc};
use wire::payload::{self, Flags, Payload};

use crate::client::{Server, Socket};

/// A transfer as match data.
pub fn transfer(match_id: &str, id: u128, amount: u64) -> Message {
    let mut body = Vec::new();
    Command::Transfer { from: 0, to: 1, amount }.encode(&mut body);
    command(match_id, id, &body)
}

pub fn command(match_id: &str, id: u128, body: &[u8]) -> Message {
    let mut data = Vec::new();
    payload::Command { flags: Flags::NONE, id, seen: 0, body }.write(&mut data);
    Message::MatchDataSend(MatchDataSend {
        match_id: match_id.into(),
        op_code: 1,
        data,
        ..Default::default()
    })
}

pub async fn join(socket: &mut Socket, match_id: &str) {
    let join = MatchJoin { match_id: Some(match_id.into()), ..MatchJoin::default() };
    socket.send("join", Message::MatchJoin(join)).await;
    match socket.answer("join").await {
        Some(Message::Match(joined)) => assert_eq!(joined.match_id, match_id),
        other => panic!("not joined: {other:?}"),
    }
}

/// The next payload of a room, as its bytes.
pub async fn data(socket: &mut Socket) -> Vec<u8> {
    loop {
        if let Envelope { message: Some(Message::MatchData(data)), .. } = socket.envelope().await {
            assert_eq!(data.op_code, i64::from(data.data[1]), "the op code is the payload's kind");
            return data.data;
        }
    }
}

/// The answer to a command: its place in the log, or the refusal's code.
pub async fn verdict(socket: &mut Socket, id: u128) -> Result<u64, u16> {
    loop {
        match Payload::decode(&data(socket).await).unwrap() {
            Payload::Accepted(accepted) if accepted.id == id => return Ok(accepted.seq),
            Payload::Refused(refused) if refused.id == id => return Err(refused.code),
            _ => {}
        }
    }
}

async fn a_room_from_opening_to_leaving(format: Format) {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut first = server.socket(&ada.token, format).await;
    let open = r#"{"rules":"ledger","setup":{"accounts":4,"balance":100}}"#;
    first
        .send("open", Message::Rpc(Rpc { id: "room_open".into(), payload: open.into(), ..Rpc::default() }))
        .await;
    let Some(Message::Rpc(opened)) = first.answer("open").await else { panic!("no answer to the call") };
    let opened: serde_json::Value = serde_json::from_str(&opened.payload).unwrap();
    let room = opened["match_id"].as_str().unwrap();
    assert!(room.ends_with(".longhouse"));

    join(&mut first, room).await;
    let view = data(&mut first).await;
    let Payload::View(view) = Payload::decode(&view).unwrap() else { panic!("a view comes first") };
    assert_eq!(view.seat, 0);
    assert_eq!(view.body[..8], 400u64.to_le_bytes(), "the ledger's total");
    let (token, seen) = (view.token.to_owned(), view.seq);

    let mut second = server.socket(&eve.token, format).await;
    join(&mut second, room).await;
    first.send("", transfer(room, 7, 30)).await;
    let seq = verdict(&mut first, 7).await.expect("there is enough");
    assert!(seq > seen);
    first.send("", transfer(room, 7, 30)).await;
    assert_eq!(verdict(&mut first, 7).await, Ok(seq), "the same command again is the same input");
    first.send("", transfer(room, 8, 71)).await;
    assert_eq!(verdict(&mut first, 8).await, Err(101), "not enough");
    first.send("", command(room, 9, b"nonsense")).await;
    assert_eq!(verdict(&mut first, 9).await, Err(1), "malformed");

    let listed = server.get("/v2/match?limit=5", &ada.token).await.json();
    assert_eq!(listed["matches"][0]["match_id"], room);
    assert_eq!(listed["matches"][0]["size"], 2);

    // The socket is lost; the client comes back with its token.
    drop(first);
    let mut first = server.socket(&ada.token, format).await;
    let metadata = [("resume".to_owned(), token), ("seq".to_owned(), seq.to_string())];
    let back = MatchJoin { match_id: Some(room.into()), token: None, metadata: metadata.into() };
    first.send("back", Message::MatchJoin(back)).await;
    assert!(matches!(first.answer("back").await, Some(Message::Match(_))));
    first.send("", transfer(room, 10, 1)).await;
    assert!(verdict(&mut first, 10).await.is_ok());

    first.send("bye", Message::MatchLeave(MatchLeave { match_id: room.into() })).await;
    assert_eq!(first.answer("bye").await, None);
    first.send("", transfer(room, 11, 1)).await;
    assert_eq!(verdict(&mut first, 11).await, Err(2), "who left plays no more");
    second.send("", transfer(room, 12, 1)).await;
    assert!(verdict(&mut second, 12).await.is_ok());
}

#[tokio::test]
async fn a_room_in_json() {
    a_room_from_opening_to_leaving(Format::Json).await;
}

#[tokio::test]
async fn a_room_in_protobuf() {
    a_room_from_opening_to_leaving(Format::Protobuf).await;
}

#[tokio::test]
async fn commands_for_a_room_one_is_not_in() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let room = server.ledger(&ada.token).await;
    let mut inside = server.socket(&ada.token, Format::Protobuf).await;
    join(&mut inside, &room).await;
    let mut outside = server.socket(&eve.token, Format::Protobuf).await;
    outside.send("", transfer(&room, 1, 5)).await;
    assert_eq!(verdict(&mut outside, 1).await, Err(2));
    let nowhere = "01900000-0000-7000-8000-000000000000.longhouse";
    outside.send("", transfer(nowhere, 2, 5)).await;
    assert_eq!(verdict(&mut outside, 2).await, Err(2));

    let check = async |socket: &mut Socket, what: &str, match_id: &str, code: ErrorCode| {
        socket
            .send(
                "j",
                Message::MatchJoin(MatchJoin { match_id: Some(match_id.into()), ..Default::default() }),
            )
            .await;
        match socket.answer("j").await {
            Some(Message::Error(error)) => assert_eq!(error.code, code as i32, "{what}: {}", error.message),
            other => panic!("{what}: {other:?}"),
        }
    };
    check(&mut outside, "no such room", nowhere, ErrorCode::MatchNotFound).await;
    check(&mut outside, "another cluster", &room.replace("longhouse", "elsewhere"), ErrorCode::MatchNotFound)
        .await;
    check(&mut outside, "no id", "nonsense", ErrorCode::BadInput).await;
    inside.send("", transfer(&room, 3, 5)).await;
    assert!(verdict(&mut inside, 3).await.is_ok());
}

#[tokio::test]
async fn ones_own_room_is_opened_once() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mine = async || {
        let answer = server.post("/v2/rpc/room_mine", &ada.token, r#""{\"rules\":\"ledger\"}""#).await;
        let payload: serde_json::Value =
            serde_json::from_str(answer.json()["payload"].as_str().unwrap()).unwrap();
        payload["match_id"].clone()
    };
    let (one, two, three) = tokio::join!(mine(), mine(), mine());
    assert_eq!(one, two);
    assert_eq!(two, three);
    assert_eq!(mine().await, one);
}

#[tokio::test]
async fn a_stop_tells_clients_to_come_back() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let room = server.ledger(&ada.token).await;
    let mut socket = server.socket(&ada.token, Format::Protobuf).await;
    join(&mut socket, &room).await;
    socket.send("", transfer(&room, 1, 250)).await;
    let seq = verdict(&mut socket, 1).await.unwrap();

    let Server { running, folder } = server;
    let stopping = tokio::spawn(running.stop());
    let mut told = false;
    let code = loop {
        match socket.receive().await {
            crate::client::Received::Envelope(Envelope {
                message: Some(Message::MatchData(data)), ..
            }) => {
                if let Payload::Closing(closing) = Payload::decode(&data.data).unwrap() {
                    assert_eq!(closing.code, 1);
                    told = true;
                }
            }
            crate::client::Received::Close(code, _) => break code,
            crate::client::Received::End => break 0,
            _ => {}
        }
    };
    assert!(told, "the room said goodbye");
    assert_eq!(code, 1012);
    drop(socket);
    crate::client::soon("the stop", stopping).await.unwrap();

    // What was acknowledged is in the store.
    let store = store::SharedRead::open(&folder.path().join("data")).unwrap();
    let room = room.split('.').next().unwrap().parse().unwrap();
    let size = store.read_now(store::LogSizeOf { room }).unwrap();
    assert!(size.last_seq >= seq, "{} inputs", size.last_seq);
}
