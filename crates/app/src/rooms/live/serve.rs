//! What server code asks of an awake room: commands for absent users, views for those who only look, points to be
//! kept, and moving to a content that was just published.

use std::sync::Arc;

use bytes::Bytes;
use kernel::{AnyRules, CommandId, Room, Seat, Taken};
use store::RestorePoint;
use tokio::sync::oneshot;

use super::{LiveRoom, Waiting, What};
use crate::rooms::host::Context;
use crate::rooms::load::moved_to;
use crate::rooms::served::{Answered, By, CommandError, Viewer};

/// Snapshots of points of one room that may wait to be written. While so many do, a further mark is passed over.
pub(crate) const KEEPING_MAX: usize = 8;

impl LiveRoom {
    /// Takes a command of a user who need not be present, or of a seat that computers play.
    pub fn command(
        &mut self,
        context: &mut Context<'_>,
        by: By,
        id: CommandId,
        body: &Bytes,
    ) -> Result<Answered, CommandError> {
        let seat = match by {
            By::User(user) => {
                // Whoever acts from afar often comes in next.
                self.quiet_since_ms = context.now_ms;
                *self.seats.get(&user).ok_or(CommandError::NotSeated)?
            }
            By::Seat(seat) => seat,
        };
        Ok(match self.take_command(context, seat, id, body)? {
            Taken::New(seq) => Answered { seq, repeat: false, answer: self.out.take_answer() },
            Taken::Repeat(seq) => Answered { seq, repeat: true, answer: Vec::new() },
        })
    }

    /// Says what became of it, once that is durable.
    pub fn tell(
        &mut self,
        context: &mut Context<'_>,
        result: Result<Answered, CommandError>,
        reply: oneshot::Sender<Result<Answered, CommandError>>,
        asked_us: u64,
    ) {
        self.later(context, What::Told { result, reply, asked_us });
    }

    /// Shows the room to somebody who only looks, as far as it is durable.
    pub fn peek(
        &mut self,
        context: &mut Context<'_>,
        viewer: Viewer,
        reply: oneshot::Sender<Option<Vec<u8>>>,
    ) {
        let seat = match viewer {
            Viewer::Nobody => Seat::NOBODY,
            Viewer::User(user) => self.seats.get(&user).copied().unwrap_or(Seat::NOBODY),
            Viewer::Seat(seat) => seat,
        };
        let mut view = Vec::new();
        self.machine.view(self.seen_at(context), seat, &mut view);
        self.later(context, What::Peeked { viewer, view, reply });
    }

    /// Keeps what stood before the newest input, as a point to which the room can be taken back: noted with that
    /// input, and saved once it is durable.
    pub(super) fn note_point(&mut self, at_ms: i64, why: &str, before: Box<dyn Room>) {
        if self.saved.keeping >= KEEPING_MAX {
            tracing::warn!(room = %self.id, why, "too many points of the room are being written; one is passed over");
            return;
        }
        self.saved.keeping += 1;
        let (seq, why, label) = (before.memory().seq, why.to_owned(), before.label());
        self.row.points.push(RestorePoint { seq, at_ms, why, label });
        self.waiting.push_back(Waiting { upto: self.head(), what: What::Keep(before) });
    }

    /// Moves to rules that were just published: what has grown until now grew under the old ones.
    pub fn move_on(&mut self, context: &mut Context<'_>, rules: Arc<dyn AnyRules>) {
        if rules.id() == self.machine.rules() {
            return;
        }
        if self.machine.pace().advance_ms > 0 {
            self.advance(context);
        }
        self.moving = Some(rules);
        self.go_on_moving(context);
    }

    /// Moves on if a new row can begin: `Migrate` stands first in its row.
    pub(super) fn go_on_moving(&mut self, context: &mut Context<'_>) {
        if !self.writer.is_empty() {
            return;
        }
        let Some(rules) = self.moving.take() else { return };
        match moved_to(rules.as_ref(), self.machine.as_ref(), self.machine.at(context.now_ms)) {
            Ok(newer) => {
                self.migrated(newer);
                // Whoever comes back later must see what is new, not only what they missed.
                self.recent = self.told_nothing();
                self.show_everybody(context);
            }
            Err(error) => {
                tracing::error!(room = %self.id, %error, to = %rules.id(), "the room cannot move on")
            }
        }
    }
}
