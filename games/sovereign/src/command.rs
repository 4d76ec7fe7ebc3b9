//! What a player may do: MessagePack maps such as `{"do": "attack", "on": 3, "share": 300}`.

use kernel::Refusal;
use serde::{Deserialize, Serialize};

/// Bytes of a command.
pub const COMMAND_BYTES_MAX: usize = 256;

/// What may be built.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Site {
    /// Room for more troops.
    City,
    /// Makes the land around it hard to take.
    Fort,
    /// Trades with other ports, and boats leave from it faster.
    Port,
}

/// A player's, a computer's or a worker's wish. Nations and tiles are numbers as in views.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// Chooses, or changes, where one's nation begins.
    Spawn {
        /// The middle of its first land.
        tile: u32,
    },
    /// Sends troops over the shared border.
    Attack {
        /// Against whom; 0 is land that nobody owns.
        on: u16,
        /// Thousandths of one's troops: 1 to 1,000.
        share: u16,
    },
    /// Sends troops over water.
    Boat {
        /// A land tile at or near a shore.
        to: u32,
        /// Thousandths of one's troops: 1 to 1,000.
        share: u16,
    },
    /// Calls an attack back; some of its troops are lost.
    Retreat {
        /// Which.
        attack: u32,
    },
    /// Turns a boat around.
    TurnBack {
        /// Which.
        boat: u32,
    },
    /// Builds on a tile of one's own.
    Build {
        /// What.
        site: Site,
        /// Where.
        tile: u32,
    },
    /// Asks for an alliance, or renews one that ends soon; accepts if the other has asked.
    Ally {
        /// Whom.
        with: u16,
    },
    /// Says no to an alliance that was asked for.
    Decline {
        /// Whom.
        from: u16,
    },
    /// Ends an alliance before its time, which has its price.
    Break {
        /// With whom.
        with: u16,
    },
    /// Gives to an ally.
    Donate {
        /// Whom.
        to: u16,
        /// So many troops.
        #[serde(default)]
        troops: u64,
        /// So much gold.
        #[serde(default)]
        gold: u64,
    },
    /// Points at a tile; allies see it for a moment.
    Ping {
        /// Where.
        tile: u32,
        /// Which sign: 0 to 7.
        sign: u8,
    },
    /// Puts a motion to the vote among one's allies.
    Move {
        /// What is to be decided.
        motion: MotionKind,
        /// About whom.
        about: u16,
    },
    /// Votes.
    Vote {
        /// Which motion.
        motion: u32,
        /// For it.
        yes: bool,
    },
    /// Gives up: the land is nobody's.
    Resign,
}

/// What allies may decide together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MotionKind {
    /// All break with a nation and may not ally with it for a while.
    War,
    /// All stop their attacks on a nation, and offer it an alliance.
    Peace,
    /// All break with one of their own, at no price.
    Expel,
}

impl Command {
    /// Reads exactly one command.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.len() > COMMAND_BYTES_MAX {
            return Err(Refusal::malformed("a command has at most 256 bytes"));
        }
        let mut rest = bytes;
        let command = rmp_serde::from_read(&mut rest)
            .map_err(|error| Refusal::malformed(format!("the command cannot be read: {error}")))?;
        if rest.is_empty() {
            Ok(command)
        } else {
            Err(Refusal::malformed("there is something after the command"))
        }
    }

    /// The bytes that [`decode`](Self::decode) reads.
    pub fn encode(&self) -> Vec<u8> {
        rmp_serde::to_vec_named(self).expect("a command has nothing that MessagePack cannot say")
    }
}
