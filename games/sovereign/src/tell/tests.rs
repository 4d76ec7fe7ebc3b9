#![allow(clippy::unwrap_used)]

use kernel::{Outbox, Rules as _, Seat};
use proptest::prelude::*;

use crate::bytes::update::Update;
use crate::chaos::{self, differences, turns};
use crate::command::Site;
use crate::mirror::{Applied, Mirror};
use crate::news::Notice;
use crate::state::{Attack, Pact};
use crate::tuning::{BUILD_STEPS, HEAD_STEPS};
use crate::{NationId, Sovereign, Tile, War};

const NONE: [&str; 0] = [];
const SEATS: [Seat; 3] = [Seat::NOBODY, Seat(1), Seat(2)];

fn snapshot(war: &War) -> Vec<u8> {
    let mut bytes = Vec::new();
    Sovereign.snapshot(war, &mut bytes);
    bytes
}

/// What is exact after each step: figures, where attacks are and boats' places are told in turns or reckoned.
fn exact(mirror: &Mirror) -> Mirror {
    let mut exact = mirror.clone();
    for row in exact.nations.values_mut() {
        row.troops = row.troops.map(|_| 0);
        row.gold = None;
        row.tiles = row.tiles.filter(|_| !mirror.fog).or(row.tiles.map(|_| 0));
        (row.home, row.immune_until, row.traitor_until) = (None, 0, 0);
        (row.cities, row.forts, row.ports) = (0, 0, 0);
    }
    for row in exact.attacks.values_mut() {
        (row.troops, row.head) = (0, 0);
    }
    exact.boats.values_mut().for_each(|row| row.at = 0);
    exact.step = 0;
    exact.tick = Default::default();
    exact
}

/// All that a war is, but for what follows from the rest.
fn everything(war: &War) -> String {
    let front = |attack: &Attack| attack.front.clone().into_sorted_vec();
    let attacks: Vec<_> = war
        .attacks
        .iter()
        .map(|attack| (Attack { front: Default::default(), ..attack.clone() }, front(attack)))
        .collect();
    let owners: Vec<u16> = war.land.owners().collect();
    let beside = (war.step, war.input, war.phase, war.next, &war.dice, &war.fallen, &war.news, owners);
    let words = (&war.pacts, &war.asks, &war.bans, &war.motions);
    format!("{beside:?} {:?} {attacks:?} {:?} {:?} {words:?}", war.nations, war.boats, war.sites)
}

/// The notices that a seat alone is told.
fn told_alone(out: &Outbox, seat: Seat) -> Vec<Vec<u64>> {
    let mine = out.updates().iter().filter(|update| update.to == kernel::Audience::One(seat));
    mine.filter_map(|update| Update::unseal(&update.body).unwrap().my_notices).flatten().collect()
}

#[test]
fn signs_are_for_allies_and_gifts_for_the_two_whom_they_concern() {
    for fog in [false, true] {
        let mut war = chaos::war(fog, true);
        war.pacts.insert((NationId(1), NationId(2)), Pact { until: 9_000, renew: (false, false) });
        war.pacts.insert((NationId(1), NationId(3)), Pact { until: 9_000, renew: (false, false) });
        let (sign, gift) = (Notice::Ping(1, 77, 3), Notice::Gave(1, 2, 500, 60));
        war.news.notices = vec![sign, gift];
        let mut out = Outbox::new();
        chaos::step(&mut war, &mut out);
        let wanted = [vec![sign.row(), gift.row()], vec![sign.row(), gift.row()], vec![sign.row()], vec![]];
        for (seat, wanted) in (1..).zip(wanted) {
            assert_eq!(told_alone(&out, Seat(seat)), wanted, "seat {seat}, fog: {fog}");
        }
        let shared = out.updates().iter().filter(|update| update.to == kernel::Audience::All);
        let shared = shared.filter_map(|update| Update::unseal(&update.body).unwrap().notices);
        assert!(shared.flatten().all(|row| row != sign.row() && row != gift.row()));
    }
}

