//! A dependency that no source names is built, audited and updated for nothing.

use crate::{finding::Finding, layers::Graph, source, tree::Tree};

const WHY: &str = "no source of the crate names it; take it out of the manifest";

/// Packages whose library has a name of its own.
const LIBRARIES: &[(&str, &str)] = &[("md-5", "md5"), ("rustls-webpki", "webpki")];

/// Finds dependencies of the house's crates that their sources never name.
pub fn check(graph: &Graph, tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for node in graph.0.values() {
        let folder = node.manifest.trim_end_matches("Cargo.toml");
        let sources: Vec<(bool, Vec<source::Line>)> = tree
            .with("rs")
            .filter(|file| file.path.starts_with(folder))
            .map(|file| {
                let rest = &file.path[folder.len()..];
                let shipped = rest.starts_with("src/") || rest == "build.rs";
                (shipped, source::lines(&file.path, &file.text, "unused"))
            })
            .collect();
        let named = |name: &str, tests_too: bool| {
            let library = LIBRARIES.iter().find(|(package, _)| *package == name);
            let name = library.map_or(name, |(_, library)| library).replace('-', "_");
            sources
                .iter()
                .filter(|(shipped, _)| tests_too || *shipped)
                .flat_map(|(_, lines)| lines)
                .any(|line| (tests_too || !line.test) && source::has_word(&line.code, &name))
        };
        for name in node.uses.iter().filter(|name| !named(name, false)) {
            findings.push(Finding::at(&node.manifest, 0, format!("`{name}` is not used"), WHY));
        }
        for name in node.tests_use.iter().filter(|name| !named(name, true)) {
            findings.push(Finding::at(&node.manifest, 0, format!("`{name}` is not used by tests"), WHY));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Node;

    #[test]
    fn unused_dependencies_are_found() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let node = Node {
            folder: "crates".into(),
            manifest: "crates/x/Cargo.toml".into(),
            uses: set(&["rmp-serde", "bytes", "uuid", "md-5"]),
            tests_use: set(&["proptest", "tempfile"]),
        };
        let graph = Graph([("x".to_owned(), node)].into());
        let tree = Tree::of(&[
            (
                "crates/x/src/lib.rs",
                "use rmp_serde::from_slice; // bytes\nuse md5::Md5;\n#[cfg(test)]\nuse uuid::Uuid;",
            ),
            ("crates/x/tests/a.rs", "use tempfile::TempDir;"),
            ("crates/y/src/lib.rs", "use bytes::Bytes;"),
        ]);
        let found: Vec<String> = check(&graph, &tree).into_iter().map(|finding| finding.what).collect();
        assert_eq!(found, ["`bytes` is not used", "`uuid` is not used", "`proptest` is not used by tests"]);
    }
}
