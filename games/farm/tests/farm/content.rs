//! The content file: what is wrong with it is said with file and line.

use farm::{Content, DEFAULT_CONTENT, Farm};
use kernel::Rules;

use crate::yard::{QUICK, full};

fn quick() -> String {
    String::from_utf8(full()).expect("the test's content is text")
}

/// Where a text stands for the first time, counted from 1.
fn line_of(text: &str, part: &str) -> usize {
    let at = text.find(part).expect("the row's new text is there");
    1 + text[..at].matches('\n').count()
}

/// Replaces `old` by `new` once, and expects a fault on the line where `at` then stands first.
fn check(old: &str, new: &str, at: &str, want: &str) {
    assert!(quick().contains(old), "{old} is not in the content");
    let text = quick().replacen(old, new, 1);
    let line = line_of(&text, at);
    let error = Content::parse(text.as_bytes()).expect_err("the row spoils the content").0;
    let place = format!("farm.toml:{line}: ");
    let found = error.lines().any(|fault| fault.starts_with(&place) && fault.contains(want));
    assert!(found, "{new}: expected {place}{want} in\n{error}");
}

#[test]
fn both_contents_are_sound() {
    for bytes in [DEFAULT_CONTENT, QUICK] {
        assert_eq!(Farm::load(bytes).map(drop), Ok(()));
    }
    let standard = Farm::standard();
    let content = standard.content();
    assert_eq!(content.wools.len(), 4);
    assert!(content.wishes.len() >= 12 && content.achievements.len() >= 20 && !content.festivals.is_empty());
    let branches = content.wishes.iter().filter(|wish| wish.needs.is_empty()).count();
    assert!(branches >= 2, "the wishes are a tree with several roots");
}

