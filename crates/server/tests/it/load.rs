//! Many commands at once: all are answered, in order for each client, and a flood hurts nobody else.

use wire::envelope::Format;
use wire::payload::Payload;

use crate::client::{Server, Socket};
use crate::rooms::{data, join, transfer, verdict};

/// The bytes of many commands, as one client would pipeline them.
fn burst(room: &str, ids: std::ops::Range<u128>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for id in ids {
        let envelope = wire::envelope::Envelope::new("", transfer(room, id, 1));
        let frame = envelope.to_bytes(Format::Protobuf);
        wire::websocket::write_frame(&mut bytes, wire::websocket::Opcode::Binary, &frame, Some([3, 1, 4, 1]));
    }
    bytes
}

/// Reads answers until the last of `ids` has come; every one exactly once.
async fn answers(socket: &mut Socket, ids: std::ops::Range<u128>) {
    let mut next = ids.start;
    while next < ids.end {
        let payload = data(socket).await;
        match Payload::decode(&payload).unwrap() {
            Payload::Accepted(accepted) => {
                assert_eq!(accepted.id, next, "answers come in the order of the commands");
                next += 1;
            }
            Payload::Refused(refused) if refused.code == 101 => {
                assert_eq!(refused.id, next);
                next += 1;
            }
            Payload::Refused(refused) => panic!("refused: {refused:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn thousands_of_commands_are_answered_in_order() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let room = server.ledger(&ada.token).await;
    let mut sockets = Vec::new();
    for _ in 0..4 {
        let mut socket = server.socket(&ada.token, Format::Protobuf).await;
        join(&mut socket, &room).await;
        sockets.push(socket);
    }
    let clients = sockets.into_iter().zip(1u128..).map(|(mut socket, client)| {
        let ids = client * 1_000_000..client * 1_000_000 + 5_000;
        let bytes = burst(&room, ids.clone());
        tokio::spawn(async move {
            use tokio::io::AsyncWriteExt;
            // Small enough that the server's window for one client is never the test's own deadlock.
            for piece in bytes.chunks(16 << 10) {
                socket.stream.write_all(piece).await.unwrap();
            }
            answers(&mut socket, ids).await;
        })
    });
    for client in clients.collect::<Vec<_>>() {
        crate::client::soon("all answers", client).await.unwrap();
    }
}

#[tokio::test]
async fn a_flood_without_reading_leaves_others_served() {
    let server = Server::with(|config| config.socket.stall_ms_max = 1_000).await;
    let (ada, eve) = (server.log_in("ada").await, server.log_in("eve").await);
    let room = server.ledger(&ada.token).await;
    let mut honest = server.socket(&ada.token, Format::Protobuf).await;
    join(&mut honest, &room).await;
    let mut flooder = server.socket(&eve.token, Format::Protobuf).await;
    join(&mut flooder, &room).await;
    let flood = tokio::spawn({
        let room = room.clone();
        async move {
            use tokio::io::AsyncWriteExt;
            let mut sent = 0u128;
            loop {
                let bytes = burst(&room, 1 + sent..501 + sent);
                if flooder.stream.write_all(&bytes).await.is_err() {
                    return sent;
                }
                sent += 500;
            }
        }
    });
    let sockets = &server.running.house.sockets;
    let mut id = u128::MAX / 2;
    while sockets.len() > 1 {
        honest.send("", transfer(&room, id, 1)).await;
        // Taken or "not enough": an answer.
        let _ = verdict(&mut honest, id).await;
        id += 1;
    }
    assert!(crate::client::soon("the flood to end", flood).await.unwrap() > 0);
    honest.send("", transfer(&room, 5, 1)).await;
    let _ = verdict(&mut honest, 5).await;
}
