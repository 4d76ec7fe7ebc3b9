//! What every HTTP answer has, health, figures, pages.

use serde_json::{Value, json};
use server::config::Secret;

use crate::client::Server;

#[tokio::test]
async fn health_readiness_and_figures() {
    let server = Server::start().await;
    let get = async |path: &str| server.ask("GET", path, &[], b"").await;
    assert_eq!(get("/healthcheck").await.text(), "{}");
    assert_eq!(get("/healthz").await.json()["status"], "ok");
    let ready = get("/readyz").await;
    assert_eq!(ready.status, 200);
    let checks = ready.json()["checks"].as_array().unwrap().clone();
    assert_eq!(checks.len(), 3);
    assert!(checks.iter().all(|check| check["ok"] == true && check["ms"].as_f64().unwrap() > 0.0));

    let ada = server.log_in("ada").await;
    server.ledger(&ada.token).await;
    assert_eq!(get("/v2/account").await.status, 401);
    let page = get("/metrics").await.text();
    for figure in [
        r#"longhouse_http_request_seconds_count{route="/v2/account",method="GET",status="401"}"#,
        r#"longhouse_http_request_seconds_count{route="/v2/rpc/{id}",method="POST",status="200"}"#,
        "longhouse_connections",
        "longhouse_process_resident_bytes",
        "longhouse_store_commit_seconds",
    ] {
        assert!(page.contains(figure), "{figure} is missing in:\n{page}");
    }
    let account = server.get("/v2/account", &ada.token).await.json();
    let user = account["user"]["id"].as_str().unwrap();
    assert!(!page.contains(user), "no user is named in a figure");
}

#[tokio::test]
async fn every_answer_has_the_requests_id_and_leave_for_other_origins() {
    let server = Server::start().await;
    let check = async |given: &str, kept: bool| {
        let answer = server.ask("GET", "/healthz", &[("X-Request-Id", given)], b"").await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id == given, kept, "{given}");
        assert!(!id.is_empty());
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    };
    check("abc-123_4.5:6", true).await;
    check("two words", false).await;
    check("<script>", false).await;
    check(&"x".repeat(65), false).await;
    let asks = [("Origin", "http://elsewhere"), ("Access-Control-Request-Headers", "authorization,x-own")];
    let preflight = server.ask("OPTIONS", "/v2/account", &asks, b"").await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header("access-control-allow-headers"), Some("authorization,x-own"));
    assert!(preflight.header("access-control-allow-methods").unwrap().contains("DELETE"));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_protocols_shape() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let check = async |method: &str, path: &str, status: u16, code: i64| {
        let bearer = format!("Bearer {}", ada.token);
        let answer = server.ask(method, path, &[("Authorization", &bearer)], b"").await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (status, Some(code)), "{method} {path}");
    };
    check("GET", "/v2/nothing", 404, 5).await;
    check("GET", "/v2", 404, 5).await;
    check("POST", "/nothing", 404, 5).await;
    check("PUT", "/v2/event", 405, 12).await;
    check("POST", "/v2/rpc/nothing", 404, 5).await;
    check("GET", "/v2/match?limit=0", 400, 3).await;
    check("GET", "/v2/match?limit=1000", 400, 3).await;
    check("GET", "/v2/match?limit=x", 400, 3).await;
    check("GET", "/v2/match?min_size=-1", 400, 3).await;
    check("GET", "/v2/match/nonsense/log", 400, 3).await;
    check("GET", "/v2/match/01900000-0000-7000-8000-000000000000.longhouse/log", 404, 5).await;
    check("GET", "/v2/match/01900000-0000-7000-8000-000000000000.elsewhere/log", 404, 5).await;
    check("GET", "/../../etc/passwd", 404, 5).await;
    check("GET", "/%2e%2e/%2e%2e/etc/passwd", 404, 5).await;
}

