//! Stored objects over HTTP: shapes, who may do what, and requests that cannot be.

use serde_json::{Value, json};
use store::{Asks, UserId};

use crate::client::{Answer, Login, Server};

async fn put(server: &Server, login: &Login, objects: Value) -> Answer {
    send(server, "PUT", "/v2/storage", &login.token, &json!({ "objects": objects })).await
}

async fn read(server: &Server, login: &Login, ids: Value) -> Vec<Value> {
    let answer = send(server, "POST", "/v2/storage", &login.token, &json!({ "object_ids": ids })).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["objects"].as_array().cloned().unwrap_or_default()
}

async fn send(server: &Server, method: &str, path: &str, token: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    server.ask(method, path, &headers, body.to_string().as_bytes()).await
}

fn id_of(server: &Server, login: &Login) -> UserId {
    server.running.house.services.accounts.holder(&login.token).unwrap().user
}

fn object(key: &str, value: &str) -> Value {
    json!({ "collection": "saves", "key": key, "value": value })
}

#[tokio::test]
async fn objects_come_back_as_they_were_written() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let user = id_of(&server, &ann).to_string();
    let text = r#"{"hello": "world",  "n": 1.50}"#;
    let answer = put(&server, &ann, json!([object("b", text), object("a", "{}")])).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let acks = answer.json()["acks"].as_array().cloned().unwrap();
    assert_eq!((acks.len(), acks[0]["key"].as_str(), acks[1]["key"].as_str()), (2, Some("b"), Some("a")));
    assert_eq!(acks[1]["version"], "99914b932bd37a50b983c5e7c90ae93b");
    assert_eq!(
        (acks[0]["user_id"].as_str(), acks[0]["collection"].as_str()),
        (Some(user.as_str()), Some("saves"))
    );
    let id = json!({ "collection": "saves", "key": "b", "user_id": user });
    let missing = json!({ "collection": "saves", "key": "c", "user_id": user });
    let found = read(&server, &ann, json!([id, missing])).await;
    assert_eq!(found.len(), 1);
    let found = &found[0];
    assert_eq!((found["value"].as_str(), found["version"].clone()), (Some(text), acks[0]["version"].clone()));
    assert_eq!((found["permission_read"].as_i64(), found["permission_write"].as_i64()), (Some(1), Some(1)));
    assert!(found["create_time"].as_str().unwrap().ends_with('Z'));
    assert_eq!(found["create_time"], found["update_time"]);

    let gone = json!({ "object_ids": [{ "collection": "saves", "key": "b", "version": "*" }] });
    assert_eq!(send(&server, "PUT", "/v2/storage/delete", &ann.token, &gone).await.status, 400);
    let gone = json!({ "object_ids": [{ "collection": "saves", "key": "b" }] });
    let answer = send(&server, "PUT", "/v2/storage/delete", &ann.token, &gone).await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "{}"));
    assert_eq!(read(&server, &ann, json!([id])).await, Vec::<Value>::new());
    let again = send(&server, "PUT", "/v2/storage/delete", &ann.token, &gone).await;
    assert_eq!((again.status, again.json()["code"].as_i64()), (400, Some(3)));
}

