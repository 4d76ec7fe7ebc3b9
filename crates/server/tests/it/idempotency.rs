//! A write that is sent again under its key applies once and is answered as the first time.

use std::collections::BTreeMap;

use store::{Asks, Object};
use wire::envelope::{Format, MatchJoin, Message};

use crate::client::{Answer, Login, Server, soon};

/// Only if absent: a repetition that ran again would be refused.
const WRITE: &str = r#"{"objects":[{"collection":"c","key":"k","value":"{}","version":"*"}]}"#;

async fn keyed(server: &Server, login: &Login, key: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", login.token);
    let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
    server.ask("PUT", path, &headers, body.as_bytes()).await
}

async fn objects(server: &Server) -> Vec<Object> {
    let storage = &server.running.house.services.storage;
    storage.list(Asks::Server, "c", None, 100, None).await.unwrap().objects
}

#[tokio::test]
async fn the_same_request_again_is_done_once() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let first = keyed(&server, &ann, "key-1", "/v2/storage", WRITE).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    for _ in 0..3 {
        let again = keyed(&server, &ann, "key-1", "/v2/storage", WRITE).await;
        assert_eq!((again.status, again.text()), (200, first.text()));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
    }
    assert_eq!(objects(&server).await.len(), 1);
    let other = keyed(&server, &ann, "key-2", "/v2/storage", WRITE).await;
    assert_eq!((other.status, other.header("idempotency-replayed")), (400, None), "another key runs anew");
}

#[tokio::test]
async fn many_at_once_are_one() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let send = || keyed(&server, &ann, "key-1", "/v2/storage", WRITE);
    let answers = tokio::join!(send(), send(), send(), send());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    let mut texts: Vec<_> = answers.iter().map(|answer| (answer.status, answer.text())).collect();
    texts.dedup();
    assert_eq!((texts.len(), texts[0].0, objects(&server).await.len()), (1, 200, 1));
}

#[tokio::test]
async fn another_request_under_the_key_is_refused() {
    let server = Server::start().await;
    let (ann, bob) = (server.log_in("ann").await, server.log_in("bob").await);
    assert_eq!(keyed(&server, &ann, "key-1", "/v2/storage", WRITE).await.status, 200);
    let other = WRITE.replace("\"k\"", "\"l\"");
    let check = async |what: &str, path: &str, body: &str| {
        let refused = keyed(&server, &ann, "key-1", path, body).await;
        assert_eq!((refused.status, refused.json()["code"].as_i64()), (409, Some(10)), "{what}");
        assert!(refused.text().contains("idempotency key"), "{what}: {}", refused.text());
    };
    check("another body", "/v2/storage", &other).await;
    check("another query", "/v2/storage?x=1", WRITE).await;
    check("another path", "/v2/storage/delete", WRITE).await;
    assert_eq!(objects(&server).await.len(), 1);
    // Keys are a caller's own.
    assert_eq!(keyed(&server, &bob, "key-1", "/v2/storage", &other).await.status, 200);
    assert_eq!(keyed(&server, &ann, "key-2", "/v2/storage", &other).await.status, 200);
    assert_eq!(objects(&server).await.len(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_one_are_refused() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    for key in ["", &"k".repeat(129), "sm\u{f6}rg\u{e5}s"] {
        let refused = keyed(&server, &ann, key, "/v2/storage", WRITE).await;
        assert_eq!((refused.status, refused.json()["code"].as_i64()), (400, Some(3)), "{key:?}");
    }
    let bearer = format!("Bearer {}", ann.token);
    let two = [("Authorization", bearer.as_str()), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    assert_eq!(server.ask("PUT", "/v2/storage", &two, WRITE.as_bytes()).await.status, 400);
    let nobody = server.ask("PUT", "/v2/storage", &[("Idempotency-Key", "a")], WRITE.as_bytes()).await;
    assert_eq!((nobody.status, objects(&server).await.len()), (401, 0));
    let nobody_in_truth = Login { token: "e30.e30.e30".into(), refresh: String::new() };
    let false_token = keyed(&server, &nobody_in_truth, "a", "/v2/storage", WRITE).await;
    assert_eq!((false_token.status, objects(&server).await.len()), (401, 0));
}

#[tokio::test]
async fn a_room_is_opened_once_and_taken_back_once() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let bearer = format!("Bearer {}", ann.token);
    let open = async |key: &str| {
        let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
        server.ask("POST", "/v2/rpc/room_open?unwrap", &headers, br#"{"rules":"ledger"}"#).await
    };
    let first = open("key-1").await;
    assert_eq!(first.status, 200, "{}", first.text());
    let again = open("key-1").await;
    assert_eq!((again.text(), again.header("idempotency-replayed")), (first.text(), Some("true")));
    assert_ne!(open("key-2").await.text(), first.text(), "another key opens another room");

    // As above, where the answer was lost before it was kept: the request is run again.
    let house = &server.running.house;
    let user = house.services.accounts.holder(&ann.token).unwrap().user;
    let rooms = &house.services.rooms;
    let ticket = |key: &[u8]| {
        app::core::Ticket::new(app::core::Scope::User(user), key, &[], house.services.core.now_ms(), 60_000)
    };
    let run =
        async || ticket(b"key-3").unwrap().around(rooms.open(user, "ledger", b"{}".to_vec(), false)).await;
    let room = run().await.unwrap();
    assert_eq!(run().await.unwrap(), room);

    // Her coming is an input more, so there is something to take back.
    let mut socket = server.socket(&ann.token, Format::Json).await;
    let match_id = Some(house.services.match_id(room));
    let join = MatchJoin { match_id, token: None, metadata: BTreeMap::new() };
    socket.send("1", Message::MatchJoin(join)).await;
    assert!(matches!(socket.answer("1").await, Some(Message::Match(_))));
    let back = async || ticket(b"key-4").unwrap().around(rooms.rewind(room, kernel::Seq(1))).await;
    assert_eq!(back().await.unwrap().to, kernel::Seq(1));
    assert!(matches!(back().await, Err(app::rooms::RoomError::Once)));
    rooms.rewind(room, kernel::Seq(1)).await.unwrap();
}

#[tokio::test]
async fn a_refusal_that_wrote_nothing_leaves_the_key_free() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let refused = keyed(&server, &ann, "key-1", "/v2/storage", r#"{"objects":[{}]}"#).await;
    assert_eq!(refused.status, 400);
    assert_eq!(keyed(&server, &ann, "key-1", "/v2/storage", WRITE).await.status, 200);
}

#[tokio::test]
async fn the_answer_is_kept_beside_the_write() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    keyed(&server, &ann, "key-1", "/v2/storage", WRITE).await;
    let house = &server.running.house;
    let user = house.services.accounts.holder(&ann.token).unwrap().user;
    let scope = app::core::Scope::User(user);
    let parts: [&[u8]; 4] = [b"PUT", b"/v2/storage", b"", WRITE.as_bytes()];
    let ticket = app::core::Ticket::new(scope, b"key-1", &parts, house.services.core.now_ms(), 1).unwrap();
    soon("the answer is kept", async {
        while house.services.core.answer_of(&ticket).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
