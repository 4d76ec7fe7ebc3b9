//! Events: what clients and server code report, kept in order, and given to the studio's consumers.
//!
//! An event that was acknowledged is in the store. Each consumer gets every event in order and at least once: the
//! store remembers how far it is, and an event that it failed on comes again. Events are kept for a time only; a
//! consumer that is away for longer misses what was pruned.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use kernel::RoomId;
use parking_lot::Mutex;
use store::{StoreError, UserId};
use tokio::sync::Notify;

use crate::core::Core;

/// Bytes of an event's name.
pub const NAME_BYTES_MAX: usize = 128;
/// Properties of one event.
pub const PROPERTIES_MAX: usize = 64;
/// Bytes of a property's name or value.
pub const PROPERTY_BYTES_MAX: usize = 1_024;
/// Events that a consumer is given at a time.
pub const PAGE_EVENTS_MAX: u32 = 256;
/// The property by which a room's event says which room, as a UUID. Rules cannot say it: they do not know it.
pub const ROOM_PROPERTY: &str = "room";
/// How long events are kept.
const KEPT_MS: i64 = 72 * 3_600_000;
/// Events removed at a time.
const PRUNED_AT_ONCE: u32 = 1_000;

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// Its place in the order of all events: a consumer that sees one twice knows it by this.
    pub seq: u64,
    /// What happened.
    pub name: String,
    /// To whom.
    pub user: Option<UserId>,
    /// More about it.
    pub properties: BTreeMap<String, String>,
    /// When, as whoever reported it says.
    pub at_ms: i64,
    /// A client reported it, who may say anything.
    pub outside: bool,
}

/// Something that is to be reported.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Report {
    /// What happened.
    pub name: String,
    /// To whom.
    pub user: Option<UserId>,
    /// More about it.
    pub properties: BTreeMap<String, String>,
    /// When; now, if nothing is said.
    pub at_ms: Option<i64>,
    /// A client reports it.
    pub outside: bool,
}

/// Why an event is not taken, or a consumer could not take it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EventError {
    /// The name cannot be one.
    #[error("an event's name must be 1 to {NAME_BYTES_MAX} bytes")]
    Name,
    /// Too much is said.
    #[error("an event has at most {PROPERTIES_MAX} properties of {PROPERTY_BYTES_MAX} bytes each")]
    Properties,
    /// A consumer's own reason; the event comes again.
    #[error("{0}")]
    Consumer(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How many of the events it was given a consumer took, and why not the next one.
type Done = Pin<Box<dyn Future<Output = (usize, Result<(), EventError>)> + Send>>;

/// A consumer's way through the events. One task follows it.
pub struct Lane {
    core: Core,
    name: String,
    consumer: Box<dyn Fn(Vec<Event>) -> Done + Send + Sync>,
    more: Notify,
}

/// The use cases.
pub struct Events {
    core: Core,
    lanes: Arc<Mutex<Vec<Arc<Lane>>>>,
}

impl Events {
    /// No consumers yet.
    pub fn new(core: &Core) -> Self {
        Self { core: core.clone(), lanes: Arc::default() }
    }

    /// Keeps an event; it is durable when this returns.
    pub async fn report(&self, report: Report) -> Result<u64, EventError> {
        let Report { name, user, properties, at_ms, outside } = report;
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || name.contains('\0') {
            return Err(EventError::Name);
        }
        let fits = |text: &String| text.len() <= PROPERTY_BYTES_MAX;
        if properties.len() > PROPERTIES_MAX
            || !properties.iter().all(|(key, value)| fits(key) && fits(value))
        {
            return Err(EventError::Properties);
        }
        let properties = json(&properties);
        let at_ms = at_ms.unwrap_or_else(|| self.core.now_ms());
        let keep = store::EventKeep { name, user, properties, at_ms, outside };
        let seq = self.core.write(keep).await?.into_inner();
        wake(&self.lanes.lock());
        Ok(seq)
    }

    /// Wakes every consumer's lane: for whoever keeps events in transactions of their own.
    pub fn bell(&self) -> impl Fn() + Send + Sync + 'static {
        let lanes = Arc::clone(&self.lanes);
        move || wake(&lanes.lock())
    }

    /// Adds a consumer, which gets one event after the other.
    ///
    /// # Panics
    /// If the name is empty, too long, or taken: a fault of the program that shows at its start.
    pub fn consume<F, A>(&self, name: &str, consumer: F)
    where
        F: Fn(Event) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), EventError>> + Send + 'static,
    {
        let consumer = Arc::new(consumer);
        self.add(
            name,
            Box::new(move |events| {
                let consumer = Arc::clone(&consumer);
                Box::pin(async move {
                    for (taken, event) in events.into_iter().enumerate() {
                        if let Err(error) = consumer(event).await {
                            return (taken, Err(error));
                        }
                    }
                    (usize::MAX, Ok(()))
                })
            }),
        );
    }

    /// Adds a consumer that gets as many events at once as there are, up to [`PAGE_EVENTS_MAX`]: one that writes much
    /// keeps up better. If it fails, all of them come again.
    ///
    /// # Panics
    /// As [`Events::consume`].
    pub fn consume_pages<F, A>(&self, name: &str, consumer: F)
    where
        F: Fn(Vec<Event>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<(), EventError>> + Send + 'static,
    {
        self.add(
            name,
            Box::new(move |events| {
                let done = consumer(events);
                Box::pin(async move {
                    match done.await {
                        Ok(()) => (usize::MAX, Ok(())),
                        Err(error) => (0, Err(error)),
                    }
                })
            }),
        );
    }

    fn add(&self, name: &str, consumer: Box<dyn Fn(Vec<Event>) -> Done + Send + Sync>) {
        assert!(
            (1..=NAME_BYTES_MAX).contains(&name.len()),
            "a consumer's name must be 1 to 128 bytes: {name}"
        );
        let mut lanes = self.lanes.lock();
        assert!(lanes.iter().all(|lane| lane.name != name), "two consumers have the name {name}");
        let (core, name) = (self.core.clone(), name.to_owned());
        lanes.push(Arc::new(Lane { core, name, consumer, more: Notify::new() }));
    }

    /// The consumers' lanes, each to be followed by a task of its own.
    pub fn lanes(&self) -> Vec<Arc<Lane>> {
        self.lanes.lock().clone()
    }

    /// Removes what was kept long enough, a bounded number at a time.
    pub async fn housekeeping(&self) -> Result<(), StoreError> {
        let before_ms = self.core.now_ms().saturating_sub(KEPT_MS);
        loop {
            let prune = store::EventsPrune { before_ms, limit: PRUNED_AT_ONCE };
            if self.core.write(prune).await?.into_inner() < PRUNED_AT_ONCE.into() {
                return Ok(());
            }
        }
    }
}

