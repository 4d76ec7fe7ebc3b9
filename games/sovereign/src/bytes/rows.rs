//! The rows of views and updates: MessagePack arrays in the order of the fields.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::command::{MotionKind, Site};
use crate::state::{Attack, Boat, Building, Motion, Pact};
use crate::{Kind, Nation, NationId, Standing};

/// A nation. What the reader may not know is `None` or 0.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NationRow {
    /// Its number.
    pub id: u16,
    /// 0 a player's, 1 a tribe, 2 a rival.
    pub kind: u8,
    /// The seat that decides for it.
    pub seat: Option<u32>,
    /// 0 waits for its place, 1 alive, 2 beaten.
    pub standing: u8,
    /// Its troops at home.
    pub troops: Option<u64>,
    /// Its gold.
    pub gold: Option<u64>,
    /// Its tiles.
    pub tiles: Option<u32>,
    /// Where its name is drawn.
    pub home: Option<u32>,
    /// Until which step nobody may attack it.
    pub immune_until: u32,
    /// Until which step its broken word counts against it.
    pub traitor_until: u32,
    /// Finished cities.
    pub cities: u16,
    /// Finished forts.
    pub forts: u16,
    /// Finished ports.
    pub ports: u16,
}

impl NationRow {
    /// All there is to say of a nation but its gold.
    pub(crate) fn of(nation: &Nation) -> Self {
        let [cities, forts, ports] = nation.built;
        Self {
            troops: Some(nation.troops),
            tiles: Some(nation.tiles),
            home: Some(nation.home),
            immune_until: nation.immune_until,
            traitor_until: nation.traitor_until,
            cities,
            forts,
            ports,
            ..Self::name(nation)
        }
    }

    /// What everybody may know of a nation that they do not see.
    pub(crate) fn name(nation: &Nation) -> Self {
        let standing = match nation.standing {
            Standing::Waiting => 0,
            Standing::Alive => 1,
            Standing::Beaten(_) => 2,
        };
        Self {
            id: nation.id.0,
            kind: kind(nation.kind),
            seat: nation.seat().map(|seat| seat.0),
            standing,
            troops: None,
            gold: None,
            tiles: None,
            home: None,
            immune_until: 0,
            traitor_until: 0,
            cities: 0,
            forts: 0,
            ports: 0,
        }
    }
}

/// 0 a player's, 1 a tribe, 2 a rival.
pub(crate) fn kind(kind: Kind) -> u8 {
    match kind {
        Kind::Player(_) => 0,
        Kind::Tribe => 1,
        Kind::Rival(_) => 2,
    }
}

/// An attack.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttackRow {
    /// Its number.
    pub id: u32,
    /// Whose.
    pub from: u16,
    /// Against whom; 0 is wild land.
    pub on: u16,
    /// What is left of its troops.
    pub troops: u64,
    /// The tile that it took last.
    pub head: u32,
    /// It was called back.
    pub retreating: bool,
}

impl AttackRow {
    pub(crate) fn of(attack: &Attack) -> Self {
        let Attack { id, from, on, troops, head, retreating, .. } = attack;
        Self { id: *id, from: from.0, on: on.0, troops: *troops, head: *head, retreating: *retreating }
    }
}

/// A boat.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BoatRow {
    /// Its number.
    pub id: u32,
    /// Whose.
    pub owner: u16,
    /// Its troops.
    pub troops: u64,
    /// It goes home.
    pub turned: bool,
    /// Its way, or what the reader sees of it.
    pub way: Vec<u32>,
    /// Its place on the way.
    pub at: u32,
}

impl BoatRow {
    pub(crate) fn of(boat: &Boat) -> Self {
        let way = boat.way.to_vec();
        Self { id: boat.id, owner: boat.owner.0, troops: boat.troops, turned: boat.turned, way, at: boat.at }
    }
}

/// A building.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SiteRow {
    /// Where.
    pub tile: u32,
    /// 0 city, 1 fort, 2 port.
    pub kind: u8,
    /// Whose.
    pub owner: u16,
    /// The step at which it is finished.
    pub ready: u32,
}

impl SiteRow {
    pub(crate) fn of(tile: u32, site: &Building) -> Self {
        let kind = match site.site {
            Site::City => 0,
            Site::Fort => 1,
            Site::Port => 2,
        };
        Self { tile, kind, owner: site.owner.0, ready: site.ready }
    }
}

/// An alliance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PactRow {
    /// The ally with the lower number.
    pub a: u16,
    /// The other.
    pub b: u16,
    /// The step at which it ends.
    pub until: u32,
    /// `a` wishes to go on.
    pub a_renews: bool,
    /// `b` does.
    pub b_renews: bool,
}

impl PactRow {
    pub(crate) fn of((a, b): (NationId, NationId), pact: &Pact) -> Self {
        Self { a: a.0, b: b.0, until: pact.until, a_renews: pact.renew.0, b_renews: pact.renew.1 }
    }
}

/// A request for an alliance.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AskRow {
    /// Who asks.
    pub from: u16,
    /// Whom.
    pub to: u16,
    /// The step at which it ends.
    pub until: u32,
}

/// A motion that is voted on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MotionRow {
    /// Its number.
    pub id: u32,
    /// Who moved it.
    pub by: u16,
    /// 0 war, 1 peace, 2 expel.
    pub kind: u8,
    /// About whom.
    pub about: u16,
    /// The step at which votes are counted.
    pub until: u32,
    /// Who may vote, and how they did.
    pub voters: Vec<(u16, Option<bool>)>,
}

impl MotionRow {
    pub(crate) fn of(motion: &Motion) -> Self {
        let kind = match motion.kind {
            MotionKind::War => 0,
            MotionKind::Peace => 1,
            MotionKind::Expel => 2,
        };
        let voters = motion.voters.iter().map(|(id, vote)| (id.0, *vote)).collect();
        Self { id: motion.id, by: motion.by.0, kind, about: motion.about.0, until: motion.until, voters }
    }
}

/// Something with a number, or the number of what is gone: a row, or an array of the number alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Told<T> {
    Is(T),
    Gone((u32,)),
}

/// Bytes as MessagePack's own kind.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Bin(pub(crate) Vec<u8>);

impl Serialize for Bin {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bin {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl de::Visitor<'_> for Bytes {
            type Value = Bin;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bin, E> {
                Ok(Bin(bytes.to_vec()))
            }

            fn visit_byte_buf<E: de::Error>(self, bytes: Vec<u8>) -> Result<Bin, E> {
                Ok(Bin(bytes))
            }
        }
        from.deserialize_byte_buf(Bytes)
    }
}
