//! A studio's own code in the server: functions, hooks, jobs, and what it does with events and matched players.
//!
//! **Purpose.** A studio builds its own binary on this library and registers closures here, before the first client
//! comes. Each gets the typed handle to every use case ([`app::services::Services`]) by capturing it.
//!
//! **Not here.** Rules of rooms (they are pure, see the kernel) and code that is loaded while the server runs.
//!
//! ```no_run
//! use server::serve::Games;
//!
//! fn main() -> std::process::ExitCode {
//!     server::command::main(Games::new().with_extension(|house| {
//!         house.rpc("hello", async |call| Ok(format!("\"hello, {} bytes\"", call.payload.len())));
//!     }))
//! }
//! ```

mod hooks;
mod messages;
mod routes;

use std::pin::Pin;
use std::sync::Arc;

use app::events::{Event, EventError};
use app::jobs::{JobRun, Schedule};
use app::matchmaker::{Matched, RoomPlan};
use app::rpc::{Call, RpcError, Rpcs};
use app::services::Services;
use axum::http::Method;

pub use hooks::{Asker, Hooks, RouteAnswer, RouteRequest};
pub(crate) use messages::{after as after_message, before as before_message};
pub(crate) use routes::hooked;
use wire::envelope::Message;

/// Registers a studio's code.
pub type Extension = Box<dyn FnOnce(&mut Extensions)>;

/// What is done once before the first client comes.
pub(crate) type Starting = Pin<Box<dyn Future<Output = Result<(), RpcError>> + Send>>;

/// Where a studio's code is registered; see the module.
pub struct Extensions {
    services: Arc<Services>,
    pub(crate) starting: Vec<Starting>,
    pub(crate) rpcs: Rpcs,
    pub(crate) hooks: Hooks,
}

impl Extensions {
    pub(crate) fn new(services: Arc<Services>, rpcs: Rpcs) -> Self {
        Self { services, starting: Vec::new(), rpcs, hooks: Hooks::default() }
    }

    /// Every use case, to be captured by what is registered.
    pub fn services(&self) -> Arc<Services> {
        Arc::clone(&self.services)
    }

    /// Adds a function that clients and servers call by name.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken.
    pub fn rpc<F, A>(&mut self, id: &str, function: F) -> &mut Self
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<String, RpcError>> + Send + 'static,
    {
        self.rpcs.register(id, function);
        self
    }

    /// Looks at a request of a route before the house does, and may change its query and body or refuse it. Hooks of
    /// the same route run in the order in which they were added. `route` is its template, `/v2/group/{group_id}/join`.
    pub fn before_route<F, A>(&mut self, method: Method, route: &str, hook: F) -> &mut Self
    where
        F: Fn(Asker, RouteRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Result<RouteRequest, RpcError>> + Send + 'static,
    {
        self.hooks.before_route(method, route, hook);
        self
    }

    /// Runs after a route succeeded, before its answer is sent. What it returns is logged if it is an error, and
    /// changes nothing.
    pub fn after_route<F, A>(&mut self, method: Method, route: &str, hook: F) -> &mut Self
    where
        F: Fn(Asker, Arc<RouteRequest>, Arc<RouteAnswer>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        self.hooks.after_route(method, route, hook);
        self
    }

    /// Looks at a socket's message before the house does, and may change or refuse it. `key` is the message's name in
    /// JSON, `channel_message_send`. Data of matches is not shown to hooks: rules judge it in rooms.
    pub fn before_message<F, A>(&mut self, key: &str, hook: F) -> &mut Self
    where
        F: Fn(Asker, Message) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Message, RpcError>> + Send + 'static,
    {
        self.hooks.before_message(key, hook);
        self
    }

    /// Runs after a message was done without an error, before its answer is sent.
    pub fn after_message<F, A>(&mut self, key: &str, hook: F) -> &mut Self
    where
        F: Fn(Asker, Arc<Message>, Option<Message>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        self.hooks.after_message(key, hook);
        self
    }

    /// Runs something by the clock, once for each time it is due, whatever the number of servers. What came due while
    /// no server ran is done once at the next start. A failed run is logged and recorded, and not repeated.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken.
    pub fn job<F, A>(&mut self, name: &str, schedule: Schedule, job: F) -> &mut Self
    where
        F: Fn(JobRun) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        self.services.jobs.add(name, schedule, job);
        self
    }

    /// Decides what becomes of players who were matched: a room of their own, or (nothing) a relayed match.
    ///
    /// # Panics
    /// If something decides already.
    pub fn on_matched<F>(&mut self, hook: F) -> &mut Self
    where
        F: Fn(&Matched) -> Option<RoomPlan> + Send + Sync + 'static,
    {
        assert!(
            self.services.matchmaker.on_matched(hook),
            "two hooks decide what becomes of matched players"
        );
        self
    }

    /// Hears every event, in order, at least once: one that the consumer failed on comes again. `name` is under which
    /// the house remembers how far it is.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken.
    pub fn on_event<F, A>(&mut self, name: &str, consumer: F) -> &mut Self
    where
        F: Fn(Event) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), EventError>> + Send + 'static,
    {
        self.services.events.consume(name, consumer);
        self
    }

    /// As [`Extensions::on_event`], for a consumer that takes many at once: as many as there are, in order, up to
    /// [`PAGE_EVENTS_MAX`](app::events::PAGE_EVENTS_MAX). If it fails, all of them come again.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken.
    pub fn on_events<F, A>(&mut self, name: &str, consumer: F) -> &mut Self
    where
        F: Fn(Vec<Event>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), EventError>> + Send + 'static,
    {
        self.services.events.consume_pages(name, consumer);
        self
    }

    /// Does something once before the first client comes and before the first job or event: boards that must be there,
    /// for example. If it fails, the service does not start.
    pub fn at_start<A>(&mut self, start: A) -> &mut Self
    where
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        self.starting.push(Box::pin(start));
        self
    }
}
