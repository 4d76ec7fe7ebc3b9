//! Governance over HTTP: bad input, who may do what, hooks of decisions, and a server that stops in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::rpc::RpcError;
use serde::Deserialize;
use serde_json::{Value, json};
use server::extend::Extensions;
use server::serve::start;
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::client::{Answer, Login, Server, config, games, soon};
use crate::groups::{STANDINGS, make, place};

async fn with(folder: TempDir, extension: impl FnOnce(&mut Extensions) + 'static) -> Server {
    let running = start(config(&folder), games().with_extension(extension)).await.unwrap();
    Server { running, folder }
}

async fn send(server: &Server, method: &str, path: &str, login: &Login, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", login.token);
    server.ask(method, path, &[("Authorization", &bearer)], body.to_string().as_bytes()).await
}

async fn group(server: &Server, login: &Login) -> String {
    let made = send(server, "POST", "/v2/group", login, &json!({ "name": "Village", "open": true })).await;
    made.json()["id"].as_str().unwrap().to_owned()
}

fn poll() -> Value {
    json!({ "title": "Feast?", "options": [{ "text": "yes" }, { "text": "no" }], "open_sec": 60 })
}

/// A poll with some fields otherwise.
fn poll_with(change: Value) -> Value {
    let mut poll = poll();
    for (name, value) in change.as_object().unwrap() {
        poll[name] = value.clone();
    }
    poll
}

#[tokio::test]
async fn what_is_refused() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let group = group(&server, &ada).await;
    let at = format!("/v2/group/{group}/proposal");
    let nobody = "00000000-0000-4000-8000-000000000000";
    let with_effect =
        |effect: Value| json!({ "options": [{ "text": "a", "effect": effect }, { "text": "b" }] });
    #[rustfmt::skip]
    let bad = [
        ("no title", json!({ "title": "" })),
        ("a long title", json!({ "title": "t".repeat(257) })),
        ("a long text", json!({ "text": "t".repeat(8_193) })),
        ("one option", json!({ "options": [{ "text": "only" }] })),
        ("17 options", json!({ "options": vec![json!({ "text": "o" }); 17] })),
        ("an option without a text", json!({ "options": [{ "text": "a" }, { "text": " " }] })),
        ("no time", json!({ "open_sec": 0 })),
        ("a year", json!({ "open_sec": 31_536_000 })),
        ("a negative time", json!({ "open_sec": -1 })),
        ("secret and changeable", json!({ "secret": true, "changeable": true })),
        ("no quorum at all", json!({ "quorum_votes": 0 })),
        ("more than all", json!({ "quorum_permille": 1_001 })),
        ("two quorums", json!({ "quorum_votes": 1, "quorum_permille": 1 })),
        ("a majority of words", json!({ "majority": "most" })),
        ("voters that are banned", json!({ "voter_states": [4] })),
        ("no voters", json!({ "voter_states": [] })),
        ("voters by name", json!({ "voter_ids": [nobody] })),
        ("a time that is none", json!({ "joined_before": "yesterday" })),
        ("an effect without a kind", with_effect(json!({}))),
        ("two effects", with_effect(json!({ "expel": { "user_id": nobody }, "settings": { "open": true } }))),
        ("a role that cannot be given", with_effect(json!({ "role": { "user_id": nobody, "state": 3 } }))),
        ("an id that is none", with_effect(json!({ "expel": { "user_id": "eve" } }))),
        ("settings that cannot be", with_effect(json!({ "settings": { "name": "" } }))),
        ("no settings", with_effect(json!({ "settings": {} }))),
        ("no such hook", with_effect(json!({ "hook": { "name": "none" } }))),
    ];
    for (what, change) in bad {
        let answer = send(&server, "POST", &at, &ada, &poll_with(change)).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_i64()),
            (400, Some(3)),
            "{what}: {}",
            answer.text()
        );
    }
    let made = send(&server, "POST", &at, &ada, &poll()).await;
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let check = async |what: &str, login: &Login, method: &str, path: String, body: Value, status: u16| {
        let answer = send(&server, method, &path, login, &body).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert!(!answer.json()["message"].as_str().unwrap().is_empty());
    };
    let one = format!("{at}/{id}");
    check("a stranger reads", &eve, "GET", one.clone(), json!({}), 403).await;
    check("a stranger lists", &eve, "GET", at.clone(), json!({}), 403).await;
    check("a stranger opens", &eve, "POST", at.clone(), poll(), 403).await;
    check("a stranger votes", &eve, "POST", format!("{one}/vote"), json!({ "option": 0 }), 403).await;
    check("a stranger counts", &eve, "GET", format!("{one}/ballot"), json!({}), 403).await;
    check("a stranger looks at acts", &eve, "GET", format!("{one}/act"), json!({}), 403).await;
    check("a stranger takes back", &eve, "DELETE", one.clone(), json!({}), 403).await;
    check("no option", &ada, "POST", format!("{one}/vote"), json!({ "option": 2 }), 400).await;
    check("an option of words", &ada, "POST", format!("{one}/vote"), json!({ "option": "yes" }), 400).await;
    let receipt = json!({ "option": 0, "receipt": "r".repeat(32) });
    check("a receipt in an open vote", &ada, "POST", format!("{one}/vote"), receipt, 400).await;
    check("no such proposal", &ada, "GET", format!("{at}/{nobody}"), json!({}), 404).await;
    check("of another group", &ada, "GET", format!("/v2/group/{nobody}/proposal/{id}"), json!({}), 403).await;
    check("no id", &ada, "GET", format!("{at}/first"), json!({}), 400).await;
    check("a state of none", &ada, "GET", format!("{at}?state=closed"), json!({}), 400).await;
    check("a cursor of none", &ada, "GET", format!("{at}?cursor=AAAA"), json!({}), 400).await;
    check("limit 0", &ada, "GET", format!("{one}/ballot?limit=0"), json!({}), 400).await;
    let policy = |change: Value| {
        let mut policy = json!({
            "polls_state": 2, "binding_state": 1, "quorum_permille": 500, "majority": "absolute", "open_sec": 60
        });
        for (name, value) in change.as_object().unwrap() {
            policy[name] = value.clone();
        }
        policy
    };
    let governance = format!("/v2/group/{group}/governance");
    check("a policy by a stranger", &eve, "PUT", governance.clone(), policy(json!({})), 403).await;
    check("a state of requests", &ada, "PUT", governance.clone(), policy(json!({ "binding_state": 3 })), 400)
        .await;
    check("no share", &ada, "PUT", governance.clone(), policy(json!({ "quorum_permille": 0 })), 400).await;
    check("no time", &ada, "PUT", governance.clone(), policy(json!({ "open_sec": 0 })), 400).await;
    assert_eq!(send(&server, "PUT", &governance, &ada, &policy(json!({}))).await.status, 200);
    assert_eq!(server.get(&governance, &ada.token).await.json(), policy(json!({})));
}

