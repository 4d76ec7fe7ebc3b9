//! Framing: what the RFC shows, what it forbids, any bytes, and any split of a stream.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

use proptest::collection::vec;
use proptest::prelude::*;
use wire::websocket::{
    CloseCode, Decoder, Event, FrameError, Opcode, Role, begin_frame, end_frame, handshake, write_close,
    write_frame,
};

/// An event that owns its bytes.
#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
}

fn own(event: Event<'_>) -> Owned {
    match event {
        Event::Text(text) => Owned::Text(text.into()),
        Event::Binary(bytes) => Owned::Binary(bytes.into()),
        Event::Ping(bytes) => Owned::Ping(bytes.into()),
        Event::Pong(bytes) => Owned::Pong(bytes.into()),
        Event::Close { code, reason } => Owned::Close(code.map(|c| c.0), reason.into()),
    }
}

/// Feeds `stream` in pieces; keeps what is not yet a frame, as a caller would.
fn read(
    role: Role,
    max: usize,
    stream: &[u8],
    pieces: impl Iterator<Item = usize>,
) -> (Vec<Owned>, Option<FrameError>, usize) {
    let mut decoder = Decoder::new(role, max);
    let (mut found, mut kept, mut fed) = (Vec::new(), Vec::new(), 0);
    for piece in pieces.chain(std::iter::once(stream.len())) {
        let end = (fed + piece).min(stream.len());
        kept.extend_from_slice(&stream[fed..end]);
        fed = end;
        let mut at = 0;
        loop {
            match decoder.next(&mut kept, &mut at) {
                Ok(Some(event)) => found.push(own(event)),
                Ok(None) => break,
                Err(error) => return (found, Some(error), 0),
            }
        }
        kept.drain(..at);
    }
    (found, None, kept.len())
}

#[test]
fn examples_of_the_rfc() {
    let check = |role, bytes: &[u8], expected: Owned| {
        assert_eq!(read(role, 70_000, bytes, std::iter::empty()), (vec![expected], None, 0));
    };
    let hello = || Owned::Text("Hello".into());
    check(Role::Client, &[0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], hello());
    check(Role::Server, &[0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58], hello());
    check(Role::Client, &[0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f], hello());
    check(Role::Client, &[0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], Owned::Ping(b"Hello".into()));
    let kib64: Vec<u8> = vec![7; 65_536];
    check(
        Role::Client,
        &[&[0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0], &kib64[..]].concat(),
        Owned::Binary(kib64.clone()),
    );
}

#[test]
fn what_is_forbidden() {
    let check = |role, bytes: &[u8], expected: FrameError| {
        assert_eq!(read(role, 1000, bytes, std::iter::empty()).1, Some(expected), "{bytes:02x?}");
    };
    check(Role::Client, &[0xc1, 0x00], FrameError::ReservedBits);
    check(Role::Client, &[0x83, 0x00], FrameError::UnknownOpcode);
    check(Role::Client, &[0x8b, 0x00], FrameError::UnknownOpcode);
    check(Role::Client, &[0x81, 0x80], FrameError::Masking);
    check(Role::Server, &[0x81, 0x00], FrameError::Masking);
    check(Role::Client, &[0x89, 126], FrameError::Control);
    check(Role::Client, &[0x09, 0], FrameError::Control);
    check(Role::Client, &[0x82, 126, 0, 125], FrameError::Length);
    check(Role::Client, &[0x82, 127, 0, 0, 0, 0, 0, 0, 255, 255], FrameError::Length);
    check(Role::Client, &[0x82, 127, 255, 0, 0, 0, 0, 0, 255, 255], FrameError::Length);
    check(Role::Client, &[0x80, 0], FrameError::Fragments);
    check(Role::Client, &[0x01, 0, 0x81, 0], FrameError::Fragments);
    check(Role::Client, &[0x81, 1, 0xff], FrameError::NotText);
    check(Role::Client, &[0x01, 1, 0xff, 0x80, 0], FrameError::NotText);
    check(Role::Client, &[0x88, 1, 3], FrameError::Close);
    check(Role::Client, &[0x88, 2, 0x03, 0xed], FrameError::Close);
    check(Role::Client, &[0x88, 3, 0x03, 0xe8, 0xff], FrameError::NotText);
    check(Role::Client, &[0x82, 126, 0x03, 0xe9], FrameError::TooBig);
    // 600 bytes twice: each fits, together they do not; refused at the second header.
    let half = [&[0x02, 126, 0x02, 0x58][..], &[0; 600], &[0x80, 126, 0x02, 0x58]].concat();
    check(Role::Client, &half, FrameError::TooBig);
    check(Role::Client, &[0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], FrameError::TooBig);
}

#[test]
fn text_of_one_character_in_two_fragments() {
    let bytes = [0x01, 1, 0xc3, 0x80, 1, 0xa9];
    assert_eq!(read(Role::Client, 10, &bytes, std::iter::empty()).0, vec![Owned::Text("é".into())]);
}

