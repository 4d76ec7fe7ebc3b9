//! Reading what a room's log says, input for input, without running its rules: for reports about who did what and when.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{At, Input, ReadRow, RoomId, Row, Seq};
use store::{LoadLog, Store};

use super::{RoomError, Rooms};

/// Bytes of the log that are read at a time.
const PAGE_BYTES_MAX: u64 = 4 << 20;

impl Rooms {
    /// Shows every input of a room's log that is durable and still there, in order, and returns what that made of
    /// `seen`. Neither wakes the room nor runs its rules. Inputs that a later one undid are among them.
    pub async fn inputs<T: Send + 'static>(
        &self,
        room: RoomId,
        seen: T,
        visit: impl FnMut(&mut T, Seq, At, &Input<'_>) + Send + 'static,
    ) -> Result<T, RoomError> {
        let around = Arc::clone(&self.around);
        self.aside(move || follow(&around.store, room, seen, visit)).await?
    }
}

/// Reads page after page. Keeps its thread busy.
fn follow<T>(
    store: &Store,
    room: RoomId,
    mut seen: T,
    mut visit: impl FnMut(&mut T, Seq, At, &Input<'_>),
) -> Result<T, RoomError> {
    let mut after = Seq(0);
    loop {
        let page = store.read_now(LoadLog { room, after, bytes_max: PAGE_BYTES_MAX })?;
        if page.chunks.is_empty() {
            return if after == Seq(0) { Err(RoomError::NoSuchRoom) } else { Ok(seen) };
        }
        for chunk in page.chunks {
            let (first, last) = (chunk.first_seq, chunk.last_seq);
            let row = Row { first, last, sum: chunk.sum, body: Bytes::from(chunk.body) };
            let read = ReadRow::read(room, &row).map_err(RoomError::Unreadable)?;
            for input in read.inputs() {
                let (seq, at, input) = input.map_err(RoomError::Unreadable)?;
                visit(&mut seen, seq, at, &input);
            }
            after = last;
        }
        if !page.more {
            return Ok(seen);
        }
    }
}
