//! Content that changes while the server runs: publishing it to rooms awake and asleep.

use std::sync::Arc;

use kernel::RulesId;
use store::ContentGet;

use super::ask::Ask;
use super::check::{Checked, check};
use super::{RoomError, Rooms};

/// Bytes of a content file.
pub const CONTENT_BYTES_MAX: usize = 1 << 20;

impl Rooms {
    /// What new rooms of some rules get: its name, and its bytes. `None`: there are no such rules.
    pub async fn content(&self, rules: &str) -> Result<Option<(RulesId, Vec<u8>)>, RoomError> {
        let Some(newest) = self.around.library.newest(rules) else { return Ok(None) };
        let id = newest.id().clone();
        let get = ContentGet { rules: id.name.clone(), hash: id.content.0.to_vec() };
        // It was put there before the first room could be opened.
        let missing = || RoomError::Unreadable(format!("the content of {id} is not in the store"));
        let body = self.around.store.read(get).await?.ok_or_else(missing)?;
        Ok(Some((id, body)))
    }

    /// Makes a content the current one of its rules: durable, for new rooms at once, for awake rooms by a logged
    /// migration in small steps after this returns, for sleeping ones as they wake. What was published wins over the
    /// program's own content at the next start.
    pub async fn publish(&self, rules: &str, content: Vec<u8>) -> Result<RulesId, RoomError> {
        let around = &self.around;
        let made = around.library.newest_with(rules, &content)?;
        let id = made.id().clone();
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        // One after the other, so that the store and the memory agree on which was the last.
        let _turn = around.publishing.acquire().await.map_err(gone)?;
        around.library.publish(&around.store, made.clone(), content, around.clock.now_ms()).await?;
        for inbox in &around.inboxes {
            inbox.tell(Ask::Published { rules: made.clone() });
        }
        tracing::info!(rules = %id, "a content was published");
        Ok(id)
    }

    /// Tries a content on every room of its rules, without changing anything: see [`check`]. `progress` hears now and
    /// then how many rooms were looked at. One check runs at a time.
    pub async fn check(
        &self,
        rules: &str,
        content: Vec<u8>,
        progress: impl FnMut(u64) + Send + 'static,
    ) -> Result<Checked, RoomError> {
        let busy = |_| RoomError::Unavailable("another content is being checked".into());
        let turn = Arc::clone(&self.around.checking).try_acquire_owned().map_err(busy)?;
        let (reply, answer) = tokio::sync::oneshot::channel();
        let (around, rules, mut progress) = (self.around.clone(), rules.to_owned(), progress);
        self.around.spawn.blocking(Box::new(move || {
            let now_ms = around.clock.now_ms();
            let checked = check(&around.store, &around.library, now_ms, &rules, &content, &mut progress);
            drop(turn);
            // Nobody may wait for it any more.
            let _ = reply.send(checked);
        }));
        answer.await.unwrap_or_else(|_| Err(RoomError::Unavailable("the check was given up".into())))
    }
}