#[tokio::test]
async fn bodies_of_functions() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let check = async |what: &str, query: &str, body: &[u8], status: u16| {
        let bearer = format!("Bearer {}", ada.token);
        let path = format!("/v2/rpc/room_open{query}");
        let answer = server.ask("POST", &path, &[("Authorization", &bearer)], body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
    };
    check("a JSON string", "", br#""{\"rules\":\"ledger\"}""#, 200).await;
    check("a setup that the rules refuse", "?unwrap", br#"{"rules":"ledger","setup":{"accounts":-1}}"#, 400)
        .await;
    check("with a setup", "", br#""{\"rules\":\"ledger\",\"setup\":{\"accounts\":1,\"balance\":1}}""#, 200)
        .await;
    check("an object where a string must be", "", br#"{"rules":"ledger"}"#, 400).await;
    check("unwrapped", "?unwrap", br#"{"rules":"ledger","setup":{"accounts":1,"balance":1}}"#, 200).await;
    check("unknown rules", "?unwrap", br#"{"rules":"chess"}"#, 404).await;
    check("no rules", "?unwrap", b"{}", 400).await;
    check("nothing", "", b"", 400).await;
    check("invalid UTF-8", "?unwrap", b"{\"rules\":\"\xff\"}", 400).await;
    check("too long", "?unwrap", &vec![b' '; 300 << 10], 413).await;
    let huge = format!(r#"{{"rules":"ledger","setup":"{}"}}"#, "x".repeat(20_000));
    check("a setup too long", "?unwrap", huge.as_bytes(), 400).await;
}

/// Bodies with an array where a message belongs: in the whole's place, and in that of each part that is a message.
fn arrays_for_objects(api: &Value, schema: &Value) -> Vec<Value> {
    let name = schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
    let parts = api["components"]["schemas"][name]["properties"].as_object();
    // An optional part is described as one of several.
    let is_message = |part: &Value| {
        let choices = part["oneOf"].as_array().cloned().unwrap_or_else(|| vec![part.clone()]);
        choices.iter().any(|choice| choice["$ref"].is_string())
    };
    let nested = parts.into_iter().flatten().filter_map(|(name, part)| match part {
        one if is_message(one) => Some(json!({ name: [] })),
        list if is_message(&list["items"]) => Some(json!({ name: [[]] })),
        _ => None,
    });
    [json!([]), json!([[]]), json!(["text"])].into_iter().chain(nested).collect()
}

#[tokio::test]
async fn an_array_is_no_message_on_any_route() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let api = server.ask("GET", "/openapi.json", &[], b"").await.json();
    let (mut routes, mut nested) = (0, 0);
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if schema["$ref"].is_null() {
                continue;
            }
            let bearer = format!("Bearer {}", ada.token);
            let keyed = operation["security"].to_string().contains("server_key");
            let key = if keyed { "Basic ZGVmYXVsdGtleTo=" } else { &bearer };
            let path = path.split('/').map(|part| match part.starts_with('{') {
                true => "01900000-0000-7000-8000-000000000000",
                false => part,
            });
            let path = path.collect::<Vec<_>>().join("/") + "?http_key=defaulthttpkey";
            let bodies = arrays_for_objects(&api, schema);
            (routes, nested) = (routes + 1, nested + bodies.len() - 3);
            for body in bodies {
                let headers = [("Authorization", key), ("Content-Type", "application/json")];
                let body = body.to_string();
                let answer = server.ask(&method.to_uppercase(), &path, &headers, body.as_bytes()).await;
                let said = (answer.status, answer.json()["code"].as_i64());
                assert_eq!(said, (400, Some(3)), "{method} {path} {body}: {}", answer.text());
            }
        }
    }
    assert!(routes >= 40 && nested >= 5, "{routes} routes with {nested} parts were asked");
    // A function's payload is read the same way.
    for payload in ["[]", r#"["01900000-0000-7000-8000-000000000000.longhouse","0"]"#] {
        let answer = server.post("/v2/rpc/ticket_create?unwrap", &ada.token, payload).await;
        assert_eq!(answer.status, 400, "{payload}: {}", answer.text());
    }
}

#[tokio::test]
async fn pages_are_secured_or_said_to_be_missing() {
    let server = Server::start().await;
    for path in ["/", "/farm/", "/docs/"] {
        let answer = server.ask("GET", path, &[("Accept", "text/html")], b"").await;
        assert!(matches!(answer.status, 200 | 404), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert!(answer.header("content-security-policy").unwrap().contains("default-src 'self'"), "{path}");
        if answer.status == 200 {
            let tag = answer.header("etag").unwrap().to_owned();
            let again = server.ask("GET", path, &[("If-None-Match", &tag)], b"").await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        }
    }
    let missing = server.ask("GET", "/no/such/page", &[("Accept", "text/html")], b"").await;
    assert_eq!(missing.status, 404);
    assert!(missing.text().contains("no such page"));
}

#[tokio::test]
async fn the_game_logs_in_under_the_servers_own_key() {
    let key = "quoted\"&<odd>";
    let server = Server::with(|config| config.keys.server_key = Secret::new(key)).await;
    let page = server.ask("GET", "/farm/", &[("Accept-Encoding", "br")], b"").await;
    // Without pages in this build there is nothing to look at; the browser tests have them always.
    if page.status == 200 {
        assert!(page.text().contains(r#"name="server-key" content="quoted&quot;&amp;&lt;odd>""#));
        assert_eq!(page.header("content-encoding"), None);
    }
}
