//! A player: a user with a socket that comes and goes, who sends ledger commands and remembers every answer.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::rooms::{RoomCommand, Rooms};
use app::session::{Answer, Delivery, Session, SessionId};
use kernel::{CommandId, Refusal, RoomId, Seq};
use ledger::Command;
use store::UserId;
use wire::envelope::Message;

use crate::{History, World};

/// Commands without an answer up to which a player sends more.
const UNANSWERED_MAX: usize = 20;

/// A simulated player.
pub struct Player {
    user: UserId,
    session: Option<Arc<Session>>,
    joined: BTreeMap<RoomId, bool>,
    /// Sent and not answered: sent again with the same id after every join.
    unanswered: BTreeMap<CommandId, (RoomId, Command)>,
    sent: u128,
}

impl Player {
    /// A player who is not connected.
    pub fn new(number: u128) -> Self {
        Self {
            user: UserId(number + 1),
            session: None,
            joined: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            sent: 0,
        }
    }

    /// Nothing that was sent is without an answer.
    pub fn is_answered(&self) -> bool {
        self.unanswered.is_empty()
    }

    /// Does one thing, by chance.
    pub fn act(&mut self, world: &mut World, rooms: &[RoomId], history: &mut History) {
        self.listen(world, history);
        let roll = world.chance(100);
        let room = rooms[world.chance(rooms.len() as u64) as usize];
        match roll {
            0..3 => self.lose_socket(world),
            3..8 => self.leave(world, room),
            8..20 => self.join(world, room),
            _ if self.joined.get(&room) == Some(&true) && self.unanswered.len() < UNANSWERED_MAX => {
                let command = self.invent(world, rooms);
                self.send_new(world, room, command, history);
            }
            _ => self.join(world, room),
        }
    }

    /// Comes back wherever something is unanswered, without anything new.
    pub fn insist(&mut self, world: &mut World, history: &mut History) {
        self.listen(world, history);
        let rooms: Vec<RoomId> = self.unanswered.values().map(|(room, _)| *room).collect();
        for room in rooms {
            self.join(world, room);
        }
    }

    fn invent(&self, world: &World, rooms: &[RoomId]) -> Command {
        let account = |world: &World| world.chance(8) as u32;
        let amount = world.chance(30);
        match world.chance(10) {
            0..5 => Command::Transfer { from: account(world), to: account(world), amount },
            5 | 6 => Command::Withdraw { account: account(world), amount },
            7 | 8 => Command::Deposit { account: account(world), amount },
            _ => {
                let room = rooms[world.chance(rooms.len() as u64) as usize];
                Command::Remit { account: account(world), amount, to_account: account(world), room }
            }
        }
    }

    fn send_new(&mut self, world: &mut World, room: RoomId, command: Command, history: &mut History) {
        self.sent += 1;
        let id = CommandId(self.user.0 << 64 | self.sent);
        history.sent(room, id, command);
        self.unanswered.insert(id, (room, command));
        self.send(world, room, vec![(id, command)]);
    }

    fn send(&mut self, world: &mut World, room: RoomId, commands: Vec<(CommandId, Command)>) {
        let Some(session) = self.session.clone() else { return };
        let command = |(id, command): (CommandId, Command)| {
            let mut body = Vec::new();
            command.encode(&mut body);
            RoomCommand { room, id, body: body.into() }
        };
        let mut batch: Vec<RoomCommand> = commands.into_iter().map(command).collect();
        let rooms = world.rooms();
        world.wait_for(async move { rooms.commands(&session, &mut batch).await });
    }

    fn join(&mut self, world: &mut World, room: RoomId) {
        if self.joined.contains_key(&room) {
            return;
        }
        let id = u128::from(world.chance(u64::MAX));
        let session =
            self.session.get_or_insert_with(|| Session::new(SessionId(id), self.user, "player".into()));
        let session = session.clone();
        self.joined.insert(room, false);
        let rooms: Rooms = world.rooms();
        world.wait_for(async move { rooms.join(&session, room, room.to_string(), None).await });
    }

    fn leave(&mut self, world: &mut World, room: RoomId) {
        let Some(session) = self.session.clone() else { return };
        if self.joined.remove(&room).is_some() {
            let rooms = world.rooms();
            world.wait_for(async move { rooms.leave(&session, room, String::new()).await });
        }
    }

    fn lose_socket(&mut self, world: &mut World) {
        self.joined.clear();
        if let Some(session) = self.session.take() {
            let rooms = world.rooms();
            world.wait_for(async move { rooms.gone(&session).await });
        }
    }

    /// Reads everything that the server has sent.
    pub fn listen(&mut self, world: &mut World, history: &mut History) {
        let Some(session) = self.session.clone() else { return };
        let mut deliveries = Vec::new();
        session.drain(&mut deliveries);
        for delivery in deliveries {
            history.note(format!("{} {delivery:?}", self.user));
            match delivery {
                Delivery::Answers { answers, .. } => {
                    answers.into_iter().for_each(|answer| self.answered(answer, history));
                }
                Delivery::Message(envelope) => match envelope.message {
                    Some(Message::Match(_)) => self.joined_room(world, envelope.cid.parse().ok()),
                    Some(Message::Error(_)) => {
                        if let Ok(room) = envelope.cid.parse() {
                            self.joined.remove(&room);
                        }
                    }
                    _ => {}
                },
                Delivery::Payload { room, kind: wire::payload::Kind::Closing, .. } => {
                    self.joined.remove(&room);
                }
                // Rooms send nothing to streams, and a player here listens to none.
                Delivery::Payload { .. } | Delivery::Shared(_) => {}
            }
        }
    }

    fn joined_room(&mut self, world: &mut World, room: Option<RoomId>) {
        let Some(room) = room.filter(|room| self.joined.contains_key(room)) else { return };
        self.joined.insert(room, true);
        let again = self.unanswered.iter().filter(|(_, (other, _))| *other == room);
        let again: Vec<_> = again.map(|(id, (_, command))| (*id, *command)).collect();
        if !again.is_empty() {
            self.send(world, room, again);
        }
    }

    fn answered(&mut self, answer: Answer, history: &mut History) {
        match answer.verdict {
            Ok(seq) => self.settled(answer.id, Ok(seq), history),
            // "Send it once more": it stays unanswered, and the next join sends it again.
            Err(refusal) if matches!(refusal.code, Refusal::UNAVAILABLE | Refusal::NOT_SEATED) => {
                if let Some((room, _)) = self.unanswered.get(&answer.id) {
                    self.joined.remove(room);
                }
            }
            Err(refusal) => self.settled(answer.id, Err(refusal), history),
        }
    }

    fn settled(&mut self, id: CommandId, verdict: Result<Seq, Refusal>, history: &mut History) {
        if let Some((room, _)) = self.unanswered.remove(&id) {
            history.answered(room, id, verdict);
        }
    }
}
