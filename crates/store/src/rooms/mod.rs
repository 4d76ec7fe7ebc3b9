//! Rooms in the store: their rows, seats, logs, snapshots and the answers that wait to be logged.
//!
//! What a log row says is the kernel's secret: here it is bytes with a checksum that somebody else checks.

pub(crate) mod answers;
pub(crate) mod append;
pub(crate) mod list;
pub(crate) mod log;
pub(crate) mod moments;
pub(crate) mod points;
pub(crate) mod row;
pub(crate) mod seats;
pub(crate) mod snapshots;

pub use answers::AnswersOf;
pub use append::{APPEND_BYTES_MAX, AppendReceipt, RoomAppend, append_room};
pub use list::{ListRooms, ListedRoom, LogSize, LogSizeOf, RoomsDue};
pub use log::{LOG_PAGE_CHUNKS_MAX, LoadLog, LogChunk, LogHead, LogPage, PruneLog};
pub use moments::{MOMENTS_MAX, MOMENTS_PARTS_MAX, Moment, MomentsOf, SnapshotAt};
pub use points::{POINTS_MAX, PointsOf, RestorePoint};
pub use row::{
    ClaimRoom, CloseRoom, MineRoom, OpenRoom, OpenedRoom, ReopenRoom, RoomGet, RoomRow, RoomState,
};
pub use seats::{RoomsOfUser, SeatsOf};
pub use snapshots::{
    DropSnapshot, FoundSnapshot, LatestSnapshot, SNAPSHOT_DAYS_MAX, SNAPSHOT_PART_BYTES_MAX,
    SaveSnapshotPart, Snapshot, SnapshotSaved, SnapshotsOf, ThinSnapshots,
};
