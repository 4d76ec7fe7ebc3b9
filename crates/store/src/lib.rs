//! The durable store: one set of SQL for two engines, of which SQLite is built in.
//!
//! **Purpose.** Everything that must outlive the process: accounts, token families, wallets, and the logs and
//! snapshots of rooms. *Acknowledged means durable*: a [`Committed`] value exists only after its commit was synced.
//!
//! **Not here.** What a log row says (the kernel's encoding; here it is bytes with a sum), when to snapshot, prune
//! or retry (the room host), and any meaning of names, tokens or money beyond keeping them right.
//!
//! # Use
//!
//! | to | call |
//! | --- | --- |
//! | open a directory (locks it, migrates it up) | [`Store::open`] |
//! | open by hand, in one thread without threads | [`Store::open_manual`], [`Store::pump`], [`Options::fault`] |
//! | look at a directory that a server may have open | [`SharedRead::open`] |
//! | change something | `store.write(op).await` → [`Committed`]; [`Store::write_now`] on a plain thread |
//! | append rooms' inputs with their effects | [`Store::append`] with a callback |
//! | save a snapshot in parts, thin out old ones | [`Store::save_snapshot`] |
//! | read | `store.read(op).await`, inline and fast; [`Store::read_now`] on a plain thread |
//! | migrate by hand | [`migrate_up`], [`migrate_down`], [`migration_status`] |
//! | end | [`Store::close`]: finishes what is queued, empties the write-ahead log |
//!
//! # Operations
//!
//! | domain | reads | writes |
//! | --- | --- | --- |
//! | accounts | [`FindByDevice`], [`FindByIdentity`], [`FindByPassword`], [`AccountGet`], [`UsersGet`] | [`Register`], [`Link`], [`Unlink`], [`EmailVerify`], [`AccountUpdate`], [`SetDisabled`] |
//! | personal data | [`PersonalUnder`], [`PersonalKeys`] | [`PersonalReseal`] |
//! | ends of sessions | [`SessionsEndedAfter`] | [`SessionsEnd`], [`SessionsEndedPrune`] |
//! | token families | [`FamilyGet`], [`FamiliesRevoked`], [`FamiliesOfUser`] | [`FamilyRotate`], [`FamilyRevoke`], [`FamiliesPrune`] |
//! | wallets | [`WalletGet`], [`LedgerOfRoom`], [`LedgerOfUser`] | [`StoreEffect`]s of an append, [`WalletsUpdate`], [`LedgerAnnotate`], [`LedgerForget`] |
//! | objects and wallets at once | | [`ManyUpdate`] |
//! | achievements | [`AchievementsOf`] | [`AchievementProgress`], [`AchievementsReach`], [`AchievementsForget`] |
//! | objects | [`ObjectsRead`], [`ObjectsList`], [`ObjectsNamed`], [`ObjectsWalk`], [`IndexGet`] | [`ObjectsWrite`], [`ObjectsDelete`], [`ObjectsForget`], [`IndexBegin`], [`IndexFill`], [`IndexReady`], [`IndexDrop`] |
//! | leaderboards, tournaments | [`BoardGet`], [`BoardList`], [`BoardsDue`], [`RecordList`], [`RecordsOf`], [`RecordsAround`], [`RankPage`], [`PeriodsGet`], [`PeriodsOfOwner`] | [`BoardCreate`], [`BoardDelete`], [`BoardTurn`], [`BoardsPurge`], [`RecordWrite`], [`RecordsWrite`], [`RecordDelete`], [`TournamentJoin`], [`EntriesForget`] |
//! | rooms | [`RoomGet`], [`MineRoom`], [`ListRooms`], [`RoomsDue`], [`RoomsOfUser`], [`SeatsOf`], [`AnswersOf`] | [`OpenRoom`], [`ClaimRoom`], [`CloseRoom`], [`ReopenRoom`], [`RoomAppend`] |
//! | logs | [`LoadLog`], [`LogHead`], [`LogSizeOf`] | [`RoomAppend`], [`PruneLog`] |
//! | snapshots | [`LatestSnapshot`], [`ThinSnapshots`] | [`SaveSnapshotPart`], [`DropSnapshot`] |
//! | events | [`EventsAfter`], [`EventCursor`] | [`EventKeep`], [`EventCursorMove`], [`EventsPrune`] |
//! | jobs | [`JobGet`] | [`JobPlan`], [`JobClaim`], [`JobEnd`] |
//! | outside workers | [`AgentMemoryGet`], [`AgentJobGet`], [`AgentJobsOpen`], [`AgentJobsUntold`] | [`AgentMemoryPut`], [`AgentMemoryPrune`], [`AgentJobGive`], [`AgentJobsEnd`], [`AgentJobTold`], [`AgentJobsPrune`] |
//! | idempotency | [`OnceFind`] | [`Once`], [`OnceFinish`], [`OnceForget`], [`OncePrune`] |
//! | receipts | [`PurchasesOf`], [`SubscriptionGet`], [`SubscriptionsOf`] | [`KeepPurchases`], [`KeepSubscription`] |
//! | logins by issuers | [`OutsideSessionGet`], [`OutsideSessionsOf`], [`OutsideSessionsDue`] | [`OutsideSessionPut`], [`OutsideSessionClaim`], [`OutsideSessionDrop`], [`OutsideSessionsForget`], [`NotePut`], [`NoteTake`], [`NotesPrune`] |
//! | friends | [`FriendsList`], [`FriendsOfFriends`], [`FriendsBlocked`] | [`FriendsAdd`], [`FriendsRemove`], [`FriendsBlock`], [`FriendsImport`], [`FriendsErase`] |
//! | notifications | [`NotificationsList`] | [`NotificationsAdd`], [`NotificationsDelete`], [`NotificationsErase`], [`NotificationsForget`] |
//! | chat | [`MessagesList`], [`SpokenIn`], [`MessagesOfUser`], [`SanctionsGet`] | [`MessageAdd`], [`MessageUpdate`], [`MessagesErase`], [`ChannelErase`], [`SanctionSet`], [`SanctionsErase`] |
//! | groups | [`GroupGet`], [`GroupRole`], [`GroupsPage`], [`GroupMembersList`], [`UserGroupsList`] | [`GroupCreate`], [`GroupUpdate`], [`GroupDelete`], [`GroupAct`], [`GroupsForget`] |
//! | governance | [`ProposalGet`], [`ProposalsPage`], [`ProposalsDue`], [`ProposalActs`], [`BallotsPage`], [`BallotFind`], [`HooksDue`], [`PolicyGet`] | [`ProposalOpen`], [`ProposalVote`], [`ProposalWithdraw`], [`ProposalClose`], [`HookClaim`], [`HookEnd`], [`PolicySet`], [`GovernanceForget`], [`GovernancePrune`] |
//! | contents | [`ContentGet`] | [`ContentPut`] |
//!
//! Another engine runs the same operations, and [`append_room`], over its own [`Tx`].
//! An operation is engine-free: see [`Operation`] and [`Tx`]. Every SQL text is in [`Statement::all`].

