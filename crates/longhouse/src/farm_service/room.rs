//! A player's farm: finding it, giving it a command, looking at it.

use std::sync::Arc;

use app::rooms::{Answered, CommandError, Looked, Viewer};
use app::rpc::RpcError;
use app::services::Services;
use kernel::{CommandId, Refusal, RoomId, Seq};
use serde::Serialize;
use serde_json::Value;
use store::UserId;

use super::RULES;
use super::often::Often;
use super::transcode::{from_rules, to_rules};

/// What a farm is opened with.
const SETUP: &[u8] = b"{}";

/// Everybody's farms.
pub struct Farms {
    /// Every use case.
    pub services: Arc<Services>,
    /// Whether it is too often that somebody goes back.
    pub restores: Often,
}

impl Farms {
    /// Over the use cases.
    pub fn new(services: Arc<Services>) -> Self {
        Self { services, restores: Often::new() }
    }

    /// A player's farm, opened if there is none.
    pub async fn open(&self, owner: UserId) -> Result<RoomId, RpcError> {
        Ok(self.services.rooms.open(owner, RULES, SETUP.to_vec(), true).await?)
    }

    /// A player's farm, which must be there.
    pub async fn find(&self, owner: UserId) -> Result<RoomId, RpcError> {
        let found = self.services.rooms.mine(owner, RULES).await?;
        found.ok_or(RpcError::Missing("this player has no farm".into()))
    }

    /// Gives the owner's farm a command, whether the owner is there or not, and returns the rules' answer to it.
    pub async fn command<T: Serialize>(
        &self,
        owner: UserId,
        farm: RoomId,
        command: &T,
    ) -> Result<Value, RpcError> {
        let body = to_rules(command)?;
        // No id: what must not be done twice is numbered inside, and the rules know the numbers.
        let done = self.services.rooms.command(owner, farm, CommandId(0), body).await;
        let Answered { answer, .. } = done.map_err(refused)?;
        from_rules(&answer)
    }

    /// What somebody may see of a farm, now or at an earlier input, and what it has.
    pub async fn look(
        &self,
        farm: RoomId,
        at: Option<Seq>,
        viewer: Viewer,
    ) -> Result<(Looked, Value), RpcError> {
        let looked = self.services.rooms.look(farm, at, viewer).await?;
        let view = from_rules(&looked.view)?;
        Ok((looked, view))
    }
}

/// The rules' word comes first in the message, its number before it, so that programs can tell refusals apart.
fn refused(error: CommandError) -> RpcError {
    match error {
        CommandError::Refused(refusal) => {
            let said = format!("{} {}", refusal.code, refusal.reason).into();
            match refusal.code {
                Refusal::MALFORMED => RpcError::Invalid(said),
                Refusal::UNAVAILABLE => RpcError::Unavailable(said),
                Refusal::FAULT => RpcError::Failed(refusal.to_string()),
                _ => RpcError::Refused(said),
            }
        }
        CommandError::NotSeated => RpcError::Missing("this player has no farm".into()),
        CommandError::Unavailable(why) => RpcError::Unavailable(why.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_keep_the_rules_number() {
        let of = |code| refused(CommandError::Refused(Refusal::new(code, "known up to 17")));
        assert_eq!(of(111), RpcError::Refused("111 known up to 17".into()));
        assert_eq!(of(Refusal::MALFORMED), RpcError::Invalid("1 known up to 17".into()));
        assert_eq!(of(Refusal::UNAVAILABLE), RpcError::Unavailable("6 known up to 17".into()));
        assert!(matches!(of(Refusal::FAULT), RpcError::Failed(_)));
    }
}
