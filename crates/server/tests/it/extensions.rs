//! A studio's code in the server: hooks around routes and messages, jobs, consumers of events.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::events::{EventError, Report};
use app::jobs::Schedule;
use app::rpc::RpcError;
use axum::http::Method;
use serde_json::json;
use server::extend::Extensions;
use server::serve::{StartError, start};
use tokio::sync::mpsc;
use wire::envelope::{Format, Message, Rpc};

use crate::client::{Server, config, games, soon};

async fn with(extension: impl FnOnce(&mut Extensions) + 'static) -> Server {
    let folder = tempfile::tempdir().unwrap();
    let running = start(config(&folder), games().with_extension(extension)).await.unwrap();
    Server { running, folder }
}

fn call(payload: &str) -> Message {
    Message::Rpc(Rpc { id: "echo".into(), payload: payload.into(), http_key: String::new() })
}

#[tokio::test]
async fn hooks_see_change_and_refuse_requests_of_a_route() {
    let (told, mut heard) = mpsc::channel(64);
    let server = with(move |house| {
        house.rpc("echo", async |call| Ok(call.payload));
        house.before_route(Method::POST, "/v2/rpc/{id}", async |asker, mut request| {
            assert_eq!(request.path["id"], "echo");
            assert!(asker.user.is_some() && !asker.username.is_empty());
            if request.body == json!({ "bad": true }) {
                return Err(RpcError::Denied("not in this house"));
            }
            request.body["seen"] = json!(1);
            Ok(request)
        });
        house.before_route(Method::POST, "/v2/rpc/{id}", async |_, mut request| {
            request.body["seen"] = json!(request.body["seen"].as_u64().unwrap() + 1);
            Ok(request)
        });
        house.after_route(Method::POST, "/v2/rpc/{id}", move |_, request, answer| {
            told.try_send((request.body.clone(), answer.body.clone())).unwrap();
            async { Err(RpcError::Failed("a hook's fault after the fact changes nothing".into())) }
        });
    })
    .await;
    let ada = server.log_in("ada").await;
    let answer = server.post("/v2/rpc/echo?unwrap", &ada.token, r#"{"a":[1]}"#).await;
    assert_eq!((answer.status, answer.json()), (200, json!({ "a": [1], "seen": 2 })));
    assert_eq!(heard.recv().await.unwrap(), (json!({ "a": [1], "seen": 2 }), answer.json()));
    let refused = server.post("/v2/rpc/echo?unwrap", &ada.token, r#"{"bad":true}"#).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let broken = server.post("/v2/rpc/echo?unwrap", &ada.token, "{").await;
    assert_eq!(broken.status, 400, "{}", broken.text());
    assert!(heard.try_recv().is_err(), "hooks after a route hear of successes only");
}

#[tokio::test]
async fn hooks_see_change_and_refuse_messages() {
    let (told, mut heard) = mpsc::channel(64);
    let server = with(move |house| {
        house.rpc("echo", async |call| Ok(call.payload));
        house.before_message("rpc", async |_, message| match message {
            Message::Rpc(rpc) if rpc.payload == "bad" => Err(RpcError::Denied("not in this house")),
            Message::Rpc(rpc) => Ok(Message::Rpc(Rpc { payload: rpc.payload + "!", ..rpc })),
            other => Ok(other),
        });
        house.after_message("rpc", move |asker, message, answer| {
            told.try_send((asker.session.is_some(), (*message).clone(), answer)).unwrap();
            async { Ok(()) }
        });
    })
    .await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    socket.send("1", call("hi")).await;
    assert_eq!(socket.answer("1").await, Some(call("hi!")));
    assert_eq!(heard.recv().await.unwrap(), (true, call("hi!"), Some(call("hi!"))));
    socket.send("2", call("bad")).await;
    let refused = socket.answer("2").await;
    assert!(
        matches!(&refused, Some(Message::Error(error)) if error.message.contains("not in this house")),
        "{refused:?}"
    );
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn a_hook_on_what_does_not_exist_is_refused_at_the_start() {
    let check = async |hook: fn(&mut Extensions), named: &str| {
        let folder = tempfile::tempdir().unwrap();
        let started = start(config(&folder), games().with_extension(hook)).await;
        match started.err() {
            Some(StartError::StrayHook(what)) => assert_eq!(what, named),
            other => panic!("{other:?}"),
        }
    };
    let route = |house: &mut Extensions| {
        house.before_route(Method::GET, "/v2/acount", async |_, request| Ok(request));
    };
    check(route, "the route GET /v2/acount").await;
    let message = |house: &mut Extensions| {
        house.before_message("chanel_join", async |_, message| Ok(message));
    };
    check(message, "the message chanel_join").await;
    let data = |house: &mut Extensions| {
        house.before_message("match_data_send", async |_, message| Ok(message));
    };
    check(data, "the message match_data_send").await;
}

#[tokio::test]
async fn jobs_run_when_they_are_due_and_a_failed_one_runs_again_the_next_time() {
    let (told, mut heard) = mpsc::channel(64);
    let server = with(move |house| {
        house.job("often", Schedule::EveryMs(20), move |run| {
            assert!(run.due_ms <= run.now_ms);
            told.try_send(run.due_ms).unwrap();
            async { Err(RpcError::Failed("no bread".into())) }
        });
    })
    .await;
    let first = soon("a run", heard.recv()).await.unwrap();
    let second = soon("a second run", heard.recv()).await.unwrap();
    assert!(second > first, "each due time is taken once");
    let noted = soon("the note of a run", async {
        loop {
            let job = server.running.house.store.read(store::JobGet { name: "often".into() }).await;
            if let Some(fault) = job.unwrap().unwrap().fault {
                return fault;
            }
            heard.recv().await.unwrap();
        }
    })
    .await;
    assert_eq!(noted, "no bread");
}

#[tokio::test]
async fn a_consumer_gets_every_event_in_order_and_a_failed_one_again() {
    let (told, mut heard) = mpsc::channel(64);
    let failures = Arc::new(AtomicU32::new(0));
    let server = with(move |house| {
        house.on_event("analytics", move |event| {
            let fails = event.name == "two" && failures.fetch_add(1, Ordering::Relaxed) == 0;
            told.try_send((event.name, event.properties, event.outside, fails)).unwrap();
            async move { if fails { Err(EventError::Consumer("not now".into())) } else { Ok(()) } }
        });
    })
    .await;
    let events = &server.running.house.services.events;
    for name in ["one", "two", "three"] {
        events.report(Report { name: name.into(), ..Report::default() }).await.unwrap();
    }
    for (name, fails) in [("one", false), ("two", true), ("two", false), ("three", false)] {
        let got = soon("an event", heard.recv()).await.unwrap();
        assert_eq!((got.0.as_str(), got.3), (name, fails));
    }
    let ada = server.log_in("ada").await;
    let sent = r#"{"name":"level_up","properties":{"level":"7"},"timestamp":"2026-11-21T05:00:00Z"}"#;
    assert_eq!(server.post("/v2/event", &ada.token, sent).await.status, 200);
    let (name, properties, outside, _) = soon("the client's event", heard.recv()).await.unwrap();
    assert_eq!((name.as_str(), properties["level"].as_str(), outside), ("level_up", "7", true));
    for bad in [
        r#"{"name":""}"#.to_owned(),
        format!(r#"{{"name":"{}"}}"#, "n".repeat(129)),
        r#"{"name":"x","timestamp":"today"}"#.into(),
    ] {
        let answer = server.post("/v2/event", &ada.token, &bad).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_consumer_of_pages_gets_all_at_once_and_all_again_after_a_failure() {
    let (told, mut heard) = mpsc::channel(64);
    let (open, gate) = tokio::sync::watch::channel(false);
    let failures = Arc::new(AtomicU32::new(0));
    let server = with(move |house| {
        house.on_events("pages", move |events| {
            let (told, mut gate) = (told.clone(), gate.clone());
            let fails = events.len() > 1 && failures.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                let names: Vec<_> = events.into_iter().map(|event| event.name).collect();
                told.try_send((names, fails)).unwrap();
                gate.wait_for(|open| *open).await.unwrap();
                if fails { Err(EventError::Consumer("not now".into())) } else { Ok(()) }
            }
        });
    })
    .await;
    let events = &server.running.house.services.events;
    let report = |name: &str| events.report(Report { name: name.into(), ..Report::default() });
    report("one").await.unwrap();
    assert_eq!(soon("the first page", heard.recv()).await.unwrap(), (vec!["one".to_owned()], false));
    // These gather while the first is worked on.
    report("two").await.unwrap();
    report("three").await.unwrap();
    open.send(true).unwrap();
    for fails in [true, false] {
        let page = soon("a page", heard.recv()).await.unwrap();
        assert_eq!(page, (vec!["two".to_owned(), "three".to_owned()], fails));
    }
}

#[tokio::test]
async fn what_is_done_at_the_start_is_done_before_the_first_client_or_nothing_starts() {
    let folder = tempfile::tempdir().unwrap();
    let fails = |house: &mut Extensions| {
        house.at_start(async { Err(RpcError::Failed("no table".into())) });
    };
    match start(config(&folder), games().with_extension(fails)).await.map(|_| ()) {
        Err(StartError::Extension(why)) => assert_eq!(why, "no table"),
        other => panic!("{other:?}"),
    }
    let server = with(|house| {
        let services = house.services();
        house.rpc("seen", {
            let services = Arc::clone(&services);
            move |_| {
                let services = Arc::clone(&services);
                async move { Ok(services.leaderboards.get("laid").await?.row.id.clone()) }
            }
        });
        house.at_start(async move {
            let board = app::leaderboards::NewBoard { id: "laid".into(), ..Default::default() };
            services.leaderboards.create(board).await?;
            Ok(())
        });
    })
    .await;
    let ada = server.log_in("ada").await;
    assert_eq!(server.post("/v2/rpc/seen?unwrap", &ada.token, "").await.text(), "laid");
}
