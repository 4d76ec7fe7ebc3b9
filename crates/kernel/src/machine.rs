//! A room at work: a game's rules and state together with the house's memory, behind one object-safe trait.
//!
//! [`Room::take`] is the only way a room changes. The host calls it for live inputs, recovery and replay call it
//! for logged ones; there is no second path.

use std::any::Any;
use std::sync::Arc;

use crate::memory::{Memory, OUTSTANDING_MAX, Outstanding, SEATS_MAX, SENDERS_MAX};
use crate::snapshot::{self, Frozen};
use crate::{
    Act, At, EffectKey, Event, Hash128, Input, Lasting, MARK_BYTES_MAX, Mark, OUTBOX_BYTES_MAX, Outbox, Pace,
    Refusal, RoomId, Rules, RulesId, Seat, Seq, Unreadable,
};

/// How an input was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// It is the log's next input and has this number.
    New(Seq),
    /// It was taken before, under this number; nothing has changed.
    Repeat(Seq),
}

/// One room in memory, whatever its game.
pub trait Room: Send + Any {
    /// The house's memory of it.
    fn memory(&self) -> &Memory;
    /// What it runs under.
    fn rules(&self) -> &RulesId;
    /// How its time runs.
    fn pace(&self) -> Pace;
    /// The time an input would have that happens at `ms` by the host's clock: never before the newest input, nor
    /// before what has passed.
    fn at(&self, ms: i64) -> At;
    /// Lets time alone pass in a room that runs; in others nothing happens. It is no input: the log knows nothing of
    /// it, and whatever comes next finds the same room whether or not this was called.
    ///
    /// # Panics
    /// Where the rules do, or if they emit anything but updates; the room is then in no usable state.
    fn pass(&mut self, at: At, out: &mut Outbox);
    /// Up to when time has passed: the newest input's time or a later one.
    fn passed(&self) -> At;
    /// The state is exactly what the log says: no step is over since the newest input. Only then has the room a hash
    /// that a replay comes to, or a snapshot.
    fn is_settled(&self) -> bool;
    /// Takes one input, live or from the log. Refused: nothing has changed and nothing is in `out`; in a room that
    /// runs, nothing but that time has passed, and what that told. `Open`, `Migrate`, `Rewind` and `Without` have
    /// doors of their own and are refused here.
    ///
    /// A command of a seat that nobody sits in is taken if the rules [hear](Rules::hears_absent) it. A repeated
    /// command gives nothing but its number: what it once caused, answered or marked is not said again.
    ///
    /// # Panics
    /// Where the rules do, or emit more than [`OUTBOX_BYTES_MAX`]; the room is then in no usable state.
    fn take(&mut self, at: At, input: &Input<'_>, out: &mut Outbox) -> Result<Taken, Refusal>;
    /// The time at which a step of this room begins, or up to which it has passed if that is later.
    fn at_step(&self, step: u64) -> At;
    /// The game's state goes back to `earlier`, which [`earlier`](crate::earlier) made for input `to`. The house's
    /// memory goes on: what was taken stays taken and effects stay done, but the rules hear no more of those that
    /// they now never asked for.
    fn rewind(&mut self, at: At, to: Seq, earlier: &dyn Room) -> Result<Seq, Refusal>;
    /// The game's state becomes that of `other`, which [`without`](crate::without) made for input `seq`, and in which
    /// time passes up to `at`. The house's memory goes on as in a rewind. What the rules asked of the world in the other
    /// course alone was never asked: they hear that it is refused.
    fn take_out(&mut self, at: At, seq: Seq, other: &dyn Room) -> Result<Seq, Refusal>;
    /// The next input will have the number after this one. For [`earlier`](crate::earlier) and
    /// [`without`](crate::without) alone, which take some inputs of a log and pass over others.
    fn skip_to(&mut self, seq: Seq);
    /// What a seat may see at a time, appended to `out`; for [`Seat::NOBODY`], what everybody may see.
    fn view(&self, at: At, seat: Seat, out: &mut Vec<u8>);
    /// What lists show.
    fn label(&self) -> String;
    /// May anybody read its whole log?
    fn log_is_open(&self) -> bool;
    /// The seats that computers may play now.
    fn served(&self) -> Vec<Seat>;
    /// The rules' figures.
    fn gauges(&self, report: &mut dyn FnMut(&'static str, i64));
    /// What a player would miss at a time, as numbers of which less is worse.
    fn measures(&self, at: At, report: &mut dyn FnMut(&str, u128));
    /// The whole room as bytes that [`AnyRules::restore`] reads. Wants it settled.
    fn snapshot(&self) -> Vec<u8>;
    /// The hash of everything that decides its future. Wants it settled.
    fn hash(&self) -> Hash128;
    /// A copy, so that a snapshot can be encoded elsewhere while this one goes on.
    fn fork(&self) -> Box<dyn Room>;
    /// The game's state alone.
    fn state_bytes(&self) -> Vec<u8>;
    /// What of it never changes, for whoever [restores](AnyRules::restore) it again.
    fn lasting(&self) -> Option<Lasting>;
}

/// A game's rules with one content, whatever the game. Made by [`Registry`](crate::Registry).
pub trait AnyRules: Send + Sync {
    /// Name, version, content.
    fn id(&self) -> &RulesId;
    /// How the time of their rooms runs.
    fn pace(&self) -> Pace;
    /// A new room; it has taken `Open` as its input 1.
    fn open(&self, room: RoomId, ms: i64, setup: &[u8], seed: u64) -> Result<Box<dyn Room>, Refusal>;
    /// A room from its snapshot, which must be of exactly these rules. The same room, and sooner, with what
    /// [lasts](Room::lasting) of it.
    fn restore(&self, frozen: Frozen, lasting: Option<&Lasting>) -> Result<Box<dyn Room>, Unreadable>;
    /// The room after one more input, `Migrate`, under these rules. One that runs moves at the time up to which it has
    /// passed.
    fn migrate(&self, room: &dyn Room, at: At) -> Result<Box<dyn Room>, Unreadable>;
}

pub(crate) struct Loaded<R: Rules>(Arc<Shared<R>>);

struct Shared<R> {
    rules: R,
    id: RulesId,
    pace: Pace,
}

impl<R: Rules> Loaded<R> {
    pub fn new(content: &[u8]) -> Result<Self, Unreadable> {
        let id = RulesId { name: R::NAME.into(), version: R::VERSION, content: Hash128::of(&[content]) };
        let rules = R::load(content)?;
        let pace = rules.pace();
        if pace.runs && pace.step_ms == 0 {
            return Err(Unreadable(format!("{} run without a step", R::NAME)));
        }
        Ok(Self(Arc::new(Shared { rules, id, pace })))
    }

    fn machine(&self, state: R::State, memory: Memory) -> Box<dyn Room> {
        Box::new(Machine::<R> { shared: self.0.clone(), state, passed: memory.at, memory })
    }
}

impl<R: Rules> AnyRules for Loaded<R> {
    fn id(&self) -> &RulesId {
        &self.0.id
    }

    fn pace(&self) -> Pace {
        self.0.pace
    }

    fn open(&self, room: RoomId, ms: i64, setup: &[u8], seed: u64) -> Result<Box<dyn Room>, Refusal> {
        let mut memory = Memory::new(room, ms);
        let state = self.0.rules.open(memory.at, setup, seed)?;
        memory.seq = Seq(1);
        Ok(self.machine(state, memory))
    }

    fn restore(&self, frozen: Frozen, lasting: Option<&Lasting>) -> Result<Box<dyn Room>, Unreadable> {
        if frozen.rules != self.0.id {
            return Err(Unreadable(format!("a snapshot of {} was given to {}", frozen.rules, self.0.id)));
        }
        let state = self.0.rules.restore_with(&frozen.state, lasting)?;
        Ok(self.machine(state, frozen.memory))
    }

    fn migrate(&self, room: &dyn Room, at: At) -> Result<Box<dyn Room>, Unreadable> {
        let state = self.0.rules.migrate(room.rules().version, &room.state_bytes())?;
        let mut memory = room.memory().clone();
        memory.seq = memory.seq.next();
        memory.at = if room.pace().runs { room.passed() } else { at };
        Ok(self.machine(state, memory))
    }
}

struct Machine<R: Rules> {
    shared: Arc<Shared<R>>,
    state: R::State,
    memory: Memory,
    /// Neither saved nor hashed: it says how far ahead of the log the state is, which is for the host alone.
    passed: At,
}

impl<R: Rules> Machine<R> {
    fn let_pass(&mut self, at: At, out: &mut Outbox) {
        if !self.shared.pace.runs {
            return;
        }
        let over = at.step > self.passed.step;
        self.passed = self.passed.max(at);
        if over {
            out.passing = true;
            self.shared.rules.pass(&mut self.state, at, out);
            out.passing = false;
            let quiet = out.effects.is_empty() && out.answer.is_empty() && out.mark.is_none();
            assert!(quiet, "{} did more than tell as time passed", R::NAME);
        }
    }

    /// The rules' two halves, and what the house notes of the effects. Returns the input's number.
    fn run(&mut self, at: At, event: Event<'_, R::Command>, out: &mut Outbox) -> Result<Seq, Refusal> {
        let rules = &self.shared.rules;
        rules.validate(&self.state, at, &event)?;
        if !out.no_marks
            && let Some(why) = rules.mark(&self.state, at, &event)
        {
            assert!(!self.shared.pace.runs, "{} run and mark", R::NAME);
            assert!(why.len() <= MARK_BYTES_MAX, "{} marks for a reason of {} bytes", R::NAME, why.len());
            out.mark = Some(Mark { why, before: self.fork() });
        }
        let passing = out.bytes;
        rules.execute(&mut self.state, at, event, out);
        let caused = out.bytes - passing;
        assert!(caused <= OUTBOX_BYTES_MAX, "{} emitted {caused} bytes for one input", R::NAME);
        Ok(self.advance(at, out))
    }

    /// The game's state of another course of this room, which knows input `seq`.
    fn state_of(&self, seq: Seq, other: &dyn Room) -> Result<R::State, Refusal> {
        let unsupported = |what: String| Refusal::new(Refusal::UNSUPPORTED, what);
        if seq > self.memory.seq || other.memory().room != self.memory.room {
            return Err(unsupported(format!("the room has no input {seq} to go by")));
        }
        // Under the very same rules it is what its bytes would be read as.
        let other_machine = (other as &dyn Any).downcast_ref::<Self>();
        if let Some(same) = other_machine.filter(|other| other.shared.id == self.shared.id) {
            return Ok(same.state.clone());
        }
        let state = self.shared.rules.migrate(other.rules().version, &other.state_bytes());
        state.map_err(|error| unsupported(error.0))
    }

    /// Takes over a state that another course of this room came to, as the next input.
    fn become_other(&mut self, at: At, state: R::State, other: &dyn Room) -> Seq {
        self.state = state;
        self.memory.seq = self.memory.seq.next();
        (self.memory.at, self.passed) = (at, at);
        for (seat, place) in &mut self.memory.seats {
            place.joined = other.memory().joined(*seat);
        }
        self.memory.seq
    }

    fn advance(&mut self, at: At, out: &Outbox) -> Seq {
        let seq = self.memory.seq.next();
        self.memory.seq = seq;
        (self.memory.at, self.passed) = (at, at);
        for (effect, index) in out.effects().iter().zip(0..) {
            let message = match &effect.act {
                Act::Message { room, body } => Some((*room, body.clone())),
                Act::Event { .. } => continue,
                Act::Wallet { .. } if effect.answer.is_none() => continue,
                Act::Wallet { .. } => None,
            };
            let waits = Outstanding { tag: effect.answer, message };
            self.memory.outstanding.insert(EffectKey { seq, index }, waits);
        }
        seq
    }
}

impl<R: Rules> Room for Machine<R> {
    fn memory(&self) -> &Memory {
        &self.memory
    }

    fn rules(&self) -> &RulesId {
        &self.shared.id
    }

    fn pace(&self) -> Pace {
        self.shared.pace
    }

    fn at(&self, ms: i64) -> At {
        let ms = ms.max(self.passed.ms);
        let step_ms = self.pace().step_ms.max(1);
        let step = ms.abs_diff(self.memory.opened_ms) / u64::from(step_ms);
        // Another content may have another pace; steps still never go back.
        At { ms, step: step.max(self.passed.step) }
    }

    fn at_step(&self, step: u64) -> At {
        let since = step.saturating_mul(self.shared.pace.step_ms.max(1).into());
        let ms = self.memory.opened_ms.saturating_add_unsigned(since);
        At { ms: ms.max(self.passed.ms), step: step.max(self.passed.step) }
    }

    fn pass(&mut self, at: At, out: &mut Outbox) {
        out.clear();
        self.let_pass(at, out);
    }

    fn passed(&self) -> At {
        self.passed
    }

    fn is_settled(&self) -> bool {
        !self.shared.pace.runs || self.passed.step == self.memory.at.step
    }

    fn take(&mut self, at: At, input: &Input<'_>, out: &mut Outbox) -> Result<Taken, Refusal> {
        out.clear();
        self.let_pass(at, out);
        let taken = match input {
            Input::Command { seat, id, body } => {
                let place = self.memory.seats.get(seat);
                if id.0 != 0
                    && let Some(seq) = place.and_then(|place| place.commands.find(*id))
                {
                    return Ok(Taken::Repeat(seq));
                }
                let (known, joined) = (place.is_some(), place.is_some_and(|place| place.joined));
                if self.memory.outstanding.len() >= OUTSTANDING_MAX {
                    return Err(Refusal::new(Refusal::TOO_MUCH, "the room waits for too many answers"));
                }
                let command = self.shared.rules.decode(body)?;
                if !joined && !self.shared.rules.hears_absent(&command) {
                    return Err(Refusal::new(Refusal::NOT_SEATED, "you are not in this room"));
                }
                if *seat == Seat::NOBODY || (!known && self.memory.seats.len() >= SEATS_MAX) {
                    return Err(Refusal::new(Refusal::TOO_MUCH, "the room is full"));
                }
                let seq = self.run(at, Event::Command { seat: *seat, command }, out)?;
                if id.0 != 0 {
                    self.memory.seats.entry(*seat).or_default().commands.remember(*id, seq);
                }
                seq
            }
            Input::Join { seat } => {
                if self.memory.joined(*seat) {
                    return Err(Refusal::new(Refusal::SEATED, "the seat is taken"));
                }
                let known = self.memory.seats.contains_key(seat);
                if *seat >= Seat::SERVED_FIRST || (!known && self.memory.seats.len() >= SEATS_MAX) {
                    return Err(Refusal::new(Refusal::TOO_MUCH, "the room is full"));
                }
                let seq = self.run(at, Event::Join { seat: *seat }, out)?;
                self.memory.seats.entry(*seat).or_default().joined = true;
                seq
            }
            Input::Leave { seat } => {
                if !self.memory.joined(*seat) {
                    return Err(Refusal::new(Refusal::NOT_SEATED, "nobody sits there"));
                }
                let seq = self.run(at, Event::Leave { seat: *seat }, out)?;
                if let Some(place) = self.memory.seats.get_mut(seat) {
                    place.joined = false;
                }
                seq
            }
            Input::Advance => self.run(at, Event::Advance, out)?,
            Input::Message { from, key, body } => {
                match self.memory.taken.get(from) {
                    Some(newest) if newest >= key => return Ok(Taken::Repeat(self.memory.seq)),
                    None if self.memory.taken.len() >= SENDERS_MAX => {
                        return Err(Refusal::new(Refusal::TOO_MUCH, "too many rooms write to this one"));
                    }
                    _ => {}
                }
                let seq = self.run(at, Event::Message { from: *from, body }, out)?;
                self.memory.taken.insert(*from, *key);
                seq
            }
            Input::EffectResult { key, outcome } => {
                let Some(waits) = self.memory.outstanding.get(key) else {
                    return Ok(Taken::Repeat(self.memory.seq));
                };
                let seq = match waits.tag {
                    Some(tag) => self.run(at, Event::EffectResult { tag, outcome }, out)?,
                    None => self.advance(at, out),
                };
                self.memory.outstanding.remove(key);
                seq
            }
            Input::Open { .. } | Input::Migrate | Input::Rewind { .. } | Input::Without { .. } => {
                return Err(Refusal::new(Refusal::UNSUPPORTED, "this kind of input has a door of its own"));
            }
        };
        Ok(Taken::New(taken))
    }

    fn rewind(&mut self, at: At, to: Seq, earlier: &dyn Room) -> Result<Seq, Refusal> {
        let mut state = self.state_of(to, earlier)?;
        self.shared.rules.rewound(&mut state, earlier.passed(), at);
        for (key, waits) in &mut self.memory.outstanding {
            waits.tag = earlier.memory().outstanding.get(key).and_then(|waits| waits.tag);
        }
        Ok(self.become_other(at, state, earlier))
    }

    fn take_out(&mut self, at: At, seq: Seq, other: &dyn Room) -> Result<Seq, Refusal> {
        let mut state = self.state_of(seq, other)?;
        let mut out = Outbox::for_replay();
        if self.shared.pace.runs {
            self.shared.rules.pass(&mut state, at, &mut out);
        }
        let asked = &other.memory().outstanding;
        for (key, waits) in asked {
            let really = self.memory.outstanding.get(key);
            if let Some(tag) = waits.tag
                && really.is_none_or(|really| really.message != waits.message)
            {
                let outcome =
                    Err(Refusal::new(Refusal::UNSUPPORTED, "a command was taken out; this was not asked"));
                let event = Event::EffectResult { tag, outcome: &outcome };
                self.shared.rules.execute(&mut state, at, event, &mut out);
            }
        }
        for (key, waits) in &mut self.memory.outstanding {
            let same = asked.get(key).filter(|other| other.message == waits.message);
            waits.tag = same.and_then(|same| same.tag);
        }
        Ok(self.become_other(at, state, other))
    }

    fn skip_to(&mut self, seq: Seq) {
        self.memory.seq = seq;
    }

    fn view(&self, at: At, seat: Seat, out: &mut Vec<u8>) {
        self.shared.rules.view(&self.state, at, seat, out);
    }

    fn label(&self) -> String {
        let mut label = self.shared.rules.label(&self.state);
        if label.len() > crate::LABEL_BYTES_MAX {
            let end =
                (0..=crate::LABEL_BYTES_MAX).rev().find(|&end| label.is_char_boundary(end)).unwrap_or(0);
            label.truncate(end);
        }
        label
    }

    fn log_is_open(&self) -> bool {
        self.shared.rules.log_is_open(&self.state)
    }

    fn served(&self) -> Vec<Seat> {
        self.shared.rules.served(&self.state)
    }

    fn gauges(&self, report: &mut dyn FnMut(&'static str, i64)) {
        self.shared.rules.gauges(&self.state, report);
    }

    fn measures(&self, at: At, report: &mut dyn FnMut(&str, u128)) {
        self.shared.rules.measures(&self.state, at, report);
    }

    fn snapshot(&self) -> Vec<u8> {
        debug_assert!(self.is_settled(), "a snapshot of a room ahead of its log");
        snapshot::encode(&self.shared.id, &self.memory, &self.state_bytes())
    }

    fn hash(&self) -> Hash128 {
        debug_assert!(self.is_settled(), "a hash of a room ahead of its log");
        snapshot::hash(&self.shared.id, &self.memory, &self.state_bytes())
    }

    fn fork(&self) -> Box<dyn Room> {
        Box::new(Self {
            shared: self.shared.clone(),
            state: self.state.clone(),
            memory: self.memory.clone(),
            passed: self.passed,
        })
    }

    fn state_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.shared.rules.snapshot(&self.state, &mut bytes);
        bytes
    }

    fn lasting(&self) -> Option<Lasting> {
        self.shared.rules.lasting(&self.state)
    }
}
