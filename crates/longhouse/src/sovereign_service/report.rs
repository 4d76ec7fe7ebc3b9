//! How people played a war, from its log, and what of it an operator should look at: `war_report` and `war_flags`.
//!
//! The report itself is the rules' ([`sovereign::behaviour`]): it sees seats, times and commands. What is added here is
//! what a log must not hold: seats whose [marks](super::marks) are the same. Each flag comes with a link to the step of
//! the replay that it is about. Flags say "look", never "guilty": nothing is done to anybody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::rpc::{Call, RpcError, payload};
use app::storage::WriteObject;
use kernel::{Input, Seat};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sovereign::behaviour::{Behaviour, Heard, Watch};
use store::{Asks, NOBODY, UserId};

use super::marks::{self, Marks};
use super::results::newest_first;
use super::wars::{Found, Named, Wars};

/// Reports with flags, under nobody; the newest war has the least key.
const COLLECTION: &str = "sovereign_flags";
/// Wars that `war_flags` shows at a time.
const FLAGGED_MAX: u32 = 50;
/// So many players from one address, or on one device, are worth a look.
const SHARED_BY: usize = 2;
/// One kind of marks.
type Kind = fn(&Marks) -> &[String];

/// Players that one flag names.
const SHARED_SHOWN_MAX: usize = 32;

/// Something to look at.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Flag {
    /// What.
    kind: String,
    /// What was found: a number, or the other seats.
    found: Value,
    /// From where on it is a flag.
    threshold: Value,
    /// Where to look.
    replay: String,
}

/// How one player played.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Player {
    seat: u32,
    behaviour: Value,
    flags: Vec<Flag>,
}

/// How everybody did.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
struct Report {
    match_id: String,
    /// How many flags there are.
    flags: usize,
    players: Vec<Player>,
}

/// See the module.
pub struct Reports {
    wars: Arc<Wars>,
}

impl Reports {
    /// Over the wars.
    pub fn new(wars: Arc<Wars>) -> Self {
        Self { wars }
    }

    /// A war has ended: flags are noted, once.
    pub async fn at_end(&self, war: &Found) -> Result<(), RpcError> {
        let report = match self.make(war).await {
            // A log that is gone or damaged is told elsewhere, and must not hold up other wars.
            Err(RpcError::Missing(_) | RpcError::Failed(_)) => return Ok(()),
            report => report?,
        };
        self.note(war, &report).await
    }

    async fn make(&self, war: &Found) -> Result<Report, RpcError> {
        let rooms = &self.wars.services.rooms;
        let watch = rooms.inputs(war.room, Watch::new(), |watch, _, at, input| match input {
            Input::Open { setup, .. } => watch.opened(setup),
            Input::Join { seat } => watch.joined(at.step, at.ms, *seat),
            Input::Command { seat, body, .. } if *seat < Seat::SERVED_FIRST => {
                watch.command(Heard { step: at.step, ms: at.ms, seat: *seat, body });
            }
            _ => {}
        });
        let behaviours = watch.await?.report();
        let seats = self.wars.seats(war.room).await?;
        let users: Vec<UserId> = seats.iter().map(|(_, user)| *user).collect();
        let marks = marks::of(&self.wars, war.room, &users).await?;
        let by_seat: Vec<(Seat, &Marks)> =
            seats.iter().filter_map(|(seat, user)| Some((*seat, marks.get(user)?))).collect();
        Ok(assembled(self.wars.services.match_id(war.room), &behaviours, &by_seat))
    }

    /// Keeps a report that has flags. One that is kept already makes place for the newer one.
    async fn note(&self, war: &Found, report: &Report) -> Result<(), RpcError> {
        if report.flags == 0 {
            return Ok(());
        }
        let (storage, key) = (&self.wars.services.storage, newest_first(war.room));
        let name = store::ObjectName { user: NOBODY, collection: COLLECTION.into(), key: key.clone() };
        let known = storage.read(Asks::Server, vec![name]).await?.pop();
        let known = known.and_then(|object| serde_json::from_str::<Report>(&object.value).ok());
        if known.as_ref() == Some(report) {
            return Ok(());
        }
        let kept = Report {
            // Who did nothing to look at is in the full report, which is made anew from the log.
            players: report.players.iter().filter(|player| !player.flags.is_empty()).cloned().collect(),
            ..report.clone()
        };
        if known.as_ref() == Some(&kept) {
            return Ok(());
        }
        let object = WriteObject {
            user: NOBODY,
            collection: COLLECTION.into(),
            key,
            value: serde_json::to_string(&kept).map_err(|error| RpcError::Failed(error.to_string()))?,
            version: String::new(),
            may_read: Some(0),
            may_write: Some(0),
        };
        storage.write(Asks::Server, vec![object]).await?;
        for flag in kept.players.iter().flat_map(|player| &player.flags) {
            metrics::counter!("longhouse_sovereign_flags_total", "kind" => flag.kind.clone()).increment(1);
        }
        tracing::warn!(war = %kept.match_id, flags = kept.flags, "a war has something to look at");
        Ok(())
    }
}

