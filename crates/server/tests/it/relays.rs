//! Relayed matches byte by byte: many messages in one read, order, strays, bounds, coming back.

use wire::envelope::{
    Envelope, Error, ErrorCode, Format, MatchCreate, MatchData, MatchDataSend, MatchJoin, MatchLeave,
    Message, Ping, UserPresence,
};
use wire::websocket::{Opcode, write_frame};

use crate::client::{Server, Socket};

async fn create(socket: &mut Socket, name: &str) -> String {
    socket.send("create", Message::MatchCreate(MatchCreate { name: name.into() })).await;
    match socket.answer("create").await {
        Some(Message::Match(made)) => made.match_id,
        other => panic!("no match: {other:?}"),
    }
}

async fn join(socket: &mut Socket, match_id: &str) -> UserPresence {
    let join = MatchJoin { match_id: Some(match_id.into()), ..MatchJoin::default() };
    socket.send("join", Message::MatchJoin(join)).await;
    match socket.answer("join").await {
        Some(Message::Match(joined)) => joined.own.unwrap(),
        other => panic!("not joined: {other:?}"),
    }
}

fn data(match_id: &str, op_code: i64, presences: Vec<UserPresence>) -> Message {
    let data = op_code.to_be_bytes().to_vec();
    Message::MatchDataSend(MatchDataSend {
        match_id: match_id.into(),
        op_code,
        data,
        presences,
        ..Default::default()
    })
}

/// Several messages as frames of one write.
async fn at_once(socket: &mut Socket, format: Format, messages: impl IntoIterator<Item = (&str, Message)>) {
    let opcode = if format == Format::Json { Opcode::Text } else { Opcode::Binary };
    let mut frames = Vec::new();
    for (cid, message) in messages {
        let bytes = Envelope::new(cid, message).to_bytes(format);
        write_frame(&mut frames, opcode, &bytes, Some([9, 8, 7, 6]));
    }
    socket.raw(&frames).await;
}

/// The next match data.
async fn next(socket: &mut Socket) -> MatchData {
    loop {
        if let Some(Message::MatchData(data)) = socket.envelope().await.message {
            return data;
        }
    }
}

