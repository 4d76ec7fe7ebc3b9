//! The client against a server that plays a script.

use super::{Heard, Http, Joined, Keys, Login, Socket};
use crate::dice::Dice;
use crate::target::Target;
use serde_json::json;
use std::collections::BTreeMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wire::envelope::{Envelope, Error, ErrorCode, Format, Match, MatchDataOut, Message};
use wire::websocket::{CloseCode, Decoder, Event, Opcode, Role, handshake, write_close, write_frame};

const MATCH: &str = "0190c0de-0000-7000-8000-00000000002a.longhouse";

/// Reads until the end of an HTTP head and its body, if it has one.
async fn request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the client went away: {text}");
    }
}

/// One side of a fake server's socket.
struct Peer {
    stream: TcpStream,
    decoder: Decoder,
    format: Format,
    /// What came and is not yet a frame.
    bytes: Vec<u8>,
}

impl Peer {
    async fn accept(listener: &TcpListener, format: Format) -> Self {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = request(&mut stream).await;
        assert!(head.starts_with("GET /ws?lang=en&status=false&format="), "{head}");
        let key = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: ")).unwrap();
        assert!(handshake::is_key(key));
        stream.write_all(handshake::response(key).as_bytes()).await.unwrap();
        Peer { stream, decoder: Decoder::new(Role::Server, 4096), format, bytes: Vec::new() }
    }

    /// The next message or pong of the client.
    async fn next(&mut self) -> Result<Envelope, Vec<u8>> {
        loop {
            let mut at = 0;
            let heard = match self.decoder.next(&mut self.bytes, &mut at).unwrap() {
                Some(Event::Text(text)) => {
                    Some(Ok(Envelope::decode_from(self.format, text.as_bytes()).unwrap()))
                }
                Some(Event::Binary(bytes)) => Some(Ok(Envelope::decode_from(self.format, bytes).unwrap())),
                Some(Event::Pong(payload)) => Some(Err(payload.to_vec())),
                Some(other) => panic!("{other:?}"),
                None => None,
            };
            self.bytes.drain(..at);
            if let Some(heard) = heard {
                return heard;
            }
            assert_ne!(self.stream.read_buf(&mut self.bytes).await.unwrap(), 0, "the client went away");
        }
    }

    fn frame(&self, envelope: &Envelope, out: &mut Vec<u8>) {
        let opcode = if self.format == Format::Json { Opcode::Text } else { Opcode::Binary };
        write_frame(out, opcode, &envelope.to_bytes(self.format), None);
    }
}

async fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::parse(&listener.local_addr().unwrap().to_string(), false).unwrap();
    (listener, target)
}

#[tokio::test]
async fn a_socket_joins_hears_and_answers_pings() {
    for format in [Format::Json, Format::Protobuf] {
        let (listener, target) = listen().await;
        let server = async {
            let mut peer = Peer::accept(&listener, format).await;
            let asked = peer.next().await.unwrap();
            let Some(Message::MatchJoin(join)) = asked.message else { panic!("{asked:?}") };
            assert_eq!(join.match_id.as_deref(), Some(MATCH));
            assert_eq!(join.metadata["resume"], "token");
            // Data may come before the answer, and everything in one write.
            let mut out = Vec::new();
            MatchDataOut::new(MATCH, 4, b"view").write_frame(format, None, &mut out);
            peer.frame(&Envelope::new(asked.cid, Message::Match(Match::default())), &mut out);
            MatchDataOut::new(MATCH, 5, b"update").write_frame(format, None, &mut out);
            write_frame(&mut out, Opcode::Ping, b"there?", None);
            peer.stream.write_all(&out).await.unwrap();
            let sent = peer.next().await.unwrap();
            let Some(Message::MatchDataSend(data)) = sent.message else { panic!("{sent:?}") };
            assert_eq!((data.match_id.as_str(), data.op_code, &data.data[..]), (MATCH, 1, &b"command"[..]));
            assert_eq!(peer.next().await.unwrap_err(), b"there?");
            out.clear();
            write_close(&mut out, CloseCode::GOING_AWAY, "later", None);
            peer.stream.write_all(&out).await.unwrap();
        };
        let client = async {
            let mut socket = Socket::open(&target, "token", format, None, Dice::new(1)).await.unwrap();
            let metadata = BTreeMap::from([("resume".to_owned(), "token".to_owned())]);
            assert!(matches!(socket.join(MATCH, metadata).await.unwrap(), Joined::In));
            assert_eq!(socket.next().await.unwrap(), Heard::Data(b"view".into()));
            assert_eq!(socket.next().await.unwrap(), Heard::Data(b"update".into()));
            socket.push(MATCH, 1, b"command");
            // Waiting for more sends what was pushed and answers the ping.
            let closed = socket.next().await.unwrap_err();
            assert_eq!(closed.to_string(), "the server closed the socket: 1001 later");
        };
        tokio::join!(server, client);
    }
}

#[tokio::test]
async fn a_refused_join_says_why() {
    let (listener, target) = listen().await;
    let server = async {
        let mut peer = Peer::accept(&listener, Format::Json).await;
        let cid = peer.next().await.unwrap().cid;
        let mut out = Vec::new();
        let error = Message::Error(Error::new(ErrorCode::MatchJoinRejected, "full"));
        peer.frame(&Envelope::new(cid, error), &mut out);
        peer.stream.write_all(&out).await.unwrap();
    };
    let client = async {
        let mut socket = Socket::open(&target, "token", Format::Json, None, Dice::new(1)).await.unwrap();
        let Joined::Refused(code, why) = socket.join(MATCH, BTreeMap::new()).await.unwrap() else {
            panic!("joined");
        };
        assert_eq!((code, why.as_str()), (5, "full"));
    };
    tokio::join!(server, client);
}

#[tokio::test]
async fn logins_and_functions() {
    let (listener, target) = listen().await;
    let answer = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let login = request(&mut stream).await;
        assert!(
            login.starts_with("POST /v2/account/authenticate/device?create=true HTTP/1.1\r\n"),
            "{login}"
        );
        assert!(login.contains("Authorization: Basic ZGVmYXVsdGtleTo=\r\n"), "{login}");
        assert!(login.ends_with(r#"{"id":"device-0001"}"#), "{login}");
        stream.write_all(answer(r#"{"token":"t","refresh_token":"r"}"#).as_bytes()).await.unwrap();
        let call = request(&mut stream).await;
        assert!(call.contains("Authorization: Bearer t\r\n"), "{call}");
        assert!(call.ends_with(r#""{\"rules\":\"farm\",\"setup\":{}}""#), "{call}");
        let payload = json!({ "id": "room_mine", "payload": r#"{"match_id":"m"}"# }).to_string();
        stream.write_all(answer(&payload).as_bytes()).await.unwrap();
        request(&mut stream).await;
        let refusal = r#"{"code":16,"message":"who are you?"}"#;
        let text = format!("HTTP/1.1 401 Unauthorized\r\ncontent-length: {}\r\n\r\n{refusal}", refusal.len());
        stream.write_all(text.as_bytes()).await.unwrap();
    };
    let client = async {
        let mut http = Http::connect(&target).await.unwrap();
        let login = Login::device(&mut http, &Keys::new("defaultkey"), "device-0001").await.unwrap();
        assert_eq!(login.room(&mut http, "room_mine", "farm", json!({})).await.unwrap(), "m");
        let refused = login.account(&mut http).await.unwrap_err();
        assert_eq!(refused.to_string(), "account was answered with 401, code 16: who are you?");
    };
    tokio::join!(server, client);
}
