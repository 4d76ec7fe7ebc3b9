//! `tidy`: the habits of this house, as checks that give their reason.
//!
//! A rule that is only written down is soon not kept, and one that is checked without a reason is soon worked around.
//! Each module here is one check: it reads the tree (or Cargo's own graph) and returns findings, and its tests plant
//! the fault that it is for. What formatters, compilers and clippy can say is left to them.
//!
//! A place that has good grounds says so beside the line, and the check passes it:
//! `// tidy-allow <check>: <why>`.

mod figures;
mod finding;
mod layers;
mod lengths;
mod links;
mod manifests;
mod names;
mod packages;
mod paths;
mod purity;
mod queues;
mod source;
mod tree;
mod unfinished;
mod unused;
mod waits;

use std::process::ExitCode;

use anyhow::Context;
use finding::Finding;
use tree::Tree;

fn main() -> anyhow::Result<ExitCode> {
    let metadata = cargo_metadata::MetadataCommand::new().exec().context("reading Cargo's graph")?;
    let tree = Tree::read(metadata.workspace_root.as_std_path()).context("reading the sources")?;
    let graph = layers::Graph::of(&metadata);

    let checks: [(&str, Vec<Finding>); 13] = [
        ("layers", layers::check(&graph)),
        ("purity", purity::check(&tree)),
        ("manifests", manifests::check(&tree)),
        ("unused", unused::check(&graph, &tree)),
        ("packages", packages::check(&tree)),
        ("lengths", lengths::check(&tree)),
        ("names", names::check(&tree)),
        ("unfinished", unfinished::check(&tree)),
        ("queues", queues::check(&tree)),
        ("waits", waits::check(&tree)),
        ("figures", figures::check(&tree)),
        ("links", links::check(&tree)),
        ("paths", paths::check(&tree)),
    ];
    for note in lengths::notes(&tree) {
        println!("note: {note}");
    }
    let mut found = 0_usize;
    for (_, findings) in &checks {
        for finding in findings {
            eprintln!("{finding}");
            found += 1;
        }
    }
    if found > 0 {
        eprintln!("tidy: {found} to mend");
        return Ok(ExitCode::FAILURE);
    }
    let names: Vec<&str> = checks.iter().map(|(name, _)| *name).collect();
    println!("tidy: {} files, nothing to mend ({})", tree.files.len(), names.join(", "));
    Ok(ExitCode::SUCCESS)
}
