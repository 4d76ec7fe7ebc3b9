//! Pure crates take their inputs as arguments and nothing else: no clock, no chance, no threads, no IO; and nothing whose
//! result depends on the machine. That is what makes a log replay to the same state everywhere.

use crate::{
    finding::Finding,
    source::{self, Line},
    tree::Tree,
};

/// A word that must not stand in a pure crate, and why.
struct Banned {
    words: &'static [&'static str],
    why: &'static str,
}

/// Held in every pure crate.
const EVERYWHERE: &[Banned] = &[
    Banned {
        words: &["HashMap", "HashSet", "RandomState"],
        why: "its order differs from process to process, so a replay would differ; use BTreeMap or a sorted Vec",
    },
    Banned {
        words: &["SystemTime", "Instant", "now_v7", "now_v1"],
        why: "time comes in with the input (`At`); a clock read here would not be in the log",
    },
    Banned {
        words: &["getrandom", "new_v4", "thread_rng", "OsRng"],
        why: "chance comes from the room's seed, which its log holds",
    },
    Banned {
        words: &["thread", "thread_local", "spawn", "tokio", "rayon"],
        why: "the order of threads is not in the log; the shell runs pure code, not the other way round",
    },
    Banned {
        words: &["std::fs", "std::net", "std::env", "std::process", "println", "eprintln"],
        why: "the core decides, the shell performs: return what should happen",
    },
    Banned { words: &["unsafe"], why: "undefined behaviour is the one nondeterminism that no log can hold" },
];

/// Held where state lives: the kernel and the games.
const IN_STATE: &[Banned] = &[
    Banned {
        words: &["f32", "f64"],
        why: "floating point differs by compiler and by instruction; use integers or fixed point",
    },
    Banned {
        words: &["sort_unstable", "sort_unstable_by", "sort_unstable_by_key", "select_nth_unstable"],
        why: "the order of equal keys is not promised; use the stable sort, or say why keys cannot tie",
    },
];

/// Types that are written down: by what they are called, or by what they derive.
const WRITTEN: &[&str] =
    &["State", "Snapshot", "Command", "Update", "View", "Setup", "Record", "Serialize", "Message"];
/// Held in `app`, which is not pure but takes the outside as ports, so that one thread under a seed can run it.
const BY_PORTS: &[Banned] = &[
    Banned {
        words: &["SystemTime", "Instant", "tokio::time", "now_v7"],
        why: "`app` asks its `Clock` port; a clock of its own could not run under a seed",
    },
    Banned {
        words: &["thread::spawn", "tokio::spawn", "spawn_blocking", "tokio::task", "tokio::runtime"],
        why: "`app` hands work to its `Spawn` port; a task of its own would run in another order each time",
    },
    Banned {
        words: &["getrandom", "new_v4", "thread_rng", "OsRng"],
        why: "`app` asks its `Entropy` port; chance of its own could not come from a seed",
    },
    Banned {
        words: &["std::fs", "std::net", "TcpStream", "TcpListener"],
        why: "`app` reaches the outside by its ports and the store",
    },
];

const SIZE_WHY: &str = "its width is the machine's, so encoded state and hashes would differ; use u32 or u64";

/// Which rules hold where; and whether what is written down there must not depend on the machine's word.
const HELD: &[(&str, &[&[Banned]], bool)] = &[
    ("crates/kernel/", &[EVERYWHERE, IN_STATE], true),
    ("crates/world/", &[EVERYWHERE, IN_STATE], true),
    ("games/", &[EVERYWHERE, IN_STATE], true),
    ("crates/wire/", &[EVERYWHERE], false),
    ("crates/app/", &[BY_PORTS], false),
];

