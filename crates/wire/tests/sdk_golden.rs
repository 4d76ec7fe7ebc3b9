//! Bytes that the published SDK's own encoders wrote (nakama-js 2.8.0, nakama-js-protobuf 1.4.0), read and written
//! by ours.

#![allow(clippy::unwrap_used)] // a test may stop at a surprise

use std::collections::BTreeMap;
use wire::envelope::{
    Envelope, Error, Format, Incoming, Match, MatchCreate, MatchData, MatchDataOut, MatchDataSend, MatchJoin,
    MatchLeave, MatchPresenceEvent, Message, Ping, Pong, Rpc, UserPresence,
};

const USER: &str = "0190c0de-0000-7000-8000-00000000002a";
const SESSION: &str = "0190c0de-0000-7000-8000-0000000000ff";
const MATCH: &str = "0190c0de-0000-7000-8000-00000000002a.longhouse";
const DATA: [u8; 10] = [1, 1, 0, 0, 250, 251, 252, 253, 254, 255];

fn hex(text: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).unwrap() as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

fn llama() -> UserPresence {
    UserPresence {
        user_id: USER.into(),
        session_id: SESSION.into(),
        username: "llama".into(),
        ..UserPresence::default()
    }
}

/// The SDK's protobuf is read as the message and written the same; its JSON (if it sends this message) is read as
/// the message; our JSON is read back as the message and looks as given.
fn check(message: Envelope, protobuf: &str, sdk_json: &str, our_json: &str) {
    let bytes = hex(protobuf);
    assert_eq!(Envelope::decode_from(Format::Protobuf, &bytes).unwrap(), message);
    assert_eq!(message.to_bytes(Format::Protobuf), bytes, "{message:?}");
    if !sdk_json.is_empty() {
        assert_eq!(Envelope::decode_from(Format::Json, sdk_json.as_bytes()).unwrap(), message);
    }
    let ours = message.to_bytes(Format::Json);
    assert_eq!(String::from_utf8(ours.clone()).unwrap(), our_json);
    assert_eq!(Envelope::decode_from(Format::Json, &ours).unwrap(), message);
}

#[test]
fn match_join() {
    check(
        Envelope::new(
            "1",
            Message::MatchJoin(MatchJoin {
                match_id: Some(MATCH.into()),
                token: None,
                metadata: map(&[("resume", "tok"), ("seq", "12")]),
            }),
        ),
        "0a013182014a0a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f7573651a0d0a06726573756d651203746f6b1a090a0373657112023132",
        r#"{"cid":"1","match_join":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","metadata":{"resume":"tok","seq":"12"}}}"#,
        r#"{"cid":"1","match_join":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","metadata":{"resume":"tok","seq":"12"}}}"#,
    );
}

#[test]
fn match_join_by_token() {
    check(
        Envelope::new(
            "1",
            Message::MatchJoin(MatchJoin { token: Some("abc".into()), ..MatchJoin::default() }),
        ),
        "0a01318201051203616263",
        r#"{"cid":"1","match_join":{"token":"abc"}}"#,
        r#"{"cid":"1","match_join":{"token":"abc"}}"#,
    );
}

#[test]
fn match_leave() {
    check(
        Envelope::new("2", Message::MatchLeave(MatchLeave { match_id: MATCH.into() })),
        "0a01328a01300a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f757365",
        r#"{"cid":"2","match_leave":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse"}}"#,
        r#"{"cid":"2","match_leave":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse"}}"#,
    );
}

#[test]
fn match_data_send() {
    check(
        Envelope::new(
            "",
            Message::MatchDataSend(MatchDataSend {
                match_id: MATCH.into(),
                op_code: 1,
                data: DATA.into(),
                ..MatchDataSend::default()
            }),
        ),
        "7a3e0a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736510011a0a01010000fafbfcfdfeff",
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"1","data":"AQEAAPr7/P3+/w==","presences":[]}}"#,
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"1","data":"AQEAAPr7/P3+/w=="}}"#,
    );
}

