//! Groups: making and finding them, coming and going, and who is what in them.

use std::sync::Arc;

use app::groups::{GroupError, GroupFilter, NewGroup, outside};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use store::{Act, Actor, GroupId, GroupRefusal, GroupSettings, Role, UserId};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::rest::{
    Code, ErrorBody, Group, GroupCreate, GroupList, GroupUpdate, GroupUser, GroupUserList, UserGroup,
    UserGroupList,
};

use super::{done, friends, json, queried};
use crate::house::House;
use crate::http::{Ask, Bearer, Fault, body};

pub fn routes() -> OpenApiRouter<Arc<House>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(update, delete))
        .routes(routes!(join))
        .routes(routes!(leave))
        .routes(routes!(add))
        .routes(routes!(kick))
        .routes(routes!(ban))
        .routes(routes!(promote))
        .routes(routes!(demote))
        .routes(routes!(members))
        .routes(routes!(of_user))
}

/// Groups or people in one answer where the client does not say.
const LIMIT_DEFAULT: u32 = 100;

/// Which groups to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Filter {
    /// The whole name, or its beginning and `%`; case does not matter.
    name: String,
    /// Where the last page ended.
    cursor: String,
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// Only groups of this language.
    lang_tag: String,
    /// Only groups with at most so many members.
    #[param(value_type = Option<u32>)]
    members: Option<String>,
    /// Only open groups, or only closed ones.
    #[param(value_type = Option<bool>)]
    open: Option<String>,
}

