//! What a measurement found, as a row of a table and as JSON.

use crate::load::Outcome;
use serde::Serialize;
use std::fmt;

/// One measurement.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// What was measured.
    pub name: String,
    /// Replies a second that say yes.
    pub per_second: f64,
    /// Median latency.
    pub p50_ms: f64,
    /// 99 of 100 are faster.
    pub p99_ms: f64,
    /// 999 of 1,000 are faster.
    pub p999_ms: f64,
    /// The slowest.
    pub max_ms: f64,
    /// Replies that say yes.
    pub accepted: u64,
    /// Replies that say no.
    pub refused: u64,
    /// Connections that broke.
    pub broken: u64,
    /// Requests without a reply.
    pub unanswered: u64,
    /// How long was measured.
    pub seconds: f64,
}

impl Figures {
    /// The figures of a run.
    pub fn of(name: impl Into<String>, outcome: &Outcome) -> Self {
        let ms = |quantile: f64| outcome.latency.value_at_quantile(quantile) as f64 / 1e6;
        Figures {
            name: name.into(),
            per_second: outcome.per_second(),
            p50_ms: ms(0.5),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            max_ms: outcome.latency.max() as f64 / 1e6,
            accepted: outcome.accepted,
            refused: outcome.refused,
            broken: outcome.broken,
            unanswered: outcome.unanswered,
            seconds: outcome.measured.as_secs_f64(),
        }
    }

    /// The table's head.
    pub fn head() -> String {
        format!(
            "{:<34} {:>11} {:>9} {:>9} {:>9} {:>9} {:>8} {:>7}",
            "", "accepted/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "refused", "broken"
        )
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<34} {:>11.0} {:>9.3} {:>9.3} {:>9.3} {:>9.3} {:>8} {:>7}",
            self.name,
            self.per_second,
            self.p50_ms,
            self.p99_ms,
            self.p999_ms,
            self.max_ms,
            self.refused,
            self.broken
        )
    }
}
