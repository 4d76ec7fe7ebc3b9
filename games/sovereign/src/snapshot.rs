//! The whole war as bytes, and back.

use kernel::Unreadable;

use crate::War;

/// Appends the bytes.
pub(crate) fn write(_war: &War, _out: &mut Vec<u8>) {}

/// Reads them. Any bytes may come.
pub(crate) fn read(_bytes: &[u8]) -> Result<War, Unreadable> {
    Err(Unreadable("a snapshot of a war cannot be read".into()))
}
