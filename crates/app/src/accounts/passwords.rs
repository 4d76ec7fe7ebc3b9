//! Hashes of passwords: argon2id (RFC 9106) with the parameters that OWASP's cheat sheet names first. A hash takes some
//! 20 ms of a processor, so it is made on a thread for busy work, two at a time; a queue that is full says so at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, oneshot};

use super::AccountError;
use crate::ports::{Entropy, Spawn};

/// Shortest password.
pub const PASSWORD_BYTES_MIN: usize = 8;
/// Longest password.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// Passwords that are hashed at the same time; each takes 19 MiB meanwhile.
const AT_ONCE: usize = 2;
/// Passwords that wait for their turn; more are told to come back.
pub const PASSWORDS_WAITING_MAX: usize = 64;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Refuses what cannot be a password, before any work.
pub fn check_length(password: &str) -> Result<(), AccountError> {
    let fits = (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&password.len());
    if fits { Ok(()) } else { Err(AccountError::Password) }
}

/// See the module.
pub struct Passwords {
    entropy: Arc<dyn Entropy>,
    spawn: Arc<dyn Spawn>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The hash of nobody's password: checked where there is none, so that it takes as long.
pub(super) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$8dAXK05Pw1MYPT83qWlIRg$EBp9N9eTlRovnDJoW1kTY0LvDdL3zPsPRFL2lZtVBN8";

impl Passwords {
    pub fn new(entropy: Arc<dyn Entropy>, spawn: Arc<dyn Spawn>) -> Self {
        Self { entropy, spawn, turns: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0) }
    }

    /// The hash of a password, in its own text form.
    pub async fn hash(&self, password: String) -> Result<String, AccountError> {
        let salt = self.entropy.u128();
        self.run(move || hash(&password, salt)).await
    }

    /// Is it the password of this hash? Where there is none it is not, and that takes as long.
    pub async fn verify(&self, password: String, known: Option<String>) -> Result<bool, AccountError> {
        let exists = known.is_some();
        let known = known.unwrap_or_else(|| NOBODY.to_owned());
        let right = self.run(move || verify(&password, &known)).await?;
        Ok(right && exists)
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let place = Place::take(&self.waiting).ok_or(AccountError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| AccountError::Busy)?;
        let (reply, answer) = oneshot::channel();
        self.spawn.blocking(Box::new(move || {
            // Nobody waits any more: whoever asked is gone.
            let _ = reply.send(work());
            drop(turn);
        }));
        let done = answer.await.map_err(|_| AccountError::Busy);
        drop(place);
        done
    }
}

/// A place among those who wait; given back when dropped, also by a caller that goes away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let taken = waiting.fetch_add(1, Ordering::AcqRel) < PASSWORDS_WAITING_MAX;
        let place = Self(waiting);
        taken.then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("these are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

pub(super) fn hash(password: &str, salt: u128) -> String {
    let hash = argon2().hash_password_with_salt(password.as_bytes(), &salt.to_be_bytes());
    hash.expect("16 bytes of salt and a bounded password are what argon2 takes").to_string()
}

fn verify(password: &str, known: &str) -> bool {
    PasswordHash::new(known).is_ok_and(|known| argon2().verify_password(password.as_bytes(), &known).is_ok())
}
