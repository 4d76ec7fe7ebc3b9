//! Other courses that a room could have taken: what its log leads to when one command had not been given.
//!
//! Every input after the command is taken again at its own time; what the rules refuse now, and what was asked for by
//! nothing that stands, is passed over. Nothing of the world outside is undone: see [`Room::take_out`].

use std::collections::BTreeSet;

use crate::replay::{REWIND_DEPTH_MAX, Replay, TOO_DEEP, each_input, go_back};
use crate::{At, Fault, Input, LogSource, Outbox, Refusal, Room, RoomId, Seat, Seq};

/// Inputs that a [`Course`] lists as no longer standing; further ones are counted.
pub const WITHOUT_LISTED_MAX: usize = 1_024;

/// An input that no longer stands when another was not given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fallen {
    /// The input.
    pub seq: Seq,
    /// When it was taken.
    pub at: At,
    /// Whose, if somebody's.
    pub seat: Option<Seat>,
    /// Its kind.
    pub kind: &'static str,
    /// Why it is refused now.
    pub why: Refusal,
}

/// A room on another course.
pub struct Course {
    /// The room, as it would be just after the newest input.
    pub room: Box<dyn Room>,
    /// What stood until now and no longer stands, in order; at most [`WITHOUT_LISTED_MAX`].
    pub fallen: Vec<Fallen>,
    /// How many more.
    pub more: u64,
}

/// Why a command cannot be taken out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TakeOutError {
    /// Joins, time and answers are facts.
    #[error("input {0} is not a command")]
    NotACommand(Seq),
    /// A rewind went back before it, or it went with another command.
    #[error("input {0} does not stand any more")]
    Gone(Seq),
    /// The log cannot be followed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What the room that has come to input `now` would be without command `seq`.
pub fn without(room: RoomId, source: &mut dyn LogSource, seq: Seq, now: Seq) -> Result<Course, TakeOutError> {
    if seq > now || !is_command(room, source, seq)? {
        return Err(TakeOutError::NotACommand(seq));
    }
    let fell = fell_before(room, source, seq, now)?;
    if fell.contains(&seq) {
        return Err(TakeOutError::Gone(seq));
    }
    let mut courses = Courses::of(room, source, 0);
    courses.fell = fell;
    let other = courses.without(seq, now)?;
    Ok(Course { room: other, fallen: courses.fallen, more: courses.more })
}

fn is_command(room: RoomId, source: &mut dyn LogSource, seq: Seq) -> Result<bool, Fault> {
    let mut found = false;
    let before = Seq(seq.0.saturating_sub(1));
    each_input(room, source, before, seq, &mut |_, at, _, (_, input)| {
        found |= at == seq && matches!(input, Input::Command { .. });
        Ok(())
    })?;
    Ok(found)
}

/// What does not stand already, of `seq` and the inputs after it.
fn fell_before(room: RoomId, source: &mut dyn LogSource, seq: Seq, now: Seq) -> Result<BTreeSet<Seq>, Fault> {
    let mut end = now;
    for deep in 0..REWIND_DEPTH_MAX {
        let mut courses = Courses::of(room, source, deep);
        match courses.last_turn(seq, end)? {
            None => return Ok(BTreeSet::new()),
            Some((_, _, Turn::Back { to, .. })) if to < seq => return Ok(BTreeSet::from([seq])),
            Some((_, _, Turn::Back { to, .. })) => end = to,
            Some((turn, _, Turn::Without(other))) => {
                courses.list_all = true;
                courses.without(other, Seq(turn.0 - 1))?;
                return Ok(courses.fell);
            }
        }
    }
    Err(Fault::Refused { room, seq, kind: "without", why: TOO_DEEP.into() })
}

/// An input after which the room is on another course.
enum Turn {
    Back { to: Seq, step: Option<u64> },
    Without(Seq),
}

/// Follows a log with commands left out.
pub(crate) struct Courses<'a> {
    room: RoomId,
    source: &'a mut dyn LogSource,
    depth: u32,
    fallen: Vec<Fallen>,
    more: u64,
    /// What is not to be listed: it had fallen before.
    fell: BTreeSet<Seq>,
    /// Everything that falls or is left out goes there.
    list_all: bool,
}

impl<'a> Courses<'a> {
    pub fn of(room: RoomId, source: &'a mut dyn LogSource, depth: u32) -> Self {
        let (fallen, fell) = (Vec::new(), BTreeSet::new());
        Self { room, source, depth, fallen, more: 0, fell, list_all: false }
    }

