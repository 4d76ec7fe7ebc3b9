//! Rates: who is counted, what is refused and how, and that nobody else notices. Clients on this machine have no limits,
//! so these come through a proxy on this machine, which names other addresses.

use server::config::Limits;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use wire::envelope::{Format, Message, Ping};

use crate::client::{Answer, Login, Server, soon};

const ONE: &str = "198.51.100.1";
const OTHER: &str = "198.51.100.2";
/// `defaultkey:` in base64.
const KEY: &str = "Basic ZGVmYXVsdGtleTo=";
/// More requests than any rate here lets through in the time that they take.
const MANY: usize = 40;

/// Everything without limit, so that a test sees only its own.
const FREE: Limits = Limits {
    login_per_minute: 0,
    failed_logins_max: 0,
    failed_logins_account_max: 0,
    lock_seconds: 86_400,
    address_per_second: 0,
    read_per_second: 0,
    write_per_second: 0,
    rpc_per_second: 0,
    socket_message_per_second: 0,
    socket_command_per_second: 0,
    connections_per_address_max: 0,
};

async fn limited(limits: Limits) -> Server {
    Server::with(|config| config.limits = limits).await
}

impl Server {
    /// As a client of this address, through the proxy.
    async fn from(&self, address: &str, method: &str, path: &str, login: &str, body: &str) -> Answer {
        let headers = [("X-Forwarded-For", address), ("Authorization", login)];
        self.ask(method, path, &headers, body.as_bytes()).await
    }

