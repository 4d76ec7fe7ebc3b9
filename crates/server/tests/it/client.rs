//! A server in a folder of its own, and clients that speak to it byte by byte, so that they can also misbehave.

use std::time::Duration;

use server::config::{Config, Secret};
use server::serve::{Games, Running, start};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::envelope::{Envelope, Format, Incoming, Message};
use wire::websocket::{CloseCode, Decoder, Event, Opcode, Role, handshake, write_frame};

/// Nothing on loopback takes this long; it only ends tests that would hang.
pub const DEADLINE: Duration = Duration::from_secs(20);
const MASK: [u8; 4] = [1, 2, 3, 4];

/// Waits within the deadline.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, work).await {
        Ok(done) => done,
        Err(_) => panic!("{what} did not happen within {DEADLINE:?}"),
    }
}

/// A running server and its folder.
pub struct Server {
    pub running: Running,
    pub folder: TempDir,
}

pub fn games() -> Games {
    Games::new().with::<ledger::Ledger>(b"").with::<plaza::Plaza>(b"")
}

/// A configuration for tests: a free port, a folder, two threads of rooms.
pub fn config(folder: &TempDir) -> Config {
    let mut config =
        Config { listen: "127.0.0.1:0".into(), data: folder.path().join("data"), ..Config::default() };
    config.rooms.workers = 2;
    config
}

