//! Histories that are read while they grow, who may come in, and who may speak.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use store::{Credential, FamilyId, Options, Place, Register, Store, UserId};
use wire::envelope::{ChannelMessageCode, Message};

use super::*;
use crate::friends::{Friends, Named, Settings};
use crate::ports::{Clock, Entropy};
use crate::session::{Delivery, SessionId};

/// A clock that stands still: ids of the same millisecond come in any order of their random parts.
struct Still;

impl Clock for Still {
    fn now_ms(&self) -> i64 {
        1_000
    }
    fn monotonic_us(&self) -> u64 {
        0
    }
}

struct Dice(AtomicU64);

impl Entropy for Dice {
    fn u128(&self) -> u128 {
        let next = self.0.fetch_add(1, Ordering::Relaxed);
        u128::from(next.wrapping_mul(0x9e37_79b9_7f4a_7c15)) << 32 | u128::from(next)
    }
}

struct Bench {
    store: Store,
    chat: Chat,
    friends: Friends,
}

impl Bench {
    fn new(users: u128) -> Self {
        let store = Store::open_manual(Place::Memory, Options::default()).unwrap();
        let core = Core::new(store.clone(), Arc::new(Still), Arc::new(Dice(AtomicU64::new(1))));
        for number in 1..=users {
            let (device, username) = (format!("phone-{number:04}"), format!("u{number}"));
            let create =
                Register { credential: Credential::Device(device), user: UserId(number), username, at_ms: 1 };
            store.write_now(create).unwrap();
        }
        let notifications = Notifications::new(&core);
        let friends = Friends::new(&core, &notifications, Settings::default());
        Self { store, chat: Chat::new(&core, &notifications), friends }
    }

    fn run<T>(&self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return done;
            }
            self.store.pump();
        }
    }

    fn join(&self, session: &Arc<Session>, channel: &Channel) -> Result<Joined, ChatError> {
        self.run(self.chat.join(session, channel, true, false))
    }

    fn page(&self, forward: bool, limit: u32, cursor: &str) -> History {
        self.run(self.chat.history(Some(UserId(1)), &room(), limit, forward, cursor)).unwrap()
    }

    fn say(&self, number: usize) -> u128 {
        let content = serde_json::json!({ "n": number });
        self.run(self.chat.announce(&room(), None, content, true)).unwrap().message.id
    }

    fn remove(&self, id: u128) {
        self.run(self.chat.moderate_remove(Moderator::House, &room(), id)).unwrap();
    }
}

fn room() -> Channel {
    Channel::room("lobby").unwrap()
}

fn session(id: u128, user: u128) -> Arc<Session> {
    Session::of_login(SessionId(id), UserId(user), format!("u{user}"), FamilyId(user), Default::default())
}

/// The messages of a channel that wait for a session: code and content.
fn heard(session: &Session) -> Vec<(i32, String)> {
    let mut all = Vec::new();
    session.drain(&mut all);
    let messages = all.into_iter().filter_map(|delivery| match delivery {
        Delivery::Shared(shared) => match &shared.envelope().message {
            Some(Message::ChannelMessage(message)) => Some((message.code?, message.content.clone())),
            _ => None,
        },
        _ => None,
    });
    messages.collect()
}

fn ids(page: &History) -> Vec<u128> {
    page.messages.iter().map(|message| message.id).collect()
}

