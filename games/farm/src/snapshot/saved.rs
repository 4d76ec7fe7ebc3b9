//! The arrays that a snapshot is made of. Their elements stand in this order; new ones go to a new array, with a new
//! format.

use serde::{Deserialize, Serialize};

use super::big::Big;
use crate::content::{Content, Title};
use crate::devices::DeviceId;
use crate::state::State;

/// What there was from the first format on.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved {
    pub wools: Vec<(String, Big, Big)>,
    pub counts: Vec<(String, u32)>,
    pub levels: Vec<(String, u32)>,
    pub stars: Big,
    pub prestiges: u32,
    pub shears: u64,
    pub keepsakes: Vec<String>,
    pub opened_ms: i64,
    pub run_ms: i64,
    pub settled_ms: i64,
    pub works_until_ms: i64,
    pub present: bool,
    pub hands_free_ms: i64,
    pub away: Option<SavedAway>,
    pub pending: Vec<(u64, String, String, i64, i64)>,
    pub next_tag: u64,
    pub looks: u32,
}

/// From, to, worked, and what grew.
pub(super) type SavedAway = (i64, i64, u64, Vec<(String, Big)>);

/// What the second format added.
#[derive(Serialize, Deserialize)]
pub(super) struct More {
    pub wishes: Vec<(String, u32)>,
    pub spent: Big,
    pub weaves: u64,
    pub lit_ms: i64,
    pub week_earned: Big,
    pub returns: u64,
    pub returned: bool,
    pub imported: bool,
    pub devices: Vec<SavedDevice>,
    pub reported_ms: i64,
    pub marked_day: i64,
}

/// Its name, newest number, newest use, and refused actions with their codes.
pub(super) type SavedDevice = (DeviceId, u64, i64, Vec<(u64, u16)>);

impl Saved {
    pub fn of(content: &Content, state: &State) -> Self {
        let holdings = &state.holdings;
        let wools = content.wools.iter().map(|w| id(&w.title));
        Self {
            wools: wools
                .clone()
                .zip(&holdings.wools)
                .map(|(id, s)| (id, Big::of(&s.amount), Big::of(&s.earned)))
                .collect(),
            counts: content
                .buildings
                .iter()
                .map(|b| id(&b.title))
                .zip(holdings.counts.iter().copied())
                .collect(),
            levels: content
                .upgrades
                .iter()
                .map(|u| id(&u.title))
                .zip(holdings.levels.iter().copied())
                .collect(),
            stars: Big::of(&holdings.stars),
            prestiges: holdings.prestiges,
            shears: holdings.shears,
            keepsakes: holdings.keepsakes.iter().cloned().collect(),
            opened_ms: state.opened_ms,
            run_ms: state.run_ms,
            settled_ms: state.settled_ms,
            works_until_ms: state.works_until_ms,
            present: state.present,
            hands_free_ms: state.hands_free_ms,
            away: state.away.as_ref().map(|a| {
                let earned = wools.zip(&a.earned).map(|(id, e)| (id, Big::of(e))).collect();
                (a.from_ms, a.to_ms, a.paid_ms, earned)
            }),
            pending: state
                .pending
                .iter()
                .map(|(tag, p)| (*tag, p.keepsake.clone(), p.currency.clone(), p.price, p.asked_ms))
                .collect(),
            next_tag: state.next_tag,
            looks: state.looks,
        }
    }
}

impl More {
    pub fn of(content: &Content, state: &State) -> Self {
        let holdings = &state.holdings;
        let wishes = content.wishes.iter().map(|w| id(&w.title));
        let devices = state.devices.iter();
        Self {
            wishes: wishes.zip(holdings.wishes.iter().copied()).collect(),
            spent: Big::of(&holdings.spent),
            weaves: holdings.weaves,
            lit_ms: state.lit_ms,
            week_earned: Big::of(&state.week_earned),
            returns: state.returns,
            returned: state.returned,
            imported: state.imported,
            devices: devices.map(|(id, d)| (id, d.last_n, d.used_ms, d.refused.clone())).collect(),
            reported_ms: state.reported_ms,
            marked_day: state.marked_day,
        }
    }

    /// For a farm of the first format: nothing of it has happened yet, and its next input gets a restore point.
    pub fn before_it(content: &Content, saved: &Saved) -> Self {
        let alone_since = saved.away.as_ref().map_or(saved.opened_ms, |(from_ms, ..)| *from_ms);
        Self {
            wishes: content.wishes.iter().map(|w| (id(&w.title), 0)).collect(),
            spent: Big::default(),
            weaves: 0,
            lit_ms: if saved.present { saved.settled_ms } else { alone_since },
            week_earned: Big::default(),
            returns: 0,
            returned: false,
            imported: false,
            devices: Vec::new(),
            reported_ms: saved.settled_ms,
            marked_day: i64::MIN,
        }
    }
}

fn id(title: &Title) -> String {
    title.id.clone()
}
