//! A room with its log in memory, driven as a host would.

use std::sync::Arc;

use kernel::{
    AnyRules, At, CommandId, EffectKey, Input, LogSource, Memory, Outbox, Refusal, Registry, Replayed, Room,
    RoomId, Row, RowWriter, RulesId, Seat, Seq, Start, Taken, Unreadable,
};

use crate::drift::Drift;
use crate::tally::Tally;

pub const ROOM: RoomId = RoomId(42);

pub fn rules_of(name: &str, version: u32) -> Arc<dyn AnyRules> {
    let registry = Registry::new().with::<Tally<1>>().with::<Tally<2>>();
    registry.with::<Drift<1>>().with::<Drift<2>>().make(name, version, b"").unwrap()
}

/// What a test does to a room.
#[derive(Clone, Debug)]
pub enum Step {
    Wait(u16),
    Join(u32),
    Leave(u32),
    Command(u32, u128, u8),
    Advance,
    /// The host lets time pass, or does not; nothing may depend on it.
    Pass,
    Message(u128, u64),
    Answer(bool),
    Migrate,
    Rewind(usize),
    /// Takes out a command, if that is one.
    Without(usize),
    /// Ends the row; with a hash or not.
    Commit(bool),
    Snapshot,
}

pub struct Logged {
    pub room: Box<dyn Room>,
    pub log: Log,
    writer: RowWriter,
    ms: i64,
}

#[derive(Clone, Default)]
pub struct Log {
    pub rows: Vec<Row>,
    pub snapshots: Vec<(Seq, Vec<u8>)>,
}

impl Logged {
    pub fn open(seed: u64) -> Self {
        Self::open_of("tally", seed)
    }

    pub fn open_of(name: &str, seed: u64) -> Self {
        let room = rules_of(name, 1).open(ROOM, 1_000, b"", seed).unwrap();
        let mut writer = RowWriter::default();
        writer.push(Seq(1), room.at(1_000), &Input::Open { setup: b"", seed });
        let mut logged = Self { room, log: Log::default(), writer, ms: 1_000 };
        logged.commit(true);
        logged
    }

    pub fn take(&mut self, input: &Input<'_>) -> Result<Taken, Refusal> {
        let at = self.room.at(self.ms);
        let mut out = Outbox::new();
        self.room.pass(at, &mut out);
        let before = self.stands();
        let taken = self.room.take(at, input, &mut out);
        match taken {
            Ok(Taken::New(seq)) => {
                self.writer.push(seq, at, input);
                // What stood before a marked input is kept, wherever in a row that is.
                if let Some(mark) = out.take_mark() {
                    assert_eq!(
                        (mark.before.state_bytes(), mark.before.memory().clone()),
                        before,
                        "a mark is not what stood before {input:?}"
                    );
                    let seq = mark.before.memory().seq;
                    self.log.snapshots.retain(|(other, _)| *other != seq);
                    self.log.snapshots.push((seq, mark.before.snapshot()));
                }
            }
            _ => {
                assert_eq!(self.stands(), before, "an input that is not new changed something: {input:?}");
                assert!(
                    out.mark().is_none() && out.answered().is_empty(),
                    "it was marked or answered: {input:?}"
                );
            }
        }
        taken
    }

    pub fn at(&self) -> At {
        self.room.at(self.ms)
    }

    pub fn take_out(&mut self, seq: Seq, other: &dyn Room) {
        let at = self.at();
        let number = self.room.take_out(at, seq, other).unwrap();
        self.writer.push(number, at, &Input::Without { seq });
    }

    fn stands(&self) -> (Vec<u8>, Memory) {
        (self.room.state_bytes(), self.room.memory().clone())
    }

    /// Logs that time has passed, if it has.
    pub fn settle(&mut self) {
        if !self.room.is_settled() {
            self.take(&Input::Advance).unwrap();
        }
    }

    pub fn commit(&mut self, hash: bool) {
        if hash {
            self.settle();
        }
        let hash = hash.then(|| self.room.hash());
        self.log.rows.extend(self.writer.finish(ROOM, self.room.rules(), hash));
    }

    pub fn step(&mut self, step: &Step) {
        match *step {
            Step::Wait(ms) => self.ms += i64::from(ms),
            Step::Join(seat) => drop(self.take(&Input::Join { seat: Seat(seat) })),
            Step::Leave(seat) => drop(self.take(&Input::Leave { seat: Seat(seat) })),
            Step::Command(seat, id, byte) => {
                drop(self.take(&Input::Command { seat: Seat(seat), id: CommandId(id), body: &[byte] }));
            }
            Step::Advance => drop(self.take(&Input::Advance)),
            Step::Pass => {
                let mut out = Outbox::new();
                self.room.pass(self.room.at(self.ms), &mut out);
                assert!(out.effects().is_empty());
            }
            Step::Message(from, seq) => {
                let key = EffectKey { seq: Seq(seq), index: 0 };
                drop(self.take(&Input::Message { from: RoomId(from), key, body: b"abc" }));
            }
            Step::Answer(yes) => {
                let oldest = self.room.memory().outstanding.keys().next().copied();
                let outcome = if yes { Ok(()) } else { Err(Refusal::new(3, "no")) };
                oldest.map(|key| self.take(&Input::EffectResult { key, outcome }));
            }
            Step::Migrate => {
                self.commit(false);
                let at = self.room.at(self.ms);
                let version = 3 - self.room.rules().version;
                let rules = rules_of(&self.room.rules().name, version);
                self.room = rules.migrate(self.room.as_ref(), at).unwrap();
                let memory = self.room.memory();
                self.writer.push(memory.seq, memory.at, &Input::Migrate);
            }
            Step::Rewind(back) => {
                self.commit(false);
                let to = Seq(1 + back as u64 % self.room.memory().seq.0);
                let now = self.room.memory().seq;
                let step = (back % 3 == 0).then(|| self.room.memory().at.step / 2);
                let earlier = kernel::earlier(ROOM, &mut self.log.clone(), to, step, now).unwrap();
                let at = self.room.at(self.ms);
                let seq = self.room.rewind(at, to, earlier.as_ref()).unwrap();
                self.writer.push(seq, at, &Input::Rewind { to, step });
            }
            Step::Without(which) => {
                self.settle();
                self.commit(false);
                let now = self.room.memory().seq;
                let seq = Seq(1 + which as u64 % now.0);
                if let Ok(course) = kernel::without(ROOM, &mut self.log.clone(), seq, now) {
                    self.take_out(seq, course.room.as_ref());
                }
            }
            Step::Commit(hash) => self.commit(hash),
            Step::Snapshot => {
                self.commit(true);
                self.log.snapshots.push((self.room.memory().seq, self.room.snapshot()));
            }
        }
    }
}

impl Log {
    pub fn replay(&self, start: Start, to: Option<Seq>) -> Result<Replayed, kernel::Fault> {
        kernel::replay(ROOM, &mut self.clone(), start, to)
    }
}

impl LogSource for Log {
    fn snapshot(&mut self, not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        Ok(self.snapshots.iter().rev().find(|(seq, _)| *seq <= not_after).map(|(_, bytes)| bytes.clone()))
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        // A page of two, so that paging is used.
        Ok(self.rows.iter().filter(|row| row.last > after).take(2).cloned().collect())
    }

    fn rules(&mut self, id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        Ok(rules_of(&id.name, id.version))
    }
}
