//! The cases of the HTTP measurement: what must be there before, and what each connection then asks.

use super::ground::{self, Ground};
use super::http::HttpBench;
use super::players::Player;
use super::requests::{Part, Varies};
use crate::client::{Http, Keys, Login};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::json;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Known devices that log in again and again.
const KNOWN_DEVICES: u64 = 1_000;
/// Records of one list.
const LISTED: u64 = 20;

/// One kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
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
    /// The ranks around one player of many
    RankAround,
    /// The rank of one player of many, one request at a time
    RankOne,
    /// The ranks around one player of many, one request at a time
    RankAroundOne,
}

/// The cases of `bench ranks`.
pub const RANKS: [Case; 5] =
    [Case::RankWrite, Case::RankList, Case::RankAround, Case::RankOne, Case::RankAroundOne];

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
            Case::RankAround | Case::RankAroundOne => "20 ranks around one",
            Case::RankOne => "rank of one",
        }
    }

    /// The same with how many ask.
    pub fn title(self, args: &HttpBench) -> String {
        match self.connections(args) {
            1 => format!("{}, 1 connection", self.name()),
            count => format!("{}, {count} connections", self.name()),
        }
    }

    /// True if each request is a commit.
    pub fn writes(self) -> bool {
        matches!(self, Case::NewAccount | Case::StorageWrite | Case::RankWrite)
    }

    /// Connections that ask: what is measured for its latency has one.
    pub fn connections(self, args: &HttpBench) -> usize {
        match self {
            Case::RankOne | Case::RankAroundOne => 1,
            _ => args.connections,
        }
    }
}

/// A case that is ready to run.
pub struct Prepared {
    pub method: &'static str,
    pub path: String,
    /// One for each connection.
    pub connections: Vec<Connection>,
}

/// What one connection asks, and as whom.
pub struct Connection {
    pub authorization: String,
    pub varies: Varies,
}

const LOGIN: &str = "/v2/account/authenticate/device?create=true";

/// Makes what a case needs.
pub async fn prepare(case: Case, target: &Target, args: &HttpBench, ground: &mut Ground) -> Result<Prepared> {
    let keys = args.common.keys();
    let mut http = Http::connect(target).await?;
    match case {
        Case::KnownLogin => known_login(&mut http, &keys, args, ground.run()).await,
        Case::NewAccount => Ok(new_account(&keys, args, ground.run())),
        Case::Account => {
            let player = Player::log_in(&mut http, &keys, &format!("swarm-{}-reader", ground.run())).await?;
            let one = |_| Connection {
                authorization: player.bearer.clone(),
                varies: Varies::Body(Box::new(|_, _| {})),
            };
            let connections = (0..args.connections).map(one).collect();
            Ok(Prepared { method: "GET", path: "/v2/account".into(), connections })
        }
        Case::StorageRead | Case::StorageWrite => saves(&mut http, &keys, args, ground, case).await,
        Case::RankWrite | Case::RankList | Case::RankAround | Case::RankOne | Case::RankAroundOne => {
            ranks(&mut http, &keys, args, ground, case).await
        }
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
    let connections = (0..args.connections as u64).map(|connection| {
        let (run, first) = (run.to_owned(), connection * 37);
        let part: Part =
            Box::new(move |number, body| device(body, &known(&run, (first + number) % KNOWN_DEVICES)));
        Connection { authorization: keys.basic().to_owned(), varies: Varies::Body(part) }
    });
    Ok(Prepared { method: "POST", path: LOGIN.into(), connections: connections.collect() })
}

fn new_account(keys: &Keys, args: &HttpBench, run: &str) -> Prepared {
    let fresh = Arc::new(AtomicU64::new(0));
    let connections = (0..args.connections).map(|_| {
        let (run, fresh) = (run.to_owned(), Arc::clone(&fresh));
        let part: Part = Box::new(move |_, body| {
            let number = fresh.fetch_add(1, Ordering::Relaxed);
            device(body, &format!("swarm-{run}-new-{number:09}"));
        });
        Connection { authorization: keys.basic().to_owned(), varies: Varies::Body(part) }
    });
    Prepared { method: "POST", path: LOGIN.into(), connections: connections.collect() }
}

fn device(body: &mut Vec<u8>, device: &str) {
    write!(body, r#"{{"id":"{device}"}}"#).expect("a Vec takes every byte");
}

/// One save of a player's own, of all that there are.
async fn saves(
    http: &mut Http,
    keys: &Keys,
    args: &HttpBench,
    ground: &mut Ground,
    case: Case,
) -> Result<Prepared> {
    let each = ground.saves(http, args).await?;
    let mut connections = Vec::new();
    for connection in 0..args.connections {
        // The token of the beginning may be over by the time of the measurement.
        let player = Player::log_in(http, keys, &ground.saver(connection)).await?;
        let mut dice = Dice::new(connection as u64 + 1);
        let user = player.user.clone();
        let part: Part = match case {
            Case::StorageRead => Box::new(move |_, body| {
                let key = dice.below(each);
                let ask = format!(
                    r#"{{"object_ids":[{{"collection":"swarm","key":"{}","user_id":"{user}"}}]}}"#,
                    ground::save_key(key)
                );
                body.extend_from_slice(ask.as_bytes());
            }),
            _ => Box::new(move |number, body| {
                let objects = json!({ "objects": [ground::save(dice.below(each), number + 1)] });
                serde_json::to_writer(body, &objects).expect("a Vec takes every byte");
            }),
        };
        connections.push(Connection { authorization: player.bearer, varies: Varies::Body(part) });
    }
    let method = if case == Case::StorageRead { "POST" } else { "PUT" };
    Ok(Prepared { method, path: "/v2/storage".into(), connections })
}

/// A player's own score, or what everybody sees of a board with many.
async fn ranks(
    http: &mut Http,
    keys: &Keys,
    args: &HttpBench,
    ground: &mut Ground,
    case: Case,
) -> Result<Prepared> {
    let board = ground.board(http, args).await?;
    let records = args.records;
    let mut connections = Vec::new();
    for connection in 0..case.connections(args) as u64 {
        let device = format!("swarm-{}-ranked-{connection}", ground.run());
        let player = Player::log_in(http, keys, &device).await?;
        let mut dice = Dice::new(connection + 1);
        let around = |limit: u64| -> Part {
            let mut dice = dice.clone();
            Box::new(move |_, path| {
                let owner = ground::owner(dice.below(records));
                write!(path, "{owner}?limit={limit}").expect("a Vec takes every byte");
            })
        };
        let varies = match case {
            Case::RankWrite => Varies::Body(Box::new(move |_, body| {
                write!(body, r#"{{"score":"{}"}}"#, dice.below(ground::SCORES))
                    .expect("a Vec takes every byte");
            })),
            Case::RankOne => Varies::Path(around(1)),
            Case::RankAround | Case::RankAroundOne => Varies::Path(around(LISTED)),
            _ => Varies::Body(Box::new(|_, _| {})),
        };
        connections.push(Connection { authorization: player.bearer, varies });
    }
    let (method, path) = match case {
        Case::RankWrite => ("POST", format!("/v2/leaderboard/{board}")),
        Case::RankList => ("GET", format!("/v2/leaderboard/{board}?limit={LISTED}")),
        _ => ("GET", format!("/v2/leaderboard/{board}/owner/")),
    };
    Ok(Prepared { method, path, connections })
}
