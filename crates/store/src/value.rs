//! What goes into a statement and what comes out of it, for any engine. Values borrow: binding copies nothing here.

use kernel::{Epoch, RoomId, Seat, Seq};

use crate::{FamilyId, StoreError, UserId};

/// A parameter of a statement, or one column of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A number. Unsigned 64-bit sums are stored as the same 64 bits.
    Int(i64),
    /// Text without NUL bytes.
    Text(&'a str),
    /// Bytes.
    Blob(&'a [u8]),
    /// A 128-bit id: 16 bytes, big-endian.
    Id([u8; 16]),
}

impl<'a> Value<'a> {
    /// A number that the engines can hold, from one that may be too large.
    pub fn count(number: u64) -> Result<Self, StoreError> {
        i64::try_from(number).map(Self::Int).map_err(|_| StoreError::NotStorable("a number above 2^63"))
    }

    /// Refuses what one of the engines would not keep as it is.
    pub fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Text(text) if text.as_bytes().contains(&0) => {
                Err(StoreError::NotStorable("a text with a NUL byte"))
            }
            _ => Ok(()),
        }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Int(yes.into())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Blob(bytes)
    }
}

impl From<RoomId> for Value<'_> {
    fn from(id: RoomId) -> Self {
        Self::Id(id.to_bytes())
    }
}

impl From<UserId> for Value<'_> {
    fn from(id: UserId) -> Self {
        Self::Id(id.to_bytes())
    }
}

impl From<FamilyId> for Value<'_> {
    fn from(id: FamilyId) -> Self {
        Self::Id(id.0.to_be_bytes())
    }
}

impl From<Seat> for Value<'_> {
    fn from(seat: Seat) -> Self {
        Self::Int(seat.0.into())
    }
}

impl TryFrom<Seq> for Value<'_> {
    type Error = StoreError;

    fn try_from(seq: Seq) -> Result<Self, StoreError> {
        Self::count(seq.0)
    }
}

impl TryFrom<Epoch> for Value<'_> {
    type Error = StoreError;

    fn try_from(epoch: Epoch) -> Result<Self, StoreError> {
        Self::count(epoch.0)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Where an engine keeps the columns of the row it stands on.
pub trait Columns {
    /// The column counted from 0.
    fn column(&self, index: usize) -> Result<Value<'_>, StoreError>;
}

/// One row of a result, borrowed from the engine while it is read.
pub struct Row<'a>(&'a dyn Columns);

impl<'a> Row<'a> {
    /// A view of an engine's row.
    pub fn new(columns: &'a dyn Columns) -> Self {
        Self(columns)
    }

    /// A number.
    pub fn int(&self, index: usize) -> Result<i64, StoreError> {
        self.opt_int(index)?.ok_or_else(|| wrong(index, "a number"))
    }

    /// A number or nothing.
    pub fn opt_int(&self, index: usize) -> Result<Option<i64>, StoreError> {
        match self.0.column(index)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(number)),
            _ => Err(wrong(index, "a number")),
        }
    }

    /// A number that is never negative.
    pub fn count(&self, index: usize) -> Result<u64, StoreError> {
        self.int(index)?.try_into().map_err(|_| wrong(index, "not negative"))
    }

    /// A number below 2^32.
    pub fn small(&self, index: usize) -> Result<u32, StoreError> {
        self.int(index)?.try_into().map_err(|_| wrong(index, "a number below 2^32"))
    }

    /// 0 or 1.
    pub fn flag(&self, index: usize) -> Result<bool, StoreError> {
        match self.int(index)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(wrong(index, "0 or 1")),
        }
    }

    /// A text.
    pub fn text(&self, index: usize) -> Result<String, StoreError> {
        self.opt_text(index)?.ok_or_else(|| wrong(index, "a text"))
    }

    /// A text or nothing.
    pub fn opt_text(&self, index: usize) -> Result<Option<String>, StoreError> {
        match self.0.column(index)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.to_owned())),
            _ => Err(wrong(index, "a text")),
        }
    }

    /// Bytes.
    pub fn blob(&self, index: usize) -> Result<Vec<u8>, StoreError> {
        match self.0.column(index)? {
            Value::Blob(bytes) => Ok(bytes.to_vec()),
            _ => Err(wrong(index, "bytes")),
        }
    }

    /// A 128-bit id.
    pub fn id(&self, index: usize) -> Result<u128, StoreError> {
        self.opt_id(index)?.ok_or_else(|| wrong(index, "an id"))
    }

    /// A 128-bit id or nothing.
    pub fn opt_id(&self, index: usize) -> Result<Option<u128>, StoreError> {
        match self.0.column(index)? {
            Value::Null => Ok(None),
            Value::Id(bytes) => Ok(Some(u128::from_be_bytes(bytes))),
            Value::Blob(bytes) => match bytes.try_into() {
                Ok(bytes) => Ok(Some(u128::from_be_bytes(bytes))),
                Err(_) => Err(wrong(index, "16 bytes")),
            },
            _ => Err(wrong(index, "an id")),
        }
    }
}

fn wrong(index: usize, wanted: &str) -> StoreError {
    StoreError::Damaged(format!("column {index} is not {wanted}"))
}