/// Finds what would make a pure crate depend on more than its inputs.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with("rs") {
        let Some((_, rules, state)) = HELD.iter().find(|(prefix, ..)| file.path.starts_with(prefix)) else {
            continue;
        };
        if !file.path.contains("/src/") {
            continue;
        }
        let lines = source::lines(&file.path, &file.text, "purity");
        for banned in rules.iter().flat_map(|rules| rules.iter()) {
            for line in lines.iter().filter(|line| !line.test) {
                for word in banned.words.iter().filter(|word| source::has_word(&line.code, word)) {
                    findings.push(Finding::at(&file.path, line.number, format!("`{word}`"), banned.why));
                }
            }
        }
        if *state {
            for number in sized_fields(&lines) {
                findings.push(Finding::at(&file.path, number, "`usize` in a type of a pure crate", SIZE_WHY));
            }
        }
    }
    findings
}

/// Lines inside a `struct` or `enum` that is written down, naming `usize` or `isize`. Indices in memory may be such.
fn sized_fields(lines: &[Line]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut depth = 0_i64;
    // Attributes since the last item, joined: `derive` may stand lines above.
    let mut attributes = String::new();
    // Depth outside the type that is being read, while one is, and whether it is written down.
    let mut reading: Option<(i64, bool)> = None;
    for line in lines.iter().filter(|line| !line.test) {
        let code = line.code.trim();
        if reading.is_none() {
            if code.starts_with("#[") {
                attributes.push_str(code);
            } else if let Some(name) = type_name(code) {
                let written =
                    WRITTEN.iter().any(|mark| name.ends_with(mark) || source::has_word(&attributes, mark));
                reading = Some((depth, written));
            } else if !code.is_empty() {
                attributes.clear();
            }
        }
        if matches!(reading, Some((_, true)))
            && (source::has_word(code, "usize") || source::has_word(code, "isize"))
        {
            found.push(line.number);
        }
        depth += code.matches('{').count() as i64 - code.matches('}').count() as i64;
        if reading.is_some_and(|(outside, _)| outside == depth) && (code.contains('}') || code.ends_with(';'))
        {
            reading = None;
            attributes.clear();
        }
    }
    found
}

/// The name of the type that this line begins to define, if it does.
fn type_name(code: &str) -> Option<&str> {
    let code = code.strip_prefix("pub(crate) ").or_else(|| code.strip_prefix("pub ")).unwrap_or(code);
    let rest = code.strip_prefix("struct ").or_else(|| code.strip_prefix("enum "))?;
    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn each_planted_fault_is_found() {
        for fault in [
            "use std::collections::HashMap;",
            "let t = Instant::now();",
            "let id = Uuid::now_v7();",
            "std::thread::spawn(|| 1);",
            "let x: f64 = 1.0;",
            "rows.sort_unstable();",
            "std::fs::read(path);",
            "struct State { at: usize }",
            "pub struct FarmState {\n  /// Where.\n  at: Vec<usize>,\n}",
            "#[derive(Debug, Serialize)]\npub struct Shown {\n  at: Vec<usize>,\n}",
            "#[derive(Message)]\n#[other]\nstruct Row {\n  at: usize,\n}",
        ] {
            assert!(found("games/cards/src/lib.rs", fault) > 0, "{fault}");
            assert_eq!(found("crates/server/src/lib.rs", fault), 0, "{fault}");
            assert_eq!(found("games/cards/tests/a.rs", fault), 0, "{fault}");
        }
    }

    #[test]
    fn what_is_fine_passes() {
        for text in [
            "// A HashMap would not do.",
            "fn f(at: usize) -> usize { at }",
            "struct Content {\n  line: usize,\n}\nstruct State {\n  at: u32,\n}\nfn f(n: usize) {}",
            "struct A;\nfn f() { let n: usize = 1; }",
            "struct A(u8);\nimpl A { fn len(&self) -> usize { 1 } }",
            "#[cfg(test)]\nmod tests {\n  use std::collections::HashMap;\n}",
        ] {
            assert_eq!(found("games/cards/src/lib.rs", text), 0, "{text}");
        }
        assert_eq!(
            found("crates/wire/src/json.rs", "let x: f64 = 1.0;"),
            0,
            "the client protocol has doubles"
        );
    }
}
