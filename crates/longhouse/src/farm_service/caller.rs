//! Whose farm a call is about: the player's own, and for operators the one that they name.

use app::rpc::{Caller, RpcError};
use store::UserId;

/// Who asks, about whose farm.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    /// Whose farm.
    pub owner: UserId,
    /// An operator asks, with the HTTP key.
    pub operator: bool,
}

impl About {
    /// A player cannot name anybody; an operator must.
    pub fn of(caller: &Caller, named: Option<&str>) -> Result<Self, RpcError> {
        match (caller, named) {
            (Caller::User { user, .. }, None) => Ok(Self { owner: *user, operator: false }),
            (Caller::User { .. }, Some(_)) => {
                Err(RpcError::Denied("only servers with the HTTP key may name a user"))
            }
            (Caller::Server, Some(id)) => Ok(Self { owner: user_id(id)?, operator: true }),
            (Caller::Server, None) => {
                Err(RpcError::Invalid("a server must name the owner in \"user_id\"".into()))
            }
        }
    }

    /// For the log.
    pub fn by(&self) -> &'static str {
        if self.operator { "operator" } else { "player" }
    }
}

/// Reads a user's id.
pub fn user_id(text: &str) -> Result<UserId, RpcError> {
    text.parse().map_err(|_| RpcError::Invalid("a user id must be a UUID".into()))
}

#[cfg(test)]
mod tests {
    use store::FamilyId;

    use super::*;

    #[test]
    fn players_name_nobody_and_operators_must() {
        let player = Caller::User { user: UserId(7), username: "ada".into(), family: FamilyId(1) };
        let other = UserId(9).to_string();
        let own = About { owner: UserId(7), operator: false };
        assert_eq!(About::of(&player, None), Ok(own));
        assert!(matches!(About::of(&player, Some(&other)), Err(RpcError::Denied(_))));
        assert_eq!(About::of(&Caller::Server, Some(&other)), Ok(About { owner: UserId(9), operator: true }));
        assert!(matches!(About::of(&Caller::Server, None), Err(RpcError::Invalid(_))));
        assert!(matches!(About::of(&Caller::Server, Some("ada")), Err(RpcError::Invalid(_))));
    }
}
