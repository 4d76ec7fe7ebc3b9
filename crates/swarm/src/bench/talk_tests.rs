//! The talks against bytes that a server would read and write.

use super::requests::{Requests, Varies};
use super::transfers::Transfers;
use crate::dice::Dice;
use crate::load::{Reply, Talk};
use wire::envelope::{Envelope, Error, ErrorCode, Format, Incoming, MatchDataOut, Message};
use wire::payload::{Accepted, Command, Kind, Payload, Refused};
use wire::websocket::{Decoder, Event, Opcode, Role, write_frame};

const MATCH: &str = "0190c0de-0000-7000-8000-00000000002a.longhouse";

/// Reads what a client sent, as a server does: the commands' ids and bodies.
fn commands(format: Format, mut bytes: Vec<u8>) -> Vec<(u128, ledger::Command)> {
    let mut decoder = Decoder::new(Role::Server, 4096);
    let (mut at, mut scratch, mut found) = (0, Vec::new(), Vec::new());
    while let Some(event) = decoder.next(&mut bytes, &mut at).unwrap() {
        let frame = match event {
            Event::Text(text) => text.as_bytes(),
            Event::Binary(bytes) => bytes,
            other => panic!("{other:?}"),
        };
        let Incoming::MatchData { data, .. } = Incoming::from_client(format, frame, &mut scratch).unwrap()
        else {
            panic!("no match data");
        };
        assert_eq!((data.match_id, data.op_code), (MATCH, Kind::Command.op_code()));
        let Command { id, body, .. } = Payload::decode_command(data.data).unwrap();
        found.push((id, ledger::Command::decode(body).unwrap()));
    }
    assert_eq!(at, bytes.len());
    found
}

#[test]
fn transfers_are_asked_and_answered() {
    for format in [Format::Json, Format::Protobuf] {
        let mut talk = Transfers::new(format, MATCH, 10, Dice::new(7));
        let mut out = Vec::new();
        for number in 0..20 {
            talk.request(number, &mut out);
        }
        assert!(out.len() >= 20 * talk.request_bytes() - 20 && out.len() <= 20 * talk.request_bytes());
        let asked = commands(format, out);
        assert_eq!(asked.len(), 20);
        for (_, command) in &asked {
            let ledger::Command::Transfer { from, to, amount } = *command else { panic!("{command:?}") };
            assert!(from < 10 && to < 10 && from != to && amount > 0);
        }

        let mut answer = Vec::new();
        let mut put = |payload: &[u8], kind: Kind| {
            MatchDataOut::new(MATCH, kind.op_code(), payload).write_frame(format, None, &mut answer);
        };
        put(&Accepted { id: asked[3].0, seq: 9 }.to_bytes(), Kind::Accepted);
        let mut refused = Vec::new();
        Refused { id: asked[5].0, code: 101, reason: "no" }.write(&mut refused);
        put(&refused, Kind::Refused);
        put(&Accepted { id: 5, seq: 9 }.to_bytes(), Kind::Accepted);
        write_frame(&mut answer, Opcode::Ping, b"there?", None);
        let whole = answer.len();
        answer.push(0x81);

        let (mut at, mut out, mut replies) = (0, Vec::new(), Vec::new());
        talk.replies(&mut answer, &mut at, &mut out, &mut |reply| replies.push(reply)).unwrap();
        assert_eq!(replies, [Reply::Accepted(3), Reply::Refused(5)]);
        assert_eq!(at, whole);
        let mut pong = Decoder::new(Role::Server, 100);
        assert_eq!(pong.next(&mut out, &mut 0).unwrap(), Some(Event::Pong(b"there?")));
    }
}

#[test]
fn an_error_of_the_server_ends_the_talk() {
    let mut talk = Transfers::new(Format::Json, MATCH, 10, Dice::new(7));
    let mut bytes = Vec::new();
    let error = Message::Error(Error::new(ErrorCode::MatchNotFound, "no such match"));
    write_frame(&mut bytes, Opcode::Text, &Envelope::new("", error).to_bytes(Format::Json), None);
    let ended = talk.replies(&mut bytes, &mut 0, &mut Vec::new(), &mut |_| {}).unwrap_err();
    assert!(ended.to_string().contains("no such match"), "{ended:#}");
}

#[test]
fn http_answers_come_in_order() {
    let part = || Box::new(|number: u64, part: &mut Vec<u8>| part.push(b'0' + number as u8));
    let mut asks = Requests::new("h", "GET", "/x/", "", Varies::Path(part()));
    let mut out = Vec::new();
    asks.request(7, &mut out);
    asks.request(3, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, "GET /x/7 HTTP/1.1\r\nHost: h\r\n\r\nGET /x/3 HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut talk = Requests::new("h", "POST", "/x", "Bearer t", Varies::Body(part()));
    let mut out = Vec::new();
    talk.request(0, &mut out);
    talk.request(1, &mut out);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("POST /x HTTP/1.1\r\n").count(), 2);
    assert!(text.ends_with("\r\n\r\n1"), "{text}");
    let mut bytes =
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\nHTTP"
            .to_vec();
    let (mut at, mut replies) = (0, Vec::new());
    talk.replies(&mut bytes, &mut at, &mut Vec::new(), &mut |reply| replies.push(reply)).unwrap();
    assert_eq!(replies, [Reply::Accepted(0), Reply::Refused(1)]);
    assert_eq!(&bytes[at..], b"HTTP");
}
