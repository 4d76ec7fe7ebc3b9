//! Status between sockets of both formats.

use wire::envelope::{Format, Message, StatusFollow, StatusPresenceEvent, StatusUnfollow, StatusUpdate};

use crate::client::{Server, Socket};

async fn heard(socket: &mut Socket) -> StatusPresenceEvent {
    loop {
        if let Some(Message::StatusPresenceEvent(event)) = socket.envelope().await.message {
            return event;
        }
    }
}

/// What was told before, and what is told now.
fn told(event: &StatusPresenceEvent) -> (Option<&str>, Option<&str>) {
    (
        event.leaves.first().and_then(|one| one.status.as_deref()),
        event.joins.first().and_then(|one| one.status.as_deref()),
    )
}

fn update(status: Option<&str>) -> Message {
    Message::StatusUpdate(StatusUpdate { status: status.map(str::to_owned) })
}

#[tokio::test]
async fn followers_hear_what_was_and_what_is() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let account = server.get("/v2/account", &eve.token).await.json();
    let (id, name) = (account["user"]["id"].as_str().unwrap(), account["user"]["username"].as_str().unwrap());
    // Its own sockets hear it, too: `status=true` shows it at once.
    let mut shown = server.shown_socket(&eve.token, Format::Json).await;
    assert_eq!(told(&heard(&mut shown).await), (None, Some("")));
    let mut follower = server.shown_socket(&ada.token, Format::Protobuf).await;
    heard(&mut follower).await;
    let follow = StatusFollow { user_ids: vec![id.into()], usernames: vec![name.into(), "nobody".into()] };
    follower.send("follow", Message::StatusFollow(follow)).await;
    let Some(Message::Status(status)) = follower.answer("follow").await else { panic!("no status") };
    assert_eq!((status.presences.len(), status.presences[0].user_id.as_str()), (1, id));

    shown.send("", update(Some("busy"))).await;
    assert_eq!(told(&heard(&mut follower).await), (Some(""), Some("busy")));
    shown.send("", update(None)).await;
    assert_eq!(told(&heard(&mut follower).await), (Some("busy"), None));
    shown.send("again", update(Some("here"))).await;
    assert_eq!(shown.answer("again").await, None);
    assert_eq!(told(&heard(&mut follower).await), (None, Some("here")));
    let unfollow = StatusUnfollow { user_ids: vec![id.into()] };
    follower.send("no", Message::StatusUnfollow(unfollow)).await;
    assert_eq!(follower.answer("no").await, None);
    shown.send("more", update(Some("unheard"))).await;
    assert_eq!(shown.answer("more").await, None);
    follower.send("own", update(Some("mine"))).await;
    assert_eq!(told(&heard(&mut follower).await), (Some(""), Some("mine")), "the next it hears is its own");
    shown.send("long", update(Some(&"s".repeat(2_049)))).await;
    assert!(matches!(shown.answer("long").await, Some(Message::Error(_))));
}
