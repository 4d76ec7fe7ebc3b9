//! Facebook: a user's access token is shown to the Graph API, which says whose it is and for which app. (A limited
//! login's token is an ID token like any other, and goes through [`super::super::openid`].)

use serde::Deserialize;

use super::steam::unwilling;
use super::{FRIENDS_MAX, Vouches, Vouching, token, vouched};
use crate::identity::{FacebookSettings, IdentityError, Platform, Proof, Vouched};
use crate::outside::{OutsideError, Question, Reply, Shared};

/// Bytes of an access token.
const ACCESS_BYTES_MAX: usize = 4_096;
/// Friends on a page of the answer.
const PAGE_FRIENDS: &str = "500";
/// Pages that are read.
const PAGES_MAX: usize = 4;

pub struct Facebook {
    settings: FacebookSettings,
    outside: Shared,
}

#[derive(Deserialize)]
struct Inspected {
    data: Inspection,
}

#[derive(Deserialize)]
struct Inspection {
    #[serde(default)]
    app_id: String,
    #[serde(default)]
    is_valid: bool,
    #[serde(default)]
    user_id: String,
}

#[derive(Deserialize)]
struct Friends {
    data: Vec<Friend>,
    paging: Option<Paging>,
}

#[derive(Deserialize)]
struct Friend {
    id: String,
}

#[derive(Deserialize)]
struct Paging {
    cursors: Option<Cursors>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Cursors {
    after: Option<String>,
}

impl Facebook {
    pub fn new(settings: FacebookSettings, outside: Shared) -> Self {
        Self { settings, outside }
    }

    async fn ask(&self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, IdentityError> {
        let place = self.settings.url.join(path).map_err(|error| OutsideError::Strange(error.to_string()))?;
        Ok(self.outside.ask(Question::get(place.with_query(fields))).await?)
    }

    async fn who(&self, proof: &Proof) -> Result<Vouched, IdentityError> {
        let access = token(proof, ACCESS_BYTES_MAX)?;
        let ours = format!("{}|{}", self.settings.app_id, self.settings.app_secret);
        let reply = self.ask("/debug_token", &[("input_token", access), ("access_token", &ours)]).await?;
        if !reply.is_good() {
            return Err(unwilling(&reply, "login.facebook_app_id and login.facebook_app_secret"));
        }
        let Inspection { app_id, is_valid, user_id } = reply.read::<Inspected>()?.data;
        // A token that another app got from its users is worth nothing here.
        if !is_valid || app_id != self.settings.app_id {
            return Err(IdentityError::Refused("Facebook does not vouch for this token in this app"));
        }
        vouched(Platform::Facebook, user_id)
    }

    async fn friends_of(&self, proof: &Proof) -> Result<Vec<String>, IdentityError> {
        self.who(proof).await?;
        let access = token(proof, ACCESS_BYTES_MAX)?;
        let (mut found, mut after) = (Vec::new(), None::<String>);
        for _ in 0..PAGES_MAX {
            let mut fields = vec![("access_token", access), ("fields", "id"), ("limit", PAGE_FRIENDS)];
            fields.extend(after.as_deref().map(|after| ("after", after)));
            let reply = self.ask("/me/friends", &fields).await?;
            if !reply.is_good() {
                return Err(unwilling(&reply, "login.facebook_app_id"));
            }
            let page: Friends = reply.read()?;
            found.extend(page.data.into_iter().map(|friend| friend.id));
            // The next page's address is never followed as it is: only its place in the list is taken.
            after = page.paging.filter(|paging| paging.next.is_some()).and_then(|p| p.cursors?.after);
            if after.is_none() || found.len() >= FRIENDS_MAX {
                break;
            }
        }
        found.truncate(FRIENDS_MAX);
        Ok(found)
    }
}

impl Vouches for Facebook {
    fn vouch<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vouched> {
        Box::pin(self.who(proof))
    }

    fn friends<'a>(&'a self, proof: &'a Proof) -> Vouching<'a, Vec<String>> {
        Box::pin(self.friends_of(proof))
    }
}
