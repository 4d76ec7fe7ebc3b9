//! A core for tests: a store in memory that works when it is told to, a clock that is set, chance that counts.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use store::{CommitFault, Credential, FaultHook, Options, Place, Register, Store, UserId};

use super::Core;
use crate::ports::{Clock, Entropy};

/// A clock that a test sets.
pub(crate) struct Still(pub Mutex<i64>);

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        *self.0.lock().unwrap()
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Counting(Mutex<u128>);

impl Entropy for Counting {
    fn u128(&self) -> u128 {
        let mut last = self.0.lock().unwrap();
        *last += 1;
        *last
    }
}

/// See the module.
pub(crate) struct Bench {
    pub store: Store,
    pub core: Core,
    pub clock: Arc<Still>,
    /// What happens to the next commits, the last one first.
    pub faults: Arc<Mutex<Vec<Option<CommitFault>>>>,
}

impl Bench {
    pub fn new() -> Self {
        let faults = Arc::new(Mutex::new(Vec::new()));
        let hook = Arc::clone(&faults);
        let fault: FaultHook = Box::new(move || hook.lock().unwrap().pop().unwrap_or_default());
        let options = Options { fault: Some(fault), ..Options::default() };
        let store = Store::open_manual(Place::Memory, options).unwrap();
        let clock = Arc::new(Still(Mutex::new(1_000)));
        let core = Core::new(store.clone(), Arc::clone(&clock) as _, Arc::new(Counting(Mutex::new(0))));
        Self { store, core, clock, faults }
    }

    /// Lets time pass.
    pub fn pass(&self, ms: i64) {
        *self.clock.0.lock().unwrap() += ms;
    }

    /// Makes an account.
    pub fn account(&self, number: u128) -> UserId {
        let (device, username) = (format!("device-{number:04}"), format!("user{number}"));
        let user = UserId(number);
        self.store
            .write_now(Register { credential: Credential::Device(device), user, username, at_ms: 1 })
            .unwrap();
        user
    }

    /// Works to the end.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        self.run_for(future, usize::MAX).unwrap()
    }

    /// Works to the end, or until the store has worked so often: then the process has died.
    pub fn run_for<F: Future>(&self, future: F, mut steps: usize) -> Option<F::Output> {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return Some(done);
            }
            steps = steps.checked_sub(1)?;
            self.store.pump();
        }
    }
}
