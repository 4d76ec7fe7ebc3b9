//! A room's past shown again, step by step: what everybody was told then is told once more, and whatever could be seen
//! at the end of a step can be seen.
//!
//! It checks no hashes: that is a [`replay`](super::replay)'s business.

use std::collections::VecDeque;

use super::{Fault, LogSource, Replay, Start, replay};
use crate::{At, Input, Outbox, ReadRow, Room, RoomId, Row, Seq, Unreadable, Update};

/// A log that is being followed at the viewer's pace.
pub struct Playback {
    id: RoomId,
    /// There is one, but for the moment in which an input is taken.
    room: Option<Box<dyn Room>>,
    rows: VecDeque<Row>,
    row: Option<ReadRow>,
    /// How far it was shown. A room that does not run stands where its newest input was, but time has passed.
    step: u64,
}

/// What a step was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// What was told leads from the step before to this one.
    Told,
    /// The room went back or moved on: what was told does not lead here, a view does.
    Jumped,
    /// The log does not go so far.
    Ended,
}

impl Playback {
    /// Begins with the newest snapshot not after an input, or with the room's beginning. `None`: the log is empty.
    pub fn begin(id: RoomId, source: &mut dyn LogSource, from: Seq) -> Result<Option<Self>, Fault> {
        let begun = replay(id, source, Start::Snapshot, Some(from.max(Seq(1))))?;
        Ok(begun.room.map(|room| {
            let step = room.passed().step;
            Self { id, room: Some(room), rows: VecDeque::new(), row: None, step }
        }))
    }

    /// The room as it was.
    pub fn room(&self) -> &dyn Room {
        self.room.as_deref().expect("there is a room between two inputs")
    }

    /// How far it has been shown.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The end of a step, or where the room is if that is later.
    pub fn at(&self, step: u64) -> At {
        self.room().at_step(step)
    }

    /// Goes on to the end of a step and tells nobody. `false`: the log ends before.
    pub fn seek(&mut self, source: &mut dyn LogSource, step: u64) -> Result<bool, Fault> {
        let shown = self.go(source, step, &mut Outbox::for_replay(), &mut |_| {})?;
        Ok(shown != Shown::Ended)
    }

    /// Goes on to the end of a step and tells what was told until then. What was told in several steps is told apart
    /// only if each is shown by itself.
    pub fn show(
        &mut self,
        source: &mut dyn LogSource,
        step: u64,
        tell: &mut dyn FnMut(Update),
    ) -> Result<Shown, Fault> {
        self.go(source, step, &mut Outbox::for_showing(), tell)
    }

    fn go(
        &mut self,
        source: &mut dyn LogSource,
        step: u64,
        out: &mut Outbox,
        tell: &mut dyn FnMut(Update),
    ) -> Result<Shown, Fault> {
        let mut jumped = false;
        loop {
            match self.next_at(source)? {
                // What was after the newest input nobody has noted.
                None if self.room().passed().step < step => {
                    self.step = self.step.max(self.room().passed().step);
                    return Ok(Shown::Ended);
                }
                None => break,
                Some(at) if at.step > step => {
                    self.pass(step, out);
                    jumped |= out.overran();
                    out.take_updates().into_iter().for_each(&mut *tell);
                    break;
                }
                Some(_) => {
                    jumped |= self.take(source, out)? || out.overran();
                    out.take_updates().into_iter().for_each(&mut *tell);
                }
            }
        }
        self.step = self.step.max(step);
        Ok(if jumped { Shown::Jumped } else { Shown::Told })
    }

    /// When the next input of the log was taken. `None`: there is none.
    pub fn next_at(&mut self, source: &mut dyn LogSource) -> Result<Option<At>, Fault> {
        let (id, next) = (self.id, self.room().memory().seq.next());
        loop {
            if let Some(input) = self.row.as_ref().and_then(|row| row.input(next)) {
                let (at, _) = input.map_err(|what| Fault::Corrupt { room: id, first: next, what })?;
                return Ok(Some(at));
            }
            if self.rows.is_empty() {
                let unreadable = |why: Unreadable| Fault::Unreadable { room: id, why };
                self.rows = source.rows(Seq(next.0 - 1)).map_err(unreadable)?.into();
            }
            let Some(row) = self.rows.pop_front() else { return Ok(None) };
            if row.first > next {
                return Err(Fault::Missing { room: id, expected: next, found: row.first });
            }
            if row.last < next {
                return Err(Fault::Repeated { room: id, found: row.first });
            }
            let corrupt = |what| Fault::Corrupt { room: id, first: row.first, what };
            self.row = Some(ReadRow::read(id, &row).map_err(corrupt)?);
        }
    }

    fn pass(&mut self, step: u64, out: &mut Outbox) {
        let at = self.at(step);
        if let Some(room) = &mut self.room {
            room.pass(at, out);
        }
    }

    /// Takes the next input. `true`: the room made a jump.
    fn take(&mut self, source: &mut dyn LogSource, out: &mut Outbox) -> Result<bool, Fault> {
        let next = self.room().memory().seq.next();
        let Some((row, input)) = self.row.as_ref().and_then(|row| Some((row, row.input(next)?))) else {
            return Ok(false);
        };
        let (at, input) = input.map_err(|what| Fault::Corrupt { room: self.id, first: next, what })?;
        let mut replay = Replay { room: self.id, source, to: Seq(u64::MAX), inputs: 0, hashes: 0, depth: 0 };
        replay.input(&mut self.room, &row.rules, next, at, &input, out)?;
        let leads = matches!(
            input,
            Input::Open { .. }
                | Input::Join { .. }
                | Input::Leave { .. }
                | Input::Command { .. }
                | Input::Advance
                | Input::Message { .. }
                | Input::EffectResult { .. }
        );
        Ok(!leads)
    }
}
