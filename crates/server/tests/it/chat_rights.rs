//! Who may do what in chat: every act of every kind of caller, in groups' channels, rooms and direct chats.

use serde_json::{Value, json};
use wire::envelope::{
    ChannelJoin, ChannelMessageRemove, ChannelMessageSend, ChannelMessageUpdate, Format, Message,
};

use crate::client::{Login, Server, Socket};
use crate::groups::{STANDINGS, make, place};

const ROOM: i32 = 1;
const DIRECT: i32 = 2;
const GROUP: i32 = 3;

/// What is tried, in this order. All but the first three of another's message or about another.
const ACTS: [&str; 10] = [
    "join",
    "say",
    "read",
    "change",
    "remove",
    "chat_list",
    "chat_remove",
    "chat_mute",
    "chat_ban",
    "mute everywhere",
];

async fn join(socket: &mut Socket, target: &str, kind: i32) -> Option<String> {
    let join = ChannelJoin { target: target.into(), kind, persistence: Some(true), ..ChannelJoin::default() };
    socket.send("join", Message::ChannelJoin(join)).await;
    match socket.answer("join").await {
        Some(Message::Channel(channel)) => Some(channel.id),
        _ => None,
    }
}

/// The id of the message, if it was let through.
async fn tried(socket: &mut Socket, message: Message) -> Option<String> {
    socket.send("act", message).await;
    match socket.answer("act").await {
        Some(Message::ChannelMessageAck(ack)) => Some(ack.message_id),
        Some(Message::Error(_)) => None,
        other => panic!("unexpected: {other:?}"),
    }
}

async fn say(socket: &mut Socket, channel: &str) -> Option<String> {
    let (channel_id, content) = (channel.into(), "{}".into());
    tried(socket, Message::ChannelMessageSend(ChannelMessageSend { channel_id, content })).await
}

/// A channel with somebody in it whose messages the others try their hands on.
struct Place<'a> {
    server: &'a Server,
    kind: i32,
    /// What one names to join it.
    target: String,
    id: String,
    author: Login,
    socket: Socket,
}

impl<'a> Place<'a> {
    async fn new(server: &'a Server, kind: i32, target: String, author: Login) -> Self {
        let mut socket = server.socket(&author.token, Format::Json).await;
        let id = join(&mut socket, &target, kind).await.unwrap();
        Self { server, kind, target, id, author, socket }
    }

    /// What of the [`ACTS`] this caller may do.
    async fn may(&mut self, caller: &Login) -> [bool; 10] {
        let own = say(&mut self.socket, &self.id).await.unwrap();
        let other = say(&mut self.socket, &self.id).await.unwrap();
        let author = self.server.id_of(&self.author.token).await;
        let target = if self.kind == DIRECT { author.clone() } else { self.target.clone() };
        let mut socket = self.server.socket(&caller.token, Format::Protobuf).await;
        let channel_id = self.id.clone();
        let about = json!({ "channel_id": self.id, "user_id": author, "seconds": 1 });
        let mut may = [false; 10];
        for (act, may) in ACTS.into_iter().zip(&mut may) {
            *may = match act {
                // With the author as its target it is the caller's own direct chat that is joined.
                "join" => join(&mut socket, &target, self.kind).await.as_ref() == Some(&self.id),
                "say" => say(&mut socket, &self.id).await.is_some(),
                "read" => {
                    self.server.get(&format!("/v2/channel/{}", self.id), &caller.token).await.status == 200
                }
                "change" => {
                    let (channel_id, message_id) = (channel_id.clone(), own.clone());
                    let update = ChannelMessageUpdate { channel_id, message_id, content: "{\"x\":1}".into() };
                    tried(&mut socket, Message::ChannelMessageUpdate(update)).await.is_some()
                }
                "remove" => {
                    let (channel_id, message_id) = (channel_id.clone(), own.clone());
                    let remove = ChannelMessageRemove { channel_id, message_id };
                    tried(&mut socket, Message::ChannelMessageRemove(remove)).await.is_some()
                }
                "chat_remove" => {
                    self.call(caller, act, &json!({ "channel_id": self.id, "message_id": other })).await
                }
                "mute everywhere" => self.call(caller, "chat_mute", &json!({ "user_id": author })).await,
                _ => self.call(caller, act, &about).await,
            };
        }
        may
    }

