//! Errors over HTTP: a gRPC code, its status, and a message.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Body of every answer that is not a success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ErrorBody {
    /// A [`Code`] as its number.
    #[schema(required = true, minimum = 1, maximum = 16)]
    pub code: i32,
    /// For a developer to read.
    #[schema(required = true)]
    pub message: String,
}

impl ErrorBody {
    /// The body for a code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ErrorBody { code: code as i32, message: message.into() }
    }
}

/// gRPC's status codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Code {
    /// Fine.
    Ok = 0,
    /// Given up by the caller.
    Cancelled = 1,
    /// Not known.
    Unknown = 2,
    /// The request can never succeed as it is.
    InvalidArgument = 3,
    /// Too late.
    DeadlineExceeded = 4,
    /// No such thing.
    NotFound = 5,
    /// There already.
    AlreadyExists = 6,
    /// Not allowed.
    PermissionDenied = 7,
    /// Over a limit.
    ResourceExhausted = 8,
    /// Not in this state.
    FailedPrecondition = 9,
    /// Lost to another.
    Aborted = 10,
    /// Past the end.
    OutOfRange = 11,
    /// Not there.
    Unimplemented = 12,
    /// The server's fault.
    Internal = 13,
    /// Come back later.
    Unavailable = 14,
    /// Gone for good.
    DataLoss = 15,
    /// Who are you?
    Unauthenticated = 16,
}

impl Code {
    /// Every code, in order of its number.
    pub const ALL: [Code; 17] = [
        Code::Ok,
        Code::Cancelled,
        Code::Unknown,
        Code::InvalidArgument,
        Code::DeadlineExceeded,
        Code::NotFound,
        Code::AlreadyExists,
        Code::PermissionDenied,
        Code::ResourceExhausted,
        Code::FailedPrecondition,
        Code::Aborted,
        Code::OutOfRange,
        Code::Unimplemented,
        Code::Internal,
        Code::Unavailable,
        Code::DataLoss,
        Code::Unauthenticated,
    ];

    /// The HTTP status that goes with it.
    pub fn http_status(self) -> u16 {
        match self {
            Code::Ok => 200,
            Code::Cancelled => 499,
            Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => 400,
            Code::DeadlineExceeded => 504,
            Code::NotFound => 404,
            Code::AlreadyExists | Code::Aborted => 409,
            Code::PermissionDenied => 403,
            Code::ResourceExhausted => 429,
            Code::Unimplemented => 501,
            Code::Unavailable => 503,
            Code::Unauthenticated => 401,
            Code::Unknown | Code::Internal | Code::DataLoss => 500,
        }
    }

    /// The code for a status that some layer below the routes chose.
    pub fn from_http_status(status: u16) -> Self {
        match status {
            200..=299 => Code::Ok,
            400 | 405 | 411 | 413 | 414 | 415 | 422 | 431 => Code::InvalidArgument,
            401 => Code::Unauthenticated,
            403 => Code::PermissionDenied,
            404 => Code::NotFound,
            408 | 504 => Code::DeadlineExceeded,
            409 => Code::AlreadyExists,
            429 => Code::ResourceExhausted,
            499 => Code::Cancelled,
            501 => Code::Unimplemented,
            503 => Code::Unavailable,
            500..=599 => Code::Internal,
            _ => Code::Unknown,
        }
    }

    /// The code of a number, if it is one.
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| Code::ALL.get(index).copied())
    }
}
