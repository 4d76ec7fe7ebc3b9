//! The hooks themselves, by what they hang on.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use app::rpc::RpcError;
use app::session::{Origin, SessionId};
use axum::http::Method;
use serde_json::Value;
use store::UserId;
use wire::envelope::Message;

/// Who asks, for a hook.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Asker {
    /// The player, if one is known by a token.
    pub user: Option<UserId>,
    /// The player's name when the token was made.
    pub username: String,
    /// As given at login.
    pub vars: BTreeMap<String, String>,
    /// The socket, if it is one.
    pub session: Option<SessionId>,
    /// Where the socket comes from, if it is one.
    pub origin: Option<Origin>,
}

/// A request of a route.
#[derive(Clone, PartialEq, Debug)]
pub struct RouteRequest {
    /// How it came.
    pub method: Method,
    /// The route's template.
    pub route: String,
    /// The template's parts as they are in the path; a hook's changes of them are not taken.
    pub path: BTreeMap<String, String>,
    /// The query, in order.
    pub query: Vec<(String, String)>,
    /// The body; null if there is none.
    pub body: Value,
}

/// What a route answered.
#[derive(Clone, PartialEq, Debug)]
pub struct RouteAnswer {
    /// The HTTP status, always a success.
    pub status: u16,
    /// The body; null if it is no JSON.
    pub body: Value,
}

type Done<T> = Pin<Box<dyn Future<Output = Result<T, RpcError>> + Send>>;
type BeforeRoute = Box<dyn Fn(Asker, RouteRequest) -> Done<RouteRequest> + Send + Sync>;
type AfterRoute = Box<dyn Fn(Asker, Arc<RouteRequest>, Arc<RouteAnswer>) -> Done<()> + Send + Sync>;
type BeforeMessage = Box<dyn Fn(Asker, Message) -> Done<Message> + Send + Sync>;
type AfterMessage = Box<dyn Fn(Asker, Arc<Message>, Option<Message>) -> Done<()> + Send + Sync>;

/// A route by its method and template.
type Route = (String, String);

/// The hooks of one place, in the order in which they were added.
pub(super) struct Around<B, A> {
    pub before: Vec<B>,
    pub after: Vec<A>,
}

impl<B, A> Default for Around<B, A> {
    fn default() -> Self {
        Self { before: Vec::new(), after: Vec::new() }
    }
}

/// Every hook.
#[derive(Default)]
pub struct Hooks {
    routes: BTreeMap<Route, Around<BeforeRoute, AfterRoute>>,
    messages: BTreeMap<String, Around<BeforeMessage, AfterMessage>>,
}

impl Hooks {
    pub(super) fn before_route<F, A>(&mut self, method: Method, route: &str, hook: F)
    where
        F: Fn(Asker, RouteRequest) -> A + Send + Sync + 'static,
        A: Future<Output = Result<RouteRequest, RpcError>> + Send + 'static,
    {
        let around = self.routes.entry((method.to_string(), route.to_owned())).or_default();
        around.before.push(Box::new(move |asker, request| Box::pin(hook(asker, request))));
    }

    pub(super) fn after_route<F, A>(&mut self, method: Method, route: &str, hook: F)
    where
        F: Fn(Asker, Arc<RouteRequest>, Arc<RouteAnswer>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        let around = self.routes.entry((method.to_string(), route.to_owned())).or_default();
        around.after.push(Box::new(move |asker, request, answer| Box::pin(hook(asker, request, answer))));
    }

    pub(super) fn before_message<F, A>(&mut self, key: &str, hook: F)
    where
        F: Fn(Asker, Message) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Message, RpcError>> + Send + 'static,
    {
        let around = self.messages.entry(key.to_owned()).or_default();
        around.before.push(Box::new(move |asker, message| Box::pin(hook(asker, message))));
    }

    pub(super) fn after_message<F, A>(&mut self, key: &str, hook: F)
    where
        F: Fn(Asker, Arc<Message>, Option<Message>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), RpcError>> + Send + 'static,
    {
        let around = self.messages.entry(key.to_owned()).or_default();
        around.after.push(Box::new(move |asker, message, answer| Box::pin(hook(asker, message, answer))));
    }

    /// Does any route have one? Without, requests do not even pass the layer.
    pub(crate) fn around_routes(&self) -> bool {
        !self.routes.is_empty()
    }

    /// The hooks of a route, if it has any.
    pub(super) fn route(&self, method: &Method, route: &str) -> Option<&Around<BeforeRoute, AfterRoute>> {
        self.routes.get(&(method.to_string(), route.to_owned()))
    }

    /// The hooks of a message, if it has any.
    pub(super) fn message(&self, key: &str) -> Option<&Around<BeforeMessage, AfterMessage>> {
        self.messages.get(key)
    }

    /// Hooks on what does not exist would never run: the first one, by its name.
    pub(crate) fn stray(&self, routes: &BTreeSet<(String, String)>) -> Option<String> {
        let route = self.routes.keys().find(|route| !routes.contains(*route));
        if let Some((method, route)) = route {
            return Some(format!("the route {method} {route}"));
        }
        let known = |key: &str| Message::KEYS.contains(&key) && key != "match_data_send";
        let message = self.messages.keys().find(|key| !known(key));
        message.map(|key| format!("the message {key}"))
    }
}