#[derive(Clone, Debug)]
enum Act {
    Say,
    RemoveNewest,
    Remove(prop::sample::Index),
    Forward,
    Backward,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Say),
        1 => Just(Act::RemoveNewest),
        1 => any::<prop::sample::Index>().prop_map(Act::Remove),
        3 => Just(Act::Forward),
        3 => Just(Act::Backward),
    ];
    prop::collection::vec(act, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// One reader goes forward and catches up for ever, one goes back from where it began. Neither sees a message twice,
    /// and neither misses one that was there before it passed and still is.
    #[test]
    fn readers_miss_nothing_and_see_nothing_twice(
        before in 0..8_usize,
        acts in acts(),
        limit in 1..5_u32,
    ) {
        let bench = Bench::new(1);
        let mut said: Vec<u128> = (0..before).map(|number| bench.say(number)).collect();
        let mut removed = Vec::new();
        let (mut ahead, mut ahead_cursor) = (Vec::new(), String::new());
        let (mut back, mut back_cursor, mut back_done) = (Vec::new(), String::new(), false);
        let mut back_began: Option<Vec<u128>> = None;
        for act in acts.into_iter().chain(std::iter::repeat_n(Act::Forward, 80)) {
            match act {
                Act::Say => {
                    let id = bench.say(said.len());
                    prop_assert!(said.last().is_none_or(|last| *last < id), "ids grow");
                    said.push(id);
                }
                Act::RemoveNewest | Act::Remove(_) => {
                    let there: Vec<_> = said.iter().copied().filter(|id| !removed.contains(id)).collect();
                    let id = match act {
                        Act::Remove(index) if !there.is_empty() => there[index.index(there.len())],
                        _ => match there.last() { Some(id) => *id, None => continue },
                    };
                    bench.remove(id);
                    removed.push(id);
                }
                Act::Forward => {
                    let page = bench.page(true, limit, &ahead_cursor);
                    ahead.extend(ids(&page));
                    ahead_cursor = page.cacheable;
                    prop_assert_eq!(page.next.is_empty(), bench.page(true, limit, &ahead_cursor).messages.is_empty());
                }
                Act::Backward if !back_done => {
                    back_began.get_or_insert_with(|| said.clone());
                    let page = bench.page(false, limit, &back_cursor);
                    back.extend(ids(&page));
                    back_cursor = page.next;
                    back_done = back_cursor.is_empty();
                }
                Act::Backward => {}
            }
        }
        while !back_done && back_began.is_some() {
            let page = bench.page(false, limit, &back_cursor);
            back.extend(ids(&page));
            back_cursor = page.next;
            back_done = back_cursor.is_empty();
        }
        prop_assert!(ahead.is_sorted_by(|a, b| a < b), "in order, none twice");
        prop_assert!(said.iter().all(|id| removed.contains(id) || ahead.contains(id)), "none missed");
        prop_assert!(back.is_sorted_by(|a, b| a > b));
        let began = back_began.unwrap_or_default();
        prop_assert!(back.iter().all(|id| began.contains(id)), "what came later is not there");
        prop_assert!(began.iter().all(|id| removed.contains(id) || back.contains(id)));
    }

    #[test]
    fn the_page_before_is_the_page_that_was_before(
        count in 1..20_usize,
        limit in 1..6_u32,
        forward in any::<bool>(),
    ) {
        let bench = Bench::new(1);
        for number in 0..count {
            bench.say(number);
        }
        let mut pages = vec![bench.page(forward, limit, "")];
        prop_assert_eq!(&pages[0].previous, "");
        while let Some(next) = pages.last().map(|page| page.next.clone()).filter(|next| !next.is_empty()) {
            // Messages that arrive meanwhile change nothing on the way back.
            pages.push(bench.page(forward, limit, &next));
            prop_assert!(pages.len() <= count + 1);
        }
        prop_assert_eq!(pages.iter().map(|page| page.messages.len()).sum::<usize>(), count);
        for number in (1..pages.len()).rev() {
            let before = bench.page(forward, limit, &pages[number].previous);
            prop_assert_eq!(ids(&before), ids(&pages[number - 1]));
            let again = bench.page(forward, limit, &before.next);
            prop_assert_eq!(ids(&again), ids(&pages[number]));
        }
    }
}

#[test]
fn cursors_belong_to_their_channel_and_direction() {
    let bench = Bench::new(1);
    for number in 0..5 {
        bench.say(number);
    }
    let page = bench.page(true, 2, "");
    let other = Channel::room("other").unwrap();
    let ask = |channel: &Channel, forward, cursor: &str| {
        bench.run(bench.chat.history(Some(UserId(1)), channel, 2, forward, cursor))
    };
    assert_eq!(ask(&other, true, &page.next), Err(ChatError::Cursor(BadCursor)));
    assert_eq!(ask(&room(), false, &page.next), Err(ChatError::CursorDirection));
    assert_eq!(ask(&room(), true, "AAAA"), Err(ChatError::Cursor(BadCursor)));
    let limit = bench.run(bench.chat.history(None, &room(), 0, true, ""));
    assert_eq!(limit, Err(ChatError::Limit));
}

