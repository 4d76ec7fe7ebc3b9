//! JSON shapes of the HTTP routes, as protobuf's JSON mapping writes them, and the error table.
//!
//! Times are RFC 3339 text, and what has its default value is left out. An RPC's body is a JSON *string* unless the
//! caller asks with `?unwrap`. Each shape describes itself for the API's description, too.

mod account;
mod error;
mod friends;
pub mod governance;
mod groups;
mod leaderboards;
mod lists;
mod login;
mod matches;
mod receipts;
mod session;
mod storage;
mod tournaments;

pub use crate::envelope::{ChannelMessage, Notification, Rpc};
pub use crate::time::{Timestamp, rfc3339};
pub use account::{Account, AccountUpdate, User, Users};
pub use error::{Code, ErrorBody};
pub use friends::{Friend, FriendList, FriendOfFriend, FriendState, FriendsOfFriendsList};
pub use groups::{
    Group, GroupCreate, GroupList, GroupRole, GroupUpdate, GroupUser, GroupUserList, UserGroup, UserGroupList,
};
pub use leaderboards::{LeaderboardRecord, LeaderboardRecordList, Operator, ScoreWrite};
pub use lists::{ChannelMessageList, Event, NotificationList};
pub use login::{
    AccountApple, AccountCustom, AccountDevice, AccountEmail, AccountFacebook, AccountFacebookInstantGame,
    AccountGameCenter, AccountGoogle, AccountSteam, LinkSteamRequest,
};
pub use matches::{MatchList, MatchListed, MatchmakerCompletion, MatchmakerStats, PartyList, PartyListed};
pub use receipts::{
    ListSubscriptionsRequest, StoreEnvironment, StoreProvider, SubscriptionList, ValidatePurchaseApple,
    ValidatePurchaseFacebookInstant, ValidatePurchaseGoogle, ValidatePurchaseHuawei,
    ValidatePurchaseResponse, ValidateSubscriptionApple, ValidateSubscriptionGoogle,
    ValidateSubscriptionResponse, ValidatedPurchase, ValidatedSubscription,
};
pub use session::{Session, SessionLogout, SessionRefresh};
pub use storage::{
    DeleteStorageObjectId, DeleteStorageObjectsRequest, ReadStorageObjectId, ReadStorageObjectsRequest,
    StorageObject, StorageObjectAck, StorageObjectAcks, StorageObjectList, StorageObjects,
    WriteStorageObject, WriteStorageObjectsRequest,
};
pub use tournaments::{Tournament, TournamentList, TournamentRecordList};