#[test]
fn what_was_told_to_one_alone_before_a_view_is_old() {
    let mut war = chaos::war(false, true);
    war.asks.insert((NationId(2), NationId(1)), 9_000);
    war.news.asks = true;
    let mut out = Outbox::new();
    chaos::step(&mut war, &mut out);
    war.asks.clear();
    chaos::step(&mut war, &mut Outbox::new());
    let mut mirror = chaos::seen(&war, Seat(1));
    let mine = out.updates().iter().filter(|update| update.to == kernel::Audience::One(Seat(1)));
    let applied: Vec<_> = mine.map(|update| mirror.apply(&update.body).unwrap()).collect();
    assert!(!applied.is_empty() && applied.iter().all(|applied| *applied == Applied::Old), "{applied:?}");
    assert!(mirror.asks.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn who_applies_updates_knows_what_a_view_shows(turns in turns(150), fog: bool, hidden_gold: bool) {
        let mut war = chaos::war(fog, hidden_gold);
        let mut mirrors = SEATS.map(|seat| chaos::seen(&war, seat));
        let calm = std::iter::repeat_n((23, 0, 0, 0), HEAD_STEPS as usize);
        for turn in turns.into_iter().chain(calm) {
            let mut out = Outbox::new();
            if !chaos::happen(&mut war, turn, &mut out) {
                continue;
            }
            for (mirror, seat) in mirrors.iter_mut().zip(SEATS) {
                chaos::hear(mirror, &war, seat, &out);
                prop_assert_eq!(differences(&exact(mirror), &exact(&chaos::seen(&war, seat))), NONE);
            }
        }
        // In a few calm seconds every figure has had its turn.
        for (mirror, seat) in mirrors.iter_mut().zip(SEATS) {
            let mut view = chaos::seen(&war, seat);
            view.step = mirror.step;
            for (id, row) in &mut view.nations {
                // Told with a leap, and never grown by themselves.
                let known = &mirror.nations[id];
                row.home = known.home;
            }
            view.boats.values_mut().for_each(|row| row.at = mirror.boats[&row.id].at);
            prop_assert_eq!(differences(mirror, &view), NONE);
        }
    }

    #[test]
    fn whoever_missed_something_notices(turns in turns(120), missed in 0usize..10) {
        let mut war = chaos::war(false, true);
        let mut mirror = chaos::seen(&war, Seat(1));
        let mut number = 0;
        for turn in turns {
            let mut out = Outbox::new();
            chaos::happen(&mut war, turn, &mut out);
            for update in out.updates().iter().filter(|update| update.to == kernel::Audience::All) {
                number += 1;
                if number - 1 == missed {
                    continue;
                }
                let applied = mirror.apply(&update.body).unwrap();
                prop_assert_eq!(applied == Applied::Missing, number > missed);
                prop_assert_eq!(mirror.apply(&update.body).unwrap() == Applied::Old, number <= missed);
            }
        }
    }

    #[test]
    fn a_restored_war_is_the_same_in_everything(turns in turns(120), fog: bool) {
        let mut war = chaos::war(fog, true);
        for turn in turns {
            chaos::happen(&mut war, turn, &mut Outbox::new());
        }
        for (nation, n) in war.nations.iter_mut().zip(1..) {
            (nation.part, nation.immune_until, nation.traitor_until) = (n, 10 + n, 20 + n);
            (nation.served_until, nation.allowance, nation.allowance_at) = (30 + n, 40 + n, 50 + n);
            nation.grudges = vec![(NationId(1), 60), (NationId(2), 7)];
        }
        let free = |tile: &Tile| war.land.owner(*tile) != NationId::NOBODY && !war.sites.contains_key(&tile.0);
        if let Some(tile) = (0..war.land.len() as u32).map(Tile).find(free) {
            war.build(war.land.owner(tile), Site::Port, tile);
            war.step += BUILD_STEPS;
            war.finish_sites();
        }
        war.input = (u64::from(war.step) + 70, war.step);
        // These two are for whoever counts along.
        (war.news.grown, war.news.lost) = (0, 0);
        let again = Sovereign.restore(&snapshot(&war)).unwrap();
        prop_assert_eq!(everything(&again), everything(&war));
    }

    #[test]
    fn it_makes_no_difference_whether_anybody_hears(turns in turns(80), fog: bool) {
        let (mut heard, mut unheard) = (chaos::war(fog, true), chaos::war(fog, true));
        for turn in turns {
            chaos::happen(&mut heard, turn, &mut Outbox::new());
            chaos::happen(&mut unheard, turn, &mut Outbox::for_replay());
        }
        prop_assert!(snapshot(&heard) == snapshot(&unheard));
    }

    #[test]
    fn a_restored_war_goes_on_and_tells_the_same(turns in turns(120), cut in 0usize..120, fog: bool) {
        let mut war = chaos::war(fog, true);
        let mut other: Option<War> = None;
        for (at, turn) in turns.into_iter().enumerate() {
            if at == cut {
                let bytes = snapshot(&war);
                let again = Sovereign.restore(&bytes).unwrap();
                prop_assert_eq!(snapshot(&again), bytes);
                other = Some(again);
            }
            // One is heard by nobody, which makes no difference to what it is.
            let mut out = if at % 2 == 0 || other.is_some() { Outbox::new() } else { Outbox::for_replay() };
            chaos::happen(&mut war, turn, &mut out);
            if let Some(other) = &mut other {
                let mut again = Outbox::new();
                chaos::happen(other, turn, &mut again);
                prop_assert_eq!(again.updates(), out.updates());
                prop_assert_eq!(snapshot(other), snapshot(&war));
            }
        }
    }

    #[test]
    fn any_bytes_may_come(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut mirror = chaos::seen(&chaos::war(false, true), Seat(1));
        let before = mirror.clone();
        if mirror.apply(&bytes).is_err() {
            prop_assert_eq!(differences(&mirror, &before), NONE);
        }
        let _ = Mirror::read(&bytes);
        prop_assert!(Sovereign.restore(&bytes).is_err());
    }

    #[test]
    fn spoilt_bytes_are_taken_or_not_but_never_harm(turns in turns(60), spoils in prop::collection::vec((any::<u32>(), any::<u8>()), 1..4)) {
        let mut war = chaos::war(false, true);
        let mut mirror = chaos::seen(&war, Seat(1));
        let spoil = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            for (at, byte) in &spoils {
                let at = *at as usize % bytes.len();
                bytes[at] = *byte;
            }
            bytes
        };
        for turn in turns {
            let mut out = Outbox::new();
            chaos::happen(&mut war, turn, &mut out);
            for update in out.updates() {
                let before = mirror.clone();
                if mirror.apply(&spoil(&update.body)).is_err() {
                    prop_assert_eq!(differences(&mirror, &before), NONE);
                }
            }
        }
        if let Ok(mut war) = Sovereign.restore(&spoil(&snapshot(&war))) {
            let mut out = Outbox::new();
            chaos::step(&mut war, &mut out);
            Sovereign.restore(&snapshot(&war)).unwrap();
        }
    }
}