impl Server {
    pub async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config(&folder);
        change(&mut config);
        let running = start(config, games()).await.unwrap();
        Self { running, folder }
    }

    /// The same after a stop, with the configuration of [`Server::start`].
    pub async fn again(self) -> Self {
        let Self { running, folder } = self;
        running.stop().await;
        Self { running: start(config(&folder), games()).await.unwrap(), folder }
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask("GET", path, &[("Authorization", &format!("Bearer {token}"))], b"").await
    }

    pub async fn post(&self, path: &str, token: &str, body: &str) -> Answer {
        self.ask("POST", path, &[("Authorization", &format!("Bearer {token}"))], body.as_bytes()).await
    }

    /// As a client that knows the server key and has no session.
    pub async fn keyed(&self, path: &str, body: impl AsRef<[u8]>) -> Answer {
        // `defaultkey:` in base64.
        self.ask("POST", path, &[("Authorization", "Basic ZGVmYXVsdGtleTo=")], body.as_ref()).await
    }

    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n");
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("Content-Length: {}\r\n\r\n", body.len());
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes).await
    }

    /// Sends bytes and reads until the server closes.
    pub async fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.running.address).await.unwrap();
        // The server may refuse and close before it has read everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        soon("an answer", async {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = stream.read(&mut piece).await {
                answer.extend_from_slice(&piece[..read]);
            }
        })
        .await;
        Answer::parse(&answer)
    }

    /// Logs a new device in.
    pub async fn log_in(&self, device: &str) -> Login {
        let body = format!(r#"{{"id":"device-of-{device}"}}"#);
        let answer = self.keyed("/v2/account/authenticate/device?create=true", body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let session = answer.json();
        Login {
            token: session["token"].as_str().unwrap().to_owned(),
            refresh: session["refresh_token"].as_str().unwrap().to_owned(),
        }
    }

    /// The id of the player whose token it is.
    pub async fn id_of(&self, token: &str) -> String {
        self.get("/v2/account", token).await.json()["user"]["id"].as_str().unwrap().to_owned()
    }

    /// Opens a socket.
    pub async fn socket(&self, token: &str, format: Format) -> Socket {
        self.try_socket(token, format).await.expect("the server takes the socket")
    }

    /// Opens a socket, or gives the answer that refuses it.
    pub async fn try_socket(&self, token: &str, format: Format) -> Result<Socket, Answer> {
        self.open_socket("", token, format, false).await
    }

    /// Opens a socket that shows its player to followers at once.
    pub async fn shown_socket(&self, token: &str, format: Format) -> Socket {
        self.open_socket("", token, format, true).await.expect("the server takes the socket")
    }

    /// As [`try_socket`](Self::try_socket), through a proxy that names the client.
    pub async fn try_socket_from(
        &self,
        address: &str,
        token: &str,
        format: Format,
    ) -> Result<Socket, Answer> {
        self.open_socket(address, token, format, false).await
    }

    /// No address is no proxy.
    async fn open_socket(
        &self,
        address: &str,
        token: &str,
        format: Format,
        shown: bool,
    ) -> Result<Socket, Answer> {
        let name = match format {
            Format::Json => "json",
            Format::Protobuf => "protobuf",
        };
        let path = format!("/ws?token={token}&format={name}&lang=en&status={shown}");
        let mut stream = TcpStream::connect(self.running.address).await.unwrap();
        let key = handshake::request_key([7; 16]);
        let mut request = handshake::request("test", &path, &key);
        if !address.is_empty() {
            request.insert_str(request.len() - 2, &format!("X-Forwarded-For: {address}\r\n"));
        }
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        let end = soon("the handshake", async {
            loop {
                let mut piece = [0; 1024];
                let read = stream.read(&mut piece).await.unwrap();
                bytes.extend_from_slice(&piece[..read]);
                match handshake::read_response(&bytes, &key) {
                    Ok(Some(end)) => return Some(end),
                    Err(_) if Answer::is_whole(&bytes) || read == 0 => return None,
                    _ => assert!(read > 0, "the server closed during the handshake"),
                }
            }
        })
        .await;
        match end {
            Some(end) => {
                let decoder = Decoder::new(Role::Client, 1 << 24);
                Ok(Socket { stream, format, decoder, bytes: bytes.split_off(end), at: 0 })
            }
            None => Err(Answer::parse(&bytes)),
        }
    }

    /// Opens a ledger room over HTTP.
    pub async fn ledger(&self, token: &str) -> String {
        let body = r#"{"rules":"ledger","setup":{"accounts":10,"balance":1000}}"#;
        let answer = self.post("/v2/rpc/room_open?unwrap", token, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["match_id"].as_str().unwrap().to_owned()
    }
}

/// What a login gives.
pub struct Login {
    pub token: String,
    pub refresh: String,
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    /// Is the body as long as the head says?
    fn is_whole(bytes: &[u8]) -> bool {
        let answer = Self::parse(bytes);
        answer.header("content-length").is_some_and(|length| length.parse() == Ok(answer.body.len()))
    }

    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("an HTTP answer");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }
}

/// One end of a socket.
pub struct Socket {
    pub stream: TcpStream,
    format: Format,
    decoder: Decoder,
    bytes: Vec<u8>,
    at: usize,
}

/// What came over a socket.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, PartialEq)]
pub enum Received {
    Envelope(Envelope),
    Ping,
    Close(u16, String),
    /// The stream ended without a close.
    End,
}

impl Socket {
    pub async fn send(&mut self, cid: &str, message: Message) {
        let bytes = Envelope::new(cid, message).to_bytes(self.format);
        self.frame(&bytes).await;
    }

    /// Sends bytes as one message of the socket's format.
    pub async fn frame(&mut self, bytes: &[u8]) {
        let opcode = match self.format {
            Format::Json => Opcode::Text,
            Format::Protobuf => Opcode::Binary,
        };
        self.frame_as(opcode, bytes).await;
    }

    pub async fn frame_as(&mut self, opcode: Opcode, bytes: &[u8]) {
        let mut frame = Vec::new();
        write_frame(&mut frame, opcode, bytes, Some(MASK));
        self.raw(&frame).await;
    }

    pub async fn raw(&mut self, bytes: &[u8]) {
        // A server that has closed the socket is seen when reading.
        let _ = self.stream.write_all(bytes).await;
    }

    /// The next thing that comes.
    pub async fn receive(&mut self) -> Received {
        soon("something from the socket", async {
            loop {
                let Self { decoder, bytes, at, format, .. } = self;
                match decoder.next(bytes, at).unwrap() {
                    Some(Event::Text(text)) => return envelope(*format, text.as_bytes()),
                    Some(Event::Binary(bytes)) => return envelope(*format, bytes),
                    Some(Event::Ping(_)) => return Received::Ping,
                    Some(Event::Pong(_)) => continue,
                    Some(Event::Close { code, reason }) => {
                        return Received::Close(code.unwrap_or(CloseCode(0)).0, reason.to_owned());
                    }
                    None => {}
                }
                self.bytes.drain(..self.at);
                self.at = 0;
                let mut piece = [0; 16 << 10];
                match self.stream.read(&mut piece).await {
                    Ok(0) | Err(_) => return Received::End,
                    Ok(read) => self.bytes.extend_from_slice(&piece[..read]),
                }
            }
        })
        .await
    }

    /// The next envelope; pings in between are passed over.
    pub async fn envelope(&mut self) -> Envelope {
        loop {
            match self.receive().await {
                Received::Envelope(envelope) => return envelope,
                Received::Ping => {}
                other => panic!("an envelope was expected, and this came: {other:?}"),
            }
        }
    }

    /// The answer to a request; what else comes in between is passed over.
    pub async fn answer(&mut self, cid: &str) -> Option<Message> {
        loop {
            let envelope = self.envelope().await;
            if envelope.cid == cid {
                return envelope.message;
            }
        }
    }

    /// The code of the close that ends this socket, whatever else comes before it.
    pub async fn closed(&mut self) -> u16 {
        loop {
            match self.receive().await {
                Received::Close(code, _) => return code,
                Received::End => return 0,
                _ => {}
            }
        }
    }
}

fn envelope(format: Format, bytes: &[u8]) -> Received {
    let mut scratch = Vec::new();
    match Incoming::from_server(format, bytes, &mut scratch).unwrap() {
        Incoming::Other(envelope) => Received::Envelope(envelope),
        Incoming::MatchData { .. } => Received::Envelope(Envelope::decode_from(format, bytes).unwrap()),
    }
}

/// A secret for tests.
pub fn secret(text: &str) -> Secret {
    Secret::new(text)
}
