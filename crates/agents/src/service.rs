//! One call of one worker: it says who it is, and from then on both sides speak when they have something to say.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use app::agents::{Agents, Connection, WorkerFault};
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Status, Streaming};

use crate::contract::agent_service_server::AgentService;
use crate::contract::{self as proto, from_worker::Word};
use crate::door::{HELLO_MS_MAX, Stopped};
use crate::translate;

pub(crate) struct Service {
    pub agents: Agents,
    pub cluster: Arc<str>,
    pub stopped: Stopped,
}

#[tonic::async_trait]
impl AgentService for Service {
    type WorkStream = Words;

    async fn work(&self, request: Request<Streaming<proto::FromWorker>>) -> Result<Response<Words>, Status> {
        let mut said = request.into_inner();
        let first = tokio::time::timeout(Duration::from_millis(HELLO_MS_MAX), said.message());
        let first = first.await.map_err(|_| Status::deadline_exceeded("a worker first says who it is"))??;
        let Some(Word::Hello(hello)) = first.and_then(|first| first.word) else {
            return Err(Status::invalid_argument("a worker first says who it is"));
        };
        let hello = translate::hello(hello).map_err(|fault| Status::invalid_argument(fault.to_string()))?;
        let connection = Arc::new(self.agents.connect(hello).map_err(status)?);
        let (over, fault) = tokio::sync::oneshot::channel();
        let stopped = self.stopped.clone();
        let hearer = Arc::downgrade(&connection);
        tokio::spawn(async move {
            let end = tokio::select! {
                end = hear(&mut said, || hearer.upgrade()) => end,
                () = stopped.wait() => Some(Status::unavailable("the server goes down; come back in a moment")),
            };
            // Whoever listened may be gone.
            let _ = over.send(end);
        });
        Ok(Response::new(Words {
            cluster: Arc::clone(&self.cluster),
            next: next(connection),
            over: Some(fault),
        }))
    }
}

/// Hears a worker until it ends the call, which is no fault, or says what it must not.
async fn hear(
    said: &mut Streaming<proto::FromWorker>,
    connection: impl Fn() -> Option<Arc<Connection>>,
) -> Option<Status> {
    loop {
        let word = match said.message().await {
            Ok(Some(word)) => word,
            Ok(None) => return None,
            Err(status) => return Some(status),
        };
        let word = match translate::heard(word) {
            Ok(word) => word,
            // What a newer contract brings is passed over.
            Err(translate::Unreadable::Nothing) => continue,
            Err(fault) => return Some(Status::invalid_argument(fault.to_string())),
        };
        if let Err(fault) = connection()?.hear(word) {
            return Some(status(fault));
        }
    }
}

fn status(fault: WorkerFault) -> Status {
    match fault {
        WorkerFault::Invalid(why) => Status::invalid_argument(why),
        WorkerFault::TooMany(_) => Status::resource_exhausted(fault.to_string()),
    }
}

type Next = Pin<Box<dyn Future<Output = (Arc<Connection>, Option<app::agents::ToWorker>)> + Send>>;

fn next(connection: Arc<Connection>) -> Next {
    Box::pin(async move {
        let word = connection.next().await;
        (connection, word)
    })
}

/// What a worker is told. Dropped, the worker is gone.
pub(crate) struct Words {
    cluster: Arc<str>,
    next: Next,
    /// Says that the worker has ended the call, and what was wrong with it. `None`: the call is over.
    over: Option<tokio::sync::oneshot::Receiver<Option<Status>>>,
}

impl Stream for Words {
    type Item = Result<proto::ToWorker, Status>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(over) = &mut self.over else { return Poll::Ready(None) };
        if let Poll::Ready(end) = Pin::new(over).poll(context) {
            self.over = None;
            return Poll::Ready(end.ok().flatten().map(Err));
        }
        match self.next.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready((connection, Some(word))) => {
                self.next = next(connection);
                Poll::Ready(Some(Ok(translate::told(word, &self.cluster))))
            }
            Poll::Ready((connection, None)) => {
                self.over = None;
                Poll::Ready(Some(Err(Status::unavailable(connection.why()))))
            }
        }
    }
}
