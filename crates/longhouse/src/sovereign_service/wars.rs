//! A war by its match id: opening it, finding it, who sits where. `war_open` and `war_players`.

use std::sync::Arc;

use app::accounts::USERS_MAX;
use app::rpc::{Call, RpcError, payload};
use app::services::Services;
use kernel::{RoomId, Seat};
use serde::Deserialize;
use serde_json::{Value, json};
use sovereign::{STEP_MS, Size};
use store::{LogHead, RoomGet, SeatsOf, UserId};
use wire::match_id::MatchId;

use super::RULES;

/// Everybody's wars.
pub struct Wars {
    /// Every use case.
    pub services: Arc<Services>,
}

/// A war that there is.
pub struct Found {
    /// Its room.
    pub room: RoomId,
    /// When it was opened: its steps count from there.
    pub opened_ms: i64,
    /// What lists show of it.
    pub label: Label,
}

/// What is read of a war's label.
#[derive(Deserialize)]
pub struct Label {
    phase: String,
    /// The map's size.
    pub size: Size,
    /// The map's seed, in decimal digits.
    pub map: String,
}

impl Found {
    /// It is over: its past is everybody's who has its id.
    pub fn is_over(&self) -> bool {
        self.label.phase == "over"
    }

    /// The step of the room at a time.
    pub fn step_at(&self, ms: i64) -> u64 {
        u64::try_from(ms.saturating_sub(self.opened_ms)).unwrap_or(0) / u64::from(STEP_MS)
    }
}

/// The answer where there is no such war.
fn missing() -> RpcError {
    RpcError::Missing("there is no such war".into())
}

impl Wars {
    /// Over the use cases.
    pub fn new(services: Arc<Services>) -> Self {
        Self { services }
    }

    /// The room that a match id names.
    pub fn room_of(&self, match_id: &str) -> Result<RoomId, RpcError> {
        let id = MatchId::parse(match_id).map_err(|error| RpcError::Invalid(error.to_string().into()))?;
        let room = RoomId(id.id);
        // The same id with another cluster's name is another match.
        if self.services.match_id(room).eq_ignore_ascii_case(match_id) { Ok(room) } else { Err(missing()) }
    }

    /// A room, if it is a war.
    pub async fn war(&self, room: RoomId) -> Result<Option<Found>, RpcError> {
        let row = self.services.core.read(RoomGet { room }).await?;
        let Some(row) = row.filter(|row| row.rules == RULES) else { return Ok(None) };
        let label = serde_json::from_str(&row.label)
            .map_err(|error| RpcError::Failed(format!("a war's label cannot be read: {error}")))?;
        Ok(Some(Found { room, opened_ms: row.created_ms, label }))
    }

    /// The war that a match id names.
    pub async fn find(&self, match_id: &str) -> Result<Found, RpcError> {
        self.war(self.room_of(match_id)?).await?.ok_or_else(missing)
    }

    /// Who has a seat, whether there or not.
    pub async fn seats(&self, room: RoomId) -> Result<Vec<(Seat, UserId)>, RpcError> {
        Ok(self.services.core.read(SeatsOf { room }).await?)
    }

    /// The newest step of a war that is durable.
    pub async fn last_step(&self, war: &Found) -> Result<u64, RpcError> {
        let head = self.services.core.read(LogHead { room: war.room }).await?;
        Ok(head.map_or(0, |(_, _, at_ms)| war.step_at(at_ms)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    #[serde(default)]
    setup: Option<Value>,
}

/// Opens a war for the caller. What stands in the setup is for the rules to judge.
pub async fn open(wars: Arc<Wars>, call: Call) -> Result<String, RpcError> {
    let user = call.caller.user()?;
    let Opening { setup } = match call.payload.trim() {
        "" => Opening { setup: None },
        _ => payload(&call)?,
    };
    let setup = setup.map_or_else(|| "{}".to_owned(), |setup| setup.to_string());
    let room = wars.services.rooms.open(user, RULES, setup.into_bytes(), false).await?;
    Ok(json!({ "match_id": wars.services.match_id(room) }).to_string())
}

/// A payload that names a war and nothing else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// The war's match id.
    pub match_id: String,
}

/// Who sits where: logs, views and updates know seats alone. Accounts that are gone are left out.
pub async fn players(wars: Arc<Wars>, call: Call) -> Result<String, RpcError> {
    let Named { match_id } = payload(&call)?;
    let war = wars.find(&match_id).await?;
    let seats = wars.seats(war.room).await?;
    let mut listed = Vec::with_capacity(seats.len());
    for some in seats.chunks(USERS_MAX) {
        let ids = some.iter().map(|(_, user)| *user).collect();
        let shown = wars.services.accounts.users(ids, Vec::new(), Vec::new()).await?;
        listed.extend(some.iter().filter_map(|(seat, user)| {
            let profile = &shown.iter().find(|shown| shown.user == *user)?.profile;
            Some(json!({
                "seat": seat.0,
                "user_id": user.to_string(),
                "username": profile.username,
                "display_name": profile.display_name,
            }))
        }));
    }
    Ok(json!({ "players": listed }).to_string())
}