#[test]
fn control_frames_pass_between_fragments() {
    let bytes = [0x01, 1, b'a', 0x89, 1, b'p', 0x00, 1, b'b', 0x8a, 0, 0x80, 1, b'c', 0x88, 0];
    let expected = vec![
        Owned::Ping(b"p".into()),
        Owned::Pong(vec![]),
        Owned::Text("abc".into()),
        Owned::Close(None, String::new()),
    ];
    for piece in 1..=bytes.len() {
        let pieces = std::iter::repeat_n(piece, bytes.len());
        assert_eq!(read(Role::Client, 10, &bytes, pieces), (expected.clone(), None, 0));
    }
}

#[test]
fn an_idle_decoder_is_small() {
    assert!(size_of::<Decoder>() <= 16);
}

#[test]
fn a_close_reason_is_cut_at_a_character() {
    let mut out = Vec::new();
    write_close(&mut out, CloseCode::GOING_AWAY, &"é".repeat(100), None);
    assert_eq!(
        read(Role::Client, 10, &out, std::iter::empty()).0,
        vec![Owned::Close(Some(1001), "é".repeat(61))]
    );
}

#[test]
fn the_rfc_s_handshake() {
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    assert_eq!(handshake::accept_key(key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert!(handshake::is_key(key));
    assert!(!handshake::is_key("c2hvcnQ="));
    let answer = handshake::response(key);
    let with_frame = format!("{answer}\u{1}\u{2}");
    assert_eq!(handshake::read_response(with_frame.as_bytes(), key), Ok(Some(answer.len())));
    assert_eq!(handshake::read_response(&answer.as_bytes()[..20], key), Ok(None));
    let check = |answer: &str, expected| {
        assert_eq!(handshake::read_response(answer.as_bytes(), key), Err(expected), "{answer}");
    };
    check("HTTP/1.1 401 Unauthorized\r\n\r\n", handshake::HandshakeError::Status(401));
    check("SSH-2.0\r\n\r\n", handshake::HandshakeError::Malformed);
    check("HTTP/1.1 101 x\r\n\r\n", handshake::HandshakeError::Malformed);
    check("HTTP/1.1 101 x\r\nSec-WebSocket-Accept: no\r\n\r\n", handshake::HandshakeError::WrongKey);
    check(&"x".repeat(5000), handshake::HandshakeError::Malformed);
}

fn event() -> impl Strategy<Value = Owned> {
    prop_oneof![
        "\\PC{0,200}".prop_map(Owned::Text),
        vec(any::<u8>(), 0..300).prop_map(Owned::Binary),
        vec(any::<u8>(), 0..=125).prop_map(Owned::Ping),
        vec(any::<u8>(), 0..=125).prop_map(Owned::Pong),
        (1000u16..=1003, "[a-z]{0,20}").prop_map(|(code, reason)| Owned::Close(Some(code), reason)),
    ]
}

fn write(out: &mut Vec<u8>, event: &Owned, mask: Option<[u8; 4]>) {
    match event {
        Owned::Text(text) => write_frame(out, Opcode::Text, text.as_bytes(), mask),
        Owned::Binary(bytes) => write_frame(out, Opcode::Binary, bytes, mask),
        Owned::Ping(bytes) => write_frame(out, Opcode::Ping, bytes, mask),
        Owned::Pong(bytes) => write_frame(out, Opcode::Pong, bytes, mask),
        Owned::Close(code, reason) => write_close(out, CloseCode(code.unwrap_or(1000)), reason, mask),
    }
}

proptest! {
    #[test]
    fn decode_undoes_encode_in_any_pieces(
        events in vec(event(), 0..12), mask: Option<[u8; 4]>, pieces in vec(1usize..64, 0..200),
    ) {
        let role = if mask.is_some() { Role::Server } else { Role::Client };
        let mut stream = Vec::new();
        for event in &events {
            write(&mut stream, event, mask);
        }
        prop_assert_eq!(read(role, 4096, &stream, pieces.into_iter()), (events, None, 0));
    }

    #[test]
    fn any_bytes_are_judged_the_same_in_any_pieces(
        bytes: Vec<u8>, server: bool, pieces in vec(1usize..8, 0..100),
    ) {
        let role = if server { Role::Server } else { Role::Client };
        let whole = read(role, 64, &bytes, std::iter::empty());
        let (found, error, kept) = read(role, 64, &bytes, pieces.into_iter());
        prop_assert_eq!((found, error, kept), whole);
    }

    #[test]
    fn frames_of_unknown_length_are_the_same(payload in vec(any::<u8>(), 0..70_000), mask: Option<[u8; 4]>) {
        let (mut expected, mut found) = (vec![9], vec![9]);
        write_frame(&mut expected, Opcode::Binary, &payload, mask);
        let start = begin_frame(&mut found);
        found.extend_from_slice(&payload);
        end_frame(&mut found, start, Opcode::Binary, mask);
        prop_assert!(expected == found);
    }
}
