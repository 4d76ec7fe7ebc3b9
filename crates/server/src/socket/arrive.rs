//! A socket's first and last moments: what a session listens to from the start, and what is kept of one that was lost.

use std::sync::Arc;

use app::session::Session;
use app::streams::{Meta, Mode, Stream};

use super::End;
use crate::house::House;

/// A session begins: it hears what its user is told, and gets back the places that its login lost a moment ago.
/// `appear`: the client asked to be shown to its followers at once.
pub async fn arrive(house: &House, session: &Arc<Session>, appear: bool) {
    let streams = house.services.core.streams();
    let told = Stream::of(Mode::Notifications, session.user.0);
    let meta = Meta { hidden: true, ..Meta::default() };
    if streams.join(&told, session, meta, usize::MAX).is_err() {
        // A user with fifty thousand sockets: this one hears nothing.
        tracing::warn!(user = %session.user, "too many sockets of one user");
    }
    streams.resume(session);
    if appear && let Err(error) = house.services.status.appear(session).await {
        tracing::warn!(%error, "a session is not shown to its followers");
    }
}

/// A session is over. One that was lost without a goodbye keeps its places for the grace time.
pub async fn depart(house: &House, session: &Arc<Session>, end: &End) {
    let streams = house.services.core.streams();
    let lost = match end {
        End::Gone | End::Stalled => true,
        End::Closed(code, _) => matches!(code.0, 1006 | 1013),
    };
    let grace_ms = i64::try_from(house.config.socket.grace_ms).unwrap_or(i64::MAX);
    if lost && grace_ms > 0 {
        // Nothing more is kept for a socket that is gone.
        session.close(app::session::close::TRY_AGAIN, "lost");
        streams.park(session, house.clock.now_ms().saturating_add(grace_ms));
    } else {
        streams.gone(session);
    }
}
