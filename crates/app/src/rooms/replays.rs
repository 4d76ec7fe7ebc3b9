//! A room's past shown again to whoever may see it: what a viewer saw at a step, and what was told in the steps after it.
//!
//! It is asked for in parts. A part goes on where another ended without beginning anew, if that was a moment ago; else
//! it begins at the snapshot before it. The room itself is neither woken nor touched.

use std::collections::VecDeque;
use std::sync::Arc;

use kernel::{At, Lasting, Playback, RoomId, Seat, Seq, Shown};
use parking_lot::Mutex;
use store::{RoomGet, SeatsOf, SnapshotAt};
use tokio::sync::oneshot;

use super::load::{self, StoredLog};
use super::recent::is_for;
use super::worker::Surroundings;
use super::{RoomError, Rooms, Viewer};

/// Steps of one part; of more than asked for it has only these.
pub const REPLAY_STEPS_MAX: u64 = 12_000;
/// Bytes of updates after which a part ends; a step is never split.
pub const REPLAY_BYTES_MAX: usize = 4 << 20;
/// Microseconds of work after which a part ends, not counting the way to its first step.
const REPLAY_US_MAX: u64 = 250_000;
/// Parts that are made at the same time; further ones wait.
pub(crate) const REPLAYS_MAX: usize = 2;
/// Pasts that are kept for the next part.
const KEPT_MAX: usize = 8;
/// How long they are kept.
const KEPT_MS: i64 = 60_000;
/// Steps that are rather gone through than begun anew at a later snapshot.
const NEAR_STEPS: u64 = 200;

/// A wish to see a part of a room's past.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReplayFrom {
    /// Which room.
    pub room: RoomId,
    /// The step at whose end it begins. Steps are counted from the room's opening; where rules have none, they are
    /// milliseconds.
    pub step: u64,
    /// So many steps, or [`REPLAY_STEPS_MAX`].
    pub steps_max: u64,
    /// About so many bytes of updates, or [`REPLAY_BYTES_MAX`].
    pub bytes_max: usize,
    /// Whose view, and whose updates.
    pub viewer: Viewer,
    /// What the viewer saw at the end of `step` is wanted as well: not if the part before this one was shown.
    pub view: bool,
}

/// A part of a room's past.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplayPart {
    /// Where it begins: the end of the step asked for, or of the log if that ends before.
    pub at: At,
    /// What the viewer saw then, in the game's encoding, if it was asked for.
    pub view: Option<Vec<u8>>,
    /// What the viewer was told in the steps after it, in order, each with its step. Transient updates are not in it.
    pub updates: Vec<(u64, Vec<u8>)>,
    /// The last step of this part. The next part begins here.
    pub to: u64,
    /// The room made a jump in the step after `to`: a rewind, another content. The next part begins at `to` + 1, with
    /// a view.
    pub jumped: bool,
    /// The log goes no further, for now.
    pub end: bool,
}

/// Pasts that somebody may go on with, the oldest first.
#[derive(Default)]
pub(crate) struct Replays(Mutex<VecDeque<Kept>>);

struct Kept {
    room: RoomId,
    used_ms: i64,
    playback: Playback,
}

impl Replays {
    /// The past of a room that stands nearest before the end of a step.
    fn take(&self, room: RoomId, step: u64) -> Option<Playback> {
        let mut all = self.0.lock();
        let fits =
            all.iter().enumerate().filter(|(_, kept)| kept.room == room && kept.playback.step() <= step);
        let (index, _) = fits.max_by_key(|(_, kept)| kept.playback.step())?;
        all.remove(index).map(|kept| kept.playback)
    }

    /// What never changes in a room of which a past is kept, wherever that stands.
    fn lasting(&self, room: RoomId) -> Option<Lasting> {
        let all = self.0.lock();
        all.iter().find(|kept| kept.room == room).and_then(|kept| kept.playback.room().lasting())
    }

    fn put(&self, room: RoomId, used_ms: i64, playback: Playback) {
        let gone = {
            let mut all = self.0.lock();
            all.push_back(Kept { room, used_ms, playback });
            (all.len() > KEPT_MAX).then(|| all.pop_front())
        };
        // Whole states: not under the lock.
        drop(gone);
    }