/// Who × what: the status of every act by every kind of caller, in a group whose superadmins alone bind it.
#[tokio::test]
async fn who_may_do_what() {
    let server = Server::start().await;
    let boss = server.log_in("boss").await;
    let acts =
        ["list", "get", "acts", "ballots", "vote", "poll", "bind", "take back", "policy", "set policy"];
    #[rustfmt::skip]
    let table = [
        // list get acts ball vote poll bind back policy set
        [200, 200, 200, 200, 200, 200, 200, 200, 200, 200], // superadmin
        [200, 200, 200, 200, 200, 200, 403, 403, 200, 403], // admin
        [200, 200, 200, 200, 200, 200, 403, 403, 200, 403], // member
        [403, 403, 403, 403, 403, 403, 403, 403, 200, 403], // request
        [403, 403, 403, 403, 403, 403, 403, 403, 200, 403], // banned
        [403, 403, 403, 403, 403, 403, 403, 403, 200, 403], // stranger
    ];
    let binding = poll_with(json!({
        "options": [{ "text": "a", "effect": { "settings": { "description": "decided" } } }, { "text": "b" }],
        "quorum_votes": 1,
    }));
    let policy = json!({
        "polls_state": 2, "binding_state": 0, "quorum_permille": 500, "majority": "absolute", "open_sec": 60
    });
    for (standing, row) in STANDINGS.into_iter().zip(table) {
        let login = server.log_in(standing).await;
        let group = make(&server, &boss, json!({ "name": standing })).await;
        place(&server, &boss, &group, standing, &login).await;
        let at = format!("/v2/group/{group}");
        let made = send(&server, "POST", &format!("{at}/proposal"), &boss, &poll()).await;
        let one = format!("{at}/proposal/{}", made.json()["id"].as_str().unwrap());
        for (act, expected) in acts.into_iter().zip(row) {
            let (method, path, body) = match act {
                "list" => ("GET", format!("{at}/proposal"), json!({})),
                "get" => ("GET", one.clone(), json!({})),
                "acts" => ("GET", format!("{one}/act"), json!({})),
                "ballots" => ("GET", format!("{one}/ballot"), json!({})),
                "vote" => ("POST", format!("{one}/vote"), json!({ "option": 0 })),
                "poll" => ("POST", format!("{at}/proposal"), poll()),
                "bind" => ("POST", format!("{at}/proposal"), binding.clone()),
                "take back" => ("DELETE", one.clone(), json!({})),
                "policy" => ("GET", format!("{at}/governance"), json!({})),
                _ => ("PUT", format!("{at}/governance"), policy.clone()),
            };
            let answer = send(&server, method, &path, &login, &body).await;
            assert_eq!(answer.status, expected, "{act} by a {standing}: {}", answer.text());
        }
        let state = send(&server, "GET", &one, &boss, &json!({})).await.json()["state"].clone();
        assert_eq!(state, if row[7] == 200 { "withdrawn" } else { "open" }, "after a {standing}");
    }
}

