//! Chat between sockets of both formats, and what the grace time keeps.

use wire::envelope::{
    ChannelJoin, ChannelLeave, ChannelMessage, ChannelMessageSend, ErrorCode, Format, Message,
};

use crate::client::{Server, Socket, soon};

const LOBBY: &str = "2...lobby";

async fn join(socket: &mut Socket) -> wire::envelope::Channel {
    let join = ChannelJoin { target: "lobby".into(), kind: 1, ..ChannelJoin::default() };
    socket.send("join", Message::ChannelJoin(join)).await;
    match socket.answer("join").await {
        Some(Message::Channel(channel)) => channel,
        other => panic!("not joined: {other:?}"),
    }
}

fn send(content: &str) -> Message {
    Message::ChannelMessageSend(ChannelMessageSend { channel_id: LOBBY.into(), content: content.into() })
}

async fn heard(socket: &mut Socket) -> ChannelMessage {
    loop {
        if let Some(Message::ChannelMessage(message)) = socket.envelope().await.message {
            return message;
        }
    }
}

#[tokio::test]
async fn both_formats_hear_the_same_in_the_same_order() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut text = server.socket(&ada.token, Format::Json).await;
    let mut binary = server.socket(&eve.token, Format::Protobuf).await;
    join(&mut text).await;
    let second = join(&mut binary).await;
    assert_eq!((second.id.as_str(), second.presences.len()), (LOBBY, 1));
    for number in 0..50 {
        let socket = if number % 2 == 0 { &mut text } else { &mut binary };
        // Without a request id: the message itself is the answer.
        socket.send("", send(&format!("{{\"n\":{number}}}"))).await;
        let (one, other) = (heard(&mut text).await, heard(&mut binary).await);
        assert_eq!(one, other);
        assert_eq!((one.content, one.code), (format!("{{\"n\":{number}}}"), Some(0)));
    }
    let page = server.get("/v2/channel/2...lobby?limit=100", &ada.token).await.json();
    let numbers = page["messages"].as_array().unwrap().iter().enumerate();
    assert!(numbers.clone().all(|(at, message)| message["content"] == format!("{{\"n\":{at}}}")));
    assert_eq!(numbers.count(), 50);
}

#[tokio::test]
async fn a_client_that_comes_back_in_time_is_still_in_its_channel() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut stays = server.socket(&eve.token, Format::Json).await;
    let mut first = server.socket(&ada.token, Format::Json).await;
    join(&mut first).await;
    join(&mut stays).await;
    drop(first);
    let streams = server.running.house.services.core.streams();
    let told = app::streams::Stream::of(app::streams::Mode::Notifications, user(&server, &ada.token).await);
    soon("the loss to be seen", async {
        while streams.count(&told) > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let mut again = server.socket(&ada.token, Format::Protobuf).await;
    stays.send("", send("{\"back\":true}")).await;
    assert_eq!(heard(&mut again).await.content, "{\"back\":true}");
    again.send("1", send("{}")).await;
    assert!(matches!(again.answer("1").await, Some(Message::ChannelMessageAck(_))));
}

async fn user(server: &Server, token: &str) -> u128 {
    let account = server.get("/v2/account", token).await.json();
    account["user"]["id"].as_str().unwrap().parse::<store::UserId>().unwrap().0
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_the_socket_goes_on() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    for format in [Format::Json, Format::Protobuf] {
        let mut socket = server.socket(&ada.token, format).await;
        let bad = |target: &str, kind| {
            Message::ChannelJoin(ChannelJoin { target: target.into(), kind, ..ChannelJoin::default() })
        };
        let absent = store::UserId(77).to_string();
        for message in [
            bad("", 1),
            bad("a\nb", 1),
            bad("x", 2),
            bad("x", 9),
            bad(&absent, 2),
            bad(&absent, 3),
            send("{}"),
            send("not json"),
            Message::ChannelLeave(ChannelLeave { channel_id: LOBBY.into() }),
            Message::ChannelLeave(ChannelLeave { channel_id: "nonsense".into() }),
        ] {
            let what = format!("{message:?}");
            socket.send("bad", message).await;
            match socket.answer("bad").await {
                Some(Message::Error(error)) => {
                    assert_eq!(error.code, ErrorCode::BadInput as i32, "{what}: {}", error.message);
                }
                other => panic!("{what} was answered with {other:?}"),
            }
        }
        join(&mut socket).await;
        socket.send("leave", Message::ChannelLeave(ChannelLeave { channel_id: LOBBY.into() })).await;
        assert_eq!(socket.answer("leave").await, None);
    }
    for (path, status) in [
        ("/v2/channel/nonsense", 400),
        ("/v2/channel/2...lobby?limit=0", 400),
        ("/v2/channel/2...lobby?limit=x", 400),
        ("/v2/channel/2...lobby?forward=maybe", 400),
        ("/v2/channel/2...lobby?cursor=AAAA", 400),
        ("/v2/channel/4.00000000-0000-0000-0000-000000000001.00000000-0000-0000-0000-000000000002.", 403),
        ("/v2/channel/3.00000000-0000-0000-0000-000000000001..", 403),
        ("/v2/channel/2...lobby", 200),
    ] {
        assert_eq!(server.get(path, &ada.token).await.status, status, "{path}");
    }
}