impl Lane {
    /// The consumer's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until there may be more.
    pub async fn more(&self) {
        self.more.notified().await;
    }

    /// Gives the consumer all that it has not had, until it has it all or fails. How many it took.
    pub async fn catch_up(&self) -> Result<u64, EventError> {
        let mut seq = self.core.read(store::EventCursor { consumer: self.name.clone() }).await?;
        let mut taken = 0;
        loop {
            let page = self.core.read(store::EventsAfter { seq, limit: PAGE_EVENTS_MAX }).await?;
            if page.is_empty() {
                return Ok(taken);
            }
            let seqs: Vec<u64> = page.iter().map(|row| row.seq).collect();
            let (done, result) = (self.consumer)(page.into_iter().map(event).collect()).await;
            let done = done.min(seqs.len());
            if let Some(last) = seqs[..done].last() {
                (seq, taken) = (*last, taken + done as u64);
                self.core.write(store::EventCursorMove { consumer: self.name.clone(), seq }).await?;
            }
            result?;
        }
    }
}

fn wake(lanes: &[Arc<Lane>]) {
    lanes.iter().for_each(|lane| lane.more.notify_one());
}

fn json(properties: &BTreeMap<String, String>) -> String {
    serde_json::to_string(properties).expect("a map of texts is always a JSON object")
}

/// What a room's rules tell, to be kept with the inputs that caused it. The kernel has held it to the limits.
pub(crate) fn of_room(
    room: RoomId,
    user: Option<UserId>,
    name: String,
    mut properties: BTreeMap<String, String>,
    at_ms: i64,
) -> store::EventKeep {
    properties.insert(ROOM_PROPERTY.to_owned(), uuid::Uuid::from_u128(room.0).to_string());
    store::EventKeep { name, user, properties: json(&properties), at_ms, outside: false }
}

// The kernel cannot know these limits; rules that keep to its own keep to these.
const _: () = assert!(
    kernel::EVENT_NAME_BYTES_MAX <= NAME_BYTES_MAX
        && kernel::EVENT_PROPERTIES_MAX <= PROPERTIES_MAX
        && kernel::EVENT_PROPERTY_BYTES_MAX <= PROPERTY_BYTES_MAX
);

fn event(row: store::EventRow) -> Event {
    Event {
        seq: row.seq,
        name: row.name,
        user: row.user,
        properties: serde_json::from_str(&row.properties).unwrap_or_default(),
        at_ms: row.at_ms,
        outside: row.outside,
    }
}