#[test]
fn faults_are_named_with_their_line() {
    let rows = [
        // TOML itself
        ("[shear]", "[shear", "[shear", ""),
        ("rate = 333", "rate = -1", "rate = -1", ""),
        ("rate = 333", "rate = 33.3", "rate = 33.3", "invalid type"),
        ("rate = 333", "rate = 333\ncolour = 1", "colour = 1", "unknown field `colour`"),
        ("llama = true", "llama = \"yes\"", "llama = \"yes\"", "invalid type"),
        // references
        ("wool = \"silky\"\nrate", "wool = \"velvet\"\nrate", "\"velvet\"", "there is no wool \"velvet\""),
        ("cost = { silky = 2 }", "cost = { velvet = 2 }", "velvet = 2", "there is no wool \"velvet\""),
        (
            "building = \"llama\", percent",
            "building = \"lama\", percent",
            "\"lama\"",
            "there is no building \"lama\"",
        ),
        (
            "needs = [{ building = \"llama\"",
            "needs = [{ building = \"dog\"",
            "\"dog\"",
            "there is no building \"dog\"",
        ),
        ("upgrade = \"shears\"", "upgrade = \"axes\"", "\"axes\"", "there is no upgrade \"axes\""),
        // bounds
        (
            "ratio_percent = 110",
            "ratio_percent = 0",
            "ratio_percent = 0",
            "ratio_percent must be from 100 to 1000, not 0",
        ),
        ("count_max = 40", "count_max = 2_001", "count_max = 2_001", "count_max must be from 1 to 2000"),
        ("level_max = 3", "level_max = 0", "level_max = 0", "level_max must be from 1 to 200"),
        ("rate = 77", "rate = 0", "rate = 0", "rate must be from 1"),
        ("percent = 133", "percent = 100", "percent = 100", "percent must be from 101"),
        ("permille = 70", "permille = 0", "permille = 0", "permille must be from 1"),
        ("minutes = 30", "minutes = 10_081", "minutes = 10_081", "minutes must be from 1 to 10080"),
        ("interval_ms = 50", "interval_ms = 0", "interval_ms = 0", "interval_ms must be from 1"),
        ("burst = 50", "burst = 0", "burst = 0", "burst must be from 1"),
        ("root = 2", "root = 0", "root = 0", "root must be from 1 to 5"),
        ("worth_per_star = 100", "worth_per_star = 0", "worth_per_star = 0", "worth_per_star must be from 1"),
        ("price = 2", "price = 0", "price = 0", "price must be from 1"),
        ("away_minutes = 60", "away_minutes = 0", "away_minutes = 0", "away_minutes must be from 1"),
        ("milestones = [3, 10]", "milestones = [3, 3]", "milestones = [3, 3]", "milestones must ascend"),
        ("milestones = [3, 10]", "milestones = [3, 41]", "milestones = [3, 41]", "end by count_max 40"),
        ("cost = { plain = 5 }", "cost = {}", "cost = {}", "at least one wool"),
        ("cost = { plain = 5 }", "cost = { plain = 0 }", "cost = { plain = 0 }", "plain must be from 1"),
        // names
        ("id = \"suri\"", "id = \"Suri!\"", "\"Suri!\"", "id must be 1 to 32 of a-z, 0-9 and _"),
        ("currency = \"golden_fleece\"", "currency = \"\"", "currency = \"\"", "currency must be 1 to 32"),
        ("name = \"Silky\"", "name = \" \"", "name = \" \"", "name must have 1 to 48 bytes"),
        // shapes
        (
            "{ kind = \"shear\", percent = 150 }",
            "{ kind = \"snip\", percent = 150 }",
            "\"snip\"",
            "an effect's kind",
        ),
        (
            "{ kind = \"shear\", percent = 150 }",
            "{ kind = \"shear\", minutes = 150 }",
            "minutes = 150",
            "an effect's kind",
        ),
        (
            "{ upgrade = \"shears\", level = 1 }",
            "{ upgrade = \"shears\", count = 1 }",
            "\"shears\", count",
            "a need is",
        ),
        // wishes, events, achievements, saves
        (
            "{ wish = \"thumb\", level = 1 }",
            "{ wish = \"toe\", level = 1 }",
            "\"toe\"",
            "there is no wish \"toe\"",
        ),
        (
            "{ wish = \"thumb\", level = 1 }",
            "{ wish = \"thumb\", level = 0 }",
            "level = 0",
            "level must be from 1",
        ),
        (
            "{ kind = \"away\", minutes = 30 }",
            "{ kind = \"gain\", percent = 130 }",
            "\"gain\", percent = 130",
            "the effect gain has no meaning here",
        ),
        (
            "{ kind = \"shear\", percent = 200 }",
            "{ kind = \"away\", minutes = 200 }",
            "minutes = 200",
            "the effect away has no meaning here",
        ),
        (
            "building = \"llama\", count = 2 }\nneeds",
            "building = \"llama\", count = 0 }\nneeds",
            "count = 0",
            "count must be from 1",
        ),
        ("\"2023-11-14T23:00:00Z\"", "\"tomorrow\"", "\"tomorrow\"", "from must be a moment"),
        (
            "\"2023-11-14T23:00:00Z\"",
            "\"2023-11-14T23:00:00\"",
            "\"2023-11-14T23:00:00\"",
            "from must be a moment",
        ),
        (
            "\"2023-11-15T03:00:00Z\"",
            "\"2023-11-15T00:30:00Z\"",
            "to = \"2023-11-15T00:30:00Z\"",
            "an event ends after",
        ),
        ("stat = \"shears\"", "stat = \"sheep\"", "\"sheep\"", "a stat is one of: shears, llamas"),
        ("goal = 1\n", "goal = 0\n", "goal = 0", "goal must be from 1"),
        ("fleece = 3", "fleece = 1_001", "fleece = 1_001", "fleece must be from 0 to 1000"),
        ("days_max = 30", "days_max = 0", "days_max = 0", "days_max must be from 1"),
        ("id = \"blade\"", "id = \"silk\"", "id = \"silk\"\nname = \"Silk\"", "id \"silk\" is used twice"),
        // the whole
        ("id = \"hay\"", "id = \"hands\"", "id = \"hands\"\nname = \"Hay\"", "id \"hands\" is used twice"),
        (
            "id = \"silky\"",
            "id = \"plain\"",
            "id = \"plain\"\nname = \"Silky\"",
            "id \"plain\" is used twice",
        ),
    ];
    for (old, new, at, want) in rows {
        check(old, new, at, want);
    }
}

