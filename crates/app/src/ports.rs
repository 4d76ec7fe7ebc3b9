//! What varies from outside: time, randomness, and where work runs. The use cases take these as arguments of
//! their making and touch no clock, no entropy and no runtime themselves, so that one thread under a seed can run
//! the real thing.

use std::future::Future;
use std::pin::Pin;

use store::{Operation, SharedRead, Store, StoreError};

/// Work that waits for something.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch. May jump; rooms never let it run backwards.
    fn now_ms(&self) -> i64;
    /// Microseconds of a clock that only runs forwards, for measuring.
    fn monotonic_us(&self) -> u64;
    /// Microseconds of processor time that the calling thread has used, where that can be known.
    fn thread_us(&self) -> Option<u64> {
        None
    }
}

/// Randomness fit for keys and ids.
pub trait Entropy: Send + Sync {
    /// 128 random bits.
    fn u128(&self) -> u128;
}

/// Where work runs.
pub trait Spawn: Send + Sync {
    /// Runs work that waits.
    fn task(&self, task: Task);
    /// Runs work that keeps a thread busy: reading a log, encoding a snapshot.
    fn blocking(&self, work: Box<dyn FnOnce() + Send>);
}

/// Somewhere to read the store: the store itself, or a directory that another process may be working in.
pub trait Reads {
    /// Runs an operation that only reads, on this thread.
    fn read_now<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError>;
}

impl Reads for Store {
    fn read_now<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        Store::read_now(self, operation)
    }
}

impl Reads for SharedRead {
    fn read_now<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        SharedRead::read_now(self, operation)
    }
}

/// A time-ordered id (UUID version 7, RFC 9562 section 5.7).
pub fn new_id(clock: &dyn Clock, entropy: &dyn Entropy) -> u128 {
    let random = entropy.u128();
    let ms = clock.now_ms().max(0) as u128 & ((1 << 48) - 1);
    let random_a = random >> 64 & 0xfff;
    let random_b = random & ((1 << 62) - 1);
    ms << 80 | 0x7 << 76 | random_a << 64 | 0b10 << 62 | random_b
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed(i64, u128);

    impl Clock for Fixed {
        fn now_ms(&self) -> i64 {
            self.0
        }
        fn monotonic_us(&self) -> u64 {
            0
        }
    }

    impl Entropy for Fixed {
        fn u128(&self) -> u128 {
            self.1
        }
    }

    #[test]
    fn ids_are_of_version_7_and_in_the_order_of_time() {
        let id = |ms, random| new_id(&Fixed(ms, 0), &Fixed(0, random));
        let uuid = uuid::Uuid::from_u128(id(1_700_000_000_000, u128::MAX));
        assert_eq!((uuid.get_version_num(), uuid.get_variant()), (7, uuid::Variant::RFC4122));
        assert!(id(5, u128::MAX) < id(6, 0));
    }
}
