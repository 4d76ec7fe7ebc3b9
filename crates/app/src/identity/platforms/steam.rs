//! Steam: a session ticket is shown to Steam's web API, which says whose it is.

use serde::Deserialize;

use super::{FRIENDS_MAX, Vouches, Vouching, token, vouched};
use crate::identity::{IdentityError, Platform, Proof, SteamSettings, Vouched};
use crate::outside::{OutsideError, Question, Reply, Shared};

/// Bytes of a ticket in hexadecimal.
const TICKET_BYTES_MAX: usize = 4_096;
/// Bytes of a list of friends.
const FRIENDS_BYTES_MAX: usize = 1 << 20;

pub struct Steam {
    settings: SteamSettings,
    outside: Shared,
}

#[derive(Deserialize)]
struct Said {
    response: Response,
}

#[derive(Deserialize)]
struct Response {
    params: Option<Params>,
}

#[derive(Deserialize)]
struct Params {
    #[serde(default)]
    result: String,
    #[serde(default)]
    steamid: String,
    #[serde(default)]
    publisherbanned: bool,
}

#[derive(Deserialize)]
struct SaidFriends {
    friendslist: Friends,
}

#[derive(Deserialize)]
struct Friends {
    #[serde(default)]
    friends: Vec<Friend>,
}

#[derive(Deserialize)]
struct Friend {
    steamid: String,
}

impl Steam {
    pub fn new(settings: SteamSettings, outside: Shared) -> Self {
        Self { settings, outside }
    }

    async fn ask(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        bytes_max: usize,
    ) -> Result<Reply, IdentityError> {
        let place = self.settings.url.join(path).map_err(|error| OutsideError::Strange(error.to_string()))?;
        let place = place.with_query(&[("key", &self.settings.key)]).with_query(fields);
        Ok(self.outside.ask(Question { bytes_max, ..Question::get(place) }).await?)
    }

    async fn who(&self, proof: &Proof) -> Result<Vouched, IdentityError> {
        let ticket = token(proof, TICKET_BYTES_MAX)?;
        if !ticket.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(IdentityError::Malformed("a Steam ticket is hexadecimal"));
        }
        let app = self.settings.app_id.to_string();
        let fields = [("appid", app.as_str()), ("ticket", ticket)];
        let path = "/ISteamUserAuth/AuthenticateUserTicket/v1/";
        let reply = self.ask(path, &fields, crate::outside::ANSWER_BYTES_MAX).await?;
        if !reply.is_good() {
            return Err(unwilling(&reply, "login.steam_key"));
        }
        match reply.read::<Said>()?.response.params {
            Some(params) if params.publisherbanned => {
                Err(IdentityError::Refused("Steam says that this player is banned from the game"))
            }
            Some(params) if params.result == "OK" => vouched(Platform::Steam, params.steamid),
            _ => Err(IdentityError::Refused("Steam does not take the ticket")),
        }
    }
}

/// An answer that is no answer: with our key, or with the platform itself, something is wrong.
pub(super) fn unwilling(reply: &Reply, setting: &str) -> IdentityError {
    tracing::warn!(answer = reply.quoted(), setting, "a platform does not answer as it should");
    OutsideError::Strange(format!("status {}", reply.status)).into()
}

impl Vouches for Steam {
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vouched> {
        Box::pin(self.who(proof))
    }

    fn friends<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vec<String>> {
        Box::pin(async move {
            let who = self.who(proof).await?;
            let fields = [("steamid", who.subject.as_str()), ("relationship", "friend")];
            let reply = self.ask("/ISteamUser/GetFriendList/v1/", &fields, FRIENDS_BYTES_MAX).await?;
            // A private profile: Steam says 401, and there is nobody to find.
            if reply.status == 401 {
                return Ok(Vec::new());
            }
            if !reply.is_good() {
                return Err(unwilling(&reply, "login.steam_key"));
            }
            let said: SaidFriends = reply.read()?;
            Ok(said.friendslist.friends.into_iter().map(|friend| friend.steamid).take(FRIENDS_MAX).collect())
        })
    }
}
