//! What groups decide takes effect by the clock: proposals are closed at their deadline, and hooks of decisions run.

use std::time::Duration;

use app::governance::Governance;
use tokio::task::JoinSet;

/// Deadlines are looked at this often.
const DEADLINES: Duration = Duration::from_millis(500);
/// Hooks that wait are looked for this often.
const HOOKS: Duration = Duration::from_millis(500);
/// A hook that takes longer is given up, and tried again later.
const HOOK_MS_MAX: Duration = Duration::from_secs(50);

/// Closes proposals at their deadlines, without end.
pub async fn deadlines(governance: Governance) {
    let mut ticks = tokio::time::interval(DEADLINES);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = governance.tick().await {
            tracing::warn!(%error, "proposals could not be closed; it is tried again");
        }
    }
}

/// Runs the hooks of decisions, without end; those of one round beside each other.
pub async fn hooks(governance: Governance) {
    let mut ticks = tokio::time::interval(HOOKS);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let tasks = match governance.hooks_due().await {
            Ok(tasks) => tasks,
            Err(error) => {
                tracing::warn!(%error, "hooks of decisions could not be read; it is tried again");
                continue;
            }
        };
        let mut round: JoinSet<_> =
            tasks.into_iter().map(|task| tokio::time::timeout(HOOK_MS_MAX, task)).collect();
        while let Some(ended) = round.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(_)) => tracing::error!("a decision's hook took too long; it is tried again later"),
                Err(error) => tracing::error!(%error, "a decision's hook panicked; it is tried again later"),
            }
        }
    }
}
