//! Roles, and the table of who may do what to whom.

use serde::{Deserialize, Serialize};

use crate::{StoreError, UserId, Value};

/// What somebody is in a group. The numbers are the protocol's; a smaller one ranks higher.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[repr(u8)]
pub enum Role {
    /// May do everything, and delete the group.
    Superadmin = 0,
    /// May change settings and act on members and requests.
    Admin = 1,
    /// Is in it.
    Member = 2,
    /// Has asked to be in it.
    Request = 3,
    /// Must not come in.
    Banned = 4,
}

impl Role {
    /// All of them, the highest first.
    pub const ALL: [Role; 5] = [Role::Superadmin, Role::Admin, Role::Member, Role::Request, Role::Banned];

    /// The role with this number.
    pub fn of(number: i64) -> Option<Self> {
        usize::try_from(number).ok().and_then(|number| Self::ALL.get(number).copied())
    }

    /// Is somebody with this role in the group?
    pub fn is_member(self) -> bool {
        self <= Role::Member
    }

    /// May somebody with this role act on others?
    pub fn is_admin(self) -> bool {
        self <= Role::Admin
    }

    pub(crate) fn stored(number: i64) -> Result<Self, StoreError> {
        Self::of(number).ok_or_else(|| StoreError::Damaged("a role in a group is out of range".into()))
    }
}

impl From<Role> for Value<'_> {
    fn from(role: Role) -> Self {
        Value::Int(role as i64)
    }
}

/// What is done to somebody's role.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Act {
    /// They come in, or ask to where the group is closed.
    Join,
    /// They go, or take their request back.
    Leave,
    /// They are taken in; this also accepts a request.
    Add,
    /// They are put out; this also declines a request and lifts a ban.
    Kick,
    /// They are put out and must not come back.
    Ban,
    /// One role up.
    Promote,
    /// One role down.
    Demote,
}

impl Act {
    /// All of them.
    pub const ALL: [Act; 7] =
        [Act::Join, Act::Leave, Act::Add, Act::Kick, Act::Ban, Act::Promote, Act::Demote];
}

/// Who does it, seen from whom it is done to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Server code, or a decision of the group.
    House,
    /// The same user.
    Themselves,
    /// Somebody else, who has this role or none.
    Other(Option<Role>),
}

/// What an act comes to, before the group's size and its last superadmin are looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// Nothing is to be done.
    Stays,
    /// They have this role from now on.
    Becomes(Role),
    /// They have none from now on.
    Goes,
    /// It may not be.
    Refused(GroupRefusal),
}

/// Why something is not done in a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, thiserror::Error)]
pub enum GroupRefusal {
    /// There is no such group.
    #[error("the group was not found")]
    NotFound,
    /// There is no such user.
    #[error("the user {0} was not found")]
    NoSuchUser(UserId),
    /// The caller's role in the group does not allow it.
    #[error("the role in this group does not allow that")]
    Denied,
    /// This is done to others.
    #[error("that cannot be done to oneself: leave the group instead")]
    Oneself,
    /// The user was banned. Kicking a banned user lifts the ban.
    #[error("the user is banned from this group")]
    Banned,
    /// The group has as many members as it may.
    #[error("the group is full")]
    Full,
    /// The group has too many requests that wait, or too many bans.
    #[error("the group has no place for another request or ban")]
    Crowded,
    /// The user is in as many groups as one may be.
    #[error("the user {0} is in too many groups")]
    TooMany(UserId),
    /// Somebody must stay who may do everything.
    #[error("the last superadmin can be neither demoted nor go while others remain")]
    LastSuperadmin,
    /// Another group has the name.
    #[error("the group's name is already in use")]
    NameTaken,
    /// The group has more members than that.
    #[error("the group has more members than that")]
    TooSmall,
}

/// The table. `target` is what they are now, `open` whether anybody may come in.
pub fn verdict(act: Act, who: Who, target: Option<Role>, open: bool) -> Verdict {
    use Role::{Admin, Banned, Member, Request, Superadmin};
    use Verdict::{Becomes, Goes, Refused, Stays};
    let denied = Refused(GroupRefusal::Denied);
    match (act, who) {
        (Act::Join, Who::Themselves) => match target {
            Some(Banned) => Refused(GroupRefusal::Banned),
            Some(Superadmin | Admin | Member) => Stays,
            Some(Request) | None if open => Becomes(Member),
            Some(Request) => Stays,
            None => Becomes(Request),
        },
        (Act::Leave, Who::Themselves) => match target {
            // Else leaving would lift the ban.
            Some(Banned) | None => Stays,
            Some(_) => Goes,
        },
        (Act::Demote, Who::Themselves) => match target {
            Some(Superadmin) => Becomes(Admin),
            Some(Admin) => Becomes(Member),
            Some(Member) => Stays,
            _ => denied,
        },
        (_, Who::Themselves) => match target {
            Some(Superadmin | Admin) => Refused(GroupRefusal::Oneself),
            _ => denied,
        },
        (Act::Join | Act::Leave, _) => denied,
        (_, Who::Other(None | Some(Member | Request | Banned))) => denied,
        (act, Who::House | Who::Other(Some(Superadmin | Admin))) => {
            let all = who != Who::Other(Some(Admin));
            match (act, target) {
                (Act::Add, None | Some(Request)) => Becomes(Member),
                (Act::Add, Some(Banned)) => Refused(GroupRefusal::Banned),
                (Act::Kick, None) => Stays,
                (Act::Kick, Some(Request | Banned | Member)) => Goes,
                (Act::Kick, Some(Superadmin | Admin)) if all => Goes,
                (Act::Ban, Some(Banned)) => Stays,
                (Act::Ban, None | Some(Request | Member)) => Becomes(Banned),
                (Act::Ban, Some(Superadmin | Admin)) if all => Becomes(Banned),
                (Act::Promote, Some(Member)) => Becomes(Admin),
                (Act::Promote, Some(Admin)) if all => Becomes(Superadmin),
                (Act::Demote, Some(Superadmin)) if all => Becomes(Admin),
                (Act::Demote, Some(Admin)) if all => Becomes(Member),
                (Act::Promote, Some(Admin)) | (Act::Demote, Some(Superadmin | Admin)) => denied,
                (Act::Kick | Act::Ban, Some(Superadmin | Admin)) => denied,
                (Act::Add | Act::Promote | Act::Demote, _) => Stays,
                (Act::Join | Act::Leave, _) => denied,
            }
        }
    }
}

#[cfg(test)]
#[path = "roles_tests.rs"]
mod tests;
