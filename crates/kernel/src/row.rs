//! The durable form of inputs. One row of the log holds all inputs of a room that one commit made durable: a
//! protobuf message, because it evolves, with a checksum beside it. Games own the bytes inside their commands.
//!
//! The header (format, rules, content) is written once a row; times are differences to the row's first. The layout
//! is frozen: fields may be added, none may change its number or meaning.

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use crate::hash::row_sum;
use crate::{At, CommandId, EffectKey, Hash128, Input, Refusal, RoomId, RulesId, Seat, Seq};

/// The version of this layout.
pub const FORMAT: u32 = 1;

/// A row as the store keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// Its first input.
    pub first: Seq,
    /// Its last input.
    pub last: Seq,
    /// [`row_sum`] of everything here.
    pub sum: u64,
    /// The encoded inputs.
    pub body: Bytes,
}

/// Gathers a room's inputs until they are made durable together.
#[derive(Default, Debug)]
pub struct RowWriter {
    records: Vec<u8>,
    first: Option<(Seq, At)>,
    last: Seq,
}

impl RowWriter {
    /// Nothing gathered yet.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// Bytes gathered.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Adds the next input. Sequence numbers must follow one another.
    pub fn push(&mut self, seq: Seq, at: At, input: &Input<'_>) {
        let (_, base) = *self.first.get_or_insert((seq, at));
        self.last = seq;
        let ms = at.ms.abs_diff(base.ms);
        let step = at.step - base.step;
        if let Input::Command { seat, id, body } = input {
            return self.push_command(ms, step, *seat, *id, body);
        }
        let record = proto::Record { ms, step, input: Some(proto::of_input(input)) };
        encode_key(proto::RECORDS_FIELD, WireType::LengthDelimited, &mut self.records);
        record.encode_length_delimited(&mut self.records).expect("a Vec grows as needed");
    }

    /// Commands are nearly all of a busy log, so they are written without building a message first. A test holds
    /// that the bytes are the ones prost would write.
    fn push_command(&mut self, ms: u64, step: u64, seat: Seat, id: CommandId, body: &[u8]) {
        let varint =
            |field: u32, value: u64| if value == 0 { 0 } else { key_len(field) + encoded_len_varint(value) };
        let text = |field: u32, len: usize| {
            if len == 0 { 0 } else { key_len(field) + encoded_len_varint(len as u64) + len }
        };
        let id_len = if id.0 == 0 { 0 } else { 16 };
        let command = varint(1, seat.0.into()) + text(2, id_len) + text(3, body.len());
        let record = varint(1, ms)
            + varint(2, step)
            + key_len(proto::COMMAND_FIELD)
            + encoded_len_varint(command as u64)
            + command;
        let out = &mut self.records;
        encode_key(proto::RECORDS_FIELD, WireType::LengthDelimited, out);
        encode_varint(record as u64, out);
        for (field, value) in [(1, ms), (2, step)] {
            if value != 0 {
                encode_key(field, WireType::Varint, out);
                encode_varint(value, out);
            }
        }
        encode_key(proto::COMMAND_FIELD, WireType::LengthDelimited, out);
        encode_varint(command as u64, out);
        if seat.0 != 0 {
            encode_key(1, WireType::Varint, out);
            encode_varint(seat.0.into(), out);
        }
        if id_len != 0 {
            encode_key(2, WireType::LengthDelimited, out);
            encode_varint(16, out);
            out.extend_from_slice(&id.0.to_be_bytes());
        }
        if !body.is_empty() {
            encode_key(3, WireType::LengthDelimited, out);
            encode_varint(body.len() as u64, out);
            out.extend_from_slice(body);
        }
    }

    /// Ends the row; `hash` is the state's after its last input, where one was taken. `None` if nothing is gathered.
    pub fn finish(&mut self, room: RoomId, rules: &RulesId, hash: Option<Hash128>) -> Option<Row> {
        let (first, base) = self.first.take()?;
        let header = proto::Chunk {
            format: FORMAT,
            rules: rules.name.clone(),
            rules_version: rules.version,
            content: Bytes::copy_from_slice(&rules.content.0),
            first_seq: first.0,
            base_ms: base.ms,
            base_step: base.step,
            records: Vec::new(),
            state_hash: hash.map_or_else(Bytes::new, |hash| Bytes::copy_from_slice(&hash.0)),
        };
        let mut body = Vec::with_capacity(header.encoded_len() + self.records.len());
        header.encode(&mut body).expect("a Vec grows as needed");
        body.append(&mut self.records);
        let last = self.last;
        Some(Row { first, last, sum: row_sum(room, first, last, &body), body: body.into() })
    }
}

