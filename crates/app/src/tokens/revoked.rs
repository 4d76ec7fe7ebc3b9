//! The families that were logged out a short while ago, in memory, asked for every request.
//!
//! An entry is needed only while a session token of the family may still be young enough to be used; refresh tokens
//! are checked against the store instead. So the list is as long as the log-outs of one token's life.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::RwLock;

use store::{FamilyId, UserId};

/// Families remembered at once. Log-outs beyond it are told to come back later.
pub const REVOKED_FAMILIES_MAX: usize = 1_000_000;

/// See the module.
#[derive(Default)]
pub struct Revoked {
    /// The family and the second from which it can be forgotten.
    families: RwLock<HashMap<FamilyId, i64>>,
    /// Spares the lock while nothing is listed, which is nearly always.
    count: AtomicUsize,
    /// Users all of whose logins were ended, and the millisecond of the last time.
    users: RwLock<HashMap<UserId, i64>>,
    users_count: AtomicUsize,
}

/// No room for another family, even after forgetting old ones.
#[derive(Debug)]
pub struct Full;

impl Revoked {
    /// Lists a family until the second `until`.
    pub fn insert(&self, family: FamilyId, until: i64, now: i64) -> Result<(), Full> {
        let mut families = self.families.write();
        if families.len() >= REVOKED_FAMILIES_MAX {
            families.retain(|_, until| *until > now);
            if families.len() >= REVOKED_FAMILIES_MAX {
                self.count.store(families.len(), Ordering::Release);
                return Err(Full);
            }
        }
        families.insert(family, until);
        self.count.store(families.len(), Ordering::Release);
        Ok(())
    }

    /// Is this family listed?
    pub fn contains(&self, family: FamilyId) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.families.read().contains_key(&family)
    }

    /// Lists a user: what was made until `ended_ms` is over.
    pub fn end_user(&self, user: UserId, ended_ms: i64) -> Result<(), Full> {
        let mut users = self.users.write();
        if users.len() >= REVOKED_FAMILIES_MAX && !users.contains_key(&user) {
            return Err(Full);
        }
        let last = users.entry(user).or_insert(ended_ms);
        *last = ended_ms.max(*last);
        self.users_count.store(users.len(), Ordering::Release);
        Ok(())
    }

    /// Was what was made for this user at `made_ms` ended since?
    pub fn is_over(&self, user: UserId, made_ms: i64) -> bool {
        self.users_count.load(Ordering::Acquire) > 0
            && self.users.read().get(&user).is_some_and(|ended_ms| made_ms <= *ended_ms)
    }

    /// `at_ms`, or the first moment after this user's end.
    pub fn after_end(&self, user: UserId, at_ms: i64) -> i64 {
        if self.users_count.load(Ordering::Acquire) == 0 {
            return at_ms;
        }
        self.users.read().get(&user).map_or(at_ms, |ended_ms| at_ms.max(ended_ms + 1))
    }

    /// Forgets users whose last ended token would have expired before `before_ms`.
    pub fn prune_users(&self, before_ms: i64) {
        if self.users_count.load(Ordering::Acquire) > 0 {
            let mut users = self.users.write();
            users.retain(|_, ended_ms| *ended_ms > before_ms);
            self.users_count.store(users.len(), Ordering::Release);
        }
    }

    /// Forgets what can be forgotten at `now`.
    pub fn prune(&self, now: i64) {
        if self.count.load(Ordering::Acquire) > 0 {
            let mut families = self.families.write();
            families.retain(|_, until| *until > now);
            if families.is_empty() {
                families.shrink_to_fit();
            }
            self.count.store(families.len(), Ordering::Release);
        }
    }
}
