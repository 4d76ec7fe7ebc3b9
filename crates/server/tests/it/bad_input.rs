//! What clients should not send over a socket, one row each: told so, and still served where the protocol allows it.

use wire::envelope::{ErrorCode, Format, Message};
use wire::websocket::Opcode;

use crate::client::{Received, Server, Socket};

async fn error(socket: &mut Socket) -> (String, i32) {
    let envelope = socket.envelope().await;
    match envelope.message {
        Some(Message::Error(error)) => (envelope.cid, error.code),
        other => panic!("an error was expected, and this came: {other:?}"),
    }
}

#[tokio::test]
async fn messages_that_cannot_be_taken_are_answered_and_the_socket_lives() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    let deep = format!(r#"{{"cid":"5","rpc":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
    let long = format!(r#"{{"cid":"{}","ping":{{}}}}"#, "c".repeat(100));
    let send = |data: &str| format!(r#"{{"cid":"9","match_data_send":{data}}}"#);
    let room = "01900000-0000-7000-8000-000000000000.longhouse";
    let rows: Vec<(&str, String, &str, ErrorCode)> = vec![
        ("malformed JSON", r#"{"cid":"1","ping":{"#.into(), "1", ErrorCode::UnrecognizedPayload),
        ("malformed JSON without cid", "{{{".into(), "", ErrorCode::UnrecognizedPayload),
        ("not an object", "[1]".into(), "", ErrorCode::UnrecognizedPayload),
        (
            "wrong type",
            r#"{"cid":"2","match_join":{"match_id":5}}"#.into(),
            "2",
            ErrorCode::UnrecognizedPayload,
        ),
        ("no message", r#"{"cid":"3"}"#.into(), "3", ErrorCode::MissingPayload),
        ("unknown message", r#"{"cid":"4","dance":{}}"#.into(), "4", ErrorCode::MissingPayload),
        ("deep nesting", deep, "5", ErrorCode::BadInput),
        ("two messages", r#"{"cid":"6","ping":{},"pong":{}}"#.into(), "6", ErrorCode::UnrecognizedPayload),
        ("a server's message", r#"{"cid":"7","match":{}}"#.into(), "7", ErrorCode::UnrecognizedPayload),
        ("cid too long", long, "", ErrorCode::BadInput),
        ("no match id", r#"{"cid":"8","match_join":{}}"#.into(), "8", ErrorCode::BadInput),
        ("data for no match", send(r#"{"op_code":"1","data":"AQE="}"#), "9", ErrorCode::BadInput),
        (
            "data that is no payload",
            send(&format!(r#"{{"match_id":"{room}","op_code":"1","data":"AQE="}}"#)),
            "9",
            ErrorCode::BadInput,
        ),
        (
            "data that is not base64",
            send(&format!(r#"{{"match_id":"{room}","op_code":"1","data":"%%"}}"#)),
            "9",
            ErrorCode::UnrecognizedPayload,
        ),
        (
            "another op code than the payload's kind",
            send(&format!(
                r#"{{"match_id":"{room}","op_code":"2","data":"AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}}"#
            )),
            "9",
            ErrorCode::BadInput,
        ),
        (
            "an unknown function",
            r#"{"cid":"10","rpc":{"id":"nope"}}"#.into(),
            "10",
            ErrorCode::FunctionNotFound,
        ),
        (
            "a payload that the function refuses",
            r#"{"cid":"11","rpc":{"id":"room_open","payload":"[]"}}"#.into(),
            "11",
            ErrorCode::FunctionFailed,
        ),
        (
            "rules that do not exist",
            r#"{"cid":"12","rpc":{"id":"room_open","payload":"{\"rules\":\"chess\"}"}}"#.into(),
            "12",
            ErrorCode::FunctionFailed,
        ),
        (
            "a function for servers",
            r#"{"cid":"13","rpc":{"id":"room_rewind","payload":"{}"}}"#.into(),
            "13",
            ErrorCode::FunctionFailed,
        ),
        (
            "too much metadata",
            format!(
                r#"{{"cid":"14","match_join":{{"match_id":"{room}","metadata":{{"a":"{}"}}}}}}"#,
                "x".repeat(2_000)
            ),
            "14",
            ErrorCode::BadInput,
        ),
        (
            "a sequence number that is none",
            format!(
                r#"{{"cid":"15","match_join":{{"match_id":"{room}","metadata":{{"resume":"t","seq":"x"}}}}}}"#
            ),
            "15",
            ErrorCode::BadInput,
        ),
        (
            "an array where a message belongs",
            r#"{"cid":"16","match_join":["m"]}"#.into(),
            "16",
            ErrorCode::UnrecognizedPayload,
        ),
        (
            "an array where a part of a message belongs",
            r#"{"cid":"17","party_remove":{"party_id":"p","presence":["u"]}}"#.into(),
            "17",
            ErrorCode::UnrecognizedPayload,
        ),
    ];
    for (what, text, cid, code) in rows {
        socket.frame(text.as_bytes()).await;
        assert_eq!(error(&mut socket).await, (cid.to_owned(), code as i32), "{what}");
        socket.frame(br#"{"cid":"alive","ping":{}}"#).await;
        assert!(socket.answer("alive").await.is_some(), "{what}: the socket lives");
    }
    // Invalid UTF-8 in a binary frame is a message that cannot be read; in a text frame it breaks the protocol.
    socket.frame_as(Opcode::Binary, b"{\"cid\":\"u\",\"ping\":\"\xff\"}").await;
    assert_eq!(error(&mut socket).await.0, "u");
    socket.frame_as(Opcode::Text, b"{\"cid\":\"u\",\"ping\":\"\xff\"}").await;
    assert_eq!(socket.closed().await, 1007);
}

#[tokio::test]
async fn protobuf_that_is_none_is_answered_and_the_socket_lives() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Protobuf).await;
    let check = async |socket: &mut Socket, what: &str, bytes: &[u8], cid: &str, code: ErrorCode| {
        socket.frame(bytes).await;
        assert_eq!(error(socket).await, (cid.to_owned(), code as i32), "{what}");
        socket.send("alive", Message::Ping(wire::envelope::Ping {})).await;
        assert!(socket.answer("alive").await.is_some(), "{what}: the socket lives");
    };
    check(&mut socket, "a length beyond the end", b"\x0a\x01a\x62\x7f", "a", ErrorCode::UnrecognizedPayload)
        .await;
    check(&mut socket, "no field", &[0xff; 20], "", ErrorCode::UnrecognizedPayload).await;
    check(&mut socket, "only a cid", b"\x0a\x01a", "a", ErrorCode::MissingPayload).await;
    check(&mut socket, "a cid that is no text", b"\x0a\x01\xff", "", ErrorCode::UnrecognizedPayload).await;
}

#[tokio::test]
async fn frames_that_break_the_protocol_end_the_socket() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let check = async |what: &str, bytes: &[u8], code: u16| {
        let mut socket = server.socket(&ada.token, Format::Json).await;
        socket.raw(bytes).await;
        assert_eq!(socket.closed().await, code, "{what}");
    };
    check("not masked", b"\x81\x02{}", 1002).await;
    check("reserved bits", b"\xf1\x82\x00\x00\x00\x00{}", 1002).await;
    check("an unknown opcode", b"\x83\x82\x00\x00\x00\x00{}", 1002).await;
    check("a continuation of nothing", b"\x80\x82\x00\x00\x00\x00{}", 1002).await;
    check("a ping in pieces", b"\x09\x80\x00\x00\x00\x00", 1002).await;
    check("HTTP again", b"GET / HTTP/1.1\r\n\r\n", 1002).await;
}

#[tokio::test]
async fn a_message_over_the_bound_is_named_before_the_socket_ends() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    // As large as allowed: read.
    let filler = "x".repeat(4_096 - r#"{"cid":"1","rpc":{"id":""}}"#.len());
    socket.frame(format!(r#"{{"cid":"1","rpc":{{"id":"{filler}"}}}}"#).as_bytes()).await;
    assert_eq!(error(&mut socket).await, ("1".to_owned(), ErrorCode::FunctionNotFound as i32));
    socket.frame(&vec![b' '; 4_097]).await;
    match socket.envelope().await.message {
        Some(Message::Error(error)) => assert!(error.message.contains("4096"), "{}", error.message),
        other => panic!("{other:?}"),
    }
    assert_eq!(socket.closed().await, 1009);

    // In pieces, each of them small.
    let mut socket = server.socket(&ada.token, Format::Json).await;
    socket.raw(&[&b"\x01\xfe\x08\x00\x00\x00\x00\x00"[..], &[b' '; 2_048]].concat()).await;
    for _ in 0..3 {
        socket.raw(&[&b"\x00\xfe\x08\x00\x00\x00\x00\x00"[..], &[b' '; 2_048]].concat()).await;
    }
    assert_eq!(socket.closed().await, 1009);
}

#[tokio::test]
async fn messages_in_pieces_and_bytes_one_by_one_are_read() {
    let server = Server::start().await;
    let ada = server.log_in("ada").await;
    let mut socket = server.socket(&ada.token, Format::Json).await;
    let mut frame = Vec::new();
    wire::websocket::write_frame(
        &mut frame,
        Opcode::Text,
        br#"{"cid":"slow","ping":{}}"#,
        Some([5, 6, 7, 8]),
    );
    for byte in frame {
        socket.raw(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert!(socket.answer("slow").await.is_some());
    socket.raw(b"\x01\x8e\x00\x00\x00\x00{\"cid\":\"parts\"").await;
    // A ping may come in between.
    socket.raw(&[0x89, 0x80, 1, 2, 3, 4]).await;
    socket.raw(b"\x80\x8b\x00\x00\x00\x00,\"ping\":{}}").await;
    assert!(socket.answer("parts").await.is_some());
    assert!(!matches!(socket_is_over(&mut socket).await, Some(Received::Close(..))));
}

/// What is there right now, if anything.
async fn socket_is_over(socket: &mut Socket) -> Option<Received> {
    socket.frame(br#"{"cid":"end","ping":{}}"#).await;
    Some(socket.receive().await)
}
