//! Links between documents lead somewhere. A page that points at nothing is worse than one that does not point.

use std::collections::BTreeSet;

use crate::{finding::Finding, tree::Tree};

const WHY: &str = "a reader follows it and finds nothing; mend the link, or write what it promises";

/// Finds links to files that are not there, and to headings that are not in them.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with("md") {
        for (number, target) in targets(&file.text) {
            let (path, heading) = target.split_once('#').unwrap_or((&target, ""));
            if path.contains(':') || path.starts_with('/') {
                continue;
            }
            let full = if path.is_empty() { Some(file.path.clone()) } else { resolve(&file.path, path) };
            let Some(full) = full.filter(|full| full.is_empty() || tree.paths.contains(full)) else {
                findings.push(Finding::at(&file.path, number, format!("`{target}` leads nowhere"), WHY));
                continue;
            };
            if heading.is_empty() || !full.ends_with(".md") {
                continue;
            }
            let there = tree.files.iter().find(|other| other.path == full);
            if there.is_none_or(|there| !headings(&there.text).contains(heading)) {
                findings.push(Finding::at(
                    &file.path,
                    number,
                    format!("`{full}` has no heading `#{heading}`"),
                    WHY,
                ));
            }
        }
    }
    findings
}

/// Lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            return None;
        }
        (!fenced).then_some((index + 1, line))
    })
}

/// The targets of `[text](target)`, `![text](target)` and `src="target"`.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        for (open, close) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
            for (at, _) in line.match_indices(open) {
                let rest = &line[at + open.len()..];
                // In code: `[a](b)` is shown, not followed.
                let quoted = line[..at].matches('`').count() % 2 == 1;
                if let Some(end) = rest.find(close).filter(|_| !quoted) {
                    found.push((number, rest[..end].split(' ').next().unwrap_or_default().to_owned()));
                }
            }
        }
    }
    found
}

/// The path that `target` means in the folder of `from`; `None` when it leaves the tree.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The names by which headings are linked: lower case, spaces as `-`, other signs gone.
fn headings(text: &str) -> BTreeSet<String> {
    prose(text)
        .filter_map(|(_, line)| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()))
        .map(|heading| {
            heading
                .chars()
                .filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c.to_ascii_lowercase()),
                    _ => None,
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_links_are_found() {
        let found =
            |text: &str| check(&Tree::of(&[("docs/a.md", text), ("README.md", "# The `one` idea\n")])).len();
        for fault in [
            "[x](b.md)",
            "![x](../images/b.png)",
            "[x](../README.md#two)",
            "[x](#here)",
            "<img src=\"b.png\">",
        ] {
            assert_eq!(found(fault), 1, "{fault}");
        }
        for fine in [
            "[x](../README.md)",
            "[x](../README.md#the-one-idea)",
            "# Here\n[x](#here)",
            "[x](https://example.org/y)",
            "`[x](b.md)`",
            "```\n[x](b.md)\n```",
        ] {
            assert_eq!(found(fine), 0, "{fine}");
        }
    }
}
