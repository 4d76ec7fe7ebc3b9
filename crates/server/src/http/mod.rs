//! HTTP below the routes: accepting connections, one request's way in and out, and what every answer has in common.

mod accept;
mod answer;
mod connection;
mod extract;
mod fault;
mod idempotency;
mod request_id;

pub use accept::{Listener, Open, Stop, accept};
pub use answer::Gate;
pub(crate) use extract::bytes;
pub use extract::{Ask, Bearer, ServerKey, bearer, body, same, text};
pub use fault::Fault;
pub use request_id::RequestId;
