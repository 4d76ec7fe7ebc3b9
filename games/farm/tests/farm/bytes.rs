//! Everything that reads bytes: commands, snapshots, content. Any bytes may come, and none of them may panic.

use farm::{By, Command, Content, Count, DEFAULT_CONTENT, DeviceId, Farm, Late, Order, Sync};
use kernel::{Refusal, Rules};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::properties::{Act, acts, command, play};
use crate::yard::*;

/// MessagePack of a map with string keys, by hand.
fn map(pairs: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![0x80 | u8::try_from(pairs.len()).expect("few")];
    for (key, value) in pairs {
        bytes.extend(text(key));
        bytes.extend_from_slice(value);
    }
    bytes
}

fn text(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xa0 | u8::try_from(text.len()).expect("short")];
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

#[test]
fn commands_are_what_the_readme_says() {
    let rows: [(Vec<u8>, Command); 8] = [
        (map(&[("do", &text("shear")), ("count", &[5])]), shear(5)),
        (map(&[("count", &[5]), ("do", &text("shear"))]), shear(5)),
        (map(&[("do", &text("shear")), ("count", &[0xcd, 0, 5])]), shear(5)),
        (
            map(&[("do", &text("buy")), ("building", &text("llama")), ("count", &text("max"))]),
            buy_max("llama"),
        ),
        (map(&[("do", &text("upgrade")), ("upgrade", &text("hay"))]), upgrade("hay")),
        (map(&[("do", &text("craft")), ("recipe", &text("spin")), ("count", &[1])]), craft("spin", 1)),
        (map(&[("do", &text("prestige"))]), Command::Prestige),
        (map(&[("do", &text("keepsake")), ("keepsake", &text("lantern"))]), keepsake("lantern")),
    ];
    for (bytes, want) in rows {
        assert_eq!(Order::decode(&bytes), Ok(want.into()));
    }
}

#[test]
fn other_bytes_are_no_commands() {
    let mut trailing = map(&[("do", &text("prestige"))]);
    trailing.push(0xc0);
    let long = map(&[("do", &text("upgrade")), ("upgrade", &[&[0xda, 1, 54][..], &[b'a'; 310]].concat())]);
    let deep = [&[0x81, 0xa2, b'd', b'o'][..], &[0x91; 200], &[0]].concat();
    let rows: [(&str, Vec<u8>); 16] = [
        ("nothing", vec![]),
        ("an empty map", map(&[])),
        ("not a map", vec![0x01]),
        ("a list of the values", [&[0x92][..], &text("shear"), &[5]].concat()),
        ("an unknown command", map(&[("do", &text("milk"))])),
        ("a missing count", map(&[("do", &text("shear"))])),
        ("a key too many", map(&[("do", &text("prestige")), ("count", &[1])])),
        ("an unknown key", map(&[("do", &text("prestige")), ("when", &[1])])),
        ("a key twice", map(&[("do", &text("shear")), ("count", &[1]), ("count", &[1])])),
        ("a negative count", map(&[("do", &text("shear")), ("count", &[0xff])])),
        ("a broken count", map(&[("do", &text("shear")), ("count", &[0xca, 0x40, 0xa0, 0, 0])])),
        ("all shears", map(&[("do", &text("shear")), ("count", &text("max"))])),
        ("bytes for text", map(&[("do", &[0xc4, 1, 0xff])])),
        ("something after it", trailing),
        ("a long id", long),
        ("a deep value", deep),
    ];
    for (what, bytes) in rows {
        let code = Order::decode(&bytes).map_err(|refusal| refusal.code);
        assert_eq!(code, Err(Refusal::MALFORMED), "{what}");
    }
}

/// A list of maps, by hand.
fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [&[0xdc, 0, u8::try_from(items.len()).expect("few")], &items.concat()[..]].concat()
}

/// 16 equal bytes.
fn device(name: u8) -> Vec<u8> {
    [&[0xc4, 16][..], &[name; 16]].concat()
}

