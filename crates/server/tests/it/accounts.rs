//! Device login, names, the account.

use crate::client::Server;

#[tokio::test]
async fn a_device_finds_its_account_again() {
    let server = Server::start().await;
    let first = server.keyed("/v2/account/authenticate/device?username=Ada", r#"{"id":"0123456789"}"#).await;
    assert_eq!((first.status, first.json()["created"].as_bool()), (200, Some(true)));
    let again = server.keyed("/v2/account/authenticate/device?create=false", r#"{"id":"0123456789"}"#).await;
    assert_eq!((again.status, again.json()["created"].as_bool()), (200, None));
    let account = server.get("/v2/account", again.json()["token"].as_str().unwrap()).await.json();
    assert_eq!(account["user"]["username"], "Ada");
    assert_eq!(account["devices"][0]["id"], "0123456789");
    assert_eq!(account["wallet"], "{}");
    assert!(account["user"]["create_time"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn the_same_login_twice_at_once_makes_one_account() {
    let server = Server::start().await;
    let body = r#"{"id":"one-device-twice"}"#;
    let path = "/v2/account/authenticate/device";
    let both = tokio::join!(server.keyed(path, body), server.keyed(path, body));
    let user = async |token: serde_json::Value| {
        server.get("/v2/account", token.as_str().unwrap()).await.json()["user"]["id"].clone()
    };
    assert_eq!(user(both.0.json()["token"].clone()).await, user(both.1.json()["token"].clone()).await);
}

#[tokio::test]
async fn logins_that_are_refused() {
    let server = Server::start().await;
    let taken = server.keyed("/v2/account/authenticate/device?username=Ada", r#"{"id":"0123456789"}"#).await;
    assert_eq!(taken.status, 200);
    let check = async |what: &str, query: &str, body: &[u8], status: u16, code: i64| {
        let answer = server.keyed(&format!("/v2/account/authenticate/device?{query}"), body).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (status, Some(code)), "{what}");
        assert!(!answer.json()["message"].as_str().unwrap().is_empty(), "{what}");
    };
    let long = format!(r#"{{"id":"{}"}}"#, "d".repeat(129));
    let name = format!("username={}", "n".repeat(129));
    let deep = format!(r#"{{"id":"another-device","vars":{}{}}}"#, r#"{"a":"#.repeat(300), "}".repeat(300));
    let vars: Vec<_> = (0..33).map(|n| format!(r#""k{n}":"v""#)).collect();
    let vars = format!(r#"{{"id":"another-device","vars":{{{}}}}}"#, vars.join(","));
    check("unknown device, none may be made", "create=false", br#"{"id":"another-device"}"#, 404, 5).await;
    check("name in use", "username=Ada", br#"{"id":"another-device"}"#, 409, 6).await;
    check("name in use, other case", "username=aDA", br#"{"id":"another-device"}"#, 409, 6).await;
    check("name with a space", "username=a%20b", br#"{"id":"another-device"}"#, 400, 3).await;
    check("name with a line break", "username=a%0ab", br#"{"id":"another-device"}"#, 400, 3).await;
    check("name too long", &name, br#"{"id":"another-device"}"#, 400, 3).await;
    check("create is no flag", "create=perhaps", br#"{"id":"another-device"}"#, 400, 3).await;
    check("id too short", "", br#"{"id":"012345678"}"#, 400, 3).await;
    check("id too long", "", long.as_bytes(), 400, 3).await;
    check("id with NUL", "", br#"{"id":"01234\u000056789"}"#, 400, 3).await;
    check("no id", "", b"{}", 400, 3).await;
    check("no body", "", b"", 400, 3).await;
    check("id of a wrong type", "", br#"{"id":1234567890}"#, 400, 3).await;
    check("too many variables", "", vars.as_bytes(), 400, 3).await;
    check("malformed JSON", "", br#"{"id":"0123456789""#, 400, 3).await;
    check("not an object", "", b"[1,2]", 400, 3).await;
    check("deep nesting", "", deep.as_bytes(), 400, 3).await;
    check("invalid UTF-8", "", b"{\"id\":\"012345\xff6789\"}", 400, 3).await;
    check("body too long", "", &vec![b' '; 300 << 10], 413, 3).await;
}

#[tokio::test]
async fn the_server_key_is_required() {
    let server = Server::start().await;
    let path = "/v2/account/authenticate/device";
    let check = async |what: &str, headers: &[(&str, &str)]| {
        let answer = server.ask("POST", path, headers, br#"{"id":"0123456789"}"#).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (401, Some(16)), "{what}");
    };
    check("none", &[]).await;
    check("a wrong one", &[("Authorization", "Basic d3Jvbmc6")]).await;
    check("a longer one", &[("Authorization", "Basic ZGVmYXVsdGtleTE6")]).await;
    check("not base64", &[("Authorization", "Basic %%%")]).await;
    check("empty", &[("Authorization", "Basic ")]).await;
    check("another scheme", &[("Authorization", "Bearer ZGVmYXVsdGtleTo=")]).await;
}
