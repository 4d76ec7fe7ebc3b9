//! The boards that farms are ranked on. They are made when the service first starts; ranks, pages, friends and
//! neighbours on them are those of any leaderboard and tournament.

use app::leaderboards::NewBoard;
use app::rpc::RpcError;
use app::services::Services;
use app::tournaments::NewTournament;
use serde_json::json;
use store::Operator;

/// Stars of all time.
pub const STARS: &str = "farm_stars";
/// Wool of the week by worth, as a magnitude.
pub const WEEKLY: &str = "farm_weekly";

/// Mondays, 00:00 UTC.
const EACH_MONDAY: &str = "0 0 * * 1";
const DAY_S: i64 = 86_400;
const WEEK_S: i64 = 7 * DAY_S;
/// The first Monday of Unix time, 1970-01-05: week 0 of the rules begins there.
const MONDAY_S: i64 = 4 * DAY_S;

/// Makes the boards if they are missing. What an operator has changed about them stays.
pub async fn create(services: &Services) -> Result<(), RpcError> {
    let stars = NewBoard {
        id: STARS.into(),
        authoritative: true,
        // Set, not the best: after a restore a farm has fewer.
        operator: Operator::Set,
        metadata: json!({ "game": "farm", "score": "stars" }).to_string(),
        ..NewBoard::default()
    };
    services.leaderboards.create(stars).await?;
    let weekly = NewTournament {
        id: WEEKLY.into(),
        authoritative: true,
        operator: Operator::Set,
        reset: EACH_MONDAY.into(),
        duration_s: WEEK_S,
        metadata: json!({ "game": "farm", "score": "magnitude" }).to_string(),
        title: "Wool of the week".into(),
        description: "Who grows the most wool by worth from Monday to Monday".into(),
        ..NewTournament::default()
    };
    services.tournaments.create(weekly).await?;
    Ok(())
}

/// Which week a moment is in, counted as the rules count.
pub fn week_at(ms: i64) -> i64 {
    (ms.div_euclid(1_000) - MONDAY_S).div_euclid(WEEK_S)
}

/// When a week ends: the second by which the tournament's period is named.
pub fn week_ends_s(week: i64) -> i64 {
    MONDAY_S.saturating_add(week.saturating_add(1).saturating_mul(WEEK_S))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_run_from_monday_to_monday() {
        // 2026-11-23 is a Monday.
        let monday_ms = 1_795_392_000_000;
        let week = week_at(monday_ms);
        assert_eq!((week_at(monday_ms - 1), week_at(0), week_at(MONDAY_S * 1_000)), (week - 1, -1, 0));
        assert_eq!(week_ends_s(week - 1) * 1_000, monday_ms);
        assert_eq!(week_at(week_ends_s(week) * 1_000), week + 1);
    }
}
