//! Logins of every kind that the house itself checks, names, the account, links, and how an account ends.

use wire::envelope::Format;

use crate::client::{Answer, Server};

impl Server {
    /// With the HTTP key, as a server of the studio's.
    async fn call(&self, function: &str, payload: &str) -> Answer {
        let path = format!("/v2/rpc/{function}?unwrap&http_key=defaulthttpkey");
        self.ask("POST", &path, &[], payload.as_bytes()).await
    }

    async fn put(&self, path: &str, token: &str, body: &str) -> Answer {
        self.ask("PUT", path, &[("Authorization", &format!("Bearer {token}"))], body.as_bytes()).await
    }

    async fn delete(&self, path: &str, token: &str) -> Answer {
        self.ask("DELETE", path, &[("Authorization", &format!("Bearer {token}"))], b"").await
    }
}

fn outcome(answer: &Answer) -> (u16, Option<i64>) {
    (answer.status, if answer.status == 200 { None } else { answer.json()["code"].as_i64() })
}

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

#[tokio::test]
async fn an_e_mail_address_and_a_password_log_in() {
    let server = Server::start().await;
    let log_in = async |query: &str, body: &str| {
        server.keyed(&format!("/v2/account/authenticate/email?{query}"), body).await
    };
    let made = log_in("username=Ada", r#"{"email":"Ada@Example.org","password":"correct horse"}"#).await;
    assert_eq!((made.status, made.json()["created"].as_bool()), (200, Some(true)), "{}", made.text());
    let known = log_in("create=false", r#"{"email":"ada@example.ORG","password":"correct horse"}"#).await;
    assert_eq!((known.status, known.json()["created"].as_bool()), (200, None));
    let account = server.get("/v2/account", known.json()["token"].as_str().unwrap()).await.json();
    assert_eq!(
        (account["email"].as_str(), account["user"]["username"].as_str()),
        (Some("ada@example.org"), Some("Ada"))
    );
    assert_eq!(account["verify_time"].as_str(), None);
    let accounts = &server.running.house.services.accounts;
    let user = account["user"]["id"].as_str().unwrap().parse().unwrap();
    assert!(accounts.mark_verified(user, "eve@example.org").await.is_err(), "another address");
    accounts.mark_verified(user, "ADA@example.org").await.unwrap();
    let verified = server.get("/v2/account", known.json()["token"].as_str().unwrap()).await.json();
    assert!(verified["verify_time"].as_str().unwrap().starts_with("20"), "{verified}");
    let named = log_in("username=aDA", r#"{"password":"correct horse"}"#).await;
    assert_eq!(
        server.id_of(named.json()["token"].as_str().unwrap()).await,
        account["user"]["id"].as_str().unwrap()
    );

    let wrong = log_in("create=false", r#"{"email":"ada@example.org","password":"wrong horse"}"#).await;
    let unknown = log_in("create=false", r#"{"email":"eve@example.org","password":"wrong horse"}"#).await;
    assert_eq!(
        (wrong.status, wrong.text()),
        (unknown.status, unknown.text()),
        "nobody learns who has an account"
    );
    let check = async |what: &str, query: &str, body: &str, status: u16, code: i64| {
        let answer = log_in(query, body).await;
        assert_eq!(outcome(&answer), (status, Some(code)), "{what}: {}", answer.text());
    };
    check("a wrong password", "", r#"{"email":"ada@example.org","password":"wrong horse"}"#, 401, 16).await;
    check("a name that nobody has", "username=Eve", r#"{"password":"correct horse"}"#, 401, 16).await;
    check(
        "a taken name",
        "username=ADA",
        r#"{"email":"eve@example.org","password":"correct horse"}"#,
        409,
        6,
    )
    .await;
    check("a short password", "", r#"{"email":"eve@example.org","password":"1234567"}"#, 400, 3).await;
    let long = format!(r#"{{"email":"eve@example.org","password":"{}"}}"#, "p".repeat(257));
    check("a long password", "", &long, 400, 3).await;
    check("no password", "", r#"{"email":"eve@example.org"}"#, 400, 3).await;
    check("no address", "", r#"{"password":"correct horse"}"#, 400, 3).await;
    check("no @", "", r#"{"email":"eve.example.org","password":"correct horse"}"#, 400, 3).await;
    check("a space", "", r#"{"email":"e ve@example.org","password":"correct horse"}"#, 400, 3).await;
    check("two @", "", r#"{"email":"e@ve@example.org","password":"correct horse"}"#, 400, 3).await;
    check("nothing", "", "{}", 400, 3).await;
}

#[tokio::test]
async fn an_id_of_the_studios_own_logs_in() {
    let server = Server::start().await;
    let path = "/v2/account/authenticate/custom";
    let made = server.keyed(path, r#"{"id":"player-1"}"#).await;
    assert_eq!((made.status, made.json()["created"].as_bool()), (200, Some(true)));
    let known = server.keyed(path, r#"{"id":"player-1"}"#).await;
    let account = server.get("/v2/account", known.json()["token"].as_str().unwrap()).await.json();
    assert_eq!((account["custom_id"].as_str(), known.json()["created"].as_bool()), (Some("player-1"), None));
    for (body, status) in [(r#"{"id":"12345"}"#, 400), (r#"{"id":"1234\u00056"}"#, 400), ("{}", 400)] {
        assert_eq!(server.keyed(path, body).await.status, status, "{body}");
    }
    assert_eq!(server.keyed(&format!("{path}?create=false"), r#"{"id":"player-2"}"#).await.status, 404);
}

#[tokio::test]
async fn links_of_every_kind() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await.token, server.log_in("eve").await.token);
    let check = async |who: &str, path: &str, body: &str, status: u16, code: Option<i64>| {
        let answer = server.post(&format!("/v2/account/{path}"), who, body).await;
        assert_eq!(outcome(&answer), (status, code), "{path} {body}: {}", answer.text());
    };
    let email = r#"{"email":"ada@example.org","password":"correct horse"}"#;
    check(&ada, "unlink/device", r#"{"id":"device-of-ada"}"#, 403, Some(7)).await;
    check(&ada, "unlink/custom", r#"{"id":"player-1"}"#, 400, Some(3)).await;
    check(&ada, "link/custom", r#"{"id":"player-1"}"#, 200, None).await;
    check(&ada, "link/custom", r#"{"id":"player-1"}"#, 200, None).await;
    check(&eve, "link/custom", r#"{"id":"player-1"}"#, 409, Some(6)).await;
    check(&ada, "link/device", r#"{"id":"another-of-ada"}"#, 200, None).await;
    check(&eve, "link/device", r#"{"id":"another-of-ada"}"#, 409, Some(6)).await;
    check(&ada, "link/email", email, 200, None).await;
    check(&eve, "link/email", email, 409, Some(6)).await;
    check(&eve, "link/email", r#"{"email":"eve@example.org","password":"short"}"#, 400, Some(3)).await;
    check(&eve, "link/device", r#"{"id":"short"}"#, 400, Some(3)).await;
    check(&eve, "link/custom", "{}", 400, Some(3)).await;
    let account = server.get("/v2/account", &ada).await.json();
    assert_eq!(
        (account["devices"].as_array().unwrap().len(), account["custom_id"].as_str()),
        (2, Some("player-1"))
    );

    check(&eve, "unlink/device", r#"{"id":"another-of-ada"}"#, 400, Some(3)).await;
    check(&ada, "unlink/device", r#"{"id":"another-of-ada"}"#, 200, None).await;
    check(&eve, "link/device", r#"{"id":"another-of-ada"}"#, 200, None).await;
    check(&ada, "unlink/device", r#"{"id":"device-of-ada"}"#, 200, None).await;
    check(&ada, "unlink/email", email, 200, None).await;
    check(&ada, "unlink/custom", "{}", 403, Some(7)).await;
    let account = server.get("/v2/account", &ada).await.json();
    assert_eq!((account["email"].as_str(), account["devices"].as_array()), (None, None));
    let again = server.keyed("/v2/account/authenticate/email?create=false", email).await;
    assert_eq!(again.status, 401, "an address that was unlinked opens nothing");
}

#[tokio::test]
async fn what_is_named_changes_and_the_rest_stays() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await.token, server.log_in("eve").await.token);
    let all = r#"{"username":"Ada","display_name":"Ada the First","avatar_url":"https://pictures.example/a",
        "lang_tag":"en","location":"London","timezone":"Europe/London"}"#;
    assert_eq!(server.put("/v2/account", &ada, all).await.text(), "{}");
    assert_eq!(server.put("/v2/account", &ada, r#"{"lang_tag":"de","location":""}"#).await.status, 200);
    let user = server.get("/v2/account", &ada).await.json()["user"].clone();
    let field = |name: &str| user[name].as_str();
    assert_eq!((field("username"), field("display_name")), (Some("Ada"), Some("Ada the First")));
    assert_eq!(
        (field("lang_tag"), field("location"), field("timezone")),
        (Some("de"), None, Some("Europe/London"))
    );
    // Others see the same, and not the address.
    let id = field("id").unwrap();
    let seen = server.get(&format!("/v2/user?ids={id}&usernames=aDA&usernames=nobody"), &eve).await.json();
    assert_eq!(seen["users"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(seen["users"][0], user);
    let check = async |what: &str, body: &str, status: u16, code: i64| {
        let answer = server.put("/v2/account", &eve, body).await;
        assert_eq!(outcome(&answer), (status, Some(code)), "{what}: {}", answer.text());
    };
    check("a taken name", r#"{"username":"aDa"}"#, 409, 6).await;
    check("a name with a space", r#"{"username":"a b"}"#, 400, 3).await;
    check("a long text", &format!(r#"{{"display_name":"{}"}}"#, "d".repeat(513)), 400, 3).await;
    check("a NUL", r#"{"location":"a\u0000"}"#, 400, 3).await;
    check("a number", r#"{"timezone":5}"#, 400, 3).await;
    let many: Vec<_> = (0..101).map(|n| format!("usernames=n{n}")).collect();
    assert_eq!(server.get(&format!("/v2/user?{}", many.join("&")), &eve).await.status, 400);
    assert_eq!(server.get("/v2/user?ids=nonsense", &eve).await.status, 400);
    assert_eq!(server.get("/v2/user?ids=", "").await.status, 401);
}

#[tokio::test]
async fn an_account_is_online_while_a_socket_is_open() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await.token, server.log_in("eve").await.token);
    let online =
        async |token: &str| server.get("/v2/account", token).await.json()["user"]["online"].as_bool();
    assert_eq!(online(&ada).await, None);
    let mut socket = server.socket(&ada, Format::Json).await;
    socket.frame(br#"{"cid":"1","ping":{}}"#).await;
    assert!(socket.answer("1").await.is_some());
    assert_eq!((online(&ada).await, online(&eve).await), (Some(true), None));
}

#[tokio::test]
async fn an_erased_account_is_gone_with_its_sockets() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let id = server.id_of(&ada.token).await;
    let location = r#"{"location":"London"}"#;
    assert_eq!(server.put("/v2/account", &ada.token, location).await.status, 200);
    let link = r#"{"email":"ada@example.org","password":"correct horse"}"#;
    assert_eq!(server.post("/v2/account/link/email", &ada.token, link).await.status, 200);
    let export = server.get("/v2/account/export", &ada.token).await.json();
    assert_eq!(
        (export["user_id"].as_str(), export["account"]["location"].as_str()),
        (Some(&*id), Some("London"))
    );
    assert_eq!(export["account"]["email"], "ada@example.org");

    let mut socket = server.socket(&ada.token, Format::Protobuf).await;
    assert_eq!(server.delete("/v2/account", &ada.token).await.text(), "{}");
    assert_eq!(socket.closed().await, 1008);
    assert_eq!(server.get("/v2/account", &ada.token).await.status, 401);
    let refresh = format!(r#"{{"token":"{}"}}"#, ada.refresh);
    assert_eq!(server.keyed("/v2/account/session/refresh", &refresh).await.status, 401);
    let eve = server.log_in("eve").await.token;
    assert_eq!(server.get(&format!("/v2/user?ids={id}"), &eve).await.text(), "{}");
    assert_eq!(server.call("account_export", &format!(r#"{{"user_id":"{id}"}}"#)).await.status, 404);
    // The device makes a new account.
    let again = server.log_in("ada").await;
    assert_ne!(server.id_of(&again.token).await, id);
    // Nothing of it is in the files, not even as a text that was deleted: the store overwrites nothing, it is sealed.
    let mut looked_at = 0;
    for file in std::fs::read_dir(server.folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        looked_at += bytes.len();
        assert!(!bytes.windows(15).any(|part| part == b"ada@example.org"), "the address lies open");
    }
    assert!(looked_at > 100_000, "only {looked_at} bytes");
}

#[tokio::test]
async fn sessions_that_were_ended_stay_so_after_a_restart() {
    let server = Server::start().await;
    let (ada, bob, eve) =
        (server.log_in("ada").await, server.log_in("bob").await, server.log_in("eve").await);
    let bob_id = server.id_of(&bob.token).await;
    assert_eq!(server.delete("/v2/account", &ada.token).await.status, 200, "erased");
    let disable = format!(r#"{{"user_id":"{bob_id}"}}"#);
    assert_eq!(server.call("account_disable", &disable).await.status, 200);
    assert_eq!(server.post("/v2/session/logout", &eve.token, "{}").await.status, 200, "everywhere");
    let server = server.again().await;
    assert_eq!(server.call("account_enable", &disable).await.status, 200, "ended all the same");
    let write = r#"{"objects":[{"collection":"c","key":"k","value":"{}"}]}"#;
    for (name, ended) in [("ada", ada), ("bob", bob), ("eve", eve)] {
        assert_eq!(server.get("/v2/account", &ended.token).await.status, 401, "{name}");
        assert_eq!(server.put("/v2/storage", &ended.token, write).await.status, 401, "{name}");
        let refresh = format!(r#"{{"token":"{}"}}"#, ended.refresh);
        assert_eq!(server.keyed("/v2/account/session/refresh", &refresh).await.status, 401, "{name}");
    }
}

#[tokio::test]
async fn registration_can_be_switched_off() {
    let server = Server::with(|config| config.accounts.registration = false).await;
    for (path, body) in [("device", r#"{"id":"0123456789"}"#), ("custom", r#"{"id":"player-1"}"#)] {
        let answer = server.keyed(&format!("/v2/account/authenticate/{path}"), body).await;
        assert_eq!(outcome(&answer), (403, Some(7)), "{path}");
    }
    // An address says nothing here either.
    let body = r#"{"email":"ada@example.org","password":"correct horse"}"#;
    let answer = server.keyed("/v2/account/authenticate/email", body).await;
    assert_eq!(outcome(&answer), (401, Some(16)));
}

#[tokio::test]
async fn a_disabled_account_is_shut_out_at_once() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    let body = format!(r#"{{"user_id":"{}"}}"#, server.id_of(&ada.token).await);
    assert_eq!(server.call("account_disable", &body).await.status, 200);
    assert_eq!(socket.closed().await, 1008);
    assert_eq!(server.get("/v2/account", &ada.token).await.status, 401);
    let login = r#"{"id":"device-of-ada"}"#;
    assert_eq!(outcome(&server.keyed("/v2/account/authenticate/device", login).await), (403, Some(7)));
    let refresh = format!(r#"{{"token":"{}"}}"#, ada.refresh);
    assert_eq!(server.keyed("/v2/account/session/refresh", &refresh).await.status, 401);
    assert_eq!(server.call("account_enable", &body).await.status, 200);
    let again = server.log_in("ada").await;
    assert_eq!(server.get("/v2/account", &again.token).await.status, 200);
}

#[tokio::test]
async fn who_may_call_what_about_accounts() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await.token;
    let id = server.id_of(&ada).await;
    let whose = format!(r#"{{"user_id":"{id}"}}"#);
    let change = format!(r#"{{"user_id":"{id}","metadata":{{"rank":"captain"}}}}"#);
    let ticket = format!(r#"{{"user_id":"{id}","aud":"arena-1"}}"#);
    // (function, payload, as the player, as a server)
    let rows = [
        ("preferences_set", r#"{"sound":false}"#, 200, 403),
        ("preferences_get", "", 200, 403),
        ("ticket_create", &*ticket, 200, 200),
        ("account_update", &change, 403, 200),
        ("account_export", &whose, 403, 200),
        ("account_enable", &whose, 403, 200),
        ("account_disable", &whose, 403, 200),
        ("account_erase", &whose, 403, 200),
    ];
    for (function, payload, player, _) in rows {
        let answer = server.post(&format!("/v2/rpc/{function}?unwrap"), &ada, payload).await;
        assert_eq!(answer.status, player, "{function} by a player: {}", answer.text());
    }
    let preferences = server.post("/v2/rpc/preferences_get?unwrap", &ada, "").await;
    assert_eq!(preferences.text(), r#"{"sound":false}"#);
    for (function, payload, _, by_server) in rows {
        let answer = server.call(function, payload).await;
        assert_eq!(answer.status, by_server, "{function} by a server: {}", answer.text());
        let nobody = server.ask("POST", &format!("/v2/rpc/{function}?unwrap"), &[], payload.as_bytes()).await;
        assert_eq!(nobody.status, 401, "{function} by nobody");
        if function == "account_update" {
            assert_eq!(
                server.get("/v2/account", &ada).await.json()["user"]["metadata"],
                r#"{"rank":"captain"}"#
            );
        }
    }
    for function in ["account_export", "account_erase", "account_disable"] {
        assert_eq!(server.call(function, &whose).await.status, 404, "{function} of one who is gone");
        assert_eq!(server.call(function, r#"{"user_id":"nonsense"}"#).await.status, 400, "{function}");
    }
    for preferences in ["[1]", "5", "nonsense", &format!(r#"{{"a":"{}"}}"#, "a".repeat(17_000))] {
        let eve = server.log_in("eve").await.token;
        let answer = server.post("/v2/rpc/preferences_set?unwrap", &eve, preferences).await;
        assert_eq!(answer.status, 400, "{}", &preferences[..preferences.len().min(40)]);
    }
    for path in ["/v2/account", "/v2/account/export", "/v2/user"] {
        assert_eq!(server.ask("GET", path, &[], b"").await.status, 401, "{path}");
    }
    for path in ["link/device", "link/email", "link/custom", "unlink/device", "unlink/email", "unlink/custom"]
    {
        let answer = server.ask("POST", &format!("/v2/account/{path}"), &[], b"{}").await;
        assert_eq!(answer.status, 401, "{path}");
    }
}