fn assembled(match_id: String, behaviours: &[Behaviour], marks: &[(Seat, &Marks)]) -> Report {
    let players: Vec<Player> =
        behaviours.iter().map(|behaviour| player(behaviour, marks, &match_id)).collect();
    Report { flags: players.iter().map(|player| player.flags.len()).sum(), match_id, players }
}

/// The link to a step of a war's replay.
fn link(match_id: &str, step: u64) -> String {
    format!("/sovereign/?replay={match_id}&step={step}")
}

fn player(behaviour: &Behaviour, marks: &[(Seat, &Marks)], match_id: &str) -> Player {
    let mut flags: Vec<Flag> = behaviour
        .flags
        .iter()
        .map(|flag| Flag {
            kind: flag.kind.to_owned(),
            found: json!(flag.value),
            threshold: json!(flag.threshold),
            replay: link(match_id, flag.step),
        })
        .collect();
    let shared = |of: Kind| -> BTreeSet<u32> {
        let mut by: BTreeMap<&String, BTreeSet<u32>> = BTreeMap::new();
        for (seat, marks) in marks {
            for mark in of(marks) {
                by.entry(mark).or_default().insert(seat.0);
            }
        }
        let groups =
            by.into_values().filter(|seats| seats.len() >= SHARED_BY && seats.contains(&behaviour.seat));
        groups.flatten().filter(|seat| *seat != behaviour.seat).take(SHARED_SHOWN_MAX).collect()
    };
    let kinds: [(&str, Kind); 2] =
        [("shared_address", |marks| &marks.addresses), ("shared_device", |marks| &marks.devices)];
    for (kind, of) in kinds {
        let others = shared(of);
        if !others.is_empty() {
            flags.push(Flag {
                kind: kind.to_owned(),
                found: json!(others),
                threshold: json!(SHARED_BY),
                replay: link(match_id, behaviour.first_step),
            });
        }
    }
    Player { seat: behaviour.seat, behaviour: json!(behaviour), flags }
}

/// How everybody played a war that goes on or is over. For operators; flags are noted.
pub async fn report(reports: Arc<Reports>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Named { match_id } = payload(&call)?;
    let war = reports.wars.find(&match_id).await?;
    let report = reports.make(&war).await?;
    reports.note(&war, &report).await?;
    let users: BTreeMap<u32, String> = reports
        .wars
        .seats(war.room)
        .await?
        .into_iter()
        .map(|(seat, user)| (seat.0, user.to_string()))
        .collect();
    let mut shown = json!(report);
    // Who it was is said to the operator and kept nowhere.
    if let Some(players) = shown["players"].as_array_mut() {
        for (player, of) in players.iter_mut().zip(&report.players) {
            player["user_id"] = json!(users.get(&of.seat));
        }
    }
    Ok(shown.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    cursor: Option<String>,
}

/// The wars that have flags, the newest first. For operators.
pub async fn flags(reports: Arc<Reports>, call: Call) -> Result<String, RpcError> {
    call.caller.server()?;
    let Page { cursor } = match call.payload.trim() {
        "" => Page { cursor: None },
        _ => payload(&call)?,
    };
    let storage = &reports.wars.services.storage;
    let page = storage.list(Asks::Server, COLLECTION, Some(NOBODY), FLAGGED_MAX, cursor.as_deref()).await?;
    let mut wars = Vec::with_capacity(page.objects.len());
    for object in &page.objects {
        let kept: Value =
            serde_json::from_str(&object.value).map_err(|error| RpcError::Failed(error.to_string()))?;
        wars.push(kept);
    }
    Ok(json!({ "wars": wars, "cursor": page.cursor }).to_string())
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
