//! Which key opens which door: every route and every function of the house, with every key that somebody may hold.

use serde_json::Value;

use crate::client::{Login, Server};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Every key, with the scheme of the API's description that it is good for; `None`: for nothing.
const KEYS: [(&str, Option<&str>); 8] = [
    ("no key", None),
    ("a wrong server key", None),
    ("the server key", Some("server_key")),
    ("a wrong HTTP key", None),
    ("the HTTP key", Some("http_key")),
    ("a forged session token", None),
    ("a refresh token", None),
    ("a session token", Some("bearer")),
];

/// A request's path and headers with one of the [`KEYS`].
fn with(key: &str, path: &str, login: &Login) -> (String, Option<String>) {
    let forged = format!("{}x", login.token);
    match key {
        "a wrong server key" => (path.to_owned(), Some("Basic d3Jvbmc6".into())),
        "the server key" => (path.to_owned(), Some("Basic ZGVmYXVsdGtleTo=".into())),
        "a wrong HTTP key" => (format!("{path}?http_key=wrong"), None),
        "the HTTP key" => (format!("{path}?http_key=defaulthttpkey"), None),
        "a forged session token" => (path.to_owned(), Some(format!("Bearer {forged}"))),
        "a refresh token" => (path.to_owned(), Some(format!("Bearer {}", login.refresh))),
        "a session token" => (path.to_owned(), Some(format!("Bearer {}", login.token))),
        _ => (path.to_owned(), None),
    }
}

/// The API's description says which keys a route takes. It takes these, and no other.
#[tokio::test]
async fn every_route_opens_for_the_keys_that_it_names() {
    let server = Server::start().await;
    let api = server.get("/openapi.json", "").await.json();
    let mut routes = 0;
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schemes = operation["security"].as_array().into_iter().flatten();
            let named: Vec<&str> =
                schemes.filter_map(Value::as_object).flat_map(|one| one.keys()).map(String::as_str).collect();
            if named.is_empty() {
                continue;
            }
            routes += 1;
            // Some of these end the session, and one wants proof of its own beside the key.
            let login = server.log_in(&format!("{method}-{path}")).await;
            let body = format!(r#"{{"token":"{}"}}"#, login.refresh);
            let parts: Vec<&str> =
                path.split('/').map(|part| if part.starts_with('{') { NOBODY } else { part }).collect();
            for (key, good_for) in KEYS {
                let (path, authorization) = with(key, &parts.join("/"), &login);
                let headers: Vec<_> =
                    authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
                let answer = server.ask(&method.to_uppercase(), &path, &headers, body.as_bytes()).await;
                let opens = good_for.is_some_and(|scheme| named.contains(&scheme));
                assert_eq!(answer.status != 401, opens, "{method} {path} with {key}: {}", answer.text());
                if !opens {
                    assert_eq!(answer.json()["code"], 16, "{method} {path} with {key}");
                }
            }
        }
    }
    assert!(routes > 80, "only {routes} routes have a key");
}

/// The house's functions that are for players alone, and those for servers alone. Who calls is looked at before what is sent.
#[tokio::test]
async fn every_function_knows_its_callers() {
    const PLAYERS: &str = "room_open room_mine preferences_get preferences_set wallet_ledger_list achievements_list \
        governance_vote";
    const SERVERS: &str = "room_rewind room_without account_update account_enable account_disable account_export account_erase \
        wallet_update wallet_ledger wallet_ledger_update achievements_progress leaderboard_create \
        leaderboard_delete leaderboard_write_many tournament_create tournament_delete content_check content_publish";
    let server = Server::start().await;
    let login = server.log_in("ada").await;
    let (token, key) = ("a session token", "the HTTP key");
    for (functions, right, wrong) in [(PLAYERS, token, key), (SERVERS, key, token)] {
        for function in functions.split_whitespace() {
            for (key, denied) in [(wrong, true), (right, false)] {
                let (path, authorization) = with(key, &format!("/v2/rpc/{function}"), &login);
                let headers: Vec<_> =
                    authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
                let answer = server.ask("POST", &path, &headers, b"").await;
                assert_eq!(answer.status == 403, denied, "{function} with {key}: {}", answer.text());
            }
        }
    }
}
