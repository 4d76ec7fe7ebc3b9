//! What a check found, in the shape in which the function `content_check` answers it and the command line shows it. What
//! can pass 2^53 is text.

use serde::{Deserialize, Serialize};

use crate::rooms::Checked;

/// What players would lose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Findings {
    /// The content that was tried: name, version and hash of its rules.
    pub rules: String,
    /// Rooms that were looked at.
    pub rooms: u64,
    /// By the name of what becomes less.
    pub worse: Vec<Finding>,
    /// Rooms that could not be read, or could not move.
    pub stuck: u64,
    /// The first of them.
    pub stuck_shown: Vec<Stuck>,
}

/// Something that becomes less.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// What.
    pub measure: String,
    /// In how many rooms.
    pub rooms: u64,
    /// The room that loses the largest part.
    pub room: String,
    /// There, before.
    pub before: String,
    /// And after.
    pub after: String,
}

/// A room that cannot move.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Stuck {
    /// Which.
    pub room: String,
    /// Why.
    pub why: String,
}

impl Findings {
    /// Does anybody lose anything?
    pub fn is_loss(&self) -> bool {
        !self.worse.is_empty() || self.stuck > 0
    }
}

impl From<Checked> for Findings {
    fn from(checked: Checked) -> Self {
        let worse = checked.worse.into_iter().map(|(measure, worse)| Finding {
            measure,
            rooms: worse.rooms,
            room: worse.worst.room.to_string(),
            before: worse.worst.before.to_string(),
            after: worse.worst.after.to_string(),
        });
        let stuck = checked.stuck_shown.into_iter().map(|(room, why)| Stuck { room: room.to_string(), why });
        Self {
            rules: checked.rules.to_string(),
            rooms: checked.rooms,
            worse: worse.collect(),
            stuck: checked.stuck,
            stuck_shown: stuck.collect(),
        }
    }
}
