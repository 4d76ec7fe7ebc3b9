//! A client of the simulated world: what it asks, and what it hears as short texts.

use std::sync::Arc;

use app::rooms::{Resume, RoomCommand};
use app::session::{Delivery, Drained, Session, SessionId};
use kernel::{CommandId, RoomId, Seq};
use sim::World;
use store::UserId;
use wire::envelope::Message;
use wire::payload::Payload;

pub struct Client {
    pub session: Arc<Session>,
    /// Of the newest view.
    pub token: String,
}

/// Opens a board for user 1.
pub fn open(world: &mut World) -> RoomId {
    let rooms = world.rooms();
    world.wait_for(async move { rooms.open(UserId(1), "board", b"{}".to_vec(), false).await }).unwrap()
}

/// Puts a new socket of the same user in the place of one, which is handed out.
pub fn next_socket(session: &mut Arc<Session>) -> Arc<Session> {
    let next = Session::new(SessionId(session.id.0 + 1_000), session.user, session.username.clone());
    std::mem::replace(session, next)
}

impl Client {
    /// A socket of a user.
    pub fn new(user: u128, socket: u128) -> Self {
        let session = Session::new(SessionId(socket), UserId(user), format!("user{user}"));
        Self { session, token: String::new() }
    }

    /// One that has joined and heard of it.
    pub fn joined(world: &mut World, user: u128, room: RoomId) -> Self {
        let mut client = Self::new(user, user + 100);
        client.join(world, room, None);
        // The second step is over as well: whatever happens next is sent at once.
        for _ in 0..3 {
            world.settle();
            world.pass(60);
        }
        client.hear();
        client
    }

    pub fn join(&mut self, world: &mut World, room: RoomId, seen: Option<u64>) {
        let resume = seen.map(|seen| Resume { token: self.token.clone(), seen: Seq(seen), step: 0 });
        let (rooms, session) = (world.rooms(), self.session.clone());
        world.wait_for(async move { rooms.join(&session, room, "join".into(), resume).await });
    }

    pub fn leave(&mut self, world: &mut World, room: RoomId) {
        let (rooms, session) = (world.rooms(), self.session.clone());
        world.wait_for(async move { rooms.leave(&session, room, "leave".into()).await });
    }

    /// Its socket is gone; the next one is another.
    pub fn lose(&mut self, world: &mut World) {
        let (rooms, session) = (world.rooms(), next_socket(&mut self.session));
        world.wait_for(async move { rooms.gone(&session).await });
    }

    pub fn send(&mut self, world: &mut World, room: RoomId, id: u128, text: &str) {
        self.send_bytes(world, room, id, text.as_bytes().to_vec());
    }

    pub fn send_bytes(&mut self, world: &mut World, room: RoomId, id: u128, body: Vec<u8>) {
        let command = RoomCommand { room, id: CommandId(id), body: body.into() };
        let (rooms, session) = (world.rooms(), self.session.clone());
        world.wait_for(async move { rooms.commands(&session, &mut vec![command]).await });
    }

    pub fn drain(&mut self) -> (Vec<String>, Drained) {
        let mut deliveries = Vec::new();
        let drained = self.session.drain(&mut deliveries);
        let mut heard = Vec::new();
        for delivery in deliveries {
            self.describe(delivery, &mut heard);
        }
        (heard, drained)
    }

    /// Everything that has come, one text each.
    pub fn hear(&mut self) -> Vec<String> {
        self.drain().0
    }

    fn describe(&mut self, delivery: Delivery, heard: &mut Vec<String>) {
        match delivery {
            Delivery::Answers { answers, .. } => {
                heard.extend(answers.into_iter().map(|answer| match answer.verdict {
                    Ok(seq) => format!("{} accepted as {seq}", answer.id.0),
                    Err(refusal) => format!("{} refused {}: {}", answer.id.0, refusal.code, refusal.reason),
                }))
            }
            Delivery::Message(envelope) => heard.push(match envelope.message {
                Some(Message::Match(joined)) => format!("match with {}", joined.size),
                Some(Message::MatchPresenceEvent(event)) => {
                    format!("presences +{} -{}", event.joins.len(), event.leaves.len())
                }
                Some(Message::Error(error)) => {
                    format!("{} error {}: {}", envelope.cid, error.code, error.message)
                }
                None => format!("{} done", envelope.cid),
                other => format!("{other:?}"),
            }),
            Delivery::Shared(_) => {}
            Delivery::Payload { data, .. } => match Payload::decode(&data).unwrap() {
                Payload::View(view) => {
                    self.token = view.token.to_owned();
                    heard.push(format!("view at {}: {}", view.seq, String::from_utf8_lossy(view.body)));
                }
                Payload::Updates(updates) => {
                    let texts = updates.iter().map(|text| match text.len() {
                        0..100 => String::from_utf8_lossy(text).into_owned(),
                        long => format!("{} KiB", long / 1024),
                    });
                    heard.push(format!(
                        "updates to {}: {}",
                        updates.seq,
                        texts.collect::<Vec<_>>().join(", ")
                    ));
                }
                Payload::Closing(closing) => {
                    heard.push(format!("closing {}: {}", closing.code, closing.reason))
                }
                other => heard.push(format!("{other:?}")),
            },
        }
    }
}

/// Settles the world, then compares what a client heard with what it should have.
pub fn check(world: &mut World, client: &mut Client, expected: &[&str]) {
    world.settle();
    assert_eq!(client.hear(), expected);
}
