//! Groups: a name, settings, and people with roles. Who may do what is a table in [`roles`](verdict) that every
//! operation asks inside its transaction, so that two who act at once cannot both be right by old knowledge.

mod id;
pub(crate) mod leave;
pub(crate) mod list;
pub(crate) mod members;
mod roles;
pub(crate) mod settings;

pub use id::GroupId;
pub use leave::GroupsForget;
pub use list::{GroupGet, GroupMembersList, GroupsPage, GroupsRange, Membership, UserGroupsList};
pub use members::{Actor, GroupAct, GroupDone, GroupMember, GroupRole, MemberChange};
pub use roles::{Act, GroupRefusal, Role, Verdict, Who, verdict};
pub use settings::{Group, GroupCreate, GroupDelete, GroupSettings, GroupUpdate};

/// Groups that a user may be in or have asked to be in.
pub const GROUPS_PER_USER_MAX: u64 = 100;
/// Members that a group may be set to take.
pub const GROUP_MEMBERS_MAX: u32 = 5_000;
/// Join requests that wait in one group.
pub const GROUP_REQUESTS_MAX: u64 = 1_000;
/// Users that one group may have banned.
pub const GROUP_BANS_MAX: u64 = 5_000;
/// Users in one request to change roles.
pub const GROUP_TARGETS_MAX: usize = 100;
/// Admins of a group who are told of a join request; the most senior come first.
pub const GROUP_ADMINS_TOLD_MAX: u32 = 100;
