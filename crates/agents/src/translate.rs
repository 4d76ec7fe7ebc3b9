//! The contract's words and the desk's: the same things, one as any language has them, one as ours.

use app::agents::{FromWorker, Hello, Late, SeatKey, ToWorker};
use kernel::{RoomId, Seat};
use wire::match_id::MatchId;

use crate::contract as proto;

/// Why a word cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It is not there, or a newer contract has it.
    #[error("the message holds no word that is known here")]
    Nothing,
    /// A second Hello.
    #[error("a worker says who it is once")]
    Again,
    /// A match's name.
    #[error("\"{0}\" names no match")]
    Match(String),
    /// A job's name.
    #[error("\"{0}\" names no job")]
    Job(String),
    /// An answer without one.
    #[error("a job is answered with what came of it, or why nothing did")]
    NoOutcome,
}

fn cut(text: String) -> String {
    text.chars().take(64).collect()
}

/// Who a worker is.
pub(crate) fn hello(said: proto::Hello) -> Result<Hello, Unreadable> {
    let room = |text: String| match MatchId::parse(&text) {
        Ok(found) if !found.is_relayed() => Ok(RoomId(found.id)),
        _ => Err(Unreadable::Match(cut(text))),
    };
    let rooms = said.match_ids.into_iter().map(room).collect::<Result<_, _>>()?;
    let proto::Hello { name, rules, seats_max, kinds, .. } = said;
    Ok(Hello { name, rules, rooms, seats_max, kinds })
}

/// What it says afterwards.
pub(crate) fn heard(said: proto::FromWorker) -> Result<FromWorker, Unreadable> {
    use proto::from_worker::Word;
    Ok(match said.word.ok_or(Unreadable::Nothing)? {
        Word::Hello(_) => return Err(Unreadable::Again),
        Word::Ready(proto::Ready { credit }) => FromWorker::Ready { credit },
        Word::TurnDone(proto::TurnDone { turn, commands, memory }) => {
            FromWorker::Turn { turn, commands, memory }
        }
        Word::JobDone(proto::JobDone { job, outcome, memory }) => {
            let id: app::agents::JobId = job.parse().map_err(|_| Unreadable::Job(cut(job)))?;
            let result = match outcome.ok_or(Unreadable::NoOutcome)? {
                proto::job_done::Outcome::Body(body) => Ok(body),
                proto::job_done::Outcome::Failure(why) => Err(why),
            };
            FromWorker::Job { job: id.0, result, memory }
        }
    })
}

/// What it is told, by a server of this cluster.
pub(crate) fn told(word: ToWorker, cluster: &str) -> proto::ToWorker {
    use proto::to_worker::Word;
    let name = |(room, Seat(seat)): SeatKey| (MatchId { id: room.0, cluster }.to_string(), seat);
    let job_name = |job| app::agents::JobId(job).to_string();
    let word = match word {
        ToWorker::Welcome { turn_ms, deadline_ms } => Word::Welcome(proto::Welcome { turn_ms, deadline_ms }),
        ToWorker::Seat { key, rules, given } => {
            let (match_id, seat) = name(key);
            Word::Seat(proto::Seat { match_id, rules, seat, given })
        }
        ToWorker::Turn { turn, key, rules, deadline_ms, observation, memory } => {
            let (match_id, seat) = name(key);
            Word::Turn(proto::Turn { turn, match_id, rules, seat, deadline_ms, observation, memory })
        }
        ToWorker::Job { job, kind, body, deadline_ms, memory } => {
            Word::Job(proto::Job { job: job_name(job), kind, body, deadline_ms, memory })
        }
        ToWorker::TooLate(late) => {
            let what = match late {
                Late::Turn(turn) => proto::too_late::What::Turn(turn),
                Late::Job(job) => proto::too_late::What::Job(job_name(job)),
            };
            Word::TooLate(proto::TooLate { what: Some(what) })
        }
        ToWorker::Refused { turn, index, code, reason } => {
            Word::Refused(proto::Refused { turn, index, code: code.into(), reason })
        }
    };
    proto::ToWorker { word: Some(word) }
}
