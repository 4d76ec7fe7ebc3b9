//! Marks of unfinished work, and tests that do not run. Both are promises that nobody reads.

use crate::{finding::Finding, source, tree::Tree};

const RUST: &[(&str, &str)] = &[
    ("todo!(", "it compiles and then ends the process; write it, or leave the feature out"),
    ("unimplemented!(", "it compiles and then ends the process; write it, or leave the feature out"),
    ("#[ignore", "a test that does not run is not a test; mend it or delete it"),
];

const PAGES: &[(&str, &str)] = &[
    ("@ts-ignore", "it silences the next error too; use a type, or @ts-expect-error with its reason"),
    ("@ts-nocheck", "it silences every error to come"),
];

/// `it.skip(`, `describe.only(` and their like; a reader's own `skip` method is another thing.
const RUNNERS: &[&str] = &["bench", "describe", "it", "suite", "t", "test"];
const SILENCERS: &[(&str, &str)] = &[
    (".skip", "a test that does not run is not a test; mend it or delete it"),
    (".only", "it silences every other test of the file"),
    (".todo", "a test that does not run is not a test; write it or delete it"),
];

const NOTES: &[&str] = &["TODO", "FIXME", "XXX", "HACK"];
const NOTES_WHY: &str =
    "a note in the code is read by nobody who could act on it; do it now, or open an issue";

/// Finds them.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        // This crate names what it looks for.
        if file.path.starts_with("crates/tidy/") {
            continue;
        }
        let extension = file.extension();
        let lines: Vec<&str> = file.text.lines().collect();
        let code = matches!(extension, "rs" | "ts" | "tsx" | "vue" | "js" | "mjs" | "sh" | "sql" | "css");
        if code {
            for (index, line) in lines.iter().enumerate() {
                for note in NOTES.iter().filter(|note| source::has_word(line, note)) {
                    if !source::is_allowed(&lines, index, "unfinished") {
                        findings.push(Finding::at(&file.path, index + 1, format!("`{note}`"), NOTES_WHY));
                    }
                }
            }
        }
        if extension == "rs" {
            for line in source::lines(&file.path, &file.text, "unfinished") {
                for (mark, why) in RUST.iter().filter(|(mark, _)| line.code.contains(mark)) {
                    findings.push(Finding::at(&file.path, line.number, format!("`{mark}`"), why));
                }
            }
        } else if matches!(extension, "ts" | "tsx" | "vue" | "mjs") {
            for (index, line) in lines.iter().enumerate() {
                let silenced = SILENCERS.iter().filter(|(mark, _)| silences(line, mark));
                for (mark, why) in PAGES.iter().filter(|(mark, _)| line.contains(mark)).chain(silenced) {
                    if !source::is_allowed(&lines, index, "unfinished") {
                        findings.push(Finding::at(&file.path, index + 1, format!("`{mark}`"), why));
                    }
                }
            }
        }
    }
    findings
}

fn silences(line: &str, mark: &str) -> bool {
    RUNNERS.iter().any(|runner| source::has_word(line, &format!("{runner}{mark}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_planted_fault_is_found() {
        for (path, text) in [
            ("crates/x/src/a.rs", "fn f() { todo!() }"),
            ("crates/x/src/a.rs", "fn f() { unimplemented!(\"later\") }"),
            ("crates/x/src/a.rs", "#[test]\n#[ignore = \"slow\"]\nfn f() {}"),
            ("crates/x/src/a.rs", "// FIXME: wrong"),
            ("web/src/a.test.ts", "it.skip('x', () => {})"),
            ("web/src/a.test.ts", "describe.only('x', () => {})"),
            ("web/src/a.ts", "// @ts-ignore"),
            ("scripts/a.sh", "# TODO later"),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_is_fine_passes() {
        for (path, text) in [
            ("crates/x/src/a.rs", "rows.iter().skip(1)"),
            ("crates/x/src/a.rs", "let s = \"todo!(\"; // a todo!() in a comment"),
            ("web/src/a.ts", "reader.skip(4); this.skip(1)"),
            ("docs/a.md", "TODO is a word here"),
        ] {
            assert!(check(&Tree::of(&[(path, text)])).is_empty(), "{path}: {text}");
        }
    }
}
