//! Kept messages and sanctions on every engine.

use store::*;

use super::Engine;
use crate::samples::user;

fn add(channel: &str, id: u128, who: u128) -> MessageAdd {
    let message = ChatMessage {
        id,
        code: 0,
        sender: Some(user(who)),
        username: format!("User{who}"),
        content: "{}".into(),
        created_ms: 4,
        updated_ms: 0,
    };
    MessageAdd { channel: channel.into(), message }
}

fn ids(engine: &mut impl Engine, channel: &str, from: Option<u128>, forward: bool) -> Vec<u128> {
    let list = MessagesList { channel: channel.into(), from, forward, limit: 3 };
    engine.run(list).unwrap().into_iter().map(|message| message.id).collect()
}

fn change(id: u128, sender: Option<u128>, content: Option<&str>) -> MessageUpdate {
    let (sender, content) = (sender.map(user), content.map(str::to_owned));
    MessageUpdate { channel: "2...a".into(), id, sender, content, at_ms: 9 }
}

pub fn messages_are_kept_in_the_order_of_commits(engine: &mut impl Engine) {
    for (id, kept) in [(10, 10), (5, 11), (11, 12), (20, 20)] {
        assert_eq!(engine.run(add("2...a", id, 1)).unwrap().id, kept);
    }
    assert_eq!(engine.run(add("2...b", 1, 2)).unwrap().id, 1);
    assert_eq!(ids(engine, "2...a", None, true), [10, 11, 12]);
    assert_eq!(ids(engine, "2...a", Some(11), true), [12, 20]);
    assert_eq!(ids(engine, "2...a", None, false), [20, 12, 11]);
    assert_eq!(ids(engine, "2...a", Some(11), false), [10]);
    assert_eq!(ids(engine, "2...c", None, true), []);
}

pub fn messages_are_changed_by_those_who_may(engine: &mut impl Engine) {
    for id in 1..=3 {
        engine.run(add("2...a", id, 1)).unwrap();
    }
    let told = ChatMessage { code: 3, ..add("2...a", 4, 1).message };
    engine.run(MessageAdd { channel: "2...a".into(), message: told }).unwrap();
    let changed = engine.run(change(2, Some(1), Some("{\"a\":1}"))).unwrap().unwrap();
    assert_eq!((changed.content.as_str(), changed.created_ms, changed.updated_ms), ("{\"a\":1}", 4, 9));
    assert_eq!(engine.run(change(2, Some(2), None)).unwrap(), Err(MessageDenied::NotTheirs));
    assert_eq!(engine.run(change(4, Some(1), None)).unwrap(), Err(MessageDenied::NotTheirs));
    assert_eq!(engine.run(change(9, Some(1), None)).unwrap(), Err(MessageDenied::NotFound));
    assert!(engine.run(change(4, None, None)).unwrap().is_ok());
    assert_eq!(engine.run(change(4, None, None)).unwrap(), Err(MessageDenied::NotFound), "removed");
    assert_eq!(ids(engine, "2...a", None, false), [3, 2, 1]);
    // Whoever has seen the removed newest one sees the next.
    assert_eq!(engine.run(add("2...a", 1, 1)).unwrap().id, 5);
    assert!(engine.run(change(1, Some(1), None)).unwrap().is_ok());
    assert_eq!(ids(engine, "2...a", None, true), [2, 3, 5]);
}

