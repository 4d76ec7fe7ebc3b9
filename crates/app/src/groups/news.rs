//! Who is told of what happened in a group. It has happened by then: what cannot be told is logged, and undoes nothing.

use serde_json::json;
use store::{Act, GroupDone, GroupId, MemberChange, Role, UserId};
use wire::envelope::ChannelMessageCode;

use super::Groups;
use crate::notifications::code;

impl Groups {
    /// Tells of changes of roles. `by` is who made them, if a user did.
    pub(crate) async fn tell(&self, done: &GroupDone, act: Act, by: Option<UserId>) {
        let group = done.group.id;
        for change in &done.changes {
            if !change.to.is_some_and(Role::is_member) {
                self.chat.remove_from_group(group, change.user);
            }
        }
        if done.ended {
            return self.ended(group).await;
        }
        for change in &done.changes {
            self.tell_channel(group, change, act).await;
            self.tell_people(done, change, act, by).await;
        }
    }

    async fn tell_channel(&self, group: GroupId, change: &MemberChange, act: Act) {
        let Some(code) = message_code(act, change.from, change.to) else { return };
        let about = Some((change.user, change.username.as_str()));
        if let Err(error) = self.chat.group_message(group, code, about, json!({})).await {
            tracing::warn!(%error, %group, user = %change.user, "a group's channel was not told of a change");
        }
    }

    async fn tell_people(&self, done: &GroupDone, change: &MemberChange, act: Act, by: Option<UserId>) {
        let name = &done.group.name;
        let content =
            json!({ "name": name, "group_id": done.group.id.to_string(), "username": change.username });
        let sent = if change.to == Some(Role::Request) {
            let subject = format!("User {} wants to join your group {name}", change.username);
            let subject = cut(&subject);
            let code = code::GROUP_JOIN_REQUEST;
            let admins = &done.admins;
            self.notifications.send_many(admins, subject, content, code, Some(change.user), true).await
        } else if act == Act::Add && change.to.is_some_and(Role::is_member) {
            let subject = format!("You've been added to group {name}");
            self.notifications.send(change.user, cut(&subject), content, code::GROUP_ADD, by, true).await
        } else {
            return;
        };
        if let Err(error) = sent {
            tracing::warn!(%error, group = %done.group.id, "a change in a group was not notified");
        }
    }

    /// The group is no more: nobody is left in its channel, and what was said there goes.
    pub(super) async fn ended(&self, group: GroupId) {
        if let Err(error) = self.chat.close_group(group).await {
            tracing::warn!(%error, %group, "the channel of a group that is no more was not emptied");
        }
    }
}

/// A subject that fits.
fn cut(subject: &str) -> &str {
    let most = subject.len().min(crate::notifications::SUBJECT_BYTES_MAX);
    let end = (0..=most).rev().find(|at| subject.is_char_boundary(*at));
    &subject[..end.unwrap_or(0)]
}

/// What the channel is told; requests concern nobody there.
fn message_code(act: Act, from: Option<Role>, to: Option<Role>) -> Option<ChannelMessageCode> {
    let inside = |role: Option<Role>| role.filter(|role| role.is_member());
    match (inside(from), inside(to)) {
        (None, Some(_)) if act == Act::Join => Some(ChannelMessageCode::GroupJoin),
        (None, Some(_)) => Some(ChannelMessageCode::GroupAdd),
        (Some(_), None) if to == Some(Role::Banned) => Some(ChannelMessageCode::GroupBan),
        (Some(_), None) if act == Act::Leave => Some(ChannelMessageCode::GroupLeave),
        (Some(_), None) => Some(ChannelMessageCode::GroupKick),
        (Some(old), Some(new)) if new < old => Some(ChannelMessageCode::GroupPromote),
        (Some(old), Some(new)) if new > old => Some(ChannelMessageCode::GroupDemote),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_hears_of_members_only() {
        let code = message_code;
        assert_eq!(code(Act::Join, None, Some(Role::Request)), None);
        assert_eq!(code(Act::Kick, Some(Role::Request), None), None);
        assert_eq!(code(Act::Ban, None, Some(Role::Banned)), None);
        assert_eq!(code(Act::Join, None, Some(Role::Member)), Some(ChannelMessageCode::GroupJoin));
        let accepted = code(Act::Add, Some(Role::Request), Some(Role::Member));
        assert_eq!(accepted, Some(ChannelMessageCode::GroupAdd));
        assert_eq!(code(Act::Leave, Some(Role::Admin), None), Some(ChannelMessageCode::GroupLeave));
        assert_eq!(code(Act::Kick, Some(Role::Member), None), Some(ChannelMessageCode::GroupKick));
        let banned = code(Act::Ban, Some(Role::Member), Some(Role::Banned));
        assert_eq!(banned, Some(ChannelMessageCode::GroupBan));
        let up = code(Act::Promote, Some(Role::Member), Some(Role::Admin));
        assert_eq!(up, Some(ChannelMessageCode::GroupPromote));
        let down = code(Act::Demote, Some(Role::Superadmin), Some(Role::Admin));
        assert_eq!(down, Some(ChannelMessageCode::GroupDemote));
    }
}
