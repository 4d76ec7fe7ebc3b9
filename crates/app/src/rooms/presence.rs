//! Who sits in a room and who listens: seats and their grace time, presences, views and updates.
//!
//! A *seat* belongs to a user and outlives sockets; a *presence* is one socket session in a seat. A presence is
//! shown a view first and updates from there on, each update once and in order.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{Input, Refusal, Seat, Seq};
use wire::envelope::{Envelope, Error, ErrorCode, Match, MatchPresenceEvent, Message, UserPresence};
use wire::payload::{Closing, ClosingCode, Flags, Kind, Updates, View};

use super::ask::Resume;
use super::host::Context;
use super::live::{LiveRoom, What};
use super::recent::Moment;
use super::watching;
use crate::session::{Delivery, Session, SessionId, close};

/// Presences of a room up to which everybody is told of everybody. A room with more tells each newcomer of itself
/// alone, because telling all of all grows with the square.
pub(crate) const PRESENCES_TOLD_MAX: usize = 256;
/// Presences of a room.
pub(crate) const PRESENCES_MAX: usize = 65_536;

/// One socket session in a room.
pub(crate) struct Presence {
    pub session: Arc<Session>,
    pub seat: Seat,
    /// It has been shown a view, and updates after `seen` are for it.
    pub live: bool,
    pub seen: Moment,
    /// The others were told of it.
    pub told: bool,
}

impl Presence {
    pub(super) fn user_presence(&self) -> UserPresence {
        user_presence(&self.session)
    }

    /// Tells a session that the room is over for it.
    pub fn dismiss(self, room: kernel::RoomId, code: ClosingCode, why: &str) {
        let mut data = Vec::new();
        Closing { code: code as u16, token: "", reason: why }.write(&mut data);
        self.session.push(Delivery::Payload { room, kind: Kind::Closing, data: data.into() });
        self.session.exit(room);
    }
}

/// A session as the protocol shows it.
pub(crate) fn user_presence(session: &Session) -> UserPresence {
    UserPresence {
        user_id: session.user.to_string(),
        session_id: uuid::Uuid::from_u128(session.id.0).to_string(),
        username: session.username.clone(),
        ..UserPresence::default()
    }
}

impl LiveRoom {
    /// A session wants in: it takes its user's seat, or a new one if the rules agree.
    pub fn join(
        &mut self,
        context: &mut Context<'_>,
        session: Arc<Session>,
        cid: String,
        resume: Option<Resume>,
    ) {
        // Its socket went while it waited, and nobody would say so again.
        if session.has_left() {
            return;
        }
        // Who watched, now wants to play.
        self.unwatch(context, session.id);
        let refuse = |session: &Session, code, why: String| {
            let error = Error::new(code, why);
            session.push(Delivery::Message(Box::new(Envelope::new(cid.clone(), Message::Error(error)))));
        };
        if self.presences.len() >= PRESENCES_MAX {
            return refuse(&session, ErrorCode::MatchJoinRejected, "the room is full".into());
        }
        let known = self.seats.get(&session.user).copied();
        let seat = known.unwrap_or_else(|| self.next_seat());
        if !self.machine.memory().joined(seat) {
            if let Err(refusal) = self.take(context, &Input::Join { seat }) {
                return refuse(&session, ErrorCode::MatchJoinRejected, refusal.reason.into_owned());
            }
            if known.is_none() {
                self.new_seat(seat, session.user);
            }
        }
        if !session.enter(self.id) {
            self.begin_grace(context, seat);
            return refuse(&session, ErrorCode::MatchJoinRejected, "you are in too many rooms".into());
        }
        self.grace.remove(&seat);
        let id = session.id;
        let view = self.view_of(context, seat);
        let told = self.presences.get(&id).is_some_and(|presence| presence.told);
        self.presences.insert(id, Presence { session, seat, live: false, seen: self.moment(), told });
        self.list(context);
        self.later(context, What::Joined { session: id, cid, resume, view });
    }

    /// The join is durable: the session is told all that it needs.
    pub(super) fn let_in(
        &mut self,
        context: &mut Context<'_>,
        upto: Seq,
        id: SessionId,
        cid: String,
        resume: Option<Resume>,
        view: Vec<u8>,
    ) {
        let Some(presence) = self.presences.get(&id) else { return };
        let (session, seat) = (presence.session.clone(), presence.seat);
        let told = if self.presences.len() <= PRESENCES_TOLD_MAX {
            self.presences.values().map(Presence::user_presence).collect()
        } else {
            vec![presence.user_presence()]
        };
        let joined = Match {
            match_id: context.match_id(self.id),
            authoritative: true,
            label: Some(self.label().to_owned()),
            size: self.presences.len() as i32,
            presences: told,
            own: Some(user_presence(&session)),
        };
        session.push(Delivery::Message(Box::new(Envelope::new(cid, Message::Match(joined)))));
        if !presence.told {
            self.joins.push(id);
        }
        let missed = resume
            .filter(|resume| {
                resume.seen <= self.committed && context.resume.holds(&resume.token, self.id, seat)
            })
            .and_then(|resume| {
                let seen = Moment { seq: resume.seen, step: resume.step };
                Some((resume.step, self.recent.missed(seat, seen)?))
            });
        // What waits behind this in the queue is not among them, even if it is durable as well. A view may have shown steps
        // in which nothing was told: the header does not go back behind them.
        let shown = self.machine.passed().step;
        let data = missed.map(|(step, missed)| self.updates_from(step.min(shown), upto, missed));
        let newest = self.recent.newest();
        let Some(presence) = self.presences.get_mut(&id) else { return };
        match data {
            Some(data) => {
                presence.live = true;
                presence.seen = newest;
                session.push(Delivery::Payload { room: self.id, kind: Kind::Updates, data });
            }
            None => self.show(id, view),
        }
    }

