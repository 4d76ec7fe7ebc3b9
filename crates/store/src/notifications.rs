//! Notifications kept for a user. Ids grow in the order of commits, whatever the clock does, so that a reader who asks
//! for what came after the newest one it has seen misses nothing.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{Row, StoreError, UserId, Value};

statements! {
    USER = "SELECT 1 FROM users WHERE id = $1";
    USERS_AFTER = "SELECT id FROM users WHERE id > $1 ORDER BY id LIMIT $2";
    HEAD = "SELECT last_id, kept FROM notification_heads WHERE user_id = $1";
    SET_HEAD = "INSERT INTO notification_heads (user_id, last_id, kept) VALUES ($1, $2, $3)
        ON CONFLICT (user_id) DO UPDATE SET last_id = excluded.last_id, kept = excluded.kept";
    SET_KEPT = "UPDATE notification_heads SET kept = kept - $2 WHERE user_id = $1";
    INSERT = "INSERT INTO notifications (user_id, id, subject, content, code, sender_id, at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    DROP_OLDEST = "DELETE FROM notifications WHERE user_id = $1 AND id IN
        (SELECT id FROM notifications WHERE user_id = $1 ORDER BY id LIMIT $2)";
    DELETE = "DELETE FROM notifications WHERE user_id = $1 AND id = $2";
    LIST = "SELECT id, subject, content, code, sender_id, at_ms FROM notifications
        WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    ERASE = "DELETE FROM notifications WHERE user_id = $1";
    ERASE_HEAD = "DELETE FROM notification_heads WHERE user_id = $1";
    CAUSED = "SELECT user_id, id FROM notifications WHERE sender_id = $1 ORDER BY user_id, id LIMIT $2";
}

/// One notification.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// Its id among the user's.
    pub id: u128,
    /// A few words.
    pub subject: String,
    /// A JSON object as text.
    pub content: String,
    /// What kind it is; 0 and below are the house's own.
    pub code: i32,
    /// Who caused it, if a user did.
    pub sender: Option<UserId>,
    /// When.
    pub at_ms: i64,
}

fn notification(row: &Row<'_>) -> Result<Notification, StoreError> {
    Ok(Notification {
        id: row.id(0)?,
        subject: row.text(1)?,
        content: row.text(2)?,
        code: i32::try_from(row.int(3)?)
            .map_err(|_| StoreError::Damaged("a notification's code is out of range".into()))?,
        sender: row.opt_id(4)?.map(UserId),
        at_ms: row.int(5)?,
    })
}

/// For whom a notification is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Addressees {
    /// These; unknown ones are passed over.
    Users(Vec<UserId>),
    /// The users after this id, at most so many.
    After(UserId, u32),
}

/// Keeps a notification for some users. Beyond `kept_max` a user's oldest are dropped.
#[derive(Clone, Debug)]
pub struct NotificationsAdd {
    /// For whom.
    pub to: Addressees,
    /// What; its id is the least that it gets.
    pub notification: Notification,
    /// Notifications kept for one user.
    pub kept_max: u32,
}

/// What [`NotificationsAdd`] kept.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct NotificationsAdded {
    /// For whom, and the id it got there.
    pub kept: Vec<(UserId, u128)>,
}

impl Operation for NotificationsAdd {
    type Output = NotificationsAdded;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut added = NotificationsAdded::default();
        match &self.to {
            Addressees::Users(users) => {
                for user in users {
                    if tx.optional(&USER, &[(*user).into()], |_| Ok(())).await?.is_some() {
                        added.kept.push((*user, self.add(tx, *user).await?));
                    }
                }
            }
            Addressees::After(after, limit) => {
                let read = |row: &Row<'_>| Ok(UserId(row.id(0)?));
                for user in tx.rows(&USERS_AFTER, &[(*after).into(), (*limit).into()], read).await? {
                    added.kept.push((user, self.add(tx, user).await?));
                }
            }
        }
        Ok(added)
    }
}

impl NotificationsAdd {
    async fn add<T: Tx>(&self, tx: &mut T, user: UserId) -> Result<u128, StoreError> {
        let Notification { id, subject, content, code, sender, at_ms } = &self.notification;
        let head = tx.optional(&HEAD, &[user.into()], |row| Ok((row.id(0)?, row.int(1)?))).await?;
        let (last, kept) = head.unwrap_or((0, 0));
        let id = (*id).max(last.saturating_add(1));
        let key = Value::Id(id.to_be_bytes());
        let values = [
            user.into(),
            key,
            subject.into(),
            content.into(),
            i64::from(*code).into(),
            (*sender).into(),
            (*at_ms).into(),
        ];
        tx.execute(&INSERT, &values).await?;
        let mut kept = kept + 1;
        let over = kept - i64::from(self.kept_max);
        if over > 0 {
            let dropped = tx.execute(&DROP_OLDEST, &[user.into(), over.into()]).await?;
            kept -= dropped.cast_signed();
        }
        tx.execute(&SET_HEAD, &[user.into(), key, kept.into()]).await?;
        Ok(id)
    }
}

/// Reads a user's notifications, the oldest first.
#[derive(Clone, Debug)]
pub struct NotificationsList {
    /// Whose.
    pub user: UserId,
    /// Those after this id; 0 at the start.
    pub after: u128,
    /// At most so many.
    pub limit: u32,
}

impl Operation for NotificationsList {
    type Output = Vec<Notification>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), Value::Id(self.after.to_be_bytes()), self.limit.into()];
        tx.rows(&LIST, &values, notification).await
    }
}

/// Deletes some of a user's notifications. Those that are not there are passed over.
#[derive(Clone, Debug)]
pub struct NotificationsDelete {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub ids: Vec<u128>,
}

impl Operation for NotificationsDelete {
    /// How many there were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut gone = 0;
        for id in &self.ids {
            gone += tx.execute(&DELETE, &[self.user.into(), Value::Id(id.to_be_bytes())]).await?;
        }
        if gone > 0 {
            tx.execute(&SET_KEPT, &[self.user.into(), Value::count(gone)?]).await?;
        }
        Ok(gone)
    }
}

/// Removes all that is kept for a user, who is being erased.
#[derive(Clone, Debug)]
pub struct NotificationsErase {
    /// Whose.
    pub user: UserId,
}

impl Operation for NotificationsErase {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&ERASE, &[self.user.into()]).await?;
        tx.execute(&ERASE_HEAD, &[self.user.into()]).await?;
        Ok(())
    }
}

/// Removes what others were told of a user who is being erased: it bears the user's name. So many at a time.
#[derive(Clone, Debug)]
pub struct NotificationsForget {
    /// Who caused them.
    pub user: UserId,
    /// At most so many.
    pub limit: u32,
}

impl Operation for NotificationsForget {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.user.into(), self.limit.into()];
        let caused = tx.rows(&CAUSED, &values, |row| Ok((UserId(row.id(0)?), row.id(1)?))).await?;
        for (user, id) in &caused {
            let gone = tx.execute(&DELETE, &[(*user).into(), Value::Id(id.to_be_bytes())]).await?;
            tx.execute(&SET_KEPT, &[(*user).into(), Value::count(gone)?]).await?;
        }
        Ok(caused.len() as u64)
    }
}
