//! Every figure that the server shows is explained to those who read it, and none is explained that is gone.

use std::collections::BTreeSet;

use crate::{finding::Finding, source, tree::Tree};

const PAGE: &str = "docs/operations.md";
const PREFIX: &str = "longhouse_";
const NEW_WHY: &str =
    "a figure that nobody can look up is noise on the page; say in docs/operations.md what it tells";
const GONE_WHY: &str = "no source has this figure; an alert on it would never fire";

/// Compares the names in the sources with those in the page.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let Some(page) = tree.files.iter().find(|file| file.path == PAGE) else { return Vec::new() };
    let mut known = BTreeSet::new();
    let mut findings = Vec::new();
    for file in
        tree.with("rs").filter(|file| file.path.contains("/src/") && !file.path.starts_with("crates/tidy/"))
    {
        let lines: Vec<&str> = file.text.lines().collect();
        for line in source::lines(&file.path, &file.text, "figures").iter().filter(|line| !line.test) {
            for name in names(lines[line.number - 1], "\"longhouse_") {
                if !page.text.contains(&format!("`{name}`")) && known.insert(name.clone()) {
                    findings.push(Finding::at(
                        &file.path,
                        line.number,
                        format!("`{name}` is not explained"),
                        NEW_WHY,
                    ));
                }
                known.insert(name);
            }
        }
    }
    for (index, line) in page.text.lines().enumerate() {
        for name in names(line, "`longhouse_").into_iter().filter(|name| !known.contains(name)) {
            findings.push(Finding::at(PAGE, index + 1, format!("`{name}` is not in the sources"), GONE_WHY));
        }
    }
    findings
}

/// The whole names in a line that begin after `open` and end with the same sign.
fn names(line: &str, open: &str) -> Vec<String> {
    let (quote, _) = open.split_at(1);
    line.match_indices(open)
        .filter_map(|(at, _)| {
            let name: String = line[at + 1..]
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
                .collect();
            (line[at + 1 + name.len()..].starts_with(quote) && name.len() > PREFIX.len()).then_some(name)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_without_a_word_and_words_without_a_figure_are_found() {
        let found = |code: &str, page: &str| {
            check(&Tree::of(&[("crates/x/src/a.rs", code), (PAGE, page)]))
                .into_iter()
                .map(|f| f.what)
                .collect::<Vec<_>>()
        };
        let code = "fn f() { counter!(\"longhouse_a_total\").increment(1) }";
        assert_eq!(found(code, "| `longhouse_a_total` | fine |"), [""; 0]);
        assert_eq!(found(code, "nothing"), ["`longhouse_a_total` is not explained"]);
        assert_eq!(found("", "see `longhouse_b`"), ["`longhouse_b` is not in the sources"]);
    }
}
