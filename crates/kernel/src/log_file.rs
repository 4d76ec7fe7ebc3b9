//! A room's log as one file, for those who take it away: its head, the contents that it ran under, snapshots, rows, and
//! an end that tells whether all of it is there. Nobody is named: a log knows people by their seats alone.
//!
//! Eight bytes ([`LOG_FILE_MAGIC`]), then records, each a protobuf message with its length before it. Field numbers are
//! frozen. This module turns records into bytes and back; files and the network are for others.

use bytes::Bytes;
use prost::Message as _;
use prost::encoding::decode_varint;

use crate::{Hash128, RoomId, Row, Seq, Unreadable};

/// How a log file begins.
pub const LOG_FILE_MAGIC: &[u8; 8] = b"LHROOM\r\n";
/// The version of this layout.
pub const LOG_FILE_FORMAT: u32 = 1;
/// Bytes of one record. A snapshot above this is left out.
pub const LOG_RECORD_BYTES_MAX: usize = 1 << 30;

/// One part of a log file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogRecord {
    /// Stands first, and once.
    Head {
        /// Which room.
        room: RoomId,
        /// The name of its rules.
        rules: String,
        /// When it was opened.
        opened_ms: i64,
    },
    /// A content that rows or snapshots name. Stands before them.
    Content {
        /// The name of the rules that it is for.
        rules: String,
        /// The content file's bytes.
        body: Bytes,
    },
    /// What the room was after an input.
    Snapshot {
        /// The newest input that it holds.
        seq: Seq,
        /// As [`Frozen`](crate::Frozen) reads it.
        body: Bytes,
    },
    /// A row of the log; they follow one another.
    Row(Row),
    /// Stands last. A file without it was cut short.
    End {
        /// The newest input of the rows.
        last: Seq,
    },
}

/// Turns records into a file's bytes.
pub struct LogFileWriter {
    hasher: blake3::Hasher,
}

/// Checks and reads the records of a file in their order.
pub struct LogFileReader {
    hasher: blake3::Hasher,
    begun: bool,
    ended: bool,
}

impl LogFileWriter {
    /// A writer, and the bytes with which the file begins.
    pub fn new() -> (Self, Vec<u8>) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(LOG_FILE_MAGIC);
        (Self { hasher }, LOG_FILE_MAGIC.to_vec())
    }

    /// The bytes of the next record.
    pub fn record(&mut self, record: LogRecord) -> Vec<u8> {
        let part = match record {
            LogRecord::Head { room, rules, opened_ms } => proto::Part::Head(proto::Head {
                format: LOG_FILE_FORMAT,
                room: room.to_bytes().to_vec(),
                rules,
                opened_ms,
            }),
            LogRecord::Content { rules, body } => proto::Part::Content(proto::Content { rules, body }),
            LogRecord::Snapshot { seq, body } => proto::Part::Snapshot(proto::Snapshot { seq: seq.0, body }),
            LogRecord::Row(row) => proto::Part::Row(proto::Row {
                first: row.first.0,
                last: row.last.0,
                sum: row.sum,
                body: row.body,
            }),
            LogRecord::End { last } => {
                let hash = end_hash(self.hasher.clone(), last).0.to_vec();
                proto::Part::End(proto::End { last: last.0, hash })
            }
        };
        let bytes = proto::Record { part: Some(part) }.encode_length_delimited_to_vec();
        self.hasher.update(&bytes);
        bytes
    }
}

impl Default for LogFileReader {
    fn default() -> Self {
        Self { hasher: blake3::Hasher::new(), begun: false, ended: false }
    }
}

impl LogFileReader {
    /// How many bytes the magic, or the record at the start of `bytes`, has in all. `None`: so few bytes do not say.
    pub fn wants(&self, bytes: &[u8]) -> Result<Option<usize>, Unreadable> {
        if !self.begun {
            return Ok(Some(LOG_FILE_MAGIC.len()));
        }
        let mut rest = bytes;
        let Ok(len) = decode_varint(&mut rest) else {
            // A length has at most ten bytes.
            return if bytes.len() < 10 { Ok(None) } else { Err(bad("a record has no length")) };
        };
        let len = usize::try_from(len).ok().filter(|len| *len <= LOG_RECORD_BYTES_MAX);
        let len = len.ok_or_else(|| bad(&format!("a record is longer than {LOG_RECORD_BYTES_MAX} bytes")))?;
        Ok(Some(bytes.len() - rest.len() + len))
    }

    /// Reads exactly what [`wants`](Self::wants) said. `None` for the magic.
    pub fn read(&mut self, bytes: Bytes) -> Result<Option<LogRecord>, Unreadable> {
        if self.ended {
            return Err(bad("something follows its end"));
        }
        let before = self.hasher.clone();
        self.hasher.update(&bytes);
        if !self.begun {
            self.begun = true;
            return if bytes[..] == LOG_FILE_MAGIC[..] { Ok(None) } else { Err(bad("it begins otherwise")) };
        }
        let record = decode(bytes)?;
        if let Decoded::End { last, hash } = &record {
            self.ended = true;
            if *hash != end_hash(before, *last).0 {
                return Err(bad("its bytes are not those that were written"));
            }
        }
        Ok(Some(record.into()))
    }

    /// Reads one record by itself, out of a file that was read whole before.
    pub fn one(bytes: Bytes) -> Result<LogRecord, Unreadable> {
        Ok(decode(bytes)?.into())
    }

    /// The end was read.
    pub fn is_ended(&self) -> bool {
        self.ended
    }
}

enum Decoded {
    Record(LogRecord),
    End { last: Seq, hash: Vec<u8> },
}

