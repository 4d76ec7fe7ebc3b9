//! Requests that apply once: a ticket goes with the request's task, and each write of [`Core`](super::Core) that is made
//! under it is kept with what it gave. The same request again is given the same and makes only what is missing.
//!
//! A request is taken for a deterministic function of its writes' outputs, made one after the other in its own task.
//! Where a repetition goes another way all the same, because what it reads has changed meanwhile, it is refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{
    Committed, Once, OnceFind, OnceFinish, OnceKnown, OnceMark, Operation, Store, StoreError, Tx, UserId,
    WholeAnswer,
};

use super::Core;

/// Bytes of an idempotency key.
pub const KEY_BYTES_MAX: usize = 128;
/// Kept writes that are removed at a time.
const PRUNED_AT_ONCE: u32 = 1_000;

/// Whose key it is: the same key of somebody else is another key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope<'a> {
    /// A player.
    User(UserId),
    /// Whoever has these credentials.
    Credentials(&'a [u8]),
}

/// One request under a key.
#[derive(Debug)]
pub struct Ticket {
    mark: OnceMark,
    writes: AtomicU32,
    repeated: AtomicU32,
}

tokio::task_local! {
    static TICKET: Arc<Ticket>;
}

impl Ticket {
    /// For a request that consists of these parts. `None` unless the key is 1 to [`KEY_BYTES_MAX`] visible ASCII
    /// characters.
    pub fn new(
        scope: Scope<'_>,
        key: &[u8],
        request: &[&[u8]],
        now_ms: i64,
        window_ms: i64,
    ) -> Option<Arc<Self>> {
        let visible = key.iter().all(|byte| (b' '..=b'~').contains(byte));
        if !(1..=KEY_BYTES_MAX).contains(&key.len()) || !visible {
            return None;
        }
        let scope = match scope {
            Scope::User(user) => user.0,
            Scope::Credentials(secret) => short_hash("longhouse idempotency scope", &[secret]),
        };
        let mark = OnceMark {
            scope,
            key: short_hash("longhouse idempotency key", &[key]),
            request: short_hash("longhouse idempotency request", request),
            ordinal: 0,
            now_ms,
            expires_ms: now_ms.saturating_add(window_ms),
        };
        Some(Arc::new(Self { mark, writes: AtomicU32::new(0), repeated: AtomicU32::new(0) }))
    }

    /// Runs a request under this ticket.
    pub async fn around<F: Future>(self: Arc<Self>, request: F) -> F::Output {
        TICKET.scope(self, request).await
    }

    /// Writes that were asked for under it.
    pub fn writes(&self) -> u32 {
        self.writes.load(Ordering::Relaxed)
    }

    /// Those of them that had been made before.
    pub fn repeated(&self) -> u32 {
        self.repeated.load(Ordering::Relaxed)
    }

    /// The mark of the request's next write.
    pub(super) fn next(&self) -> OnceMark {
        let ordinal = self.writes.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        OnceMark { ordinal, ..self.mark }
    }

    pub(super) fn note_repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }
}

/// The ticket of the request that this task is working on.
pub(super) fn ticket() -> Option<Arc<Ticket>> {
    TICKET.try_with(Arc::clone).ok()
}

/// Changes something; in a request under a key it is done once, and the same request again is given what it gave.
pub async fn write<O>(store: &Store, operation: O) -> Result<Committed<O::Output>, StoreError>
where
    O: Operation + Sync,
    O::Output: Serialize + DeserializeOwned,
{
    let Some(ticket) = ticket() else { return store.write(operation).await };
    let done = store.write(Once { mark: ticket.next(), operation }).await?;
    if done.repeated {
        ticket.note_repeated();
    }
    Ok(done.map(|done| done.output))
}

/// Writes nothing but that the request came so far.
struct Reached;

impl Operation for Reached {
    type Output = ();

    async fn run<T: Tx>(&self, _: &mut T) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Before something that is done outside of the request's writes and cannot be taken as done from their outputs. `false`:
/// this request came here before, and whether it went on is not known.
pub async fn at_most_once(store: &Store) -> Result<bool, StoreError> {
    let Some(ticket) = ticket() else { return Ok(true) };
    let before = ticket.repeated();
    write(store, Reached).await?.into_inner();
    Ok(ticket.repeated() == before)
}

/// Was a write of this request made before? Then what it tells others outside of the store has been told, too.
pub fn is_repeated() -> bool {
    TICKET.try_with(|ticket| ticket.repeated() > 0).unwrap_or(false)
}

/// 128 bits that stand for parts: their lengths are in it, so that no two lists of parts run together.
fn short_hash(purpose: &str, parts: &[&[u8]]) -> u128 {
    let mut hasher = blake3::Hasher::new_derive_key(purpose);
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut half = [0; 16];
    hasher.finalize_xof().fill(&mut half);
    u128::from_be_bytes(half)
}

impl Core {
    /// What is known of a ticket's request: its answer, if it was done and the answer is kept; `None` for a request
    /// that is new or must be made again. A key that stands for another request is refused.
    pub async fn answer_of(&self, ticket: &Ticket) -> Result<Option<WholeAnswer>, StoreError> {
        let OnceMark { scope, key, request, now_ms, .. } = ticket.mark;
        match self.read(OnceFind { scope, key, now_ms }).await? {
            Some(OnceKnown { request: known, .. }) if known != request => Err(StoreError::KeyReused),
            Some(known) => Ok(known.answer),
            None => Ok(None),
        }
    }

    /// Keeps what a request was answered, for as long as its writes are kept.
    pub async fn keep_answer(&self, ticket: &Ticket, answer: WholeAnswer) -> Result<(), StoreError> {
        let OnceMark { scope, key, request, .. } = ticket.mark;
        self.store.write(OnceFinish { scope, key, request, answer }).await.map(drop)
    }

    /// Forgets keys whose time is over, a bounded number at a time.
    pub async fn housekeeping(&self) -> Result<(), StoreError> {
        loop {
            let prune = store::OncePrune { now_ms: self.now_ms(), limit: PRUNED_AT_ONCE };
            if self.store.write(prune).await?.into_inner() < PRUNED_AT_ONCE.into() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
#[path = "once_tests.rs"]
mod tests;
