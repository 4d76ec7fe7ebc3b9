//! A dry run of a content: every stored room of its rules is read, moved to it in memory, and compared with what it
//! was. Nothing is written, and a server may be running on the same store.

use std::collections::BTreeMap;

use kernel::{AnyRules, At, Input, Outbox, Room, RoomId, RulesId, Start};
use store::{ListRooms, RoomState};

use super::RoomError;
use super::library::Library;
use super::load::{moved_to, replay, unpanicked};
use crate::ports::Reads;

/// Rooms read from the store at a time.
const PAGE_ROOMS: u32 = 256;
/// Rooms that cannot move, named with their reasons; of further ones, only the number is told.
pub const STUCK_SHOWN_MAX: usize = 20;
/// Different measures that one check compares; further ones are not looked at.
pub const MEASURES_MAX: usize = 4_096;

/// What a dry run found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checked {
    /// What was tried.
    pub rules: RulesId,
    /// Rooms that were looked at; those closed for good or by a fault are not.
    pub rooms: u64,
    /// Measures that became less in some room, by name.
    pub worse: BTreeMap<String, Worse>,
    /// Rooms that could not be read, or could not move.
    pub stuck: u64,
    /// The first of them, and why.
    pub stuck_shown: Vec<(RoomId, String)>,
}

/// A measure that became less.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Worse {
    /// In how many rooms.
    pub rooms: u64,
    /// Where it lost the largest part.
    pub worst: Loss,
}

/// What one room would lose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Loss {
    /// Which.
    pub room: RoomId,
    /// The measure before.
    pub before: u128,
    /// And after.
    pub after: u128,
}

impl Loss {
    /// The part that is lost, in millionths.
    fn part(&self) -> u128 {
        // Shortened alike, so that the product fits.
        let shift = 28u32.saturating_sub(self.before.leading_zeros());
        let (before, lost) = (self.before >> shift, (self.before - self.after) >> shift);
        lost * 1_000_000 / before.max(1)
    }
}

/// Tries a content on every room of its rules. `progress` hears how many rooms were looked at so far.
pub fn check<S: Reads>(
    store: &S,
    library: &Library,
    now_ms: i64,
    rules: &str,
    content: &[u8],
    progress: &mut dyn FnMut(u64),
) -> Result<Checked, RoomError> {
    let new = library.newest_with(rules, content)?;
    let mut checked = Checked {
        rules: new.id().clone(),
        rooms: 0,
        worse: BTreeMap::new(),
        stuck: 0,
        stuck_shown: Vec::new(),
    };
    let mut before = None;
    loop {
        let page = store.read_now(ListRooms { before, open_only: true, limit: PAGE_ROOMS })?;
        let Some(last) = page.last() else { return Ok(checked) };
        before = Some(last.row.id);
        for row in page.into_iter().map(|listed| listed.row) {
            if row.rules != rules || row.state != RoomState::Open {
                continue;
            }
            checked.rooms += 1;
            match unpanicked(|| compare(store, library, row.id, new.as_ref(), now_ms)).and_then(|done| done) {
                Ok(measures) => checked.note(row.id, measures),
                Err(why) => {
                    checked.stuck += 1;
                    if checked.stuck_shown.len() < STUCK_SHOWN_MAX {
                        checked.stuck_shown.push((row.id, why));
                    }
                }
            }
        }
        progress(checked.rooms);
    }
}

impl Checked {
    fn note(&mut self, room: RoomId, measures: BTreeMap<String, (u128, u128)>) {
        for (name, (before, after)) in measures {
            if after >= before || (self.worse.len() >= MEASURES_MAX && !self.worse.contains_key(&name)) {
                continue;
            }
            let loss = Loss { room, before, after };
            let worse = self.worse.entry(name).or_insert(Worse { rooms: 0, worst: loss });
            worse.rooms += 1;
            if loss.part() > worse.worst.part() {
                worse.worst = loss;
            }
        }
    }
}

/// A room's measures before and after; one that is not reported is 0.
fn compare<S: Reads>(
    store: &S,
    library: &Library,
    room: RoomId,
    new: &dyn AnyRules,
    now_ms: i64,
) -> Result<BTreeMap<String, (u128, u128)>, String> {
    let replayed = replay(store, library, room, Start::Snapshot, None, &mut |_| {});
    let machine = replayed.map_err(|fault| fault.to_string())?.room;
    let mut machine = machine.ok_or("it has no log")?;
    let at = machine.at(now_ms);
    if machine.pace().advance_ms > 0 {
        // As a room that moves does: what grew until now grew under the old content.
        machine
            .take(at, &Input::Advance, &mut Outbox::for_replay())
            .map_err(|refusal| refusal.to_string())?;
    }
    let moved = moved_to(new, machine.as_ref(), at)?;
    let mut measures = BTreeMap::<String, (u128, u128)>::new();
    measure(machine.as_ref(), at, |name, value| measures.entry(name).or_default().0 = value);
    measure(moved.as_ref(), at, |name, value| measures.entry(name).or_default().1 = value);
    Ok(measures)
}

fn measure(room: &dyn Room, at: At, mut note: impl FnMut(String, u128)) {
    let mut seen = 0;
    room.measures(at, &mut |name, value| {
        if seen < MEASURES_MAX {
            note(name.to_owned(), value);
        }
        seen += 1;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_part_is_the_worst_whatever_the_size() {
        let part = |before, after| Loss { room: RoomId(1), before, after }.part();
        assert_eq!((part(100, 99), part(100, 0), part(1, 0)), (10_000, 1_000_000, 1_000_000));
        assert_eq!((part(u128::MAX, 0), part(u128::MAX, u128::MAX / 2)), (1_000_000, 500_000));
        assert_eq!(part(u128::MAX, u128::MAX - 1), 0);
        let id = RulesId { name: "farm".into(), version: 1, content: kernel::Hash128::default() };
        let (worse, stuck_shown) = (BTreeMap::new(), Vec::new());
        let mut checked = Checked { rules: id, rooms: 2, worse, stuck: 0, stuck_shown };
        let lost = |before, after| BTreeMap::from([("wool".to_owned(), (before, after))]);
        checked.note(RoomId(1), lost(10, 9));
        checked.note(RoomId(2), lost(1 << 120, 1 << 119));
        checked.note(RoomId(3), lost(10, 11));
        checked.note(RoomId(4), lost(10, 8));
        let worst = Loss { room: RoomId(2), before: 1 << 120, after: 1 << 119 };
        assert_eq!(checked.worse, BTreeMap::from([("wool".to_owned(), Worse { rooms: 3, worst })]));
    }
}
