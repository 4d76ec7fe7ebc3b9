//! What leaderboards and tournaments stand on: the known boards, their making and unmaking, and housekeeping.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::RwLock;
use serde::de::IgnoredAny;
use store::{
    BoardCreate, BoardDelete, BoardGet, BoardList, BoardRow, BoardsPurge, EntriesForget, PeriodId,
    PeriodsOfOwner, RecordDelete, RecordsOf, UserId,
};

use super::turns::Listeners;
use super::{Board, BoardError, ID_BYTES_MAX, LIST_MAX, METADATA_BYTES_MAX};
use crate::core::Core;
use crate::ranks::Ranks;

/// Boards that are kept in memory. With more, all are forgotten and read again as they are used.
const KNOWN_MAX: usize = 20_000;
/// Rows removed by one operation of housekeeping.
const PURGE_ROWS_MAX: u32 = 1_000;

/// See the module.
pub struct Boards {
    pub(crate) core: Core,
    pub(crate) ranks: Ranks,
    pub(crate) listeners: Listeners,
    known: RwLock<HashMap<String, Arc<Board>>>,
    /// Counts boards made and removed, so that nobody keeps one that went while it was read.
    changes: AtomicU64,
}

/// One place where somebody has a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnRecord {
    /// The board.
    pub board_id: String,
    /// When the period ends or ended; 0: never.
    pub expires_s: i64,
    /// Score.
    pub score: i64,
    /// Subscore.
    pub subscore: i64,
    /// The rest.
    pub row: store::RecordRow,
}

impl Boards {
    /// Over what every domain works with.
    pub fn new(core: &Core) -> Self {
        Self {
            core: core.clone(),
            ranks: Ranks::new(core),
            listeners: Listeners::default(),
            known: RwLock::default(),
            changes: AtomicU64::new(0),
        }
    }

    /// The ranks of all boards.
    pub fn ranks(&self) -> &Ranks {
        &self.ranks
    }

    pub(crate) fn now_s(&self) -> i64 {
        self.core.now_ms().div_euclid(1_000)
    }

    /// A board of either kind.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Arc<Board>>, BoardError> {
        if let Some(board) = self.known.read().get(id) {
            return Ok(Some(Arc::clone(board)));
        }
        if check_id(id).is_err() {
            return Ok(None);
        }
        let changes = self.changes.load(Ordering::Acquire);
        let Some(row) = self.core.read(BoardGet { id: id.to_owned() }).await? else { return Ok(None) };
        let board = Arc::new(Board::new(row)?);
        let mut known = self.known.write();
        if self.changes.load(Ordering::Acquire) == changes {
            if known.len() >= KNOWN_MAX {
                known.clear();
            }
            known.insert(id.to_owned(), Arc::clone(&board));
        }
        Ok(Some(board))
    }

    pub(crate) async fn of_kind(&self, id: &str, tournament: bool) -> Result<Arc<Board>, BoardError> {
        let missing = if tournament { BoardError::NoTournament } else { BoardError::NotFound };
        let found = self.find(id).await?;
        found.filter(|board| board.row.tournament == tournament).ok_or(missing)
    }

    /// Makes a board of either kind.
    pub(crate) async fn create(&self, row: BoardRow) -> Result<(Arc<Board>, bool), BoardError> {
        check_id(&row.id)?;
        let mut board = Board::new(row)?;
        if board.row.metadata.is_empty() {
            board.row.metadata = "{}".into();
        }
        check_metadata(&board.row.metadata)?;
        board.row.created_ms = self.core.now_ms();
        board.row.turn_s = board.turn_after(self.now_s());
        let made = self.core.write(BoardCreate { board: board.row }).await?.into_inner();
        let board = Arc::new(Board::new(made.board)?);
        Ok((board, made.created))
    }

    /// Removes a board of one kind. Its records go little by little, with the housekeeping.
    pub(crate) async fn delete(&self, id: &str, tournament: bool) -> Result<bool, BoardError> {
        let done = self.core.write(BoardDelete { id: id.to_owned(), tournament }).await;
        // Even if it is unknown whether it went: the next one reads again.
        self.changes.fetch_add(1, Ordering::AcqRel);
        self.known.write().remove(id);
        let number = done?.into_inner();
        if let Some(number) = number {
            self.ranks.forget_board(number);
        }
        Ok(number.is_some())
    }

    pub(crate) async fn list_plain(&self, after: &str, limit: u32) -> Result<Vec<Arc<Board>>, BoardError> {
        let list = BoardList {
            tournament: false,
            after: (0, after.to_owned()),
            category_max: i64::MAX,
            start_s_min: i64::MIN,
            over_after_s: 0,
            over_s_max: 0,
            limit,
        };
        let rows = self.core.read(list).await?;
        rows.into_iter().map(|row| Board::new(row).map(Arc::new)).collect()
    }

    /// Removes what deleted boards left, and periods that ended so many seconds ago; `None`: these are kept. Takes a
    /// bounded number of steps; true: there is more to do.
    pub async fn housekeeping(&self, keep_s: Option<i64>, steps: u32) -> Result<bool, BoardError> {
        let over_s = keep_s.map(|keep_s| self.now_s().saturating_sub(keep_s));
        for _ in 0..steps {
            let purge = BoardsPurge { over_s, limit: PURGE_ROWS_MAX };
            let Some(period) = self.core.write(purge).await?.into_inner() else { return Ok(false) };
            self.ranks.forget(period);
        }
        Ok(true)
    }

    /// Everything that somebody has written, for them to see.
    pub async fn records_of(&self, owner: UserId) -> Result<Vec<OwnRecord>, BoardError> {
        let mut found = Vec::new();
        let mut after = PeriodId { board: i64::MIN, expires_s: 0 };
        loop {
            let places = self.core.read(PeriodsOfOwner { owner, after, limit: LIST_MAX }).await?;
            for place in &places {
                let rows = self.core.read(RecordsOf { period: place.period, owners: vec![owner] }).await?;
                found.extend(rows.into_iter().map(|row| OwnRecord {
                    board_id: place.board_id.clone(),
                    expires_s: place.period.expires_s,
                    score: row.key.score(place.descending),
                    subscore: row.key.subscore(place.descending),
                    row,
                }));
            }
            match places.last() {
                Some(last) if places.len() == LIST_MAX as usize => after = last.period,
                _ => return Ok(found),
            }
        }
    }

    /// Removes everything that somebody has written or joined.
    pub async fn erase(&self, owner: UserId) -> Result<(), BoardError> {
        let start = PeriodId { board: i64::MIN, expires_s: 0 };
        loop {
            let places = PeriodsOfOwner { owner, after: start, limit: LIST_MAX };
            let places = self.core.read(places).await?;
            if places.is_empty() {
                break;
            }
            for place in places {
                let at_ms = self.core.now_ms();
                let delete = RecordDelete { period: place.period, owner, remember: false, at_ms };
                self.ranks.write(delete).await?;
            }
        }
        while self.core.write(EntriesForget { owner, limit: LIST_MAX }).await?.into_inner() > 0 {}
        Ok(())
    }
}

pub(crate) fn check_id(id: &str) -> Result<(), BoardError> {
    let plain = (1..=ID_BYTES_MAX).contains(&id.len()) && !id.chars().any(char::is_control);
    if plain { Ok(()) } else { Err(BoardError::Id) }
}

/// A JSON object, and not too long.
pub(crate) fn check_metadata(text: &str) -> Result<(), BoardError> {
    let object = text.trim_start().starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok();
    if text.len() <= METADATA_BYTES_MAX && object { Ok(()) } else { Err(BoardError::Metadata) }
}