mod achievements;
mod agents;
mod answers;
mod chat;
mod committed;
mod contents;
mod credentials;
mod erase;
mod error;
mod events;
mod friends;
mod governance;
mod groups;
mod ids;
mod jobs;
mod leaderboards;
mod ledger;
mod migrations;
mod notifications;
mod operation;
mod outside;
mod personal;
mod receipts;
mod rooms;
mod session_ends;
mod sqlite;
mod statement;
mod storage;
mod tokens;
mod tournaments;
mod users;
mod value;
mod wallets;

pub use achievements::*;
pub use agents::*;
pub use answers::*;
pub use chat::*;
pub use committed::Committed;
pub use contents::*;
pub use credentials::*;
pub use erase::AccountErase;
pub use error::*;
pub use events::*;
pub use friends::*;
pub use governance::*;
pub use groups::*;
pub use ids::*;
pub use jobs::*;
pub use leaderboards::*;
pub use ledger::*;
pub use migrations::{Applied, Dialect, Migration};
pub use notifications::*;
pub use operation::{Operation, Tx};
pub use outside::*;
pub use personal::{Kind as PersonalKind, Personal, PersonalKeys, PersonalReseal, PersonalUnder};
pub use receipts::*;
pub use rooms::*;
pub use session_ends::{SessionsEnd, SessionsEnded, SessionsEndedAfter, SessionsEndedPrune};
pub use sqlite::*;
pub use statement::Statement;
pub use storage::*;
pub use tokens::*;
pub use tournaments::*;
pub use users::*;
pub use value::{Columns, Row, Value};
pub use wallets::{
    Answer, Balance, CURRENCY_BYTES_MAX, LedgerEntry, LedgerOfRoom, REFUSED_FULL, REFUSED_SHORT, StoreEffect,
    WalletGet,
};
