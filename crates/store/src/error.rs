//! What can go wrong, in the cases that callers tell apart. Answers of the domain ("that name is taken") are not
//! errors: they are in each operation's output.

use std::path::PathBuf;

/// Why an operation has no result. Unless it is [`Unknown`](Self::Unknown), nothing of the operation was kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left on the disk. Nothing was written; reads go on, and so do writes once there is space again.
    #[error("the disk is full")]
    Full,
    /// The commit failed in a way that does not tell whether it happened. Read before doing it again.
    #[error("it is unknown whether the commit happened: {0}")]
    Unknown(String),
    /// A queue is at its bound. Nothing was done; later it may fit.
    #[error("the store is busy")]
    Busy,
    /// The caller's idempotency key stands for another request. Nothing was done.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// This was done before under the same idempotency key, and what it gave is not known any more. Nothing was done.
    #[error("this was done before under the same idempotency key, and its answer is not known any more")]
    AnswerLost,
    /// A condition of the operation does not hold, so all of it was taken back.
    #[error("{0}")]
    Refused(Refusal),
    /// The store was closed before the operation ran.
    #[error("the store is closed")]
    Closed,
    /// A read took longer than [`READ_MS_MAX`](crate::READ_MS_MAX).
    #[error("the read took too long")]
    ReadTooLong,
    /// What is stored is not what was written there: a column of another type, an id of another length.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
    /// The caller gave something that must never be stored, such as a text with a NUL byte. A fault of the program.
    #[error("not storable: {0}")]
    NotStorable(&'static str),
    /// The operation broke a constraint that it did not turn into an answer. A fault of the program.
    #[error("constraint broken: {0}")]
    Constraint(String),
    /// The operation waited for something other than the store. A fault of the program.
    #[error("the operation did not end in one poll")]
    Pending,
    /// The operation panicked; the text is the panic's.
    #[error("the operation panicked: {0}")]
    Panicked(String),
    /// Another process has the directory.
    #[error("the data directory {} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The directory was written by a newer version of the program.
    #[error(
        "the data directory has schema {found}, and this program knows schemas up to {known}: use a newer program, \
         or migrate down with it first"
    )]
    SchemaNewer {
        /// In the directory.
        found: u32,
        /// In the program.
        known: u32,
    },
    /// The schema is not one that this call can work with.
    #[error("schema: {0}")]
    Schema(String),
    /// The file system or the engine failed.
    #[error("{0}")]
    Engine(String),
}

/// Which condition of an operation does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// An object is not there, has another version, or may not be written by whoever asks.
    #[error("an object is not there, has another version, or may not be written")]
    Object,
    /// A wallet has less than is to be taken.
    #[error("a wallet has less than is to be taken")]
    Short,
    /// A wallet would hold more than a number can say.
    #[error("a wallet holds no more")]
    Full,
    /// There is no such account.
    #[error("there is no such account")]
    NoAccount,
    /// Somebody else has that username.
    #[error("somebody else has that username")]
    NameTaken,
}

impl StoreError {
    /// May the same call succeed later without anybody repairing something?
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Full | Self::Busy | Self::ReadTooLong | Self::Unknown(_))
    }
}

/// Why a room's inputs were not appended. In every case but `Store(Unknown)` nothing of that append was kept.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum AppendError {
    /// The room has another epoch (somebody else holds it now), is closed, or does not exist.
    #[error("the room has another holder, is closed, or does not exist")]
    StaleEpoch,
    /// Inputs with these numbers are already there.
    #[error("the log already has these inputs: its newest is {head}")]
    Repeated {
        /// The newest input in the log.
        head: u64,
    },
    /// Inputs before these are missing.
    #[error("the log would have a gap: its newest input is {head}")]
    Gap {
        /// The newest input in the log.
        head: u64,
    },
    /// The append asks for what must never be: a fault of the program.
    #[error("refused: {0}")]
    Refused(&'static str),
    /// The store failed. `Store(Busy)`: the queue was full, nothing was tried.
    #[error(transparent)]
    Store(#[from] StoreError),
}