#[tokio::test]
async fn a_version_that_does_not_hold_is_refused_with_all_of_its_batch() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let with = |key: &str, value: &str, version: &str| json!({ "collection": "saves", "key": key, "value": value, "version": version });
    let check = async |what: &str, objects: Value, status: u16| {
        let answer = put(&server, &ann, objects).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        if status != 200 {
            assert_eq!(answer.json()["code"], 3, "{what}");
        }
        answer
    };
    let first = check("only if absent", json!([with("k", r#"{"n":1}"#, "*")]), 200).await;
    let version = first.json()["acks"][0]["version"].as_str().unwrap().to_owned();
    check("absent, but it is there", json!([with("k", r#"{"n":2}"#, "*")]), 400).await;
    check("another version", json!([with("k", r#"{"n":2}"#, &version.replace(&version[..1], "g"))]), 400)
        .await;
    check("one of a batch", json!([with("j", "{}", ""), with("k", "{}", "*")]), 400).await;
    let user = id_of(&server, &ann).to_string();
    let other = json!([{ "collection": "saves", "key": "j", "user_id": user }]);
    assert_eq!(read(&server, &ann, other).await.len(), 0, "nothing of the batch was written");
    check("the version that was read", json!([with("k", r#"{"n":2}"#, &version)]), 200).await;
    check("a version that is over", json!([with("k", r#"{"n":3}"#, &version)]), 400).await;
    check("last write wins", json!([with("k", r#"{"n":3}"#, "")]), 200).await;
}

/// Who may read and write what: every pair of permissions against everybody who may ask.
#[tokio::test]
async fn permissions_are_held() {
    let server = Server::start().await;
    let (ann, bob) = (server.log_in("ann").await, server.log_in("bob").await);
    let user = id_of(&server, &ann);
    let storage = &server.running.house.services.storage;
    for (may_read, may_write) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
        let what = format!("read {may_read}, write {may_write}");
        let key = format!("r{may_read}w{may_write}");
        let write = app::storage::WriteObject {
            user,
            collection: "saves".into(),
            key: key.clone(),
            value: "{}".into(),
            version: String::new(),
            may_read: Some(may_read),
            may_write: Some(may_write),
        };
        storage.write(Asks::Server, vec![write]).await.unwrap();
        let id = json!([{ "collection": "saves", "key": key, "user_id": user.to_string() }]);
        assert_eq!(read(&server, &ann, id.clone()).await.len(), usize::from(may_read >= 1), "{what}: owner");
        assert_eq!(read(&server, &bob, id).await.len(), usize::from(may_read == 2), "{what}: another");

        let gone = json!({ "object_ids": [{ "collection": "saves", "key": key }] });
        let by_bob = send(&server, "PUT", "/v2/storage/delete", &bob.token, &gone).await;
        assert_eq!(by_bob.status, 400, "{what}: another deletes nothing");
        let written = put(&server, &ann, json!([object(&key, r#"{"by":"ann"}"#)])).await;
        assert_eq!(written.status, if may_write == 1 { 200 } else { 400 }, "{what}: owner writes");
        let deleted = send(&server, "PUT", "/v2/storage/delete", &ann.token, &gone).await;
        assert_eq!(deleted.status, if may_write == 1 { 200 } else { 400 }, "{what}: owner deletes");
    }
    // Writing under a key of another's makes an object of one's own.
    assert_eq!(put(&server, &bob, json!([object("r2w0", r#"{"by":"bob"}"#)])).await.status, 200);
    let id = json!([{ "collection": "saves", "key": "r2w0", "user_id": user.to_string() }]);
    assert_eq!(read(&server, &bob, id).await[0]["value"], "{}");

    let keys = async |login: &Login, path: &str| {
        let answer = server.get(path, &login.token).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let objects = answer.json()["objects"].as_array().cloned().unwrap_or_default();
        objects.iter().map(|object| object["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    let (own, by_path) = (format!("/v2/storage/saves?user_id={user}"), format!("/v2/storage/saves/{user}"));
    assert_eq!(keys(&ann, &own).await, ["r1w0", "r2w0"]);
    assert_eq!(keys(&ann, &by_path).await, ["r1w0", "r2w0"]);
    assert_eq!(keys(&bob, &by_path).await, ["r2w0"]);
    assert_eq!(keys(&bob, "/v2/storage/saves").await, ["r2w0"], "bob's own is not public");
    assert_eq!(keys(&bob, "/v2/storage/other").await, none);
}

#[tokio::test]
async fn lists_are_read_in_pages() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let objects: Vec<_> = (0..25).map(|n| object(&format!("k{n:02}"), "{}")).collect();
    assert_eq!(put(&server, &ann, json!(objects)).await.status, 200);
    let user = id_of(&server, &ann);
    let (mut cursor, mut seen, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let path = format!("/v2/storage/saves/{user}?limit=10&cursor={cursor}");
        let page = server.get(&path, &ann.token).await.json();
        let keys = page["objects"].as_array().cloned().unwrap_or_default();
        seen.extend(keys.iter().map(|object| object["key"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    let expected: Vec<_> = (0..25).map(|n| format!("k{n:02}")).collect();
    assert_eq!((seen, pages), (expected, 3));
}

#[tokio::test]
async fn requests_that_cannot_be_are_refused() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    put(&server, &ann, json!([object("k", "{}"), object("l", "{}")])).await;
    let user = id_of(&server, &ann).to_string();
    let check = async |what: &str, method: &str, path: &str, body: Value| {
        let answer = send(&server, method, path, &ann.token, &body).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_i64()),
            (400, Some(3)),
            "{what}: {}",
            answer.text()
        );
        assert!(!answer.json()["message"].as_str().unwrap().is_empty(), "{what}");
    };
    let write = |object: Value| json!({ "objects": [object] });
    let deep = format!("{}1{}", r#"{"a":"#.repeat(65), "}".repeat(65));
    for (what, value) in [
        ("no value", ""),
        ("no JSON", "{"),
        ("no object", "[]"),
        ("a number", "1"),
        ("too deep", deep.as_str()),
        ("more after it", "{} {}"),
    ] {
        check(what, "PUT", "/v2/storage", write(object("k", value))).await;
    }
    let long = "n".repeat(129);
    for (what, collection, key) in
        [("no key", "c", ""), ("no collection", "", "k"), ("long key", "c", &long), ("NUL", "c", "a\0b")]
    {
        let named = json!({ "collection": collection, "key": key, "value": "{}" });
        check(what, "PUT", "/v2/storage", write(named.clone())).await;
        check(what, "PUT", "/v2/storage/delete", json!({ "object_ids": [named] })).await;
        check(what, "POST", "/v2/storage", json!({ "object_ids": [named] })).await;
    }
    for (read, write_too) in [(3, 1), (-1, 1), (1, 2), (1, -1)] {
        let odd = json!({
            "collection": "c", "key": "k", "value": "{}", "permission_read": read, "permission_write": write_too
        });
        check("permissions", "PUT", "/v2/storage", write(odd)).await;
    }
    let many: Vec<_> = (0..101).map(|n| object(&n.to_string(), "{}")).collect();
    check("too many", "PUT", "/v2/storage", json!({ "objects": many })).await;
    check("too many", "POST", "/v2/storage", json!({ "object_ids": many })).await;
    check("too many", "PUT", "/v2/storage/delete", json!({ "object_ids": many })).await;
    let odd = json!({ "object_ids": [{ "collection": "c", "key": "k", "user_id": "me" }] });
    check("owner", "POST", "/v2/storage", odd).await;
    check("a wrong type", "PUT", "/v2/storage", json!({ "objects": "all" })).await;

    let page = server.get(&format!("/v2/storage/saves/{user}?limit=1"), &ann.token).await.json();
    let cursor = page["cursor"].as_str().unwrap();
    let changed = format!("{}{}", &cursor[..cursor.len() - 1], if cursor.ends_with('A') { "B" } else { "A" });
    for query in [
        "limit=0".to_owned(),
        "limit=101".into(),
        "limit=-1".into(),
        "limit=ten".into(),
        "cursor=x".into(),
        format!("cursor={changed}"),
    ] {
        check(&query, "GET", &format!("/v2/storage/saves/{user}?{query}"), Value::Null).await;
    }
    check("of another list", "GET", &format!("/v2/storage/saves?cursor={cursor}"), Value::Null).await;
    check("owner", "GET", "/v2/storage/saves/me", Value::Null).await;
    check("owner", "GET", "/v2/storage/saves?user_id=me", Value::Null).await;
    check("long collection", "GET", &format!("/v2/storage/{long}"), Value::Null).await;

    let empty = send(&server, "PUT", "/v2/storage", &ann.token, &json!({})).await;
    assert_eq!((empty.status, empty.text().as_str()), (200, "{}"), "nothing to do is done");
    for (method, path) in [("POST", "/v2/storage"), ("PUT", "/v2/storage"), ("PUT", "/v2/storage/delete")] {
        let nobody = server.ask(method, path, &[], b"{}").await;
        assert_eq!(nobody.status, 401, "{method} {path}");
    }
    assert_eq!(server.ask("GET", "/v2/storage/saves", &[], b"").await.status, 401);
}

#[tokio::test]
async fn wallets_are_changed_by_servers_only() {
    let server = Server::start().await;
    let ann = server.log_in("ann").await;
    let user = id_of(&server, &ann).to_string();
    let call = async |id: &str, body: Value| {
        let path = format!("/v2/rpc/{id}?unwrap&http_key=defaulthttpkey");
        server.ask("POST", &path, &[], body.to_string().as_bytes()).await
    };
    let change = |amount: i64| json!({ "updates": [{ "user_id": user, "changeset": { "coins": amount }, "metadata": { "why": "test" } }] });
    let done = call("wallet_update", change(10)).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(done.json()["results"][0]["updated"], json!({ "coins": 10 }));
    let short = call("wallet_update", change(-11)).await;
    assert_eq!((short.status, short.json()["code"].as_i64()), (400, Some(9)));
    assert_eq!(call("wallet_update", change(-4)).await.status, 200);
    for id in ["wallet_update", "wallet_ledger", "wallet_ledger_update", "achievements_progress"] {
        let path = format!("/v2/rpc/{id}?unwrap");
        let by_player = send(&server, "POST", &path, &ann.token, &change(1)).await;
        assert_eq!((by_player.status, by_player.json()["code"].as_i64()), (403, Some(7)), "{id}");
    }
    let account = server.get("/v2/account", &ann.token).await.json();
    assert_eq!(
        account["wallet"].as_str().map(|text| serde_json::from_str::<Value>(text).unwrap()),
        Some(json!({ "coins": 6 }))
    );

    let own =
        send(&server, "POST", "/v2/rpc/wallet_ledger_list?unwrap", &ann.token, &json!({ "limit": 1 })).await;
    let page = own.json();
    assert_eq!(
        (page["items"][0]["changeset"].clone(), page["items"][0]["metadata"].clone()),
        (json!({ "coins": -4 }), json!({ "why": "test" }))
    );
    let more = json!({ "user_id": user, "cursor": page["cursor"] });
    let rest = call("wallet_ledger", more).await.json();
    assert_eq!((rest["items"].as_array().unwrap().len(), rest["cursor"].as_str()), (1, Some("")));
    let other = json!({ "id": rest["items"][0]["id"], "metadata": { "why": "gift" } });
    assert_eq!(call("wallet_ledger_update", other).await.json()["metadata"]["why"], "gift");
    let unknown = json!({ "updates": [{ "user_id": "00000000-0000-0000-0000-000000000001", "changeset": { "coins": 1 } }] });
    assert_eq!(call("wallet_update", unknown).await.status, 404);
}