    async fn device(&self, address: &str, device: &str, create: bool) -> Answer {
        let path = format!("/v2/account/authenticate/device?create={create}");
        self.from(address, "POST", &path, KEY, &format!(r#"{{"id":"device-of-{device}"}}"#)).await
    }

    async fn email(&self, address: &str, name: &str, password: &str) -> Answer {
        let body = format!(r#"{{"email":"{name}@example.org","password":"{password}"}}"#);
        self.from(address, "POST", "/v2/account/authenticate/email?create=false", KEY, &body).await
    }
}

fn bearer(login: &Login) -> String {
    format!("Bearer {}", login.token)
}

/// The answer says no, in the protocol's shape, and when to come back.
fn refused(answer: &Answer, seconds_max: u64) {
    assert_eq!(answer.status, 429, "{}", answer.text());
    assert_eq!(answer.json()["code"], 8);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=seconds_max).contains(&wait), "{wait} s");
}

#[tokio::test]
async fn logins_of_one_address() {
    let server = limited(Limits { login_per_minute: 3, ..FREE }).await;
    for device in ["a", "b", "c"] {
        assert_eq!(server.device(ONE, device, true).await.status, 200);
    }
    refused(&server.device(ONE, "a", true).await, 20);
    // An address that a client made up stands before the one that the proxy added.
    refused(&server.device(&format!("192.0.2.9, {ONE}"), "a", true).await, 20);
    let token = server.log_in("a").await;
    let body = format!(r#"{{"token":"{}"}}"#, token.refresh);
    refused(&server.from(ONE, "POST", "/v2/account/session/refresh", KEY, &body).await, 20);

    assert_eq!(server.device(OTHER, "a", true).await.status, 200);
    let account = server.from(ONE, "GET", "/v2/account", &bearer(&token), "").await;
    assert_eq!(account.status, 200, "a session is not a login");
    let figures = server.ask("GET", "/metrics", &[], b"").await.text();
    assert!(figures.contains(r#"longhouse_rate_limited_total{class="login"}"#), "{figures}");
}

#[tokio::test]
async fn this_machine_and_zero_are_without_limit() {
    let server = limited(Limits { login_per_minute: 1, address_per_second: 1, ..FREE }).await;
    for _ in 0..MANY {
        server.log_in("a").await;
    }
    let server = limited(FREE).await;
    for _ in 0..MANY {
        assert_eq!(server.device(ONE, "a", true).await.status, 200);
    }
}

#[tokio::test]
async fn only_trusted_proxies_are_believed() {
    let limits = Limits { login_per_minute: 1, ..FREE };
    let server = Server::with(|config| {
        config.limits = limits;
        config.http.trusted_proxies = "192.0.2.0/24".into();
    })
    .await;
    for _ in 0..MANY {
        assert_eq!(server.device(ONE, "a", true).await.status, 200, "counted as what the header says");
    }
}

#[tokio::test]
async fn each_account_and_each_kind_of_request() {
    let limits = Limits { read_per_second: 1, write_per_second: 1, rpc_per_second: 1, ..FREE };
    let server = limited(limits).await;
    let (one, other) = (server.log_in("one").await, server.log_in("other").await);
    for (method, path, body) in [
        ("GET", "/v2/account", ""),
        ("POST", "/v2/event", r#"{"name":"walked"}"#),
        ("POST", "/v2/rpc/nothing", r#""""#),
    ] {
        let mut last = server.from(ONE, method, path, &bearer(&one), body).await;
        assert_ne!(last.status, 429, "{path}: the kinds before took nothing of it");
        for _ in 0..MANY {
            last = server.from(OTHER, method, path, &bearer(&one), body).await;
            if last.status == 429 {
                break;
            }
        }
        refused(&last, 1);
        assert_ne!(server.from(ONE, method, path, &bearer(&other), body).await.status, 429, "{path}");
    }
}

#[tokio::test]
async fn strangers_are_counted_by_address_and_may_come_back() {
    let server = limited(Limits { address_per_second: 1, ..FREE }).await;
    for login in ["", "Bearer forged"] {
        let mut last = server.from(ONE, "GET", "/v2/account", login, "").await;
        for _ in 0..MANY {
            last = server.from(ONE, "GET", "/v2/account", login, "").await;
            if last.status == 429 {
                break;
            }
        }
        refused(&last, 1);
    }
    assert_eq!(server.from(OTHER, "GET", "/healthz", "", "").await.status, 200);
    soon("a second chance", async {
        while server.from(ONE, "GET", "/healthz", "", "").await.status != 200 {}
    })
    .await;
}

#[tokio::test]
async fn failed_logins_lock_the_address() {
    let server = limited(Limits { failed_logins_max: 3, ..FREE }).await;
    server.log_in("known").await;
    for guess in ["guess-1", "guess-2", "guess-3"] {
        assert_eq!(server.device(ONE, guess, false).await.status, 404);
    }
    refused(&server.device(ONE, "known", false).await, 28_800);
    assert_eq!(server.device(OTHER, "known", false).await.status, 200);
    for _ in 0..MANY {
        assert_eq!(server.device(OTHER, "known", false).await.status, 200, "what succeeds counts nothing");
    }
}

#[tokio::test]
async fn failed_logins_lock_the_account_wherever_they_come_from() {
    let server = limited(Limits { failed_logins_account_max: 3, ..FREE }).await;
    for name in ["lama", "alpaca"] {
        let body = format!(r#"{{"email":"{name}@example.org","password":"a long password"}}"#);
        let made = server.keyed("/v2/account/authenticate/email?create=true", body).await;
        assert_eq!(made.status, 200, "{}", made.text());
    }
    for i in 1..=3 {
        let answer = server.email(&format!("203.0.113.{i}"), "LAMA", "a wrong password").await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    refused(&server.email(ONE, "lama", "a long password").await, 28_800);
    assert_eq!(server.email(ONE, "alpaca", "a long password").await.status, 200);
}

#[tokio::test]
async fn a_lock_ends_with_its_time() {
    let locks = Limits { lock_seconds: 6, ..FREE };
    for limits in [Limits { failed_logins_max: 2, ..locks }, Limits { failed_logins_account_max: 2, ..locks }]
    {
        let server = limited(limits).await;
        let body = r#"{"email":"lama@example.org","password":"a long password"}"#;
        let made = server.keyed("/v2/account/authenticate/email?create=true", body).await;
        assert_eq!(made.status, 200, "{}", made.text());
        soon("a lock", async { while server.email(ONE, "lama", "a wrong password").await.status != 429 {} })
            .await;
        // Though somebody tries on all the time.
        soon("a second chance", async {
            while server.email(ONE, "lama", "a long password").await.status != 200 {}
        })
        .await;
    }
}

#[tokio::test]
async fn one_address_is_locked_before_it_locks_an_account() {
    let server = limited(Limits { failed_logins_max: 3, failed_logins_account_max: 7, ..FREE }).await;
    let body = r#"{"email":"lama@example.org","password":"a long password"}"#;
    let made = server.keyed("/v2/account/authenticate/email?create=true", body).await;
    assert_eq!(made.status, 200, "{}", made.text());
    for _ in 0..3 {
        assert_eq!(server.email(OTHER, "lama", "a wrong password").await.status, 401);
    }
    for _ in 0..MANY {
        refused(&server.email(OTHER, "lama", "a wrong password").await, 28_800);
    }
    assert_eq!(server.email(ONE, "lama", "a long password").await.status, 200, "the player gets in");
}

#[tokio::test]
async fn failed_logins_by_username_count_for_that_name_alone() {
    let server = limited(Limits { failed_logins_account_max: 3, ..FREE }).await;
    for name in ["lama", "alpaca"] {
        let body = format!(r#"{{"email":"{name}@example.org","password":"a long password"}}"#);
        let path = format!("/v2/account/authenticate/email?create=true&username={name}");
        assert_eq!(server.keyed(&path, body).await.status, 200);
    }
    let log_in = async |name: &str, body: &str| {
        let path = format!("/v2/account/authenticate/email?username={name}");
        server.from(ONE, "POST", &path, KEY, body).await
    };
    let wrong = r#"{"email":"","password":"a wrong password"}"#;
    for (name, body) in [("lama", wrong), ("LAMA", r#"{"password":"a wrong password"}"#), ("Lama", wrong)] {
        assert_eq!(log_in(name, body).await.status, 401);
    }
    refused(&log_in("lama", r#"{"password":"a long password"}"#).await, 28_800);
    let other = log_in("alpaca", r#"{"email":"","password":"a long password"}"#).await;
    assert_eq!(other.status, 200, "{}", other.text());
}

#[tokio::test]
async fn messages_of_one_socket() {
    let server = limited(Limits { socket_message_per_second: 5, ..FREE }).await;
    let login = server.log_in("a").await;
    let ping = || Message::Ping(Ping {});
    for format in [Format::Json, Format::Protobuf] {
        let mut socket = server.try_socket_from(ONE, &login.token, format).await.unwrap();
        for cid in 0..MANY {
            socket.send(&cid.to_string(), ping()).await;
        }
        let (mut pongs, mut errors) = (0, 0);
        for cid in 0..MANY {
            match socket.answer(&cid.to_string()).await.unwrap() {
                Message::Pong(_) => pongs += 1,
                Message::Error(error) => {
                    errors += 1;
                    let wait: u64 = error.context["retry_after_ms"].parse().unwrap();
                    assert!((1..=201).contains(&wait), "{wait} ms");
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(pongs >= 5 && errors > 0, "{pongs} pongs, {errors} errors");
        soon("a second chance", async {
            loop {
                socket.send("more", ping()).await;
                if matches!(socket.answer("more").await, Some(Message::Pong(_))) {
                    break;
                }
            }
        })
        .await;
    }
    let mut free = server.socket(&login.token, Format::Json).await;
    for cid in 0..MANY {
        free.send(&cid.to_string(), ping()).await;
        assert!(
            matches!(free.answer(&cid.to_string()).await, Some(Message::Pong(_))),
            "this machine has no limits"
        );
    }
}

#[tokio::test]
async fn connections_of_one_address() {
    let server = Server::with(|config| {
        config.limits = Limits { connections_per_address_max: 2, ..FREE };
        // Otherwise this machine is a proxy, whose connections are those of many.
        config.http.trusted_proxies = String::new();
    })
    .await;
    let open = async || TcpStream::connect(server.running.address).await.unwrap();
    let (first, _second) = (open().await, open().await);
    // The first two are known to be taken when the third is turned away.
    let mut third = open().await;
    let turned_away = soon("the end of the third", third.read(&mut [0; 1])).await;
    assert!(matches!(turned_away, Ok(0) | Err(_)), "{turned_away:?}");
    drop(first);
    soon("room for another", async {
        loop {
            let mut next = open().await;
            let request = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
            let mut answer = [0; 12];
            let sent = tokio::io::AsyncWriteExt::write_all(&mut next, request).await;
            if sent.is_ok() && next.read_exact(&mut answer).await.is_ok() && &answer == b"HTTP/1.1 200" {
                break;
            }
        }
    })
    .await;
}
