//! A path of one person's machine works on that machine.

use crate::{finding::Finding, source, tree::Tree};

const MARKS: &[&str] = &["/home/", "/root/", "/Users/", "C:\\Users"];
const WHY: &str = "it exists on one machine; use a path from the tree, $HOME, or a setting";

/// Finds such paths, in any text.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files.iter().filter(|file| file.path != "crates/tidy/src/paths.rs") {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            if let Some(mark) = MARKS.iter().find(|mark| line.contains(*mark))
                && !source::is_allowed(&lines, index, "paths")
            {
                findings.push(Finding::at(&file.path, index + 1, format!("`{mark}…`"), WHY));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_are_found() {
        let tree = Tree::of(&[
            ("docs/a.md", "see /home/me/x"),
            ("scripts/b.sh", "cd ~/x"),
            ("c.toml", "p = \"/root/y\""),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }
}