    /// Lets those go that nobody went on with.
    pub fn forget_old(&self, now_ms: i64) {
        let old = {
            let mut all = self.0.lock();
            let fresh = |kept: &Kept| now_ms.saturating_sub(kept.used_ms) < KEPT_MS;
            let (keep, old): (VecDeque<_>, VecDeque<_>) = all.drain(..).partition(fresh);
            *all = keep;
            old
        };
        drop(old);
    }

    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

impl Rooms {
    /// Shows a part of a room's past. Whether the asker may see it is for the caller to know.
    pub async fn replay_from(&self, wish: ReplayFrom) -> Result<ReplayPart, RoomError> {
        let gone = |_| RoomError::Unavailable("the server is going down".into());
        let _place = self.around.replaying.acquire().await.map_err(gone)?;
        let (reply, answer) = oneshot::channel();
        let around = Arc::clone(&self.around);
        self.around.spawn.blocking(Box::new(move || {
            around.replays.forget_old(around.clock.now_ms());
            let shown = load::unpanicked(|| show(&around, &wish));
            // Somebody must wake up to let go of what is kept.
            around.inbox(wish.room).nudge();
            // Nobody may wait for it any more.
            let _ = reply.send(shown.unwrap_or_else(|why| Err(RoomError::Unreadable(why))));
        }));
        answer.await.unwrap_or_else(|_| Err(RoomError::Unavailable("the past was not read".into())))
    }
}

fn unreadable(fault: impl ToString) -> RoomError {
    RoomError::Unreadable(fault.to_string())
}

/// Makes a part. Keeps its thread busy.
fn show(around: &Surroundings, wish: &ReplayFrom) -> Result<ReplayPart, RoomError> {
    let row = around.store.read_now(RoomGet { room: wish.room })?.ok_or(RoomError::NoSuchRoom)?;
    let seat = match wish.viewer {
        Viewer::Nobody => Seat::NOBODY,
        Viewer::Seat(seat) => seat,
        Viewer::User(user) => {
            let seats = around.store.read_now(SeatsOf { room: wish.room })?;
            seats.iter().find(|(_, other)| *other == user).map_or(Seat::NOBODY, |(seat, _)| *seat)
        }
    };
    let progress = &mut |_| {};
    let lasting = around.replays.lasting(wish.room);
    let source =
        &mut StoredLog { store: &around.store, library: &around.library, room: wish.room, progress, lasting };
    let step_ms = around.library.newest(&row.rules).map_or(1, |rules| rules.pace().step_ms.max(1));
    let mut playback = begin(around, source, wish, row.created_ms, step_ms.into())?;
    let reached = playback.seek(source, wish.step).map_err(unreadable)?;
    let at = playback.at(playback.step());
    let mut view = None;
    if wish.view {
        playback.room().view(at, seat, view.insert(Vec::new()));
    }
    let mut part = ReplayPart { at, view, updates: Vec::new(), to: at.step, jumped: false, end: !reached };
    if !part.end {
        go_on(around, source, &mut playback, wish, seat, &mut part)?;
    }
    // A part that ends before a jump has gone beyond it; who goes on asks for a view there.
    around.replays.put(wish.room, around.clock.now_ms(), playback);
    Ok(part)
}

fn go_on(
    around: &Surroundings,
    source: &mut StoredLog<'_, store::Store>,
    playback: &mut Playback,
    wish: &ReplayFrom,
    seat: Seat,
    part: &mut ReplayPart,
) -> Result<(), RoomError> {
    let until_us = around.clock.monotonic_us().saturating_add(REPLAY_US_MAX);
    let steps_max = wish.steps_max.min(REPLAY_STEPS_MAX);
    let bytes_max = wish.bytes_max.min(REPLAY_BYTES_MAX);
    let last = part.to.saturating_add(steps_max);
    let mut bytes = 0;
    while part.to < last && bytes < bytes_max && around.clock.monotonic_us() <= until_us {
        let mut step = part.to + 1;
        if !playback.room().pace().runs {
            // Nothing happens there until the next input.
            let next = playback.next_at(source).map_err(unreadable)?;
            step = next.map_or(step, |next| next.step.clamp(step, last));
        }
        let before = part.updates.len();
        let shown = playback.show(source, step, &mut |update| {
            if !update.transient && is_for(&update.to, seat) {
                bytes += update.body.len();
                part.updates.push((step, update.body));
            }
        });
        match shown.map_err(unreadable)? {
            Shown::Told => part.to = step,
            Shown::Jumped => {
                part.updates.truncate(before);
                (part.to, part.jumped) = (step - 1, true);
                return Ok(());
            }
            Shown::Ended => {
                part.end = true;
                return Ok(());
            }
        }
    }
    Ok(())
}

/// A past that stands before the end of the step, and near it.
fn begin(
    around: &Surroundings,
    source: &mut StoredLog<'_, store::Store>,
    wish: &ReplayFrom,
    opened_ms: i64,
    step_ms: i64,
) -> Result<Playback, RoomError> {
    let kept = around.replays.take(wish.room, wish.step);
    if let Some(playback) = kept.as_ref()
        && wish.step - playback.step() <= NEAR_STEPS
    {
        return kept.ok_or(RoomError::NoSuchRoom);
    }
    let since = i64::try_from(wish.step).map_or(i64::MAX, |step| step.saturating_mul(step_ms));
    let mut at_ms = opened_ms.saturating_add(since);
    loop {
        let found = around.store.read_now(SnapshotAt { room: wish.room, at_ms })?;
        if let Some(playback) = kept.as_ref()
            && found.is_none_or(|found| found <= playback.room().memory().seq)
        {
            return kept.ok_or(RoomError::NoSuchRoom);
        }
        let playback = Playback::begin(wish.room, source, found.unwrap_or(Seq(1))).map_err(unreadable)?;
        let playback = playback.ok_or(RoomError::NoSuchRoom)?;
        // The guess goes by today's steps; they may have been longer once.
        if found.is_none() || playback.step() <= wish.step {
            return Ok(playback);
        }
        at_ms = playback.room().memory().at.ms.saturating_sub(1);
    }
}