/// Lists groups in order of their names.
#[utoipa::path(
    get,
    operation_id = "groups_list",
    path = "/v2/group",
    tag = "groups",
    params(Filter),
    responses((status = 200, body = GroupList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn list(
    State(house): State<Arc<House>>,
    _: Bearer,
    Ask(asked): Ask<Filter>,
) -> Result<Response, Fault> {
    let limit = queried::number("limit", asked.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
    let filter = GroupFilter {
        name: asked.name,
        lang_tag: Some(asked.lang_tag).filter(|tag| !tag.is_empty()),
        open: queried::flag("open", asked.open.as_deref())?,
        members: queried::number("members", asked.members.as_deref())?,
    };
    let found = house.services.groups.list(&filter, limit, &asked.cursor).await?;
    let groups = found.groups.into_iter().map(outside).collect();
    Ok(json(&GroupList { groups, cursor: found.cursor }))
}

/// Makes a group; the caller is its superadmin.
#[utoipa::path(
    post,
    operation_id = "groups_create",
    path = "/v2/group",
    tag = "groups",
    request_body = GroupCreate,
    responses((status = 200, body = Group), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn create(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    sent: Body,
) -> Result<Response, Fault> {
    let asked: GroupCreate = body(&house, sent).await?;
    let max_count = u32::try_from(asked.max_count).map_err(|_| GroupError::MaxCount)?;
    let new = NewGroup {
        name: asked.name,
        description: asked.description,
        avatar_url: asked.avatar_url,
        lang_tag: asked.lang_tag,
        metadata: String::new(),
        open: asked.open,
        max_count,
    };
    let made = house.services.groups.create(holder.user, new).await?;
    Ok(json(&outside(made)))
}

/// Changes a group's settings. Its admins may.
#[utoipa::path(
    put,
    operation_id = "groups_update",
    path = "/v2/group/{group_id}",
    tag = "groups",
    params(("group_id" = String, Path)),
    request_body = GroupUpdate,
    responses((status = 200, description = "Changed"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn update(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
    sent: Body,
) -> Result<Response, Fault> {
    let asked: GroupUpdate = body(&house, sent).await?;
    let settings = GroupSettings {
        name: asked.name,
        description: asked.description,
        avatar_url: asked.avatar_url,
        lang_tag: asked.lang_tag,
        open: asked.open,
        max_count: None,
        metadata: None,
    };
    house.services.groups.update(Actor::User(holder.user), group(&id)?, settings).await?;
    Ok(done())
}

/// Takes a group away. Its superadmins may.
#[utoipa::path(
    delete,
    operation_id = "groups_delete",
    path = "/v2/group/{group_id}",
    tag = "groups",
    params(("group_id" = String, Path)),
    responses((status = 200, description = "Gone"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn delete(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.groups.delete(Actor::User(holder.user), group(&id)?).await?;
    Ok(done())
}

/// Comes in, or asks to where the group is closed.
#[utoipa::path(
    post,
    operation_id = "groups_join",
    path = "/v2/group/{group_id}/join",
    tag = "groups",
    params(("group_id" = String, Path)),
    responses((status = 200, description = "In, or asked"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn join(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.groups.join(holder.user, group(&id)?).await?;
    Ok(done())
}

/// Goes, or takes a request back. The last one to go takes the group along.
#[utoipa::path(
    post,
    operation_id = "groups_leave",
    path = "/v2/group/{group_id}/leave",
    tag = "groups",
    params(("group_id" = String, Path)),
    responses((status = 200, description = "Out"), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn leave(
    State(house): State<Arc<House>>,
    Bearer(holder): Bearer,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    house.services.groups.leave(holder.user, group(&id)?).await?;
    Ok(done())
}

/// A route that does something to the roles of some users.
macro_rules! acts {
    ($($name:ident $act:ident $operation:literal $path:literal $about:literal;)*) => {
        $(
            #[doc = $about]
            #[utoipa::path(
                post,
                operation_id = $operation,
                path = $path,
                tag = "groups",
                params(
                    ("group_id" = String, Path),
                    ("user_ids" = Vec<String>, Query, description = "Who; 1 to 100 of them")
                ),
                responses((status = 200, description = "Done, for all of them"), (status = "default", body = ErrorBody)),
                security(("bearer" = []))
            )]
            async fn $name(
                State(house): State<Arc<House>>,
                Bearer(holder): Bearer,
                Path(id): Path<String>,
                Ask(asked): Ask<queried::Pairs>,
            ) -> Result<Response, Fault> {
                let users = queried::ids(&asked, "user_ids")?.into_iter().map(UserId).collect();
                let actor = Actor::User(holder.user);
                house.services.groups.act(actor, group(&id)?, Act::$act, users).await?;
                Ok(done())
            }
        )*
    };
}

acts! {
    add Add "groups_add" "/v2/group/{group_id}/add" "Takes users in, or accepts their requests. Admins may.";
    kick Kick "groups_kick" "/v2/group/{group_id}/kick"
        "Puts users out, declines their requests, or lifts their bans. Those who rank higher may.";
    ban Ban "groups_ban" "/v2/group/{group_id}/ban" "Puts users out, and keeps them out. Those who rank higher may.";
    promote Promote "groups_promote" "/v2/group/{group_id}/promote"
        "Gives members the next role up. Admins may make admins, superadmins may make superadmins.";
    demote Demote "groups_demote" "/v2/group/{group_id}/demote"
        "Gives members the next role down. Superadmins may, and everybody may step down.";
}

/// Which part of a list of roles to show.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Page {
    /// At most so many, from 1 to 100.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// 0 superadmins, 1 admins, 2 members, 3 join requests, 4 banned; absent is all but the banned.
    #[param(value_type = Option<u32>)]
    state: Option<String>,
    /// Where the last page ended.
    cursor: String,
}

impl Page {
    fn asked(&self) -> Result<(u32, Option<Role>), Fault> {
        let limit = queried::number("limit", self.limit.as_deref())?.unwrap_or(LIMIT_DEFAULT);
        let role = match queried::number("state", self.state.as_deref())? {
            None => None,
            Some(number) => {
                Some(Role::of(number).ok_or_else(|| Fault::invalid("state must be from 0 to 4"))?)
            }
        };
        Ok((limit, role))
    }
}

/// Lists a group's people, the highest roles first.
#[utoipa::path(
    get,
    operation_id = "groups_users_list",
    path = "/v2/group/{group_id}/user",
    tag = "groups",
    params(("group_id" = String, Path), Page),
    responses((status = 200, body = GroupUserList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn members(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path(id): Path<String>,
    Ask(asked): Ask<Page>,
) -> Result<Response, Fault> {
    let (limit, role) = asked.asked()?;
    let page = house.services.groups.members(group(&id)?, role, limit, &asked.cursor).await?;
    let mut users = friends::people(&house, page.members.iter().map(|(user, _)| *user)).await?;
    let group_users = page.members.into_iter().filter_map(|(user, member)| {
        Some(GroupUser { user: Some(users.remove(&user)?), state: Some(member.role as i32) })
    });
    Ok(json(&GroupUserList { group_users: group_users.collect(), cursor: page.cursor }))
}

/// Lists a user's groups, those first where the user ranks highest.
#[utoipa::path(
    get,
    operation_id = "user_groups_list",
    path = "/v2/user/{user_id}/group",
    tag = "groups",
    params(("user_id" = String, Path), Page),
    responses((status = 200, body = UserGroupList), (status = "default", body = ErrorBody)),
    security(("bearer" = []))
)]
async fn of_user(
    State(house): State<Arc<House>>,
    _: Bearer,
    Path(id): Path<String>,
    Ask(asked): Ask<Page>,
) -> Result<Response, Fault> {
    let (limit, role) = asked.asked()?;
    let user = UserId(queried::id("user_id", &id)?);
    let page = house.services.groups.of_user(user, role, limit, &asked.cursor).await?;
    let user_groups = page
        .groups
        .into_iter()
        .map(|(group, role)| UserGroup { group: Some(outside(group)), state: Some(role as i32) });
    Ok(json(&UserGroupList { user_groups: user_groups.collect(), cursor: page.cursor }))
}

/// The group of a path.
pub(super) fn group(id: &str) -> Result<GroupId, Fault> {
    queried::id("group_id", id).map(GroupId)
}

impl From<GroupError> for Fault {
    fn from(error: GroupError) -> Self {
        let code = match &error {
            GroupError::Store(error) => return error.clone().into(),
            GroupError::Refused(refusal) => match refusal {
                GroupRefusal::NotFound | GroupRefusal::NoSuchUser(_) => Code::NotFound,
                GroupRefusal::Denied | GroupRefusal::Banned => Code::PermissionDenied,
                GroupRefusal::NameTaken => Code::AlreadyExists,
                GroupRefusal::Oneself => Code::InvalidArgument,
                GroupRefusal::Full
                | GroupRefusal::Crowded
                | GroupRefusal::TooMany(_)
                | GroupRefusal::TooSmall
                | GroupRefusal::LastSuperadmin => Code::FailedPrecondition,
            },
            _ => Code::InvalidArgument,
        };
        Fault::new(code, error.to_string())
    }
}
