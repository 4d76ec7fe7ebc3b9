//! Writes that apply once under a key that the caller chose.
//!
//! A request makes its writes one after the other. Each is run as [`Once`]: its output is kept in the same
//! transaction under (scope, key, ordinal), so a repeated request is given what its finished writes gave and makes the
//! missing ones. The row of ordinal 0 is the whole answer, kept when the request is done. What a key or an answer
//! means to a protocol is not known here.

use std::any::type_name;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::{StoreError, UserId, Value};

statements! {
    GET = "SELECT request, operation, output, expires_ms FROM answers
        WHERE scope = $1 AND key = $2 AND ordinal = $3";
    HEAD = "SELECT ordinal, request, output, expires_ms FROM answers
        WHERE scope = $1 AND key = $2 AND ordinal <= 1 ORDER BY ordinal LIMIT 1";
    INSERT = "INSERT INTO answers (scope, key, ordinal, request, operation, output, expires_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    FINISH = "INSERT INTO answers (scope, key, ordinal, request, operation, output, expires_ms)
        SELECT scope, key, 0, request, '', $4, expires_ms FROM answers
        WHERE scope = $1 AND key = $2 AND ordinal = 1 AND request = $3
        ON CONFLICT (scope, key, ordinal) DO NOTHING";
    CLEAR = "DELETE FROM answers WHERE scope = $1 AND key = $2";
    FORGET = "DELETE FROM answers WHERE scope = $1";
    PRUNE = "DELETE FROM answers WHERE (scope, key, ordinal) IN
        (SELECT scope, key, ordinal FROM answers WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2)";
}

/// Bytes of one output that are kept. A repeated write that gave more is refused with [`StoreError::AnswerLost`].
pub const OUTPUT_BYTES_MAX: usize = 256 << 10;
/// Bytes of a whole answer that are kept. A longer one is made again from its writes' outputs.
pub const ANSWER_BYTES_MAX: usize = 64 << 10;
/// Rows outlive their time by this, so that a request which is repeated as it ends finds all of its writes or none.
const GRACE_MS: i64 = 3_600_000;

/// Which write of which request this is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OnceMark {
    /// Whose keys these are: an account's id, or what stands for other credentials.
    pub scope: u128,
    /// Stands for the caller's key.
    pub key: u128,
    /// Stands for all that the request says.
    pub request: u128,
    /// The request's first write is 1.
    pub ordinal: u32,
    /// Now.
    pub now_ms: i64,
    /// Until when a repetition is known as one.
    pub expires_ms: i64,
}

/// An operation that is run unless this request ran it before; then its output is given again.
#[derive(Clone, Debug)]
pub struct Once<O> {
    /// Which write this is.
    pub mark: OnceMark,
    /// What to do.
    pub operation: O,
}

/// What [`Once`] gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done<T> {
    /// The operation's output, of now or of the first time.
    pub output: T,
    /// Nothing was done now.
    pub repeated: bool,
}

struct Kept {
    request: u128,
    operation: String,
    output: Vec<u8>,
    expires_ms: i64,
}

impl<O> Operation for Once<O>
where
    O: Operation + Sync,
    O::Output: Serialize + DeserializeOwned,
{
    type Output = Done<O::Output>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let mark = &self.mark;
        let (scope, key) = (id(mark.scope), id(mark.key));
        let kept = tx
            .optional(&GET, &[scope, key, mark.ordinal.into()], |row| {
                Ok(Kept {
                    request: row.id(0)?,
                    operation: row.text(1)?,
                    output: row.blob(2)?,
                    expires_ms: row.int(3)?,
                })
            })
            .await?;
        let first = mark.ordinal == 1;
        match kept {
            // The first write alone decides whether the request is known: the others go with it.
            Some(kept) if !first || kept.expires_ms > mark.now_ms => {
                let output = again::<O>(&kept, mark)?;
                return Ok(Done { output, repeated: true });
            }
            Some(_) => {
                tx.execute(&CLEAR, &[scope, key]).await?;
            }
            None => {}
        }
        let output = self.operation.run(tx).await?;
        let mut bytes = rmp_serde::to_vec(&output)
            .map_err(|_| StoreError::NotStorable("an output that cannot be kept for a repetition"))?;
        if bytes.len() > OUTPUT_BYTES_MAX {
            bytes.clear();
        }
        let values = [
            scope,
            key,
            mark.ordinal.into(),
            id(mark.request),
            type_name::<O>().into(),
            (&bytes).into(),
            mark.expires_ms.into(),
        ];
        tx.execute(&INSERT, &values).await?;
        Ok(Done { output, repeated: false })
    }
}

/// The output of the first time. An empty one stands for one that was too long; nothing encodes to no bytes.
fn again<O>(kept: &Kept, mark: &OnceMark) -> Result<O::Output, StoreError>
where
    O: Operation,
    O::Output: DeserializeOwned,
{
    if kept.request != mark.request {
        return Err(StoreError::KeyReused);
    }
    if kept.operation != type_name::<O>() || kept.output.is_empty() {
        return Err(StoreError::AnswerLost);
    }
    rmp_serde::from_slice(&kept.output).map_err(|_| StoreError::AnswerLost)
}

