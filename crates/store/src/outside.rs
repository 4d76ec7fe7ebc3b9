//! What ties a login to the issuer that vouched for it: which of our token families came from which of its sessions, and
//! until when they stand without its word. And notes that are read once: ids that must not come twice, logins under way.
//!
//! What is secret in here was sealed before it came; the store knows no keys.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{FamilyId, Row, StoreError, UserId};

statements! {
    GET = "SELECT family, user_id, provider, subject, sid, renewal, checked_ms, ends_ms FROM outside_sessions
        WHERE family = $1";
    PUT = "INSERT INTO outside_sessions (family, user_id, provider, subject, sid, renewal, checked_ms, ends_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (family) DO UPDATE SET renewal = excluded.renewal, checked_ms = excluded.checked_ms,
        ends_ms = excluded.ends_ms";
    CLAIM = "UPDATE outside_sessions SET checked_ms = $3 WHERE family = $1 AND checked_ms = $2";
    DROP = "DELETE FROM outside_sessions WHERE family = $1";
    OF_SUBJECT = "SELECT family, user_id, provider, subject, sid, renewal, checked_ms, ends_ms FROM outside_sessions
        WHERE provider = $1 AND subject = $2 ORDER BY family LIMIT $3";
    OF_SID = "SELECT family, user_id, provider, subject, sid, renewal, checked_ms, ends_ms FROM outside_sessions
        WHERE provider = $1 AND sid = $2 ORDER BY family LIMIT $3";
    DUE = "SELECT family, user_id, provider, subject, sid, renewal, checked_ms, ends_ms FROM outside_sessions
        WHERE ends_ms <= $1 ORDER BY ends_ms, family LIMIT $2";
    DROP_OF_USER = "DELETE FROM outside_sessions WHERE user_id = $1";
    NOTE = "INSERT INTO outside_notes (name, said, expires_ms) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING";
    READ = "SELECT said, expires_ms FROM outside_notes WHERE name = $1";
    TAKE = "DELETE FROM outside_notes WHERE name = $1";
    PRUNE = "DELETE FROM outside_notes WHERE name IN
        (SELECT name FROM outside_notes WHERE expires_ms <= $1 ORDER BY expires_ms, name LIMIT $2)";
}

/// A login that an issuer vouched for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OutsideSession {
    /// The login here.
    pub family: FamilyId,
    /// Whose.
    pub user: UserId,
    /// Who vouched.
    pub provider: String,
    /// The person's name there.
    pub subject: String,
    /// The session's name there; may be empty.
    pub sid: String,
    /// The issuer's refresh token, sealed, where there is one.
    pub renewal: Option<String>,
    /// When the issuer was last asked.
    pub checked_ms: i64,
    /// When the login ends unless the issuer speaks for it again.
    pub ends_ms: i64,
}

fn session(row: &Row<'_>) -> Result<OutsideSession, StoreError> {
    Ok(OutsideSession {
        family: FamilyId(row.id(0)?),
        user: UserId(row.id(1)?),
        provider: row.text(2)?,
        subject: row.text(3)?,
        sid: row.text(4)?,
        renewal: row.opt_text(5)?,
        checked_ms: row.int(6)?,
        ends_ms: row.int(7)?,
    })
}

/// Reads where a login came from.
#[derive(Clone, Debug)]
pub struct OutsideSessionGet {
    /// The login here.
    pub family: FamilyId,
}

impl Operation for OutsideSessionGet {
    type Output = Option<OutsideSession>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.optional(&GET, &[self.family.into()], session).await
    }
}

/// Keeps where a login came from, or what its issuer said since.
#[derive(Clone, Debug)]
pub struct OutsideSessionPut(pub OutsideSession);

