//! A board with its schedule, and which period is when. Pure: times come in as arguments.

use store::{BoardRow, PeriodId};

use super::BoardError;
use crate::cron::Cron;

/// A leaderboard or tournament.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Board {
    /// As it is kept.
    pub row: BoardRow,
    schedule: Option<Cron>,
}

/// What is now, on one board. Seconds since the Unix epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Window {
    /// Scores are taken from here on.
    pub start_active_s: i64,
    /// Scores are no longer taken from here on; 0: always.
    pub end_active_s: i64,
    /// The period ends; 0: never. It is the period's name.
    pub expires_s: i64,
}

impl Window {
    /// Are scores taken at this second?
    pub fn is_open(&self, now_s: i64) -> bool {
        self.start_active_s <= now_s && (self.end_active_s == 0 || now_s < self.end_active_s)
    }
}

impl Board {
    /// Reads the schedule.
    pub fn new(row: BoardRow) -> Result<Self, BoardError> {
        let schedule = if row.reset.is_empty() { None } else { Some(row.reset.parse()?) };
        Ok(Self { row, schedule })
    }

    /// What is at this second. Before a tournament begins it is its first window, after its end the last.
    pub fn window(&self, now_s: i64) -> Window {
        let row = &self.row;
        if !row.tournament {
            let Some(schedule) = &self.schedule else { return Window::default() };
            let expires_s = schedule.next(now_s).unwrap_or(0);
            let start_active_s = schedule.last(now_s).unwrap_or(0);
            return Window { start_active_s, end_active_s: expires_s, expires_s };
        }
        let cut = |at: i64| if row.end_s > 0 { at.min(row.end_s) } else { at };
        let Some(schedule) = &self.schedule else {
            let end = row.start_s.saturating_add(row.duration_s);
            let expires_s = if row.end_s > 0 { row.end_s } else { end };
            return Window { start_active_s: row.start_s, end_active_s: cut(end), expires_s };
        };
        let mut at = now_s.max(row.start_s);
        if row.end_s > 0 {
            at = at.min(row.end_s - 1);
        }
        let start_active_s = schedule.last(at).unwrap_or(row.start_s).max(row.start_s);
        let expires_s = cut(schedule.next(at).unwrap_or(i64::MAX));
        let end_active_s = start_active_s.saturating_add(row.duration_s).min(expires_s);
        Window { start_active_s, end_active_s, expires_s }
    }

    /// The period of this second.
    pub fn period(&self, now_s: i64) -> PeriodId {
        // A plain board's beginning is nobody's question here, and looking for it is the dearer half.
        let expires_s = match &self.schedule {
            None if !self.row.tournament => 0,
            Some(schedule) if !self.row.tournament => schedule.next(now_s).unwrap_or(0),
            _ => self.window(now_s).expires_s,
        };
        PeriodId { board: self.row.number, expires_s }
    }

    /// The next and the last reset, seen from this second; 0 where there is none.
    pub fn resets(&self, now_s: i64) -> (i64, i64) {
        let Some(schedule) = &self.schedule else { return (0, 0) };
        (schedule.next(now_s).unwrap_or(0), schedule.last(now_s).unwrap_or(0))
    }

    /// The next second after this one at which somebody is to be told of a reset or an end.
    pub fn turn_after(&self, after_s: i64) -> Option<i64> {
        if !self.row.tournament {
            return self.schedule.as_ref()?.next(after_s);
        }
        let window = self.window(after_s);
        let reset = self.schedule.is_some().then_some(window.expires_s);
        [Some(window.end_active_s), reset].into_iter().flatten().filter(|at| *at > after_s).min()
    }

    /// What happens at a turn: the window that was until then, whether it closed, and whether a reset is due.
    pub fn turn_at(&self, at_s: i64) -> (Window, bool, bool) {
        let window = self.window(at_s - 1);
        let row = &self.row;
        let ended = row.tournament && window.end_active_s == at_s;
        let goes_on = !row.tournament || row.end_s == 0 || at_s < row.end_s;
        let reset = self.schedule.is_some() && window.expires_s == at_s && goes_on;
        (window, ended, reset)
    }
}
