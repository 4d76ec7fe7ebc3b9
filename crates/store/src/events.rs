//! Events, in the order in which they were kept, and how far each consumer is.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId, Value};

statements! {
    LAST = "SELECT seq FROM events WHERE seq > 0 ORDER BY seq DESC LIMIT 1";
    INSERT = "INSERT INTO events (seq, name, user_id, properties, at_ms, outside) VALUES ($1, $2, $3, $4, $5, $6)";
    AFTER = "SELECT seq, name, user_id, properties, at_ms, outside FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";
    CURSOR = "SELECT seq FROM event_consumers WHERE name = $1";
    MOVE = "INSERT INTO event_consumers (name, seq) VALUES ($1, $2)
        ON CONFLICT (name) DO UPDATE SET seq = excluded.seq";
    OLDEST = "SELECT seq, at_ms FROM events WHERE seq > 0 ORDER BY seq LIMIT $1";
    PRUNE = "DELETE FROM events WHERE seq <= $1";
    OF_USER = "SELECT seq, name, user_id, properties, at_ms, outside FROM events
        WHERE user_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    FORGET = "UPDATE events SET user_id = NULL, properties = '{}' WHERE user_id = $1";
}

/// An event that was kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EventRow {
    /// Its place in the order; grows without end, may have gaps.
    pub seq: u64,
    /// What happened.
    pub name: String,
    /// To whom.
    pub user: Option<UserId>,
    /// A JSON object of texts.
    pub properties: String,
    /// When.
    pub at_ms: i64,
    /// It came from a client, who may say anything.
    pub outside: bool,
}

/// Keeps an event.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EventKeep {
    /// What happened.
    pub name: String,
    /// To whom.
    pub user: Option<UserId>,
    /// A JSON object of texts.
    pub properties: String,
    /// When.
    pub at_ms: i64,
    /// It came from a client.
    pub outside: bool,
}

impl Operation for EventKeep {
    /// Its place in the order.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let last = tx.optional(&LAST, &[], |row| row.count(0)).await?.unwrap_or(0);
        let seq = last.checked_add(1).ok_or(StoreError::NotStorable("an event above 2^64"))?;
        let user = self.user.into();
        let values = [
            Value::count(seq)?,
            (&self.name).into(),
            user,
            (&self.properties).into(),
            self.at_ms.into(),
            self.outside.into(),
        ];
        tx.execute(&INSERT, &values).await?;
        Ok(seq)
    }
}

/// Reads what comes after a place in the order.
#[derive(Clone, Debug)]
pub struct EventsAfter {
    /// The last one that was seen.
    pub seq: u64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for EventsAfter {
    type Output = Vec<EventRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&AFTER, &[Value::count(self.seq)?, self.limit.into()], event).await
    }
}

fn event(row: &Row<'_>) -> Result<EventRow, StoreError> {
    Ok(EventRow {
        seq: row.count(0)?,
        name: row.text(1)?,
        user: row.opt_id(2)?.map(UserId),
        properties: row.text(3)?,
        at_ms: row.int(4)?,
        outside: row.flag(5)?,
    })
}

/// Reads a user's events after a place in the order.
#[derive(Clone, Debug)]
pub struct EventsOfUser {
    /// Whose.
    pub user: UserId,
    /// The last one that was seen.
    pub seq: u64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for EventsOfUser {
    type Output = Vec<EventRow>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), Value::count(self.seq)?, self.limit.into()];
        tx.rows(&OF_USER, &values, event).await
    }
}

/// Takes a user out of all events: what happened stays, to whom and with what does not.
#[derive(Clone, Debug)]
pub struct EventsForget {
    /// Whom.
    pub user: UserId,
}

impl Operation for EventsForget {
    /// How many events that were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&FORGET, &[self.user.into()]).await
    }
}

/// How far a consumer is; a new one begins with what is kept.
#[derive(Clone, Debug)]
pub struct EventCursor {
    /// Which consumer.
    pub consumer: String,
}

impl Operation for EventCursor {
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        Ok(tx.optional(&CURSOR, &[(&self.consumer).into()], |row| row.count(0)).await?.unwrap_or(0))
    }
}

/// Notes how far a consumer is.
#[derive(Clone, Debug)]
pub struct EventCursorMove {
    /// Which consumer.
    pub consumer: String,
    /// The last event that it is done with.
    pub seq: u64,
}

impl Operation for EventCursorMove {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&MOVE, &[(&self.consumer).into(), Value::count(self.seq)?]).await?;
        Ok(())
    }
}

/// Removes old events, but never the newest: the order must not begin again.
#[derive(Clone, Debug)]
pub struct EventsPrune {
    /// Older ones go.
    pub before_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for EventsPrune {
    /// How many were removed; fewer than `limit` means that none is left to remove.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let last = tx.optional(&LAST, &[], |row| row.count(0)).await?.unwrap_or(0);
        let oldest = tx.rows(&OLDEST, &[self.limit.into()], |row| Ok((row.count(0)?, row.int(1)?))).await?;
        let old = oldest.into_iter().take_while(|(seq, at)| *at < self.before_ms && *seq < last);
        match old.last() {
            Some((seq, _)) => tx.execute(&PRUNE, &[Value::count(seq)?]).await,
            None => Ok(0),
        }
    }
}
