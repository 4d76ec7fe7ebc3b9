//! Dependencies are named in one place, each with its reason, every crate keeps the same lints, and the README asks for the
//! Rust that the workspace asks for.

use crate::{finding::Finding, tree::Tree};

const REASON_WHY: &str = "a dependency is read, audited and updated for years; say beside it what it is for";
const PLACE_WHY: &str = "versions live in the workspace's manifest, so that two crates never disagree: `x = { workspace = true }`";
const LINTS_WHY: &str = "the house's lints hold in every crate: `[lints]` with `workspace = true`";

const RUST_WHY: &str =
    "who installs what the README asks for expects a build; `rust-version` in Cargo.toml is what counts";

/// Checks the root manifest and each crate's.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rust(tree).into_iter().collect();
    for file in
        tree.files.iter().filter(|file| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml"))
    {
        let root = file.path == "Cargo.toml";
        let mut section = "";
        let mut lints = false;
        for (index, line) in file.text.lines().enumerate() {
            if let Some(name) = line.strip_prefix('[') {
                section = name.split(']').next().unwrap_or_default();
                continue;
            }
            lints |= section == "lints" && line.split_whitespace().collect::<String>() == "workspace=true";
            let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#')) else {
                continue;
            };
            let name = name.trim();
            if root && section == "workspace.dependencies" {
                let reason = value.rsplit_once('#').map_or("", |(_, reason)| reason.trim());
                if reason.len() < 8 && !value.contains("path =") {
                    findings.push(Finding::at(
                        &file.path,
                        index + 1,
                        format!("`{name}` without its reason"),
                        REASON_WHY,
                    ));
                }
            } else if !root
                && section.ends_with("dependencies")
                && !(name.ends_with(".workspace") || value.contains("workspace = true"))
            {
                findings.push(Finding::at(
                    &file.path,
                    index + 1,
                    format!("`{name}` has its own version"),
                    PLACE_WHY,
                ));
            }
        }
        if !root && !lints {
            findings.push(Finding::at(&file.path, 0, "without the workspace's lints", LINTS_WHY));
        }
    }
    findings
}

/// What is wrong with the Rust that the README asks for.
fn rust(tree: &Tree) -> Option<Finding> {
    let file = |path: &str| tree.files.iter().find(|file| file.path == path);
    let version = file("Cargo.toml")?
        .text
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = \"")?.strip_suffix('"'))?;
    let (index, line) =
        file("README.md")?.text.lines().enumerate().find(|(_, line)| line.contains("rustup.rs"))?;
    (!line.contains(&format!(" {version} or later"))).then(|| {
        Finding::at("README.md", index + 1, format!("does not ask for Rust \"{version} or later\""), RUST_WHY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "[lints]\nworkspace = true\n[dependencies]\nserde = { workspace = true }\nuuid.workspace = true\n";

    #[test]
    fn each_planted_fault_is_found() {
        for (path, text) in [
            ("Cargo.toml", "[workspace.dependencies]\nserde = \"1\"\n"),
            ("Cargo.toml", "[workspace.dependencies]\nserde = \"1\" # x\n"),
            ("crates/x/Cargo.toml", "[lints]\nworkspace = true\n[dev-dependencies]\nserde = \"1\"\n"),
            ("crates/x/Cargo.toml", "[dependencies]\nserde = { workspace = true }\n"),
        ] {
            assert_eq!(check(&Tree::of(&[(path, text)])).len(), 1, "{path}: {text}");
        }
    }

    #[test]
    fn the_readme_asks_for_the_workspaces_rust() {
        let asks = |text: &str| {
            let manifest = "[workspace.package]\nrust-version = \"1.5\"\n";
            check(&Tree::of(&[("Cargo.toml", manifest), ("README.md", text)])).len()
        };
        assert_eq!(asks("With [Rust](https://rustup.rs) 1.5 or later:\n"), 0);
        assert_eq!(asks("With [Rust](https://rustup.rs) 1.4 or later:\n"), 1);
        assert_eq!(asks("With [Rust](https://rustup.rs) 1.50 or later:\n"), 1);
        assert_eq!(asks("With [Rust](https://rustup.rs):\n"), 1);
    }

    #[test]
    fn what_is_fine_passes() {
        let root =
            "[workspace.dependencies]\nkernel = { path = \"crates/kernel\" }\nserde = \"1\" # JSON shapes\n";
        assert!(check(&Tree::of(&[("Cargo.toml", root), ("crates/x/Cargo.toml", GOOD)])).is_empty());
    }
}
