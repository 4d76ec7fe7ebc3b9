//! What the end of a war brings: an entry in everybody's list of wars, wins on the board, achievements, and a look at how
//! people played. `war_replays` shows the list.
//!
//! The rules tell the end of a war once for every player, as an event; events come at least once and in order. What is
//! counted is kept with the number of the newest event that it holds, so an event that comes again counts once; what is
//! written from there is *set*. A war that was set back and ends again counts as it ended last.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::achievements::{AchievementError, REACHED_MAX, Reached};
use app::events::{Event, EventError, ROOM_PROPERTY};
use app::leaderboards::{BoardError, Score};
use app::rpc::{Call, RpcError};
use app::storage::{DeleteObject, PAGE_MAX, WriteObject};
use app::wallets::WalletError;
use kernel::RoomId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sovereign::OVER_EVENT;
use store::{Asks, Object, ObjectName, UserId, UsersGet};
use uuid::Uuid;

use super::prizes::{FOR_WARS, FOR_WINS, WINS};
use super::report::Reports;
use super::wars::{Found, Wars};

/// Everybody's list of wars, under the player. The newest war has the least key.
const RESULTS: &str = "sovereign_results";
/// What is counted of a player, under [`TALLY_KEY`].
const TALLY: &str = "sovereign_tally";
const TALLY_KEY: &str = "tally";
/// Wars that a player's list holds; older ones leave it.
const RESULTS_MAX: usize = 50;
/// Wars that `war_replays` shows.
const REPLAYS_MAX: u32 = 20;
/// Ends that are counted in one transaction, each with a result and a tally.
const ENDS_AT_ONCE: usize = 40;
/// A win counts where at least so many people were at war.
const PEOPLE_FOR_A_WIN: u64 = 2;

/// The end of a war for one player.
#[derive(Clone, PartialEq, Eq, Debug)]
struct End {
    seq: u64,
    user: UserId,
    room: RoomId,
    at_ms: i64,
    place: u64,
    tiles: u64,
    players: u64,
}

impl End {
    /// Reads an event of the rules. `None`: it is another one. What a client reports under this name is another one too.
    fn of(event: &Event) -> Option<Self> {
        if event.name != OVER_EVENT || event.outside {
            return None;
        }
        let number = |name: &str| event.properties.get(name)?.parse::<u64>().ok();
        let read = || {
            Some(Self {
                seq: event.seq,
                user: event.user?,
                room: RoomId(Uuid::try_parse(event.properties.get(ROOM_PROPERTY)?).ok()?.as_u128()),
                at_ms: event.at_ms,
                place: number("place")?,
                tiles: number("tiles")?,
                players: number("players")?,
            })
        };
        let end = read();
        if end.is_none() && event.user.is_some() {
            tracing::error!(seq = event.seq, "the end of a war cannot be read; it is passed over");
        }
        end
    }

    fn is_win(&self) -> bool {
        self.place == 1 && self.players >= PEOPLE_FOR_A_WIN
    }
}

/// A war in a player's list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Listed {
    match_id: String,
    at_ms: i64,
    /// The step of the room at which it ended.
    last: u64,
    place: u64,
    tiles: u64,
    players: u64,
    won: bool,
}

/// What is counted of a player.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
struct Tally {
    wars: u64,
    wins: u64,
    /// The newest event that is counted.
    seq: u64,
    /// The player is on the board.
    on_board: bool,
}

/// See the module.
pub struct Results {
    wars: Arc<Wars>,
    reports: Arc<Reports>,
}

impl Results {
    /// Over the wars, and what looks at them when they end.
    pub fn new(wars: Arc<Wars>, reports: Arc<Reports>) -> Self {
        Self { wars, reports }
    }

