//! What a farmer plays without a connection: actions with numbers and times, sent in chunks when there is a server again,
//! and sent once more, as they were, until they are answered.
//!
//! A chunk that was answered twice must be answered alike: kept is kept, refused is refused. A server that knows less than
//! it has told has lost something.

use super::history::{Deed, Fault};
use serde_json::{Value, json};

/// Actions of one chunk.
const CHUNK_MAX: usize = 20;
/// Actions that one farmer plays offline in a run.
const ACTIONS_MAX: usize = 100_000;

/// One action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Action {
    deed: Deed,
    at_ms: i64,
    /// Kept or refused, once it is known.
    kept: Option<bool>,
}

/// Everything that one device has played offline. An action's number is its place and one.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    actions: Vec<Action>,
    /// Numbers up to here have been answered.
    answered: usize,
    /// Chunks that were sent more than once.
    pub repeated: u64,
}

impl Journal {
    /// Notes something done just now.
    pub fn play(&mut self, deed: Deed, at_ms: i64) {
        if self.actions.len() < ACTIONS_MAX {
            self.actions.push(Action { deed, at_ms, kept: None });
        }
    }

    /// Is everything answered?
    pub fn is_settled(&self) -> bool {
        self.answered == self.actions.len()
    }

    /// What was kept.
    pub fn kept(&self) -> impl Iterator<Item = Deed> {
        self.actions.iter().filter(|action| action.kept == Some(true)).map(|action| action.deed)
    }

    /// How many actions were kept and how many refused.
    pub fn counts(&self) -> (usize, usize) {
        let kept = self.kept().count();
        (kept, self.answered - kept)
    }

    /// The next chunk, as `farm_sync` takes it; nothing if all is settled. `llama` is the building that is bought.
    pub fn chunk(&self, device: &str, llama: &str, clock_ms: i64) -> Option<Value> {
        let waiting = self.actions.iter().enumerate().skip(self.answered).take(CHUNK_MAX);
        let actions = waiting.map(|(place, action)| {
            let (n, at_ms) = (place + 1, action.at_ms);
            match action.deed {
                Deed::Buy(count) => {
                    json!({ "n": n, "at_ms": at_ms, "do": "buy", "building": llama, "count": count })
                }
                deed => json!({ "n": n, "at_ms": at_ms, "do": "shear", "count": deed.amount() }),
            }
        });
        let actions: Vec<Value> = actions.collect();
        let chunk =
            || json!({ "device": device, "after": self.answered, "clock_ms": clock_ms, "actions": actions });
        (!actions.is_empty()).then(chunk)
    }

    /// Notes the answer to the newest chunk.
    pub fn hear(&mut self, player: usize, answer: &Value) -> Result<(), Fault> {
        let strange = || Fault::Other(format!("player {player} was answered {answer} on a chunk"));
        let results = answer["results"].as_array().ok_or_else(strange)?;
        for result in results {
            let place = result["n"].as_u64().and_then(|n| usize::try_from(n).ok()?.checked_sub(1));
            let action = place.and_then(|place| self.actions.get_mut(place)).ok_or_else(strange)?;
            let kept = result["code"].is_null();
            if action.kept.is_some_and(|before| before != kept) {
                return Err(Fault::Other(format!(
                    "player {player} was told of the offline action {:?} first that it was kept: {}, and then: {kept}",
                    action.deed, !kept
                )));
            }
            action.kept = Some(kept);
        }
        let answered = self.actions.iter().take_while(|action| action.kept.is_some()).count();
        if answer["upto"].as_u64() != Some(answered as u64) || answered == self.answered {
            return Err(strange());
        }
        self.answered = answered;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal() -> Journal {
        let mut journal = Journal::default();
        for deed in [Deed::Shear(5), Deed::Buy(1), Deed::Shear(2)] {
            journal.play(deed, 1_000);
        }
        journal
    }

    #[test]
    fn what_was_kept_counts_once_and_only_once() {
        let mut journal = journal();
        let chunk = journal.chunk("00", "llama", 2_000).unwrap();
        assert_eq!(chunk["after"], 0);
        assert_eq!(
            chunk["actions"][1],
            json!({ "n": 2, "at_ms": 1_000, "do": "buy", "building": "llama", "count": 1 })
        );
        let answer = json!({ "upto": 3, "results": [{ "n": 1 }, { "n": 2, "code": 102, "reason": "" }, { "n": 3, "again": true }] });
        journal.hear(0, &answer).unwrap();
        assert_eq!((journal.counts(), journal.is_settled()), ((2, 1), true));
        assert_eq!(journal.kept().collect::<Vec<_>>(), [Deed::Shear(5), Deed::Shear(2)]);
        assert_eq!(journal.chunk("00", "llama", 2_000), None);
        journal.play(Deed::Shear(1), 3_000);
        let chunk = journal.chunk("00", "llama", 4_000).unwrap();
        assert_eq!((&chunk["after"], &chunk["actions"][0]["n"]), (&json!(3), &json!(4)));
    }

    #[test]
    fn answers_that_contradict_or_lose_something_are_faults() {
        let good = json!({ "upto": 3, "results": [{ "n": 1 }, { "n": 2 }, { "n": 3 }] });
        let mut told = journal();
        told.hear(0, &good).unwrap();
        let other = json!({ "upto": 3, "results": [{ "n": 2, "again": true, "code": 102 }] });
        assert!(told.hear(0, &other).is_err());
        for bad in [
            json!({ "upto": 2, "results": [{ "n": 1 }, { "n": 2 }, { "n": 3 }] }),
            json!({ "upto": 3, "results": [{ "n": 1 }] }),
            json!({ "upto": 4, "results": [{ "n": 4 }] }),
            json!({ "upto": 0, "results": [] }),
            json!({}),
        ] {
            assert!(journal().hear(0, &bad).is_err(), "{bad}");
        }
    }
}
