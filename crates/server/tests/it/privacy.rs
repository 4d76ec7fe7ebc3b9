//! An account with something in every domain: the export holds all of it, and after the erasing nothing in the store
//! holds more of it than the bare id. What there is in the store is asked of the store: a table that comes to it later
//! and names players is found here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::chat::{Channel, Moderator};
use app::core::{Scope, Ticket};
use app::storage::StorageIndex;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use store::{
    AchievementProgress, FamilyId, KeepPurchases, KeepSubscription, OutsideSession, OutsideSessionPut,
    Purchase, Subscription, UserId,
};

use crate::client::{Login, Server};

/// Is in every text that the player gave, but for what must have a form of its own.
const NEEDLE: &str = "quillwort";
/// Columns that name players.
const NAMES_OF_USERS: [&str; 7] =
    ["user_id", "owner", "sender_id", "creator", "proposer", "other_id", "scope"];
/// Where the bare id stays: sums and purchases, logs of rooms, and that its sessions are over.
const STAYS: [&str; 8] = [
    "ledger.user_id",
    "purchases.user_id",
    "room_seats.user_id",
    "rooms.creator",
    "session_ends.user_id",
    "subscriptions.user_id",
    "wallet_ledger.user_id",
    "wallets.user_id",
];
/// Named by a word, not by an id: what computers remember of their own seats.
const NO_USERS: [&str; 1] = ["agent_memory.owner"];

