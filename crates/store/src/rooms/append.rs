//! The append: a room's new inputs and everything they cause, in one savepoint. This is the store's hot path.

use kernel::{EffectKey, Epoch, RoomId, Seat, Seq};

use crate::events::EventKeep;
use crate::operation::Operation as _;
use crate::operation::Tx;
use crate::rooms::points::{self, RestorePoint};
use crate::rooms::{answers, row, seats};
use crate::statement::statements;
use crate::wallets::{self, Answer, StoreEffect};
use crate::{AppendError, UserId, Value};

statements! {
    // Who holds the room and how far its log is, read in the transaction that writes: SQLite has one writer, and
    // PostgreSQL runs operations serializable, so neither changes before the commit.
    STANDS = "SELECT epoch, state, COALESCE(
            (SELECT last_seq FROM room_log WHERE room_id = $1 ORDER BY first_seq DESC LIMIT 1), 0)
        FROM rooms WHERE id = $1";
    INSERT = "INSERT INTO room_log (room_id, first_seq, last_seq, epoch, at_ms, sum, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// Bytes of one append's body.
pub const APPEND_BYTES_MAX: usize = 16 << 20;

/// What one commit makes durable for one room: a row of its log, and what these inputs cause in the store.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoomAppend {
    /// Which room.
    pub room: RoomId,
    /// The term in which the caller holds it.
    pub epoch: Epoch,
    /// The first of these inputs; one more than the log's newest.
    pub first_seq: Seq,
    /// The last of them.
    pub last_seq: Seq,
    /// When the last of them happened.
    pub at_ms: i64,
    /// The checksum of the body, written and checked by the kernel.
    pub sum: u64,
    /// The inputs, in the kernel's encoding.
    pub body: Vec<u8>,
    /// Seats that were not there before, and who sits in them.
    pub new_seats: Vec<(Seat, UserId)>,
    /// Changes of wallets, in order.
    pub effects: Vec<StoreEffect>,
    /// Events for the server's consumers, in order.
    pub events: Vec<EventKeep>,
    /// What stood before some of these inputs and is to be kept; its snapshot is saved apart.
    pub points: Vec<RestorePoint>,
    /// Answers that these inputs log; their rows go.
    pub answered: Vec<EffectKey>,
    /// `None`: as before. `Some(None)`: it need not wake by itself any more.
    pub wake_at: Option<Option<i64>>,
    /// What lists of matches show, if that has changed.
    pub label: Option<String>,
}

impl RoomAppend {
    /// Inputs that cause nothing else.
    pub fn new(room: RoomId, epoch: Epoch, seqs: (Seq, Seq), at_ms: i64, sum: u64, body: Vec<u8>) -> Self {
        Self {
            room,
            epoch,
            first_seq: seqs.0,
            last_seq: seqs.1,
            at_ms,
            sum,
            body,
            new_seats: Vec::new(),
            effects: Vec::new(),
            events: Vec::new(),
            points: Vec::new(),
            answered: Vec::new(),
            wake_at: None,
            label: None,
        }
    }

    /// It is a single statement, which is atomic by itself.
    pub(crate) fn is_plain(&self) -> bool {
        self.new_seats.is_empty()
            && self.effects.is_empty()
            && self.events.is_empty()
            && self.points.is_empty()
            && self.answered.is_empty()
            && self.wake_at.is_none()
            && self.label.is_none()
    }

    fn check(&self) -> Result<(), AppendError> {
        if self.first_seq.0 == 0 || self.last_seq < self.first_seq {
            return Err(AppendError::Refused("an append has at least one input, and the first has number 1"));
        }
        if self.body.len() > APPEND_BYTES_MAX {
            return Err(AppendError::Refused("an append's body is at most 16 MiB"));
        }
        if self.points.iter().any(|point| point.seq >= self.last_seq || point.seq < Seq(self.first_seq.0 - 1))
        {
            return Err(AppendError::Refused("a point lies before an input of its append"));
        }
        for effect in &self.effects {
            effect.check()?;
            if effect.key.seq < self.first_seq || effect.key.seq > self.last_seq {
                return Err(AppendError::Refused("an effect belongs to an input of its append"));
            }
        }
        Ok(())
    }
}

/// What an append did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AppendReceipt {
    /// The log's newest input.
    pub last_seq: Seq,
    /// The answers of the conditional effects, in order. They are also kept until an append says `answered`.
    pub answers: Vec<(EffectKey, Answer)>,
}

/// Appends to one room, within a transaction or savepoint of the caller: on an error, the caller undoes what was done
/// of it. [`Store::append`](crate::Store::append) does all that; this is for another engine.
pub async fn append_room<T: Tx>(tx: &mut T, append: &RoomAppend) -> Result<AppendReceipt, AppendError> {
    append.check()?;
    let room = Value::from(append.room);
    let stands = tx.optional(&STANDS, &[room], |row| Ok((row.count(0)?, row.int(1)?, row.count(2)?))).await?;
    // Whoever lost the room hears that first: to them the head is news of somebody else's inputs.
    let head = match stands {
        Some((epoch, 0, head)) if epoch == append.epoch.0 => head,
        _ => return Err(AppendError::StaleEpoch),
    };
    if append.first_seq.0 <= head {
        return Err(AppendError::Repeated { head });
    }
    if append.first_seq.0 - 1 != head {
        return Err(AppendError::Gap { head });
    }
    let values = [
        room,
        append.first_seq.try_into()?,
        append.last_seq.try_into()?,
        append.epoch.try_into()?,
        append.at_ms.into(),
        Value::Int(append.sum.cast_signed()),
        (&append.body).into(),
    ];
    tx.execute(&INSERT, &values).await?;
    let mut receipt = AppendReceipt { last_seq: append.last_seq, answers: Vec::new() };
    for &(seat, user) in &append.new_seats {
        seats::sit(tx, append.room, seat, user).await?;
    }
    for &key in &append.answered {
        answers::forget(tx, append.room, key).await?;
    }
    for effect in &append.effects {
        let answer = wallets::apply(tx, append.room, effect, append.at_ms).await?;
        if effect.conditional {
            answers::keep(tx, append.room, effect.key, &answer).await?;
            receipt.answers.push((effect.key, answer));
        }
    }
    for event in &append.events {
        event.run(tx).await?;
    }
    for point in &append.points {
        points::note(tx, append.room, point).await?;
    }
    if let Some(wake_at) = append.wake_at {
        row::set_wake(tx, append.room, wake_at).await?;
    }
    if let Some(label) = &append.label {
        row::set_label(tx, append.room, label).await?;
    }
    Ok(receipt)
}
