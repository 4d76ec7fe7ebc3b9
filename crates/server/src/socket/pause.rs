//! When the threads of sockets pause before they wait for more.
//!
//! Where hundreds of players move, each move is a few bytes that nobody waits for: waking a thread for each costs more
//! than what it brings. A thread that lately read such commands, and next to nothing else, sleeps a moment before it
//! waits for its sockets again, and then finds what came to many of them. Network cards do the same with their
//! interrupts.
//!
//! What somebody waits for keeps a thread awake: a request, a command with an id, a chat message. One that comes to a
//! thread in its pause waits for the end of that, which `socket.pause_us_max` bounds.
//!
//! **Not here.** How long such commands may lie with their room (the room host's inbox).

use std::cell::Cell;
use std::time::{Duration, Instant};

use app::rooms::RoomCommand;

/// What came is counted for so long; what came in the time before still counts.
const WINDOW: Duration = Duration::from_millis(32);
/// A thread pauses if at least so many reads of a window and the one before brought nothing that anybody waits for.
const PATIENT_READS_MIN: u32 = 32;
/// And if these are at least so many to each thing that somebody waits for.
const PATIENT_READS_EACH: u32 = 8;

/// What came to one thread.
#[derive(Clone, Copy)]
struct Pace {
    since: Option<Instant>,
    now: Came,
    before: Came,
}

#[derive(Clone, Copy, Default)]
struct Came {
    patient: u32,
    hurried: u32,
}

thread_local! {
    static PACE: Cell<Pace> = const { Cell::new(Pace::NEW) };
}

impl Pace {
    const NEW: Self = {
        let none = Came { patient: 0, hurried: 0 };
        Self { since: None, now: none, before: none }
    };

    /// Does a thread pause that is about to wait?
    fn pauses(&mut self, now: Instant) -> bool {
        let since = *self.since.get_or_insert(now);
        let passed = now.saturating_duration_since(since);
        if passed >= WINDOW {
            self.before = if passed < 2 * WINDOW { self.now } else { Came::default() };
            self.now = Came::default();
            self.since = Some(now);
        }
        let patient = self.before.patient.saturating_add(self.now.patient);
        let hurried = self.before.hurried.saturating_add(self.now.hurried);
        patient >= PATIENT_READS_MIN && patient / PATIENT_READS_EACH >= hurried
    }
}

/// Notes commands that one read brought.
pub(super) fn read(commands: &[RoomCommand]) {
    if commands.iter().all(|command| command.id.0 == 0) {
        note(|came| came.patient = came.patient.saturating_add(1));
    } else {
        hurry();
    }
}

/// Notes something that somebody waits for.
pub(crate) fn hurry() {
    note(|came| came.hurried = came.hurried.saturating_add(1));
}

fn note(change: impl FnOnce(&mut Came)) {
    let mut pace = PACE.get();
    change(&mut pace.now);
    PACE.set(pace);
}

/// Sleeps for `longest`, if the thread at hand pauses now. Called before it waits for whatever comes next.
pub(crate) fn before_waiting(longest: Duration) {
    let mut pace = PACE.get();
    if pace.now.patient == 0 && pace.before.patient == 0 {
        // Most threads at most times: not even the clock is asked.
        return;
    }
    let pauses = pace.pauses(Instant::now());
    PACE.set(pace);
    if pauses && !longest.is_zero() {
        std::thread::sleep(longest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads that came each millisecond for a time, and whether the thread pauses after them.
    fn check(patient: u32, hurried: u32, for_ms: u64, then_ms: u64, pauses: bool) {
        let begun = Instant::now();
        let mut pace = Pace::NEW;
        for ms in 0..for_ms {
            pace.pauses(begun + Duration::from_millis(ms));
            pace.now.patient += patient;
            pace.now.hurried += hurried;
        }
        let after = begun + Duration::from_millis(for_ms + then_ms);
        assert_eq!(pace.pauses(after), pauses, "{patient} and {hurried} for {for_ms} ms, {then_ms} ms ago");
    }

    #[test]
    fn a_thread_pauses_while_next_to_nothing_comes_that_anybody_waits_for() {
        check(5, 0, 100, 0, true);
        check(5, 0, 3, 0, false);
        check(1, 0, 100, 0, true);
        check(0, 5, 100, 0, false);
        check(16, 2, 100, 0, true);
        check(15, 2, 100, 0, false);
        check(1, 1, 100, 0, false);
    }

    #[test]
    fn it_no_longer_does_soon_after_such_reads_end() {
        check(5, 0, 100, 20, true);
        check(5, 0, 100, 64, false);
    }
}
