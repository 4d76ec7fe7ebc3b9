//! A room's whole log as one file to take away ([`kernel::LogRecord`]), made in pieces as its reader asks for them. People
//! are in it as seats alone: who sat where is not in a log, and not in its file.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use kernel::{Frozen, Hash128, LogFileWriter, LogRecord, ReadRow, RoomId, Row, RulesId, Seq};
use store::{ContentGet, FoundSnapshot, LatestSnapshot, LoadLog, LogHead, RoomGet, SnapshotsOf};
use tokio::sync::oneshot;

use super::worker::Surroundings;
use super::{RoomError, Rooms, Viewer};

/// Bytes of log that one piece has, unless a single row has more.
const PIECE_BYTES_MAX: u64 = 1 << 20;

/// A log file that is being made.
pub struct LogExport {
    around: Arc<Surroundings>,
    making: Option<Making>,
}

struct Making {
    room: RoomId,
    writer: LogFileWriter,
    stage: Stage,
    /// The newest input of the file.
    last: Seq,
    /// Contents that are in it.
    contents: BTreeSet<(String, Hash128)>,
}

enum Stage {
    Head {
        moments: bool,
    },
    /// Snapshots that are still to be written; the file cannot be followed without the first if the log is not whole.
    Snapshots {
        seqs: VecDeque<Seq>,
        needed: Option<Seq>,
        after: Seq,
    },
    Rows {
        after: Seq,
    },
    Done,
}

impl Rooms {
    /// The room's whole log as a file, up to what is durable now. `moments`: with the snapshots along the way, so that
    /// every step of it is shown soon; it is many times larger then. Whether the asker may have it is for the caller to
    /// know.
    pub fn export(&self, room: RoomId, moments: bool) -> LogExport {
        let (writer, _) = LogFileWriter::new();
        let stage = Stage::Head { moments };
        let making = Making { room, writer, stage, last: Seq(0), contents: BTreeSet::new() };
        LogExport { around: Arc::clone(&self.around), making: Some(making) }
    }

    /// Do its rules let anybody have the room's whole log? As old as the room's label, if it is awake.
    pub async fn log_is_open(&self, room: RoomId) -> Result<bool, RoomError> {
        match self.directory.get(room) {
            Some(info) => Ok(info.log_is_open),
            None => Ok(self.look(room, None, Viewer::Nobody).await?.log_is_open),
        }
    }
}

impl LogExport {
    /// The next bytes of the file; `None` at its end. After an error there are no more.
    pub async fn next(&mut self) -> Option<Result<Bytes, RoomError>> {
        let mut making = self.making.take()?;
        let gone = || RoomError::Unavailable("the server is going down".into());
        let Ok(_place) = self.around.peeks.acquire().await else { return Some(Err(gone())) };
        let (reply, answer) = oneshot::channel();
        let around = Arc::clone(&self.around);
        self.around.spawn.blocking(Box::new(move || {
            let piece = making.piece(&around);
            // Nobody may wait for it any more.
            let _ = reply.send((piece, making));
        }));
        let Ok((piece, making)) = answer.await else { return Some(Err(gone())) };
        match piece {
            Ok(piece) if piece.is_empty() => None,
            Ok(piece) => {
                self.making = Some(making);
                Some(Ok(piece.into()))
            }
            Err(error) => Some(Err(error)),
        }
    }
}

impl Making {
    /// Keeps its thread busy. Nothing at the end.
    fn piece(&mut self, around: &Surroundings) -> Result<Vec<u8>, RoomError> {
        let mut piece = Vec::new();
        // Some stages have nothing to say.
        while piece.is_empty() {
            self.stage = match std::mem::replace(&mut self.stage, Stage::Done) {
                Stage::Head { moments } => self.head(around, moments, &mut piece)?,
                Stage::Snapshots { mut seqs, needed, after } => match seqs.pop_front() {
                    Some(seq) => {
                        self.snapshot(around, seq, needed, &mut piece)?;
                        Stage::Snapshots { seqs, needed, after }
                    }
                    None => Stage::Rows { after },
                },
                Stage::Rows { after } if after < self.last => {
                    Stage::Rows { after: self.rows(around, after, &mut piece)? }
                }
                Stage::Rows { .. } => {
                    piece.extend(self.writer.record(LogRecord::End { last: self.last }));
                    Stage::Done
                }
                Stage::Done => break,
            };
        }
        Ok(piece)
    }

