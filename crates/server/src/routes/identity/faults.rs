//! What the use cases of identity say, in the protocol's words.

use app::identity::IdentityError;
use wire::rest::Code;

use crate::http::Fault;

impl From<IdentityError> for Fault {
    fn from(error: IdentityError) -> Self {
        let code = match error {
            IdentityError::NotConfigured(_) => Code::FailedPrecondition,
            IdentityError::Malformed(_) | IdentityError::Return(_) => Code::InvalidArgument,
            IdentityError::Token(_)
            | IdentityError::Claims(_)
            | IdentityError::Refused(_)
            | IdentityError::NoLogin => Code::Unauthenticated,
            IdentityError::Unknown(_) => Code::NotFound,
            IdentityError::Later | IdentityError::Busy => Code::Unavailable,
            IdentityError::Outside(error) => {
                tracing::warn!(%error, "who is to vouch for a login gives no answer");
                return Fault::new(
                    Code::Unavailable,
                    "who vouches for this login gives no answer, try again",
                );
            }
            IdentityError::Account(error) => return error.into(),
            IdentityError::Store(error) => return error.into(),
        };
        Fault::new(code, error.to_string())
    }
}