#[test]
fn what_is_said_is_heard_changed_and_removed() {
    let bench = Bench::new(2);
    let (a, b) = (session(1, 1), session(2, 2));
    assert_eq!(bench.run(bench.chat.say(&a, &room(), "{}")), Err(ChatError::NotJoined));
    bench.join(&a, &room()).unwrap();
    bench.run(bench.chat.join(&b, &room(), false, true)).unwrap();
    let kept = bench.run(bench.chat.say(&a, &room(), "{\"n\":1}")).unwrap();
    assert!(kept.persistent);
    let lost = bench.run(bench.chat.say(&b, &room(), "{\"n\":2}")).unwrap();
    assert!(!lost.persistent);
    for bad in ["", "[]", "1", "{", "{}x", "\"{}\"", &format!("{{\"a\":\"{}\"}}", "x".repeat(9_000))] {
        assert_eq!(bench.run(bench.chat.say(&a, &room(), bad)), Err(ChatError::Content), "{bad:.20}");
    }
    let id = kept.message.id;
    // Not the author; and what was not kept cannot be changed as if it were.
    let theirs = session(3, 2);
    bench.join(&theirs, &room()).unwrap();
    let denied = bench.run(bench.chat.change(&theirs, &room(), id, "{}"));
    assert!(matches!(denied, Err(ChatError::Denied(_))));
    assert!(matches!(bench.run(bench.chat.remove(&theirs, &room(), id)), Err(ChatError::Denied(_))));
    assert_eq!(bench.run(bench.chat.change(&a, &room(), lost.message.id, "{}")), Err(ChatError::NoMessage));
    bench.run(bench.chat.change(&a, &room(), id, "{\"n\":3}")).unwrap();
    assert_eq!(bench.page(true, 9, "").messages[0].content, "{\"n\":3}");
    bench.run(bench.chat.remove(&a, &room(), id)).unwrap();
    assert_eq!(bench.page(true, 9, "").messages, []);
    let expected = [(0, "{\"n\":1}"), (0, "{\"n\":2}"), (1, "{\"n\":3}"), (2, "{}")];
    let expected = expected.map(|(code, content)| (code, content.to_owned()));
    assert_eq!((heard(&a), heard(&b)), (expected.to_vec(), expected.to_vec()));
    bench.chat.leave(&a, &room()).unwrap();
    assert_eq!(bench.chat.leave(&a, &room()), Err(ChatError::NotJoined));
}

#[test]
fn what_is_not_kept_is_changed_by_whoever_said_it() {
    let bench = Bench::new(3);
    let (a, b, c) = (session(1, 1), session(2, 2), session(3, 3));
    let other = Channel::room("other").unwrap();
    bench.join(&c, &room()).unwrap();
    for session in [&a, &b] {
        for channel in [&room(), &other] {
            bench.run(bench.chat.join(session, channel, false, true)).unwrap();
        }
    }
    let kept = bench.run(bench.chat.say(&c, &room(), "{}")).unwrap().message.id;
    let lost = bench.run(bench.chat.say(&a, &room(), "{}")).unwrap().message.id;
    heard(&c);
    let try_both = |what: &str, chat: &Chat, who: &Session, channel: &Channel, id, expected| {
        for done in [bench.run(chat.change(who, channel, id, "{}")), bench.run(chat.remove(who, channel, id))]
        {
            assert_eq!(done.map(|done| (done.message.sender, done.persistent)), expected, "{what}");
        }
    };
    let denied = Err(ChatError::Denied("the message is somebody else's"));
    try_both("somebody else's", &bench.chat, &b, &room(), lost, Err(ChatError::NoMessage));
    try_both("with a neighbour's id", &bench.chat, &a, &room(), lost ^ 1, Err(ChatError::NoMessage));
    try_both("in another channel", &bench.chat, &a, &other, lost, Err(ChatError::NoMessage));
    try_both("a kept one, from a place that keeps nothing", &bench.chat, &b, &room(), kept, denied);
    assert_eq!(heard(&c), [], "nobody heard of any of it");
    try_both("the own one", &bench.chat, &a, &room(), lost, Ok((Some(UserId(1)), false)));
    assert_eq!(heard(&c), [(1, "{}".to_owned()), (2, "{}".to_owned())]);
    // Who says it from elsewhere is the same; a service that has started anew knows nothing of it.
    let phone = session(4, 1);
    bench.join(&phone, &room()).unwrap();
    try_both("from another place", &bench.chat, &phone, &room(), lost, Ok((Some(UserId(1)), false)));
    let anew = Chat::new(&bench.chat.core, &bench.chat.notifications);
    try_both("after a restart", &anew, &a, &room(), lost, Err(ChatError::NoMessage));
    assert_ne!(bench.run(bench.chat.say(&a, &room(), "{}")).unwrap().message.id, lost);
}

