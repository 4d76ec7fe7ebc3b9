//! Sockets as such: heartbeats, silence, sizes, and clients that do not read.

use std::time::Duration;

use wire::envelope::{Format, Message, Ping};

use crate::client::{Received, Server};

#[tokio::test]
async fn pings_of_both_kinds_are_answered() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    for format in [Format::Json, Format::Protobuf] {
        let mut socket = server.socket(&ada.token, format).await;
        socket.send("7", Message::Ping(Ping {})).await;
        assert!(matches!(socket.answer("7").await, Some(Message::Pong(_))));
        // A WebSocket ping; its pong is passed over by the client here, the next answer shows that it was no trouble.
        socket.raw(&[0x89, 0x80, 1, 2, 3, 4]).await;
        socket.send("8", Message::Ping(Ping {})).await;
        assert!(matches!(socket.answer("8").await, Some(Message::Pong(_))));
    }
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_closed() {
    let server = Server::with(|config| {
        config.socket.ping_seconds = 1;
        config.socket.pong_seconds_max = 1;
    })
    .await;
    let ada = server.log_in("ada").await;
    let mut silent = server.socket(&ada.token, Format::Json).await;
    assert_eq!(silent.receive().await, Received::Ping);
    // It says nothing.
    assert_eq!(silent.closed().await, 1008);

    let mut polite = server.socket(&ada.token, Format::Json).await;
    for _ in 0..4 {
        assert_eq!(polite.receive().await, Received::Ping);
        polite.raw(&[0x8a, 0x80, 1, 2, 3, 4]).await;
    }
}

#[tokio::test]
async fn a_close_is_answered_and_the_socket_is_forgotten() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    let sockets = &server.running.house.sockets;
    assert_eq!(sockets.len(), 1);
    socket.raw(&[0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]).await;
    assert_eq!(socket.receive().await, Received::Close(1000, String::new()));
    assert_eq!(socket.receive().await, Received::End);
    crate::client::soon("the list to be empty", sockets.empty()).await;
}

#[tokio::test]
async fn what_is_no_websocket_request_is_refused() {
    let server = Server::start().await;
    let token = server.log_in("ada").await.token;
    let path = format!("/ws?token={token}");
    let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    let (upgrade, connection) = (("Upgrade", "websocket"), ("Connection", "upgrade"));
    let version = ("Sec-WebSocket-Version", "13");
    let check = async |what: &str, path: &str, headers: &[(&str, &str)], status: u16| {
        let answer = server.ask("GET", path, headers, b"").await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text());
        assert!(answer.json()["message"].is_string(), "{what}");
    };
    check("a plain request", &path, &[], 426).await;
    check("no key", &path, &[upgrade, connection, version], 400).await;
    check("a short key", &path, &[upgrade, connection, version, ("Sec-WebSocket-Key", "abc")], 400).await;
    check("an old version", &path, &[upgrade, connection, key, ("Sec-WebSocket-Version", "8")], 400).await;
    check("another format", &format!("{path}&format=xml"), &[upgrade, connection, key, version], 400).await;
    check("no token", "/ws", &[upgrade, connection, key, version], 401).await;
}

#[tokio::test]
async fn bytes_that_come_with_the_handshake_are_read() {
    let server = Server::start().await;
    let token = server.log_in("ada").await.token;
    let mut request = wire::websocket::handshake::request(
        "test",
        &format!("/ws?token={token}"),
        "dGhlIHNhbXBsZSBub25jZQ==",
    )
    .into_bytes();
    wire::websocket::write_frame(
        &mut request,
        wire::websocket::Opcode::Text,
        br#"{"cid":"early","ping":{}}"#,
        Some([9, 9, 9, 9]),
    );
    // A close right after it, so that the answer ends.
    request.extend_from_slice(&[0x88, 0x80, 0, 0, 0, 0]);
    let answer = server.raw(&request).await;
    assert_eq!(answer.status, 101);
    assert!(answer.text().contains(r#"{"cid":"early","pong":{}}"#), "{}", answer.text());
}

#[tokio::test]
async fn a_client_that_does_not_read_is_closed_and_costs_nobody_else_anything() {
    let server = Server::with(|config| config.socket.stall_ms_max = 500).await;
    let ada = server.log_in("ada").await;
    let mut deaf = server.socket(&ada.token, Format::Json).await;
    let mut other = server.socket(&ada.token, Format::Json).await;
    let sockets = &server.running.house.sockets;
    // Every ping is answered, and nobody reads the answers: at some point the server stops reading, then gives up.
    let ping = {
        let mut frames = Vec::new();
        for _ in 0..1_000 {
            let frame = wire::websocket::Opcode::Text;
            wire::websocket::write_frame(&mut frames, frame, br#"{"cid":"1","ping":{}}"#, Some([1, 2, 3, 4]));
        }
        frames
    };
    let flood = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        while deaf.stream.write_all(&ping).await.is_ok() {}
    });
    let mut asked = 0;
    while sockets.len() > 1 {
        other.frame(br#"{"cid":"2","ping":{}}"#).await;
        assert!(other.answer("2").await.is_some());
        asked += 1;
    }
    assert!(asked > 0, "the other one was answered all the while");
    crate::client::soon("the end of the flood", flood).await.unwrap();
}

#[tokio::test]
async fn connections_beyond_the_bound_are_closed_at_once() {
    let server = Server::with(|config| config.http.connections_max = 3).await;
    let ada = server.log_in("ada").await;
    let held = [
        server.socket(&ada.token, Format::Json).await,
        server.socket(&ada.token, Format::Json).await,
        server.socket(&ada.token, Format::Json).await,
    ];
    let mut turned_away = tokio::net::TcpStream::connect(server.running.address).await.unwrap();
    let read = crate::client::soon("the end", async {
        use tokio::io::AsyncReadExt;
        turned_away.read(&mut [0; 16]).await
    });
    assert!(matches!(read.await, Ok(0) | Err(_)));
    drop(held);
    crate::client::soon("the sockets to go", server.running.house.sockets.empty()).await;
}

#[tokio::test]
async fn a_slow_request_head_is_given_up() {
    let server = Server::with(|config| config.http.head_ms_max = 200).await;
    let begun = std::time::Instant::now();
    let mut stream = tokio::net::TcpStream::connect(server.running.address).await.unwrap();
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHo").await.unwrap();
    let mut rest = Vec::new();
    crate::client::soon("the end", stream.read_to_end(&mut rest)).await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(150));
}
