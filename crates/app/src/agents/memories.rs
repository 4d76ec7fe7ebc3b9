//! What workers want to remember, on its way to the store: gathered for a moment, so that many seats cost one commit.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::desk::Owner;

/// Bytes that wait to be written; while so many do, a worker is told that its memory was not kept.
pub const MEMORIES_WAITING_BYTES_MAX: usize = 32 << 20;
/// Memories written in one transaction.
const WRITTEN_AT_ONCE: usize = 256;

#[derive(Default)]
pub(super) struct Memories {
    waiting: BTreeMap<Owner, (u64, Bytes)>,
    bytes: usize,
    newest: u64,
    writing: bool,
}

/// What is written now, and as of which change.
pub(super) type Batch = Vec<(Owner, u64, Bytes)>;

impl Memories {
    /// Remembers; `false`: too much waits.
    pub fn put(&mut self, owner: Owner, body: Bytes) -> bool {
        let before = self.waiting.get(&owner).map_or(0, |(_, body)| body.len());
        if self.bytes - before + body.len() > MEMORIES_WAITING_BYTES_MAX {
            return false;
        }
        self.bytes = self.bytes - before + body.len();
        self.newest += 1;
        self.waiting.insert(owner, (self.newest, body));
        true
    }

    /// What waits to be written for this owner; the store does not have it yet.
    pub fn get(&self, owner: &Owner) -> Option<Bytes> {
        self.waiting.get(owner).map(|(_, body)| body.clone())
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What is to be written now; nothing while the last batch is being written.
    pub fn begin(&mut self) -> Option<Batch> {
        if self.writing || self.waiting.is_empty() {
            return None;
        }
        self.writing = true;
        let some = self.waiting.iter().take(WRITTEN_AT_ONCE);
        Some(some.map(|(owner, (change, body))| (owner.clone(), *change, body.clone())).collect())
    }

    /// The batch is written, or not; what changed meanwhile still waits.
    pub fn end(&mut self, batch: &Batch, written: bool) {
        self.writing = false;
        for (owner, change, _) in batch.iter().filter(|_| written) {
            if let Some((newest, body)) = self.waiting.get(owner)
                && newest == change
            {
                self.bytes -= body.len();
                self.waiting.remove(owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_while_it_is_written_still_waits() {
        let owner = || Owner::Job("a".into());
        let mut memories = Memories::default();
        assert!(memories.put(owner(), Bytes::from_static(b"one")));
        let batch = memories.begin().unwrap();
        assert!(memories.begin().is_none(), "one batch at a time");
        assert!(memories.put(owner(), Bytes::from_static(b"three")));
        memories.end(&batch, true);
        assert_eq!(memories.get(&owner()).as_deref(), Some(b"three".as_slice()));
        let batch = memories.begin().unwrap();
        memories.end(&batch, false);
        assert!(memories.get(&owner()).is_some(), "the store did not take it");
        let batch = memories.begin().unwrap();
        memories.end(&batch, true);
        assert_eq!((memories.get(&owner()), memories.bytes), (None, 0));
        assert!(!memories.put(owner(), vec![0; MEMORIES_WAITING_BYTES_MAX + 1].into()));
    }
}