    /// A session leaves, by word or because its socket is gone; the seat stays for the grace time.
    pub fn leave(&mut self, context: &mut Context<'_>, session: &Session) -> bool {
        session.exit(self.id);
        if self.unwatch(context, session.id) {
            return true;
        }
        let Some(presence) = self.presences.remove(&session.id) else { return false };
        self.joins.retain(|id| *id != session.id);
        if presence.told {
            self.leaves.push(presence.user_presence());
        }
        self.begin_grace(context, presence.seat);
        self.list(context);
        true
    }

    fn begin_grace(&mut self, context: &Context<'_>, seat: Seat) {
        if !self.presences.values().any(|presence| presence.seat == seat) {
            self.grace.insert(seat, context.now_ms + context.config.grace_ms);
            self.quiet_since_ms = context.now_ms;
        }
    }

    /// After a restart: seats whose people did not come back in time are left at the time at which they would have
    /// been, as far as the log is behind that; the others get the rest of their grace.
    ///
    /// A room that runs stands still in between, so there they are left where its log ends: nobody has seen what would
    /// have come then.
    pub(super) fn leave_the_absent(&mut self, context: &mut Context<'_>) {
        let joined: Vec<Seat> = self.joined_seats();
        let ended = self.machine.memory().at.ms;
        let until = ended + context.config.grace_ms;
        let left = if self.machine.pace().runs { ended } else { until };
        for seat in joined {
            if until > context.now_ms {
                self.grace.insert(seat, until);
            } else if let Err(refusal) = self.take_at(context, left, &Input::Leave { seat }) {
                tracing::error!(room = %self.id, %refusal, "the rules refuse a leave, which is a fact");
            }
        }
    }

    fn joined_seats(&self) -> Vec<Seat> {
        let seats = self.machine.memory().seats.iter();
        seats.filter(|(_, place)| place.joined).map(|(seat, _)| *seat).collect()
    }

    /// After a rewind or a rebuild: everybody present is seated again, and the seats of the others are in grace.
    pub(super) fn rejoin_the_present(&mut self, context: &mut Context<'_>) {
        let present: Vec<Seat> = self.presences.values().map(|presence| presence.seat).collect();
        for seat in present {
            if !self.machine.memory().joined(seat)
                && let Err(refusal) = self.take(context, &Input::Join { seat })
            {
                tracing::warn!(room = %self.id, seat = seat.0, %refusal, "a seat is not taken back");
                self.presences.retain(|_, presence| presence.seat != seat);
            }
        }
        for seat in self.joined_seats() {
            self.begin_grace(context, seat);
        }
    }

    /// A session was skipped forward: it is shown everything anew.
    pub fn refresh(&mut self, context: &mut Context<'_>, session: SessionId) {
        if self.watch_again(context, session) {
            return;
        }
        let Some(presence) = self.presences.get_mut(&session) else { return };
        presence.live = false;
        let seat = presence.seat;
        let view = self.view_of(context, seat);
        self.later(context, What::View { session, view });
    }

    /// Everybody is seated again and shown everything anew.
    pub(super) fn show_everybody(&mut self, context: &mut Context<'_>) {
        self.rejoin_the_present(context);
        self.show_anew(context);
    }

    /// Everybody is shown everything anew.
    pub(super) fn show_anew(&mut self, context: &mut Context<'_>) {
        let all: Vec<SessionId> = self.presences.keys().copied().collect();
        for session in all {
            self.refresh(context, session);
        }
        self.ask_keyframe(context, true);
    }

    /// A view, header included, of what was taken so far. It may be sent once that is durable.
    pub(super) fn view_of(&self, context: &Context<'_>, seat: Seat) -> Vec<u8> {
        let at = self.seen_at(context);
        let mut body = Vec::new();
        self.machine.view(at, seat, &mut body);
        // Nobody comes back to nobody's seat.
        let token = if seat == Seat::NOBODY { String::new() } else { context.resume.token(self.id, seat) };
        let mut data = Vec::with_capacity(body.len() + 96);
        let (step, seq) = (at.step, self.head().0);
        let view =
            View { flags: Flags::NONE, step, seq, at_ms: at.ms, seat: seat.0, token: &token, body: &body };
        view.write(&mut data);
        data
    }

