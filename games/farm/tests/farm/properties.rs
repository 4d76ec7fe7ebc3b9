//! What holds whatever happens, in whatever order.

use farm::{Command, Count, Farm};
use kernel::{Event, Refusal, Rules, Start, replay};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::room::{Host, ROOM};
use crate::yard::*;

/// Something that may happen to a farm.
#[derive(Clone, Debug)]
pub enum Act {
    Wait(i64),
    Do(Command),
    Come,
    Go,
    Pass,
    /// The wallet answers the question that waits longest, if any does.
    Answer(bool),
    /// A device sends what it did, each so long before now, perhaps with what it sent the last time.
    Return(u8, Vec<(i64, Command)>, bool),
}

pub fn command() -> impl Strategy<Value = Command> {
    let count = prop_oneof![
        8 => (1_u64..6).prop_map(Count::Exactly),
        1 => Just(Count::Exactly(0)),
        3 => Just(Count::Max),
        1 => any::<u64>().prop_map(Count::Exactly),
    ];
    let name = |known: &'static [&'static str]| prop::sample::select(known).prop_map(String::from);
    let buildings = name(&["llama", "llama", "llama", "suri", "suri", "unicorn"]);
    let upgrades = name(&["shears", "hands", "hay", "combs", "songs", "wings"]);
    prop_oneof![
        8 => (1_u64..52).prop_map(|count| Command::Shear { count }),
        6 => (buildings, count.clone()).prop_map(|(building, count)| Command::Buy { building, count }),
        4 => upgrades.prop_map(|upgrade| Command::Upgrade { upgrade }),
        3 => (name(&["spin", "spin", "gild"]), count).prop_map(|(recipe, count)| Command::Craft { recipe, count }),
        1 => Just(Command::Prestige),
        2 => name(&["thumb", "start", "friend", "well", "night", "hum", "blade", "silk", "fame"])
            .prop_map(|wish| Command::Wish { wish }),
        1 => name(&["scarecrow", "lantern", "owl"]).prop_map(|keepsake| Command::Keepsake { keepsake }),
    ]
}

pub fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0_i64..5_000).prop_map(Act::Wait),
        1 => (0_i64..200_000_000).prop_map(Act::Wait),
        12 => command().prop_map(Act::Do),
        1 => Just(Act::Come),
        1 => Just(Act::Go),
        1 => Just(Act::Pass),
        2 => any::<bool>().prop_map(Act::Answer),
        2 => (0_u8..3, vec((0_i64..10_000_000, command()), 0..6), any::<bool>())
            .prop_map(|(device, done, again)| Act::Return(device, done, again)),
    ]
}