    /// The room just after input `now`, without command `seq`.
    pub fn without(&mut self, seq: Seq, now: Seq) -> Result<Box<dyn Room>, Fault> {
        self.course(&BTreeSet::from([seq]), now, self.depth)
    }

    /// The room just after input `to`, without some commands. Where the log itself turns to another course, only what
    /// leads there is followed, so that one removal after the other stays cheap.
    fn course(&mut self, removed: &BTreeSet<Seq>, to: Seq, depth: u32) -> Result<Box<dyn Room>, Fault> {
        let id = self.room;
        let Some(first) = removed.first().copied().filter(|first| *first <= to) else {
            return Replay::of(id, self.source, to, depth).state();
        };
        if depth >= REWIND_DEPTH_MAX {
            return Err(Fault::Refused { room: id, seq: to, kind: "without", why: TOO_DEEP.into() });
        }
        let mut out = Outbox::for_replay();
        let (room, after) = match self.last_turn(first, to)? {
            None => {
                let before = Seq(first.0 - 1);
                (Replay::of(id, self.source, before, depth).state()?, before)
            }
            Some((turn, at, Turn::Without(other))) => {
                let removed = removed.iter().copied().chain([other]).collect();
                let mut room = self.course(&removed, Seq(turn.0 - 1), depth + 1)?;
                room.skip_to(turn);
                room.pass(at, &mut out);
                (room, turn)
            }
            Some((turn, at, Turn::Back { to, step })) => {
                let mut room = self.course(removed, to, depth + 1)?;
                let before = Seq(turn.0 - 1);
                go_back(id, self.source, room.as_mut(), to, step, before)?;
                let earlier = room.fork();
                room.skip_to(before);
                let rewound = room.rewind(at, to, earlier.as_ref());
                rewound.map_err(|why| refused(id, turn, "rewind", &why))?;
                (room, turn)
            }
        };
        self.walk(room, removed, after, to)
    }

    /// Takes the inputs after one, up to `to`, or passes over them.
    fn walk(
        &mut self,
        room: Box<dyn Room>,
        removed: &BTreeSet<Seq>,
        after: Seq,
        to: Seq,
    ) -> Result<Box<dyn Room>, Fault> {
        let id = self.room;
        let Self { source, fallen, more, fell, list_all, .. } = self;
        let mut room = room;
        let mut out = Outbox::for_replay();
        each_input(id, &mut **source, after, to, &mut |source, seq, at, (rules, input)| {
            let before = Seq(seq.0 - 1);
            if removed.contains(&seq) {
                if *list_all {
                    fell.insert(seq);
                }
                return Ok(());
            }
            if let Input::Migrate = input {
                room.pass(at, &mut out);
                room.skip_to(before);
                let unreadable = |why| Fault::Unreadable { room: id, why };
                let rules = source.rules(rules).map_err(unreadable)?;
                room = rules.migrate(room.as_ref(), at).map_err(unreadable)?;
                return Ok(());
            }
            room.skip_to(before);
            // One that was taken before here, or an answer that nobody asked for, is passed over in silence.
            let Err(why) = room.take(at, input, &mut out) else { return Ok(()) };
            if *list_all {
                fell.insert(seq);
            } else if !fell.contains(&seq) {
                match fallen.len() < WITHOUT_LISTED_MAX {
                    true => fallen.push(Fallen { seq, at, seat: seat_of(input), kind: input.kind(), why }),
                    false => *more += 1,
                }
            }
            Ok(())
        })?;
        room.skip_to(to);
        Ok(room)
    }

    /// The last input after `after`, up to `to`, from which on the log is on another course.
    fn last_turn(&mut self, after: Seq, to: Seq) -> Result<Option<(Seq, At, Turn)>, Fault> {
        let mut last = None;
        each_input(self.room, self.source, after, to, &mut |_, seq, at, (_, input)| {
            match input {
                Input::Rewind { to, step } => last = Some((seq, at, Turn::Back { to: *to, step: *step })),
                Input::Without { seq: other } => last = Some((seq, at, Turn::Without(*other))),
                _ => {}
            }
            Ok(())
        })?;
        Ok(last)
    }
}

fn seat_of(input: &Input<'_>) -> Option<Seat> {
    match input {
        Input::Command { seat, .. } | Input::Join { seat } | Input::Leave { seat } => Some(*seat),
        _ => None,
    }
}

fn refused(room: RoomId, seq: Seq, kind: &'static str, why: &Refusal) -> Fault {
    Fault::Refused { room, seq, kind, why: why.to_string() }
}