    /// A view is durable: the session sees it and the updates after it.
    pub(super) fn show(&mut self, session: SessionId, view: Vec<u8>) {
        let newest = self.recent.newest();
        if let Some(presence) = self.presences.get_mut(&session) {
            presence.live = true;
            // A view is released as soon as its input is durable, and updates of that commit come after it; those
            // that it contains already are told apart by the view's own number.
            presence.seen = shown_by(&view).unwrap_or(newest);
            let data = Bytes::from(view);
            presence.session.push(Delivery::Payload { room: self.id, kind: Kind::View, data });
        }
    }

    /// Sends what is due: news of presences and gathered updates, one payload for each presence. Everything up to input
    /// `upto` is among them or was sent before; what else is durable may still wait in the queue.
    pub(super) fn send(&mut self, context: &mut Context<'_>, upto: Seq) {
        self.send_presences(context);
        if !self.recent.has_unsent() {
            return;
        }
        let first = self.recent.unsent().next().map(|one| one.moment);
        let for_all = self.recent.all_for_all();
        let mut shared: Option<Bytes> = None;
        for presence in self.presences.values().filter(|presence| presence.live) {
            let sees_all = first.is_none_or(|first| presence.seen < first);
            let data = match (&shared, for_all && sees_all) {
                (Some(data), true) => data.clone(),
                (_, alike) => {
                    let mine = self.recent.to_send(presence.seat, presence.seen);
                    let mut mine = mine.peekable();
                    if mine.peek().is_none() {
                        continue;
                    }
                    let data = self.updates(upto, mine);
                    if alike {
                        shared = Some(data.clone());
                    }
                    data
                }
            };
            presence.session.push(Delivery::Payload { room: self.id, kind: Kind::Updates, data });
        }
        self.tell_gallery(context, upto, shared.filter(|_| for_all));
        self.recent.forget_old();
        self.tend_gallery(context);
    }

    /// Updates behind one header: everything up to input `upto` has been said, and `recent` knows the newest step.
    pub(super) fn updates<'a>(&self, upto: Seq, updates: impl Iterator<Item = &'a [u8]>) -> Bytes {
        self.updates_from(0, upto, updates)
    }

    /// The same for somebody who has seen a step.
    fn updates_from<'a>(&self, step: u64, upto: Seq, updates: impl Iterator<Item = &'a [u8]>) -> Bytes {
        let at = self.recent.at();
        let mut data = Vec::new();
        Updates::write_head(&mut data, Flags::NONE, at.step.max(step), upto.0, at.ms);
        updates.for_each(|update| Updates::write_one(&mut data, update));
        data.into()
    }

    fn send_presences(&mut self, context: &Context<'_>) {
        let (joins, leaves) = (std::mem::take(&mut self.joins), std::mem::take(&mut self.leaves));
        if (joins.is_empty() && leaves.is_empty()) || self.presences.len() > PRESENCES_TOLD_MAX {
            return;
        }
        for id in &joins {
            if let Some(presence) = self.presences.get_mut(id) {
                presence.told = true;
            }
        }
        let joins: Vec<_> = joins.iter().filter_map(|id| self.presences.get(id)).collect();
        let event = MatchPresenceEvent {
            match_id: context.match_id(self.id),
            joins: joins.iter().map(|presence| presence.user_presence()).collect(),
            leaves,
        };
        let envelope = Envelope::new("", Message::MatchPresenceEvent(event));
        for presence in self.presences.values() {
            presence.session.push(Delivery::Message(Box::new(envelope.clone())));
        }
    }

    pub(super) fn has_news(&self) -> bool {
        self.recent.has_unsent() || !self.joins.is_empty() || !self.leaves.is_empty()
    }

    /// Tells everybody to come back later.
    pub fn dismiss_all(&mut self, context: &Context<'_>, code: ClosingCode, why: &str) {
        watching::dismiss(self.gallery.take(), code, why);
        for presence in std::mem::take(&mut self.presences).into_values() {
            let token = context.resume.token(self.id, presence.seat);
            let mut data = Vec::new();
            Closing { code: code as u16, token: &token, reason: why }.write(&mut data);
            presence.session.push(Delivery::Payload {
                room: self.id,
                kind: Kind::Closing,
                data: data.into(),
            });
            if code == ClosingCode::GoingDown {
                presence.session.close(close::RESTART, why);
            }
            presence.session.exit(self.id);
        }
    }
}

fn shown_by(view: &[u8]) -> Option<Moment> {
    match wire::payload::Payload::decode(view) {
        Ok(wire::payload::Payload::View(view)) => Some(Moment { seq: Seq(view.seq), step: view.step }),
        _ => None,
    }
}

/// A refusal that asks the client to try again.
pub(crate) fn unavailable(why: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new(Refusal::UNAVAILABLE, why)
}