/// Lets it happen to a farm without a room around it, where the house would let it.
pub fn play(yard: &mut Yard, acts: &[Act]) {
    for act in acts {
        match act {
            Act::Wait(ms) => yard.waits(*ms),
            Act::Do(command) => {
                let before = yard.bytes();
                if yard.state.present && yard.does(command.clone()).is_err() {
                    assert_eq!(yard.bytes(), before, "a refused command changes nothing");
                }
            }
            Act::Come => yard.joins(),
            Act::Go => yard.leaves(),
            Act::Pass => drop(yard.takes(Event::Advance)),
            Act::Return(device, done, again) => {
                let chunk = yard.journals.chunk(*device, yard.at.ms, done, *again);
                yard.syncs(chunk).expect("the device knows what is known");
            }
            Act::Answer(yes) => {
                let Some(tag) = yard.state.pending.keys().next().copied() else { continue };
                let outcome = if *yes { Ok(()) } else { Err(Refusal::new(500, "no")) };
                drop(yard.takes(Event::EffectResult { tag, outcome: &outcome }));
            }
        }
        if !yard.state.present {
            // Facts are told to the owner's page only while there is one; the next join brings a view.
            yard.page = yard.sees().farm;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Refused commands change nothing, the page always knows all, and a snapshot is the whole farm.
    #[test]
    fn any_play_is_sound(acts in vec(acts(), 0..120)) {
        let mut yard = Yard::new(&full());
        play(&mut yard, &acts);
        let restored = yard.rules.restore(&yard.bytes());
        prop_assert_eq!(restored.as_ref(), Ok(&yard.state));
        let migrated = yard.rules.migrate(Farm::VERSION, &yard.bytes());
        prop_assert_eq!(migrated.as_ref(), Ok(&yard.state));
    }

    /// A wait in one piece and the same wait in many, each with an input of its own, are one and the same.
    #[test]
    fn time_may_be_cut_anywhere(acts in vec(acts(), 0..60), cuts in vec(0_i64..20_000_000, 0..20), here in any::<bool>()) {
        let mut whole = Yard::new(&full());
        play(&mut whole, &acts);
        whole.joins();
        if !here {
            whole.leaves();
        }
        // While the owner is here the lantern is lit again at every input: a single gap must not outlast it.
        let lit = if here { whole.state.works_until_ms - whole.at.ms } else { i64::MAX };
        let cuts: Vec<i64> = cuts.iter().scan(0, |sum, cut| { *sum += cut; (*sum <= lit).then_some(*cut) }).collect();
        let mut pieces = Yard::new(&full());
        (pieces.state, pieces.at, pieces.page) = (whole.state.clone(), whole.at, whole.page.clone());
        for cut in &cuts {
            pieces.waits(*cut);
            pieces.takes(Event::Advance).expect("time is a fact");
        }
        whole.waits(cuts.iter().sum());
        prop_assert_eq!(whole.sees(), pieces.sees(), "before it is booked");
        whole.takes(Event::Advance).expect("time is a fact");
        prop_assert_eq!(whole.state, pieces.state);
    }

    /// A view at a moment is what the booked farm shows, and looking books nothing.
    #[test]
    fn looking_is_not_touching(acts in vec(acts(), 0..60), ms in 0_i64..100_000_000) {
        let mut yard = Yard::new(&full());
        play(&mut yard, &acts);
        yard.waits(ms);
        let (before, seen) = (yard.bytes(), yard.sees());
        prop_assert_eq!(yard.bytes(), before);
        yard.takes(Event::Advance).expect("time is a fact");
        prop_assert_eq!(yard.sees(), seen);
    }

    /// Wool comes from time and shears alone: all that is there is bounded by what grew and was shorn, and what was
    /// paid came out of it.
    #[test]
    fn no_wool_from_nothing(acts in vec(acts(), 0..120)) {
        let mut yard = Yard::new(&full());
        for act in &acts {
            play(&mut yard, std::slice::from_ref(act));
            let farm = &yard.page;
            let milli = |text: &str| text.parse::<u128>().expect("small");
            let (plain, silky) = (&farm.wools["plain"], &farm.wools["silky"]);
            prop_assert!(milli(&plain.amount) <= milli(&plain.earned));
            // Ten plain are one silky.
            let spun = milli(&silky.amount).saturating_sub(milli(&silky.earned)) * 10;
            prop_assert!(milli(&plain.amount) + spun <= milli(&plain.earned));
        }
    }

    /// From the log alone, or from a snapshot taken anywhere and the log after it: the same room.
    #[test]
    fn any_cut_leads_to_the_same_room(
        acts in vec(acts(), 1..80), row_inputs in 1_u64..9, snapshot_row in any::<prop::sample::Index>(),
    ) {
        let mut host = Host::open(&full(), row_inputs);
        host.does(&Act::Come);
        let mut snapshots = Vec::new();
        for act in &acts {
            host.does(act);
            if host.writer.is_empty() {
                snapshots.push(host.room.snapshot());
            }
        }
        host.ends_row();
        let mut shelf = host.shelf();
        for start in [Start::Open, Start::Snapshot] {
            if start == Start::Snapshot && !snapshots.is_empty() {
                shelf.snapshot = Some(snapshots[snapshot_row.index(snapshots.len())].clone());
            }
            let again = replay(ROOM, &mut shelf, start, None).expect("its own log");
            let again = again.room.expect("the log is not empty");
            prop_assert_eq!(again.snapshot(), host.room.snapshot());
            prop_assert_eq!(again.hash(), host.room.hash());
        }
    }
}
