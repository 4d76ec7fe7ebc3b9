//! A player's step, and what the others see of it.

use kernel::{Refusal, Seat};

/// A command: where a player goes. 12 bytes, little-endian: x, y, mark.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// From the left edge.
    pub x: u16,
    /// From the upper edge.
    pub y: u16,
    /// The player's own word for the step; the others see it too.
    pub mark: u64,
}

impl Step {
    /// Bytes of a step.
    pub const BYTES: usize = 12;

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.x.to_le_bytes());
        out.extend_from_slice(&self.y.to_le_bytes());
        out.extend_from_slice(&self.mark.to_le_bytes());
    }

    /// Reads exactly one step.
    pub fn decode(bytes: &[u8]) -> Result<Self, Refusal> {
        let bytes: &[u8; Self::BYTES] =
            bytes.try_into().map_err(|_| Refusal::malformed("a step has 12 bytes"))?;
        let [x0, x1, y0, y1, mark @ ..] = *bytes;
        Ok(Self {
            x: u16::from_le_bytes([x0, x1]),
            y: u16::from_le_bytes([y0, y1]),
            mark: u64::from_le_bytes(mark),
        })
    }
}

/// An update, and an entry of a view: who is where. 16 bytes: the seat, then the step. Nobody stands at the far corner
/// ([`Seen::GONE`]): it says that the player left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seen {
    /// Who.
    pub seat: Seat,
    /// Where, and with what mark.
    pub step: Step,
}

impl Seen {
    /// Bytes of an entry.
    pub const BYTES: usize = 4 + Step::BYTES;
    /// The place of those who left.
    pub const GONE: (u16, u16) = (u16::MAX, u16::MAX);

    /// Appends the bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.seat.0.to_le_bytes());
        self.step.encode(out);
    }

    /// The bytes of an update.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::BYTES);
        self.encode(&mut out);
        out
    }

    /// Reads an entry at the start of `bytes`.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let seat = Seat(u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?));
        let step = Step::decode(bytes.get(4..Self::BYTES)?).ok()?;
        Some(Self { seat, step })
    }
}
