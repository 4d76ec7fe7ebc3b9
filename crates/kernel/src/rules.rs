//! What a game must say to be a room: the [`Rules`] trait.
//!
//! Rules are a pure function. They see the state, one input and its time, and nothing else: no clock, no
//! randomness but the seed they were opened with, no IO, nothing that differs between two machines. Everything
//! the house promises (recovery, replay, rewind, hand-over) is this promise of theirs.

use std::any::Any;
use std::sync::Arc;

use crate::{At, Outbox, Refusal, RoomId, Seat};

/// A part of a room's state that never changes and takes long to make, as a map does that is made from a seed. Whoever
/// restores the same room again and again keeps it and [passes it in](Rules::restore_with).
pub type Lasting = Arc<dyn Any + Send + Sync>;

/// How a room's time runs. Times are in milliseconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Updates are gathered this long before they are sent; 0 sends them as soon as they are durable.
    pub step_ms: u32,
    /// While somebody is present, an `Advance` is logged when nothing else was for this long; 0 never. At least
    /// [`Pace::ADVANCE_MS_MIN`] otherwise, and then a room that wakes is advanced at once.
    pub advance_ms: u32,
    /// The room runs between its inputs: at the end of every step somebody is there to see, time
    /// [passes](Rules::pass). Needs a `step_ms`.
    pub runs: bool,
    /// A snapshot of a room that runs is kept about this often, so that any step of its past can soon be shown
    /// again; 0 never.
    pub keep_ms: u32,
}

impl Pace {
    /// The shortest time between two logged advances.
    pub const ADVANCE_MS_MIN: u32 = 1_000;

    /// For turn-based rooms: answers at once, time passes only with what players do.
    pub const TURNS: Self = Self { step_ms: 0, advance_ms: 0, runs: false, keep_ms: 0 };
}

/// One input as the rules see it. `C` is the rules' own decoded command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event<'a, C> {
    /// Somebody sits down: a new seat, or one that was left before.
    Join {
        /// Where.
        seat: Seat,
    },
    /// A seat's last presence is gone and its grace time is over. What it owns stays unless the rules say otherwise.
    Leave {
        /// Where.
        seat: Seat,
    },
    /// A player's command.
    Command {
        /// Whose: a joined seat, or one whose people are away if [`Rules::hears_absent`] said so.
        seat: Seat,
        /// What.
        command: C,
    },
    /// Nothing but time has passed.
    Advance,
    /// Another room's message, each taken once and in the order in which that room sent them.
    Message {
        /// The sender.
        from: RoomId,
        /// Its bytes.
        body: &'a [u8],
    },
    /// The answer to a conditional effect.
    EffectResult {
        /// As given to [`Outbox::ask`].
        tag: u64,
        /// Done, or why not.
        outcome: &'a Result<(), Refusal>,
    },
}

