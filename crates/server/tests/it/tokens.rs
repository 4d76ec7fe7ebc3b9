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
    let out = format!(r#"{{"token":"{}"}}"#, login.token);
    let out = server.post("/v2/session/logout", &login.token, &out).await;
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

#[tokio::test]
async fn logged_out_everywhere_is_logged_out_everywhere() {
    for path in ["/v2/session/logout", "/v2/session/logout/all"] {
        let server = Server::start().await;
        let (here, there) = (server.log_in("ada").await, server.log_in("ada").await);
        let eve = server.log_in("eve").await;
        let mut sockets = [
            server.socket(&here.token, Format::Json).await,
            server.socket(&there.token, Format::Protobuf).await,
        ];
        assert_eq!(server.post(path, &here.token, "{}").await.text(), "{}");
        for socket in &mut sockets {
            assert_eq!(socket.closed().await, 1008, "{path}");
        }
        for login in [&here, &there] {
            assert_eq!(server.get("/v2/account", &login.token).await.status, 401, "{path}");
            let refresh = format!(r#"{{"token":"{}"}}"#, login.refresh);
            assert_eq!(server.keyed("/v2/account/session/refresh", &refresh).await.status, 401, "{path}");
            assert!(server.try_socket(&login.token, Format::Json).await.is_err(), "{path}");
        }
        assert_eq!(server.get("/v2/account", &eve.token).await.status, 200, "somebody else goes on");
        let again = server.log_in("ada").await;
        assert_eq!(
            server.get("/v2/account", &again.token).await.status,
            200,
            "a login afterwards is good at once"
        );
    }
}

#[tokio::test]
async fn with_single_sessions_the_newest_login_is_the_only_one() {
    let server = Server::with(|config| config.session.single = true).await;
    let first = server.log_in("ada").await;
    let mut socket = server.socket(&first.token, Format::Json).await;
    let second = server.log_in("ada").await;
    assert_eq!(socket.closed().await, 1008);
    assert_eq!(server.get("/v2/account", &first.token).await.status, 401);
    assert_eq!(server.get("/v2/account", &second.token).await.status, 200);
}

#[tokio::test]
async fn a_ticket_is_good_once_for_servers_that_ask() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let ask = async |path: &str, body: &str| server.ask("POST", path, &[], body.as_bytes()).await;
    let keyed = "/v2/session/introspect?http_key=defaulthttpkey";
    let what = async |token: &str, aud: &str| {
        let body = format!(r#"{{"token":"{token}","aud":"{aud}"}}"#);
        ask(keyed, &body).await.json()
    };
    let made = server
        .post("/v2/rpc/ticket_create?unwrap", &ada.token, r#"{"aud":"arena-1","seconds":30}"#)
        .await
        .json();
    let ticket = made["ticket"].as_str().unwrap();
    assert_eq!(what(ticket, "arena-2").await, serde_json::json!({ "active": false }), "for another place");
    let first = what(ticket, "arena-1").await;
    assert_eq!((first["active"].as_bool(), first["token_type"].as_str()), (Some(true), Some("ticket")));
    assert_eq!(first["aud"], "arena-1");
    assert_eq!(what(ticket, "arena-1").await, serde_json::json!({ "active": false }), "used up");
    assert_eq!(server.get("/v2/account", ticket).await.status, 401, "a ticket is no session");

    let session = ask(keyed, &format!(r#"{{"token":"{}"}}"#, ada.token)).await.json();
    assert_eq!((session["active"].as_bool(), session["token_type"].as_str()), (Some(true), Some("session")));
    assert_eq!(session["sub"], first["sub"]);
    let form = format!("token={}", ada.refresh);
    let kind = [("Content-Type", "application/x-www-form-urlencoded")];
    let refresh = server.ask("POST", keyed, &kind, form.as_bytes()).await.json();
    assert_eq!((refresh["active"].as_bool(), refresh["token_type"].as_str()), (Some(true), Some("refresh")));
    for body in ["{}", r#"{"token":"nonsense"}"#] {
        assert_eq!(ask(keyed, body).await.json(), serde_json::json!({ "active": false }), "{body}");
    }
    assert_eq!(ask("/v2/session/introspect", "{}").await.status, 401);
    assert_eq!(ask("/v2/session/introspect?http_key=wrong", "{}").await.status, 401);
    assert_eq!(ask(keyed, r#"{"token":5}"#).await.status, 400);
    for payload in ["{}", r#"{"aud":""}"#, r#"{"aud":"a","seconds":0}"#, r#"{"aud":"a","seconds":301}"#] {
        let answer = server.post("/v2/rpc/ticket_create?unwrap", &ada.token, payload).await;
        assert_eq!(answer.status, 400, "{payload}");
    }
}

#[tokio::test]
async fn with_an_rsa_key_tokens_are_checked_with_published_keys() {
    let plain = Server::start().await;
    let none = plain.ask("GET", "/.well-known/jwks.json", &[], b"").await.json();
    assert_eq!(none, serde_json::json!({ "keys": [] }));
    let key = |name: &str| format!("{}/../app/src/tokens/{name}", env!("CARGO_MANIFEST_DIR"));
    let server = Server::with(|config| {
        config.session.rsa_key_file = key("test_key_1.pem");
        config.session.rsa_old_files = key("test_key_2.pem");
    })
    .await;
    let token = server.log_in("ada").await.token;
    assert_eq!(server.get("/v2/account", &token).await.status, 200);
    let head = BASE64.decode(token.split('.').next().unwrap()).unwrap();
    let head: serde_json::Value = serde_json::from_slice(&head).unwrap();
    let published = server.ask("GET", "/.well-known/jwks.json", &[], b"").await.json();
    let keys = published["keys"].as_array().unwrap();
    assert_eq!((keys.len(), head["alg"].as_str()), (2, Some("RS256")));
    assert_eq!(keys[0]["kid"], head["kid"]);
    assert!(keys.iter().all(|key| key["kty"] == "RSA" && key.get("d").is_none()), "{published}");
    let foreign = plain.log_in("ada").await.token;
    assert_eq!(
        server.get("/v2/account", &foreign).await.status,
        401,
        "a token under the secret is not taken"
    );
}
