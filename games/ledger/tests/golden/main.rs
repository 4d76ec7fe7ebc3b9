//! The golden log of the ledger: eight of the nine kinds of input (a ledger has no second version to migrate to, so
//! `Migrate` is to itself), written once. Written again, it must have the same bytes, and replayed it must lead to the
//! same room, for as long as the rules' version and the log's format stay.
//!
//! When this fails, either a room out there would replay differently (repair that), or `Ledger::VERSION` was raised: then
//! the old files stay, and `LEDGER_GOLDEN=write cargo test -p ledger` writes those of the new version beside them.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kernel::{
    AnyRules, CommandId, EffectKey, Input, LogSource, Outbox, Refusal, Registry, Room, RoomId, Row,
    RowWriter, Rules, RulesId, Seat, Seq, Start, Taken, Unreadable,
};
use ledger::{Command, Ledger};

const ROOM: RoomId = RoomId(0x0199_0000_0000_7000_8000_0000_0000_0001);
const OTHER: RoomId = RoomId(0x0199_0000_0000_7000_8000_0000_0000_0002);

fn rules() -> Arc<dyn AnyRules> {
    Registry::new().with::<Ledger>().make(Ledger::NAME, Ledger::VERSION, b"").unwrap()
}

#[derive(Clone)]
struct Shelf(Vec<Row>);

impl LogSource for Shelf {
    fn snapshot(&mut self, _: Seq) -> Result<Option<Vec<u8>>, Unreadable> {
        Ok(None)
    }

    fn rows(&mut self, after: Seq) -> Result<Vec<Row>, Unreadable> {
        Ok(self.0.iter().filter(|row| row.last > after).cloned().collect())
    }

    fn rules(&mut self, _: &RulesId) -> Result<Arc<dyn AnyRules>, Unreadable> {
        Ok(rules())
    }
}

struct Writer {
    room: Box<dyn Room>,
    row: RowWriter,
    rows: Vec<Row>,
    ms: i64,
}

impl Writer {
    fn take(&mut self, input: &Input<'_>) {
        self.ms += 7;
        let at = self.room.at(self.ms);
        if let Ok(Taken::New(seq)) = self.room.take(at, input, &mut Outbox::new()) {
            self.row.push(seq, at, input);
        }
    }

    fn command(&mut self, seat: u32, id: u128, command: Command) {
        let mut body = Vec::new();
        command.encode(&mut body);
        self.take(&Input::Command { seat: Seat(seat), id: CommandId(id), body: &body });
    }

    fn answer(&mut self, outcome: Result<(), Refusal>) {
        let key = self.room.memory().outstanding.keys().next().copied();
        key.into_iter().for_each(|key| self.take(&Input::EffectResult { key, outcome: outcome.clone() }));
    }

    fn end_row(&mut self) {
        let hash = Some(self.room.hash());
        self.rows.extend(self.row.finish(ROOM, self.room.rules(), hash));
    }
}

