//! Resets and ends: whoever asked is told of each, at least once.
//!
//! A board's next turn is kept in the store. When it is due, the listeners are called, and only when all of them have
//! succeeded the turn moves on. A server that was down at that time calls them when it is back.

use std::pin::Pin;
use std::sync::Arc;

use parking_lot::RwLock;
use store::{BoardTurn, BoardsDue, PeriodId, PeriodsGet};

use super::{Board, BoardError, Boards};

/// Boards looked at by one call.
const DUE_MAX: u32 = 100;
/// Overdue turns passed over by one call, of one board.
const SKIPPED_MAX: usize = 1_000;

/// What a listener is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Turn {
    /// The leaderboard or tournament.
    pub board: Arc<Board>,
    /// The period whose records are meant.
    pub period: PeriodId,
    /// When it happened, in seconds since the Unix epoch.
    pub at_s: i64,
}

/// A listener could not do its work; it is called again.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct TurnFailed(pub String);

type Heard = Pin<Box<dyn Future<Output = Result<(), TurnFailed>> + Send>>;
type Listener = Arc<dyn Fn(Turn) -> Heard + Send + Sync>;

/// Who is told.
#[derive(Default)]
pub(crate) struct Listeners {
    board_reset: RwLock<Vec<Listener>>,
    tournament_reset: RwLock<Vec<Listener>>,
    tournament_end: RwLock<Vec<Listener>>,
}

fn boxed<F, A>(listener: F) -> Listener
where
    F: Fn(Turn) -> A + Send + Sync + 'static,
    A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
{
    Arc::new(move |turn| Box::pin(listener(turn)))
}

impl Listeners {
    pub(crate) fn board_reset<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.board_reset.write().push(boxed(listener));
    }

    pub(crate) fn tournament_reset<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.tournament_reset.write().push(boxed(listener));
    }

    pub(crate) fn tournament_end<F, A>(&self, listener: F)
    where
        F: Fn(Turn) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), TurnFailed>> + Send + 'static,
    {
        self.tournament_end.write().push(boxed(listener));
    }
}

async fn tell(listeners: &RwLock<Vec<Listener>>, turn: &Turn) -> Result<(), TurnFailed> {
    let listeners = listeners.read().clone();
    for listener in listeners {
        listener(turn.clone()).await?;
    }
    Ok(())
}

impl Boards {
    /// Tells of all resets and ends that are due. Called every second or so; how many were told.
    pub async fn turn(&self) -> Result<usize, BoardError> {
        let now_s = self.now_s();
        let due = self.core.read(BoardsDue { now_s, limit: DUE_MAX }).await?;
        let mut told = 0;
        for row in due {
            let Some(at_s) = row.turn_s else { continue };
            let board = Arc::new(Board::new(row)?);
            if let Err(error) = self.tell(&board, at_s).await {
                tracing::warn!(board = board.row.id, at_s, %error, "a listener failed; it is called again");
                continue;
            }
            let to_s = self.next_turn(&board, at_s, now_s).await?;
            let turn = BoardTurn { number: board.row.number, from_s: at_s, to_s };
            told += usize::from(self.core.write(turn).await?.into_inner());
        }
        Ok(told)
    }

    /// The turn after one. Of those that are overdue as well, because the server was down, only the ones of periods
    /// with somebody in them count.
    async fn next_turn(&self, board: &Board, at_s: i64, now_s: i64) -> Result<Option<i64>, BoardError> {
        let mut next = board.turn_after(at_s);
        for _ in 0..SKIPPED_MAX {
            let Some(overdue_s) = next.filter(|next| *next <= now_s) else { break };
            let (window, ..) = board.turn_at(overdue_s);
            let period = PeriodId { board: board.row.number, expires_s: window.expires_s };
            let found = self.core.read(PeriodsGet { periods: vec![period] }).await?;
            if found.iter().any(|period| period.records + period.entrants > 0) {
                break;
            }
            next = board.turn_after(overdue_s);
        }
        Ok(next)
    }

    async fn tell(&self, board: &Arc<Board>, at_s: i64) -> Result<(), TurnFailed> {
        let (window, ended, reset) = board.turn_at(at_s);
        let period = PeriodId { board: board.row.number, expires_s: window.expires_s };
        let turn = Turn { board: Arc::clone(board), period, at_s };
        if ended {
            tell(&self.listeners.tournament_end, &turn).await?;
        }
        if reset {
            let listeners = match board.row.tournament {
                true => &self.listeners.tournament_reset,
                false => &self.listeners.board_reset,
            };
            tell(listeners, &turn).await?;
        }
        Ok(())
    }
}
