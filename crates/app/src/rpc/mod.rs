//! Remote procedure calls: named functions from text to text, called over HTTP and the socket. The house brings a few;
//! a studio's binary registers more. How a call travels and how its errors look outside is the gateway's business.

mod house;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use store::{FamilyId, StoreError, UserId};
use wire::limits::RPC_ID_BYTES_MAX;

use crate::session::Session;

pub use house::house;

/// Who calls.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Caller {
    /// A player with a valid session token.
    User {
        /// The account.
        user: UserId,
        /// Its name when the token was made.
        username: String,
        /// The login that the token comes from.
        family: FamilyId,
    },
    /// A server with the HTTP key.
    Server,
}

impl Caller {
    /// The player's account, or the error for functions that only players may call.
    pub fn user(&self) -> Result<UserId, RpcError> {
        match self {
            Caller::User { user, .. } => Ok(*user),
            Caller::Server => Err(RpcError::Denied("only players may call this function")),
        }
    }

    /// The error for functions that only servers may call.
    pub fn server(&self) -> Result<(), RpcError> {
        match self {
            Caller::Server => Ok(()),
            Caller::User { .. } => {
                Err(RpcError::Denied("only servers with the HTTP key may call this function"))
            }
        }
    }
}

/// One call.
#[derive(Clone)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The caller's socket, if the call came over one.
    pub session: Option<Arc<Session>>,
    /// JSON text by custom; may be empty.
    pub payload: String,
}

/// Why a call gives no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RpcError {
    /// Nothing is registered by that name.
    #[error("the function was not found")]
    Unknown,
    /// The payload is not what the function takes.
    #[error("{0}")]
    Invalid(Cow<'static, str>),
    /// This caller may not.
    #[error("{0}")]
    Denied(&'static str),
    /// What the payload names does not exist.
    #[error("{0}")]
    Missing(Cow<'static, str>),
    /// The state of things does not allow it.
    #[error("{0}")]
    Refused(Cow<'static, str>),
    /// Not now; the same call may succeed later.
    #[error("{0}")]
    Unavailable(Cow<'static, str>),
    /// More than the caller may ask for in this time.
    #[error("{0}")]
    TooMuch(Cow<'static, str>),
    /// A fault of the function. The text is for the log, not for the caller.
    #[error("{0}")]
    Failed(String),
}

impl From<StoreError> for RpcError {
    fn from(error: StoreError) -> Self {
        if error.is_passing() {
            return RpcError::Unavailable(error.to_string().into());
        }
        RpcError::Failed(error.to_string())
    }
}

/// What a call brings along, read from JSON.
pub fn payload<'a, T: serde::Deserialize<'a>>(call: &'a Call) -> Result<T, RpcError> {
    wire::objects::from_str(&call.payload)
        .map_err(|error| RpcError::Invalid(format!("the payload is refused: {error}").into()))
}

type Answer = Pin<Box<dyn Future<Output = Result<String, RpcError>> + Send>>;
type Function = Box<dyn Fn(Call) -> Answer + Send + Sync>;

/// Every function by its name.
#[derive(Default)]
pub struct Rpcs(BTreeMap<String, Function>);

impl Rpcs {
    /// None at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function. Names are looked up without regard to case.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken: a fault of the program that shows at its start.
    pub fn register<F, A>(&mut self, id: &str, function: F)
    where
        F: Fn(Call) -> A + Send + Sync + 'static,
        A: Future<Output = Result<String, RpcError>> + Send + 'static,
    {
        assert!(
            (1..=RPC_ID_BYTES_MAX).contains(&id.len()),
            "the name of a function must be 1 to 128 bytes: {id}"
        );
        let function: Function = Box::new(move |call| Box::pin(function(call)));
        let taken = self.0.insert(id.to_ascii_lowercase(), function).is_some();
        assert!(!taken, "two functions have the name {id}");
    }

    /// Calls a function.
    pub async fn call(&self, id: &str, call: Call) -> Result<String, RpcError> {
        if id.len() > RPC_ID_BYTES_MAX {
            return Err(RpcError::Unknown);
        }
        let function = match self.0.get(id) {
            Some(function) => function,
            None => self.0.get(&id.to_ascii_lowercase()).ok_or(RpcError::Unknown)?,
        };
        function(call).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(payload: &str) -> Call {
        Call { caller: Caller::Server, session: None, payload: payload.into() }
    }

    #[tokio::test]
    async fn functions_are_found_by_name_whatever_the_case() {
        let mut rpcs = Rpcs::new();
        rpcs.register("Echo", async |call: Call| Ok(call.payload));
        assert_eq!(rpcs.call("echo", call("a")).await.unwrap(), "a");
        assert_eq!(rpcs.call("ECHO", call("b")).await.unwrap(), "b");
        assert_eq!(rpcs.call("other", call("")).await, Err(RpcError::Unknown));
        assert_eq!(rpcs.call(&"e".repeat(1_000_000), call("")).await, Err(RpcError::Unknown));
    }

    #[test]
    #[should_panic(expected = "two functions have the name echo")]
    fn a_name_is_taken_once() {
        let mut rpcs = Rpcs::new();
        rpcs.register("echo", async |call: Call| Ok(call.payload));
        rpcs.register("echo", async |call: Call| Ok(call.payload));
    }
}
