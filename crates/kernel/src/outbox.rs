//! What rules send out while they take an input: updates for clients and effects on the world outside the room.
//! They are only words until the input that caused them is durable; a transient update alone may leave before.

use std::collections::BTreeMap;
use std::fmt;

use crate::{Room, RoomId, Seat};

/// Bytes of updates and effects that one input may cause. More is a fault of the rules and takes the room down. As much
/// may be told as time passes; of more, everybody is shown a view instead.
pub const OUTBOX_BYTES_MAX: usize = 4 << 20;
/// Bytes of the answer to one command. More is a fault of the rules and takes the room down.
pub const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Bytes of an event's name. More is a fault of the rules.
pub const EVENT_NAME_BYTES_MAX: usize = 128;
/// Bytes of each key and each value of an event's properties. More is a fault of the rules.
pub const EVENT_PROPERTY_BYTES_MAX: usize = 1_024;
/// Properties of an event. More is a fault of the rules.
pub const EVENT_PROPERTIES_MAX: usize = 64;

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
    /// Tells the server's consumers of events what happened, in the transaction that makes the input durable. Always
    /// unconditional.
    Event {
        /// Whose user it happened to.
        seat: Seat,
        /// What happened.
        name: String,
        /// With what.
        properties: BTreeMap<String, String>,
    },
}

impl Act {
    fn bytes(&self) -> usize {
        match self {
            Act::Wallet { currency, .. } => currency.len(),
            Act::Message { body, .. } => body.len(),
            Act::Event { name, properties, .. } => {
                name.len() + properties.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>()
            }
        }
    }

    fn check(&self) {
        if let Act::Event { name, properties, .. } = self {
            let named = (1..=EVENT_NAME_BYTES_MAX).contains(&name.len()) && !name.contains('\0');
            assert!(named, "an event's name is empty, too long or no text");
            let fits = |text: &String| text.len() <= EVENT_PROPERTY_BYTES_MAX;
            let fit = properties.iter().all(|(key, value)| fits(key) && fits(value));
            assert!(
                fit && properties.len() <= EVENT_PROPERTIES_MAX,
                "an event's properties are too many or too long"
            );
        }
    }
}

/// What stood just before an input, kept because the rules [asked](crate::Rules::mark).
pub struct Mark {
    /// Why.
    pub why: &'static str,
    /// The room before the input.
    pub before: Box<dyn Room>,
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark({} after input {})", self.why, self.before.memory().seq)
    }
}

/// Collects what one input causes. Handed to the rules empty.
#[derive(Default, Debug)]
pub struct Outbox {
    pub(crate) updates: Vec<Update>,
    pub(crate) effects: Vec<Effect>,
    pub(crate) answer: Vec<u8>,
    pub(crate) mark: Option<Mark>,
    /// Nobody is there to keep a mark.
    pub(crate) no_marks: bool,
    /// Nobody is there to be told.
    pub(crate) unheard: bool,
    /// Time passes: what is told may be more than fits, and is then lost.
    pub(crate) passing: bool,
    pub(crate) overran: bool,
    pub(crate) bytes: usize,
}

impl Outbox {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// One for inputs that were taken before: what they cause was done then, nobody is told, and nothing is marked
    /// again.
    pub fn for_replay() -> Self {
        Self { no_marks: true, unheard: true, ..Self::default() }
    }

    /// One for inputs that were taken before and are shown again: what they told is told once more, and nothing is
    /// marked.
    pub fn for_showing() -> Self {
        Self { no_marks: true, ..Self::default() }
    }

    /// Is anybody told of updates? Rules may save themselves the making of one that nobody hears. Nothing else may
    /// depend on it.
    pub fn is_heard(&self) -> bool {
        !self.unheard && !self.overran
    }

    /// So much time passed at once that what it told did not fit, and is not whole: show everybody a view.
    pub fn overran(&self) -> bool {
        self.overran
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
        if !self.is_heard() {
            return;
        }
        if self.passing && self.bytes + update.body.len() > OUTBOX_BYTES_MAX {
            self.overran = true;
            return;
        }
        self.bytes += update.body.len();
        self.updates.push(update);
    }

    /// The rules' word to whoever gave this command through the server; one more replaces the first. It is no part of
    /// the room: it is not logged, and a player's socket does not get it.
    ///
    /// # Panics
    /// If it is longer than [`ANSWER_BYTES_MAX`].
    pub fn answer(&mut self, body: impl Into<Vec<u8>>) {
        self.answer = body.into();
        let len = self.answer.len();
        assert!(len <= ANSWER_BYTES_MAX, "the rules answered a command with {len} bytes");
    }

    /// An effect that always succeeds.
    ///
    /// # Panics
    /// If it is an event beyond its limits.
    pub fn effect(&mut self, act: Act) {
        self.push(Effect { act, answer: None });
    }

    /// An effect that may be refused; its answer comes back with `tag`.
    ///
    /// # Panics
    /// If it is an event: nobody refuses one.
    pub fn ask(&mut self, tag: u64, act: Act) {
        assert!(!matches!(act, Act::Event { .. }), "an event is never answered");
        self.push(Effect { act, answer: Some(tag) });
    }

    fn push(&mut self, effect: Effect) {
        effect.act.check();
        self.bytes += effect.act.bytes();
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

    /// What the rules said to whoever gave the command; empty if nothing.
    pub fn answered(&self) -> &[u8] {
        &self.answer
    }

    /// What stood before the input, if the rules want it kept.
    pub fn mark(&self) -> Option<&Mark> {
        self.mark.as_ref()
    }

    /// Takes the updates out.
    pub fn take_updates(&mut self) -> Vec<Update> {
        std::mem::take(&mut self.updates)
    }

    /// Takes the effects out.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Takes the answer out.
    pub fn take_answer(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.answer)
    }

    /// Takes the mark out.
    pub fn take_mark(&mut self) -> Option<Mark> {
        self.mark.take()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.updates.clear();
        self.effects.clear();
        // Not kept for the next input: it may be large, and rooms are many.
        self.answer = Vec::new();
        self.mark = None;
        self.overran = false;
        self.bytes = 0;
    }
}
