//! What the HTTP cases stand on: saves of some players, and a board with many records. Each is made once for a run,
//! when the first case needs it.

use super::http::HttpBench;
use super::players::Player;
use crate::client::Http;
use crate::dice::Dice;
use crate::progress::Progress;
use anyhow::{Result, bail};
use serde_json::{Value, json};

/// Objects that one request writes.
const SAVES_BATCH: u64 = 100;
/// Records that one request writes.
const RECORDS_BATCH: u64 = 1_000;
/// Scores are below this.
pub const SCORES: u64 = 1 << 40;

/// What is there already.
pub struct Ground {
    run: String,
    saves: bool,
    board: Option<String>,
}

impl Ground {
    /// Nothing yet, for a run of this name.
    pub fn new(run: String) -> Self {
        Ground { run, saves: false, board: None }
    }

    /// The run's name.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Device of the player whose saves a connection reads and writes.
    pub fn saver(&self, connection: usize) -> String {
        format!("swarm-{}-saver-{connection:04}", self.run)
    }

    /// Saves under keys as random as clients choose them, an equal part for each connection's player: how many each has.
    pub async fn saves(&mut self, http: &mut Http, args: &HttpBench) -> Result<u64> {
        let each = args.keys / args.connections as u64;
        if std::mem::replace(&mut self.saves, true) {
            return Ok(each);
        }
        let progress = Progress::new("saves", each * args.connections as u64);
        for connection in 0..args.connections {
            let player = Player::log_in(http, &args.common.keys(), &self.saver(connection)).await?;
            for first in (0..each).step_by(SAVES_BATCH as usize) {
                let objects: Vec<Value> =
                    (first..each.min(first + SAVES_BATCH)).map(|key| save(key, 0)).collect();
                let body = json!({ "objects": objects }).to_string();
                put(http, "PUT", "/v2/storage", &player.bearer, &body).await?;
                progress.at(connection as u64 * each + first);
            }
        }
        progress.done();
        Ok(each)
    }

    /// A board with as many records as asked for: its id.
    pub async fn board(&mut self, http: &mut Http, args: &HttpBench) -> Result<String> {
        if let Some(board) = &self.board {
            return Ok(board.clone());
        }
        let board = format!("swarm-{}", self.run);
        let create = json!({ "id": board, "operator": "set", "sort_order": "descending" });
        server_call(http, args, "leaderboard_create", &create).await?;
        let progress = Progress::new("records", args.records);
        let mut dice = Dice::new(7);
        for first in (0..args.records).step_by(RECORDS_BATCH as usize) {
            let records: Vec<Value> = (first..args.records.min(first + RECORDS_BATCH))
                .map(|number| json!({ "owner_id": owner(number), "score": dice.below(SCORES).to_string() }))
                .collect();
            let batch = json!({ "id": board, "records": records });
            server_call(http, args, "leaderboard_write_many", &batch).await?;
            progress.at(first);
        }
        progress.done();
        self.board = Some(board.clone());
        Ok(board)
    }
}

/// Key of a save: spread, as keys that players' clients choose are.
pub fn save_key(key: u64) -> String {
    format!("{:016x}", Dice::new(key).number())
}

/// A save as it is at a turn.
pub fn save(key: u64, turn: u64) -> Value {
    let value = json!({ "level": turn % 100, "coins": turn * 7, "name": "A save of a hundred bytes or so", "items": [1, 2, 3] });
    json!({ "collection": "swarm", "key": save_key(key), "value": value.to_string() })
}

/// A player that only the board knows.
pub fn owner(number: u64) -> String {
    let spread = Dice::new(number).number();
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", spread >> 32, spread & 0xffff)
}

async fn server_call(http: &mut Http, args: &HttpBench, id: &str, input: &Value) -> Result<()> {
    let path = format!("/v2/rpc/{id}?unwrap&http_key={}", args.http_key);
    put(http, "POST", &path, "", &input.to_string()).await
}

async fn put(http: &mut Http, method: &str, path: &str, authorization: &str, body: &str) -> Result<()> {
    let (status, answer) = http.request(method, path, authorization, body.as_bytes()).await?;
    if status == 200 {
        return Ok(());
    }
    let path = path.split('?').next().unwrap_or_default();
    bail!("{method} {path} was answered with {status}: {}", String::from_utf8_lossy(&answer))
}