#[test]
fn numbered_commands_and_chunks_are_what_the_readme_says() {
    let by = [&[0x92][..], &device(9), &[7]].concat();
    let numbered = map(&[("do", &text("wish")), ("wish", &text("thumb")), ("by", &by)]);
    let want = Order { command: wish("thumb"), by: Some(By { device: DeviceId([9; 16]), n: 7 }) };
    assert_eq!(Order::decode(&numbered), Ok(want));

    let action = map(&[("n", &[4]), ("at_ms", &[0xe0]), ("do", &text("shear")), ("count", &[5])]);
    let chunk = |actions: &[Vec<u8>]| {
        let (after, clock) = (&[3][..], &[0xcd, 1, 0][..]);
        let keys =
            [("device", &device(1)[..]), ("after", after), ("clock_ms", clock), ("actions", &list(actions))];
        map(&[&[("do", &text("sync")[..])], &keys[..]].concat())
    };
    let want = Sync {
        device: DeviceId([1; 16]),
        after: 3,
        clock_ms: 256,
        actions: vec![Late { n: 4, at_ms: -32, command: shear(5) }],
    };
    assert_eq!(Order::decode(&chunk(std::slice::from_ref(&action))), Ok(Command::Sync(want).into()));
    assert_eq!(Order::decode(&map(&[("do", &text("report"))])), Ok(Command::Report.into()));

    let number = |n: u8| map(&[("n", &[n]), ("at_ms", &[0]), ("do", &text("prestige"))]);
    let numbers = |numbers: std::ops::Range<u8>| numbers.map(number).collect::<Vec<_>>();
    assert!(Order::decode(&chunk(&numbers(4..104))).is_ok(), "a hundred actions");
    let nested = map(&[("n", &[9]), ("at_ms", &[0]), ("do", &text("import"))]);
    let own = map(&[("n", &[9]), ("at_ms", &[0]), ("do", &text("shear")), ("count", &[1]), ("by", &by)]);
    let long = map(&[("n", &[9]), ("at_ms", &[0]), ("do", &text("milk"))]);
    let rows = [
        ("a hundred and one", chunk(&numbers(4..105))),
        ("known numbers", chunk(&[number(3)])),
        ("numbers that fall", chunk(&[number(6), number(5)])),
        ("numbers that stand", chunk(&[number(6), number(6)])),
        ("an import among the actions", chunk(&[nested])),
        ("a number in an action's own key", chunk(&[own])),
        ("an unknown action", chunk(&[long])),
        ("an action without its time", chunk(&[map(&[("n", &[9]), ("do", &text("prestige"))])])),
        ("a numbered report", map(&[("do", &text("report")), ("by", &by)])),
        ("number 0", map(&[("do", &text("prestige")), ("by", &[&[0x92][..], &device(9), &[0]].concat())])),
        ("a short device", map(&[("do", &text("prestige")), ("by", &[0x92, 0xc4, 1, 9, 7])])),
        ("a count of its own for an action", map(&[("do", &text("prestige")), ("n", &[1]), ("at_ms", &[1])])),
    ];
    for (what, bytes) in rows {
        let code = Order::decode(&bytes).map_err(|refusal| refusal.code);
        assert_eq!(code, Err(Refusal::MALFORMED), "{what}");
    }
}

#[test]
fn saves_are_read_if_they_are_of_this_game() {
    let save = crate::vectors::honest();
    let order = |save: &farm::Save| Order::decode(&Command::Import(save.clone()).encode());
    assert_eq!(order(&save), Ok(Command::Import(save.clone()).into()));
    let with = |change: &dyn Fn(&mut farm::Save)| {
        let mut save = save.clone();
        change(&mut save);
        order(&save).map_err(|refusal| refusal.code).err()
    };
    assert_eq!(with(&|save| save.format = "sheep".into()), Some(Refusal::MALFORMED));
    assert_eq!(with(&|save| save.version = 2), Some(Refusal::MALFORMED));
    assert_eq!(with(&|save| save.shears = u64::MAX), None, "that is the rules' matter");
    let long = |save: &mut farm::Save| drop(save.wools.insert("plain".into(), "9".repeat(8_200)));
    assert_eq!(with(&long), Some(Refusal::MALFORMED), "8 KiB");
}

/// Orders are the same in JSON, where devices are hex.
#[test]
fn orders_have_a_form_in_json() {
    let json = serde_json::json!({"do": "sync", "device": "0a".repeat(16), "after": 0, "clock_ms": 5, "actions": [
        {"n": 1, "at_ms": 4, "do": "buy", "building": "llama", "count": "max"},
    ]});
    let order: Order = serde_json::from_value(json.clone()).expect("it is one");
    assert_eq!(Order::decode(&order.encode()), Ok(order.clone()));
    assert_eq!(serde_json::to_value(&order).expect("it has a form"), json);
    for broken in ["0a", &"0g".repeat(16), &"0a".repeat(17)] {
        let json = serde_json::json!({"do": "prestige", "by": [broken, 1]});
        assert!(serde_json::from_value::<Order>(json).is_err(), "{broken}");
    }
}

