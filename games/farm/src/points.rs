//! Restore points: before which inputs the farm is worth keeping as it stands.

use kernel::Event;

use crate::calendar::day;
use crate::command::{Command, Order};
use crate::rules::OWNER;
use crate::state::State;

/// Why what stands before this event should be kept, if it should.
pub(crate) fn why(state: &State, at_ms: i64, event: &Event<'_, Order>) -> Option<&'static str> {
    let changes = match event {
        Event::Command { command: Order { command, .. }, .. } => match command {
            Command::Prestige => return Some("prestige"),
            Command::Import(_) => return Some("import"),
            Command::Sync(sync) => {
                let known = state.devices.last_n(sync.device);
                let mut new = sync.actions.iter().filter(|late| late.n > known).peekable();
                let any = new.peek().is_some();
                if new.any(|late| late.command == Command::Prestige) {
                    return Some("prestige");
                }
                any
            }
            Command::Report => false,
            _ => true,
        },
        Event::Join { .. } | Event::EffectResult { .. } => true,
        Event::Advance => state.present,
        Event::Leave { seat } => *seat == OWNER && state.present,
        Event::Message { .. } => false,
    };
    (changes && day(at_ms) != state.marked_day).then_some("daily")
}
