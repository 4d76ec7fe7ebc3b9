//! Results on their way to the rooms that gave the jobs: to each room one at a time, in the order in which they ended.

use std::collections::BTreeMap;

use kernel::RoomId;

/// Jobs of one room that have not ended or of whose end it has not heard; a further one is refused.
pub const ROOM_JOBS_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Post {
    queues: BTreeMap<RoomId, BTreeMap<u64, Letter>>,
    rooms: BTreeMap<u64, RoomId>,
    counts: BTreeMap<RoomId, usize>,
}

/// A room has answered.
#[derive(PartialEq, Eq, Debug)]
pub(super) struct Heard {
    pub room: RoomId,
    /// The job whose result it was.
    pub job: u128,
    /// What is to be sent there next.
    pub next: Option<(u64, Letter)>,
}

/// What a room is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Letter {
    pub job: u128,
    pub body: Vec<u8>,
}

impl Post {
    /// A room gives a job; `false`: it has too many.
    pub fn count(&mut self, room: RoomId) -> bool {
        let count = self.counts.entry(room).or_default();
        *count += 1;
        *count <= ROOM_JOBS_MAX
    }

    /// A job of a room is done with.
    pub fn uncount(&mut self, room: RoomId) {
        if let Some(count) = self.counts.get_mut(&room) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&room);
            }
        }
    }

    /// A result for a room, ends coming in their order. What is to be sent now, if nothing else is under way there.
    pub fn add(&mut self, room: RoomId, seq: u64, letter: Letter) -> Option<Letter> {
        self.rooms.insert(seq, room);
        let queue = self.queues.entry(room).or_default();
        queue.insert(seq, letter);
        (queue.len() == 1).then(|| queue.values().next().cloned()).flatten()
    }

    /// A room has answered; `None`: it did so before.
    pub fn heard(&mut self, seq: u64) -> Option<Heard> {
        let room = self.rooms.remove(&seq)?;
        let queue = self.queues.get_mut(&room)?;
        let letter = queue.remove(&seq)?;
        let next = queue.iter().next().map(|(seq, letter)| (*seq, letter.clone()));
        if queue.is_empty() {
            self.queues.remove(&room);
        }
        Some(Heard { room, job: letter.job, next })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_room_has_one_result_under_way() {
        let mut post = Post::default();
        let letter = |job| Letter { job, body: vec![job as u8] };
        let (a, b) = (RoomId(1), RoomId(2));
        assert_eq!(post.add(a, 5, letter(50)), Some(letter(50)));
        assert_eq!(post.add(a, 6, letter(60)), None, "the first is under way");
        assert_eq!(post.add(b, 7, letter(70)), Some(letter(70)));
        assert_eq!(post.heard(5), Some(Heard { room: a, job: 50, next: Some((6, letter(60))) }));
        assert_eq!(post.heard(5), None, "said twice");
        assert_eq!(post.heard(6), Some(Heard { room: a, job: 60, next: None }));
        assert_eq!(post.add(a, 8, letter(80)), Some(letter(80)));
        for _ in 0..ROOM_JOBS_MAX {
            assert!(post.count(a));
        }
        assert!(!post.count(a));
        post.uncount(a);
        post.uncount(a);
        assert!(post.count(a));
    }
}