pub fn messages_are_found_by_their_sender_and_erased(engine: &mut impl Engine) {
    for (channel, id, who) in [("2...a", 1, 1), ("2...a", 2, 2), ("2...a", 3, 1), ("2...b", 4, 1)] {
        engine.run(add(channel, id, who)).unwrap();
    }
    let spoken = |engine: &mut _, user, after: &str, limit| {
        Engine::run(engine, SpokenIn { user, after: after.into(), limit }).unwrap()
    };
    assert_eq!(spoken(engine, user(1), "", 9), ["2...a", "2...b"]);
    assert_eq!(spoken(engine, user(1), "", 1), ["2...a"]);
    assert_eq!(spoken(engine, user(1), "2...a", 9), ["2...b"]);
    assert_eq!(spoken(engine, user(2), "", 9), ["2...a"]);
    let part = |channel: &str, after, limit| ChannelPart { channel: channel.into(), after, limit };
    let mut said = |who, part| {
        let (said, next) = engine.run(MessagesOfUser { user: user(who), part }).unwrap();
        (said.into_iter().map(|message| message.id).collect::<Vec<_>>(), next)
    };
    assert_eq!(said(1, part("2...a", 0, 9)), (vec![1, 3], None));
    assert_eq!(said(1, part("2...a", 1, 2)), (vec![3], Some(3)));
    assert_eq!(said(1, part("2...a", 3, 2)), (vec![], None));
    assert_eq!(said(2, part("2...a", 0, 9)), (vec![2], None));
    assert_eq!(said(2, part("2...b", 0, 9)), (vec![], None));
    let erase = |engine: &mut _, part| Engine::run(engine, MessagesErase { user: user(1), part }).unwrap();
    assert_eq!(erase(engine, part("2...a", 0, 2)), Some(2));
    assert_eq!(spoken(engine, user(1), "", 9), ["2...a", "2...b"], "broken off here, it is found again");
    assert_eq!(erase(engine, part("2...a", 2, 2)), None);
    assert_eq!(spoken(engine, user(1), "", 9), ["2...b"]);
    assert_eq!(spoken(engine, user(2), "", 9), ["2...a"], "who is not erased");
    assert_eq!(erase(engine, part("2...b", 0, 1)), Some(4));
    assert_eq!(erase(engine, part("2...b", 4, 1)), None);
    assert_eq!(spoken(engine, user(1), "", 9), [""; 0]);
    assert_eq!((ids(engine, "2...a", None, true), ids(engine, "2...b", None, true)), (vec![2], vec![]));
    // Ids go on after the newest, though it was erased.
    assert_eq!(engine.run(add("2...a", 1, 1)).unwrap().id, 4);
    assert_eq!(engine.run(add("2...a", 1, 1)).unwrap().id, 5);
    assert_eq!(spoken(engine, user(1), "", 9), ["2...a"]);
    let all = ChannelErase { channel: "2...a".into(), limit: 10 };
    assert!(engine.run(all.clone()).unwrap() > 0);
    assert_eq!(engine.run(all).unwrap(), 0);
}

pub fn sanctions_hold_until_they_end(engine: &mut impl Engine) {
    let set = |channel: &str, kind, until_ms| SanctionSet {
        channel: channel.into(),
        user: user(1),
        kind,
        until_ms,
    };
    let get = |now_ms| SanctionsGet { channel: "2...a".into(), user: user(1), now_ms };
    engine.run(set("2...a", SanctionKind::Mute, Some(10))).unwrap();
    engine.run(set("", SanctionKind::Mute, Some(20))).unwrap();
    engine.run(set("2...b", SanctionKind::Ban, Some(30))).unwrap();
    let muted = |here: Option<i64>, everywhere| Sanctions {
        muted_ms: here,
        muted_everywhere_ms: everywhere,
        banned_ms: None,
    };
    assert_eq!(engine.run(get(5)).unwrap(), muted(Some(10), Some(20)));
    assert_eq!(engine.run(get(10)).unwrap(), muted(None, Some(20)));
    engine.run(set("2...a", SanctionKind::Ban, Some(40))).unwrap();
    engine.run(set("", SanctionKind::Ban, Some(50))).unwrap();
    assert_eq!(engine.run(get(10)).unwrap().banned_ms, Some(50));
    engine.run(set("", SanctionKind::Ban, None)).unwrap();
    assert_eq!(engine.run(get(10)).unwrap().banned_ms, Some(40));
    engine.run(SanctionsErase { user: user(1) }).unwrap();
    assert_eq!(engine.run(get(5)).unwrap(), Sanctions::default());
}