impl Operation for OutsideSessionPut {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let OutsideSession { family, user, provider, subject, sid, renewal, checked_ms, ends_ms } = &self.0;
        let values = [
            (*family).into(),
            (*user).into(),
            provider.into(),
            subject.into(),
            sid.into(),
            renewal.as_deref().into(),
            (*checked_ms).into(),
            (*ends_ms).into(),
        ];
        tx.execute(&PUT, &values).await.map(drop)
    }
}

/// Takes it on to ask the issuer: of several at once, one gets it.
#[derive(Clone, Debug)]
pub struct OutsideSessionClaim {
    /// The login here.
    pub family: FamilyId,
    /// When the issuer was last asked, as the caller knows it.
    pub seen_ms: i64,
    /// Now.
    pub at_ms: i64,
}

impl Operation for OutsideSessionClaim {
    /// Whether it is the caller who asks.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [self.family.into(), self.seen_ms.into(), self.at_ms.into()];
        Ok(tx.execute(&CLAIM, &values).await? == 1)
    }
}

/// Forgets where a login came from.
#[derive(Clone, Debug)]
pub struct OutsideSessionDrop {
    /// The login here.
    pub family: FamilyId,
}

impl Operation for OutsideSessionDrop {
    type Output = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&DROP, &[self.family.into()]).await.map(drop)
    }
}

/// Forgets where all logins of a user came from.
#[derive(Clone, Debug)]
pub struct OutsideSessionsForget {
    /// Whose.
    pub user: UserId,
}

impl Operation for OutsideSessionsForget {
    /// How many there were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&DROP_OF_USER, &[self.user.into()]).await
    }
}

/// Whose logins an issuer speaks of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutsideWho {
    /// All of a person.
    Subject(String),
    /// Those of one session there.
    Sid(String),
}

/// Reads the logins that an issuer speaks of.
#[derive(Clone, Debug)]
pub struct OutsideSessionsOf {
    /// Who vouched.
    pub provider: String,
    /// For whom.
    pub who: OutsideWho,
    /// At most so many.
    pub limit: u32,
}

impl Operation for OutsideSessionsOf {
    type Output = Vec<OutsideSession>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let (statement, name) = match &self.who {
            OutsideWho::Subject(subject) => (&OF_SUBJECT, subject),
            OutsideWho::Sid(sid) => (&OF_SID, sid),
        };
        tx.rows(statement, &[(&self.provider).into(), name.into(), self.limit.into()], session).await
    }
}

/// Reads logins that stand no longer without their issuer's word.
#[derive(Clone, Debug)]
pub struct OutsideSessionsDue {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for OutsideSessionsDue {
    type Output = Vec<OutsideSession>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&DUE, &[self.now_ms.into(), self.limit.into()], session).await
    }
}

/// Writes a note, if there is none of that name.
#[derive(Clone, Debug)]
pub struct NotePut {
    /// Its name.
    pub name: String,
    /// What it says.
    pub said: String,
    /// When it may be forgotten.
    pub expires_ms: i64,
}

impl Operation for NotePut {
    /// Whether it is new.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let values = [(&self.name).into(), (&self.said).into(), self.expires_ms.into()];
        Ok(tx.execute(&NOTE, &values).await? == 1)
    }
}

/// Reads a note and removes it: nobody reads it twice.
#[derive(Clone, Debug)]
pub struct NoteTake {
    /// Its name.
    pub name: String,
    /// Now; a note that is over is not there.
    pub now_ms: i64,
}

impl Operation for NoteTake {
    type Output = Option<String>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let name = [(&self.name).into()];
        let found = tx.optional(&READ, &name, |row| Ok((row.text(0)?, row.int(1)?))).await?;
        tx.execute(&TAKE, &name).await?;
        Ok(found.filter(|(_, expires_ms)| *expires_ms > self.now_ms).map(|(said, _)| said))
    }
}

/// Forgets notes that are over, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct NotesPrune {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for NotesPrune {
    /// How many; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&PRUNE, &[self.now_ms.into(), self.limit.into()]).await
    }
}
