//! The one place where errors of the use cases become answers of the client protocol, over HTTP and on the socket.
//!
//! What went wrong inside is logged here, once, because here the error stops; the caller is told no more than helps.

use std::borrow::Cow;

use app::accounts::AccountError;
use app::privacy::PrivacyError;
use app::rpc::RpcError;
use app::tokens::TokenError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use store::StoreError;
use wire::envelope::{Error, ErrorCode};
use wire::rest::{Code, ErrorBody};

/// An answer that is not a success.
#[derive(Clone, Debug)]
pub struct Fault {
    code: Code,
    status: u16,
    socket: ErrorCode,
    message: Cow<'static, str>,
}

impl Fault {
    /// A fault with the status and the socket's code that go with `code`.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let socket = match code {
            Code::InvalidArgument | Code::OutOfRange => ErrorCode::BadInput,
            Code::NotFound => ErrorCode::BadInput,
            _ => ErrorCode::Internal,
        };
        Self { code, status: code.http_status(), socket, message: message.into() }
    }

    /// The request can never succeed as it is.
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// The caller did not say who it is, or not truly.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::Unauthenticated, message)
    }

    /// A fault of the server. `detail` goes to the log only.
    pub fn internal(detail: impl std::fmt::Display) -> Self {
        tracing::error!(%detail, "a request failed inside the server");
        Self::new(Code::Internal, "an internal error; the log has more under this request's id")
    }

    /// With another HTTP status than the code's own.
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }

    /// With another number on the socket.
    pub fn on_socket(mut self, code: ErrorCode) -> Self {
        self.socket = code;
        self
    }

    /// As the socket's error message.
    pub fn envelope(&self) -> Error {
        Error::new(self.socket, self.message.clone())
    }

    /// For a close frame's reason.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&ErrorBody::new(self.code, self.message)).unwrap_or_default();
        let kind = HeaderValue::from_static("application/json");
        let mut response = (status, [(header::CONTENT_TYPE, kind)], body).into_response();
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => {
                tracing::error!("the disk is full: writes fail, reads go on");
                Fault::new(
                    Code::Unavailable,
                    "the server's disk is full: nothing was changed, try again later",
                )
            }
            StoreError::Closed => {
                Fault::new(Code::Unavailable, "the server is going down: nothing was changed")
            }
            error @ (StoreError::KeyReused | StoreError::AnswerLost) => {
                Fault::new(Code::Aborted, error.to_string())
            }
            StoreError::Unknown(detail) => {
                tracing::error!(%detail, "it is unknown whether a commit happened");
                Fault::new(
                    Code::Unavailable,
                    "it is unknown whether this was done: look before doing it again",
                )
            }
            error if error.is_passing() => Fault::new(Code::Unavailable, error.to_string()),
            error => Fault::internal(error),
        }
    }
}

impl From<TokenError> for Fault {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Busy => Fault::new(Code::ResourceExhausted, error.to_string()),
            error => Fault::unauthenticated(error.to_string()),
        }
    }
}

impl From<PrivacyError> for Fault {
    fn from(error: PrivacyError) -> Self {
        match error {
            PrivacyError::Account(error) => error.into(),
            PrivacyError::Board(error) => Fault::internal(error),
            PrivacyError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Fault {
    fn from(error: AccountError) -> Self {
        let code = match error {
            AccountError::DeviceId
            | AccountError::CustomId
            | AccountError::Email
            | AccountError::Password
            | AccountError::Username
            | AccountError::Text(_)
            | AccountError::Object(_)
            | AccountError::TooManyUsers
            | AccountError::Ticket
            | AccountError::NotLinked
            | AccountError::Vars => Code::InvalidArgument,
            AccountError::NotFound => Code::NotFound,
            AccountError::UsernameTaken | AccountError::Taken => Code::AlreadyExists,
            AccountError::Disabled | AccountError::Closed | AccountError::Last => Code::PermissionDenied,
            AccountError::Credentials => Code::Unauthenticated,
            AccountError::Busy | AccountError::TooManyLinks => Code::ResourceExhausted,
            AccountError::Vault(error) => return Fault::internal(error),
            AccountError::Token(error) => return error.into(),
            AccountError::Store(error) => return error.into(),
        };
        Fault::new(code, error.to_string())
    }
}

impl From<RpcError> for Fault {
    fn from(error: RpcError) -> Self {
        let code = match error {
            RpcError::Unknown => {
                return Fault::new(Code::NotFound, error.to_string()).on_socket(ErrorCode::FunctionNotFound);
            }
            RpcError::Invalid(_) => Code::InvalidArgument,
            RpcError::Denied(_) => Code::PermissionDenied,
            RpcError::Missing(_) => Code::NotFound,
            RpcError::Refused(_) => Code::FailedPrecondition,
            RpcError::Unavailable(_) => Code::Unavailable,
            RpcError::TooMuch(_) => Code::ResourceExhausted,
            RpcError::Failed(detail) => return Fault::internal(detail).on_socket(ErrorCode::FunctionFailed),
        };
        Fault::new(code, error.to_string()).on_socket(ErrorCode::FunctionFailed)
    }
}
