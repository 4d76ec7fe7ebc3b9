//! Rooms and the desk: what rooms tell it, and what it tells them. To a room the desk is a room like others, with a name
//! of its own: its messages are logged, taken once, and answered.

use kernel::{EffectKey, Refusal, RoomId};

use super::Rooms;
use super::ask::Ask;
use super::worker::Surroundings;

/// What a room tells the desk. It is said on the room's own thread: whoever hears it must not wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ToDesk {
    /// A job, in bytes that may be anything. It is said again until it is answered, by [`Rooms::desk_answers`].
    Job {
        /// Which room.
        from: RoomId,
        /// By which effect.
        key: EffectKey,
        /// A [`kernel::DeskJob`].
        body: Vec<u8>,
    },
    /// The answer to what the desk told a room. It is durable.
    Heard {
        /// By which key of the desk's.
        key: EffectKey,
        /// Taken, or why not.
        outcome: Result<(), Refusal>,
    },
}

impl Surroundings {
    /// Carries what one room says to another, or to the desk.
    pub(super) fn carry(&self, room: RoomId, ask: Ask) {
        if room != RoomId::DESK {
            return self.inbox(room).tell(ask);
        }
        let said = match ask {
            Ask::Message { from, key, body, .. } => ToDesk::Job { from, key, body },
            Ask::Answered { key, outcome, .. } => ToDesk::Heard { key, outcome },
            _ => return,
        };
        match (self.on_desk.get(), said) {
            (Some(hear), said) => hear(said),
            (None, ToDesk::Job { from, key, .. }) => {
                let outcome = Err(Refusal::new(Refusal::NO_ROOM, "nobody sits at the desk here"));
                self.inbox(from).tell(Ask::Answered { room: from, key, outcome });
            }
            (None, ToDesk::Heard { .. }) => {}
        }
    }
}

impl Rooms {
    /// Has this called with whatever rooms tell the desk; the first caller's stands.
    pub fn on_desk(&self, hear: impl Fn(ToDesk) + Send + Sync + 'static) {
        let _ = self.around.on_desk.set(Box::new(hear));
    }

    /// Answers a room that gave the desk a job. Said once more, it does nothing.
    pub fn desk_answers(&self, room: RoomId, key: EffectKey, outcome: Result<(), Refusal>) {
        self.around.inbox(room).tell(Ask::Answered { room, key, outcome });
    }

    /// Tells a room something in the desk's name, and wakes it for that. Keys grow: a room passes over one that is not
    /// above those that it took, so the next is told once this one is [heard](ToDesk::Heard).
    pub fn desk_tells(&self, room: RoomId, key: EffectKey, body: Vec<u8>) {
        self.around.inbox(room).tell(Ask::Message { room, from: RoomId::DESK, key, body });
    }
}
