//! Match ids: `<room uuid>.<cluster>` for rooms, a trailing `.` for relayed matches.
//!
//! The cluster is a constant name, not a node: rooms move.

use crate::limits::MATCH_ID_BYTES_MAX;
use std::fmt;
use uuid::Uuid;

/// Cluster name unless configured.
pub const CLUSTER_DEFAULT: &str = "longhouse";

const UUID_TEXT_BYTES: usize = 36;

/// A parsed match id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MatchId<'a> {
    /// The room (or the relayed match) as a number.
    pub id: u128,
    /// The cluster; empty for a relayed match.
    pub cluster: &'a str,
}

/// Why a text is not a match id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MatchIdError {
    /// Longer than [`MATCH_ID_BYTES_MAX`].
    #[error("a match id has at most {MATCH_ID_BYTES_MAX} bytes")]
    TooLong,
    /// Not a hyphenated UUID and a dot.
    #[error("a match id is a UUID, a dot and a cluster name")]
    Malformed,
}

impl<'a> MatchId<'a> {
    /// Reads a match id. The cluster name may hold letters, digits, `-` and `_`.
    pub fn parse(text: &'a str) -> Result<Self, MatchIdError> {
        if text.len() > MATCH_ID_BYTES_MAX {
            return Err(MatchIdError::TooLong);
        }
        let (id, rest) = text.split_at_checked(UUID_TEXT_BYTES).ok_or(MatchIdError::Malformed)?;
        let id = Uuid::try_parse(id).map_err(|_| MatchIdError::Malformed)?;
        let cluster = rest.strip_prefix('.').ok_or(MatchIdError::Malformed)?;
        if !is_cluster_name(cluster) {
            return Err(MatchIdError::Malformed);
        }
        Ok(MatchId { id: id.as_u128(), cluster })
    }

    /// True for a match that only relays.
    pub fn is_relayed(&self) -> bool {
        self.cluster.is_empty()
    }
}

/// True if every byte may stand in a cluster name. The empty name passes: it is the relayed match's.
pub fn is_cluster_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl fmt::Display for MatchId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", Uuid::from_u128(self.id).hyphenated(), self.cluster)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows() {
        const ROOM: &str = "0190c0de-0000-7000-8000-00000000002a";
        let check = |text: &str, expected: Result<(u128, &str), MatchIdError>| {
            let found = MatchId::parse(text).map(|m| (m.id, m.cluster));
            assert_eq!(found, expected, "{text}");
        };
        let id = 0x0190_c0de_0000_7000_8000_0000_0000_002a;
        check(&format!("{ROOM}.longhouse"), Ok((id, "longhouse")));
        check(&format!("{ROOM}."), Ok((id, "")));
        check(&format!("{}.a-b_1", ROOM.to_uppercase()), Ok((id, "a-b_1")));
        check(ROOM, Err(MatchIdError::Malformed));
        check("", Err(MatchIdError::Malformed));
        check(".longhouse", Err(MatchIdError::Malformed));
        check(&format!("{ROOM}.a b"), Err(MatchIdError::Malformed));
        check(&format!("{ROOM}.a\"b"), Err(MatchIdError::Malformed));
        check(&format!("{ROOM}.{}", "x".repeat(200)), Err(MatchIdError::TooLong));
        check("0190c0de000070008000000000000002a0000.longhouse", Err(MatchIdError::Malformed));
        check("äääääääääääääääääääääääääääääääääääääääääää", Err(MatchIdError::Malformed));
    }

    proptest! {
        #[test]
        fn text_and_back(id: u128, cluster in "[a-zA-Z0-9_-]{0,20}") {
            let made = MatchId { id, cluster: &cluster };
            let text = made.to_string();
            prop_assert_eq!(MatchId::parse(&text), Ok(made));
        }

        #[test]
        fn any_text_is_judged(text in "\\PC*") {
            let _ = MatchId::parse(&text);
        }
    }
}