#[test]
fn match_data_send_with_everything() {
    check(
        Envelope::new(
            "",
            Message::MatchDataSend(MatchDataSend {
                match_id: MATCH.into(),
                op_code: 300,
                data: br#"{"a":1}"#.into(),
                presences: vec![llama()],
                reliable: true,
            }),
        ),
        "7a93010a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736510ac021a077b2261223a317d22530a2430313930633064652d303030302d373030302d383030302d303030303030303030303261122430313930633064652d303030302d373030302d383030302d3030303030303030303066661a056c6c616d612801",
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"300","data":"eyJhIjoxfQ==","presences":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"reliable":true}}"#,
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"300","data":"eyJhIjoxfQ==","presences":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"reliable":true}}"#,
    );
}

#[test]
fn match_data_send_empty() {
    check(
        Envelope::new(
            "",
            Message::MatchDataSend(MatchDataSend { match_id: MATCH.into(), ..MatchDataSend::default() }),
        ),
        "7a300a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f757365",
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"0","data":"","presences":[]}}"#,
        r#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse"}}"#,
    );
}

#[test]
fn rpc() {
    check(
        Envelope::new(
            "3",
            Message::Rpc(Rpc {
                id: "room_open".into(),
                payload: r#"{"rules":"ledger"}"#.into(),
                http_key: String::new(),
            }),
        ),
        "0a0133c2011f0a09726f6f6d5f6f70656e12127b2272756c6573223a226c6564676572227d",
        r#"{"cid":"3","rpc":{"id":"room_open","payload":"{\"rules\":\"ledger\"}","http_key":""}}"#,
        r#"{"cid":"3","rpc":{"id":"room_open","payload":"{\"rules\":\"ledger\"}"}}"#,
    );
}

#[test]
fn ping() {
    check(
        Envelope::new("4", Message::Ping(Ping {})),
        "0a0134820200",
        r#"{"cid":"4","ping":{}}"#,
        r#"{"cid":"4","ping":{}}"#,
    );
}

#[test]
fn pong() {
    check(
        Envelope::new("4", Message::Pong(Pong {})),
        "0a01348a0200",
        r#"{"cid":"4","pong":{}}"#,
        r#"{"cid":"4","pong":{}}"#,
    );
}

#[test]
fn error() {
    check(
        Envelope::new(
            "5",
            Message::Error(Error { code: 4, message: "Match not found".into(), context: map(&[("a", "b")]) }),
        ),
        "0a01355a1b0804120f4d61746368206e6f7420666f756e641a060a0161120162",
        r#"{"cid":"5","error":{"code":4,"message":"Match not found","context":{"a":"b"}}}"#,
        r#"{"cid":"5","error":{"code":4,"message":"Match not found","context":{"a":"b"}}}"#,
    );
}

#[test]
fn match_joined() {
    check(
        Envelope::new(
            "6",
            Message::Match(Match {
                match_id: MATCH.into(),
                authoritative: true,
                label: Some("ledger".into()),
                size: 2,
                presences: vec![llama()],
                own: Some(UserPresence { status: Some("hi".into()), ..llama() }),
            }),
        ),
        "0a013662ee010a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736510011a080a066c656467657220022a530a2430313930633064652d303030302d373030302d383030302d303030303030303030303261122430313930633064652d303030302d373030302d383030302d3030303030303030303066661a056c6c616d6132590a2430313930633064652d303030302d373030302d383030302d303030303030303030303261122430313930633064652d303030302d373030302d383030302d3030303030303030303066661a056c6c616d612a040a026869",
        r#"{"cid":"6","match":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","authoritative":true,"label":"ledger","size":2,"presences":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"self":{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama","status":"hi"}}}"#,
        r#"{"cid":"6","match":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","authoritative":true,"label":"ledger","size":2,"presences":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"self":{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama","status":"hi"}}}"#,
    );
}

#[test]
fn match_data() {
    check(
        Envelope::new(
            "",
            Message::MatchData(MatchData {
                match_id: MATCH.into(),
                op_code: 2,
                data: DATA.into(),
                reliable: true,
                presence: None,
            }),
        ),
        "72400a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f7573651802220a01010000fafbfcfdfeff2801",
        "",
        r#"{"match_data":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"2","data":"AQEAAPr7/P3+/w==","reliable":true}}"#,
    );
}

