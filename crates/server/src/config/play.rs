//! What an operator can set about relayed matches and the matchmaker.

use std::collections::BTreeMap;

use app::matchmaker::{MatchRules, MatchmakerSettings, Widening};
use app::relays::{RelayKey, RelaySettings};
use serde::{Deserialize, Serialize};

use super::Config;

/// Relayed matches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Sessions in one match.
    pub members_max: usize,
}

/// The matchmaker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matchmaker {
    /// Those who wait are matched this often.
    pub interval_ms: u64,
    /// Intervals that a ticket waits for its largest number of users before fewer are enough.
    pub intervals_max: u32,
    /// Tickets that may wait.
    pub tickets_max: usize,
    /// A token for a relayed match is good for this long.
    pub token_seconds: u32,
    /// Whether everybody must want everybody.
    pub matching: Matching,
    /// Numeric properties whose bounds widen while a ticket waits: `skill:50:500` adds 50 to both sides with each
    /// interval, and no more than 500. Several are separated by spaces.
    pub widen: String,
}

/// Whose queries must be satisfied in a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Matching {
    /// Everybody's.
    Mutual,
    /// That of the ticket which looks; the others only have to fit it.
    Oneway,
}

impl Default for Relay {
    fn default() -> Self {
        Self { members_max: 1_024 }
    }
}

impl Default for Matchmaker {
    fn default() -> Self {
        Self {
            interval_ms: 1_000,
            intervals_max: 5,
            tickets_max: 20_000,
            token_seconds: 60,
            matching: Matching::Mutual,
            widen: String::new(),
        }
    }
}

impl Matchmaker {
    /// [`widen`](Self::widen), read.
    pub fn widening(&self) -> Result<BTreeMap<String, Widening>, String> {
        let one = |part: &str| {
            let mut words = part.rsplitn(3, ':');
            let most = words.next()?.parse().ok().filter(|most: &f64| *most >= 0.0 && most.is_finite())?;
            let step = words.next()?.parse().ok().filter(|step: &f64| *step >= 0.0 && step.is_finite())?;
            let field = words.next().filter(|field| !field.is_empty())?;
            Some((format!("properties.{field}"), Widening { step, most }))
        };
        let wrong = |part: &str| {
            format!("matchmaker.widen has \"{part}\", but must be PROPERTY:STEP:MOST, separated by spaces")
        };
        self.widen.split_whitespace().map(|part| one(part).ok_or_else(|| wrong(part))).collect()
    }
}

/// As the use cases take it, from a configuration that was checked.
pub fn relay_settings(config: &Config) -> RelaySettings {
    let key = RelayKey::from_secret(config.keys.session_key.reveal().as_bytes());
    RelaySettings { members_max: config.relay.members_max, key }
}

/// As the use cases take it, from a configuration that was checked.
pub fn matchmaker_settings(config: &Config) -> MatchmakerSettings {
    let set = &config.matchmaker;
    MatchmakerSettings {
        interval_ms: set.interval_ms,
        tickets_max: set.tickets_max,
        token_ms: i64::from(set.token_seconds) * 1_000,
        cluster: config.cluster.clone(),
        rules: MatchRules {
            mutual: set.matching == Matching::Mutual,
            intervals_max: set.intervals_max,
            widening: set.widening().unwrap_or_default(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows() {
        let check = |widen: &str, expected: Result<&[(&str, f64, f64)], &str>| {
            let set = Matchmaker { widen: widen.into(), ..Matchmaker::default() };
            let expected = expected.map(|list| {
                let list = list.iter();
                list.map(|(field, step, most)| ((*field).to_owned(), Widening { step: *step, most: *most }))
                    .collect()
            });
            let expected = expected.map_err(|part| {
                format!(
                    "matchmaker.widen has \"{part}\", but must be PROPERTY:STEP:MOST, separated by spaces"
                )
            });
            assert_eq!(set.widening(), expected, "{widen}");
        };
        check("", Ok(&[]));
        check("skill:50:500", Ok(&[("properties.skill", 50.0, 500.0)]));
        check(" a:b:0.5:1  c:2:3 ", Ok(&[("properties.a:b", 0.5, 1.0), ("properties.c", 2.0, 3.0)]));
        check("skill:50", Err("skill:50"));
        check(":1:2", Err(":1:2"));
        check("a:-1:2", Err("a:-1:2"));
        check("a:1:2 b:1:inf", Err("b:1:inf"));
    }
}
