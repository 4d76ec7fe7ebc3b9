//! Friends, and friends of friends.

use std::collections::HashMap;
use std::sync::Arc;

use app::accounts::USERS_MAX;
use app::friends::{FriendError, Named};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use store::{FriendState, UserId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{Code, ErrorBody, Friend, FriendList, FriendOfFriend, FriendsOfFriendsList, User, rfc3339};

use super::account::user_shape;
use super::{done, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(list, add, remove))
        .routes(routes!(block))
        .routes(routes!(friends_of_friends))
}

/// Entries in one answer where the client does not say.
const LIMIT_DEFAULT: u32 = 100;

/// What to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Query {
    /// At most so many, from 1 to 1,000.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// 0 friends, 1 requests sent, 2 requests received, 3 blocked users; absent is all.
    #[param(value_type = Option<u32>)]
    state: Option<String>,
    /// Where the last page ended.
    cursor: String,
}

/// Lists the user's friends, requests and blocked users.
#[utoipa::path(
    get,
    operation_id = "friends_list",
    path = "/v2/friend",
    tag = "friends",
    params(Query),
    responses((status = 200, body = FriendList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<Query>,
) -> Result<Response, Fault> {
    let limit = queried::number("limit", query.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
    let state = match queried::number("state", query.state.as_deref())? {
        None => None,
        Some(number) => Some(
            FriendState::from_number(number).ok_or_else(|| Fault::invalid("state must be from 0 to 3"))?,
        ),
    };
    let page = house.services.friends.list(holder.user, state, limit, &query.cursor).await?;
    let mut users = people(&house, page.found.iter().map(|friend| friend.other)).await?;
    let friends = page.found.into_iter().filter_map(|friend| {
        Some(Friend {
            user: Some(users.remove(&friend.other)?),
            state: Some(friend.state as i32),
            update_time: rfc3339(friend.updated_ms),
            metadata: friend.metadata,
        })
    });
    Ok(json(&FriendList { friends: friends.collect(), cursor: page.cursor }))
}

/// Asks users to be friends, and accepts those who asked.
#[utoipa::path(
    post,
    operation_id = "friends_add",
    path = "/v2/friend",
    tag = "friends",
    params(
        ("ids" = Option<Vec<String>>, Query, description = "Users by id"),
        ("usernames" = Option<Vec<String>>, Query, description = "Users by name"),
        ("metadata" = Option<String>, Query, description = "A JSON object, kept with the requests")
    ),
    responses((status = 200, description = "They are asked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn add(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    let metadata = queried::texts(&query, "metadata").pop();
    house.services.friends.add(holder.user, &holder.username, named(&query)?, metadata).await?;
    Ok(done())
}

/// Ends friendships, takes requests back, refuses them, and ends blocks.
#[utoipa::path(
    delete,
    operation_id = "friends_delete",
    path = "/v2/friend",
    tag = "friends",
    params(
        ("ids" = Option<Vec<String>>, Query, description = "Users by id"),
        ("usernames" = Option<Vec<String>>, Query, description = "Users by name")
    ),
    responses((status = 200, description = "They are gone"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn remove(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    house.services.friends.remove(holder.user, named(&query)?).await?;
    Ok(done())
}

/// Blocks users.
#[utoipa::path(
    post,
    operation_id = "friends_block",
    path = "/v2/friend/block",
    tag = "friends",
    params(
        ("ids" = Option<Vec<String>>, Query, description = "Users by id"),
        ("usernames" = Option<Vec<String>>, Query, description = "Users by name")
    ),
    responses((status = 200, description = "They are blocked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn block(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<queried::Pairs>,
) -> Result<Response, Fault> {
    house.services.friends.block(holder.user, named(&query)?).await?;
    Ok(done())
}

/// Lists friends of the user's friends. A page may be short, or empty, and still have a cursor.
#[utoipa::path(
    get,
    operation_id = "friends_of_friends_list",
    path = "/v2/friend/friends",
    tag = "friends",
    params(queried::Page),
    responses((status = 200, body = FriendsOfFriendsList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn friends_of_friends(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Ask(query): Ask<queried::Page>,
) -> Result<Response, Fault> {
    let limit = query.limit(LIMIT_DEFAULT)?;
    let page = house.services.friends.friends_of_friends(holder.user, limit, &query.cursor).await?;
    // The same user may come through several friends.
    let users = people(&house, page.found.iter().map(|found| found.user)).await?;
    let found = page.found.into_iter().filter_map(|found| {
        let user = Some(users.get(&found.user)?.clone());
        Some(FriendOfFriend { referrer: found.through.to_string(), user })
    });
    Ok(json(&FriendsOfFriendsList { friends_of_friends: found.collect(), cursor: page.cursor }))
}

fn named(query: &queried::Pairs) -> Result<Named, Fault> {
    let ids = queried::ids(query, "ids")?.into_iter().map(UserId).collect();
    Ok(Named { ids, names: queried::texts(query, "usernames") })
}

/// What lists show of users.
pub(super) async fn people(
    house: &House,
    users: impl Iterator<Item = UserId>,
) -> Result<HashMap<UserId, User>, Fault> {
    let mut users: Vec<_> = users.collect();
    users.sort_unstable();
    users.dedup();
    let mut shown = HashMap::with_capacity(users.len());
    for users in users.chunks(USERS_MAX) {
        let found = house.services.accounts.users(users.to_vec(), Vec::new(), Vec::new()).await?;
        shown.extend(found.into_iter().map(|found| (found.user, user_shape(found))));
    }
    Ok(shown)
}

impl From<FriendError> for Fault {
    fn from(error: FriendError) -> Self {
        let code = match error {
            FriendError::Full | FriendError::OtherFull => Code::FailedPrecondition,
            FriendError::Store(error) => return error.into(),
            _ => Code::InvalidArgument,
        };
        Fault::new(code, error.to_string())
    }
}
