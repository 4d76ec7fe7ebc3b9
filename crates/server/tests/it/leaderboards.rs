//! Leaderboards over HTTP: shapes, who may do what, and what is refused.

use serde_json::{Value, json};

use crate::client::{Answer, Login, Server};

impl Server {
    /// Calls a function as a server with the HTTP key does.
    pub async fn house_call(&self, id: &str, payload: &Value) -> Answer {
        let path = format!("/v2/rpc/{id}?unwrap&http_key=defaulthttpkey");
        self.ask("POST", &path, &[], payload.to_string().as_bytes()).await
    }

    /// The same, and it must succeed.
    pub async fn house_done(&self, id: &str, payload: Value) -> Value {
        let answer = self.house_call(id, &payload).await;
        assert_eq!(answer.status, 200, "{id}: {}", answer.text());
        answer.json()
    }

    /// A request of a player.
    pub async fn by(&self, who: &Login, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", who.token);
        self.ask(method, path, &[("Authorization", &bearer)], body.as_bytes()).await
    }
}

/// Rank, score and number of writes, as the protocol writes them.
fn short(record: &Value) -> (&str, &str, i64) {
    let text = |key: &str| record[key].as_str().unwrap_or("");
    (text("rank"), text("score"), record["num_score"].as_i64().unwrap_or(0))
}