#[test]
fn a_snapshot_of_other_content_is_only_migrated() {
    let mut yard = Yard::new(QUICK);
    yard.shears_up_to(60);
    yard.does(buy("llama", 3)).expect("paid");
    yard.does(upgrade("shears")).expect("paid");
    yard.does(keepsake("scarecrow")).expect("asked");
    yard.takes(kernel::Event::EffectResult { tag: 0, outcome: &Ok(()) }).expect("a fact");
    let plain = yard.has("plain");

    // The new edition: no more than two llamas, other shears, no scarecrow; and a dog.
    let text = String::from_utf8(QUICK.to_vec()).expect("text");
    let dog = "\n[[building]]\nid = \"dog\"\nname = \"Dog\"\nabout = \"Barks.\"\nwool = \"plain\"\nrate = 1\n\
               cost = { plain = 1 }\nratio_percent = 100\ncount_max = 1\n";
    let text = text
        .replace("count_max = 40\nmilestones = [3, 10]", "count_max = 2")
        .replace("\"shears\"", "\"blades\"");
    let text = text.replace("\"scarecrow\"", "\"owl\"") + dog;
    let new = Farm::load(text.as_bytes()).expect("the new edition is sound");
    assert!(new.restore(&yard.bytes()).is_err(), "recovery takes only its own content");
    let state = new.migrate(Farm::VERSION, &yard.bytes()).expect("a farm moves to a new edition");

    assert_eq!(state.holdings.counts, [2, 0, 0], "cut down to the limit, and no dog yet");
    assert!(state.holdings.levels.iter().all(|level| *level == 0), "sharp shears are gone");
    assert_eq!(state.rates.wools[0].to_string(), "666", "two llamas, without scarecrow");
    assert!(state.holdings.keepsakes.contains("scarecrow"), "it sleeps");
    yard.rules = new;
    yard.state = state;
    assert_eq!(yard.has("plain"), plain);

    // And back: what was dropped is gone, what was paid for from the wallet wakes up.
    let old = Farm::load(QUICK).expect("sound");
    let state = old.migrate(Farm::VERSION, &yard.bytes()).expect("and back");
    assert_eq!(state.holdings.counts, [2, 0]);
    assert_eq!(state.rates.wools[0].to_string(), "732", "two llamas with the scarecrow's tenth");
    assert!(old.migrate(Farm::VERSION + 1, &yard.bytes()).is_err(), "no way back from a later version");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_a_command_or_malformed(bytes in vec(any::<u8>(), 0..300)) {
        if let Err(refusal) = Order::decode(&bytes) {
            prop_assert_eq!(refusal.code, Refusal::MALFORMED);
        }
    }

    #[test]
    fn a_damaged_command_is_another_or_malformed(
        command in command(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut bytes = command.encode();
        prop_assert_eq!(Order::decode(&bytes), Ok(command.into()));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        if let Ok(other) = Order::decode(&bytes) {
            prop_assert_eq!(Order::decode(&other.encode()), Ok(other));
        }
    }

    #[test]
    fn any_number_survives_encoding(count in any::<u64>()) {
        let command = Command::Buy { building: "llama".into(), count: Count::Exactly(count) };
        prop_assert_eq!(Order::decode(&command.encode()), Ok(command.into()));
    }

    #[test]
    fn any_bytes_are_no_snapshot_or_a_sound_one(bytes in vec(any::<u8>(), 0..200)) {
        let rules = Farm::load(QUICK).expect("sound");
        for bytes in [bytes.clone(), [&[2][..], &bytes].concat()] {
            prop_assert!(rules.restore(&bytes).is_err(), "chance does not write farms");
            rules.migrate(Farm::VERSION, &bytes).ok();
        }
    }
}

proptest! {
    // Each of these plays games.
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_damaged_snapshot_is_refused_or_still_a_farm(
        acts in vec(acts(), 0..40), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut yard = Yard::new(&full());
        play(&mut yard, &acts);
        let mut bytes = yard.bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if cut {
            bytes.truncate(at);
        }
        // The kernel's hash finds the damage. What is asked here is that nothing panics, now or later.
        for state in [yard.rules.restore(&bytes), yard.rules.migrate(Farm::VERSION, &bytes)].into_iter().flatten() {
            yard.state = state;
            yard.at.ms = yard.at.ms.max(yard.state.settled_ms);
            yard.page = yard.sees().farm;
            // What devices know may be damaged too.
            yard.journals = Journals::default();
            let acts: Vec<_> = acts.iter().filter(|act| !matches!(act, Act::Return(..))).cloned().collect();
            play(&mut yard, &acts);
        }
    }

    #[test]
    fn damaged_content_is_refused_or_playable(
        at in any::<prop::sample::Index>(), byte in any::<u8>(), acts in vec(acts(), 0..20),
    ) {
        for content in [full(), DEFAULT_CONTENT.to_vec()] {
            let mut bytes = content;
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if Content::parse(&bytes).is_ok() {
                play(&mut Yard::new(&bytes), &acts);
            }
        }
    }
}
