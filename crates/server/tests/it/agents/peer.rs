//! A worker, word by word.

use std::net::SocketAddr;

use agents::contract::agent_service_client::AgentServiceClient;
use agents::contract::{self as proto, from_worker, to_worker};
use bytes::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Status, Streaming};

use crate::client::soon;

pub const KEY: &str = "defaultagentskey";

pub struct Peer {
    say: mpsc::Sender<proto::FromWorker>,
    words: Streaming<proto::ToWorker>,
}

pub fn hello(name: &str, seats_max: u32, kinds: &[&str]) -> from_worker::Word {
    let kinds = kinds.iter().map(|kind| (*kind).to_owned()).collect();
    let rules = vec!["hive".to_owned()];
    from_worker::Word::Hello(proto::Hello {
        name: name.into(),
        rules,
        match_ids: Vec::new(),
        seats_max,
        kinds,
    })
}

impl Peer {
    /// Calls, with a first word.
    pub async fn call(address: SocketAddr, key: &str, first: from_worker::Word) -> Result<Self, Status> {
        let stream = TcpStream::connect(address).await.unwrap();
        let io = TokioIo::new(stream);
        let (sender, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io).await.unwrap();
        // It ends with the call.
        tokio::spawn(async move { drop(connection.await) });
        let service = tower::service_fn(move |request| {
            let mut sender = sender.clone();
            async move { sender.send_request(request).await }
        });
        let origin = format!("http://{address}").parse().unwrap();
        let mut client = AgentServiceClient::with_origin(service, origin);
        let (say, said) = mpsc::channel(64);
        say.send(proto::FromWorker { word: Some(first) }).await.unwrap();
        let mut request = Request::new(ReceiverStream::new(said));
        let bearer = format!("Bearer {key}").parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        let words = soon("the answer to a call", client.work(request)).await?.into_inner();
        Ok(Self { say, words })
    }

    /// A worker that is in and takes much.
    pub async fn welcome(address: SocketAddr, name: &str, seats_max: u32, kinds: &[&str]) -> Self {
        let mut peer = Self::call(address, KEY, hello(name, seats_max, kinds)).await.unwrap();
        assert!(matches!(peer.hear().await, to_worker::Word::Welcome(_)));
        peer.ready(64).await;
        peer
    }

    pub async fn say(&self, word: from_worker::Word) {
        self.say.send(proto::FromWorker { word: Some(word) }).await.unwrap();
    }

    pub async fn ready(&self, credit: u32) {
        self.say(from_worker::Word::Ready(proto::Ready { credit })).await;
    }

    /// The next word.
    pub async fn hear(&mut self) -> to_worker::Word {
        let word = soon("a word to the worker", self.words.message()).await.unwrap();
        word.expect("the call goes on").word.unwrap()
    }

    /// The next word that is not about who has which seat.
    pub async fn hear_work(&mut self) -> to_worker::Word {
        loop {
            match self.hear().await {
                to_worker::Word::Seat(_) => {}
                word => return word,
            }
        }
    }

    pub async fn turn(&mut self) -> proto::Turn {
        match self.hear_work().await {
            to_worker::Word::Turn(turn) => turn,
            other => panic!("{other:?}"),
        }
    }

    pub async fn job(&mut self) -> proto::Job {
        match self.hear_work().await {
            to_worker::Word::Job(job) => job,
            other => panic!("{other:?}"),
        }
    }

    pub async fn play(&self, turn: u64, commands: &[&str], memory: Option<&str>) {
        let commands = commands.iter().map(|command| Bytes::from((*command).to_owned())).collect();
        let memory = memory.map(|memory| Bytes::from(memory.to_owned()));
        self.say(from_worker::Word::TurnDone(proto::TurnDone { turn, commands, memory })).await;
    }

    pub async fn done(&self, job: &proto::Job, body: &str) {
        let outcome = Some(proto::job_done::Outcome::Body(Bytes::from(body.to_owned())));
        let done =
            proto::JobDone { job: job.job.clone(), outcome, memory: Some(Bytes::from(body.to_owned())) };
        self.say(from_worker::Word::JobDone(done)).await;
    }

    /// How the call ends.
    pub async fn end(mut self) -> Code {
        loop {
            match soon("the end of the call", self.words.message()).await {
                Ok(Some(_)) => {}
                Ok(None) => return Code::Ok,
                Err(status) => return status.code(),
            }
        }
    }
}
