//! Topics: who may listen to what, and that all who listen hear the same.

use std::sync::Arc;

use app::topics::Audience;
use wire::envelope::{Format, Message, Rpc};

use crate::client::{Server, Socket};

async fn call(socket: &mut Socket, id: &str, name: &str) -> Result<(), i32> {
    let payload = serde_json::json!({ "name": name }).to_string();
    socket.send(name, Message::Rpc(Rpc { id: id.into(), payload, ..Rpc::default() })).await;
    match socket.answer(name).await {
        Some(Message::Rpc(_)) => Ok(()),
        Some(Message::Error(error)) => Err(error.code),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_studio_decides_who_may_listen() {
    let server = Server::start().await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let mut text = server.socket(&ada.token, Format::Json).await;
    let mut binary = server.socket(&eve.token, Format::Protobuf).await;
    let account = server.get("/v2/account", &ada.token).await.json();
    let own = account["user"]["id"].as_str().unwrap();
    let topics = &server.running.house.services.topics;
    topics.declare("news", Audience::Everybody);
    topics.declare("inbox:*", Audience::UserNamed);
    topics.declare("clan:*", Audience::GroupNamed);
    topics.declare("even:*", Audience::Decided(Arc::new(|_, name| name.len().is_multiple_of(2))));

    for socket in [&mut text, &mut binary] {
        assert_eq!(call(socket, "topic_subscribe", "news").await, Ok(()));
        assert_eq!(call(socket, "topic_subscribe", "even:1").await, Ok(()));
        assert!(call(socket, "topic_subscribe", "even:22").await.is_err(), "seven letters");
        for denied in ["other", "news2", "even:", "", "clan:x", &format!("clan:{own}")] {
            assert!(call(socket, "topic_subscribe", denied).await.is_err(), "{denied}");
        }
    }
    assert!(call(&mut text, "topic_subscribe", &format!("inbox:{own}")).await.is_ok());
    assert!(call(&mut binary, "topic_subscribe", &format!("inbox:{own}")).await.is_err());
    assert_eq!(topics.send("news", "one"), Ok(2));
    for socket in [&mut text, &mut binary] {
        let heard = socket.envelope().await.message;
        let Some(Message::StreamData(data)) = heard else { panic!("{heard:?}") };
        let stream = data.stream.unwrap();
        assert_eq!((data.data.as_str(), stream.mode, stream.label.as_str()), ("one", 16, "news"));
    }
    assert_eq!(topics.send(&format!("inbox:{own}"), "two"), Ok(1));
    assert_eq!(call(&mut text, "topic_unsubscribe", "news").await, Ok(()));
    assert_eq!(topics.send("news", "three"), Ok(1));
    assert!(topics.send("news", "x".repeat(app::topics::DATA_BYTES_MAX + 1)).is_err());
    // Over HTTP there is nobody to send to.
    let answer = server.post("/v2/rpc/topic_subscribe?unwrap", &ada.token, "{\"name\":\"news\"}").await;
    assert_eq!(answer.status, 403);
}
