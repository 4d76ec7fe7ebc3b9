//! Answers of conditional effects that their room has not logged yet. They wait here, so that a room which dies
//! between an effect and its answer still hears it.

use kernel::{EffectKey, RoomId, Seq};

use crate::operation::{Operation, Tx};
use crate::statement::statements;
use crate::wallets::Answer;
use crate::{StoreError, Value};

statements! {
    KEEP = "INSERT INTO room_answers (room_id, seq, idx, code, reason) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (room_id, seq, idx) DO NOTHING";
    FORGET = "DELETE FROM room_answers WHERE room_id = $1 AND seq = $2 AND idx = $3";
    LIST = "SELECT seq, idx, code, reason FROM room_answers WHERE room_id = $1 ORDER BY seq, idx";
}

/// Reads the answers that a room has yet to log, in order of their effects. Bounded by what the room asked for
/// and has not logged.
#[derive(Clone, Debug)]
pub struct AnswersOf {
    /// Which.
    pub room: RoomId,
}

impl Operation for AnswersOf {
    type Output = Vec<(EffectKey, Answer)>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Self::Output, StoreError> {
        tx.rows(&LIST, &[self.room.into()], |row| {
            let key = EffectKey { seq: Seq(row.count(0)?), index: row.small(1)? };
            let answer = match row.opt_text(3)? {
                None => Ok(()),
                Some(reason) => {
                    let code = u16::try_from(row.int(2)?)
                        .map_err(|_| StoreError::Damaged("an answer's code is above 2^16".into()))?;
                    Err((code, reason))
                }
            };
            Ok((key, answer))
        })
        .await
    }
}

fn values<'a>(room: RoomId, key: EffectKey) -> Result<[Value<'a>; 3], StoreError> {
    Ok([room.into(), key.seq.try_into()?, key.index.into()])
}

pub(crate) async fn keep<T: Tx>(
    tx: &mut T,
    room: RoomId,
    key: EffectKey,
    answer: &Answer,
) -> Result<(), StoreError> {
    let [room, seq, index] = values(room, key)?;
    let (code, reason) = match answer {
        Ok(()) => (0, Value::Null),
        Err((code, reason)) => (u32::from(*code), reason.into()),
    };
    tx.execute(&KEEP, &[room, seq, index, code.into(), reason]).await?;
    Ok(())
}

pub(crate) async fn forget<T: Tx>(tx: &mut T, room: RoomId, key: EffectKey) -> Result<(), StoreError> {
    tx.execute(&FORGET, &values(room, key)?).await?;
    Ok(())
}
