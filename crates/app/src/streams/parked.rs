//! Places kept for sessions that were lost without a goodbye.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use store::FamilyId;

use super::{Change, Member, Streams, events};
use crate::session::Session;

/// Lost sessions whose places are kept; one more and its places are given up at once.
pub const PARKED_SESSIONS_MAX: usize = 50_000;

/// Lost sessions by the login that they belong to, with the moment until which they are kept.
#[derive(Default)]
pub(super) struct Parked(Mutex<HashMap<FamilyId, Vec<Lost>>>);

type Lost = (Arc<Session>, i64);

impl Streams {
    /// A session was lost: it leaves what nobody gets back, and keeps the rest until `until_ms`.
    pub fn park(&self, session: &Arc<Session>, until_ms: i64) {
        let streams = session.streams();
        for stream in &streams {
            if !stream.mode.is_kept() {
                self.leave(stream, session.id);
            }
        }
        if !streams.iter().any(|stream| stream.mode.is_kept()) {
            return self.gone(session);
        }
        {
            let mut parked = self.parked.0.lock();
            if parked.len() < PARKED_SESSIONS_MAX {
                parked.entry(session.family).or_default().push((Arc::clone(session), until_ms));
                return;
            }
        }
        self.gone(session);
    }

    /// A login came back: the new session takes the places of those that it lost. The streams that it is in again.
    pub fn resume(&self, session: &Arc<Session>) -> Vec<super::Stream> {
        let Some(lost) = self.parked.0.lock().remove(&session.family) else { return Vec::new() };
        let mut back = Vec::new();
        for (lost, _) in lost {
            for stream in lost.end_listening() {
                if self.take_over(&stream, &lost, session) {
                    back.push(stream);
                } else {
                    self.leave(&stream, lost.id);
                }
            }
        }
        back
    }

    /// Gives up the places that were kept long enough.
    pub fn sweep(&self, now_ms: i64) {
        let mut over = Vec::new();
        self.parked.0.lock().retain(|_, lost| {
            over.extend(lost.extract_if(.., |(_, until_ms)| *until_ms <= now_ms));
            !lost.is_empty()
        });
        for (session, _) in over {
            self.gone(&session);
        }
    }

    fn take_over(&self, stream: &super::Stream, lost: &Session, session: &Arc<Session>) -> bool {
        let Some(place) = self.find(stream) else { return false };
        let (from, to) = {
            let mut members = place.lock();
            let here = members.list.iter().any(|member| member.is(session.id));
            let Some(at) = members.list.iter().position(|member| member.is(lost.id)) else { return false };
            if here || session.listen(stream).is_err() {
                return false;
            }
            let from = members.list[at].clone();
            members.list[at].session = Arc::clone(session);
            let to = members.list[at].clone();
            if !to.meta.hidden
                && let Some(event) = events::changed(stream, vec![to.presence()], vec![from.presence()])
            {
                super::deliver(&members.list, Some(&|member: &Member| !member.is(session.id)), event);
            }
            (from, to)
        };
        self.tell(stream, &Change::Moved { from, to });
        true
    }
}
