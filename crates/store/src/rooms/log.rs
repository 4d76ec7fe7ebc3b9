//! Reading and pruning a room's log.

use kernel::{Epoch, RoomId, Seq};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, Value};

statements! {
    // From the chunk that covers the wanted input; the sizes first, so that a page is bounded by bytes.
    SIZES = "SELECT first_seq, LENGTH(body) FROM room_log
        WHERE room_id = $1 AND last_seq > $2 AND first_seq >=
            (SELECT COALESCE(MAX(first_seq), 0) FROM room_log WHERE room_id = $1 AND first_seq <= $3)
        ORDER BY first_seq LIMIT $4";
    CHUNKS = "SELECT first_seq, last_seq, epoch, at_ms, sum, body FROM room_log
        WHERE room_id = $1 AND first_seq >= $2 AND first_seq <= $3 ORDER BY first_seq";
    HEAD = "SELECT last_seq, epoch, at_ms FROM room_log WHERE room_id = $1 ORDER BY first_seq DESC LIMIT 1";
    // Never the newest chunk: the next append is compared with it.
    PRUNE = "DELETE FROM room_log WHERE room_id = $1 AND first_seq IN
        (SELECT first_seq FROM room_log WHERE room_id = $1 AND last_seq < $2 AND at_ms < $3
            AND first_seq < (SELECT MAX(first_seq) FROM room_log WHERE room_id = $1)
            ORDER BY first_seq LIMIT $4)";
}

/// Chunks of one page of a log, whatever their size.
pub const LOG_PAGE_CHUNKS_MAX: u32 = 4_096;

/// One row of a room's log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogChunk {
    /// The first input in it.
    pub first_seq: Seq,
    /// The last.
    pub last_seq: Seq,
    /// The term in which it was written.
    pub epoch: Epoch,
    /// When the last of them happened.
    pub at_ms: i64,
    /// The body's checksum, not checked here.
    pub sum: u64,
    /// The inputs, in the kernel's encoding.
    pub body: Vec<u8>,
}

/// Reads the log's chunks that hold inputs after one, a page at a time.
#[derive(Clone, Debug)]
pub struct LoadLog {
    /// Which.
    pub room: RoomId,
    /// Inputs after this one. The first chunk may begin before it.
    pub after: Seq,
    /// The page ends before the chunk that would exceed this; it has at least one chunk if there is any.
    pub bytes_max: u64,
}

/// A page of a log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogPage {
    /// In order of their numbers.
    pub chunks: Vec<LogChunk>,
    /// There are chunks after these: ask again after the last one's `last_seq`.
    pub more: bool,
}

impl Operation for LoadLog {
    type Output = LogPage;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let room = Value::from(self.room);
        let (after, wanted) = (self.after.0, self.after.0.saturating_add(1));
        let values =
            [room, Value::count(after)?, Value::count(wanted)?, LOG_PAGE_CHUNKS_MAX.saturating_add(1).into()];
        let sizes = tx.rows(&SIZES, &values, |row| Ok((row.int(0)?, row.count(1)?))).await?;
        let mut bytes = 0u64;
        let fitting = sizes.iter().take(LOG_PAGE_CHUNKS_MAX as usize).take_while(|(_, size)| {
            let first = bytes == 0;
            bytes = bytes.saturating_add(*size).max(1);
            first || bytes <= self.bytes_max
        });
        let fitting = fitting.count();
        let Some(&(last, _)) = fitting.checked_sub(1).and_then(|last| sizes.get(last)) else {
            return Ok(LogPage { chunks: Vec::new(), more: false });
        };
        let chunks = tx
            .rows(&CHUNKS, &[room, sizes[0].0.into(), last.into()], |row| {
                Ok(LogChunk {
                    first_seq: Seq(row.count(0)?),
                    last_seq: Seq(row.count(1)?),
                    epoch: Epoch(row.count(2)?),
                    at_ms: row.int(3)?,
                    sum: row.int(4)?.cast_unsigned(),
                    body: row.blob(5)?,
                })
            })
            .await?;
        Ok(LogPage { chunks, more: fitting < sizes.len() })
    }
}

/// Reads what a room's log ends with, for whoever does not know whether a commit happened.
#[derive(Clone, Debug)]
pub struct LogHead {
    /// Which.
    pub room: RoomId,
}

impl Operation for LogHead {
    /// The newest input, the epoch that wrote it, and when. `None`: no such room.
    type Output = Option<(Seq, Epoch, i64)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&HEAD, &[self.room.into()], |row| {
            Ok((Seq(row.count(0)?), Epoch(row.count(1)?), row.int(2)?))
        })
        .await
    }
}

/// Removes old chunks of a room, a bounded number at a time. The newest chunk always stays.
#[derive(Clone, Debug)]
pub struct PruneLog {
    /// Which.
    pub room: RoomId,
    /// Only chunks whose inputs are all before this one: that of the oldest snapshot that is kept.
    pub before: Seq,
    /// Only chunks older than this.
    pub before_ms: i64,
    /// At most so many chunks.
    pub limit: u32,
}

impl Operation for PruneLog {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.room.into(), self.before.try_into()?, self.before_ms.into(), self.limit.into()];
        tx.execute(&PRUNE, &values).await
    }
}
