//! Lists of tournaments, with what each is at the moment.

use std::sync::Arc;

use store::{BoardList, PeriodId, PeriodsGet};

use super::{CATEGORY_MAX, LIST_MAX, Tournaments};
use crate::cursor::{self, BadCursor};
use crate::leaderboards::{Board, BoardError, Window};

/// Which tournaments to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TournamentAsk {
    /// From this category.
    pub category_start: Option<u32>,
    /// To this one.
    pub category_end: Option<u32>,
    /// Those that first open at this second or later.
    pub start_s: Option<i64>,
    /// Those that are over at this second or before; without it, those that are not over now.
    pub end_s: Option<i64>,
    /// How many.
    pub limit: Option<u32>,
    /// Where to go on; empty: at the beginning.
    pub cursor: String,
}

/// A tournament and what it is at the moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tournament {
    /// Its definition.
    pub board: Arc<Board>,
    /// Its window: the one of now, else the next or the last.
    pub window: Window,
    /// When the next period begins; 0: never.
    pub next_reset_s: i64,
    /// When this period began; 0: it is the first.
    pub prev_reset_s: i64,
    /// Players in this period.
    pub size: u64,
    /// Can one more player take part now?
    pub can_enter: bool,
}

/// A page of tournaments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TournamentPage {
    /// By category and name.
    pub tournaments: Vec<Tournament>,
    /// To the next ones; empty: there are none.
    pub cursor: String,
}

impl Tournaments {
    /// Tournaments that are open or to come, or that ended at some time.
    pub async fn list(&self, ask: TournamentAsk) -> Result<TournamentPage, BoardError> {
        let (from, to) = (ask.category_start.unwrap_or(0), ask.category_end.unwrap_or(CATEGORY_MAX));
        if from > to || to > CATEGORY_MAX {
            return Err(BoardError::Terms("categories must be from 0 to 127, the first not above the last"));
        }
        let limit = ask.limit.unwrap_or(LIST_MAX);
        if !(1..=LIST_MAX).contains(&limit) {
            return Err(BoardError::Terms("limit must be from 1 to 100"));
        }
        if ask.start_s.is_some_and(|at| at < 0) || ask.end_s.is_some_and(|at| at < 0) {
            return Err(BoardError::Terms("times must not be below 0"));
        }
        let (now_s, ended_s) = (self.boards.now_s(), ask.end_s.unwrap_or(0));
        // A cursor belongs to one question.
        let asked =
            [i64::from(from), i64::from(to), ask.start_s.unwrap_or(-1), ended_s].map(i64::to_be_bytes);
        let scope: [&[u8]; 5] = [b"tournaments", &asked[0], &asked[1], &asked[2], &asked[3]];
        let after = match ask.cursor.as_str() {
            "" => (i64::from(from), String::new()),
            text => open(&scope, text)?,
        };
        let list = BoardList {
            tournament: true,
            after,
            category_max: to.into(),
            start_s_min: ask.start_s.unwrap_or(0),
            over_after_s: if ended_s > 0 { 0 } else { now_s },
            over_s_max: ended_s,
            limit: limit + 1,
        };
        let mut rows = self.boards.core.read(list).await?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let cursor = match rows.last().filter(|_| more) {
            Some(last) => seal(&scope, last.category, &last.id),
            None => String::new(),
        };
        let boards: Result<Vec<_>, BoardError> =
            rows.into_iter().map(|row| Board::new(row).map(Arc::new)).collect();
        Ok(TournamentPage { tournaments: self.now(boards?, now_s).await?, cursor })
    }

    /// What a tournament is at the moment.
    pub async fn look(&self, id: &str) -> Result<Tournament, BoardError> {
        let board = self.get(id).await?;
        let found = self.now(vec![board], self.boards.now_s()).await?;
        found.into_iter().next().ok_or(BoardError::NoTournament)
    }

    async fn now(&self, boards: Vec<Arc<Board>>, now_s: i64) -> Result<Vec<Tournament>, BoardError> {
        let windows: Vec<Window> = boards.iter().map(|board| board.window(now_s)).collect();
        let both = boards.iter().zip(&windows);
        let periods =
            both.map(|(board, window)| PeriodId { board: board.row.number, expires_s: window.expires_s });
        let sizes = self.boards.core.read(PeriodsGet { periods: periods.collect() }).await?;
        let all = boards.into_iter().zip(windows).zip(sizes);
        let all = all.map(|((board, window), held)| {
            let size = if board.row.join_required { held.entrants } else { held.records };
            let room = board.row.size_max == 0 || size < board.row.size_max.unsigned_abs();
            let (next_reset_s, prev_reset_s) = board.resets(now_s);
            let last = board.row.end_s > 0 && next_reset_s >= board.row.end_s;
            Tournament {
                window,
                next_reset_s: if last { 0 } else { next_reset_s },
                prev_reset_s: if prev_reset_s < board.row.start_s { 0 } else { prev_reset_s },
                size,
                can_enter: window.is_open(now_s) && room,
                board,
            }
        });
        Ok(all.collect())
    }
}

fn seal(scope: &[&[u8]], category: i64, id: &str) -> String {
    let mut held = category.to_be_bytes().to_vec();
    held.extend_from_slice(id.as_bytes());
    cursor::seal(scope, &held)
}

fn open(scope: &[&[u8]], text: &str) -> Result<(i64, String), BadCursor> {
    let held = cursor::open(scope, text)?;
    let (category, id) = held.split_first_chunk::<8>().ok_or(BadCursor)?;
    let id = std::str::from_utf8(id).map_err(|_| BadCursor)?;
    Ok((i64::from_be_bytes(*category), id.to_owned()))
}
