//! What waits for a client: bounded, and never in the way of those who fill it.

use std::task::{Context, Poll, Waker};

use kernel::RoomId;
use smallvec::SmallVec;
use wire::payload::Kind;

use super::delivery::Delivery;
use super::{Close, close};

/// Bytes of updates that wait for a slow client before its rooms are skipped forward.
pub const UPDATES_BYTES_MAX: usize = 256 << 10;
/// Bytes of everything that waits for a slow client before it is closed.
pub const OUTBOX_BYTES_MAX: usize = 1 << 20;

/// What a drained outbox asks for beside.
#[derive(Default, Debug)]
pub struct Drained {
    /// These rooms want a fresh view ([`Rooms::refresh`](crate::rooms::Rooms::refresh)).
    pub skipped: Vec<RoomId>,
    /// The session ends after what was drained.
    pub close: Option<Close>,
}

#[derive(Default)]
pub(super) struct Outbox {
    /// A player who moves gets one thing at a time, and for that nothing is allocated.
    queue: SmallVec<[Delivery; 1]>,
    bytes: usize,
    update_bytes: usize,
    /// Rooms whose updates were dropped, and that are still to be asked for a fresh view.
    skipped: Vec<RoomId>,
    /// Rooms whose updates were dropped, until their view is here: what they say before it does not follow from what the
    /// client knows.
    blind: Vec<RoomId>,
    close: Option<Close>,
    /// The socket's task, while it waits for something to send.
    waker: Option<Waker>,
}

impl Outbox {
    /// Puts something in; `false` if there is nothing new to send. An update that does not fit is dropped with those
    /// before it, and its room noted for a fresh view; anything else that does not fit is the last.
    pub fn add(&mut self, delivery: Delivery) -> bool {
        if self.close.is_some() {
            return false;
        }
        let bytes = delivery.bytes();
        match &delivery {
            Delivery::Payload { room, kind: Kind::Updates, .. } => {
                if self.blind.contains(room) {
                    return false;
                }
                if self.update_bytes + bytes > UPDATES_BYTES_MAX {
                    self.skip(*room);
                    return true;
                }
                self.update_bytes += bytes;
            }
            Delivery::Payload { room, kind: Kind::View, .. } => self.begin_anew(*room),
            _ => {}
        }
        self.bytes += bytes;
        self.queue.push(delivery);
        if self.bytes > OUTBOX_BYTES_MAX {
            self.close(Close { code: close::TRY_AGAIN, reason: "too slow: come back and resume".into() });
        }
        true
    }

    fn skip(&mut self, room: RoomId) {
        let old = |delivery: &Delivery| matches!(delivery, Delivery::Payload { room: other, kind: Kind::Updates, .. } if *other == room);
        let dropped: usize = self.queue.iter().filter(|delivery| old(delivery)).map(Delivery::bytes).sum();
        self.queue.retain(|delivery| !old(delivery));
        self.bytes -= dropped;
        self.update_bytes -= dropped;
        self.blind.push(room);
        // A view that came unasked may have been followed by too much again.
        if !self.skipped.contains(&room) {
            self.skipped.push(room);
        }
    }

    /// What a room says next follows from something again: it has shown itself anew, or the session has left it.
    pub fn begin_anew(&mut self, room: RoomId) {
        self.blind.retain(|other| *other != room);
    }

    /// What is in it is the last; the first reason stays.
    pub fn close(&mut self, close: Close) {
        self.close.get_or_insert(close);
    }

    pub fn is_closing(&self) -> bool {
        self.close.is_some()
    }

    /// Is there something to do for the socket? If not, its task is kept to be woken; of several, the one that came last.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.queue.is_empty() || !self.skipped.is_empty() || self.close.is_some() {
            return Poll::Ready(());
        }
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            none => *none = Some(context.waker().clone()),
        }
        Poll::Pending
    }

    /// Whom to wake now that there is something to do. Nobody is woken twice for it.
    pub fn waker(&mut self) -> Option<Waker> {
        self.waker.take()
    }

    /// Takes everything, in order, into `into`. An idle session holds nothing.
    pub fn drain(&mut self, into: &mut Vec<Delivery>) -> Drained {
        into.extend(std::mem::take(&mut self.queue));
        (self.bytes, self.update_bytes) = (0, 0);
        Drained { skipped: std::mem::take(&mut self.skipped), close: self.close.clone() }
    }
}
