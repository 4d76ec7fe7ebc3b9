//! One typed handle to every use case: what routes, sockets and a studio's own code work with.

use std::sync::Arc;

use kernel::RoomId;
use wire::match_id::MatchId;

use crate::accounts::Accounts;
use crate::achievements::Achievements;
use crate::agents::{Agents, DeskSettings};
use crate::chat::Chat;
use crate::contents::Contents;
use crate::core::Core;
use crate::events::Events;
use crate::friends::{Friends, Settings as FriendSettings};
use crate::governance::Governance;
use crate::groups::Groups;
use crate::identity::{Identity, IdentitySettings};
use crate::jobs::Jobs;
use crate::leaderboards::Leaderboards;
use crate::matchmaker::{Matchmaker, MatchmakerSettings};
use crate::notifications::Notifications;
use crate::outside;
use crate::parties::Parties;
use crate::ports::Spawn;
use crate::receipts::{ReceiptSettings, Receipts};
use crate::relays::{RelaySettings, Relays};
use crate::rooms::Rooms;
use crate::status::Statuses;
use crate::storage::Storage;
use crate::topics::Topics;
use crate::tournaments::Tournaments;
use crate::wallets::Wallets;

/// What domains are set to.
pub struct Settings {
    /// Where busy work runs.
    pub spawn: Arc<dyn Spawn>,
    /// Friends.
    pub friends: FriendSettings,
    /// Relayed matches.
    pub relays: RelaySettings,
    /// The matchmaker.
    pub matchmaker: MatchmakerSettings,
    /// Outside workers.
    pub agents: DeskSettings,
    /// Whom the house asks outside.
    pub abroad: Abroad,
}

/// Whom the house asks outside, and how.
pub struct Abroad {
    /// The way out.
    pub outside: outside::Shared,
    /// Those who vouch for logins.
    pub identity: IdentitySettings,
    /// Those who vouch for purchases.
    pub receipts: ReceiptSettings,
}

/// See the module.
pub struct Services {
    /// What every domain works with.
    pub core: Core,
    /// Accounts and logins.
    pub accounts: Arc<Accounts>,
    /// The rooms of this process.
    pub rooms: Rooms,
    /// What games are made of, changed while the service runs.
    pub contents: Contents,
    /// Players' documents: versions, permissions, lists, queries.
    pub storage: Storage,
    /// What players own, changed by server code only, and the ledger of every change.
    pub wallets: Wallets,
    /// Achievements: what there is to achieve, how far a player is, what it brings once.
    pub achievements: Achievements,
    /// Friends: asking, accepting, blocking, listing.
    pub friends: Friends,
    /// Status: what users tell their followers.
    pub status: Statuses,
    /// Notifications: kept for a user and pushed to the sockets that are open.
    pub notifications: Notifications,
    /// Topics that clients may listen to.
    pub topics: Topics,
    /// Chat in rooms, between two users and in groups.
    pub chat: Chat,
    /// Groups: roles and who may change them.
    pub groups: Groups,
    /// Governance: proposals, ballots, and decisions that take effect.
    pub governance: Governance,
    /// Leaderboards: records and ranks.
    pub leaderboards: Leaderboards,
    /// Tournaments: leaderboards with a time, a size and attempts.
    pub tournaments: Tournaments,
    /// The matchmaker: tickets with properties and queries, matched at intervals.
    pub matchmaker: Matchmaker,
    /// Parties: a few users who stay together.
    pub parties: Parties,
    /// Relayed matches: data from one client to the others, with no rules in between.
    pub relays: Relays,
    /// Logins that somebody else vouches for.
    pub identity: Identity,
    /// Purchases in stores, checked with the store.
    pub receipts: Receipts,
    /// Outside workers: they play computers' seats and do jobs.
    pub agents: Agents,
    /// A studio's code that runs by the clock.
    pub jobs: Jobs,
    /// Events that clients and the service report.
    pub events: Events,
    cluster: String,
}

impl Services {
    /// Every domain over the same core.
    pub fn new(core: Core, accounts: Arc<Accounts>, rooms: Rooms, settings: Settings) -> Arc<Self> {
        let Settings { spawn, friends, relays, matchmaker, agents, abroad } = settings;
        let cluster = matchmaker.cluster.clone();
        let notifications = Notifications::new(&core);
        let friends = Friends::new(&core, &notifications, friends);
        let chat = Chat::new(&core, &notifications);
        let groups = Groups::new(&core, &chat, &notifications);
        let matchmaker = Matchmaker::new(&core, &rooms, Arc::clone(&spawn), relays.key.clone(), matchmaker);
        let leaderboards = Leaderboards::new(&core);
        let events = Events::new(&core);
        rooms.on_events(events.bell());
        let agents = Agents::new(&core, &rooms, spawn, events.bell(), agents);
        Arc::new(Self {
            storage: Storage::new(&core),
            wallets: Wallets::new(&core),
            contents: Contents::new(&rooms),
            achievements: Achievements::new(&core, &notifications),
            status: Statuses::new(&core, &friends),
            friends,
            topics: Topics::new(&core),
            chat,
            notifications,
            governance: Governance::new(&core, &groups),
            groups,
            tournaments: Tournaments::new(&leaderboards),
            leaderboards,
            parties: Parties::new(&core, &matchmaker),
            matchmaker,
            relays: Relays::new(&core, relays),
            identity: Identity::new(&core, &accounts, &abroad.outside, abroad.identity),
            receipts: Receipts::new(&core, &abroad.outside, abroad.receipts),
            events,
            agents,
            jobs: Jobs::new(&core),
            accounts,
            rooms,
            core,
            cluster,
        })
    }

    /// A room's name in the protocol.
    pub fn match_id(&self, room: RoomId) -> String {
        MatchId { id: room.0, cluster: &self.cluster }.to_string()
    }
}
