//! The farm in the kernel's room, with a log: what the house makes of it.

use std::sync::Arc;

use farm::{Command, Farm, FarmV1, OWNER};
use kernel::{
    AnyRules, CommandId, EffectKey, Input, LogSource, Outbox, Refusal, Registry, Room, RoomId, Row,
    RowWriter, Rules, RulesId, Seq, Taken, Unreadable,
};

use crate::properties::Act;
use crate::yard::{BEGIN_MS, Journals};

pub const ROOM: RoomId = RoomId(0x0190_0000_0000_7000_8000_0000_0000_0007);

/// A room at work, and the log it leaves.
pub struct Host {
    pub room: Box<dyn Room>,
    pub writer: RowWriter,
    rules: Arc<dyn AnyRules>,
    rows: Vec<Row>,
    ms: i64,
    /// Questions to the wallet that have no answer yet.
    asked: Vec<EffectKey>,
    /// Each row holds so many inputs.
    row_inputs: u64,
    journals: Journals,
}

pub fn rules(version: u32, content: &[u8]) -> Arc<dyn AnyRules> {
    let registry = Registry::new().with::<FarmV1>().with::<Farm>();
    registry.make(Farm::NAME, version, content).expect("the test's content is sound")
}

impl Host {
    pub fn open(content: &[u8], row_inputs: u64) -> Self {
        let rules = rules(Farm::VERSION, content);
        let room = rules.open(ROOM, BEGIN_MS, b"{}", 9).expect("an empty setup is fine");
        let mut writer = RowWriter::default();
        writer.push(Seq(1), room.at(BEGIN_MS), &Input::Open { setup: b"{}", seed: 9 });
        Self {
            room,
            writer,
            rules,
            rows: Vec::new(),
            ms: BEGIN_MS,
            asked: Vec::new(),
            row_inputs,
            journals: Journals::default(),
        }
    }

    /// Lets it happen, if the room lets it.
    pub fn does(&mut self, act: &Act) {
        let body;
        let input = match act {
            Act::Wait(ms) => {
                self.ms += ms;
                return;
            }
            Act::Do(command) => {
                body = command.encode();
                Input::Command { seat: OWNER, id: CommandId(0), body: &body }
            }
            Act::Come => Input::Join { seat: OWNER },
            Act::Return(device, done, again) => {
                let chunk = self.journals.chunk(*device, self.ms, done, *again);
                body = Command::Sync(chunk).encode();
                Input::Command { seat: OWNER, id: CommandId(0), body: &body }
            }
            Act::Go => Input::Leave { seat: OWNER },
            Act::Pass => Input::Advance,
            Act::Answer(yes) => {
                if self.asked.is_empty() {
                    return;
                }
                let outcome = if *yes { Ok(()) } else { Err(Refusal::new(500, "no")) };
                Input::EffectResult { key: self.asked.remove(0), outcome }
            }
        };
        let (at, mut out) = (self.room.at(self.ms), Outbox::new());
        let Ok(Taken::New(seq)) = self.room.take(at, &input, &mut out) else { return };
        self.writer.push(seq, at, &input);
        let effects = out.effects().iter().zip(0..).filter(|(effect, _)| effect.answer.is_some());
        self.asked.extend(effects.map(|(_, index)| EffectKey { seq, index }));
        if seq.0 % self.row_inputs == 0 {
            self.ends_row();
        }
    }

    pub fn ends_row(&mut self) {
        self.rows.extend(self.writer.finish(ROOM, self.rules.id(), Some(self.room.hash())));
    }

    pub fn shelf(&self) -> Shelf {
        Shelf { rules: self.rules.clone(), rows: self.rows.clone(), snapshot: None }
    }
}

/// A room's durable side, in memory.
pub struct Shelf {
    pub rules: Arc<dyn AnyRules>,
    pub rows: Vec<Row>,
    pub snapshot: Option<Vec<u8>>,
}

impl LogSource for Shelf {
    fn snapshot(&mut self, _not_after: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        Ok(self.snapshot.clone())
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        Ok(self.rows.iter().find(|row| row.first > after).cloned().into_iter().collect())
    }

    fn rules(&mut self, _id: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        Ok(self.rules.clone())
    }
}
