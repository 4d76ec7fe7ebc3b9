//! The cases of the HTTP measurement: what must be there before, and what each connection then asks.

use super::http::HttpBench;
use super::requests::Body;
use crate::client::{Http, Keys, Login};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Known devices that log in again and again.
const KNOWN_DEVICES: u64 = 1_000;
/// Objects or records that one request of the preparation writes.
const BATCH: u64 = 100;
/// Records of one list.
const LISTED: u64 = 20;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Case {
    /// A device that is known logs in
    KnownLogin,
    /// The own account is read
    Account,
    /// A new device logs in
    NewAccount,
    /// One save of many is read
    StorageRead,
    /// One save of many is written
    StorageWrite,
    /// A score is written, and its rank comes back
    RankWrite,
    /// Twenty records with their ranks
    RankList,
    /// The ranks around one player
    RankAround,
}

impl Case {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Case::KnownLogin => "known login",
            Case::Account => "get account",
            Case::NewAccount => "new account",
            Case::StorageRead => "storage read",
            Case::StorageWrite => "storage write",
            Case::RankWrite => "rank write, rank returned",
            Case::RankList => "list of 20 ranks",
            Case::RankAround => "20 ranks around one",
        }
    }
}

/// A case that is ready to run.
pub struct Prepared {
    pub method: &'static str,
    pub path: String,
    /// One for each connection.
    pub bodies: Vec<Connection>,
}

/// What one connection asks, and as whom.
pub struct Connection {
    pub authorization: String,
    pub body: Body,
}

const LOGIN: &str = "/v2/account/authenticate/device?create=true";

/// Makes what a case needs.
pub async fn prepare(case: Case, target: &Target, args: &HttpBench, run: &str) -> Result<Prepared> {
    let keys = args.common.keys();
    let mut http = Http::connect(target).await?;
    match case {
        Case::KnownLogin => known_login(&mut http, &keys, args, run).await,
        Case::NewAccount => Ok(new_account(&keys, args, run)),
        Case::Account => {
            let player = Player::log_in(&mut http, &keys, &format!("swarm-{run}-reader")).await?;
            let body = |_| Connection { authorization: player.bearer.clone(), body: Box::new(|_, _| {}) };
            let bodies = (0..args.connections).map(body).collect();
            Ok(Prepared { method: "GET", path: "/v2/account".into(), bodies })
        }
        Case::StorageRead | Case::StorageWrite => saves(&mut http, &keys, args, run, case).await,
        Case::RankWrite | Case::RankList | Case::RankAround => ranks(&mut http, &keys, args, run, case).await,
    }
}

async fn known_login(http: &mut Http, keys: &Keys, args: &HttpBench, run: &str) -> Result<Prepared> {
    let known = |run: &str, index: u64| format!("swarm-{run}-known-{index:06}");
    let progress = Progress::new("known devices", KNOWN_DEVICES);
    for index in 0..KNOWN_DEVICES {
        Login::device(http, keys, &known(run, index)).await?;
        progress.step();
    }
    progress.done();
    let bodies = (0..args.connections as u64).map(|connection| {
        let (run, first) = (run.to_owned(), connection * 37);
        let body: Body =
            Box::new(move |number, body| device(body, &known(&run, (first + number) % KNOWN_DEVICES)));
        Connection { authorization: keys.basic().to_owned(), body }
    });
    Ok(Prepared { method: "POST", path: LOGIN.into(), bodies: bodies.collect() })
}

fn new_account(keys: &Keys, args: &HttpBench, run: &str) -> Prepared {
    let fresh = Arc::new(AtomicU64::new(0));
    let bodies = (0..args.connections).map(|_| {
        let (run, fresh) = (run.to_owned(), Arc::clone(&fresh));
        let body: Body = Box::new(move |_, body| {
            let number = fresh.fetch_add(1, Ordering::Relaxed);
            device(body, &format!("swarm-{run}-new-{number:09}"));
        });
        Connection { authorization: keys.basic().to_owned(), body }
    });
    Prepared { method: "POST", path: LOGIN.into(), bodies: bodies.collect() }
}