    fn head(
        &mut self,
        around: &Surroundings,
        moments: bool,
        piece: &mut Vec<u8>,
    ) -> Result<Stage, RoomError> {
        let room = self.room;
        let row = around.store.read_now(RoomGet { room })?.ok_or(RoomError::NoSuchRoom)?;
        let head = around.store.read_now(LogHead { room })?.ok_or(RoomError::NoSuchRoom)?;
        self.last = head.0;
        let first = around.store.read_now(LoadLog { room, after: Seq(0), bytes_max: 0 })?;
        let first = first.chunks.first().map_or(Seq(1), |chunk| chunk.first_seq);
        let all = around.store.read_now(SnapshotsOf { room })?;
        let mut seqs: VecDeque<Seq> =
            all.into_iter().filter(|seq| seq.next() >= first && *seq <= self.last).collect();
        let needed = if first > Seq(1) {
            let base = seqs.front().copied();
            Some(base.ok_or_else(|| unreadable("its beginning is gone, and no snapshot stands for it"))?)
        } else {
            None
        };
        if !moments {
            let newest = seqs.back().copied();
            seqs = needed.into_iter().chain(newest.filter(|newest| Some(*newest) != needed)).collect();
        }
        let (writer, magic) = LogFileWriter::new();
        self.writer = writer;
        piece.extend(magic);
        let head = LogRecord::Head { room, rules: row.rules, opened_ms: row.created_ms };
        piece.extend(self.writer.record(head));
        Ok(Stage::Snapshots { seqs, needed, after: Seq(first.0 - 1) })
    }

    fn snapshot(
        &mut self,
        around: &Surroundings,
        seq: Seq,
        needed: Option<Seq>,
        piece: &mut Vec<u8>,
    ) -> Result<(), RoomError> {
        let found = around.store.read_now(LatestSnapshot { room: self.room, at_or_before: seq })?;
        let body = match found {
            FoundSnapshot::Whole(snapshot) if snapshot.seq == seq => Bytes::from(snapshot.body),
            // It was thinned out meanwhile, or is damaged: the log leads there as well.
            _ if needed != Some(seq) => return Ok(()),
            _ => return Err(unreadable("the snapshot at its beginning is gone")),
        };
        let rules = Frozen::read(self.room, &body).map_err(|error| unreadable(&error.0))?.rules;
        self.content(around, &rules, piece)?;
        piece.extend(self.writer.record(LogRecord::Snapshot { seq, body }));
        Ok(())
    }

    fn rows(&mut self, around: &Surroundings, after: Seq, piece: &mut Vec<u8>) -> Result<Seq, RoomError> {
        let page = around.store.read_now(LoadLog { room: self.room, after, bytes_max: PIECE_BYTES_MAX })?;
        let mut newest = after;
        for chunk in page.chunks {
            if chunk.first_seq > newest.next() {
                return Err(unreadable("rows went while it was read; ask again"));
            }
            if newest >= self.last {
                break;
            }
            newest = chunk.last_seq;
            let (first, last) = (chunk.first_seq, chunk.last_seq);
            let row = Row { first, last, sum: chunk.sum, body: Bytes::from(chunk.body) };
            let rules = ReadRow::read(self.room, &row).map_err(|why| unreadable(&why))?.rules;
            self.content(around, &rules, piece)?;
            piece.extend(self.writer.record(LogRecord::Row(row)));
        }
        if newest == after { Err(unreadable("rows went while it was read; ask again")) } else { Ok(newest) }
    }

    /// Writes what rules read before whatever ran under them, once.
    fn content(
        &mut self,
        around: &Surroundings,
        rules: &RulesId,
        piece: &mut Vec<u8>,
    ) -> Result<(), RoomError> {
        if !self.contents.insert((rules.name.clone(), rules.content)) {
            return Ok(());
        }
        let get = ContentGet { rules: rules.name.clone(), hash: rules.content.0.to_vec() };
        if let Some(body) = around.store.read_now(get)? {
            let record = LogRecord::Content { rules: rules.name.clone(), body: body.into() };
            piece.extend(self.writer.record(record));
        }
        Ok(())
    }
}

fn unreadable(why: &str) -> RoomError {
    RoomError::Unreadable(why.to_owned())
}
