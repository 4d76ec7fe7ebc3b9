//! Lists of objects, in pages that are bounded by number and by bytes.

use super::objects::object;
use super::{Object, ObjectName};
use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    OF_USER = "SELECT key, version, may_read, may_write, created_ms, updated_ms, value FROM objects
        WHERE user_id = $1 AND collection = $2 AND key > $3 AND may_read >= $4 ORDER BY key LIMIT $5";
    PUBLIC_OF_USER = "SELECT key, version, may_read, may_write, created_ms, updated_ms, value FROM objects
        WHERE may_read = 2 AND collection = $2 AND user_id = $1 AND key > $3 ORDER BY key LIMIT $4";
    PUBLIC = "SELECT user_id, key, version, may_read, may_write, created_ms, updated_ms, value FROM objects
        WHERE may_read = 2 AND collection = $1 AND (user_id, key) > ($2, $3) ORDER BY user_id, key LIMIT $4";
    NEXT_USER = "SELECT user_id FROM objects WHERE user_id > $1 ORDER BY user_id LIMIT 1";
}

/// Bytes of values after which a page ends.
pub const PAGE_BYTES_MAX: usize = 2 << 20;
/// Objects that are read at a time, before a page's bytes are looked at.
const STEP: u32 = 16;
/// Owners that a page of a whole collection looks at. It may be empty and yet not the last.
pub const PAGE_OWNERS_MAX: u32 = 1_000;

/// Which objects of a collection are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListOf {
    /// One owner's, from this permission on: 0 all, 1 what the owner may read.
    Owner(UserId, u32),
    /// One owner's that everybody may read.
    PublicOf(UserId),
    /// Everybody's that everybody may read.
    Public,
    /// Everybody's, whatever the permission.
    Everything,
}

/// Lists a collection, in order of owner and key.
#[derive(Clone, Debug)]
pub struct ObjectsList {
    /// The collection.
    pub collection: String,
    /// Which of it.
    pub of: ListOf,
    /// The last one seen; `NOBODY` and an empty key at the start.
    pub after: (UserId, String),
    /// At most so many.
    pub limit: u32,
}

/// A page of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObjectsPage {
    /// In order.
    pub objects: Vec<Object>,
    /// Where the next page begins; nothing at the end.
    pub next: Option<(UserId, String)>,
}

impl Operation for ObjectsList {
    type Output = ObjectsPage;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut page = Page { objects: Vec::new(), bytes: 0, after: self.after.clone() };
        match self.of {
            ListOf::Owner(user, from) => {
                page.after.0 = user;
                let more = self.of_user(tx, &mut page, from).await?;
                Ok(page.end(more))
            }
            ListOf::PublicOf(_) | ListOf::Public => {
                let more = self.public(tx, &mut page).await?;
                Ok(page.end(more))
            }
            ListOf::Everything => {
                for _ in 0..PAGE_OWNERS_MAX {
                    if self.of_user(tx, &mut page, 0).await? {
                        return Ok(page.end(true));
                    }
                    let next = tx.optional(&NEXT_USER, &[page.after.0.into()], |row| row.id(0)).await?;
                    match next {
                        Some(user) => page.after = (UserId(user), String::new()),
                        None => return Ok(page.end(false)),
                    }
                }
                Ok(page.end(true))
            }
        }
    }
}

/// A page that is being filled.
struct Page {
    objects: Vec<Object>,
    bytes: usize,
    after: (UserId, String),
}

impl Page {
    fn room(&self, limit: u32) -> u32 {
        let left = limit.saturating_sub(self.objects.len() as u32);
        if self.bytes >= PAGE_BYTES_MAX { 0 } else { left.min(STEP) }
    }

    /// Takes what was read; whether less came than was asked for, so that there is no more.
    fn take(&mut self, read: Vec<Object>, asked: u32) -> bool {
        let last = read.len() < asked as usize;
        for object in read {
            self.bytes += object.value.len();
            self.after = (object.name.user, object.name.key.clone());
            self.objects.push(object);
        }
        last
    }

    fn end(self, more: bool) -> ObjectsPage {
        ObjectsPage { objects: self.objects, next: more.then_some(self.after) }
    }
}

impl ObjectsList {
    /// Fills a page with one owner's objects; whether the page is full.
    async fn of_user<T: Tx>(&self, tx: &mut T, page: &mut Page, from: u32) -> Result<bool, StoreError> {
        loop {
            let asked = page.room(self.limit);
            if asked == 0 {
                return Ok(true);
            }
            let (user, after) = page.after.clone();
            let collection = &self.collection;
            let values = [user.into(), collection.into(), (&after).into(), from.into(), asked.into()];
            let read = tx.rows(&OF_USER, &values, |row| {
                let name = ObjectName { user, collection: collection.clone(), key: row.text(0)? };
                object(row, name, 1)
            });
            if page.take(read.await?, asked) {
                return Ok(false);
            }
        }
    }

    /// The same with public objects of one or of all owners.
    async fn public<T: Tx>(&self, tx: &mut T, page: &mut Page) -> Result<bool, StoreError> {
        loop {
            let asked = page.room(self.limit);
            if asked == 0 {
                return Ok(true);
            }
            let (user, after) = page.after.clone();
            let collection = &self.collection;
            let name = |user, key| ObjectName { user, collection: collection.clone(), key };
            let read = match self.of {
                ListOf::PublicOf(owner) => {
                    let values: [Value<'_>; 4] =
                        [owner.into(), collection.into(), (&after).into(), asked.into()];
                    tx.rows(&PUBLIC_OF_USER, &values, |row| object(row, name(owner, row.text(0)?), 1)).await?
                }
                _ => {
                    let values: [Value<'_>; 4] =
                        [collection.into(), user.into(), (&after).into(), asked.into()];
                    let read = tx
                        .rows(&PUBLIC, &values, |row| object(row, name(UserId(row.id(0)?), row.text(1)?), 2));
                    read.await?
                }
            };
            if page.take(read, asked) {
                return Ok(false);
            }
        }
    }
}
