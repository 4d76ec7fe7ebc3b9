//! *Accepted* and *durable* are different types: this is the durable one.

use std::ops::Deref;

/// The result of an operation whose transaction has been committed and synced. Only the store can make one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed<T>(T);

impl<T> Committed<T> {
    /// Called after the commit, and nowhere else.
    pub(crate) fn new(value: T) -> Self {
        Self(value)
    }

    /// What follows from what was committed.
    pub fn map<U>(self, follow: impl FnOnce(T) -> U) -> Committed<U> {
        Committed(follow(self.0))
    }

    /// What was committed.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Committed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