/// A row read back.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadRow {
    /// What its inputs ran under (for `Migrate`: what the room moved to).
    pub rules: RulesId,
    /// The state's hash after the last input, where one was taken.
    pub hash: Option<Hash128>,
    first: Seq,
    base: At,
    records: Vec<proto::Record>,
}

impl ReadRow {
    /// Checks and decodes a row. The text says what is wrong with it.
    pub fn read(room: RoomId, row: &Row) -> Result<Self, String> {
        if row_sum(room, row.first, row.last, &row.body) != row.sum {
            return Err("its checksum does not match".into());
        }
        let chunk = proto::Chunk::decode(row.body.clone())
            .map_err(|error| format!("it cannot be decoded: {error}"))?;
        if chunk.format != FORMAT {
            return Err(format!("its format is {}, this program reads {FORMAT}", chunk.format));
        }
        let count = chunk.records.len() as u64;
        if count == 0
            || chunk.first_seq != row.first.0
            || row.first.0.checked_add(count - 1) != Some(row.last.0)
        {
            return Err(format!(
                "it holds {count} inputs from {}, its key says {} to {}",
                chunk.first_seq, row.first, row.last
            ));
        }
        let content = Hash128::from_slice(&chunk.content).ok_or("its content hash has a wrong length")?;
        let hash = match &chunk.state_hash[..] {
            [] => None,
            bytes => Some(Hash128::from_slice(bytes).ok_or("its state hash has a wrong length")?),
        };
        Ok(Self {
            rules: RulesId { name: chunk.rules, version: chunk.rules_version, content },
            hash,
            first: row.first,
            base: At { ms: chunk.base_ms, step: chunk.base_step },
            records: chunk.records,
        })
    }

    /// The inputs in order; an error names what cannot be read.
    pub fn inputs(&self) -> impl Iterator<Item = Result<(Seq, At, Input<'_>), String>> {
        self.records.iter().zip(self.first.0..).map(|(record, seq)| {
            let (at, input) = self.read_record(record, seq)?;
            Ok((Seq(seq), at, input))
        })
    }

    /// One of its inputs and its time; `None` if it lies in another row.
    pub fn input(&self, seq: Seq) -> Option<Result<(At, Input<'_>), String>> {
        let index = usize::try_from(seq.0.checked_sub(self.first.0)?).ok()?;
        Some(self.read_record(self.records.get(index)?, seq.0))
    }

    fn read_record<'a>(&self, record: &'a proto::Record, seq: u64) -> Result<(At, Input<'a>), String> {
        let at = (|| {
            Some(At {
                ms: self.base.ms.checked_add_unsigned(record.ms)?,
                step: self.base.step.checked_add(record.step)?,
            })
        })();
        let at = at.ok_or_else(|| format!("input {seq} lies beyond the end of time"))?;
        let input = proto::to_input(record).ok_or_else(|| format!("input {seq} is of an unknown kind"))?;
        Ok((at, input))
    }
}

mod proto {
    //! The messages themselves. Numbers are frozen.
    use super::*;

