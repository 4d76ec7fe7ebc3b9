//! What was told of a room and may be said: updates not yet sent, and the newest of those that were, for clients that
//! come back.

use std::collections::VecDeque;

use kernel::{At, Audience, Seat, Seq};

/// Bytes of sent updates kept for clients that come back; older ones are replaced by a view.
pub const RECENT_BYTES_MAX: usize = 64 << 10;
/// Sent updates kept for clients that come back.
pub const RECENT_UPDATES_MAX: usize = 1_024;

/// How far somebody has seen a room: the newest input, and the newest step that passed since; 0 in a room that does not
/// run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Moment {
    pub seq: Seq,
    pub step: u64,
}

/// A committed update.
pub(crate) struct Kept {
    pub moment: Moment,
    pub to: Audience,
    pub body: Vec<u8>,
}

/// The updates, oldest first.
pub(crate) struct Recent {
    list: VecDeque<Kept>,
    bytes: usize,
    /// How many of the list, from its end, were not sent.
    unsent: usize,
    transient: Vec<(Audience, Vec<u8>)>,
    /// Everything after this is in the list.
    whole_after: Moment,
    /// The time of the newest.
    at: At,
    runs: bool,
}

impl Recent {
    /// Nothing yet; everything after a moment will be there.
    pub fn after(whole_after: Moment, at: At, runs: bool) -> Self {
        let (list, transient) = (VecDeque::new(), Vec::new());
        Self { list, bytes: 0, unsent: 0, transient, whole_after, at, runs }
    }

    /// One more, of input `seq` or of a step that passed after it.
    pub fn push(&mut self, seq: Seq, at: At, to: Audience, body: Vec<u8>) {
        self.bytes += body.len();
        self.at = self.at.max(at);
        let step = if self.runs { at.step } else { 0 };
        self.list.push_back(Kept { moment: Moment { seq, step }, to, body });
        self.unsent += 1;
    }

    /// One that may be lost, and is beyond [`RECENT_UPDATES_MAX`].
    pub fn transient(&mut self, at: At, to: Audience, body: Vec<u8>) {
        if self.transient.len() < RECENT_UPDATES_MAX {
            self.at = self.at.max(at);
            self.transient.push((to, body));
        }
    }

    pub fn has_unsent(&self) -> bool {
        self.unsent > 0 || !self.transient.is_empty()
    }

    /// Those that were not sent, without the transient ones.
    pub fn unsent(&self) -> impl Iterator<Item = &Kept> {
        self.list.iter().skip(self.list.len() - self.unsent)
    }

    /// Everything that is to be sent is for everybody.
    pub fn all_for_all(&self) -> bool {
        self.unsent().all(|one| one.to == Audience::All)
            && self.transient.iter().all(|(to, _)| *to == Audience::All)
    }

    /// What is to be sent to a seat that has seen so much.
    pub fn to_send(&self, seat: Seat, seen: Moment) -> impl Iterator<Item = &[u8]> {
        let listed = self.unsent().filter(move |one| one.moment > seen).map(|one| (&one.to, &one.body));
        let transient = self.transient.iter().map(|(to, body)| (to, body));
        listed.chain(transient).filter(move |(to, _)| is_for(to, seat)).map(|(_, body)| &body[..])
    }

    /// What is to be sent and is for everybody.
    pub fn for_all(&self) -> impl Iterator<Item = &[u8]> {
        let listed = self.unsent().map(|one| (&one.to, &one.body));
        let transient = self.transient.iter().map(|(to, body)| (to, body));
        listed.chain(transient).filter(|(to, _)| **to == Audience::All).map(|(_, body)| &body[..])
    }

    /// Everything was sent.
    pub fn forget_old(&mut self) {
        self.unsent = 0;
        self.transient.clear();
        while self.list.len() > RECENT_UPDATES_MAX || self.bytes > RECENT_BYTES_MAX {
            let Some(Kept { moment, body, .. }) = self.list.pop_front() else { break };
            self.bytes -= body.len();
            self.whole_after = moment;
        }
    }

    /// What a seat missed after a moment; `None` if too much is gone.
    pub fn missed(&self, seat: Seat, seen: Moment) -> Option<impl Iterator<Item = &[u8]>> {
        (seen >= self.whole_after).then(|| {
            let after = self.list.iter().filter(move |one| one.moment > seen);
            after.filter(move |one| is_for(&one.to, seat)).map(|one| &one.body[..])
        })
    }

    /// The newest that may be said; whatever comes after this is later.
    pub fn newest(&self) -> Moment {
        self.list.back().map_or(self.whole_after, |one| one.moment)
    }

    /// Its time.
    pub fn at(&self) -> At {
        self.at
    }
}

/// Is a seat among those who are told?
pub(crate) fn is_for(to: &Audience, seat: Seat) -> bool {
    match to {
        Audience::All => true,
        Audience::One(one) => *one == seat,
        Audience::Some(some) => some.contains(&seat),
    }
}
