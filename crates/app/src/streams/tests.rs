use std::sync::Arc;

use store::{FamilyId, UserId};
use wire::envelope::{Envelope, Format, Message, Ping};

use super::*;
use crate::session::{Delivery, Session, SessionId};

fn session(id: u128, user: u128) -> Arc<Session> {
    Session::of_login(SessionId(id), UserId(user), format!("u{user}"), FamilyId(user), Default::default())
}

/// What waits for a session, by its protobuf bytes and their address.
fn waiting(session: &Session) -> Vec<(Envelope, *const u8)> {
    let mut all = Vec::new();
    session.drain(&mut all);
    let shared = all.into_iter().filter_map(|delivery| match delivery {
        Delivery::Shared(shared) => {
            Some((shared.envelope().clone(), shared.encoded(Format::Protobuf).as_ptr()))
        }
        _ => None,
    });
    shared.collect()
}

fn relay() -> Stream {
    Stream::of(Mode::Relay, 7)
}

fn ids(presences: &[UserPresence]) -> Vec<&str> {
    presences.iter().map(|presence| presence.username.as_str()).collect()
}

/// The last event that waits: who came, who went.
fn event(session: &Session) -> Option<(Vec<String>, Vec<String>)> {
    let names = |list: &[UserPresence]| ids(list).into_iter().map(str::to_owned).collect();
    match waiting(session).pop()?.0.message? {
        Message::MatchPresenceEvent(event) => Some((names(&event.joins), names(&event.leaves))),
        _ => None,
    }
}

#[test]
fn everybody_hears_who_comes_and_goes_and_what_is_sent() {
    let streams = Streams::default();
    let (a, b) = (session(1, 1), session(2, 2));
    let first = streams.join(&relay(), &a, Meta::default(), 2).unwrap();
    assert!(first.fresh && first.others.is_empty());
    let second = streams.join(&relay(), &b, Meta::default(), 2).unwrap();
    assert_eq!(ids(&second.others), ["u1"]);
    assert_eq!(event(&a), Some((vec!["u2".into()], vec![])));
    assert!(!streams.join(&relay(), &b, Meta::default(), 2).unwrap().fresh);
    assert_eq!(streams.join(&relay(), &session(3, 3), Meta::default(), 2), Err(JoinError::Full));
    waiting(&b);
    assert_eq!(streams.send(&relay(), Message::Ping(Ping {})), 2);
    let (to_a, to_b) = (waiting(&a), waiting(&b));
    assert_eq!(to_a[0].1, to_b[0].1, "one encoding for both");
    assert_eq!(streams.send_where(&relay(), Message::Ping(Ping {}), |to| to.session.id == a.id), 1);
    streams.gone(&b);
    assert_eq!(event(&a), Some((vec![], vec!["u2".into()])));
    assert_eq!(streams.join(&relay(), &b, Meta::default(), 9), Err(JoinError::Ended));
    streams.gone(&a);
    assert!(streams.find(&relay()).is_none(), "an empty stream is forgotten");
}

#[test]
fn the_hidden_listen_unseen() {
    let streams = Streams::default();
    let (a, b) = (session(1, 1), session(2, 2));
    streams.join(&relay(), &a, Meta::default(), 9).unwrap();
    waiting(&a);
    streams.join(&relay(), &b, Meta { hidden: true, ..Meta::default() }, 9).unwrap();
    assert_eq!(event(&a), None);
    assert_eq!(ids(&streams.presences(&relay())), ["u1"]);
    streams.leave(&relay(), b.id);
    assert_eq!(event(&a), None);
}

#[test]
fn a_login_that_comes_back_takes_its_places_over() {
    let streams = Streams::default();
    let (a, b) = (session(1, 1), session(2, 2));
    let told = Stream::of(Mode::Notifications, 1);
    streams.join(&relay(), &a, Meta::default(), 9).unwrap();
    streams.join(&told, &a, Meta { hidden: true, ..Meta::default() }, 9).unwrap();
    streams.join(&relay(), &b, Meta::default(), 9).unwrap();
    streams.park(&a, 100);
    assert!(!streams.is_online(UserId(1)), "what nobody gets back is left at once");
    waiting(&b);
    streams.sweep(99);
    assert_eq!(event(&b), None);
    let back = session(3, 1);
    assert_eq!(streams.resume(&back), [relay()]);
    assert_eq!(event(&b), Some((vec!["u1".into()], vec!["u1".into()])));
    assert_eq!(streams.presences(&relay())[0].session_id, back.id.to_string());
    // A second loss, and nobody comes.
    streams.park(&back, 200);
    streams.sweep(200);
    assert_eq!(event(&b), Some((vec![], vec!["u1".into()])));
    assert!(streams.resume(&session(4, 1)).is_empty());
}

#[test]
fn watchers_hear_of_members_who_go() {
    let streams = Arc::new(Streams::default());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    streams.watch(Mode::Relay, move |stream, change| {
        if let Change::Left { member, remaining } = change {
            notes.lock().push((stream.subject, member.session.user, *remaining));
        }
    });
    let (a, b) = (session(1, 1), session(2, 2));
    streams.join(&relay(), &a, Meta::default(), 9).unwrap();
    streams.join(&relay(), &b, Meta::default(), 9).unwrap();
    streams.remove_user(&relay(), UserId(1));
    streams.gone(&b);
    assert_eq!(*seen.lock(), [(7, UserId(1), 1), (7, UserId(2), 0)]);
}

mod threads {
    use super::*;

    /// Sessions come and go at once on several threads; in the end nobody is left anywhere.
    #[test]
    fn nobody_is_left_behind() {
        let streams = Arc::new(Streams::default());
        let workers: Vec<_> = (0..4u128)
            .map(|worker| {
                let streams = Arc::clone(&streams);
                std::thread::spawn(move || {
                    for round in 0..200u128 {
                        let one = session(worker << 32 | round, worker);
                        for subject in 0..4 {
                            let stream = Stream::of(Mode::Relay, subject);
                            streams.join(&stream, &one, Meta::default(), 99).unwrap();
                            streams.send(&stream, Message::Ping(Ping {}));
                        }
                        let joining = {
                            let (streams, one) = (Arc::clone(&streams), Arc::clone(&one));
                            std::thread::spawn(move || {
                                let _ = streams.join(&relay(), &one, Meta::default(), 99);
                            })
                        };
                        streams.gone(&one);
                        joining.join().unwrap();
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.join().unwrap();
        }
        assert!(streams.shards.iter().all(|shard| shard.lock().is_empty()));
    }
}
