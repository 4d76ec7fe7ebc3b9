//! What there is to win: a board of wins, and achievements. They are made when the service first starts.

use std::collections::BTreeMap;

use app::achievements::Achievement;
use app::leaderboards::NewBoard;
use app::rpc::RpcError;
use app::services::Services;
use serde_json::json;
use store::Operator;

use super::RULES;

/// Wins of all time.
pub const WINS: &str = "sovereign_wins";
/// Achievements that count wars, and those that count wins: name, title, description, how many.
pub const FOR_WARS: [(&str, &str, &str, u64); 2] = [
    ("sovereign_first_war", "Under the banner", "See a war to its end", 1),
    ("sovereign_ten_wars", "Campaigner", "See ten wars to their end", 10),
];
/// See [`FOR_WARS`].
pub const FOR_WINS: [(&str, &str, &str, u64); 2] = [
    ("sovereign_first_win", "Sovereign", "Win a war against other people", 1),
    ("sovereign_ten_wins", "Old crown", "Win ten wars against other people", 10),
];

/// Makes the board if it is missing, and says what there is to achieve.
pub async fn create(services: &Services) -> Result<(), RpcError> {
    let wins = NewBoard {
        id: WINS.into(),
        authoritative: true,
        // Set: what is written is the sum, so that writing it again changes nothing.
        operator: Operator::Set,
        metadata: json!({ "game": RULES, "score": "wins" }).to_string(),
        ..NewBoard::default()
    };
    services.leaderboards.create(wins).await?;
    let achievements = FOR_WARS.iter().chain(&FOR_WINS).map(|(id, title, description, steps)| Achievement {
        id: (*id).to_owned(),
        title: (*title).to_owned(),
        description: (*description).to_owned(),
        steps: *steps,
        hidden: false,
        reward: BTreeMap::new(),
    });
    let declared = services.achievements.declare_set(RULES, achievements.collect());
    declared.map_err(|error| RpcError::Failed(error.to_string()))
}
