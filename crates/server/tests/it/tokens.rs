//! Tokens over the wire: forged ones, refreshing, logging out.

use app::tokens::{SessionKey, Settings, Tokens, Vars};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use store::{FamilyId, UserId};
use wire::envelope::Format;

use crate::client::{Server, secret, soon};

/// Tokens as the server makes them, or with another key.
fn maker(session_key: &str) -> Tokens {
    Tokens::new(&Settings {
        session_key: SessionKey::Secret(session_key.into()),
        refresh_key: "defaultrefreshkey".into(),
        access_seconds: 60,
        refresh_seconds: 3_600,
    })
    .unwrap()
}

fn now() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64
}

#[tokio::test]
async fn tokens_that_open_nothing() {
    let server = Server::start().await;
    let good = server.log_in("ada").await.token;
    let made =
        |key: &str, at: i64| maker(key).issue(FamilyId(1), 0, UserId(2), "ada", &Vars::new(), at * 1_000);
    let claims = good.split('.').nth(1).unwrap();
    let none = format!("{}.{claims}.", BASE64.encode(r#"{"alg":"none","typ":"JWT"}"#));
    let rows = [
        ("expired", made("defaultsessionkey", now() - 61).token),
        ("made with another key", made("anothersessionkey", now()).token),
        ("a refresh token", made("defaultsessionkey", now()).refresh_token),
        ("algorithm none", none),
        ("nonsense", "nonsense".to_owned()),
        ("two dots", "..".to_owned()),
        ("none", String::new()),
    ];
    for (what, token) in &rows {
        let answer = server.get("/v2/account", token).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (401, Some(16)), "{what}");
        let refused = server.try_socket(token, Format::Json).await.err().expect(what);
        assert_eq!((refused.status, refused.json()["code"].as_i64()), (401, Some(16)), "{what}");
        let refused = server.post("/v2/rpc/room_mine?unwrap", token, r#"{"rules":"ledger"}"#).await;
        assert_eq!(refused.status, 401, "{what}");
    }
    assert_eq!(server.get("/v2/account", &good).await.status, 200);
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_uses_the_old_one_up() {
    let server = Server::start().await;
    let first = server.log_in("ada").await;
    let refresh = async |token: &str| {
        server.keyed("/v2/account/session/refresh", format!(r#"{{"token":"{token}"}}"#)).await
    };
    let second = refresh(&first.refresh).await.json();
    let (token, newer) = (second["token"].as_str().unwrap(), second["refresh_token"].as_str().unwrap());
    assert_eq!(server.get("/v2/account", token).await.status, 200);
    let third = refresh(newer).await;
    assert_eq!(third.status, 200, "{}", third.text());
    let third = third.json();

    // Somebody uses an old one again: the whole family ends.
    assert_eq!(refresh(&first.refresh).await.status, 401);
    assert_eq!(server.get("/v2/account", third["token"].as_str().unwrap()).await.status, 401);
    assert_eq!(refresh(third["refresh_token"].as_str().unwrap()).await.status, 401);
    assert_eq!(server.get("/v2/account", &first.token).await.status, 401);

    // Another login of the same device is another family.
    let fresh = server.log_in("ada").await;
    assert_eq!(server.get("/v2/account", &fresh.token).await.status, 200);

    let check = async |what: &str, body: &str, status: u16| {
        assert_eq!(server.keyed("/v2/account/session/refresh", body).await.status, status, "{what}");
    };
    check("a session token", &format!(r#"{{"token":"{}"}}"#, fresh.token), 401).await;
    check("nothing", "{}", 401).await;
    check("a number", r#"{"token":5}"#, 400).await;
}

#[tokio::test]
async fn a_log_out_ends_requests_refreshes_and_sockets() {
    let server = Server::start().await;
    let login = server.log_in("ada").await;
    let other = server.log_in("ada").await;
    let mut socket = server.socket(&login.token, Format::Json).await;
    let mut others = server.socket(&other.token, Format::Json).await;
    let out = server.post("/v2/session/logout", &login.token, "{}").await;
    assert_eq!((out.status, out.text().as_str()), (200, "{}"));

    assert_eq!(socket.closed().await, 1008, "an open socket is closed");
    assert_eq!(server.try_socket(&login.token, Format::Json).await.err().unwrap().status, 401);
    assert_eq!(server.get("/v2/account", &login.token).await.status, 401);
    let refresh = format!(r#"{{"token":"{}"}}"#, login.refresh);
    assert_eq!(server.keyed("/v2/account/session/refresh", &refresh).await.status, 401);

    // The other login of the same player goes on.
    others.frame(br#"{"cid":"1","ping":{}}"#).await;
    assert!(others.answer("1").await.is_some());
    assert_eq!(server.get("/v2/account", &other.token).await.status, 200);
}

#[tokio::test]
async fn a_log_out_ends_only_logins_of_the_same_player() {
    let server = Server::start().await;
    let (ada, ada_too, eve) =
        (server.log_in("ada").await, server.log_in("ada").await, server.log_in("eve").await);
    let body = format!(r#"{{"token":"{}","refresh_token":"{}"}}"#, ada_too.token, eve.refresh);
    assert_eq!(server.post("/v2/session/logout", &ada.token, &body).await.status, 200);
    let check = async |what: &str, token: &str, status: u16| {
        assert_eq!(server.get("/v2/account", token).await.status, status, "{what}");
    };
    check("her own", &ada.token, 401).await;
    check("her other one", &ada_too.token, 401).await;
    check("somebody else's", &eve.token, 200).await;
}

#[tokio::test]
async fn servers_call_with_the_http_key_of_the_configuration() {
    let server = Server::with(|config| config.keys.http_key = secret("a-key-of-ours")).await;
    let check = async |key: &str, status: u16, code: i64| {
        let path = format!("/v2/rpc/room_rewind?unwrap&http_key={key}");
        let answer = server.ask("POST", &path, &[], br#"{"match_id":"x","to":"1"}"#).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (status, Some(code)), "{key}");
    };
    check("a-key-of-ours", 400, 3).await;
    check("defaulthttpkey", 401, 16).await;
    check("", 401, 16).await;
    let ada = server.log_in("ada").await;
    let players = server.post("/v2/rpc/room_rewind?unwrap", &ada.token, "{}").await;
    assert_eq!((players.status, players.json()["code"].as_i64()), (403, Some(7)), "players may not");
    soon("the end", server.running.stop()).await;
}
