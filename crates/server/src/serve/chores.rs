//! What goes on beside requests and sockets: each thing in a loop of its own, by the clock or when there is something to do.

use std::sync::Arc;
use std::time::Duration;

use app::agents::Agents;
use app::events::Lane;
use app::matchmaker::Matchmaker;
use app::services::Services;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior};

use crate::decide;
use crate::house::House;
use crate::telemetry::figures;

/// Log-outs and other rows that are over are looked for this often.
const HOUSEKEEPING: Duration = Duration::from_secs(60);
/// Due jobs and kept places of lost sockets are looked for this often.
const JOBS: Duration = Duration::from_millis(500);
/// Deadlines and turns of outside workers are looked for this often, while there are any.
const WORKERS: Duration = Duration::from_millis(20);
/// A consumer of events that failed rests for so long.
const EVENTS_AGAIN: Duration = Duration::from_secs(1);
/// Resets of leaderboards are looked for this often.
const BOARDS: Duration = Duration::from_secs(1);
/// Looks between two removals of old records, when nothing is left to remove.
const BOARDS_PAUSE: u32 = 60;
/// Steps of a thousand rows in which old records are removed, each time.
const BOARDS_STEPS: u32 = 8;

/// Starts them all; they end when the set is dropped.
pub(super) fn chores(house: &Arc<House>) -> JoinSet<()> {
    let mut chores = JoinSet::new();
    let of = || Arc::clone(house);
    let (swept, cleaned, clocked, matched, ranked) = (of(), of(), of(), of(), of());
    chores.spawn(async move { swept.sockets.sweep(&swept.config.socket).await });
    chores.spawn(async move { housekeeping(&cleaned.services).await });
    chores.spawn(decide::deadlines(house.services.governance.clone()));
    chores.spawn(decide::hooks(house.services.governance.clone()));
    for lane in house.services.events.lanes() {
        chores.spawn(async move { follow(&lane).await });
    }
    chores.spawn(async move { keep_time(&clocked).await });
    let desk = house.services.agents.clone();
    chores.spawn(async move { tend_desk(&desk).await });
    chores.spawn(async move { match_tickets(&matched.services.matchmaker).await });
    chores.spawn(async move { keep_boards(&ranked).await });
    chores.spawn(async {
        let mut ticks = tokio::time::interval(figures::UPKEEP);
        loop {
            ticks.tick().await;
            figures::start().run_upkeep();
        }
    });
    chores
}

/// Ticks that are not made up for when one of them took too long.
fn unhurried(period: Duration) -> Interval {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Removes what is over, domain by domain.
async fn housekeeping(services: &Services) {
    let mut ticks = tokio::time::interval(HOUSEKEEPING);
    loop {
        ticks.tick().await;
        if let Err(error) = services.accounts.housekeeping().await {
            tracing::warn!(%error, "housekeeping failed; it is tried again");
        }
        if let Err(error) = services.core.housekeeping().await {
            tracing::warn!(%error, "old idempotency keys could not be removed; it is tried again");
        }
        if let Err(error) = services.identity.housekeeping().await {
            tracing::warn!(%error, "logins that stand no longer could not be ended; it is tried again");
        }
        if let Err(error) = services.agents.housekeeping().await {
            tracing::warn!(%error, "what outside workers left could not be removed; it is tried again");
        }
        if let Err(error) = services.events.housekeeping().await {
            tracing::warn!(%error, "old events could not be removed; it is tried again");
        }
    }
}

/// Runs jobs that are due, and gives up places of sockets that did not come back.
async fn keep_time(house: &House) {
    let mut ticks = tokio::time::interval(JOBS);
    loop {
        ticks.tick().await;
        for run in house.services.jobs.due() {
            tokio::spawn(run);
        }
        house.services.core.streams().sweep(house.clock.now_ms());
    }
}

/// Lets time pass for outside workers, while there are any.
async fn tend_desk(desk: &Agents) {
    let mut ticks = unhurried(WORKERS);
    loop {
        if desk.is_idle() {
            desk.stirred().await;
        }
        ticks.tick().await;
        desk.tick();
    }
}

/// Looks for matches among the tickets that wait.
async fn match_tickets(matchmaker: &Matchmaker) {
    let mut ticks = unhurried(Duration::from_millis(matchmaker.interval_ms()));
    loop {
        ticks.tick().await;
        matchmaker.interval().await;
    }
}

/// Gives a consumer its events, and after a failure tries again.
async fn follow(lane: &Lane) {
    loop {
        match lane.catch_up().await {
            Ok(_) => lane.more().await,
            Err(error) => {
                tracing::warn!(%error, consumer = lane.name(), "a consumer of events failed; it gets the event again");
                tokio::time::sleep(EVENTS_AGAIN).await;
            }
        }
    }
}

/// Tells of resets and ends of leaderboards and tournaments as they come, and removes what is over.
async fn keep_boards(house: &House) {
    let boards = house.services.leaderboards.boards();
    let keep_days = i64::from(house.config.leaderboards.keep_days);
    let keep_s = (keep_days > 0).then_some(keep_days * 86_400);
    let mut ticks = unhurried(BOARDS);
    let mut pause = 0;
    loop {
        ticks.tick().await;
        if let Err(error) = boards.turn().await {
            tracing::warn!(%error, "resets of leaderboards could not be told; it is tried again");
        }
        if pause > 0 {
            pause -= 1;
            continue;
        }
        match boards.housekeeping(keep_s, BOARDS_STEPS).await {
            Ok(true) => {}
            Ok(false) => pause = BOARDS_PAUSE,
            Err(error) => {
                tracing::warn!(%error, "old records could not be removed; it is tried again");
                pause = BOARDS_PAUSE;
            }
        }
    }
}
