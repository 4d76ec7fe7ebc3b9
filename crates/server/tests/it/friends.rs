//! Friends over HTTP: who may do what, requests that are sent twice, and what is refused.

use crate::client::{Answer, Server};

async fn user(server: &Server, token: &str) -> String {
    server.get("/v2/account", token).await.json()["user"]["id"].as_str().unwrap().to_owned()
}

async fn delete(server: &Server, path: &str, token: &str) -> Answer {
    server.ask("DELETE", path, &[("Authorization", &format!("Bearer {token}"))], b"").await
}

/// Ids and states, in the list's order.
async fn list(server: &Server, token: &str, query: &str) -> Vec<(String, i64)> {
    let answer = server.get(&format!("/v2/friend?{query}"), token).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let friends = answer.json()["friends"].as_array().cloned().unwrap_or_default();
    let pair = |one: &serde_json::Value| {
        (one["user"]["id"].as_str().unwrap().to_owned(), one["state"].as_i64().unwrap())
    };
    friends.iter().map(pair).collect()
}

#[tokio::test]
async fn friends_from_asking_to_parting() {
    let server = Server::with(|config| config.friends.friends_max = 2).await;
    let (ada, eve, ivy) =
        (server.log_in("ada").await, server.log_in("eve").await, server.log_in("ivy").await);
    let ids = [&ada, &eve, &ivy].map(|login| login.token.clone());
    let [a, e, i] =
        [user(&server, &ids[0]).await, user(&server, &ids[1]).await, user(&server, &ids[2]).await];
    let ask = format!("/v2/friend?ids={e}&metadata=%7B%22from%22%3A%22farm%22%7D");
    assert_eq!(server.post(&ask, &ada.token, "").await.status, 200);
    assert_eq!(list(&server, &eve.token, "").await, [(a.clone(), 2)]);
    let kept = server.get("/v2/friend?state=2", &eve.token).await.json();
    assert_eq!(kept["friends"][0]["metadata"], "{\"from\":\"farm\"}");
    assert!(kept["friends"][0]["update_time"].as_str().unwrap().ends_with('Z'));
    // The same request again changes nothing and tells nobody again.
    server.post(&format!("/v2/friend?ids={e}"), &ada.token, "").await;
    let told = server.get("/v2/notification", &eve.token).await.json();
    assert_eq!(told["notifications"].as_array().unwrap().len(), 1);
    server.post(&format!("/v2/friend?ids={a}"), &eve.token, "").await;
    assert_eq!(list(&server, &ada.token, "state=0").await, [(e.clone(), 0)]);
    let account = server.get("/v2/account", &ada.token).await.json();
    assert_eq!(account["user"]["edge_count"], 1);

    // The operator's bound holds for those who ask.
    let other = server.log_in("ona").await;
    let o = user(&server, &other.token).await;
    assert_eq!(server.post(&format!("/v2/friend?ids={i}&ids={o}"), &ada.token, "").await.status, 400);
    assert_eq!(list(&server, &ivy.token, "").await, [], "all of a request or nothing");

    server.post(&format!("/v2/friend/block?ids={a}"), &ivy.token, "").await;
    assert_eq!(server.post(&format!("/v2/friend?ids={i}"), &ada.token, "").await.status, 200);
    assert_eq!(list(&server, &ivy.token, "").await, [(a.clone(), 3)]);
    assert_eq!(delete(&server, &format!("/v2/friend?ids={i}&ids={e}"), &ada.token).await.status, 200);
    assert_eq!(list(&server, &ada.token, "").await, []);
    assert_eq!(list(&server, &eve.token, "").await, []);
    assert_eq!(list(&server, &ivy.token, "").await, [(a.clone(), 3)]);
}

#[tokio::test]
async fn cursors_go_on_and_cannot_be_made_up() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let a = user(&server, &ada.token).await;
    for name in ["one", "two", "three"] {
        let login = server.log_in(name).await;
        server.post(&format!("/v2/friend?ids={a}"), &login.token, "").await;
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.get(&format!("/v2/friend?limit=1&cursor={cursor}"), &ada.token).await.json();
        seen.push(page["friends"][0]["user"]["id"].as_str().unwrap().to_owned());
        match page["cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
        for (query, token) in
            [(format!("state=2&cursor={cursor}"), &ada.token), (format!("cursor=A{cursor}"), &ada.token)]
        {
            assert_eq!(server.get(&format!("/v2/friend?{query}"), token).await.status, 400, "{query}");
        }
        let eve = server.log_in("eve").await;
        let foreign = server.get(&format!("/v2/friend?cursor={cursor}"), &eve.token).await;
        assert_eq!(foreign.status, 400, "a cursor is its owner's");
    }
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 3);
    for path in ["/v2/friend", "/v2/friend/friends"] {
        assert_eq!(server.get(path, "").await.status, 401);
        for query in ["limit=0", "limit=1001", "limit=-1", "limit=x", "cursor=%00", "cursor=AAAAAAAAAAAAAAAA"]
        {
            assert_eq!(
                server.get(&format!("{path}?{query}"), &ada.token).await.status,
                400,
                "{path}?{query}"
            );
        }
    }
    for query in [
        "",
        "ids=",
        "ids=x",
        "usernames=%00",
        "usernames=nobody",
        &format!("ids={a}"),
        "metadata=%5B%5D&ids=00000000-0000-0000-0000-000000000001",
    ] {
        assert_eq!(server.post(&format!("/v2/friend?{query}"), &ada.token, "").await.status, 400, "{query}");
    }
    let many = format!("ids={}", vec!["00000000-0000-0000-0000-000000000001"; 101].join("&ids="));
    assert_eq!(server.post(&format!("/v2/friend?{many}"), &ada.token, "").await.status, 400);
}
