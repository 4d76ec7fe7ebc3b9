//! A server process with a folder of its own, and just enough of HTTP and WebSocket to talk to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use wire::envelope::{Envelope, Format, Message};
use wire::websocket::{Decoder, Event, Opcode, Role, handshake, write_frame};

/// Nothing on loopback takes this long; it only ends tests that would hang.
const DEADLINE: Duration = Duration::from_secs(30);

/// Runs a command of the binary to its end, without the variables of whoever runs the tests.
pub fn longhouse(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    command(arguments).envs(variables.iter().copied()).output().unwrap()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_longhouse"));
    command.args(arguments);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LONGHOUSE_"))
    {
        command.env_remove(name);
    }
    command
}

/// What a command said, both streams.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A serving process; killed if a test ends before it.
pub struct Serving {
    child: Child,
    address: String,
    /// The line that said it is ready.
    pub line: String,
}

impl Serving {
    pub fn start(data: &Path) -> Self {
        let data = data.to_str().unwrap();
        let mut child =
            command(&["serve", "--data", data, "--listen", "127.0.0.1:0", "--log-format", "json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.split_whitespace().nth(2).unwrap_or_default().trim_start_matches("http://").to_owned();
        assert!(line.starts_with("longhouse ready http://127.0.0.1:"), "{line:?}");
        Self { child, address, line }
    }

    /// Where it is reached.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The end without a warning.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end; its exit code.
    pub fn terminate(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(begun.elapsed() < DEADLINE, "it does not end");
            std::thread::yield_now();
        }
    }

    pub fn ask(&self, method: &str, path: &str, authorization: &str, body: &str) -> (u16, serde_json::Value) {
        let mut stream = self.connect();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    /// Downloads something; its status and the bytes of its body.
    pub fn download(&self, path: &str) -> (u16, Vec<u8>) {
        let mut stream = self.connect();
        // So old a client is sent no pieces.
        stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: test\r\n\r\n").as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), answer.split_off(end + 4))
    }

    /// Logs a device in: session token and refresh token.
    pub fn log_in(&self, device: &str) -> (String, String) {
        let body = format!(r#"{{"id":"device-of-{device}"}}"#);
        // `defaultkey:` in base64.
        let answer = self.ask("POST", "/v2/account/authenticate/device", "Basic ZGVmYXVsdGtleTo=", &body);
        assert_eq!(answer.0, 200, "{}", answer.1);
        let text = |key: &str| answer.1[key].as_str().unwrap().to_owned();
        (text("token"), text("refresh_token"))
    }

    pub fn refresh(&self, token: &str) -> u16 {
        let body = format!(r#"{{"token":"{token}"}}"#);
        self.ask("POST", "/v2/account/session/refresh", "Basic ZGVmYXVsdGtleTo=", &body).0
    }

    /// Opens a room of ten accounts.
    pub fn ledger(&self, token: &str) -> String {
        let body = r#"{"rules":"ledger","setup":{"accounts":10,"balance":1000}}"#;
        let answer = self.ask("POST", "/v2/rpc/room_open?unwrap", &format!("Bearer {token}"), body);
        answer.1["match_id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    pub fn socket(&self, token: &str) -> Socket {
        let mut stream = self.connect();
        let key = handshake::request_key([3; 16]);
        let path = format!("/ws?token={token}&format=protobuf");
        stream.write_all(handshake::request("test", &path, &key).as_bytes()).unwrap();
        let mut bytes = Vec::new();
        let end = loop {
            let mut piece = [0; 512];
            let read = stream.read(&mut piece).unwrap();
            assert!(read > 0, "closed during the handshake");
            bytes.extend_from_slice(&piece[..read]);
            if let Some(end) = handshake::read_response(&bytes, &key).unwrap() {
                break end;
            }
        };
        Socket { stream, decoder: Decoder::new(Role::Client, 1 << 24), bytes: bytes.split_off(end), at: 0 }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A socket in protobuf.
pub struct Socket {
    stream: TcpStream,
    decoder: Decoder,
    bytes: Vec<u8>,
    at: usize,
}

impl Socket {
    pub fn send(&mut self, message: Message) {
        let mut frame = Vec::new();
        let envelope = Envelope::new("1", message).to_bytes(Format::Protobuf);
        write_frame(&mut frame, Opcode::Binary, &envelope, Some([1, 2, 3, 4]));
        self.stream.write_all(&frame).unwrap();
    }

    /// The next message; `None` when the server closes.
    pub fn receive(&mut self) -> Option<Message> {
        loop {
            let Self { decoder, bytes, at, .. } = self;
            match decoder.next(bytes, at).unwrap() {
                Some(Event::Binary(bytes)) => {
                    return Envelope::decode_from(Format::Protobuf, bytes).unwrap().message;
                }
                Some(Event::Close { .. }) => return None,
                Some(_) => continue,
                None => {}
            }
            self.bytes.drain(..self.at);
            self.at = 0;
            let mut piece = [0; 16 << 10];
            match self.stream.read(&mut piece) {
                Ok(read @ 1..) => self.bytes.extend_from_slice(&piece[..read]),
                _ => return None,
            }
        }
    }
}