fn device(body: &mut Vec<u8>, device: &str) {
    write!(body, r#"{{"id":"{device}"}}"#).expect("a Vec takes every byte");
}

/// Someone who is logged in and knows the own id.
struct Player {
    bearer: String,
    user: String,
}

impl Player {
    async fn log_in(http: &mut Http, keys: &Keys, device: &str) -> Result<Self> {
        let login = Login::device(http, keys, device).await?;
        let user = login.account(http).await?.user.context("an account without a user")?.id;
        Ok(Player { bearer: login.bearer, user })
    }
}

/// Saves under random keys, each connection's player with an equal part of them, all written once before.
async fn saves(http: &mut Http, keys: &Keys, args: &HttpBench, run: &str, case: Case) -> Result<Prepared> {
    let each = args.keys / args.connections as u64;
    let progress = Progress::new("saves", each * args.connections as u64);
    let mut bodies = Vec::new();
    for connection in 0..args.connections {
        let name = format!("swarm-{run}-saver-{connection:04}");
        let player = Player::log_in(http, keys, &name).await?;
        for first in (0..each).step_by(BATCH as usize) {
            let objects: Vec<Value> = (first..each.min(first + BATCH)).map(|key| save(key, 0)).collect();
            let body = json!({ "objects": objects }).to_string();
            put(http, "PUT", "/v2/storage", &player.bearer, &body).await?;
            progress.at(connection as u64 * each + first);
        }
        // The token of the beginning may be over by the time of the measurement.
        let player = Player::log_in(http, keys, &name).await?;
        let mut dice = Dice::new(connection as u64 + 1);
        let user = player.user.clone();
        let body: Body = match case {
            Case::StorageRead => Box::new(move |_, body| {
                let key = dice.below(each);
                let ask = format!(
                    r#"{{"object_ids":[{{"collection":"swarm","key":"{}","user_id":"{user}"}}]}}"#,
                    save_key(key)
                );
                body.extend_from_slice(ask.as_bytes());
            }),
            _ => Box::new(move |number, body| {
                let objects = json!({ "objects": [save(dice.below(each), number + 1)] });
                serde_json::to_writer(body, &objects).expect("a Vec takes every byte");
            }),
        };
        bodies.push(Connection { authorization: player.bearer, body });
    }
    progress.done();
    let method = if case == Case::StorageRead { "POST" } else { "PUT" };
    Ok(Prepared { method, path: "/v2/storage".into(), bodies })
}

fn save_key(key: u64) -> String {
    // Spread, as keys that players' clients choose are.
    format!("{:016x}", Dice::new(key).number())
}

fn save(key: u64, turn: u64) -> Value {
    let value = json!({ "level": turn % 100, "coins": turn * 7, "name": "A save of a hundred bytes or so", "items": [1, 2, 3] });
    json!({ "collection": "swarm", "key": save_key(key), "value": value.to_string() })
}

/// A board with as many records as there are keys.
async fn ranks(http: &mut Http, keys: &Keys, args: &HttpBench, run: &str, case: Case) -> Result<Prepared> {
    let board = format!("swarm-{run}-{}", case as u8);
    let create = json!({ "id": board, "operator": "set", "sort_order": "descending" });
    server_call(http, args, "leaderboard_create", &create).await?;
    let progress = Progress::new("records", args.keys);
    let mut dice = Dice::new(7);
    for first in (0..args.keys).step_by(BATCH as usize) {
        let records: Vec<Value> = (first..args.keys.min(first + BATCH))
            .map(|number| json!({ "owner_id": owner(number), "score": dice.below(1 << 40).to_string() }))
            .collect();
        let batch = json!({ "id": board, "records": records });
        server_call(http, args, "leaderboard_write_many", &batch).await?;
        progress.at(first);
    }
    progress.done();
    let mut bodies = Vec::new();
    let mut path = format!("/v2/leaderboard/{board}");
    for connection in 0..args.connections as u64 {
        let player =
            Player::log_in(http, keys, &format!("swarm-{run}-ranked-{}-{connection}", case as u8)).await?;
        let mut dice = Dice::new(connection + 1);
        let body: Body = match case {
            Case::RankWrite => Box::new(move |_, body| {
                write!(body, r#"{{"score":"{}"}}"#, dice.below(1 << 40)).expect("a Vec takes every byte");
            }),
            _ => Box::new(|_, _| {}),
        };
        bodies.push(Connection { authorization: player.bearer, body });
    }
    let method = match case {
        Case::RankWrite => "POST",
        Case::RankList => {
            path += &format!("?limit={LISTED}");
            "GET"
        }
        _ => {
            path += &format!("/owner/{}?limit={LISTED}", owner(args.keys / 2));
            "GET"
        }
    };
    Ok(Prepared { method, path, bodies })
}

/// A player that only the board knows.
fn owner(number: u64) -> String {
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
