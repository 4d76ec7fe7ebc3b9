//! Takes the members of all groups to their places.

use super::voices::{Client, Place};
use super::{Fanout, Kind};
use crate::client::{Heard as Incoming, Http, Joined, Login, Socket};
use crate::dice::Dice;
use crate::progress::Progress;
use crate::target::Target;
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::net::TcpStream;
use wire::envelope::{ChannelJoin, Envelope, Format, MatchCreate, Message};

/// The protocol's number for a chat room.
const ROOM: i32 = 1;

/// Members with their connections, and the bytes that came and are not read yet.
pub type Members = Vec<(TcpStream, Vec<u8>, Client)>;

/// Logs everybody in and takes them to their groups. A group's first member opens it.
pub async fn gather(target: &Target, kind: Kind, args: &Fanout, format: Format) -> Result<Members> {
    let run = args.common.run_name();
    let keys = args.common.keys();
    let progress = Progress::new("members", (args.groups * args.members) as u64);
    let mut http = Http::connect(target).await?;
    let mut dice = Dice::new(Dice::seed_of_now());
    let mut members = Vec::new();
    for group in 0..args.groups {
        let mut place: Option<Place> = None;
        for member in 0..args.members {
            let device = format!("swarm-{run}-{group:04}-{member:04}");
            let login = Login::device(&mut http, &keys, &device).await?;
            let mut socket =
                Socket::open(target, &login.token, format, None, Dice::new(dice.number())).await?;
            let at = match (kind, &place) {
                (Kind::Chat, _) => Place::Channel(join_chat(&mut socket, args, &run, group).await?),
                (Kind::Relay, None) => Place::Match(create(&mut socket).await?),
                (_, Some(at @ (Place::Match(id) | Place::Room(id)))) => {
                    join(&mut socket, id).await?;
                    at.clone()
                }
                (Kind::Rooms, _) => {
                    let id = login.room(&mut http, "room_open", "plaza", serde_json::json!({})).await?;
                    join(&mut socket, &id).await?;
                    Place::Room(id)
                }
                (Kind::Relay, Some(Place::Channel(_))) => bail!("a relayed match is no channel"),
            };
            place = Some(at.clone());
            let own = Dice::new(dice.number());
            let (stream, kept) = socket.into_parts()?;
            members.push((stream, kept, Client::new(format, at, args, own)));
            progress.step();
        }
    }
    progress.done();
    // Members of one group next to each other would all speak at once; spread, they speak in turn.
    let mut spread: Vec<_> = members.into_iter().enumerate().collect();
    spread.sort_by_key(|(index, _)| (index % args.members, index / args.members));
    Ok(spread.into_iter().map(|(_, member)| member).collect())
}

async fn join(socket: &mut Socket, match_id: &str) -> Result<()> {
    match socket.join(match_id, BTreeMap::new()).await? {
        Joined::In => Ok(()),
        Joined::Refused(code, why) => bail!("a member may not join: {why} (code {code})"),
    }
}

async fn create(socket: &mut Socket) -> Result<String> {
    let create = Message::MatchCreate(MatchCreate { name: String::new() });
    match answer(socket, create).await? {
        Message::Match(created) => Ok(created.match_id),
        other => bail!("match_create was answered with {other:?}"),
    }
}

async fn join_chat(socket: &mut Socket, args: &Fanout, run: &str, group: usize) -> Result<String> {
    let join = ChannelJoin {
        target: format!("swarm-{run}-{group}"),
        kind: ROOM,
        persistence: Some(args.kept),
        hidden: Some(false),
    };
    match answer(socket, Message::ChannelJoin(join)).await? {
        Message::Channel(channel) => Ok(channel.id),
        other => bail!("channel_join was answered with {other:?}"),
    }
}

async fn answer(socket: &mut Socket, message: Message) -> Result<Message> {
    let cid = socket.ask(message).await?;
    loop {
        if let Incoming::Other(Envelope { cid: found, message }) = socket.next().await?
            && found == cid
        {
            return message.context("a bare acknowledgement");
        }
    }
}