fn id(number: u128) -> Value<'static> {
    Value::Id(number.to_be_bytes())
}

/// A whole answer, in the words of the protocol that gave it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WholeAnswer {
    /// How it went.
    pub status: u16,
    /// What the body is; one above 255 bytes is not kept.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
}

impl WholeAnswer {
    fn encode(&self) -> Vec<u8> {
        let kind = if self.kind.len() > 255 { "" } else { &self.kind };
        let mut bytes = Vec::with_capacity(3 + kind.len() + self.body.len());
        bytes.extend_from_slice(&self.status.to_be_bytes());
        bytes.push(kind.len() as u8);
        bytes.extend_from_slice(kind.as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (status, rest) = bytes.split_first_chunk::<2>()?;
        let (length, rest) = rest.split_first()?;
        let (kind, body) = rest.split_at_checked(usize::from(*length))?;
        let kind = String::from_utf8(kind.to_vec()).ok()?;
        Some(Self { status: u16::from_be_bytes(*status), kind, body: body.to_vec() })
    }
}

/// Looks whether a key is known.
#[derive(Clone, Debug)]
pub struct OnceFind {
    /// Whose.
    pub scope: u128,
    /// Which.
    pub key: u128,
    /// Now.
    pub now_ms: i64,
}

/// A key that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnceKnown {
    /// What the request said.
    pub request: u128,
    /// What it was answered, if that is kept.
    pub answer: Option<WholeAnswer>,
}

impl Operation for OnceFind {
    type Output = Option<OnceKnown>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let found = tx
            .optional(&HEAD, &[id(self.scope), id(self.key)], |row| {
                let answer = if row.int(0)? == 0 { Some(row.blob(2)?) } else { None };
                Ok((row.id(1)?, answer, row.int(3)?))
            })
            .await?;
        Ok(found.filter(|(_, _, expires_ms)| *expires_ms > self.now_ms).map(|(request, answer, _)| {
            OnceKnown { request, answer: answer.and_then(|bytes| WholeAnswer::decode(&bytes)) }
        }))
    }
}

/// Keeps what a request was answered, for as long as its writes are kept. A request that wrote nothing keeps nothing.
#[derive(Clone, Debug)]
pub struct OnceFinish {
    /// Whose.
    pub scope: u128,
    /// Which.
    pub key: u128,
    /// What the request said.
    pub request: u128,
    /// What it was answered.
    pub answer: WholeAnswer,
}

impl Operation for OnceFinish {
    /// Whether it was kept now.
    type Output = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        if self.answer.body.len() > ANSWER_BYTES_MAX {
            return Ok(false);
        }
        let bytes = self.answer.encode();
        let values = [id(self.scope), id(self.key), id(self.request), (&bytes).into()];
        Ok(tx.execute(&FINISH, &values).await? == 1)
    }
}

/// Forgets all that is kept under a user's keys.
#[derive(Clone, Debug)]
pub struct OnceForget {
    /// Whose.
    pub user: UserId,
}

impl Operation for OnceForget {
    /// How many rows that were.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.execute(&FORGET, &[self.user.into()]).await
    }
}

/// Removes what is over, a bounded number at a time.
#[derive(Clone, Debug)]
pub struct OncePrune {
    /// Now.
    pub now_ms: i64,
    /// At most so many.
    pub limit: u32,
}

impl Operation for OncePrune {
    /// How many were removed; fewer than `limit` means that none is left.
    type Output = u64;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        let before = self.now_ms.saturating_sub(GRACE_MS);
        tx.execute(&PRUNE, &[before.into(), self.limit.into()]).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    enum Shape {
        Empty,
        Named { user: UserId, at_ms: i64 },
        Pair(Option<u128>, f64),
        Many(BTreeMap<u128, String>),
    }

    #[test]
    fn outputs_come_back_as_they_were() {
        let shapes = vec![
            Shape::Empty,
            Shape::Named { user: UserId(u128::MAX), at_ms: i64::MIN },
            Shape::Named { user: UserId(0), at_ms: 0 },
            Shape::Pair(Some(1 << 100), 0.1 + 0.2),
            Shape::Pair(None, f64::MIN_POSITIVE),
            Shape::Many(BTreeMap::from([(0, "null".into()), (u128::MAX, String::new())])),
        ];
        let bytes = rmp_serde::to_vec(&shapes).unwrap();
        assert_eq!(rmp_serde::from_slice::<Vec<Shape>>(&bytes).unwrap(), shapes);
        assert!(!rmp_serde::to_vec(&()).unwrap().is_empty());
    }

    #[test]
    fn answers_come_back_as_they_were() {
        let answer =
            WholeAnswer { status: 409, kind: "application/json".into(), body: b"{\"a\":1}".to_vec() };
        assert_eq!(WholeAnswer::decode(&answer.encode()), Some(answer));
        let long = WholeAnswer { status: 200, kind: "ä".repeat(200), body: Vec::new() };
        assert_eq!(WholeAnswer::decode(&long.encode()).map(|back| back.kind.len()), Some(0));
        assert_eq!(WholeAnswer::decode(&[0, 200, 9, b'x']), None);
    }
}
