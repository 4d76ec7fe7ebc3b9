//! A file is one idea. Length is a poor measure of that, and the only one a program can read.

use crate::{finding::Finding, tree::Tree};

/// Above this a file is refused.
const LINES_MAX: usize = 800;
/// Above this it is mentioned.
const LINES_NOTED: usize = 500;

const CODE: &[&str] = &["css", "html", "js", "mjs", "rs", "sh", "sql", "ts", "tsx", "vue"];
const WHY: &str =
    "nobody reads a file this long from its top; it holds two ideas, and each wants its own file";

fn lengths(tree: &Tree) -> impl Iterator<Item = (&str, usize)> {
    tree.files
        .iter()
        .filter(|file| CODE.contains(&file.extension()))
        .map(|file| (file.path.as_str(), file.text.lines().count()))
}

/// Files over the limit.
pub fn check(tree: &Tree) -> Vec<Finding> {
    lengths(tree)
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(path, lines)| Finding::at(path, 0, format!("{lines} lines, more than {LINES_MAX}"), WHY))
        .collect()
}

/// Files that come near it.
pub fn notes(tree: &Tree) -> Vec<String> {
    lengths(tree)
        .filter(|(_, lines)| (LINES_NOTED + 1..=LINES_MAX).contains(lines))
        .map(|(path, lines)| format!("{path}: {lines} lines"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_files_are_found_and_nearly_long_ones_noted() {
        let of = |lines: usize| {
            Tree::of(&[("crates/x/src/a.rs", &"\n".repeat(lines)), ("docs/a.md", &"\n".repeat(900))])
        };
        assert_eq!(check(&of(LINES_MAX + 1)).len(), 1);
        assert_eq!(check(&of(LINES_MAX)).len(), 0);
        assert_eq!(notes(&of(LINES_MAX)).len(), 1);
        assert_eq!(notes(&of(LINES_NOTED)).len(), 0);
    }
}
