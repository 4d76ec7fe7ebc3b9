//! Groups: people with roles, who may come in, and who may do what.
//!
//! What is allowed is decided in the store's transaction ([`store::verdict`]); here is looked at what a group says of
//! itself, and the others are told what happened: the group's channel, who was let in, and who looks after requests.
//!
//! **Not here.** What is said in a group's channel (chat) and what a group decides by votes (governance).

mod functions;
mod lists;
mod news;
mod settings;

use store::{
    Act, Actor, GroupAct, GroupDelete, GroupDone, GroupGet, GroupId, GroupRefusal, GroupRole, Role,
    StoreError, UserId,
};

use crate::chat::Chat;
use crate::core::Core;
use crate::cursor::BadCursor;
use crate::notifications::Notifications;
use crate::query::QueryError;

pub use functions::functions;
pub use lists::{GroupFilter, GroupsFound, LIST_MAX, MembersPage, UserGroupsPage};
pub(crate) use settings::check_settings;
pub use settings::{
    AVATAR_URL_BYTES_MAX, DESCRIPTION_BYTES_MAX, LANG_TAG_BYTES_MAX, MAX_COUNT_DEFAULT, METADATA_BYTES_MAX,
    NAME_BYTES_MAX, NewGroup,
};

/// Why a use case of groups says no.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GroupError {
    /// The name cannot be one.
    #[error(
        "a group's name must be 1 to {NAME_BYTES_MAX} bytes without control characters, and not only spaces"
    )]
    Name,
    /// A text is too long, or has control characters.
    #[error("{0} must be at most {1} bytes of text")]
    Text(&'static str, usize),
    /// The metadata is no object, or too long.
    #[error("metadata must be a JSON object of at most {METADATA_BYTES_MAX} bytes")]
    Metadata,
    /// The size cannot be one.
    #[error("max_count must be from 1 to {}", store::GROUP_MEMBERS_MAX)]
    MaxCount,
    /// Nothing shall be another.
    #[error("at least one field must be given")]
    Nothing,
    /// Too many or too few users.
    #[error("1 to {} users must be given", store::GROUP_TARGETS_MAX)]
    Targets,
    /// Too many or too few.
    #[error("limit must be from 1 to {LIST_MAX}")]
    Limit,
    /// The cursor is not one of this list.
    #[error(transparent)]
    Cursor(#[from] BadCursor),
    /// The query cannot be read.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The group does not allow it.
    #[error(transparent)]
    Refused(#[from] GroupRefusal),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The use cases. Clones share everything.
#[derive(Clone)]
pub struct Groups {
    core: Core,
    chat: Chat,
    notifications: Notifications,
}

impl Groups {
    /// Over what every domain works with, and those who tell what happened.
    pub fn new(core: &Core, chat: &Chat, notifications: &Notifications) -> Self {
        Self { core: core.clone(), chat: chat.clone(), notifications: notifications.clone() }
    }

    /// A group, if there is one.
    pub async fn get(&self, group: GroupId) -> Result<Option<store::Group>, StoreError> {
        self.core.read(GroupGet { group }).await
    }

    /// What a user is in a group: members, those who asked to be, and banned ones have a role.
    pub async fn role(&self, group: GroupId, user: UserId) -> Result<Option<Role>, StoreError> {
        Ok(self.core.read(GroupRole { group, user }).await?.map(|member| member.role))
    }

    /// Takes a group away. Its superadmins may.
    pub async fn delete(&self, actor: Actor, group: GroupId) -> Result<(), GroupError> {
        let delete = GroupDelete { group, actor, at_ms: self.core.now_ms() };
        self.core.write(delete).await?.into_inner()?;
        self.ended(group).await;
        Ok(())
    }

    /// A user comes in, or asks to where the group is closed.
    pub async fn join(&self, user: UserId, group: GroupId) -> Result<GroupDone, GroupError> {
        self.act(Actor::User(user), group, Act::Join, vec![user]).await
    }

    /// A user goes, or takes a request back.
    pub async fn leave(&self, user: UserId, group: GroupId) -> Result<GroupDone, GroupError> {
        self.act(Actor::User(user), group, Act::Leave, vec![user]).await
    }

    /// Does something to the roles of some users: to all or, where one is refused, to none.
    pub async fn act(
        &self,
        actor: Actor,
        group: GroupId,
        act: Act,
        targets: Vec<UserId>,
    ) -> Result<GroupDone, GroupError> {
        if !(1..=store::GROUP_TARGETS_MAX).contains(&targets.len()) {
            return Err(GroupError::Targets);
        }
        let change = GroupAct { group, actor, act, targets, at_ms: self.core.now_ms() };
        let done = self.core.write(change).await?.into_inner()?;
        let by = match actor {
            Actor::House => None,
            Actor::User(user) => Some(user),
        };
        self.tell(&done, act, by).await;
        Ok(done)
    }
}

/// As the protocol shows it.
pub fn outside(group: store::Group) -> wire::rest::Group {
    let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    wire::rest::Group {
        id: group.id.to_string(),
        creator_id: group.creator.map(|creator| creator.to_string()).unwrap_or_default(),
        name: group.name,
        description: group.description,
        lang_tag: group.lang_tag,
        metadata: group.metadata,
        avatar_url: group.avatar_url,
        open: Some(group.open),
        edge_count: number(group.members),
        max_count: number(group.max_count),
        create_time: wire::time::rfc3339(group.created_ms),
        update_time: wire::time::rfc3339(group.updated_ms),
    }
}
