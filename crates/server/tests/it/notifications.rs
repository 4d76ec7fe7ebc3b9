//! Notifications from server code to sockets in both formats, and the list over HTTP.

use serde_json::json;
use store::UserId;
use wire::envelope::{Format, Message, Notification};

use crate::client::{Server, Socket};

async fn next(socket: &mut Socket) -> Notification {
    loop {
        if let Some(Message::Notifications(mut told)) = socket.envelope().await.message {
            assert_eq!(told.notifications.len(), 1);
            return told.notifications.remove(0);
        }
    }
}

async fn user(server: &Server, token: &str) -> UserId {
    server.get("/v2/account", token).await.json()["user"]["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn server_code_tells_one_some_and_everybody() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let (ada_id, eve_id) = (user(&server, &ada.token).await, user(&server, &eve.token).await);
    let mut text = server.socket(&ada.token, Format::Json).await;
    let mut binary = server.socket(&ada.token, Format::Protobuf).await;
    let told = &server.running.house.services.notifications;

    told.send(ada_id, "news", json!({ "n": 1 }), 7, Some(eve_id), true).await.unwrap();
    let kept = next(&mut text).await;
    assert_eq!(kept, next(&mut binary).await);
    assert_eq!((kept.code, kept.persistent, kept.content.as_str()), (7, true, "{\"n\":1}"));
    assert_eq!(kept.sender_id, eve_id.to_string());
    told.send_many(&[ada_id, eve_id, UserId(9)], "more", json!({}), 8, None, true).await.unwrap();
    assert_eq!(next(&mut text).await.code, 8);
    told.send_all("now", json!({}), 9, false).await.unwrap();
    let passing = next(&mut text).await;
    assert_eq!((passing.code, passing.persistent), (9, false));
    told.send_all("everybody", json!({}), 10, true).await.unwrap();
    assert_eq!(next(&mut text).await.code, 10);
    assert!(told.send(ada_id, "", json!({}), 1, None, false).await.is_err(), "no subject");
    assert!(told.send(ada_id, "x", json!([]), 1, None, false).await.is_err(), "no object");

    let codes = |answer: &serde_json::Value| {
        let list = answer["notifications"].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| one["code"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let list = server.get("/v2/notification?limit=2", &ada.token).await.json();
    assert_eq!(codes(&list), [7, 8]);
    assert_eq!(list["notifications"][0]["id"], kept.id);
    let cursor = list["cacheable_cursor"].as_str().unwrap();
    let path = format!("/v2/notification?cacheable_cursor={cursor}");
    let rest = server.get(&path, &ada.token).await.json();
    assert_eq!(codes(&rest), [10]);
    let newest = rest["cacheable_cursor"].as_str().unwrap();
    let idle = server.get(&format!("/v2/notification?cacheable_cursor={newest}"), &ada.token).await.json();
    assert_eq!((codes(&idle), &idle["cacheable_cursor"]), (vec![], &rest["cacheable_cursor"]));
    assert_eq!(codes(&server.get("/v2/notification", &eve.token).await.json()), [8, 10]);
    // A cursor is its owner's.
    assert_eq!(server.get(&path, &eve.token).await.status, 400);
    assert_eq!(server.get("/v2/notification", "").await.status, 401);

    let delete = format!("/v2/notification?ids={}&ids={}", kept.id, UserId(1));
    let bearer = |token: &str| format!("Bearer {token}");
    let gone = server.ask("DELETE", &delete, &[("Authorization", &bearer(&eve.token))], b"").await;
    assert_eq!(gone.status, 200, "somebody else's are passed over");
    assert_eq!(codes(&server.get("/v2/notification", &ada.token).await.json()), [7, 8, 10]);
    server.ask("DELETE", &delete, &[("Authorization", &bearer(&ada.token))], b"").await;
    assert_eq!(codes(&server.get("/v2/notification", &ada.token).await.json()), [8, 10]);
}