async fn refusal(socket: &mut Socket, cid: &str) -> i32 {
    match socket.answer(cid).await {
        Some(Message::Error(Error { code, .. })) => code,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn messages_of_one_read_arrive_in_order() {
    let server = Server::start().await;
    for format in [Format::Json, Format::Protobuf] {
        let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
        let mut from = server.socket(&ada.token, format).await;
        let mut to = server.socket(&eve.token, Format::Json).await;
        let (one, two) = (create(&mut from, "").await, create(&mut from, "").await);
        assert_ne!(one, two);
        join(&mut to, &one).await;
        join(&mut to, &two).await;
        // Two matches, with other messages and commands of a room in between.
        let room = server.ledger(&ada.token).await;
        crate::rooms::join(&mut from, &room).await;
        let messages = (0..200).map(|op_code| {
            let message = match op_code % 10 {
                3 => Message::Ping(Ping {}),
                7 => crate::rooms::transfer(&room, op_code as u128 + 1, 1),
                _ => data(if op_code % 3 == 0 { &one } else { &two }, op_code, Vec::new()),
            };
            ("", message)
        });
        at_once(&mut from, format, messages).await;
        for op_code in (0..200_i64).filter(|op_code| !matches!(op_code % 10, 3 | 7)) {
            let got = next(&mut to).await;
            assert_eq!((got.op_code, got.data), (op_code, op_code.to_be_bytes().to_vec()));
            assert_eq!(got.match_id, if op_code % 3 == 0 { one.as_str() } else { two.as_str() });
        }
        crate::rooms::verdict(&mut from, 198).await.unwrap();
    }
}

#[tokio::test]
async fn data_for_some_reaches_those_alone_and_never_the_sender() {
    let server = Server::start().await;
    let mut sockets = Vec::new();
    for (name, format) in [("ada", Format::Json), ("eve", Format::Protobuf), ("joe", Format::Json)] {
        sockets.push(server.socket(&server.log_in(name).await.token, format).await);
    }
    let match_id = create(&mut sockets[0], "").await;
    let mut own = Vec::new();
    for socket in &mut sockets {
        own.push(join(socket, &match_id).await);
    }
    let stranger =
        UserPresence { session_id: "0190c0de-0000-7000-8000-00000000002a".into(), ..own[0].clone() };
    let messages = [
        data(&match_id, 1, vec![own[1].clone(), own[0].clone()]),
        data(&match_id, 2, vec![own[2].clone(), stranger.clone()]),
        data(&match_id, 3, vec![stranger]),
        data(&match_id, 4, own.clone()),
    ];
    at_once(&mut sockets[0], Format::Json, messages.map(|message| ("", message))).await;
    for (socket, expected) in [(1, [1, 4]), (2, [2, 4])] {
        for op_code in expected {
            assert_eq!(next(&mut sockets[socket]).await.op_code, op_code);
        }
    }
    sockets[2].send("", data(&match_id, 5, Vec::new())).await;
    let got = next(&mut sockets[0]).await;
    assert_eq!((got.op_code, got.presence.as_ref()), (5, Some(&own[2])), "nothing of its own came before");
    let nobody = vec![UserPresence { session_id: "nobody".into(), ..own[0].clone() }];
    sockets[0].send("7", data(&match_id, 6, nobody)).await;
    assert_eq!(refusal(&mut sockets[0], "7").await, ErrorCode::BadInput as i32);
}

#[tokio::test]
async fn whoever_is_not_in_a_match_is_told() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    for format in [Format::Json, Format::Protobuf] {
        let mut a = server.socket(&ada.token, format).await;
        let mut b = server.socket(&eve.token, format).await;
        let match_id = create(&mut a, "").await;
        // Alone in a read, and among others.
        b.send("1", data(&match_id, 1, Vec::new())).await;
        assert_eq!(refusal(&mut b, "1").await, ErrorCode::MatchNotFound as i32);
        at_once(&mut b, format, [("2", Message::Ping(Ping {})), ("3", data(&match_id, 1, Vec::new()))]).await;
        assert_eq!(refusal(&mut b, "3").await, ErrorCode::MatchNotFound as i32);
        b.send("4", data("nonsense.", 1, Vec::new())).await;
        assert_eq!(refusal(&mut b, "4").await, ErrorCode::BadInput as i32);
        let both =
            MatchJoin { match_id: Some(match_id.clone()), token: Some("x".into()), ..MatchJoin::default() };
        // JSON carries both; in protobuf they are a choice too, and our own writer writes both.
        b.send("5", Message::MatchJoin(both)).await;
        assert_eq!(refusal(&mut b, "5").await, ErrorCode::BadInput as i32);
        b.send("6", Message::MatchLeave(MatchLeave { match_id })).await;
        assert_eq!(refusal(&mut b, "6").await, ErrorCode::MatchNotFound as i32);
        b.send("7", Message::MatchCreate(MatchCreate { name: "x".repeat(257) })).await;
        assert_eq!(refusal(&mut b, "7").await, ErrorCode::BadInput as i32);
    }
}

#[tokio::test]
async fn places_are_bounded_and_kept_for_those_who_were_lost() {
    let server = Server::with(|config| config.relay.members_max = 2).await;
    let (ada, eve, joe) =
        (server.log_in("ada").await, server.log_in("eve").await, server.log_in("joe").await);
    let mut a = server.socket(&ada.token, Format::Protobuf).await;
    let match_id = create(&mut a, "named").await;
    let mut e = server.socket(&eve.token, Format::Json).await;
    assert_eq!(create(&mut e, "named").await, match_id);
    let mut j = server.socket(&joe.token, Format::Json).await;
    let late = MatchJoin { match_id: Some(match_id.clone()), ..MatchJoin::default() };
    j.send("1", Message::MatchJoin(late)).await;
    assert_eq!(refusal(&mut j, "1").await, ErrorCode::MatchJoinRejected as i32);
    // Lost without a goodbye: its place is kept.
    drop(e);
    let mut back = server.socket(&eve.token, Format::Json).await;
    loop {
        if let Some(Message::MatchPresenceEvent(event)) = a.envelope().await.message
            && !event.leaves.is_empty()
        {
            assert_eq!((event.joins.len(), event.leaves.len()), (1, 1));
            assert_eq!(event.joins[0].user_id, event.leaves[0].user_id);
            break;
        }
    }
    a.send("", data(&match_id, 7, Vec::new())).await;
    assert_eq!(next(&mut back).await.op_code, 7);
    let found = server.get("/v2/match?authoritative=false&min_size=2&max_size=2", &ada.token).await.json();
    assert_eq!(found["matches"], serde_json::json!([{ "match_id": match_id, "size": 2 }]));
}
