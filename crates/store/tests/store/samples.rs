//! Rooms, users and appends as the tests use them.

use kernel::{EffectKey, Epoch, RoomId, Seat, Seq};
use store::{AppendError, AppendReceipt, Appended, OpenRoom, RoomAppend, Store, StoreEffect, UserId};

pub fn room(number: u128) -> RoomId {
    RoomId(number)
}

pub fn user(number: u128) -> UserId {
    UserId(1_000_000 + number)
}

/// A chunk of one or more inputs with a body that tells them.
pub fn chunk(room: RoomId, epoch: u64, first: u64, last: u64) -> RoomAppend {
    let body = format!("{room} {first}..{last} of term {epoch}").into_bytes();
    RoomAppend::new(
        room,
        Epoch(epoch),
        (Seq(first), Seq(last)),
        last.cast_signed().wrapping_mul(10),
        !first,
        body,
    )
}

pub fn open(room: RoomId, creator: Option<UserId>, mine: bool) -> OpenRoom {
    let mut first = chunk(room, 1, 1, 2);
    first.new_seats = creator.map(|user| (Seat(0), user)).into_iter().collect();
    OpenRoom { rules: "ledger".into(), creator, mine, created_ms: 5, holder: "here".into(), first }
}

pub fn effect(seq: u64, index: u32, user: UserId, amount: i64, conditional: bool) -> StoreEffect {
    StoreEffect { key: key(seq, index), conditional, user, currency: "coins".into(), amount }
}

pub fn key(seq: u64, index: u32) -> EffectKey {
    EffectKey { seq: Seq(seq), index }
}

/// Appends and waits for the answers; by hand it pumps.
pub fn append_now(store: &Store, rooms: Vec<RoomAppend>) -> Vec<Result<AppendReceipt, AppendError>> {
    let (sender, answers) = std::sync::mpsc::sync_channel::<Vec<Appended>>(1);
    store.append(rooms, Box::new(move |answer| sender.send(answer).unwrap()));
    store.pump();
    let answers = answers.recv_timeout(std::time::Duration::from_secs(60)).expect("every append is answered");
    answers.into_iter().map(|answer| answer.map(store::Committed::into_inner)).collect()
}