    pub const RECORDS_FIELD: u32 = 9;
    pub const COMMAND_FIELD: u32 = 6;

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Chunk {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(string, tag = "2")]
        pub rules: String,
        #[prost(uint32, tag = "3")]
        pub rules_version: u32,
        #[prost(bytes = "bytes", tag = "4")]
        pub content: Bytes,
        #[prost(uint64, tag = "5")]
        pub first_seq: u64,
        #[prost(sint64, tag = "6")]
        pub base_ms: i64,
        #[prost(uint64, tag = "7")]
        pub base_step: u64,
        #[prost(bytes = "bytes", tag = "8")]
        pub state_hash: Bytes,
        #[prost(message, repeated, tag = "9")]
        pub records: Vec<Record>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Record {
        #[prost(uint64, tag = "1")]
        pub ms: u64,
        #[prost(uint64, tag = "2")]
        pub step: u64,
        #[prost(oneof = "Kind", tags = "3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13")]
        pub input: Option<Kind>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Kind {
        #[prost(message, tag = "3")]
        Open(Open),
        #[prost(uint32, tag = "4")]
        Join(u32),
        #[prost(uint32, tag = "5")]
        Leave(u32),
        #[prost(message, tag = "6")]
        Command(Command),
        #[prost(message, tag = "7")]
        Advance(Nothing),
        #[prost(message, tag = "8")]
        Message(Message),
        #[prost(message, tag = "9")]
        EffectResult(EffectResult),
        #[prost(message, tag = "10")]
        Migrate(Nothing),
        #[prost(uint64, tag = "11")]
        Rewind(u64),
        #[prost(uint64, tag = "12")]
        Without(u64),
        #[prost(message, tag = "13")]
        RewindToStep(RewindToStep),
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct RewindToStep {
        #[prost(uint64, tag = "1")]
        pub to: u64,
        #[prost(uint64, tag = "2")]
        pub step: u64,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Nothing {}

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Open {
        #[prost(bytes = "bytes", tag = "1")]
        pub setup: Bytes,
        #[prost(fixed64, tag = "2")]
        pub seed: u64,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Command {
        #[prost(uint32, tag = "1")]
        pub seat: u32,
        #[prost(bytes = "bytes", tag = "2")]
        pub id: Bytes,
        #[prost(bytes = "bytes", tag = "3")]
        pub body: Bytes,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Message {
        #[prost(bytes = "bytes", tag = "1")]
        pub from: Bytes,
        #[prost(uint64, tag = "2")]
        pub seq: u64,
        #[prost(uint32, tag = "3")]
        pub index: u32,
        #[prost(bytes = "bytes", tag = "4")]
        pub body: Bytes,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct EffectResult {
        #[prost(uint64, tag = "1")]
        pub seq: u64,
        #[prost(uint32, tag = "2")]
        pub index: u32,
        /// 0: done.
        #[prost(uint32, tag = "3")]
        pub code: u32,
        #[prost(string, tag = "4")]
        pub reason: String,
    }

    pub fn of_input(input: &Input<'_>) -> Kind {
        let own = Bytes::copy_from_slice;
        match input {
            Input::Open { setup, seed } => Kind::Open(Open { setup: own(setup), seed: *seed }),
            Input::Join { seat } => Kind::Join(seat.0),
            Input::Leave { seat } => Kind::Leave(seat.0),
            Input::Command { seat, id, body } => Kind::Command(Command {
                seat: seat.0,
                id: if id.0 == 0 { Bytes::new() } else { own(&id.0.to_be_bytes()) },
                body: own(body),
            }),
            Input::Advance => Kind::Advance(Nothing {}),
            Input::Message { from, key, body } => Kind::Message(Message {
                from: own(&from.to_bytes()),
                seq: key.seq.0,
                index: key.index,
                body: own(body),
            }),
            Input::EffectResult { key, outcome } => Kind::EffectResult(EffectResult {
                seq: key.seq.0,
                index: key.index,
                code: outcome.as_ref().map_or_else(|refusal| refusal.code.into(), |()| 0),
                reason: outcome
                    .as_ref()
                    .map_or_else(|refusal| refusal.reason.to_string(), |()| String::new()),
            }),
            Input::Migrate => Kind::Migrate(Nothing {}),
            Input::Rewind { to, step: None } => Kind::Rewind(to.0),
            Input::Rewind { to, step: Some(step) } => {
                Kind::RewindToStep(RewindToStep { to: to.0, step: *step })
            }
            Input::Without { seq } => Kind::Without(seq.0),
        }
    }

    pub fn to_input(record: &Record) -> Option<Input<'_>> {
        Some(match record.input.as_ref()? {
            Kind::Open(open) => Input::Open { setup: &open.setup, seed: open.seed },
            Kind::Join(seat) => Input::Join { seat: Seat(*seat) },
            Kind::Leave(seat) => Input::Leave { seat: Seat(*seat) },
            Kind::Command(command) => Input::Command {
                seat: Seat(command.seat),
                id: match &command.id[..] {
                    [] => CommandId(0),
                    id => CommandId(u128::from_be_bytes(id.try_into().ok()?)),
                },
                body: &command.body,
            },
            Kind::Advance(_) => Input::Advance,
            Kind::Message(message) => Input::Message {
                from: RoomId::from_slice(&message.from)?,
                key: EffectKey { seq: Seq(message.seq), index: message.index },
                body: &message.body,
            },
            Kind::EffectResult(result) => Input::EffectResult {
                key: EffectKey { seq: Seq(result.seq), index: result.index },
                outcome: match u16::try_from(result.code).ok()? {
                    0 => Ok(()),
                    code => Err(Refusal::new(code, result.reason.clone())),
                },
            },
            Kind::Migrate(_) => Input::Migrate,
            Kind::Rewind(to) => Input::Rewind { to: Seq(*to), step: None },
            Kind::RewindToStep(back) => Input::Rewind { to: Seq(back.to), step: Some(back.step) },
            Kind::Without(seq) => Input::Without { seq: Seq(*seq) },
        })
    }
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