#[tokio::test]
async fn a_score_is_written_ranked_listed_and_removed() {
    let server = Server::start().await;
    let made = server.house_done("leaderboard_create", json!({ "id": "high scores" })).await;
    assert_eq!(made, json!({ "id": "high scores", "created": true }));
    let again = server.house_done("leaderboard_create", json!({ "id": "high scores", "sort": "asc" })).await;
    assert_eq!(again["created"], false);
    let (ada, bob) = (server.log_in("ada").await, server.log_in("bob").await);
    let path = "/v2/leaderboard/high%20scores";
    let body = r#"{"score":"20","subscore":"1","metadata":"{\"level\":3}"}"#;
    let record = server.by(&ada, "POST", path, body).await.json();
    assert_eq!(short(&record), ("1", "20", 1));
    assert_eq!(record["leaderboard_id"], "high scores");
    assert_eq!(record["owner_id"], server.id_of(&ada.token).await);
    assert_eq!((&record["subscore"], &record["metadata"]), (&json!("1"), &json!(r#"{"level":3}"#)));
    assert!(record["username"].as_str().is_some_and(|name| !name.is_empty()));
    assert!(record["create_time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(record.get("expiry_time"), None, "it is never reset");
    // Numbers are taken as well as texts; the better of two stands.
    let record = server.by(&bob, "POST", path, r#"{"score":30}"#).await.json();
    assert_eq!(short(&record), ("1", "30", 1));
    let record = server.by(&bob, "POST", path, r#"{"score":10}"#).await.json();
    assert_eq!(short(&record), ("1", "30", 1));
    let record = server.by(&bob, "POST", path, r#"{"score":"10","operator":2}"#).await.json();
    assert_eq!(short(&record), ("2", "10", 2));
    let record = server.by(&bob, "POST", path, r#"{"score":"15","operator":"INCREMENT"}"#).await.json();
    assert_eq!(short(&record), ("1", "25", 3));
    let record = server.by(&bob, "POST", path, r#"{"score":"10","operator":4}"#).await.json();
    assert_eq!(short(&record), ("2", "15", 4));

    let list = server.by(&ada, "GET", &format!("{path}?limit=10"), "").await.json();
    let ranks: Vec<_> = list["records"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(ranks, [("1", "20", 1), ("2", "15", 4)]);
    assert_eq!(list["rank_count"], "2");
    assert_eq!((list.get("next_cursor"), list.get("prev_cursor")), (None, None));
    let first = server.by(&ada, "GET", &format!("{path}?limit=1"), "").await.json();
    let next = first["next_cursor"].as_str().unwrap();
    let second = server.by(&ada, "GET", &format!("{path}?limit=1&cursor={next}"), "").await.json();
    assert_eq!(short(&second["records"][0]), ("2", "15", 4));
    let prev = second["prev_cursor"].as_str().unwrap();
    let back = server.by(&ada, "GET", &format!("{path}?limit=1&cursor={prev}"), "").await.json();
    assert_eq!(back["records"], first["records"]);

    let (ada_id, bob_id) = (server.id_of(&ada.token).await, server.id_of(&bob.token).await);
    let owners = format!("{path}?owner_ids={bob_id}&owner_ids={ada_id}");
    let owned = server.by(&ada, "GET", &owners, "").await.json();
    let ranks: Vec<_> = owned["owner_records"].as_array().unwrap().iter().map(short).collect();
    assert_eq!(ranks, [("2", "15", 4), ("1", "20", 1)]);
    let around = server.by(&ada, "GET", &format!("{path}/owner/{bob_id}?limit=1"), "").await.json();
    assert_eq!(short(&around["records"][0]), ("2", "15", 4));
    assert!(around["prev_cursor"].is_string());

    assert_eq!(server.by(&ada, "DELETE", path, "").await.text(), "{}");
    assert_eq!(server.by(&ada, "DELETE", path, "").await.status, 200);
    let list = server.by(&ada, "GET", &format!("{path}?limit=10"), "").await.json();
    assert_eq!(short(&list["records"][0]), ("1", "15", 4));
}

#[tokio::test]
async fn who_may_do_what() {
    let server = Server::start().await;
    server.house_done("leaderboard_create", json!({ "id": "open" })).await;
    server.house_done("leaderboard_create", json!({ "id": "closed", "authoritative": true })).await;
    server.house_done("tournament_create", json!({ "id": "cup", "duration": 3_600 })).await;
    let ada = server.log_in("ada").await;
    let id = server.id_of(&ada.token).await;
    let check = async |method: &str, path: String, anyone: u16, player: u16| {
        let body = if method == "GET" { "" } else { r#"{"score":"1"}"# };
        let answer = server.ask(method, &path, &[], body.as_bytes()).await;
        assert_eq!(answer.status, anyone, "{method} {path} without a token");
        let answer = server.by(&ada, method, &path, body).await;
        assert_eq!(answer.status, player, "{method} {path}: {}", answer.text());
    };
    for (board, writes, reads) in
        [("open", 200, 200), ("closed", 403, 200), ("cup", 404, 404), ("none", 404, 404)]
    {
        check("GET", format!("/v2/leaderboard/{board}"), 401, reads).await;
        check("GET", format!("/v2/leaderboard/{board}/owner/{id}"), 401, reads).await;
        check("POST", format!("/v2/leaderboard/{board}"), 401, writes).await;
        check("DELETE", format!("/v2/leaderboard/{board}"), 401, writes).await;
    }
    // The functions are for servers.
    for id in [
        "leaderboard_create",
        "leaderboard_delete",
        "leaderboard_write_many",
        "tournament_create",
        "tournament_delete",
    ] {
        check("POST", format!("/v2/rpc/{id}?unwrap"), 401, 403).await;
    }
    let records = json!({ "records": [
        { "id": "closed", "owner_id": id, "score": 5 },
        { "id": "cup", "owner_id": id, "score": 6 },
        { "id": "none", "owner_id": id, "score": 5 },
        { "id": "open", "owner_id": id, "score": -5 },
    ] });
    let written = server.house_done("leaderboard_write_many", records).await;
    let written = written["records"].as_array().unwrap();
    assert_eq!((&written[0]["rank"], &written[1]["score"]), (&json!("1"), &json!("6")));
    assert!(written[2]["error"].as_str().unwrap().contains("not found"));
    assert!(written[3]["error"].as_str().unwrap().contains("below 0"));
    // One board for all, and numbers as the protocol writes them.
    let records = json!({ "id": "open", "records": [{ "owner_id": id, "score": "7", "subscore": "2" }] });
    let written = server.house_done("leaderboard_write_many", records).await;
    assert_eq!(
        (&written["records"][0]["score"], &written["records"][0]["subscore"]),
        (&json!("7"), &json!("2"))
    );
    for bad in [json!({ "owner_id": id, "score": 1 }), json!({ "id": "open", "owner_id": id, "score": "x" })]
    {
        let answer = server.house_call("leaderboard_write_many", &json!({ "records": [bad] })).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    let deleted = server.house_done("leaderboard_delete", json!({ "id": "closed" })).await;
    assert_eq!(deleted, json!({ "deleted": true }));
    assert_eq!(server.by(&ada, "GET", "/v2/leaderboard/closed", "").await.status, 404);
}

#[tokio::test]
async fn bad_input_is_named() {
    let server = Server::start().await;
    server.house_done("leaderboard_create", json!({ "id": "b" })).await;
    let ada = server.log_in("ada").await;
    let id = server.id_of(&ada.token).await;
    let check = async |method: &str, path: &str, body: &str| {
        let answer = server.by(&ada, method, path, body).await;
        assert_eq!((answer.status, answer.json()["code"].as_i64()), (400, Some(3)), "{method} {path} {body}");
        assert!(!answer.json()["message"].as_str().unwrap().is_empty());
    };
    for body in [
        "1",
        "{",
        r#"{"score":"x"}"#,
        r#"{"score":1.5}"#,
        r#"{"score":-1}"#,
        r#"{"subscore":"-1"}"#,
        r#"{"score":"9223372036854775808"}"#,
        r#"{"operator":5}"#,
        r#"{"operator":"MORE"}"#,
        r#"{"metadata":"[]"}"#,
        r#"{"metadata":"{"}"#,
        r#"{"metadata":{}}"#,
    ] {
        check("POST", "/v2/leaderboard/b", body).await;
    }
    for query in
        ["limit=0", "limit=1001", "limit=x", "limit=-1", "cursor=x", "expiry=x", "expiry=-5", "owner_ids=me"]
    {
        check("GET", &format!("/v2/leaderboard/b?{query}"), "").await;
    }
    for query in ["limit=0", "limit=101", "limit=x", "cursor=x", "expiry=-1"] {
        check("GET", &format!("/v2/leaderboard/b/owner/{id}?{query}"), "").await;
    }
    check("GET", "/v2/leaderboard/b/owner/me", "").await;
    let owners = format!("owner_ids={id}&").repeat(150);
    let many = server.by(&ada, "GET", &format!("/v2/leaderboard/b?{owners}"), "").await;
    assert_eq!(many.status, 200, "{}", many.text());
    for payload in [
        json!({}),
        json!({ "id": "" }),
        json!({ "id": "c", "reset": "every day" }),
        json!({ "id": "c", "operator": "more" }),
        json!({ "id": "c", "metadata": [] }),
    ] {
        let answer = server.house_call("leaderboard_create", &payload).await;
        assert_eq!(answer.status, 400, "{payload}");
    }
}
