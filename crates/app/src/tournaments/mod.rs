//! Tournaments: leaderboards that are open for a time, again and again if they have a schedule, with room for so many
//! players and so many attempts.
//!
//! A tournament opens at its start, and after each reset of its schedule, for its duration. Scores are taken while it
//! is open. Its records, ranks and periods are those of leaderboards.

mod list;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use store::{BoardRow, Joined, Operator, PeriodId, TournamentJoin, UserId};

use crate::leaderboards::{
    Ask, Board, BoardError, Boards, Leaderboards, Listed, Score, Turn, TurnFailed, Written,
};

pub use list::{Tournament, TournamentAsk, TournamentPage};

/// The largest category.
pub const CATEGORY_MAX: u32 = 127;
/// Tournaments in one list.
pub const LIST_MAX: u32 = 100;
/// Bytes of a title or a description.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// Latest second that a time may name: the protocol has 32 bits for it.
pub const TIME_S_MAX: i64 = u32::MAX as i64;

/// A tournament to be made. Times are seconds since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NewTournament {
    /// Its name in requests.
    pub id: String,
    /// Written by server code only?
    pub authoritative: bool,
    /// Is less better?
    pub ascending: bool,
    /// How scores meet.
    pub operator: Operator,
    /// A cron line; empty: it opens once.
    pub reset: String,
    /// A JSON object as text; empty: `{}`.
    pub metadata: String,
    /// Its name for people.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// For lists.
    pub category: u32,
    /// When it first opens; 0: now.
    pub start_s: i64,
    /// When it ends for good; 0: never.
    pub end_s: i64,
    /// How long it is open.
    pub duration_s: i64,
    /// Most players in a period; 0: any number.
    pub size_max: u32,
    /// Most scores of a player in a period; 0: any number.
    pub attempts_max: u32,
    /// Must players join first?
    pub join_required: bool,
}

/// The use cases.
pub struct Tournaments {
    boards: Arc<Boards>,
}

impl Tournaments {
    /// On what leaderboards stand on.
    pub fn new(leaderboards: &Leaderboards) -> Self {
        Self { boards: Arc::clone(leaderboards.boards()) }
    }

    /// Makes a tournament. One that is there already stays as it is: true if it is new.
    pub async fn create(&self, new: NewTournament) -> Result<(Arc<Board>, bool), BoardError> {
        self.boards.create(check(new, self.boards.now_s())?).await
    }

    /// A tournament's definition.
    pub async fn get(&self, id: &str) -> Result<Arc<Board>, BoardError> {
        self.boards.of_kind(id, true).await
    }

    /// Removes a tournament with all records. True if there was one.
    pub async fn delete(&self, id: &str) -> Result<bool, BoardError> {
        self.boards.delete(id, true).await
    }

    /// Lets a player into the period that is open. Where joining is not required, there is nothing to do.
    pub async fn join(&self, id: &str, owner: UserId) -> Result<(), BoardError> {
        let board = self.get(id).await?;
        let now_s = self.boards.now_s();
        let window = board.window(now_s);
        if !window.is_open(now_s) {
            return Err(BoardError::NotActive);
        }
        if !board.row.join_required {
            return Ok(());
        }
        let join = TournamentJoin {
            period: PeriodId { board: board.row.number, expires_s: window.expires_s },
            owner,
            size_max: board.row.size_max,
            at_ms: self.boards.core.now_ms(),
        };
        match self.boards.core.write(join).await?.into_inner() {
            Joined::In { .. } => Ok(()),
            Joined::Full => Err(BoardError::Full),
            Joined::NoBoard => Err(BoardError::NoTournament),
        }
    }

    /// A player's own score.
    pub async fn write_own(&self, id: &str, score: Score) -> Result<Written, BoardError> {
        self.boards.write_own(self.get(id).await?, score).await
    }

    /// A score of any owner, by server code.
    pub async fn write(&self, id: &str, score: Score) -> Result<Written, BoardError> {
        self.boards.write(self.get(id).await?, score).await
    }

    /// Removes a player's own record of the period that is now. Attempts that it used stay used.
    pub async fn delete_own(&self, id: &str, owner: UserId) -> Result<(), BoardError> {
        self.boards.delete_own(self.get(id).await?, owner).await
    }

    /// Removes an owner's record of the period that is now, by server code. True if there was one.
    pub async fn delete_record(&self, id: &str, owner: UserId) -> Result<bool, BoardError> {
        let board = self.get(id).await?;
        self.boards.delete_record(&board, owner).await
    }

    /// Records in the order of ranks, and those of the owners asked for.
    pub async fn records(&self, id: &str, ask: Ask) -> Result<Listed, BoardError> {
        self.boards.list(self.get(id).await?, ask).await
    }

    /// An owner's record with those around it.
    pub async fn around(&self, id: &str, owner: UserId, ask: Ask) -> Result<Listed, BoardError> {
        self.boards.around(self.get(id).await?, owner, ask).await
    }

    /// Has a function called when a tournament's window closes. As with [`Leaderboards::on_reset`], it may be called
    /// more than once for the same end.
    pub fn on_end<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.boards.listeners.tournament_end(listener);
    }

    /// Has a function called when a tournament is reset and its next period begins.
    pub fn on_reset<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.boards.listeners.tournament_reset(listener);
    }
}

/// The definition as it is kept.
fn check(new: NewTournament, now_s: i64) -> Result<BoardRow, BoardError> {
    let start_s = if new.start_s == 0 { now_s } else { new.start_s };
    let times = 0..=TIME_S_MAX;
    if ![start_s, new.end_s, new.duration_s].iter().all(|time| times.contains(time)) {
        return Err(BoardError::Terms("times must be seconds from 0 to 2^32 - 1"));
    }
    if new.duration_s == 0 {
        return Err(BoardError::Terms("duration must be above 0"));
    }
    if new.end_s > 0 && new.end_s <= start_s {
        return Err(BoardError::Terms("end_time must be after start_time"));
    }
    if new.end_s > 0 && new.end_s - start_s < new.duration_s {
        return Err(BoardError::Terms("the duration must fit between start_time and end_time"));
    }
    if new.category > CATEGORY_MAX {
        return Err(BoardError::Terms("category must be from 0 to 127"));
    }
    if new.title.len().max(new.description.len()) > TEXT_BYTES_MAX {
        return Err(BoardError::Terms("title and description must be at most 4096 bytes"));
    }
    if new.title.contains('\0') || new.description.contains('\0') {
        return Err(BoardError::Terms("title and description must be text without NUL"));
    }
    let over_s = match (new.end_s, new.reset.is_empty()) {
        (0, true) => start_s + new.duration_s,
        (end_s, _) => end_s,
    };
    Ok(BoardRow {
        id: new.id,
        tournament: true,
        authoritative: new.authoritative,
        descending: !new.ascending,
        operator: new.operator,
        reset: new.reset,
        metadata: new.metadata,
        title: new.title,
        description: new.description,
        category: new.category.into(),
        duration_s: new.duration_s,
        start_s,
        end_s: new.end_s,
        over_s,
        join_required: new.join_required,
        size_max: new.size_max.into(),
        attempts_max: new.attempts_max.into(),
        ..BoardRow::default()
    })
}
