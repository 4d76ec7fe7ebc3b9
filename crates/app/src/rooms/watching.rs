//! Those who only watch a room: they take no seat, nothing of them is logged, and what they see is public and some time
//! ago. The room makes views for its [gallery](super::gallery); what is shown to whom and when is the gallery's.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{Seat, Seq};
use wire::envelope::{Envelope, Error, ErrorCode, Match, Message};
use wire::payload::{Closing, ClosingCode, Kind};

use super::gallery::Gallery;
use super::host::Context;
use super::live::{LiveRoom, What};
use super::presence::{PRESENCES_TOLD_MAX, Presence, user_presence};
use crate::session::{Delivery, Session, SessionId, close};

impl LiveRoom {
    /// Somebody is here, to play or to watch.
    pub(super) fn has_company(&self) -> bool {
        !self.presences.is_empty() || self.gallery.is_some()
    }

    /// How many watch.
    pub fn spectators(&self) -> usize {
        self.gallery.as_ref().map_or(0, Gallery::len)
    }

    pub(super) fn is_watched_by(&self, session: SessionId) -> bool {
        self.gallery.as_ref().is_some_and(|gallery| gallery.watches(session))
    }

    /// A session wants to watch.
    pub fn watch(&mut self, context: &mut Context<'_>, session: Arc<Session>, cid: String) {
        if session.has_left() {
            return;
        }
        let refuse = |why: &str| {
            let error = Message::Error(Error::new(ErrorCode::MatchJoinRejected, why));
            session.push(Delivery::Message(Box::new(Envelope::new(cid.clone(), error))));
        };
        if self.presences.contains_key(&session.id) {
            return refuse("you play in this room; leave it to watch");
        }
        let delay_ms = match self.machine.pace().runs {
            true => context.config.spectate_delay_ms,
            false => context.config.spectate_turns_delay_ms,
        };
        let gallery = self.gallery.get_or_insert_with(|| Gallery::new(self.id, delay_ms));
        if !gallery.enter(session.clone()) {
            return refuse("the room has no more places for those who watch");
        }
        if !session.enter(self.id) {
            self.unwatch(context, session.id);
            return refuse("you are in too many rooms");
        }
        self.later(context, What::Watched { session, cid });
    }

    /// What the answer says is durable: the session is told where it is, and shown what there is to show.
    pub(super) fn let_watch(&mut self, context: &mut Context<'_>, session: &Session, cid: String) {
        if !self.is_watched_by(session.id) {
            return;
        }
        let told = self.presences.len() <= PRESENCES_TOLD_MAX;
        let here = Match {
            match_id: context.match_id(self.id),
            authoritative: true,
            label: Some(self.label().to_owned()),
            size: i32::try_from(self.presences.len()).unwrap_or(i32::MAX),
            presences: self.presences.values().filter(|_| told).map(Presence::user_presence).collect(),
            own: Some(user_presence(session)),
        };
        session.push(Delivery::Message(Box::new(Envelope::new(cid, Message::Match(here)))));
        self.tend_gallery(context);
    }

    /// A session watches no more. `false`: it did not.
    pub(super) fn unwatch(&mut self, context: &Context<'_>, session: SessionId) -> bool {
        let Some(gallery) = &mut self.gallery else { return false };
        let went = gallery.exit(session).is_some();
        if gallery.len() == 0 {
            // Whoever comes next waits for a first picture again, and nobody keeps one meanwhile.
            self.gallery = None;
            self.quiet_since_ms = context.now_ms;
        }
        went
    }

    /// One who watches was skipped forward. `false`: it does not watch.
    pub(super) fn watch_again(&mut self, context: &mut Context<'_>, session: SessionId) -> bool {
        let watches = self.gallery.as_mut().is_some_and(|gallery| gallery.again(session));
        if watches {
            self.tend_gallery(context);
        }
        watches
    }

    /// Takes a keyframe if it is time for one, and shows whatever time has come.
    pub(super) fn tend_gallery(&mut self, context: &mut Context<'_>) {
        if self.gallery.as_ref().is_some_and(|gallery| gallery.wants_keyframe(context.now_ms)) {
            self.ask_keyframe(context, false);
        }
        if let Some(gallery) = &mut self.gallery {
            gallery.play(context.now_ms);
        }
    }

    /// Makes a view for those who watch, as soon as what it shows is durable. `jump`: what they were told does not lead
    /// to it.
    pub(super) fn ask_keyframe(&mut self, context: &mut Context<'_>, jump: bool) {
        let Some(gallery) = &mut self.gallery else { return };
        gallery.keyframe_asked(context.now_ms);
        let view = self.view_of(context, Seat::NOBODY);
        self.later(context, What::Keyframe { view, jump });
    }

    /// A keyframe is durable. Whatever was told before it goes out before it.
    pub(super) fn show_keyframe(&mut self, context: &mut Context<'_>, upto: Seq, view: Vec<u8>, jump: bool) {
        self.send(context, upto);
        if let Some(gallery) = &mut self.gallery {
            gallery.keyframe(context.now_ms, view.into(), jump);
            gallery.play(context.now_ms);
        }
    }

    /// What everybody is told and is about to be sent; `shared` if it was written for players already.
    pub(super) fn tell_gallery(&mut self, context: &Context<'_>, upto: Seq, shared: Option<Bytes>) {
        if self.gallery.is_none() {
            return;
        }
        // All of it is later than the newest keyframe, which sent what was before it.
        let data = shared.or_else(|| {
            let mut told = self.recent.for_all().peekable();
            told.peek().is_some().then(|| self.updates(upto, told))
        });
        if let (Some(gallery), Some(data)) = (&mut self.gallery, data) {
            gallery.updates(context.now_ms, data);
        }
    }
}

/// Tells those who watch that the room is over for them, or for now.
pub(crate) fn dismiss(gallery: Option<Gallery>, code: ClosingCode, why: &str) {
    let Some(mut gallery) = gallery else { return };
    let mut data = Vec::new();
    Closing { code: code as u16, token: "", reason: why }.write(&mut data);
    let (room, data) = (gallery.room(), Bytes::from(data));
    for session in gallery.empty() {
        session.push(Delivery::Payload { room, kind: Kind::Closing, data: data.clone() });
        if code == ClosingCode::GoingDown {
            session.close(close::RESTART, why);
        }
        session.exit(room);
    }
}
