//! Rooms into memory: read, woken, given up and read again, and moved to a content that was just published.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use kernel::{AnyRules, Refusal, RoomId};
use wire::payload::ClosingCode;

use super::outside::{Context, Outside};
use super::{Host, RELOAD_MS, Slot};
use crate::rooms::ask::{Ask, LoadError, Loaded};
use crate::rooms::directory::RoomInfo;
use crate::rooms::live::{Carried, LiveRoom};
use crate::rooms::unavailable;

impl Host {
    /// Throws a room's memory away and has it read again.
    pub(super) fn rebuild(&mut self, outside: &mut dyn Outside, room: RoomId, why: Refusal) {
        let Some(Slot::Awake(live)) = self.rooms.remove(&room) else { return };
        tracing::warn!(%room, %why, "the room's memory is thrown away and read again");
        metrics::counter!("longhouse_room_rebuilds_total").increment(1);
        if let Some(timer) = live.timer {
            self.timers.remove(&(timer, room));
        }
        let carried = Some(Box::new(live.give_up(why)));
        self.rooms.insert(room, Slot::Loading { asks: VecDeque::new(), carried });
        outside.load(room);
    }

    /// A room was read, or could not be.
    pub(super) fn loaded(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        room: RoomId,
        result: Result<Box<Loaded>, LoadError>,
    ) {
        let Some(Slot::Loading { mut asks, mut carried }) = self.rooms.remove(&room) else { return };
        let error = match result {
            Ok(loaded) => {
                let made = self.wake(outside, now, room, *loaded, carried.take());
                match made {
                    Ok(mut first) => {
                        first.append(&mut asks);
                        for ask in first {
                            self.ask_room(outside, now, room, ask);
                        }
                        return;
                    }
                    Err(why) => {
                        outside.close(room, why.clone());
                        LoadError::Closed(why)
                    }
                }
            }
            Err(error) => error,
        };
        // Built again, it was in lists until now.
        self.shared.directory.remove(room);
        if let Some(carried) = &mut carried {
            asks.append(&mut carried.held());
        }
        let (why, code, slot) = match error {
            LoadError::Gone => {
                (Refusal::new(Refusal::NO_ROOM, "there is no such room"), ClosingCode::RoomFault, None)
            }
            LoadError::Closed(why) => {
                let refusal = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why}"));
                (refusal, ClosingCode::RoomFault, Some(Slot::Closed { why }))
            }
            LoadError::Fault(fault) => {
                tracing::error!(%room, %fault, "the room's log cannot be followed; the room is closed");
                metrics::counter!("longhouse_room_faults_total").increment(1);
                let why = fault.to_string();
                outside.close(room, why.clone());
                // What is wrong with the log is for operators, not for players.
                let why_told = "its log is damaged; the operator has been told".to_owned();
                let refusal = Refusal::new(Refusal::CLOSED, format!("the room is closed: {why_told}"));
                (refusal, ClosingCode::RoomFault, Some(Slot::Closed { why: why_told }))
            }
            LoadError::Store(error) => {
                tracing::warn!(%room, %error, "the store could not load the room");
                let why = match error {
                    store::StoreError::Full => unavailable("the server's disk is full; try again later"),
                    _ => unavailable("the room cannot be read now; try again"),
                };
                let slot = Slot::Failed { until_ms: now.0 + RELOAD_MS, why: why.clone() };
                // It may have messages under way; nobody else would think of waking it.
                self.again.push_back((now.0 + RELOAD_MS, Ask::Wake { room }));
                (why, ClosingCode::GoingDown, Some(slot))
            }
        };
        if let Some(slot) = slot {
            self.rooms.insert(room, slot);
        }
        if let Some(carried) = carried {
            asks.extend(carried.dismiss(room, code, &why));
        }
        for ask in asks {
            self.refuse(outside, now.0, ask, &why);
        }
    }

    /// Puts a loaded room in its place. Returns what must be asked of it first; an error says why it cannot live.
    fn wake(
        &mut self,
        outside: &mut dyn Outside,
        now: (i64, u64),
        room: RoomId,
        loaded: Loaded,
        carried: Option<Box<Carried>>,
    ) -> Result<VecDeque<Ask>, String> {
        let context = &mut self.shared.context(outside, now);
        let made = catch_unwind(AssertUnwindSafe(|| {
            let mut live = LiveRoom::new(room, loaded, context);
            if live.machine.pace().advance_ms > 0 {
                live.advance(context);
            }
            let first = carried.map_or_else(VecDeque::new, |carried| live.adopt(context, *carried));
            live.list(context);
            (live, first)
        }));
        let (live, first) = made.map_err(|_| "its rules fail as it wakes".to_owned())?;
        self.rooms.insert(room, Slot::Awake(Box::new(live)));
        self.with_room(outside, now, room, |_, _| Ok(()));
        Ok(first)
    }

    /// The awake rooms of these rules move on, a few at each [`tick`](Self::tick); those that are being read may have
    /// been read too early, and are told again.
    pub(super) fn published(&mut self, rules: &Arc<dyn AnyRules>) {
        let mut awake = Vec::new();
        for (room, slot) in &mut self.rooms {
            match slot {
                Slot::Awake(live) if live.machine.rules().name == rules.id().name => awake.push(*room),
                // One for each content, whatever else waits.
                Slot::Loading { asks, .. } => {
                    asks.push_back(Ask::Migrate { room: *room, rules: rules.clone() });
                }
                Slot::Awake(_) | Slot::Failed { .. } | Slot::Closed { .. } => {}
            }
        }
        awake.sort_unstable();
        // Whatever still waits for an older content moves to this one at once.
        self.moving.retain(|(_, older)| older.id().name != rules.id().name);
        self.moving.extend(awake.into_iter().map(|room| (room, rules.clone())));
    }
}

impl LiveRoom {
    /// Puts the room's line in the directory.
    pub(in crate::rooms) fn list(&self, context: &Context<'_>) {
        context.directory.put(RoomInfo {
            id: self.id,
            rules: self.machine.rules().name.clone(),
            label: self.label().to_owned(),
            size: self.presences.len(),
            log_is_open: self.log_is_open,
            served: self.served.clone(),
        });
    }
}
