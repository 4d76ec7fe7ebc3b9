//! The one named hash of the house: BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn 2020), cut to 128 bits for
//! states and contents and to 64 bits for the checksum of a log row.

use std::fmt;

use crate::{RoomId, Seq};

/// 128 bits of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash128(pub [u8; 16]);

impl Hash128 {
    /// The hash of some parts, one after the other.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for part in parts {
            hasher.update(part);
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self(short)
    }

    /// Reads the stored form; `None` unless it is 16 bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Display for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash128 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The checksum kept beside a log row. It covers where the row belongs, so that a good row in a wrong place is
/// found as well.
pub fn row_sum(room: RoomId, first: Seq, last: Seq, body: &[u8]) -> u64 {
    let hash = Hash128::of(&[&room.to_bytes(), &first.0.to_be_bytes(), &last.0.to_be_bytes(), body]);
    let mut head = [0; 8];
    head.copy_from_slice(&hash.0[..8]);
    u64::from_be_bytes(head)
}
