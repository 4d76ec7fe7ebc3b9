//! The ground as bytes for pages, and its name.

use kernel::Hash128;
use miniz_oxide::deflate::compress_to_vec;

use super::Map;
use crate::bytes::body::GROUND_LEVEL;

impl Map {
    /// The [ground](Map::ground), deflated.
    pub fn encode(&self) -> Vec<u8> {
        compress_to_vec(&self.ground, GROUND_LEVEL)
    }

    /// What names the ground: 16 hexadecimal digits of its hash. Pages keep grounds by it.
    pub fn mark(&self) -> String {
        let edges = [self.width.to_le_bytes(), self.height.to_le_bytes()].concat();
        let mut text = Hash128::of(&[&edges, &self.ground]).to_string();
        text.truncate(16);
        text
    }
}