    /// Takes a page of events.
    pub async fn take(&self, events: Vec<Event>) -> Result<(), EventError> {
        let ends: Vec<End> = events.iter().filter_map(End::of).collect();
        if ends.is_empty() {
            return Ok(());
        }
        let rooms: BTreeSet<RoomId> = ends.iter().map(|end| end.room).collect();
        let mut wars = BTreeMap::new();
        for room in rooms {
            if let Some(war) = self.wars.war(room).await.map_err(failed)? {
                wars.insert(room, war);
            }
        }
        for some in ends.chunks(ENDS_AT_ONCE) {
            self.count(some, &wars).await?;
        }
        for war in wars.values() {
            self.reports.at_end(war).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn count(&self, ends: &[End], wars: &BTreeMap<RoomId, Found>) -> Result<(), EventError> {
        let services = &self.wars.services;
        let ids: BTreeSet<UserId> = ends.iter().map(|end| end.user).collect();
        let seen = UsersGet { ids: ids.into_iter().collect(), names: Vec::new(), known: Vec::new() };
        // Accounts that are gone are passed over, or one of them would hold up everybody.
        let seen = services.core.read(seen).await?;
        let names: BTreeMap<UserId, String> =
            seen.into_iter().map(|seen| (seen.user, seen.profile.username)).collect();
        let ends: Vec<&End> = ends.iter().filter(|end| names.contains_key(&end.user)).collect();

        let of_end = |end: &&End| [result_name(end), tally_name(end.user)];
        let asked: BTreeSet<ObjectName> = ends.iter().flat_map(of_end).collect();
        let read = services.storage.read(Asks::Server, asked.into_iter().collect()).await;
        let (mut tallies, mut results) = (BTreeMap::<UserId, Tally>::new(), BTreeMap::new());
        for object in read.map_err(|error| failed(error.into()))? {
            if object.name.collection == TALLY {
                tallies.insert(object.name.user, read_value(&object)?);
            } else {
                let listed: Listed = read_value(&object)?;
                results.insert(object.name, listed);
            }
        }
        let mut changed = BTreeSet::new();
        for end in &ends {
            let (tally, name) = (tallies.entry(end.user).or_default(), result_name(end));
            let Some(war) = wars.get(&end.room).filter(|_| end.seq > tally.seq) else { continue };
            let listed = self.listed(end, war);
            let before = results.get(&name);
            tally.seq = end.seq;
            tally.wars += u64::from(before.is_none());
            tally.wins += u64::from(listed.won);
            tally.wins -= u64::from(before.is_some_and(|before| before.won));
            tally.on_board |= tally.wins > 0;
            changed.insert(name.clone());
            results.insert(name, listed);
        }
        let mut writes = Vec::new();
        let users: BTreeSet<UserId> = changed.iter().map(|name| name.user).collect();
        for name in changed {
            let value = json!(results.get(&name));
            writes.push(written(name, &value, 1));
        }
        for user in &users {
            writes.push(written(tally_name(*user), &json!(tallies.get(user)), 0));
        }
        let wrote = services.storage.write(Asks::Server, writes).await;
        wrote.map_err(|error| failed(error.into()))?;
        for user in users {
            self.trim(user).await.map_err(failed)?;
        }
        self.set(&names, &tallies).await
    }

    fn listed(&self, end: &End, war: &Found) -> Listed {
        Listed {
            match_id: self.wars.services.match_id(end.room),
            at_ms: end.at_ms,
            last: war.step_at(end.at_ms),
            place: end.place,
            tiles: end.tiles,
            players: end.players,
            won: end.is_win(),
        }
    }

    /// Takes the oldest wars off a player's list.
    async fn trim(&self, user: UserId) -> Result<(), RpcError> {
        let storage = &self.wars.services.storage;
        let page = storage.list(Asks::Server, RESULTS, Some(user), PAGE_MAX, None).await?;
        let old = page.objects.into_iter().skip(RESULTS_MAX).map(|object| DeleteObject {
            user,
            collection: object.name.collection,
            key: object.name.key,
            version: String::new(),
        });
        Ok(storage.delete(Asks::Server, old.collect()).await?)
    }

    /// Brings what is counted to the board and the achievements. Done again, it changes nothing.
    async fn set(
        &self,
        names: &BTreeMap<UserId, String>,
        tallies: &BTreeMap<UserId, Tally>,
    ) -> Result<(), EventError> {
        let services = &self.wars.services;
        let scores = tallies.iter().filter(|(_, tally)| tally.on_board).filter_map(|(user, tally)| {
            let score = Score {
                owner: *user,
                username: names.get(user)?.clone(),
                score: i64::try_from(tally.wins).unwrap_or(i64::MAX),
                subscore: 0,
                metadata: Some(json!({ "wars": tally.wars }).to_string()),
                operator: None,
            };
            Some((WINS.to_owned(), score))
        });
        for written in services.leaderboards.write_many(scores.collect()).await.map_err(board_failed)? {
            match written {
                Err(error @ BoardError::Store(_)) => return Err(board_failed(error)),
                // An operator has taken the board away.
                Err(error) => tracing::debug!(%error, "a win has no board"),
                Ok(_) => {}
            }
        }
        let reached = tallies.iter().flat_map(|(user, tally)| {
            let wars = FOR_WARS.iter().map(move |(id, _, _, steps)| (*id, tally.wars.min(*steps)));
            let wins = FOR_WINS.iter().map(move |(id, _, _, steps)| (*id, tally.wins.min(*steps)));
            let some = wars.chain(wins).filter(|(_, to)| *to > 0);
            some.map(|(id, to)| Reached { user: *user, id: id.to_owned(), to })
        });
        services.achievements.reach(reached.collect()).await.map(drop).map_err(|error| match error {
            AchievementError::Wallet(WalletError::Store(error)) => error.into(),
            error => EventError::Consumer(error.to_string()),
        })
    }
}

const _: () = assert!(ENDS_AT_ONCE * (FOR_WARS.len() + FOR_WINS.len()) <= REACHED_MAX);
const _: () =
    assert!(2 * ENDS_AT_ONCE <= app::storage::BATCH_MAX && RESULTS_MAX + ENDS_AT_ONCE <= PAGE_MAX as usize);

/// The newest wars of the caller that have ended, the newest first.
pub async fn replays(wars: Arc<Wars>, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let page = wars.services.storage.list(Asks::Server, RESULTS, Some(user), REPLAYS_MAX, None).await?;
    let mut listed = Vec::with_capacity(page.objects.len());
    for object in &page.objects {
        let value: Value =
            serde_json::from_str(&object.value).map_err(|error| RpcError::Failed(error.to_string()))?;
        listed.push(value);
    }
    Ok(json!({ "replays": listed }).to_string())
}

/// A room's key in a list that begins with the newest: ids of rooms grow with time.
pub fn newest_first(room: RoomId) -> String {
    format!("{:032x}", !room.0)
}

fn result_name(end: &End) -> ObjectName {
    ObjectName { user: end.user, collection: RESULTS.into(), key: newest_first(end.room) }
}

fn tally_name(user: UserId) -> ObjectName {
    ObjectName { user, collection: TALLY.into(), key: TALLY_KEY.into() }
}

fn written(name: ObjectName, value: &Value, may_read: i32) -> WriteObject {
    WriteObject {
        user: name.user,
        collection: name.collection,
        key: name.key,
        value: value.to_string(),
        version: String::new(),
        may_read: Some(may_read),
        may_write: Some(0),
    }
}

fn read_value<T: serde::de::DeserializeOwned>(object: &Object) -> Result<T, EventError> {
    serde_json::from_str(&object.value)
        .map_err(|error| EventError::Consumer(format!("{} cannot be read: {error}", object.name.key)))
}

fn failed(error: RpcError) -> EventError {
    EventError::Consumer(error.to_string())
}

fn board_failed(error: BoardError) -> EventError {
    match error {
        BoardError::Store(error) => error.into(),
        error => EventError::Consumer(error.to_string()),
    }
}

#[cfg(test)]
#[path = "results_tests.rs"]
mod tests;
