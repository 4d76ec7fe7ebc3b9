//! What every domain works with: the store, time, chance and the streams. One handle that clones share.

#[cfg(test)]
pub(crate) mod bench;
mod once;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use store::{Committed, Once, Operation, Store, StoreError};

use crate::ports::{Clock, Entropy, new_id};
use crate::streams::Streams;

pub use once::{KEY_BYTES_MAX, Scope, Ticket, is_repeated};
pub(crate) use once::{at_most_once, write as write_once};

/// See the module.
#[derive(Clone)]
pub struct Core {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    streams: Arc<Streams>,
}

impl Core {
    /// Over a store, with time and randomness from outside.
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { store, clock, entropy, streams: Arc::new(Streams::default()) }
    }

    /// Reads.
    pub async fn read<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        self.store.read(operation).await
    }

    /// Changes something; answers after the commit. In a request under an idempotency key it is done once: the same
    /// request again is given what it gave the first time.
    pub async fn write<O>(&self, operation: O) -> Result<Committed<O::Output>, StoreError>
    where
        O: Operation + Sync,
        O::Output: Serialize + DeserializeOwned,
    {
        once::write(&self.store, operation).await
    }

    /// The same; `told` hears of it as in [`Store::write_told`], but of nothing that was only repeated.
    pub async fn write_told<O>(
        &self,
        operation: O,
        told: impl FnOnce(Result<&O::Output, &StoreError>) + Send + 'static,
    ) -> Result<Committed<O::Output>, StoreError>
    where
        O: Operation + Sync,
        O::Output: Serialize + DeserializeOwned,
    {
        let Some(ticket) = once::ticket() else { return self.store.write_told(operation, told).await };
        let told = move |outcome: Result<&store::Done<O::Output>, &StoreError>| match outcome {
            Ok(done) if done.repeated => {}
            outcome => told(outcome.map(|done| &done.output)),
        };
        let done = self.store.write_told(Once { mark: ticket.next(), operation }, told).await?;
        if done.repeated {
            ticket.note_repeated();
        }
        Ok(done.map(|done| done.output))
    }

    /// The store, for what is neither a plain read nor a plain write.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Who listens to what.
    pub fn streams(&self) -> &Arc<Streams> {
        &self.streams
    }

    /// Randomness.
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }

    /// Time.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A time-ordered id.
    pub fn new_id(&self) -> u128 {
        new_id(&*self.clock, &*self.entropy)
    }
}
