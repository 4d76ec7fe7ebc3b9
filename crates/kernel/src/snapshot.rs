//! The durable form of a whole room: what it runs under, the house's memory, the game's state, and their hash.
//! A protobuf message; field numbers are frozen.

use std::collections::BTreeMap;

use prost::Message as _;

use crate::memory::{Memory, Outstanding, SeatMemory, Window};
use crate::row::FORMAT;
use crate::{At, CommandId, EffectKey, Hash128, RoomId, RulesId, Seat, Seq, Unreadable};

/// A snapshot read back and checked, before its rules have read the state.
#[derive(Clone, PartialEq, Debug)]
pub struct Frozen {
    /// What it ran under.
    pub rules: RulesId,
    /// The house's memory.
    pub memory: Memory,
    /// The rules' bytes.
    pub state: Vec<u8>,
}

impl Frozen {
    /// Checks and decodes a snapshot.
    pub fn read(room: RoomId, bytes: &[u8]) -> Result<Self, Unreadable> {
        let bad = |what: String| Unreadable(format!("the snapshot is damaged: {what}"));
        let message = proto::Snapshot::decode(bytes).map_err(|error| bad(error.to_string()))?;
        if message.format != FORMAT {
            return Err(bad(format!("its format is {}, this program reads {FORMAT}", message.format)));
        }
        let content =
            Hash128::from_slice(&message.content).ok_or_else(|| bad("its content hash is not one".into()))?;
        let rules = RulesId { name: message.rules, version: message.rules_version, content };
        let parts = proto::Memory::decode(&message.memory[..]).map_err(|error| bad(error.to_string()))?;
        let memory = from_proto(parts).ok_or_else(|| bad("its memory does not fit together".into()))?;
        if memory.room != room {
            return Err(bad(format!("it is of room {}", memory.room)));
        }
        let expected = Hash128::from_slice(&message.hash).ok_or_else(|| bad("it has no hash".into()))?;
        let found = hash_parts(&rules, &message.memory, &message.state);
        if expected != found {
            return Err(bad(format!("its hash is {found} and should be {expected}")));
        }
        Ok(Self { rules, memory, state: message.state })
    }
}

pub(crate) fn encode(rules: &RulesId, memory: &Memory, state: &[u8]) -> Vec<u8> {
    let memory = to_proto(memory).encode_to_vec();
    let hash = hash_parts(rules, &memory, state);
    proto::Snapshot {
        format: FORMAT,
        rules: rules.name.clone(),
        rules_version: rules.version,
        content: rules.content.0.to_vec(),
        memory,
        state: state.to_vec(),
        hash: hash.0.to_vec(),
    }
    .encode_to_vec()
}

pub(crate) fn hash(rules: &RulesId, memory: &Memory, state: &[u8]) -> Hash128 {
    hash_parts(rules, &to_proto(memory).encode_to_vec(), state)
}

fn hash_parts(rules: &RulesId, memory: &[u8], state: &[u8]) -> Hash128 {
    // Lengths first, so that no two different rooms give the same bytes.
    let version = rules.version.to_be_bytes();
    let lengths = [(rules.name.len() as u64).to_be_bytes(), (memory.len() as u64).to_be_bytes()].concat();
    Hash128::of(&[&lengths, rules.name.as_bytes(), &version, &rules.content.0, memory, state])
}

fn to_proto(memory: &Memory) -> proto::Memory {
    proto::Memory {
        room: memory.room.to_bytes().to_vec(),
        seq: memory.seq.0,
        ms: memory.at.ms,
        step: memory.at.step,
        opened_ms: memory.opened_ms,
        seats: memory
            .seats
            .iter()
            .map(|(seat, place)| proto::SeatMemory {
                seat: seat.0,
                joined: place.joined,
                ids: place.commands.iter().flat_map(|(id, _)| id.0.to_be_bytes()).collect(),
                seqs: place.commands.iter().map(|(_, seq)| seq.0).collect(),
            })
            .collect(),
        taken: memory
            .taken
            .iter()
            .map(|(room, key)| proto::Taken {
                room: room.to_bytes().to_vec(),
                seq: key.seq.0,
                index: key.index,
            })
            .collect(),
        outstanding: memory
            .outstanding
            .iter()
            .map(|(key, waits)| proto::Outstanding {
                seq: key.seq.0,
                index: key.index,
                tag: waits.tag,
                to: waits.message.as_ref().map_or_else(Vec::new, |(to, _)| to.to_bytes().to_vec()),
                body: waits.message.as_ref().map_or_else(Vec::new, |(_, body)| body.clone()),
            })
            .collect(),
    }
}