#[test]
fn match_data_from_someone() {
    check(
        Envelope::new(
            "",
            Message::MatchData(MatchData {
                match_id: MATCH.into(),
                op_code: -5,
                data: DATA.into(),
                reliable: false,
                presence: Some(llama()),
            }),
        ),
        "729c010a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736512530a2430313930633064652d303030302d373030302d383030302d303030303030303030303261122430313930633064652d303030302d373030302d383030302d3030303030303030303066661a056c6c616d6118fbffffffffffffffff01220a01010000fafbfcfdfeff",
        "",
        r#"{"match_data":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","presence":{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"},"op_code":"-5","data":"AQEAAPr7/P3+/w=="}}"#,
    );
}

#[test]
fn match_presence_event() {
    check(
        Envelope::new(
            "",
            Message::MatchPresenceEvent(MatchPresenceEvent {
                match_id: MATCH.into(),
                joins: vec![llama()],
                leaves: vec![UserPresence { user_id: USER.into(), ..UserPresence::default() }],
            }),
        ),
        "9201ad010a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736512530a2430313930633064652d303030302d373030302d383030302d303030303030303030303261122430313930633064652d303030302d373030302d383030302d3030303030303030303066661a056c6c616d611a260a2430313930633064652d303030302d373030302d383030302d303030303030303030303261",
        r#"{"match_presence_event":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","joins":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"leaves":[{"user_id":"0190c0de-0000-7000-8000-00000000002a"}]}}"#,
        r#"{"match_presence_event":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","joins":[{"user_id":"0190c0de-0000-7000-8000-00000000002a","session_id":"0190c0de-0000-7000-8000-0000000000ff","username":"llama"}],"leaves":[{"user_id":"0190c0de-0000-7000-8000-00000000002a"}]}}"#,
    );
}

#[test]
fn bare_acknowledgement() {
    check(Envelope::ack("7"), "0a0137", r#"{"cid":"7"}"#, r#"{"cid":"7"}"#);
}

#[test]
fn match_create() {
    check(
        Envelope::new("8", Message::MatchCreate(MatchCreate::default())),
        "0a01386a00",
        r#"{"cid":"8","match_create":{}}"#,
        r#"{"cid":"8","match_create":{}}"#,
    );
}

#[test]
fn the_quick_readers_take_what_the_sdk_sends() {
    let check = |format, frame: &[u8]| {
        let mut scratch = Vec::new();
        match Incoming::from_client(format, frame, &mut scratch).unwrap() {
            Incoming::MatchData { cid, data } => {
                assert_eq!((cid, data.match_id, data.op_code, data.data), ("", MATCH, 1, &DATA[..]));
            }
            Incoming::Other(envelope) => panic!("took the general way: {envelope:?}"),
        }
    };
    check(
        Format::Protobuf,
        &hex(
            "7a3e0a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736510011a0a01010000fafbfcfdfeff",
        ),
    );
    check(Format::Json, br#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"1","data":"AQEAAPr7/P3+/w==","presences":[]}}"#);
}

#[test]
fn the_quick_writers_write_what_the_sdk_writes() {
    let check = |out: MatchDataOut<'_>, format: Format, expected: &[u8]| {
        let mut bytes = Vec::new();
        out.write(format, &mut bytes);
        assert_eq!(String::from_utf8_lossy(&bytes), String::from_utf8_lossy(expected));
        assert_eq!(out.len(format), expected.len());
    };
    check(
        MatchDataOut::sent(MATCH, 1, &DATA),
        Format::Protobuf,
        &hex(
            "7a3e0a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f75736510011a0a01010000fafbfcfdfeff",
        ),
    );
    check(
        MatchDataOut::new(MATCH, 2, &DATA),
        Format::Protobuf,
        &hex(
            "72400a2e30313930633064652d303030302d373030302d383030302d3030303030303030303032612e6c6f6e67686f7573651802220a01010000fafbfcfdfeff2801",
        ),
    );
    check(MatchDataOut::sent(MATCH, 1, &DATA), Format::Json, br#"{"match_data_send":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"1","data":"AQEAAPr7/P3+/w=="}}"#);
    check(MatchDataOut::new(MATCH, 2, &DATA), Format::Json, br#"{"match_data":{"match_id":"0190c0de-0000-7000-8000-00000000002a.longhouse","op_code":"2","data":"AQEAAPr7/P3+/w==","reliable":true}}"#);
}
