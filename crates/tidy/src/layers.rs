//! The walls between crates, read from Cargo's own graph: dependencies go down only.
//!
//! A crate that is not in the table fails: whoever adds one says where it stands. Dev-dependencies are looser, because a
//! test may bring a game to have something to run.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata};

use crate::finding::Finding;

/// Where a crate stands.
struct Layer {
    name: &'static str,
    /// Crates of the house that it may use.
    uses: &'static [&'static str],
    /// Crates from outside.
    outside: Outside,
}

/// What a crate may take from outside the house.
enum Outside {
    /// These only. Pure crates: nothing that could read a clock, chance, a file or a socket.
    Only(&'static [&'static str]),
    /// All but these.
    AllBut(&'static [&'static str]),
}

use Outside::{AllBut, Only};

/// DESIGN's table of layers. `games/*` follow one rule, below.
const LAYERS: &[Layer] = &[
    Layer { name: "kernel", uses: &[], outside: Only(&["blake3", "bytes", "prost", "thiserror", "uuid"]) },
    Layer {
        name: "wire",
        uses: &[],
        outside: Only(&[
            "base64",
            "bytes",
            "prost",
            "serde",
            "serde_json",
            "sha1",
            "thiserror",
            "utoipa",
            "uuid",
        ]),
    },
    Layer { name: "store", uses: &["kernel"], outside: AllBut(SERVICE) },
    Layer { name: "app", uses: &["kernel", "store", "wire"], outside: AllBut(OUTER) },
    // A door for outside workers: gRPC drags a driver of its own.
    Layer { name: "agents", uses: &["app", "kernel", "wire"], outside: AllBut(ENGINES) },
    Layer { name: "server", uses: &["agents", "app", "kernel", "store", "wire"], outside: AllBut(ENGINES) },
    Layer {
        name: "longhouse",
        uses: &["app", "farm", "kernel", "ledger", "plaza", "server", "sovereign", "store", "wire"],
        outside: AllBut(ENGINES),
    },
    // It speaks the client protocol, so that it can speak it to any server.
    Layer {
        name: "swarm",
        uses: &["farm", "kernel", "ledger", "plaza", "sovereign", "wire"],
        outside: AllBut(ENGINES),
    },
    Layer {
        name: "sim",
        uses: &["app", "farm", "kernel", "ledger", "store", "wire"],
        outside: AllBut(OUTER),
    },
    Layer { name: "studio", uses: &["app", "plaza", "server", "store"], outside: AllBut(ENGINES) },
    Layer { name: "tidy", uses: &[], outside: AllBut(&[]) },
];

const GAME_OUTSIDE: &[&str] =
    &["bytes", "miniz_oxide", "num-bigint", "prost", "rmp-serde", "serde", "serde_json", "thiserror", "toml"];
/// Routes and sockets belong to `server`.
const SERVICE: &[&str] = &["axum", "hyper", "hyper-util", "tower", "metrics-exporter-prometheus"];
/// Drivers of databases belong to `store`, alone.
const ENGINES: &[&str] = &["rusqlite", "tokio-postgres", "libsqlite3-sys"];
/// What `app` takes as ports: the network, the database's driver, entropy, the operating system.
const OUTER: &[&str] = &[
    "axum",
    "getrandom",
    "hyper",
    "hyper-util",
    "libc",
    "metrics-exporter-prometheus",
    "rusqlite",
    "socket2",
    "tokio-postgres",
    "tower",
];

const UNKNOWN_WHY: &str =
    "every crate has a place in the layers; add it to crates/tidy/src/layers.rs and to ARCHITECTURE.md";
const UP_WHY: &str =
    "dependencies go down only; move the code to the layer that may, or take what you need as a port";
const PURE_WHY: &str =
    "a pure crate takes only what cannot reach a clock, chance, files or sockets; a new one is a decision";
const OUTSIDE_WHY: &str = "this library belongs to another layer; use that layer, or take it as a port";

/// One crate of the house and what its manifest names.
#[derive(Debug, Default, Clone)]
pub struct Node {
    /// Folder below the root: `crates` or `games`.
    pub folder: String,
    /// Path of its manifest from the root.
    pub manifest: String,
    /// Dependencies of the crate and of its build script.
    pub uses: BTreeSet<String>,
    /// Dependencies of its tests.
    pub tests_use: BTreeSet<String>,
}

