//! What a computer's seat is shown: not the map but what one would look for on it, small enough to be read at every turn.

use serde::Serialize;

use crate::ai::survey::{Survey, survey};
use crate::bytes::rows::{MotionRow, kind};
use crate::tuning::{ATTACKS_MAX, BOATS_MAX};
use crate::{Nation, NationId, War, tell};

/// An observation: a MessagePack map of maps.
#[derive(Serialize)]
struct Observation {
    step: u32,
    phase: Vec<u32>,
    me: Me,
    neighbours: Vec<Neighbour>,
    attacks: Vec<Attack>,
    boats: Vec<Boat>,
    allies: Vec<u16>,
    /// Who asks for an alliance, wherever they live.
    asks: Vec<u16>,
    beaches: Vec<u32>,
    places: Vec<u32>,
    costs: Prices,
    motions: Vec<Motion>,
    limits: Limits,
}

#[derive(Serialize)]
struct Me {
    id: u16,
    troops: u64,
    cap: u64,
    gold: u64,
    tiles: u32,
    home: u32,
    cities: u16,
    forts: u16,
    ports: u16,
}

/// Who is beside it. Of wild land (0) there is the border alone.
#[derive(Serialize)]
struct Neighbour {
    id: u16,
    /// Edges of tiles that the two share.
    border: u32,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    nation: Option<Other>,
}

#[derive(Serialize)]
struct Other {
    kind: u8,
    troops: u64,
    tiles: u32,
    allied: bool,
    asks_me: bool,
    /// Troops of its attacks on the reader.
    attacks_me: u64,
    immune: bool,
    traitor: bool,
}

#[derive(Serialize)]
struct Attack {
    id: u32,
    on: u16,
    troops: u64,
}

#[derive(Serialize)]
struct Boat {
    id: u32,
    to: u32,
    troops: u64,
    turned: bool,
}

#[derive(Serialize)]
struct Motion {
    id: u32,
    by: u16,
    kind: u8,
    about: u16,
    until: u32,
    /// How the reader voted.
    voted: Option<bool>,
}

#[derive(Serialize)]
struct Prices {
    city: u64,
    fort: u64,
    port: u64,
}

#[derive(Serialize)]
struct Limits {
    attacks: u32,
    boats: u32,
}

/// Appends a nation's observation. It is no body: workers read plain MessagePack.
pub(super) fn observe(war: &War, me: &Nation, out: &mut Vec<u8>) {
    let id = me.id;
    let Survey { neighbours, beaches, places } = survey(war, id);
    let [city, fort, port] = war.prices(id);
    let [cities, forts, ports] = me.built;
    let observation = Observation {
        step: war.step,
        phase: tell::phase(war.phase),
        me: Me {
            id: id.0,
            troops: me.troops,
            cap: war.cap(id),
            gold: me.gold,
            tiles: me.tiles,
            home: me.home,
            cities,
            forts,
            ports,
        },
        neighbours: neighbours.iter().map(|(other, border)| neighbour(war, id, *other, *border)).collect(),
        attacks: war
            .attacks
            .iter()
            .filter(|attack| attack.from == id && !attack.retreating)
            .map(|attack| Attack { id: attack.id, on: attack.on.0, troops: attack.troops })
            .collect(),
        boats: war
            .boats
            .iter()
            .filter(|boat| boat.owner == id)
            .map(|boat| Boat {
                id: boat.id,
                to: boat.way.last().copied().unwrap_or_default(),
                troops: boat.troops,
                turned: boat.turned,
            })
            .collect(),
        allies: war.allies(id).map(|ally| ally.0).collect(),
        asks: war.asks.keys().filter(|(_, to)| *to == id).map(|(from, _)| from.0).collect(),
        beaches: beaches.iter().map(|tile| tile.0).collect(),
        places: places.iter().map(|tile| tile.0).collect(),
        costs: Prices { city, fort, port },
        motions: tell::motions_of(war, me).into_iter().map(|row| motion(row, id)).collect(),
        limits: Limits { attacks: ATTACKS_MAX as u32, boats: BOATS_MAX as u32 },
    };
    let mut to = rmp_serde::Serializer::new(out).with_struct_map();
    observation.serialize(&mut to).expect("an observation has nothing that MessagePack cannot say");
}

fn neighbour(war: &War, me: NationId, id: NationId, border: u32) -> Neighbour {
    let nation = war.nation(id).map(|other| Other {
        kind: kind(other.kind),
        troops: other.troops,
        tiles: other.tiles,
        allied: war.allied(me, id),
        asks_me: war.asks.contains_key(&(id, me)),
        attacks_me: war
            .attacks
            .iter()
            .filter(|attack| attack.from == id && attack.on == me && !attack.retreating)
            .map(|attack| attack.troops)
            .sum(),
        immune: other.immune_until > war.step,
        traitor: other.traitor_until > war.step,
    });
    Neighbour { id: id.0, border, nation }
}

fn motion(row: MotionRow, me: NationId) -> Motion {
    let MotionRow { id, by, kind, about, until, voters } = row;
    let voted = voters.iter().find(|(voter, _)| *voter == me.0).and_then(|(_, vote)| *vote);
    Motion { id, by, kind, about, until, voted }
}
