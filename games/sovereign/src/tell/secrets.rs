//! What must not leave: tests that read every byte that does. They know nothing of how fog is kept; they look at the land.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use kernel::{Audience, Outbox, Seat};
use proptest::prelude::*;

use crate::bytes::attacks::{self, AttackTold};
use crate::bytes::body::unseal;
use crate::bytes::rows::{AttackRow, BoatRow, NationRow, SiteRow, Told};
use crate::bytes::tiles::{Codes, UNSEEN, read_runs, unpack};
use crate::bytes::update::{Figures, Update};
use crate::bytes::varint::put;
use crate::bytes::whole::Whole;
use crate::bytes::{boats, pacts};
use crate::chaos::{self, turns};
use crate::{NationId, Phase, Tile, War, view};

/// Edge of the squares in which a nation sees all if it has land in them, or beside them.
const SQUARE: u32 = 16;

/// What one nation may see, found the slow way.
struct Sight<'a> {
    war: &'a War,
    me: NationId,
    squares: BTreeSet<(u32, u32)>,
    nations: BTreeSet<u16>,
}

impl<'a> Sight<'a> {
    fn of(war: &'a War, me: NationId) -> Self {
        let map = war.map();
        let mut squares = BTreeSet::new();
        for (number, owner) in war.land.owners().enumerate() {
            if owner == me.0 || (owner != 0 && war.allied(NationId(owner), me)) {
                let (x, y) = map.place(Tile(number as u32));
                for down in 0..3 {
                    squares.extend((0..3).map(|right| (x / SQUARE + right, y / SQUARE + down)));
                }
            }
        }
        let mut sight = Self { war, me, squares, nations: [me.0].into() };
        let owners = war.land.owners().enumerate();
        sight.nations = owners
            .filter(|(number, _)| sight.sees(*number as u32))
            .map(|(_, owner)| owner)
            .chain([me.0])
            .collect();
        sight
    }

    fn sees(&self, tile: u32) -> bool {
        let (x, y) = self.war.map().place(Tile(tile));
        self.squares.contains(&(x / SQUARE + 1, y / SQUARE + 1))
    }

    fn is_with(&self, id: u16) -> bool {
        id == self.me.0 || self.war.allied(NationId(id), self.me)
    }

    fn check_tile(&self, owner: u16, tile: u32) {
        assert!(owner == UNSEEN || self.sees(tile), "tile {tile} of {owner}");
    }

    fn check_nation(&self, row: &NationRow) {
        if !self.nations.contains(&row.id) {
            let nation = self.war.nation(NationId(row.id)).unwrap();
            assert_eq!(*row, NationRow::name(nation));
        }
    }

    fn check_attack(&self, row: &AttackRow) {
        assert!(row.head == 0 || self.sees(row.head), "{row:?}");
        let known = |id: u16| id == 0 || self.is_with(id) || self.nations.contains(&id);
        assert!(known(row.from) && known(row.on), "{row:?}");
        assert!(self.is_with(row.from) || self.is_with(row.on) || row.head != 0, "{row:?}");
    }

    fn check_boat(&self, row: &BoatRow) {
        if !self.is_with(row.owner) {
            assert!(row.way.len() == 1 && self.sees(row.way[0]), "{row:?}");
        }
    }

    fn check_site(&self, row: &SiteRow) {
        assert!(self.sees(row.tile), "{row:?}");
    }

    fn check_view(&self, view: &Whole) {
        let tiles = self.war.map().len();
        for (tile, owner) in read_runs(&view.owners.0, tiles).unwrap().into_iter().enumerate() {
            self.check_tile(owner, tile as u32);
        }
        view.nations.iter().for_each(|row| self.check_nation(row));
        view.attacks.iter().for_each(|row| self.check_attack(row));
        view.boats.iter().for_each(|row| self.check_boat(row));
        view.sites.iter().for_each(|row| self.check_site(row));
    }

    fn check_update(&self, update: &Update) {
        let codes = Codes::new(self.war.map().width(), self.war.map().height());
        if let Some(tiles) = &update.tiles {
            unpack(codes, &tiles.0, |owner, tile| self.check_tile(owner, tile)).unwrap();
        }
        if let Some(figures) = &update.figures {
            let figure = |id, _, _, _| assert!(self.nations.contains(&id), "figures of {id}");
            Figures::read(&figures.0, figure).unwrap();
        }
        update.nations.iter().flatten().for_each(|row| self.check_nation(row));
        for (id, told) in update.attacks.iter().flat_map(|list| attacks::unpack(&list.0).unwrap()) {
            match told {
                AttackTold::Is(row) => self.check_attack(&row),
                AttackTold::Struck(_, head) => assert!(head == 0 || self.sees(head), "the head of {id}"),
                AttackTold::Troops(_) | AttackTold::Gone => {}
            }
        }
        for (_, boat) in update.boats.iter().flat_map(|list| boats::unpack(&list.0).unwrap()) {
            boat.iter().for_each(|row| self.check_boat(row));
        }
        for ((a, b), pact) in update.pacts.iter().flat_map(|list| pacts::unpack(&list.0).unwrap()) {
            let hears = |id: u16| self.nations.contains(&id);
            assert!(pact.is_none() || [a, b].contains(&self.me.0) || (hears(a) && hears(b)), "{pact:?}");
        }
        for row in update.sites.iter().flatten() {
            if let Told::Is(row) = row {
                self.check_site(row);
            }
        }
        let known = |id: u64| self.nations.contains(&(id as u16)) || self.is_with(id as u16);
        for notice in update.notices.iter().flatten() {
            match notice[..] {
                [0, by, _] => assert!(by == 0 || known(by), "{notice:?}"),
                [1 | 2, a, b] => assert!(known(a) && known(b), "{notice:?}"),
                [5, ..] => {}
                [6, owner, tile] => {
                    assert!(self.is_with(owner as u16) || self.sees(tile as u32), "{notice:?}");
                }
                _ => panic!("{notice:?} is not for everybody"),
            }
        }
    }
}

