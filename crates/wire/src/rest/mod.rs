//! JSON shapes of the HTTP routes, as protobuf's JSON mapping writes them, and the error table.
//!
//! Times are RFC 3339 text. An RPC's body is a JSON *string* unless the caller asks with `?unwrap`.

mod account;
mod error;
mod matches;
mod session;

pub use crate::envelope::Rpc;
pub use account::{Account, AccountDevice, User};
pub use error::{Code, ErrorBody};
pub use matches::{MatchList, MatchListed};
pub use session::{AuthenticateQuery, Session, SessionLogout, SessionRefresh};
