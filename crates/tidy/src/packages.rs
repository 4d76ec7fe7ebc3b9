//! The pages' packages, as their lock file names them: cargo-deny's questions, asked of npm.

use serde_json::Value;

use crate::{finding::Finding, tree::Tree};

/// Licences of what is in the pages. Each asks for attribution at most.
const SHIPPED: &[&str] = &["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];
/// And of tools that build and test them, of which nothing is shipped.
const TOOLS: &[&str] = &["BlueOak-1.0.0", "MPL-2.0", "PSF-2.0"];
/// Tools whose manifests name no licence, and the one that lies beside their code.
const UNSAID: &[(&str, &str)] = &[("node_modules/parse-cache-control", "BSD-3-Clause")];

const LICENCE_WHY: &str =
    "what we ship is offered under Apache-2.0 or MIT; a licence that asks for more is a decision";
const SEAL_WHY: &str = "without its hash, the registry decides what runs in the next build";
const SOURCE_WHY: &str =
    "a lock file names packages and seals; where they are fetched from is the machine's affair";

/// Checks every entry of every `package-lock.json`.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let locks = tree.files.iter().filter(|file| file.path.ends_with("package-lock.json"));
    locks.flat_map(|file| check_lock(&file.path, &file.text)).collect()
}

fn check_lock(path: &str, text: &str) -> Vec<Finding> {
    let Ok(lock) = serde_json::from_str::<Value>(text) else {
        return vec![Finding::at(path, 0, "is not JSON", "npm writes it; make it anew with `npm install`")];
    };
    let mut findings = Vec::new();
    let packages = lock["packages"].as_object().into_iter().flatten();
    // The entry without a name is the pages themselves.
    for (name, package) in packages.filter(|(name, _)| !name.is_empty()) {
        let tool = package["dev"].as_bool() == Some(true) || package["devOptional"].as_bool() == Some(true);
        let beside = UNSAID.iter().find(|(unsaid, _)| tool && unsaid == name).map(|(_, licence)| *licence);
        let licence = package["license"].as_str().or(beside).unwrap_or("no licence");
        let fine = choices(licence).any(|one| SHIPPED.contains(&one) || (tool && TOOLS.contains(&one)));
        if !fine {
            findings.push(Finding::at(path, 0, format!("`{name}` has {licence}"), LICENCE_WHY));
        }
        if !package["integrity"].as_str().is_some_and(|seal| seal.starts_with("sha512-")) {
            findings.push(Finding::at(path, 0, format!("`{name}` has no sha512"), SEAL_WHY));
        }
        if let Some(source) = package["resolved"].as_str() {
            findings.push(Finding::at(path, 0, format!("`{name}` is tied to {source}"), SOURCE_WHY));
        }
    }
    findings
}

/// The licences among which one may choose.
fn choices(licence: &str) -> impl Iterator<Item = &str> {
    licence.trim_start_matches('(').trim_end_matches(')').split(" OR ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(package: &str) -> usize {
        let text = format!(r#"{{"packages": {{"": {{}}, "node_modules/a": {package}}}}}"#);
        check(&Tree::of(&[("web/package-lock.json", &text)])).len()
    }

    #[test]
    fn each_planted_fault_is_found() {
        for fault in [
            r#"{"integrity": "sha512-x"}"#,
            r#"{"license": "GPL-3.0", "integrity": "sha512-x"}"#,
            r#"{"license": "MPL-2.0", "integrity": "sha512-x"}"#,
            r#"{"license": "(MIT AND GPL-3.0)", "integrity": "sha512-x"}"#,
            r#"{"license": "(GPL-3.0 OR MPL-2.0)", "integrity": "sha512-x"}"#,
            r#"{"license": "MIT"}"#,
            r#"{"license": "MIT", "integrity": "sha1-x"}"#,
            r#"{"license": "MIT", "integrity": "sha512-x", "resolved": "git+ssh://example.org/a.git"}"#,
        ] {
            assert_eq!(found(fault), 1, "{fault}");
        }
        assert_eq!(check(&Tree::of(&[("web/package-lock.json", "{")])).len(), 1);
    }

    #[test]
    fn what_is_fine_passes() {
        assert_eq!(found(r#"{"license": "MIT", "integrity": "sha512-x"}"#), 0);
        assert_eq!(found(r#"{"license": "(CC0-1.0 OR MIT)", "integrity": "sha512-x"}"#), 0);
        assert_eq!(found(r#"{"license": "MPL-2.0", "integrity": "sha512-x", "dev": true}"#), 0);
    }
}
