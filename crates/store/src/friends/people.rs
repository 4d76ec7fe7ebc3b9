//! Looking users up by id and by name, for relations between them.

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, username_key};

statements! {
    EXISTS = "SELECT 1 FROM users WHERE id = $1";
    NAMED = "SELECT id FROM users WHERE username_key = $1";
    GET = "SELECT username, created_ms, updated_ms, edge_count FROM users WHERE id = $1";
}

/// Is there such a user?
#[derive(Clone, Debug)]
pub struct UserExists {
    /// Who.
    pub user: UserId,
}

impl Operation for UserExists {
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        Ok(tx.optional(&EXISTS, &[self.user.into()], |_| Ok(())).await?.is_some())
    }
}

/// Reads the ids of users by name, whatever the case. Unknown ones are passed over.
#[derive(Clone, Debug)]
pub struct UsersNamed {
    /// The names.
    pub names: Vec<String>,
}

impl Operation for UsersNamed {
    type Output = Vec<UserId>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut found = Vec::with_capacity(self.names.len());
        for name in &self.names {
            let key = username_key(name);
            found.extend(tx.optional(&NAMED, &[(&key).into()], |row| row.id(0)).await?.map(UserId));
        }
        Ok(found)
    }
}

/// What lists of people show of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// As they wrote it.
    pub username: String,
    /// When the account was made.
    pub created_ms: i64,
    /// When it was last changed.
    pub updated_ms: i64,
    /// How many relations it has.
    pub edge_count: i64,
}

/// Reads what lists show of some users. Unknown ones are passed over.
#[derive(Clone, Debug)]
pub struct People {
    /// Who.
    pub users: Vec<UserId>,
}

impl Operation for People {
    type Output = Vec<Person>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mut found = Vec::with_capacity(self.users.len());
        for &user in &self.users {
            let person = tx
                .optional(&GET, &[user.into()], |row| {
                    Ok(Person {
                        user,
                        username: row.text(0)?,
                        created_ms: row.int(1)?,
                        updated_ms: row.int(2)?,
                        edge_count: row.int(3)?,
                    })
                })
                .await?;
            found.extend(person);
        }
        Ok(found)
    }
}