/// Something that should have been readable was not: a snapshot, a content file, a setup.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// A game. One value is made for each content (its data file), and serves every room with that content.
///
/// `validate` looks and `execute` acts: a refused input has changed nothing because it could not. Time is part of
/// the input: rules that let things grow with time compute what is true at `at` in `validate`, and settle it in
/// `execute`.
///
/// Rules that [run](Pace::runs) are different in one thing: before they are asked about an input, time has
/// [passed](Rules::pass) up to its step, whatever the answer. A refused input has then changed nothing but that.
pub trait Rules: Send + Sync + Sized + 'static {
    /// The name clients and logs use: 1 to 32 bytes of `a-z0-9_`.
    const NAME: &'static str;
    /// Raised whenever the same log would lead to another state.
    const VERSION: u32;

    /// All that a room remembers. Cloned for snapshots, so large parts want to be cheap to share.
    type State: Clone + Send + 'static;
    /// A decoded command.
    type Command: Send;

    /// Makes the rules from their content file; `b""` where rules need none. Errors name the line.
    fn load(content: &[u8]) -> Result<Self, Unreadable>;

    /// How time runs.
    fn pace(&self) -> Pace;

    /// The state of a new room. `seed` is the room's only randomness.
    fn open(&self, at: At, setup: &[u8], seed: u64) -> Result<Self::State, Refusal>;

    /// Reads a command's bytes. Any bytes may come.
    fn decode(&self, body: &[u8]) -> Result<Self::Command, Refusal>;

    /// May this command be taken for a seat that is not joined, or never was: something that its user does without
    /// being in the room? A fact about the command alone.
    fn hears_absent(&self, _command: &Self::Command) -> bool {
        false
    }

    /// May this happen now? Looks only.
    fn validate(&self, state: &Self::State, at: At, event: &Event<'_, Self::Command>) -> Result<(), Refusal>;

    /// Makes it happen. Called only directly after `validate` said yes to the same event in the same state.
    /// `Leave`, `Advance` and `EffectResult` are facts: `validate` must not refuse them.
    fn execute(&self, state: &mut Self::State, at: At, event: Event<'_, Self::Command>, out: &mut Outbox);

    /// For rules that run: time alone passes, up to `at.step`. The state knows itself which step it is at.
    ///
    /// What this does depends on the state and `at.step` alone, and it does not matter in how many calls time passes:
    /// `pass(a)` and then `pass(b)`, for `a <= b`, leaves the state that `pass(b)` alone would. What is told may be
    /// split differently. It may emit updates and nothing else. Nothing here may grow with the size of the state: it
    /// is called at every step.
    ///
    /// A room that sleeps is not passed, and the whole of that time passes when it wakes. So do a few seconds after a
    /// crash. Rules whose steps cost something want to stand still while no seat is joined.
    fn pass(&self, _state: &mut Self::State, _at: At, _out: &mut Outbox) {}

    /// Asked after `validate` said yes: shall what stood just before this event be kept, so that the room can be taken
    /// back there, and for what reason? A name of at most [`MARK_BYTES_MAX`] bytes. It changes nothing in the room. Rules that run must not: keeping what stood costs a
    /// copy of it, and the house [keeps](Pace::keep_ms) their past by itself.
    fn mark(&self, _state: &Self::State, _at: At, _event: &Event<'_, Self::Command>) -> Option<&'static str> {
        None
    }

    /// What a seat may see of the state at a time, in the game's encoding, appended to `out`. [`Seat::NOBODY`] gets
    /// what everybody may see, which may be nothing.
    fn view(&self, state: &Self::State, at: At, seat: Seat, out: &mut Vec<u8>);

    /// The whole state, in an encoding that `restore` reads, appended to `out`. Equal states give equal bytes.
    fn snapshot(&self, state: &Self::State, out: &mut Vec<u8>);

    /// The inverse of `snapshot` for this version and content. Any bytes may come.
    fn restore(&self, bytes: &[u8]) -> Result<Self::State, Unreadable>;

    /// The part of a state that `restore_with` need not make again.
    fn lasting(&self, _state: &Self::State) -> Option<Lasting> {
        None
    }

    /// The same as `restore`, whatever is passed in: a part of another state, perhaps of another room or another game, which
    /// is taken over if it is what would be made.
    fn restore_with(&self, bytes: &[u8], _lasting: Option<&Lasting>) -> Result<Self::State, Unreadable> {
        self.restore(bytes)
    }

    /// Makes this version's state from a snapshot of version `from` (this or an earlier one), perhaps under
    /// another content. The default takes its own version's bytes as they are.
    fn migrate(&self, from: u32, bytes: &[u8]) -> Result<Self::State, Unreadable> {
        if from == Self::VERSION {
            return self.restore(bytes);
        }
        Err(Unreadable(format!("{} version {} cannot take over version {from}", Self::NAME, Self::VERSION)))
    }

    /// The room was taken back to this state, in which it was at `then`; it goes on at `at`. Rules that let things grow
    /// with time say here what the time between is to this state: the default leaves it as it is, so that the next
    /// event finds all of it passed. Rules that run want to be at step `at.step` from here on, or all steps between are
    /// done again.
    fn rewound(&self, _state: &mut Self::State, _then: At, _at: At) {}

    /// What a list of matches shows of the room: at most [`LABEL_BYTES_MAX`] bytes of JSON or plain text.
    fn label(&self, _state: &Self::State) -> String {
        String::new()
    }

    /// May anybody who asks have the room's whole log, and with it everything that any seat ever knew? So it may be once
    /// a game is over.
    fn log_is_open(&self, _state: &Self::State) -> bool {
        false
    }

    /// The seats, from [`Seat::SERVED_FIRST`] on, that computers may play now: programs outside that are shown the
    /// seat's view and give its commands, which must be [heard](Rules::hears_absent) of the absent.
    fn served(&self, _state: &Self::State) -> Vec<Seat> {
        Vec::new()
    }

    /// Figures of the room for the metrics page; summed over the process's rooms. Names are fixed texts.
    fn gauges(&self, _state: &Self::State, _report: &mut dyn FnMut(&'static str, i64)) {}

    /// What a player would miss, as numbers of which less is worse: what a dry run of a new content compares before
    /// and after. Each name once.
    fn measures(&self, _state: &Self::State, _at: At, _report: &mut dyn FnMut(&str, u128)) {}
}

/// Bytes of the reason of a mark.
pub const MARK_BYTES_MAX: usize = 32;
/// Bytes of a label.
pub const LABEL_BYTES_MAX: usize = 2_048;
