//! A name that says nothing draws everything in.

use crate::{finding::Finding, tree::Tree};

const EMPTY: &[&str] = &["common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"];
const WHY: &str = "it becomes the drawer for what nobody placed; name it for what it is about";

/// Finds files and folders with empty names.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.paths
        .iter()
        .filter_map(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
            EMPTY.contains(&stem).then(|| Finding::at(path, 0, format!("named `{stem}`"), WHY))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_names_are_found() {
        let tree = Tree::of(&[
            ("crates/x/src/utils.rs", ""),
            ("web/src/helpers.test.ts", ""),
            ("crates/x/src/lease.rs", ""),
        ]);
        assert_eq!(check(&tree).len(), 2);
    }
}
