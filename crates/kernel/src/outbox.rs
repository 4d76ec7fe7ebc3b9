//! What rules send out while they take an input: updates for clients and effects on the world outside the room.
//! They are only words until the input that caused them is durable; a transient update alone may leave before.

use crate::{RoomId, Seat};

/// Bytes of updates and effects that one input may cause. More is a fault of the rules and takes the room down.
pub const OUTBOX_BYTES_MAX: usize = 4 << 20;

/// Who is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Every seat.
    All,
    /// One seat.
    One(Seat),
    /// These seats, each once.
    Some(Vec<Seat>),
}

/// A message of the rules to clients, in the game's own encoding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Update {
    /// Who is told.
    pub to: Audience,
    /// It may be shown before it is durable and may be lost; it never causes an effect.
    pub transient: bool,
    /// The game's bytes.
    pub body: Vec<u8>,
}

/// Something done outside the room, exactly once, named by its [`EffectKey`](crate::EffectKey).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Effect {
    /// What is done.
    pub act: Act,
    /// `None`: it always succeeds and nothing is heard of it. `Some(tag)`: it may be refused, and the answer comes
    /// back as an [`Event::EffectResult`](crate::Event::EffectResult) with this tag.
    pub answer: Option<u64>,
}

/// The kinds of effects.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// Changes a seat's account wallet, in the transaction that makes the input durable. Conditional: refused if
    /// the balance would fall below zero. Unconditional: the amount must not be negative.
    Wallet {
        /// Whose wallet.
        seat: Seat,
        /// The currency's name: 1 to 32 bytes of `a-z0-9_`.
        currency: String,
        /// Added to the balance.
        amount: i64,
    },
    /// Hands a message to another room, which logs it once. Conditional: the other room's rules may refuse.
    Message {
        /// The receiver.
        room: RoomId,
        /// In an encoding that both rooms' rules know.
        body: Vec<u8>,
    },
}

/// Collects what one input causes. Handed to the rules empty.
#[derive(Default, Debug)]
pub struct Outbox {
    pub(crate) updates: Vec<Update>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) bytes: usize,
}

impl Outbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells every seat.
    pub fn all(&mut self, body: impl Into<Vec<u8>>) {
        self.update(Update { to: Audience::All, transient: false, body: body.into() });
    }

    /// Tells one seat.
    pub fn one(&mut self, seat: Seat, body: impl Into<Vec<u8>>) {
        self.update(Update { to: Audience::One(seat), transient: false, body: body.into() });
    }

    /// Tells some seats.
    pub fn some(&mut self, seats: Vec<Seat>, body: impl Into<Vec<u8>>) {
        self.update(Update { to: Audience::Some(seats), transient: false, body: body.into() });
    }

    /// Tells clients something with every choice open, `transient` among them.
    pub fn update(&mut self, update: Update) {
        self.bytes += update.body.len();
        self.updates.push(update);
    }

    /// An effect that always succeeds.
    pub fn effect(&mut self, act: Act) {
        self.push(Effect { act, answer: None });
    }

    /// An effect that may be refused; its answer comes back with `tag`.
    pub fn ask(&mut self, tag: u64, act: Act) {
        self.push(Effect { act, answer: Some(tag) });
    }

    fn push(&mut self, effect: Effect) {
        self.bytes += match &effect.act {
            Act::Wallet { currency, .. } => currency.len(),
            Act::Message { body, .. } => body.len(),
        };
        self.effects.push(effect);
    }

    /// The updates so far, in order.
    pub fn updates(&self) -> &[Update] {
        &self.updates
    }

    /// The effects so far, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Takes the updates out.
    pub fn take_updates(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.updates)
    }

    /// Takes the effects out.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.updates.clear();
        self.effects.clear();
        self.bytes = 0;
    }
}
