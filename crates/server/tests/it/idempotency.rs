//! A write that is sent again under its key applies once and is answered as the first time.

use store::{EventRow, EventsAfter};

use crate::client::{Answer, Server, soon};

const EVENT: &str = r#"{"name":"jump","timestamp":"2026-01-02T03:04:05Z","properties":{"high":"yes"}}"#;

async fn keyed(server: &Server, token: &str, key: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", key)];
    server.ask("POST", path, &headers, body.as_bytes()).await
}

async fn events(server: &Server) -> Vec<EventRow> {
    server.running.house.store.read(EventsAfter { seq: 0, limit: 100 }).await.unwrap()
}

#[tokio::test]
async fn the_same_request_again_is_done_once() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let first = keyed(&server, &ann.token, "key-1", "/v2/event", EVENT).await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    for _ in 0..3 {
        let again = keyed(&server, &ann.token, "key-1", "/v2/event", EVENT).await;
        assert_eq!((again.status, again.text()), (200, first.text()));
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
    }
    assert_eq!(events(&server).await.len(), 1);
    let without = server.post("/v2/event", &ann.token, EVENT).await;
    assert_eq!((without.status, events(&server).await.len()), (200, 2));
}

#[tokio::test]
async fn many_at_once_are_one() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let send = || keyed(&server, &ann.token, "key-1", "/v2/event", EVENT);
    let answers = tokio::join!(send(), send(), send(), send());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    let mut texts: Vec<_> = answers.iter().map(|answer| (answer.status, answer.text())).collect();
    texts.dedup();
    assert_eq!((texts.len(), texts[0].0, events(&server).await.len()), (1, 200, 1));
}

#[tokio::test]
async fn another_request_under_the_key_is_refused() {
    let server = Server::start().await;
    let (ann, bob) = (server.log_in("ann").await, server.log_in("bob").await);
    assert_eq!(keyed(&server, &ann.token, "key-1", "/v2/event", EVENT).await.status, 200);
    let other = EVENT.replace("jump", "fall");
    let check = async |what: &str, path: &str, body: &str| {
        let refused = keyed(&server, &ann.token, "key-1", path, body).await;
        assert_eq!((refused.status, refused.json()["code"].as_i64()), (409, Some(10)), "{what}");
        assert!(refused.text().contains("idempotency key"), "{what}: {}", refused.text());
    };
    check("another body", "/v2/event", &other).await;
    check("another query", "/v2/event?x=1", EVENT).await;
    check("another path", "/v2/rpc/room_open", EVENT).await;
    assert_eq!(events(&server).await.len(), 1);
    // Keys are a caller's own.
    assert_eq!(keyed(&server, &bob.token, "key-1", "/v2/event", &other).await.status, 200);
    assert_eq!(keyed(&server, &ann.token, "key-2", "/v2/event", &other).await.status, 200);
    assert_eq!(events(&server).await.len(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_one_are_refused() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    for key in ["", &"k".repeat(129), "sm\u{f6}rg\u{e5}s"] {
        let refused = keyed(&server, &ann.token, key, "/v2/event", EVENT).await;
        assert_eq!((refused.status, refused.json()["code"].as_i64()), (400, Some(3)), "{key:?}");
    }
    let bearer = format!("Bearer {}", ann.token);
    let two = [("Authorization", bearer.as_str()), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")];
    assert_eq!(server.ask("POST", "/v2/event", &two, EVENT.as_bytes()).await.status, 400);
    let nobody = server.ask("POST", "/v2/event", &[("Idempotency-Key", "a")], EVENT.as_bytes()).await;
    assert_eq!((nobody.status, events(&server).await.len()), (401, 0));
    let false_token = keyed(&server, "e30.e30.e30", "a", "/v2/event", EVENT).await;
    assert_eq!((false_token.status, events(&server).await.len()), (401, 0));
}

#[tokio::test]
async fn a_refusal_that_wrote_nothing_leaves_the_key_free() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let refused = keyed(&server, &ann.token, "key-1", "/v2/event", r#"{"name":""}"#).await;
    assert_eq!(refused.status, 400);
    assert_eq!(keyed(&server, &ann.token, "key-1", "/v2/event", EVENT).await.status, 200);
}

#[tokio::test]
async fn the_answer_is_kept_beside_the_write() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    keyed(&server, &ann.token, "key-1", "/v2/event", EVENT).await;
    let house = &server.running.house;
    let user = house.services.accounts.holder(&ann.token).unwrap().user;
    let scope = app::core::Scope::User(user);
    let parts: [&[u8]; 4] = [b"POST", b"/v2/event", b"", EVENT.as_bytes()];
    let ticket = app::core::Ticket::new(scope, b"key-1", &parts, house.services.core.now_ms(), 1).unwrap();
    soon("the answer is kept", async {
        while house.services.core.answer_of(&ticket).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}
