//! Looking users up by id and by name, for relations between them.

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, username_key};

statements! {
    EXISTS = "SELECT 1 FROM users WHERE id = $1";
    NAMED = "SELECT id FROM users WHERE username_key = $1";
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