/// The game that the file holds.
fn write() -> Vec<Row> {
    let (ms, setup, seed) = (1_750_000_000_000, br#"{"accounts":16,"balance":1000}"#, 42);
    let room = rules().open(ROOM, ms, setup, seed).unwrap();
    let mut log = Writer { room, row: RowWriter::default(), rows: Vec::new(), ms };
    let at = log.room.at(ms);
    log.row.push(Seq(1), at, &Input::Open { setup, seed });
    log.end_row();
    for seat in 0..3 {
        log.take(&Input::Join { seat: Seat(seat) });
    }
    for i in 0..300u32 {
        let (from, to, amount) = (i * 7 % 16, i * 5 % 16, u64::from(i * i % 97));
        log.command(i % 3, u128::from(i) + 1, Command::Transfer { from, to, amount });
        match i % 40 {
            3 => log.command(0, 0, Command::Withdraw { account: from, amount: 9 }),
            9 => log.command(1, 0, Command::Deposit { account: to, amount: 5 }),
            12 => log.answer(if i < 100 { Ok(()) } else { Err(Refusal::new(20, "not that much there")) }),
            17 => log.command(2, 0, Command::Remit { account: from, amount: 3, to_account: 1, room: OTHER }),
            21 => {
                log.answer(if i < 200 { Err(Refusal::new(100, "there is no such account")) } else { Ok(()) })
            }
            25 => {
                let mut body = Vec::new();
                Command::Deposit { account: to, amount: 11 }.encode(&mut body);
                let key = EffectKey { seq: Seq(u64::from(i)), index: 0 };
                log.take(&Input::Message { from: OTHER, key, body: &body });
            }
            30 => log.take(&Input::Advance),
            33 => log.take(&Input::Leave { seat: Seat(1) }),
            34 => log.take(&Input::Join { seat: Seat(1) }),
            39 => log.end_row(),
            _ => {}
        }
    }
    log.end_row();
    let (now, to) = (log.room.memory().seq, Seq(100));
    let earlier = kernel::earlier(ROOM, &mut Shelf(log.rows.clone()), to, None, now).unwrap();
    let at = log.room.at(log.ms + 500);
    let seq = log.room.rewind(at, to, earlier.as_ref()).unwrap();
    log.row.push(seq, at, &Input::Rewind { to, step: None });
    log.command(0, 9_001, Command::Transfer { from: 0, to: 1, amount: 1 });
    log.end_row();
    let at = log.room.at(log.ms + 900);
    log.room = rules().migrate(log.room.as_ref(), at).unwrap();
    log.row.push(log.room.memory().seq, at, &Input::Migrate);
    log.command(0, 9_002, Command::Transfer { from: 1, to: 0, amount: 1 });
    log.end_row();
    log.rows
}

/// Rows one after the other: first, last, checksum, length of the body, body; little-endian.
fn to_bytes(rows: &[Row]) -> Vec<u8> {
    let row = |row: &Row| {
        let numbers =
            [row.first.0, row.last.0, row.sum, row.body.len() as u64].map(u64::to_le_bytes).concat();
        [&numbers[..], &row.body].concat()
    };
    rows.iter().flat_map(row).collect()
}

fn from_bytes(mut bytes: &[u8]) -> Vec<Row> {
    let mut rows = Vec::new();
    while let Some((head, rest)) = bytes.split_at_checked(32) {
        let number = |i: usize| u64::from_le_bytes(head[i * 8..i * 8 + 8].try_into().unwrap());
        let (body, rest) = rest.split_at(usize::try_from(number(3)).unwrap());
        rows.push(Row {
            first: Seq(number(0)),
            last: Seq(number(1)),
            sum: number(2),
            body: body.to_vec().into(),
        });
        bytes = rest;
    }
    rows
}

fn path(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/v{}.{ending}", Ledger::VERSION))
}

fn follow(rows: Vec<Row>) -> String {
    let done = kernel::replay(ROOM, &mut Shelf(rows), Start::Open, None).unwrap();
    let room = done.room.unwrap();
    format!(
        "rules   {}\ninputs  {}\nhashes  {}\nstate   {}\n",
        room.rules(),
        done.inputs,
        done.hashes,
        room.hash()
    )
}

#[test]
fn the_golden_log_leads_where_it_led() {
    let (log, expected) = (path("log"), path("expected"));
    if !log.exists() && std::env::var_os("LEDGER_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&log, to_bytes(&write())).unwrap();
        std::fs::write(&expected, follow(write())).unwrap();
    }
    let (bytes, expected) = (std::fs::read(&log).unwrap(), std::fs::read_to_string(&expected).unwrap());
    assert_eq!(follow(from_bytes(&bytes)), expected, "the same log leads to another room");
    assert!(to_bytes(&write()) == bytes, "the same inputs are written in other bytes");
}