fn from_proto(message: proto::Memory) -> Option<Memory> {
    let mut seats = BTreeMap::new();
    for place in message.seats {
        let mut commands = Window::default();
        if place.ids.len() != place.seqs.len() * 16 || place.seqs.len() > crate::COMMANDS_REMEMBERED {
            return None;
        }
        for (id, seq) in place.ids.chunks_exact(16).zip(place.seqs) {
            commands.remember(CommandId(u128::from_be_bytes(id.try_into().ok()?)), Seq(seq));
        }
        seats.insert(Seat(place.seat), SeatMemory { joined: place.joined, commands });
    }
    let mut taken = BTreeMap::new();
    for one in message.taken {
        taken.insert(RoomId::from_slice(&one.room)?, EffectKey { seq: Seq(one.seq), index: one.index });
    }
    let mut outstanding = BTreeMap::new();
    for one in message.outstanding {
        let message = if one.to.is_empty() { None } else { Some((RoomId::from_slice(&one.to)?, one.body)) };
        outstanding
            .insert(EffectKey { seq: Seq(one.seq), index: one.index }, Outstanding { tag: one.tag, message });
    }
    Some(Memory {
        room: RoomId::from_slice(&message.room)?,
        seq: Seq(message.seq),
        at: At { ms: message.ms, step: message.step },
        opened_ms: message.opened_ms,
        seats,
        taken,
        outstanding,
    })
}

mod proto {
    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Snapshot {
        #[prost(uint32, tag = "1")]
        pub format: u32,
        #[prost(string, tag = "2")]
        pub rules: String,
        #[prost(uint32, tag = "3")]
        pub rules_version: u32,
        #[prost(bytes = "vec", tag = "4")]
        pub content: Vec<u8>,
        #[prost(bytes = "vec", tag = "5")]
        pub memory: Vec<u8>,
        #[prost(bytes = "vec", tag = "6")]
        pub state: Vec<u8>,
        #[prost(bytes = "vec", tag = "7")]
        pub hash: Vec<u8>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Memory {
        #[prost(bytes = "vec", tag = "1")]
        pub room: Vec<u8>,
        #[prost(uint64, tag = "2")]
        pub seq: u64,
        #[prost(sint64, tag = "3")]
        pub ms: i64,
        #[prost(uint64, tag = "4")]
        pub step: u64,
        #[prost(sint64, tag = "5")]
        pub opened_ms: i64,
        #[prost(message, repeated, tag = "6")]
        pub seats: Vec<SeatMemory>,
        #[prost(message, repeated, tag = "7")]
        pub taken: Vec<Taken>,
        #[prost(message, repeated, tag = "8")]
        pub outstanding: Vec<Outstanding>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct SeatMemory {
        #[prost(uint32, tag = "1")]
        pub seat: u32,
        #[prost(bool, tag = "2")]
        pub joined: bool,
        #[prost(bytes = "vec", tag = "3")]
        pub ids: Vec<u8>,
        #[prost(uint64, repeated, tag = "4")]
        pub seqs: Vec<u64>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Taken {
        #[prost(bytes = "vec", tag = "1")]
        pub room: Vec<u8>,
        #[prost(uint64, tag = "2")]
        pub seq: u64,
        #[prost(uint32, tag = "3")]
        pub index: u32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Outstanding {
        #[prost(uint64, tag = "1")]
        pub seq: u64,
        #[prost(uint32, tag = "2")]
        pub index: u32,
        #[prost(uint64, optional, tag = "3")]
        pub tag: Option<u64>,
        #[prost(bytes = "vec", tag = "4")]
        pub to: Vec<u8>,
        #[prost(bytes = "vec", tag = "5")]
        pub body: Vec<u8>,
    }
}
