//! From farms' reports to ranks and achievements.
//!
//! Events come at least once and in order, many at a time. Of each farm only the newest counts, and what it says is
//! *set*: taking the same page again, or half of it, changes nothing. A report of a week that is over says that the farm
//! has nothing in this one: after a restore there may be a record that says otherwise, and it goes.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::events::{Event, EventError};
use app::leaderboards::{Ask, BoardError, Score as BoardScore, Written};
use app::services::Services;
use serde_json::json;
use store::{UserId, UsersGet};

use super::achievements::Goals;
use super::boards::{STARS, WEEKLY, week_at, week_ends_s};
use super::score::Score;

/// Figures that a record shows beside its score.
const SHOWN: [&str; 3] = ["llamas", "prestiges", "run_magnitude"];

/// See the module.
pub struct Ranks {
    services: Arc<Services>,
    goals: Arc<Goals>,
}

impl Ranks {
    /// Over the use cases.
    pub fn new(services: Arc<Services>, goals: Arc<Goals>) -> Self {
        Self { services, goals }
    }

    /// Brings a page of events to the boards.
    pub async fn take(&self, events: Vec<Event>) -> Result<(), EventError> {
        let newest: BTreeMap<UserId, Score> = events.into_iter().filter_map(Score::of).collect();
        if newest.is_empty() {
            return Ok(());
        }
        let ids = newest.keys().copied().collect();
        let seen = UsersGet { ids, names: Vec::new(), known: Vec::new() };
        // Accounts that are gone are passed over, or one of them would hold up everybody.
        let seen = self.services.core.read(seen).await?;
        let names: BTreeMap<UserId, String> =
            seen.into_iter().map(|seen| (seen.user, seen.profile.username)).collect();
        let scores: Vec<_> = newest
            .into_iter()
            .filter_map(|(user, score)| Some((user, names.get(&user)?.clone(), score)))
            .collect();
        let week = week_at(self.services.core.now_ms());
        self.write(&scores, week).await.map_err(failed)?;
        self.remove(&scores, week).await.map_err(failed)?;
        self.goals.reach(scores.into_iter().map(|(user, _, score)| (user, score.stats))).await
    }

    async fn write(&self, scores: &[(UserId, String, Score)], week: i64) -> Result<(), BoardError> {
        let mut writes = Vec::new();
        for (user, name, score) in scores {
            writes.push((STARS.to_owned(), record(*user, name, score, score.stars)));
            if score.week == week {
                writes.push((WEEKLY.to_owned(), record(*user, name, score, score.week_magnitude)));
            }
        }
        for written in self.services.leaderboards.write_many(writes).await? {
            match written {
                // The week ended while this was written: the record stands in the next one, where it does not belong.
                Ok(Written { board, period, record })
                    if board.row.tournament && period.expires_s != week_ends_s(week) =>
                {
                    self.services.tournaments.delete_record(WEEKLY, record.row.owner).await?;
                }
                Ok(_) => {}
                Err(BoardError::Store(error)) => return Err(error.into()),
                // An operator has taken the board away.
                Err(error) => tracing::debug!(%error, "a farm's score has no board"),
            }
        }
        Ok(())
    }

    /// Takes those off this week's board whose farm is in an earlier week.
    async fn remove(&self, scores: &[(UserId, String, Score)], week: i64) -> Result<(), BoardError> {
        let owners: Vec<_> =
            scores.iter().filter(|(_, _, score)| score.week != week).map(|(user, _, _)| *user).collect();
        if owners.is_empty() {
            return Ok(());
        }
        let listed = match self.services.tournaments.records(WEEKLY, Ask { owners, ..Ask::default() }).await {
            Err(BoardError::NoTournament) => return Ok(()),
            listed => listed?,
        };
        for record in listed.owner_records {
            self.services.tournaments.delete_record(WEEKLY, record.row.owner).await?;
        }
        Ok(())
    }
}

fn record(owner: UserId, name: &str, score: &Score, of: i64) -> BoardScore {
    let shown: BTreeMap<_, _> =
        SHOWN.iter().filter_map(|stat| Some((*stat, score.stats.get(*stat)?.to_string()))).collect();
    BoardScore {
        owner,
        username: name.to_owned(),
        score: of,
        subscore: 0,
        metadata: Some(json!(shown).to_string()),
        operator: None,
    }
}

fn failed(error: BoardError) -> EventError {
    match error {
        BoardError::Store(error) => error.into(),
        error => EventError::Consumer(error.to_string()),
    }
}

#[cfg(test)]
#[path = "ranks_tests.rs"]
mod tests;
