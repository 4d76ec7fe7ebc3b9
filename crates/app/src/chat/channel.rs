//! The name of a channel: `2...<room>`, `3.<group>..`, `4.<user>.<user>.` with the smaller id first.

use std::fmt;

use store::{GroupId, UserId};
use uuid::Uuid;

use crate::streams::{Mode, Stream};

/// Bytes of a room's name.
pub const ROOM_NAME_BYTES_MAX: usize = 64;

/// A place to talk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Channel {
    /// Open to everybody who knows its name.
    Room(String),
    /// For a group's members.
    Group(GroupId),
    /// For two users, the smaller id first.
    Direct(UserId, UserId),
}

/// What a channel shows of itself in messages; all but its own are empty.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Names {
    /// The room's name.
    pub room_name: String,
    /// The group.
    pub group_id: String,
    /// The smaller id of two users.
    pub user_id_one: String,
    /// The other.
    pub user_id_two: String,
}

impl Channel {
    /// The room of a name, unless the name cannot be one.
    pub fn room(name: &str) -> Option<Self> {
        let fits = (1..=ROOM_NAME_BYTES_MAX).contains(&name.len()) && !name.chars().any(char::is_control);
        fits.then(|| Self::Room(name.to_owned()))
    }

    /// The chat of two users, unless they are the same.
    pub fn direct(one: UserId, other: UserId) -> Option<Self> {
        (one != other).then(|| Self::Direct(one.min(other), one.max(other)))
    }

    /// Reads a channel's id. One channel has one id: what is only nearly so is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        let (mode, subject, context, label) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        match (mode, subject, context, label) {
            ("2", "", "", name) => Self::room(name),
            ("3", group, "", "") => Some(Self::Group(GroupId(plain(group)?))),
            ("4", one, other, "") => {
                let (one, other) = (UserId(plain(one)?), UserId(plain(other)?));
                (one < other).then_some(Self::Direct(one, other))
            }
            _ => None,
        }
    }

    /// What its sessions listen to.
    pub fn stream(&self) -> Stream {
        match self {
            Self::Room(name) => Stream::named(Mode::Room, name),
            Self::Group(group) => Stream::of(Mode::Group, group.0),
            Self::Direct(one, other) => Stream::between(Mode::Direct, one.0, other.0),
        }
    }

    /// The channel that listens to this, if it is one's.
    pub fn of_stream(stream: &Stream) -> Option<Self> {
        match stream.mode {
            Mode::Room => Some(Self::Room(stream.label.to_string())),
            Mode::Group => Some(Self::Group(GroupId(stream.subject))),
            Mode::Direct => Some(Self::Direct(UserId(stream.subject), UserId(stream.context))),
            _ => None,
        }
    }

    /// As messages show it.
    pub fn names(&self) -> Names {
        match self {
            Self::Room(name) => Names { room_name: name.clone(), ..Names::default() },
            Self::Group(group) => Names { group_id: group.to_string(), ..Names::default() },
            Self::Direct(one, other) => {
                Names { user_id_one: one.to_string(), user_id_two: other.to_string(), ..Names::default() }
            }
        }
    }
}

/// An id in the one form that ids have outside.
fn plain(text: &str) -> Option<u128> {
    let id = Uuid::try_parse(text).ok()?;
    (id.to_string() == text).then_some(id.as_u128())
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(name) => write!(f, "2...{name}"),
            Self::Group(group) => write!(f, "3.{group}.."),
            Self::Direct(one, other) => write!(f, "4.{one}.{other}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn channels() -> impl Strategy<Value = Channel> {
        let ids = || any::<u128>().prop_map(UserId);
        prop_oneof![
            "[^\\pC]{1,16}".prop_filter_map("a name", |name| Channel::room(&name)),
            any::<u128>().prop_map(|id| Channel::Group(GroupId(id))),
            (ids(), ids()).prop_filter_map("two users", |(one, other)| Channel::direct(one, other)),
        ]
    }

    proptest! {
        #[test]
        fn a_channel_has_one_id_and_one_stream(channel in channels()) {
            prop_assert_eq!(Channel::parse(&channel.to_string()), Some(channel.clone()));
            prop_assert_eq!(Channel::of_stream(&channel.stream()), Some(channel));
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "[234]?\\.?[0-9a-f.-]{0,80}") {
            if let Some(channel) = Channel::parse(&text) {
                prop_assert_eq!(channel.to_string(), text);
            }
        }
    }

    #[test]
    fn ids_of_the_protocol() {
        let (one, two) = (UserId(1), UserId(2));
        assert_eq!(Channel::room("a.b").unwrap().to_string(), "2...a.b");
        let direct = Channel::direct(two, one).unwrap();
        assert_eq!(direct.to_string(), format!("4.{one}.{two}."));
        for bad in [
            "",
            "2...",
            "2..a.b",
            "1...a",
            "2...a\u{7}",
            "3...",
            "4...",
            "4.1.2.",
            &format!("4.{two}.{one}."),
            &format!("4.{one}.{one}."),
            &format!("3.{one}"),
            &format!("3.{}..", one.to_string().replace('-', "")),
            &format!("3.{}..", "0000000A-0000-0000-0000-000000000001"),
            &format!("2...{}", "r".repeat(65)),
        ] {
            assert_eq!(Channel::parse(bad), None, "{bad}");
        }
        assert_eq!(Channel::direct(one, one), None);
    }
}
