//! Whose a message is that nobody keeps. The store knows nothing of it, so its id says so: a part of it is a keyed hash of
//! the sender, the channel and the rest of the id. The key is made at random when the service starts: after that nobody
//! changes what was said before.

use store::UserId;

use crate::ports::Entropy;

/// Bits of an id that are the hash: its last ones.
const PROOF_BITS: u32 = 42;
const PROOF: u128 = (1 << PROOF_BITS) - 1;

/// Makes such ids, and knows them again.
pub(super) struct Unkept {
    key: [u8; blake3::KEY_LEN],
}

impl Unkept {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        let mut key = [0; blake3::KEY_LEN];
        for half in key.chunks_mut(16) {
            half.copy_from_slice(&entropy.u128().to_be_bytes());
        }
        Self { key }
    }

    /// The id of a new message, from one that is nobody's yet.
    pub(super) fn id(&self, fresh: u128, sender: UserId, channel: &str) -> u128 {
        let rest = fresh & !PROOF;
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        // Two lengths that never change come first, so that no two sets of parts run together.
        hasher.update(&rest.to_be_bytes()).update(&sender.to_bytes()).update(channel.as_bytes());
        let mut proof = [0; 16];
        hasher.finalize_xof().fill(&mut proof);
        rest | u128::from_be_bytes(proof) & PROOF
    }

    /// Is it the id of a message that this user said in this channel?
    pub(super) fn is_own(&self, id: u128, sender: UserId, channel: &str) -> bool {
        self.id(id, sender, channel) == id
    }
}
