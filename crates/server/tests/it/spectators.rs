//! Those who only watch, over real sockets: what they see, when, and what they may not do.

use std::time::{Duration, Instant};

use plaza::{Seen, Step};
use wire::envelope::{ErrorCode, Format, MatchJoin, MatchLeave, Message, Rpc};
use wire::payload::Payload;

use crate::client::{Server, Socket, soon};
use crate::rooms::{command, data, join, verdict};

async fn plaza(socket: &mut Socket) -> String {
    let open = Rpc { id: "room_open".into(), payload: r#"{"rules":"plaza"}"#.into(), ..Rpc::default() };
    socket.send("open", Message::Rpc(open)).await;
    let Some(Message::Rpc(opened)) = socket.answer("open").await else { panic!("no answer to the call") };
    let opened: serde_json::Value = serde_json::from_str(&opened.payload).unwrap();
    opened["match_id"].as_str().unwrap().to_owned()
}

async fn watch(socket: &mut Socket, match_id: &str) -> Option<Message> {
    let metadata = [("spectate".to_owned(), "1".to_owned())].into();
    let join = MatchJoin { match_id: Some(match_id.into()), token: None, metadata };
    socket.send("watch", Message::MatchJoin(join)).await;
    socket.answer("watch").await
}

fn walk(room: &str, id: u128, x: u16) -> Message {
    let mut body = Vec::new();
    Step { x, y: 1, mark: id as u64 }.encode(&mut body);
    command(room, id, &body)
}

/// Waits until an update says that somebody stands there.
async fn sees(socket: &mut Socket, x: u16) {
    soon("the step", async {
        loop {
            if let Payload::Updates(updates) = Payload::decode(&data(socket).await).unwrap()
                && updates.iter().any(|update| Seen::decode(update).unwrap().step.x == x)
            {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn who_watches_sees_what_everybody_may_see_and_leaves_no_trace() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut player = server.socket(&ada.token, Format::Protobuf).await;
    let room = plaza(&mut player).await;
    join(&mut player, &room).await;
    player.send("", walk(&room, 1, 3)).await;
    let seq = verdict(&mut player, 1).await.unwrap();

    let mut watcher = server.socket(&eve.token, Format::Json).await;
    let Some(Message::Match(here)) = watch(&mut watcher, &room).await else { panic!("not let in") };
    assert_eq!((here.size, here.presences.len(), here.authoritative), (1, 1, true));
    let view = data(&mut watcher).await;
    let Payload::View(view) = Payload::decode(&view).unwrap() else { panic!("a view comes first") };
    assert_eq!((view.seq, view.seat, view.token), (seq, u32::MAX, ""));
    assert_eq!(Seen::decode(&view.body[4..]).unwrap().step.x, 3);
    player.send("", walk(&room, 2, 4)).await;
    assert_eq!(verdict(&mut player, 2).await, Ok(seq + 1), "nothing was logged of who watches");
    sees(&mut watcher, 4).await;
    let listed = server.get("/v2/match?limit=5", &eve.token).await.json();
    assert_eq!(listed["matches"][0]["size"], 1);

    watcher.send("", walk(&room, 9, 5)).await;
    assert_eq!(verdict(&mut watcher, 9).await, Err(10));
    let Some(Message::Error(refused)) = watch(&mut player, &room).await else { panic!("a player watches") };
    assert_eq!(refused.code, ErrorCode::MatchJoinRejected as i32);
    // It leaves, or takes a seat of its own.
    watcher.send("bye", Message::MatchLeave(MatchLeave { match_id: room.clone() })).await;
    assert_eq!(watcher.answer("bye").await, None);
    assert!(matches!(watch(&mut watcher, &room).await, Some(Message::Match(_))));
    join(&mut watcher, &room).await;
    watcher.send("", walk(&room, 10, 6)).await;
    assert!(verdict(&mut watcher, 10).await.is_ok());
}

#[tokio::test]
async fn who_watches_is_behind_by_the_delay() {
    const DELAY: Duration = Duration::from_millis(400);
    let server = Server::with(|config| config.rooms.spectate_turns_delay_ms = DELAY.as_millis() as u32).await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut player = server.socket(&ada.token, Format::Protobuf).await;
    let room = plaza(&mut player).await;
    join(&mut player, &room).await;
    let mut watcher = server.socket(&eve.token, Format::Protobuf).await;
    let began = Instant::now();
    assert!(matches!(watch(&mut watcher, &room).await, Some(Message::Match(_))));
    let view = data(&mut watcher).await;
    assert!(matches!(Payload::decode(&view).unwrap(), Payload::View(_)));
    assert!(began.elapsed() >= DELAY, "the first view came after {:?}", began.elapsed());
    let began = Instant::now();
    player.send("", walk(&room, 1, 7)).await;
    assert!(verdict(&mut player, 1).await.is_ok());
    sees(&mut watcher, 7).await;
    assert!(began.elapsed() >= DELAY, "a step was seen after {:?}", began.elapsed());
}

#[tokio::test]
async fn wishes_to_watch_that_make_no_sense() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Protobuf).await;
    let room = plaza(&mut socket).await;
    for metadata in [&[("spectate", "yes")][..], &[("spectate", "1"), ("resume", "token")]] {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let metadata = metadata.iter().map(pair).collect();
        let join = MatchJoin { match_id: Some(room.clone()), token: None, metadata };
        socket.send("watch", Message::MatchJoin(join)).await;
        let Some(Message::Error(error)) = socket.answer("watch").await else { panic!("it was taken") };
        assert_eq!(error.code, ErrorCode::BadInput as i32, "{}", error.message);
    }
    let nowhere = "01900000-0000-7000-8000-000000000000.longhouse";
    let Some(Message::Error(error)) = watch(&mut socket, nowhere).await else { panic!("it was taken") };
    assert_eq!(error.code, ErrorCode::MatchNotFound as i32);
}
