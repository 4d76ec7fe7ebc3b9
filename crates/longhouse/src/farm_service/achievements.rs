//! What the content says there is to achieve: declared when the service starts and whenever a content is published, and
//! gone on with as farms report their figures. Only what has moved is written; how far everybody was when last heard of is
//! remembered, within a bound.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::achievements::{Achievement, AchievementError, Reached};
use app::events::EventError;
use app::rpc::RpcError;
use app::services::Services;
use app::wallets::WalletError;
use farm::Farm;
use kernel::Rules;
use parking_lot::Mutex;
use store::UserId;

use super::RULES;

/// The currency that unlocking pays.
const FLEECE: &str = "golden_fleece";
/// Players whose progress is remembered. With more, all are forgotten and written again as they report.
const PLAYERS_MAX: usize = 20_000;
/// Steps that one transaction notes: short, because rooms wait for the same writer.
const STEPS_AT_ONCE: usize = 500;

/// See the module.
pub struct Goals {
    services: Arc<Services>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    goals: Arc<[Goal]>,
    /// How far each player is known to be, in the order of the goals.
    reached: BTreeMap<UserId, Vec<u64>>,
}

/// How far players are by their figures, in the order of the goals.
type Moved = Vec<(UserId, Vec<u64>)>;

/// What to count up to.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Goal {
    achievement: String,
    stat: String,
    steps: u64,
}

impl Goals {
    /// Nothing to achieve yet.
    pub fn new(services: Arc<Services>) -> Self {
        Self { services, held: Mutex::default() }
    }

    /// Declares what the content in force has, and does so again whenever one is published.
    pub async fn follow(self: &Arc<Self>) -> Result<(), RpcError> {
        if let Some((_, content)) = self.services.contents.current(RULES).await? {
            self.declare(&content);
        }
        // Not to hold each other: the use cases keep the listener.
        let goals = Arc::downgrade(self);
        self.services.contents.on_published(move |rules, content| {
            if let Some(goals) = goals.upgrade().filter(|_| rules == RULES) {
                goals.declare(content);
            }
        });
        Ok(())
    }

    /// A content was loaded before it came into force, so it can be loaded here; what it declares may still clash with
    /// what somebody else has declared.
    fn declare(&self, content: &[u8]) {
        let declared = match Farm::load(content) {
            Ok(farm) => {
                let listed = &farm.catalogue().achievements;
                let achievements = listed.iter().map(|info| Achievement {
                    id: info.id.clone(),
                    title: info.name.clone(),
                    description: info.about.clone(),
                    steps: info.goal,
                    hidden: false,
                    reward: reward(info.fleece),
                });
                let goals = listed.iter().map(|info| Goal {
                    achievement: info.id.clone(),
                    stat: info.stat.clone(),
                    steps: info.goal,
                });
                let goals: Arc<[Goal]> = goals.collect();
                let done = self.services.achievements.declare_set(RULES, achievements.collect());
                done.map(|()| goals).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match declared {
            Ok(goals) => *self.held.lock() = Held { goals, reached: BTreeMap::new() },
            Err(error) => tracing::error!(%error, "the farm's achievements stay as they were"),
        }
    }

    /// Goes on with what has moved in these players' figures.
    pub async fn reach(
        &self,
        players: impl Iterator<Item = (UserId, BTreeMap<String, u64>)>,
    ) -> Result<(), EventError> {
        let (goals, moved) = self.moved(players);
        let mut steps = Vec::new();
        for (user, reached) in &moved {
            let known = self.known(*user);
            steps.extend(goals.iter().zip(reached).enumerate().filter_map(|(place, (goal, to))| {
                let before = known.get(place).copied().unwrap_or_default();
                (*to > before).then(|| Reached { user: *user, id: goal.achievement.clone(), to: *to })
            }));
        }
        for steps in steps.chunks(STEPS_AT_ONCE) {
            self.services.achievements.reach(steps.to_vec()).await.map_err(failed)?;
        }
        let mut held = self.held.lock();
        // A content that was published meanwhile has goals of its own.
        if Arc::ptr_eq(&held.goals, &goals) {
            if held.reached.len() + moved.len() > PLAYERS_MAX {
                held.reached.clear();
            }
            for (user, reached) in moved {
                let known = held.reached.entry(user).or_default();
                known.resize(reached.len(), 0);
                known.iter_mut().zip(reached).for_each(|(known, reached)| *known = (*known).max(reached));
            }
        }
        Ok(())
    }

    fn known(&self, user: UserId) -> Vec<u64> {
        self.held.lock().reached.get(&user).cloned().unwrap_or_default()
    }

    /// How far these players are by their figures, for each goal and not beyond it.
    fn moved(&self, players: impl Iterator<Item = (UserId, BTreeMap<String, u64>)>) -> (Arc<[Goal]>, Moved) {
        let goals = Arc::clone(&self.held.lock().goals);
        let reached = |stats: &BTreeMap<String, u64>| {
            goals
                .iter()
                .map(|goal| stats.get(&goal.stat).copied().unwrap_or_default().min(goal.steps))
                .collect()
        };
        let moved = players.map(|(user, stats)| (user, reached(&stats))).collect();
        (goals, moved)
    }
}

fn reward(fleece: u32) -> BTreeMap<String, i64> {
    if fleece > 0 { BTreeMap::from([(FLEECE.to_owned(), fleece.into())]) } else { BTreeMap::new() }
}

fn failed(error: AchievementError) -> EventError {
    match error {
        AchievementError::Wallet(WalletError::Store(error)) => error.into(),
        error => EventError::Consumer(error.to_string()),
    }
}