    async fn call(&self, caller: &Login, function: &str, payload: &Value) -> bool {
        let path = format!("/v2/rpc/{function}?unwrap");
        let answer = self.server.post(&path, &caller.token, &payload.to_string()).await;
        assert!(matches!(answer.status, 200 | 403), "{function}: {}", answer.text());
        answer.status == 200
    }
}

async fn check(place: &mut Place<'_>, who: &str, caller: &Login, expected: [u8; 10]) {
    let found = place.may(caller).await;
    for ((act, found), expected) in ACTS.into_iter().zip(found).zip(expected) {
        assert_eq!(found, expected == 1, "{act} by {who}");
    }
}

#[tokio::test]
async fn in_a_groups_channel() {
    let server = Server::start().await;
    let boss = server.log_in("boss").await;
    #[rustfmt::skip]
    let table = [
        // join say read change remove chat_list _remove _mute _ban everywhere
        [1, 1, 1, 0, 1, 1, 1, 1, 1, 0], // superadmin
        [1, 1, 1, 0, 1, 1, 1, 1, 1, 0], // admin
        [1, 1, 1, 0, 0, 0, 0, 0, 0, 0], // member
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // request
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // banned
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], // stranger
    ];
    for (standing, row) in STANDINGS.into_iter().zip(table) {
        let group = make(&server, &boss, json!({ "name": standing })).await;
        let (author, caller) = (server.log_in("author").await, server.log_in(standing).await);
        place(&server, &boss, &group, "member", &author).await;
        place(&server, &boss, &group, standing, &caller).await;
        check(&mut Place::new(&server, GROUP, group, author).await, standing, &caller, row).await;
    }
}

#[tokio::test]
async fn in_a_room() {
    let server = Server::start().await;
    let mut room = Place::new(&server, ROOM, "lobby".into(), server.log_in("author").await).await;
    #[rustfmt::skip]
    let table = [
        // join say read change remove chat_list _remove _mute _ban everywhere
        ("",          [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]),
        ("chat_mute", [1, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
        ("chat_ban",  [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    ];
    for everywhere in [false, true] {
        for (sanction, row) in table {
            let who = format!("one with {sanction:?}, everywhere: {everywhere}");
            let caller = server.log_in(&who.replace('"', "")).await;
            let mut about = json!({ "user_id": server.id_of(&caller.token).await });
            if !everywhere {
                about["channel_id"] = json!(room.id);
            }
            if !sanction.is_empty() {
                server.house_done(sanction, about).await;
            }
            check(&mut room, &who, &caller, row).await;
        }
    }
}

#[tokio::test]
async fn in_a_direct_chat() {
    let server = Server::start().await;
    let (author, other) = (server.log_in("author").await, server.log_in("other").await);
    let (author_id, other_id) = (server.id_of(&author.token).await, server.id_of(&other.token).await);
    let mut chat = Place::new(&server, DIRECT, other_id.clone(), author).await;
    check(&mut chat, "the other", &other, [1, 1, 1, 0, 0, 0, 0, 0, 0, 0]).await;
    let stranger = server.log_in("stranger").await;
    check(&mut chat, "a stranger", &stranger, [0; 10]).await;
    // One who has blocked the other hears no more, and keeps what was said.
    let block = format!("/v2/friend/block?ids={author_id}");
    assert_eq!(server.post(&block, &other.token, "").await.status, 200);
    assert!(say(&mut chat.socket, &chat.id).await.is_none(), "to one who has blocked them");
    assert_eq!(server.get(&format!("/v2/channel/{}", chat.id), &other.token).await.status, 200);
}