#[derive(Deserialize)]
struct Feast {
    sheep: u32,
}

/// A hook is run by its decision; one that fails is tried again, under the same key.
#[tokio::test]
async fn a_decision_runs_a_hook_until_it_succeeds() {
    let (told, mut heard) = mpsc::channel(8);
    let tries = Arc::new(AtomicU32::new(0));
    let server = with(tempfile::tempdir().unwrap(), move |house| {
        house.services().governance.hook("feast", move |decision, Feast { sheep }| {
            let (told, first) = (told.clone(), tries.fetch_add(1, Ordering::SeqCst) == 0);
            async move {
                told.try_send((decision.proposal.to_string(), sheep)).unwrap();
                if first { Err(RpcError::Failed("no wood".into())) } else { Ok(()) }
            }
        });
    })
    .await;
    let ada = server.log_in("ada").await;
    let at = format!("/v2/group/{}/proposal", group(&server, &ada).await);
    let hook = |input: Value| {
        let effect = json!({ "hook": { "name": "feast", "input": input } });
        poll_with(
            json!({ "open_sec": 1, "options": [{ "text": "yes", "effect": effect }, { "text": "no" }] }),
        )
    };
    let wrong = send(&server, "POST", &at, &ada, &hook(json!({ "sheep": "many" }))).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text());
    let made = send(&server, "POST", &at, &ada, &hook(json!({ "sheep": 3 }))).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let voted = send(&server, "POST", &format!("{at}/{id}/vote"), &ada, &json!({ "option": 0 })).await;
    assert_eq!(voted.status, 200, "{}", voted.text());
    for _ in 0..2 {
        let ran = soon("the hook", heard.recv()).await.unwrap();
        assert_eq!(ran, (id.clone(), 3));
    }
    soon("the note of the hook's end", async {
        loop {
            let seen = server.get(&format!("{at}/{id}"), &ada.token).await.json();
            if seen["effect_state"] == "done" {
                break;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
    let acts = server.get(&format!("{at}/{id}/act"), &ada.token).await.json();
    let acts: Vec<_> = acts["acts"].as_array().unwrap().iter().map(|line| line["act"].clone()).collect();
    assert_eq!(acts, ["opened", "voted", "closed", "applied"]);
    assert!(heard.try_recv().is_err(), "once it has succeeded it is not run again");
}

/// A vote under an idempotency key: the kept answer holds nothing of the choice, and the vote counts once.
#[tokio::test]
async fn a_secret_vote_sent_twice_counts_once() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let at = format!("/v2/group/{}/proposal", group(&server, &ada).await);
    let made = send(&server, "POST", &at, &ada, &poll_with(json!({ "secret": true }))).await;
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {}", ada.token);
    let headers = [("Authorization", bearer.as_str()), ("Idempotency-Key", "vote-1")];
    let body = json!({ "option": 1, "receipt": "a-random-text-of-thirty-two-or-more" }).to_string();
    let path = format!("{at}/{id}/vote");
    for _ in 0..2 {
        let voted = server.ask("POST", &path, &headers, body.as_bytes()).await;
        assert_eq!((voted.status, voted.json()), (200, json!({})), "{}", voted.text());
    }
    let seen = server.get(&format!("{at}/{id}"), &ada.token).await.json();
    assert_eq!((&seen["votes"], &seen["viewer"]), (&json!(1), &json!({ "elector": true, "voted": true })));
    let receipt = json!({ "receipt": "a-random-text-of-thirty-two-or-more" });
    let own = send(&server, "POST", &format!("{at}/{id}/verify"), &ada, &receipt).await.json();
    assert_eq!(own["option"], 1);
    let other = json!({ "receipt": "b-random-text-of-thirty-two-or-more" });
    let none = send(&server, "POST", &format!("{at}/{id}/verify"), &ada, &other).await;
    assert_eq!(none.status, 404, "{}", none.text());
}