impl From<Decoded> for LogRecord {
    fn from(decoded: Decoded) -> Self {
        match decoded {
            Decoded::Record(record) => record,
            Decoded::End { last, .. } => LogRecord::End { last },
        }
    }
}

fn decode(bytes: Bytes) -> Result<Decoded, Unreadable> {
    let record = proto::Record::decode_length_delimited(bytes).map_err(|error| bad(&error.to_string()))?;
    let part = record.part.ok_or_else(|| bad("a record of a kind that this program does not know"))?;
    Ok(Decoded::Record(match part {
        proto::Part::Head(head) if head.format != LOG_FILE_FORMAT => {
            let why = format!("its format is {}, this program reads {LOG_FILE_FORMAT}", head.format);
            return Err(bad(&why));
        }
        proto::Part::Head(head) => LogRecord::Head {
            room: RoomId::from_slice(&head.room).ok_or_else(|| bad("its room has no id"))?,
            rules: head.rules,
            opened_ms: head.opened_ms,
        },
        proto::Part::Content(content) => LogRecord::Content { rules: content.rules, body: content.body },
        proto::Part::Snapshot(snapshot) => {
            LogRecord::Snapshot { seq: Seq(snapshot.seq), body: snapshot.body }
        }
        proto::Part::Row(row) => {
            LogRecord::Row(Row { first: Seq(row.first), last: Seq(row.last), sum: row.sum, body: row.body })
        }
        proto::Part::End(end) => return Ok(Decoded::End { last: Seq(end.last), hash: end.hash }),
    }))
}

/// What the end says of everything before it and of itself.
fn end_hash(mut hasher: blake3::Hasher, last: Seq) -> Hash128 {
    hasher.update(&last.0.to_be_bytes());
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    Hash128(short)
}

fn bad(what: &str) -> Unreadable {
    Unreadable(format!("this is no whole log file: {what}"))
}

mod proto {
    use bytes::Bytes;

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Record {
        #[prost(oneof = "Part", tags = "1, 2, 3, 4, 5")]
        pub part: Option<Part>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Part {
        #[prost(message, tag = "1")]
        Head(Head),
        #[prost(message, tag = "2")]
        Content(Content),
        #[prost(message, tag = "3")]
        Snapshot(Snapshot),
        #[prost(message, tag = "4")]
        Row(Row),
        #[prost(message, tag = "5")]
        End(End),
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Head {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(bytes = "vec", tag = "2")]
        pub room: Vec<u8>,
        #[prost(string, tag = "3")]
        pub rules: String,
        #[prost(sint64, tag = "4")]
        pub opened_ms: i64,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Content {
        #[prost(string, tag = "1")]
        pub rules: String,
        #[prost(bytes = "bytes", tag = "2")]
        pub body: Bytes,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Snapshot {
        #[prost(uint64, tag = "1")]
        pub seq: u64,
        #[prost(bytes = "bytes", tag = "2")]
        pub body: Bytes,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Row {
        #[prost(uint64, tag = "1")]
        pub first: u64,
        #[prost(uint64, tag = "2")]
        pub last: u64,
        #[prost(fixed64, tag = "3")]
        pub sum: u64,
        #[prost(bytes = "bytes", tag = "4")]
        pub body: Bytes,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct End {
        #[prost(uint64, tag = "1")]
        pub last: u64,
        #[prost(bytes = "vec", tag = "2")]
        pub hash: Vec<u8>,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sample() -> Vec<LogRecord> {
        let body = Bytes::from_static(b"inputs");
        vec![
            LogRecord::Head { room: RoomId(7), rules: "tally".into(), opened_ms: -5 },
            LogRecord::Content { rules: "tally".into(), body: Bytes::from_static(b"step = 1") },
            LogRecord::Snapshot { seq: Seq(4), body: vec![9; 300].into() },
            LogRecord::Row(Row { first: Seq(5), last: Seq(6), sum: u64::MAX, body }),
            LogRecord::End { last: Seq(6) },
        ]
    }

    fn written(records: Vec<LogRecord>) -> Vec<u8> {
        let (mut writer, mut file) = LogFileWriter::new();
        records.into_iter().for_each(|record| file.extend(writer.record(record)));
        file
    }

    fn read(mut file: &[u8]) -> Result<(Vec<LogRecord>, bool), Unreadable> {
        let (mut reader, mut records) = (LogFileReader::default(), Vec::new());
        while !file.is_empty() {
            let Some((next, rest)) = reader.wants(file)?.and_then(|len| file.split_at_checked(len)) else {
                break;
            };
            records.extend(reader.read(Bytes::copy_from_slice(next))?);
            file = rest;
        }
        Ok((records, reader.is_ended()))
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(read(&written(sample())).unwrap(), (sample(), true));
    }

    #[test]
    fn a_file_that_was_cut_has_no_end() {
        let file = written(sample());
        for len in 0..file.len() {
            let (records, ended) = read(&file[..len]).unwrap();
            assert!(!ended && sample().starts_with(&records), "{len}");
        }
    }

    #[test]
    fn a_bit_that_was_turned_is_found() {
        let file = written(sample());
        for at in 0..file.len() * 8 {
            let mut other = file.clone();
            other[at / 8] ^= 1 << (at % 8);
            // Whatever else becomes of it, it is not read to its end.
            assert!(!read(&other).is_ok_and(|(_, ended)| ended), "bit {at}");
        }
    }

    #[test]
    fn nothing_follows_the_end() {
        let mut file = written(sample());
        file.extend(written(sample()));
        assert!(read(&file).is_err());
    }
}
