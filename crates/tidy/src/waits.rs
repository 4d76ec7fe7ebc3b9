//! Tests wait for a condition, with a deadline. A test that sleeps is slow on a fast machine and wrong on a slow one.

use crate::{finding::Finding, source, tree::Tree};

const RUST: &[&str] = &["thread::sleep(", "time::sleep(", "sleep_until(", "park_timeout("];
const PAGES: &[&str] = &["waitForTimeout(", "sleep(", "delay("];
const WHY: &str =
    "wait for the condition itself, with a deadline; a poll's pause says so: tidy-allow waits: <why>";

/// Finds sleeping tests.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.starts_with("crates/tidy/")) {
        match file.extension() {
            "rs" => {
                for line in source::lines(&file.path, &file.text, "waits").iter().filter(|line| line.test) {
                    // A short name is imported first; a function of the test's own by that name puts a room to sleep.
                    let imported =
                        line.code.trim_start().starts_with("use ") && source::has_word(&line.code, "sleep");
                    let called = RUST.iter().find(|mark| calls(&line.code, mark)).copied();
                    if let Some(mark) = called.or(imported.then_some("sleep")) {
                        findings.push(Finding::at(
                            &file.path,
                            line.number,
                            format!("a test calls `{mark}`"),
                            WHY,
                        ));
                    }
                }
            }
            "ts" | "mjs" if is_page_test(&file.path) => {
                let lines: Vec<&str> = file.text.lines().collect();
                for (index, line) in lines.iter().enumerate() {
                    let found = PAGES.iter().find(|mark| calls(line, mark));
                    if let Some(mark) = found.filter(|_| !source::is_allowed(&lines, index, "waits")) {
                        findings.push(Finding::at(
                            &file.path,
                            index + 1,
                            format!("a test calls `{mark}`"),
                            WHY,
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    findings
}

fn is_page_test(path: &str) -> bool {
    path.starts_with("web/")
        && path.split('/').any(|part| {
            part.contains(".test.")
                || part.contains(".spec.")
                || matches!(part, "test" | "tests" | "acceptance" | "browser")
        })
}

/// Whether the line calls it, as opposed to a longer name that ends the same.
fn calls(code: &str, mark: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(mark).any(|(at, _)| !code[..at].chars().next_back().is_some_and(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeping_tests_are_found() {
        for (path, text) in [
            ("crates/x/tests/a.rs", "std::thread::sleep(d);"),
            (
                "crates/x/src/a.rs",
                "#[cfg(test)]\nmod tests {\n  async fn f() { tokio::time::sleep(d).await; }\n}",
            ),
            ("crates/x/tests/a.rs", "use tokio::time::{Duration, sleep};"),
            ("web/tests/farm.ts", "await page.waitForTimeout(500);"),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn what_is_fine_passes() {
        for (path, text) in [
            ("crates/x/src/a.rs", "std::thread::sleep(d);"),
            ("crates/x/tests/a.rs", "rooms_that_sleep(3); world.sleep(room);"),
            (
                "crates/x/tests/a.rs",
                "// tidy-allow waits: the pause between two looks at the pid file\nsleep(d);",
            ),
        ] {
            assert!(check(&Tree::of(&[(path, text)])).is_empty(), "{path}: {text}");
        }
    }
}