#[test]
fn a_direct_chat_is_for_its_two_users_until_one_blocks() {
    let bench = Bench::new(3);
    let (a, b) = (session(1, 1), session(2, 2));
    let channel = bench.chat.channel(UserId(1), 2, &UserId(2).to_string()).unwrap();
    assert_eq!(bench.chat.channel(UserId(2), 2, &UserId(1).to_string()), Ok(channel.clone()));
    bench.join(&a, &channel).unwrap();
    let told = |user: u128| bench.run(bench.chat.notifications.list(UserId(user), 10, "")).unwrap();
    assert_eq!(told(2).notifications.iter().map(|one| one.code).collect::<Vec<_>>(), [code::DIRECT_CHAT]);
    bench.chat.leave(&a, &channel).unwrap();
    bench.join(&a, &channel).unwrap();
    assert_eq!(told(2).notifications.len(), 1, "who comes and goes is not told of each time");
    bench.join(&b, &channel).unwrap();
    assert_eq!(told(1).notifications, [], "one who is there is not told");
    bench.run(bench.chat.say(&a, &channel, "{}")).unwrap();
    let read = |user| bench.run(bench.chat.history(Some(UserId(user)), &channel, 9, true, ""));
    assert_eq!(read(2).unwrap().messages.len(), 1);
    assert!(matches!(read(3), Err(ChatError::Denied(_))));
    let block = Named { ids: vec![UserId(1)], names: Vec::new() };
    bench.run(bench.friends.block(UserId(2), block)).unwrap();
    assert_eq!(bench.run(bench.chat.say(&a, &channel, "{}")), Err(ChatError::NotJoined));
    assert_eq!(bench.join(&a, &channel), Err(ChatError::NotFound));
    assert_eq!(bench.join(&b, &channel), Err(ChatError::NotFound), "a block is for both");
    for (kind, target) in [(2, UserId(1).to_string()), (2, "x".into()), (4, "x".into()), (1, String::new())] {
        assert_eq!(bench.chat.channel(UserId(1), kind, &target), Err(ChatError::Target));
    }
    let nobody = bench.chat.channel(UserId(1), 2, &UserId(9).to_string()).unwrap();
    assert_eq!(bench.join(&a, &nobody), Err(ChatError::NotFound));
}

#[test]
fn the_muted_are_silent_and_the_banned_are_out() {
    let bench = Bench::new(2);
    let (a, b) = (session(1, 1), session(2, 2));
    bench.join(&a, &room()).unwrap();
    bench.join(&b, &room()).unwrap();
    let mute =
        |by, channel: Option<&Channel>, until| bench.run(bench.chat.mute(by, channel, UserId(2), until));
    let ban = |channel: Option<&Channel>, until| {
        bench.run(bench.chat.ban(Moderator::House, channel, UserId(2), until))
    };
    assert!(matches!(
        mute(Moderator::User(UserId(1)), Some(&room()), Some(9_000)),
        Err(ChatError::Denied(_))
    ));
    assert!(matches!(mute(Moderator::User(UserId(1)), None, Some(9_000)), Err(ChatError::Denied(_))));
    mute(Moderator::House, Some(&room()), Some(9_000)).unwrap();
    assert_eq!(bench.run(bench.chat.say(&b, &room(), "{}")), Err(ChatError::Muted));
    assert!(bench.run(bench.chat.say(&a, &room(), "{}")).is_ok());
    // A server that starts again learns of it when the user comes.
    let again = Chat::new(&bench.chat.core, &bench.chat.notifications);
    let late = session(3, 2);
    bench.run(again.join(&late, &room(), true, false)).unwrap();
    assert_eq!(bench.run(again.say(&late, &room(), "{}")), Err(ChatError::Muted));
    mute(Moderator::House, Some(&room()), None).unwrap();
    mute(Moderator::House, None, Some(900)).unwrap();
    assert!(bench.run(bench.chat.say(&b, &room(), "{}")).is_ok(), "it is over");
    mute(Moderator::House, None, Some(9_000)).unwrap();
    assert_eq!(bench.run(bench.chat.say(&b, &room(), "{}")), Err(ChatError::Muted));
    mute(Moderator::House, None, None).unwrap();
    ban(Some(&room()), Some(9_000)).unwrap();
    assert_eq!(bench.run(bench.chat.say(&b, &room(), "{}")), Err(ChatError::NotJoined));
    assert!(matches!(bench.join(&b, &room()), Err(ChatError::Denied(_))));
    assert!(matches!(
        bench.run(bench.chat.history(Some(UserId(2)), &room(), 9, true, "")),
        Err(ChatError::Denied(_))
    ));
    ban(Some(&room()), None).unwrap();
    bench.join(&b, &room()).unwrap();
}

#[test]
fn a_groups_channel_is_for_its_members_and_tells_what_happens() {
    let bench = Bench::new(1);
    let a = session(1, 1);
    let channel = Channel::Group(GroupId(7));
    assert_eq!(bench.join(&a, &channel), Err(ChatError::NotFound), "there is no such group");
    let joined = bench.chat.group_message(
        GroupId(7),
        ChannelMessageCode::GroupJoin,
        Some((UserId(1), "u1")),
        json!({}),
    );
    bench.run(joined).unwrap();
    let kept = bench.run(bench.chat.history(None, &channel, 9, true, "")).unwrap().messages;
    assert_eq!((kept[0].code, kept[0].username.as_str(), kept[0].sender), (3, "u1", Some(UserId(1))));
    bench.run(bench.chat.close_group(GroupId(7))).unwrap();
    assert_eq!(bench.run(bench.chat.history(None, &channel, 9, true, "")).unwrap().messages, []);
}