/// The house's crates by name.
#[derive(Debug, Default, Clone)]
pub struct Graph(pub BTreeMap<String, Node>);

impl Graph {
    /// Reads what `cargo metadata` said.
    pub fn of(metadata: &Metadata) -> Self {
        let mut graph = Self::default();
        for package in metadata.workspace_packages() {
            let manifest = package
                .manifest_path
                .strip_prefix(&metadata.workspace_root)
                .map_or_else(|_| package.manifest_path.to_string(), ToString::to_string);
            let mut node = Node {
                folder: manifest.split('/').next().unwrap_or_default().to_owned(),
                manifest,
                ..Node::default()
            };
            for dependency in &package.dependencies {
                let names = match dependency.kind {
                    DependencyKind::Development => &mut node.tests_use,
                    _ => &mut node.uses,
                };
                names.insert(dependency.name.clone());
            }
            graph.0.insert(package.name.to_string(), node);
        }
        graph
    }

    fn is_game(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|node| node.folder == "games")
    }
}

/// Finds dependencies that go up or around.
pub fn check(graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, node) in &graph.0 {
        let game = Layer { name: "", uses: &["kernel", "world"], outside: Only(GAME_OUTSIDE) };
        let layer =
            if graph.is_game(name) { Some(&game) } else { LAYERS.iter().find(|layer| layer.name == name) };
        let Some(layer) = layer else {
            findings.push(Finding::at(
                &node.manifest,
                0,
                format!("crate `{name}` has no layer"),
                UNKNOWN_WHY,
            ));
            continue;
        };
        for used in &node.uses {
            if graph.0.contains_key(used) {
                if !layer.uses.contains(&used.as_str()) {
                    findings.push(Finding::at(&node.manifest, 0, format!("`{name}` uses `{used}`"), UP_WHY));
                }
                continue;
            }
            let (refused, why) = match layer.outside {
                Only(list) => (!list.contains(&used.as_str()), PURE_WHY),
                AllBut(list) => (list.contains(&used.as_str()), OUTSIDE_WHY),
            };
            if refused {
                findings.push(Finding::at(&node.manifest, 0, format!("`{name}` uses `{used}`"), why));
            }
        }
        for used in node.tests_use.iter().filter(|used| graph.0.contains_key(*used)) {
            let fine = layer.uses.contains(&used.as_str()) || graph.is_game(used) || used == name;
            if !fine {
                findings.push(Finding::at(
                    &node.manifest,
                    0,
                    format!("tests of `{name}` use `{used}`"),
                    UP_WHY,
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(crates: &[(&str, &str, &[&str], &[&str])]) -> Graph {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Graph(
            crates
                .iter()
                .map(|(name, folder, uses, tests_use)| {
                    let node = Node {
                        folder: (*folder).to_owned(),
                        manifest: format!("{folder}/{name}/Cargo.toml"),
                        uses: set(uses),
                        tests_use: set(tests_use),
                    };
                    ((*name).to_owned(), node)
                })
                .collect(),
        )
    }

    const KERNEL: (&str, &str, &[&str], &[&str]) = ("kernel", "crates", &["prost"], &["proptest"]);

    #[test]
    fn each_planted_fault_is_found() {
        for fault in [
            ("wire", "crates", ["kernel"].as_slice(), [].as_slice()),
            ("wire", "crates", &["tokio"], &[]),
            ("cards", "games", &["rand"], &[]),
            ("app", "crates", &["rusqlite"], &[]),
            ("server", "crates", &["rusqlite"], &[]),
            ("store", "crates", &["axum"], &[]),
            ("novelty", "crates", &[], &[]),
            ("wire", "crates", &[], &["kernel"]),
        ] {
            assert_eq!(check(&graph(&[KERNEL, fault])).len(), 1, "{fault:?}");
        }
    }

    #[test]
    fn what_is_fine_passes() {
        let house = graph(&[
            KERNEL,
            ("wire", "crates", &["serde"], &[]),
            ("cards", "games", &["kernel", "serde"], &["proptest"]),
            ("store", "crates", &["kernel", "rusqlite"], &["tempfile"]),
            ("app", "crates", &["kernel", "store", "wire", "tokio"], &["cards", "rusqlite"]),
        ]);
        assert_eq!(check(&house), []);
    }
}
