//! Tournaments over HTTP.

use serde_json::{Value, json};

use crate::client::Server;

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

#[tokio::test]
async fn joining_writing_and_listing() {
    let server = Server::start().await;
    let cup = json!({
        "id": "cup", "title": "The Cup", "description": "For all", "category": 3, "duration": 3_600, "max_size": 2,
        "max_num_score": 2, "join_required": true, "metadata": { "prize": 5 }, "sort": "asc", "operator": "set",
    });
    server.house_done("tournament_create", cup).await;
    let players = [server.log_in("ada").await, server.log_in("bob").await, server.log_in("cyd").await];
    let [ada, bob, cyd] = &players;
    let write = async |who, method: &str, score: i64| {
        let body = json!({ "score": score.to_string() }).to_string();
        let answer = server.by(who, method, "/v2/tournament/cup", &body).await;
        (answer.status, answer.json())
    };
    assert_eq!(write(ada, "POST", 5).await.0, 400);
    let join = async |who| server.by(who, "POST", "/v2/tournament/cup/join", "{}").await.status;
    assert_eq!((join(ada).await, join(ada).await, join(bob).await, join(cyd).await), (200, 200, 200, 400));
    let (status, record) = write(ada, "POST", 5).await;
    assert_eq!((status, &record["rank"], &record["max_num_score"]), (200, &json!("1"), &json!(2)));
    assert!(record["expiry_time"].is_string());
    let (_, record) = write(bob, "PUT", 3).await;
    assert_eq!((&record["rank"], &record["score"]), (&json!("1"), &json!("3")));
    assert_eq!(write(bob, "PUT", 9).await.1["rank"], "2");
    assert_eq!(write(bob, "POST", 1).await.0, 400);

    let list =
        server.by(ada, "GET", "/v2/tournament?category_start=3&category_end=3&limit=10", "").await.json();
    let listed = &list["tournaments"][0];
    for (key, value) in [
        ("id", json!("cup")),
        ("title", json!("The Cup")),
        ("description", json!("For all")),
        ("category", json!(3)),
        ("size", json!(2)),
        ("max_size", json!(2)),
        ("max_num_score", json!(2)),
        ("duration", json!(3_600)),
        ("operator", json!(2)),
        ("join_required", json!(true)),
        ("metadata", json!(r#"{"prize":5}"#)),
    ] {
        assert_eq!(listed[key], value, "{key}");
    }
    assert_eq!((listed.get("sort_order"), listed.get("can_enter")), (None, None), "ascending, and full");
    let (start, end) = (listed["start_active"].as_i64().unwrap(), listed["end_active"].as_i64().unwrap());
    assert!(end - start == 3_600 && (start..end).contains(&now()));

    let records = server.by(cyd, "GET", "/v2/tournament/cup?limit=10", "").await.json();
    let order: Vec<&Value> = records["records"].as_array().unwrap().iter().map(|one| &one["score"]).collect();
    assert_eq!(order, ["5", "9"]);
    let id = server.id_of(&bob.token).await;
    let around = server.by(cyd, "GET", &format!("/v2/tournament/cup/owner/{id}?limit=2"), "").await.json();
    assert_eq!((around["records"].as_array().unwrap().len(), &around["rank_count"]), (2, &json!("2")));
    assert_eq!(server.by(ada, "DELETE", "/v2/tournament/cup", "").await.status, 200);
    let records = server.by(cyd, "GET", "/v2/tournament/cup?limit=10", "").await.json();
    assert_eq!(records["records"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn who_may_do_what_and_what_is_refused() {
    let server = Server::start().await;
    let (past, future) = (now() - 10_000, now() + 10_000);
    for cup in [
        json!({ "id": "open", "duration": 3_600 }),
        json!({ "id": "closed", "duration": 3_600, "authoritative": true }),
        json!({ "id": "over", "duration": 60, "start_time": past }),
        json!({ "id": "to come", "duration": 60, "start_time": future, "category": 7 }),
    ] {
        server.house_done("tournament_create", cup).await;
    }
    server.house_done("leaderboard_create", json!({ "id": "board" })).await;
    let ada = server.log_in("ada").await;
    let id = server.id_of(&ada.token).await;
    let check = async |method: &str, path: &str, player: u16| {
        let body = if method == "GET" { "" } else { r#"{"score":"1"}"# };
        assert_eq!(server.ask(method, path, &[], body.as_bytes()).await.status, 401, "{method} {path}");
        let answer = server.by(&ada, method, path, body).await;
        assert_eq!(answer.status, player, "{method} {path}: {}", answer.text());
    };
    let table = [
        ("open", 200, 200, 200),
        ("closed", 403, 200, 200),
        ("over", 400, 400, 200),
        ("to%20come", 400, 400, 200),
        ("board", 404, 404, 404),
        ("none", 404, 404, 404),
    ];
    for (cup, writes, joins, reads) in table {
        check("POST", &format!("/v2/tournament/{cup}"), writes).await;
        check("PUT", &format!("/v2/tournament/{cup}"), writes).await;
        check("POST", &format!("/v2/tournament/{cup}/join"), joins).await;
        check("GET", &format!("/v2/tournament/{cup}"), reads).await;
        check("GET", &format!("/v2/tournament/{cup}/owner/{id}"), reads).await;
    }
    check("GET", "/v2/tournament", 200).await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=x",
        "category_start=5&category_end=4",
        "category_end=128",
        "start_time=-1",
        "start_time=x",
        "end_time=x",
        "cursor=x",
        "category_start=-1",
    ] {
        check("GET", &format!("/v2/tournament?{query}"), 400).await;
    }
    let ids = async |query: &str| {
        let list = server.by(&ada, "GET", &format!("/v2/tournament?{query}"), "").await.json();
        let found = list["tournaments"].as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(ids("").await, "closed open to come");
    assert_eq!(ids("category_start=1").await, "to come");
    assert_eq!(ids(&format!("start_time={}", future - 1)).await, "to come");
    assert_eq!(ids(&format!("end_time={}", now())).await, "over");
    for bad in [
        json!({ "id": "x" }),
        json!({ "id": "x", "duration": 0 }),
        json!({ "id": "x", "duration": 60, "end_time": past }),
        json!({ "id": "x", "duration": 60, "category": 128 }),
        json!({ "id": "x", "duration": 60, "reset": "* * *" }),
    ] {
        assert_eq!(server.house_call("tournament_create", &bad).await.status, 400, "{bad}");
    }
    let deleted = server.house_done("tournament_delete", json!({ "id": "board" })).await;
    assert_eq!(deleted["deleted"], false);
    assert_eq!(server.house_done("tournament_delete", json!({ "id": "over" })).await["deleted"], true);
}
