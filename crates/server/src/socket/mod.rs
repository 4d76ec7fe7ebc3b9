//! Sockets: one task each, which reads, writes and answers.
//!
//! **Purpose.** Ten thousands of idle sockets in little memory, and hundreds of thousands of commands a second through
//! a few. An idle socket owns its stream, its session and a task that waits for either; buffers belong to the thread
//! that happens to run the task, and are used between two waits. All commands of one read go to the rooms as one batch,
//! all answers that wait go out as one write.
//!
//! **Not here.** What messages mean (the use cases), how they look (`wire`), what waits for a slow client (the
//! session's outbox).
//!
//! **Phases.** [`admit`] looks at the request, while it is still HTTP; [`start`] takes the stream over; [`run`] goes on
//! until either end has enough; then the rooms are told, and the stream is closed so that the last words arrive.

mod admit;
mod arrive;
mod dispatch;
mod line;
mod messages;
mod reader;
mod registry;
mod sender;

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use app::session::Session;
use tokio::net::TcpStream;
use tokio::task::coop::cooperative;
use wire::envelope::Format;
use wire::websocket::CloseCode;

use crate::house::House;
use crate::http::Open;
use crate::rates::SocketRates;
use line::Line;
use reader::{Intake, Reader};
use sender::Sender;

pub use admit::{Admission, admit};
pub use registry::Sockets;

/// After the last words, what the client still sends is thrown away for so long, because closing a stream with unread
/// bytes would take the last words back.
const LINGER: Duration = Duration::from_millis(1_000);

/// Why a socket ends.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// The client closed it, or its connection broke.
    Gone,
    /// The client took no byte for too long.
    Stalled,
    /// Closed from here, with these last words.
    Closed(CloseCode, String),
}

impl End {
    /// For the figures.
    fn label(&self) -> &'static str {
        match self {
            End::Gone => "gone",
            End::Stalled => "stalled",
            End::Closed(code, _) => match code.0 {
                1000 | 1001 => "done",
                1002 | 1003 | 1007 => "malformed",
                1008 => "policy",
                1009 => "too_big",
                1012 => "restart",
                1013 => "slow",
                _ => "other",
            },
        }
    }
}

/// Takes over the stream of a connection whose upgrade was answered. `early` are bytes that came with the request.
pub(crate) fn start(stream: TcpStream, early: &[u8], house: Arc<House>, admission: Admission, open: Open) {
    let Admission { holder, format, appear, rates, origin } = admission;
    let made_ms = holder.made_ms;
    let line = Arc::new(Line::new(stream, holder.family));
    let session = house.new_session(holder, origin);
    let early = early.to_vec();
    let task = run(house, session, line, Box::new(Opening { format, appear, made_ms, rates, early }), open);
    tokio::spawn(task);
}

/// How a socket begins.
struct Opening {
    format: Format,
    /// Show the user to followers at once.
    appear: bool,
    /// When its token was made.
    made_ms: i64,
    /// What it may send.
    rates: Option<Box<SocketRates>>,
    /// Bytes that came with the request.
    early: Vec<u8>,
}

async fn run(house: Arc<House>, session: Arc<Session>, line: Arc<Line>, opening: Box<Opening>, open: Open) {
    let Opening { format, appear, made_ms, rates, early } = *opening;
    let sender = Sender::new(format, &house.config.socket);
    let mut reader = Reader::new(format, &house.config.socket, rates, early);
    let listed = house.sockets.enter(&session, &line);
    // Boxed: what happens once would make every idle task larger.
    Box::pin(arrive::arrive(&house, &session, appear)).await;
    // Now that it is listed everywhere, whatever ends the login finds it; what came before is seen here.
    if house.services.accounts.is_over(line.family, session.user, made_ms) {
        session.close(CloseCode::POLICY.0, "the session was logged out");
    }
    let Err(end) = serve(&house, &session, &line, &mut reader, &sender).await;
    drop(listed);
    // The rest is rare and would make every idle task larger.
    Box::pin(finish(house, session, line, sender, end)).await;
    drop(open);
}

/// What a socket does next.
#[derive(PartialEq, Eq)]
enum Next {
    Send,
    Read,
}

/// Waits for either; what is to be sent comes first. Asks the stream itself and not for a future of it: that would enter
/// itself into a list, and leave it again, each time.
fn next(session: &Session, line: &Line, context: &mut Context<'_>) -> Poll<Result<Next, End>> {
    if session.poll_ready(context).is_ready() {
        return Poll::Ready(Ok(Next::Send));
    }
    line.stream.poll_read_ready(context).map(|ready| ready.map(|()| Next::Read).map_err(|_| End::Gone))
}

/// Reads and writes until one end has enough.
async fn serve(
    house: &Arc<House>,
    session: &Arc<Session>,
    line: &Line,
    reader: &mut Reader,
    sender: &Sender,
) -> Result<Infallible, End> {
    let mut waiting = reader.has_early();
    loop {
        // A socket that always has something to do lets the others of its thread go on now and then.
        if !waiting && cooperative(poll_fn(|context| next(session, line, context))).await? == Next::Send {
            if let Some(unfinished) = sender.flush(house, session, line)? {
                Box::pin(sender.finish(house, session, line, unfinished)).await?;
            }
            continue;
        }
        waiting = false;
        // Boxed, so that an idle task is no larger for what it might once do.
        match reader.read(line, house)? {
            Intake::Nothing => {}
            Intake::Commands(mut batch) => {
                if !house.services.rooms.try_commands(session, &mut batch) {
                    Box::pin(dispatch::commands(house, session, line, sender, batch)).await?
                }
            }
            Intake::Relayed(batch) => {
                let stray = house.services.relays.send(session, batch);
                if !stray.is_empty() {
                    Box::pin(dispatch::strays(line, sender, stray)).await?;
                }
            }
            Intake::Steps(steps) => Box::pin(dispatch::steps(house, session, line, sender, steps)).await?,
        }
    }
}

/// Tells the rooms, says the last words and closes the stream.
async fn finish(house: Arc<House>, session: Arc<Session>, line: Arc<Line>, mut sender: Sender, end: End) {
    metrics::counter!("longhouse_sockets_closed_total", "reason" => end.label()).increment(1);
    tracing::debug!(session = %format_args!("{:x}", session.id.0), reason = end.label(), "socket closed");
    house.services.rooms.gone(&session).await;
    arrive::depart(&house, &session, &end).await;
    if let End::Closed(code, reason) = end {
        sender.last_words(&line, code, &reason).await;
        if socket2::SockRef::from(&line.stream).shutdown(std::net::Shutdown::Write).is_ok() {
            let _ = tokio::time::timeout(LINGER, reader::discard(&line.stream)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of an idle socket's task: what it costs beside its stream and session.
    const TASK_BYTES_MAX: usize = 768;

    fn size<A, B, C, D, E, R>(_: fn(A, B, C, D, E) -> R) -> usize {
        size_of::<R>()
    }

    #[test]
    fn an_idle_task_is_small() {
        assert!(size(run) <= TASK_BYTES_MAX, "{} bytes", size(run));
    }
}