#[test]
fn circles_are_found() {
    // Llamas need hands, hands need shears, shears need llamas.
    let text = quick().replacen("milestones = [3, 10]", "needs = [{ upgrade = \"hands\", level = 1 }]", 1);
    let shears = "effect = { kind = \"shear\", percent = 150 }";
    let text =
        text.replacen(shears, &format!("{shears}\nneeds = [{{ building = \"llama\", count = 1 }}]"), 1);
    let line = line_of(&text, "id = \"llama\"");
    let error = Content::parse(text.as_bytes()).expect_err("nothing could ever be bought").0;
    assert_eq!(error, format!("farm.toml:{line}: \"llama\" needs itself, by way of its needs"));

    // The first wish needs the third.
    let text =
        quick().replacen("percent = 120 }", "percent = 120 }\nneeds = [{ wish = \"friend\", level = 1 }]", 1);
    let line = line_of(&text, "id = \"thumb\"");
    let error = Content::parse(text.as_bytes()).expect_err("nothing could ever be wished").0;
    assert_eq!(error, format!("farm.toml:{line}: \"thumb\" needs itself, by way of its needs"));

    let back = "\n[[recipe]]\nid = \"unspin\"\nname = \"Unspin\"\nabout = \"Back.\"\nfrom = { silky = 1 }\nto = { plain = 11 }\n";
    let text = quick() + back;
    let line = line_of(&text, "to = { plain = 11 }");
    let error = Content::parse(text.as_bytes()).expect_err("wool from nothing").0;
    assert!(error.starts_with(&format!("farm.toml:{line}: recipes lead from")), "{error}");
}

#[test]
fn a_wool_comes_from_somewhere() {
    let wool = "\n[[wool]]\nid = \"steel\"\nname = \"Steel\"\nabout = \"Scratches.\"\nworth = 1\n";
    let text = quick() + wool;
    let line = line_of(&text, "id = \"steel\"");
    let error = Content::parse(text.as_bytes()).expect_err("nobody grows steel").0;
    assert_eq!(error, format!("farm.toml:{line}: nothing makes the wool \"steel\""));
}

#[test]
fn all_faults_are_told_at_once_in_their_order() {
    let text = quick().replacen("rate = 333", "rate = 0", 1).replacen("burst = 50", "burst = 0", 1);
    let error = Content::parse(text.as_bytes()).expect_err("two faults").0;
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains("burst") && lines[1].contains("rate"), "{error}");
}

#[test]
fn what_is_not_even_content() {
    let long = vec![b'#'; 256 * 1_024 + 1];
    let many = quick() + &"\n[[wool]]\nid = \"w\"\nname = \"W\"\nabout = \"W.\"\nworth = 1\n".repeat(15);
    let rows: [(&[u8], &str); 5] = [
        (b"", "farm.toml:1: "),
        (b"\n\n\xff", "farm.toml:3: not UTF-8"),
        (b"[farm]\naway_minutes = 1\n", "farm.toml:1: missing field"),
        (&long, "farm.toml:1: more than"),
        (many.as_bytes(), "farm.toml:1: 17 [[wool]] tables, at most 16"),
    ];
    for (bytes, want) in rows {
        let error = Content::parse(bytes).expect_err("it is no content").0;
        assert!(error.starts_with(want), "{want:?} expected in\n{error}");
    }
}