/// All columns of a folder's database, and which rows of them hold one of some texts.
fn columns_with(data: &Path, texts: &[&[u8]]) -> BTreeMap<String, usize> {
    let conn =
        Connection::open_with_flags(data.join("longhouse.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut names = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut found = BTreeMap::new();
    for table in tables.iter().filter(|table| !table.starts_with("sqlite_")) {
        let mut all = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<_> = all.column_names().map(|name| format!("{table}.{name}")).collect();
        found.extend(columns.iter().map(|column| (column.clone(), 0)));
        let mut rows = all.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (place, column) in columns.iter().enumerate() {
                let (ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = row.get_ref(place).unwrap() else {
                    continue;
                };
                let holds = texts.iter().any(|text| bytes.windows(text.len()).any(|part| part == *text));
                *found.get_mut(column).unwrap() += usize::from(holds);
            }
        }
    }
    found
}

fn hits(found: &BTreeMap<String, usize>) -> BTreeSet<&str> {
    found.iter().filter(|(_, rows)| **rows > 0).map(|(column, _)| column.as_str()).collect()
}

impl Server {
    async fn done(&self, who: &Login, method: &str, path: &str, body: Value) -> Value {
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let answer = self.by(who, method, path, &body).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
        answer.json()
    }
}

/// Somebody with something everywhere, and a friend.
async fn live(server: &Server) -> (Login, UserId) {
    let services = &server.running.house.services;
    let (ada, bob) = (server.log_in(NEEDLE).await, server.log_in("bob").await);
    let (id, other) = (server.id_of(&ada.token).await, server.id_of(&bob.token).await);
    let user: UserId = id.parse().unwrap();
    let refresh = json!({ "token": ada.refresh }).to_string();
    let ada = server.keyed("/v2/account/session/refresh", &refresh).await.json();
    let ada = Login { token: ada["token"].as_str().unwrap().into(), refresh: String::new() };

    let text = |what: &str| format!("{NEEDLE}-{what}");
    let profile = json!({
        "username": text("name"), "display_name": text("shown"), "avatar_url": text("face"), "lang_tag": "en",
        "location": text("place"), "timezone": text("zone"),
    });
    server.done(&ada, "PUT", "/v2/account", profile).await;
    let about = json!({ "user_id": id, "metadata": { "note": text("metadata") } });
    server.house_done("account_update", about).await;
    let wishes = json!({ "wish": text("preference") });
    server.done(&ada, "POST", "/v2/rpc/preferences_set?unwrap", wishes).await;
    server.done(&ada, "POST", "/v2/account/link/custom", json!({ "id": text("custom") })).await;
    let email = format!("{NEEDLE}@example.org");
    let link = json!({ "email": email, "password": "correct horse" });
    server.done(&ada, "POST", "/v2/account/link/email", link).await;
    services.accounts.mark_verified(user, &email).await.unwrap();

    server.done(&ada, "POST", &format!("/v2/friend?ids={other}"), json!({})).await;
    server.done(&bob, "POST", &format!("/v2/friend?ids={id}"), json!({})).await;
    let group = json!({ "name": "Village", "open": true });
    let group = server.done(&ada, "POST", "/v2/group", group).await["id"].as_str().unwrap().to_owned();
    server.done(&bob, "POST", &format!("/v2/group/{group}/join"), json!({})).await;
    let poll = json!({ "title": "Feast?", "options": [{ "text": "yes" }, { "text": "no" }], "open_sec": 60 });
    let at = format!("/v2/group/{group}/proposal");
    let poll = server.done(&ada, "POST", &at, poll).await["id"].as_str().unwrap().to_owned();
    server.done(&ada, "POST", &format!("{at}/{poll}/vote"), json!({ "option": 1 })).await;
    let room = Channel::room("lobby").unwrap();
    let said = json!({ "text": text("said") });
    services.chat.announce(&room, Some((user, &text("name"))), said, true).await.unwrap();
    services.chat.mute(Moderator::House, Some(&room), user, Some(i64::MAX)).await.unwrap();
    let news = json!({ "text": text("news") });
    services.notifications.send(user, &text("subject"), news, 7, None, true).await.unwrap();

    services.storage.declare(StorageIndex {
        name: "index".into(),
        collection: "c".into(),
        key: None,
        fields: vec!["note".into()],
        entries_max: 10,
    });
    services.storage.prepare().await.unwrap();
    let value = json!({ "note": text("value") }).to_string();
    let objects = json!({ "objects": [{ "collection": "c", "key": text("key"), "value": value }] });
    let bearer = format!("Bearer {}", ada.token);
    let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", "key-1")];
    let written = server.ask("PUT", "/v2/storage", &headers, objects.to_string().as_bytes()).await;
    assert_eq!(written.status, 200, "{}", written.text());
    let event = json!({ "name": "walked", "properties": { "where": text("event") } });
    server.done(&ada, "POST", "/v2/event", event).await;
    server.house_done("leaderboard_create", json!({ "id": "board" })).await;
    let cup = json!({ "id": "cup", "duration": 3_600, "join_required": true });
    server.house_done("tournament_create", cup).await;
    server.done(&ada, "POST", "/v2/tournament/cup/join", json!({})).await;
    let score = json!({ "score": "5", "metadata": json!({ "how": text("score") }).to_string() });
    server.done(&ada, "POST", "/v2/leaderboard/board", score).await;
    services.rooms.open(user, "ledger", b"{}".to_vec(), false).await.unwrap();

    let changes = BTreeMap::from([("coins".to_owned(), 5)]);
    let metadata = json!({ "for": text("payment") }).as_object().cloned().unwrap();
    services.wallets.update(user, changes, metadata).await.unwrap();
    let core = &services.core;
    let (achievement, at_ms) = ("walker".to_owned(), core.now_ms());
    let steps = AchievementProgress { user, achievement, steps: 9, by: 3, reward: None, at_ms };
    let _ = core.write(steps).await.unwrap().into_inner();
    let purchase = Purchase {
        shop: 1,
        transaction_id: "t-1".into(),
        product_id: "wool".into(),
        environment: 1,
        purchased_ms: 5,
        refunded_ms: None,
        said: "{}".into(),
    };
    let keep = KeepPurchases { user, purchases: vec![purchase], look_only: false, at_ms };
    let _ = core.write(keep).await.unwrap().into_inner();
    let subscription = Subscription {
        shop: 1,
        original_id: "s-1".into(),
        product_id: "meadow".into(),
        environment: 1,
        purchased_ms: 5,
        expires_ms: 9,
        refunded_ms: None,
        said: "{}".into(),
    };
    let keep = KeepSubscription { user, subscription, look_only: false, at_ms };
    let _ = core.write(keep).await.unwrap().into_inner();
    let session = OutsideSession {
        family: FamilyId(7),
        user,
        provider: "shire".into(),
        subject: text("subject"),
        sid: text("sid"),
        renewal: None,
        checked_ms: 1,
        ends_ms: i64::MAX,
    };
    core.write(OutsideSessionPut(session)).await.unwrap().into_inner();
    (ada, user)
}

#[tokio::test]
async fn the_export_misses_no_domain_and_no_field() {
    let server = Server::start().await;
    let (ada, user) = live(&server).await;
    let export = server.done(&ada, "GET", "/v2/account/export", Value::Null).await;
    let export = export.as_object().unwrap();
    assert_eq!(export["user_id"], user.to_string());
    let holds = |domain: &str, field: &str, expected: &Value| match &export[domain] {
        Value::Array(lines) => lines.iter().any(|line| line[field] == *expected),
        one => one[field] == *expected,
    };
    // What must be there of each domain, in a field of its own or of one of its lines.
    let text = |what: &str| json!(format!("{NEEDLE}-{what}"));
    #[rustfmt::skip]
    let rows = [
        ("account", "username", text("name")),
        ("account", "display_name", text("shown")),
        ("account", "avatar_url", text("face")),
        ("account", "lang_tag", json!("en")),
        ("account", "location", text("place")),
        ("account", "timezone", text("zone")),
        ("account", "email", json!(format!("{NEEDLE}@example.org"))),
        ("account", "devices", json!([format!("device-of-{NEEDLE}")])),
        ("account", "identities", json!([["custom", text("custom")]])),
        ("account", "metadata", json!({ "note": text("metadata") })),
        ("account", "preferences", json!({ "wish": text("preference") })),
        ("wallet", "coins", json!(5)),
        ("wallet_ledger", "changeset", json!({ "coins": 5 })),
        ("wallet_ledger", "metadata", json!({ "for": text("payment") })),
        ("friends", "state", json!(0)),
        ("groups", "name", json!("Village")),
        ("storage", "key", text("key")),
        ("storage", "value", json!({ "note": text("value") })),
        ("achievements", "progress", json!(3)),
        ("purchases", "transaction_id", json!("t-1")),
        ("subscriptions", "original_transaction_id", json!("s-1")),
        ("messages", "content", json!({ "text": text("said") })),
        ("notifications", "subject", text("subject")),
        ("events", "properties", json!({ "where": text("event") })),
        ("leaderboard_records", "metadata", json!({ "how": text("score") })),
    ];
    for (domain, field, expected) in &rows {
        assert!(holds(domain, field, expected), "{domain}.{field}: {}", export[*domain]);
    }
    assert!(export["account"]["verify_time"].is_string());
    let domains: BTreeSet<_> = rows.iter().map(|(domain, ..)| *domain).collect();
    for domain in export.keys().filter(|domain| *domain != "user_id") {
        assert!(domains.contains(domain.as_str()), "{domain} has no row");
    }
}

#[tokio::test]
async fn an_erased_account_leaves_a_bare_id() {
    let server = Server::start().await;
    let (ada, user) = live(&server).await;
    let (raw, named) = (user.to_bytes(), user.to_string());
    let data = server.folder.path().join("data");
    let ids = || columns_with(&data, &[&raw, named.as_bytes()]);
    let words = || columns_with(&data, &[NEEDLE.as_bytes()]);

    // First that this test looks everywhere.
    let before = ids();
    let naming = |column: &str| NAMES_OF_USERS.contains(&column.split('.').nth(1).unwrap());
    for column in before.keys().filter(|column| naming(column)) {
        let known = STAYS.contains(&column.as_str()) || NO_USERS.contains(&column.as_str());
        assert!(before[column] > 0 || known, "{column} names users, and the one of this test is not there");
    }
    let said = words();
    for column in ["users.username", "notifications.subject", "answers.output", "object_entries.value"] {
        assert!(said[column] > 0, "{column}");
    }

    let gone = server.by(&ada, "DELETE", "/v2/account", "").await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    assert_eq!(hits(&words()), BTreeSet::new(), "words of the player are left");
    let left = ids();
    let left: BTreeSet<_> = hits(&left).into_iter().filter(|column| !STAYS.contains(column)).collect();
    assert_eq!(left, BTreeSet::new(), "the id is left");
    // Its keys are gone, so the same request is another one.
    let core = &server.running.house.services.core;
    let ticket = Ticket::new(Scope::User(user), b"key-1", &[b"another"], core.now_ms(), 60_000).unwrap();
    assert_eq!(core.answer_of(&ticket).await, Ok(None));
    let account = core.read(store::AccountGet { user }).await.unwrap();
    assert_eq!(account, None);
}