/// A number stands in the bytes, in one of the forms in which numbers are sent.
fn is_in(bytes: &[u8], number: u64) -> bool {
    let mut varint = Vec::new();
    put(&mut varint, number);
    let has = |form: &[u8]| bytes.windows(form.len()).any(|window| window == form);
    has(&varint) || has(&u32::try_from(number).unwrap().to_be_bytes())
}

fn body_of(war: &War, seat: Seat) -> Vec<u8> {
    let mut body = Vec::new();
    view::view(war, seat, &mut body);
    body
}

/// Nobody's gold but one's own, for whoever reads these bytes.
fn no_gold(war: &War, body: &[u8], reader: Option<NationId>) {
    let bytes = unseal(body).unwrap();
    for nation in war.nations.iter().filter(|nation| Some(nation.id) != reader) {
        assert!(!is_in(&bytes, nation.gold), "the gold of {:?} in what {reader:?} reads", nation.id);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    #[test]
    fn under_fog_nothing_hidden_leaves(turns in turns(120)) {
        let mut war = chaos::war(true, true);
        for turn in turns {
            let mut out = Outbox::new();
            let stepped = chaos::happen(&mut war, turn, &mut out);
            // Between two steps a view shows what was seen at the last one, and that may be over.
            let sights: Vec<_> =
                (1..=4).filter(|_| stepped).map(|id| Sight::of(&war, NationId(id))).collect();
            for update in out.updates() {
                let Audience::One(seat) = update.to else {
                    let update = Update::unseal(&update.body).unwrap();
                    let phase = Update { step: update.step, since: update.since, phase: update.phase.clone(), ..Update::default() };
                    assert_eq!(update, phase, "told to all");
                    continue;
                };
                let sight = &sights[seat.0 as usize - 1];
                sight.check_update(&Update::unseal(&update.body).unwrap());
                no_gold(&war, &update.body, Some(sight.me));
                let bytes = unseal(&update.body).unwrap();
                for nation in war.nations.iter().filter(|nation| !sight.nations.contains(&nation.id.0)) {
                    assert!(!is_in(&bytes, nation.troops), "troops of {:?}", nation.id);
                }
            }
            for sight in &sights {
                let body = body_of(&war, Seat(u32::from(sight.me.0)));
                sight.check_view(&Whole::unseal(&body).unwrap());
                no_gold(&war, &body, Some(sight.me));
            }
            let whole = Whole::unseal(&body_of(&war, Seat::NOBODY)).unwrap();
            assert!(read_runs(&whole.owners.0, war.map().len()).unwrap().iter().all(|owner| *owner == UNSEEN));
            let rest = Whole { owners: Default::default(), ..whole };
            assert_eq!(rest, Whole { owners: Default::default(), ..view::nothing(&war) });
        }
    }

    #[test]
    fn in_the_open_hidden_gold_stays_hidden(turns in turns(150)) {
        let mut war = chaos::war(false, true);
        for turn in turns {
            let mut out = Outbox::new();
            let before = war.clone();
            chaos::happen(&mut war, turn, &mut out);
            for update in out.updates() {
                let reader = match update.to {
                    Audience::One(seat) => war.of_seat(seat).map(|nation| nation.id),
                    _ => None,
                };
                no_gold(&before, &update.body, reader);
                no_gold(&war, &update.body, reader);
            }
        }
        for seat in [Seat::NOBODY, Seat(1), Seat(4)] {
            no_gold(&war, &body_of(&war, seat), war.of_seat(seat).map(|nation| nation.id));
        }
    }
}

/// The search finds what is there, in views and in updates.
#[test]
fn open_gold_is_found() {
    let mut war = chaos::war(false, false);
    let mut bodies = vec![body_of(&war, Seat::NOBODY)];
    let mut out = Outbox::new();
    (0..45).for_each(|_| chaos::step(&mut war, &mut out));
    bodies
        .extend(out.updates().iter().filter(|update| update.to == Audience::All).map(|one| one.body.clone()));
    for nation in &war.nations {
        let found = bodies.iter().filter(|body| is_in(&unseal(body).unwrap(), nation.gold)).count();
        assert!(found >= 3, "a view, a leap and a turn tell of {:?}", nation.id);
    }
}

/// When a war under fog is over, everybody is shown all of it.
#[test]
fn the_fog_lifts_at_the_end() {
    let mut war = chaos::war(true, true);
    let mut mirror = chaos::seen(&war, Seat(1));
    let mut out = Outbox::new();
    chaos::step(&mut war, &mut out);
    chaos::hear(&mut mirror, &war, Seat(1), &out);
    assert!(mirror.owners.contains(&UNSEEN));
    war.phase = Phase::Over(war.step, NationId(3));
    war.news.phase = true;
    let mut out = Outbox::new();
    chaos::step(&mut war, &mut out);
    chaos::hear(&mut mirror, &war, Seat(1), &out);
    assert_eq!(chaos::differences(&mirror, &chaos::seen(&war, Seat(1))), [""; 0]);
    assert!(!mirror.owners.contains(&UNSEEN) && !mirror.fog);
    let all = chaos::seen(&war, Seat::NOBODY);
    assert_eq!(all.nations.len(), war.nations.len());
}
