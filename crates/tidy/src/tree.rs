//! The files that the checks read. Built and fetched things are left out by the names of their folders.

use std::{fs, io, path::Path};

/// Folders that hold what was built, fetched or saved, never what was written here.
const LEFT_OUT: &[&str] = &[
    ".git",
    ".tools",
    "bin",
    "data",
    "dist",
    "node_modules",
    "target",
    "test-results",
    "proptest-regressions",
];

/// What counts as text to read. Pictures and data tables are not.
const READ: &[&str] = &[
    "css", "html", "js", "json", "md", "mjs", "proto", "rs", "sh", "sql", "toml", "ts", "tsx", "vue", "yaml",
    "yml",
];

/// One text file.
#[derive(Debug, Clone)]
pub struct File {
    /// Path from the root, with `/`.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// What follows the last dot.
    pub fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// Every text file of the tree, and the paths of all others.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Text files, by path.
    pub files: Vec<File>,
    /// Every path, folders included, for links to point at.
    pub paths: std::collections::BTreeSet<String>,
}

impl Tree {
    /// Reads the tree below `root`.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut tree = Self::default();
        tree.walk(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                if !LEFT_OUT.contains(&name.as_str()) {
                    self.walk(&entry.path(), &format!("{path}/"))?;
                    self.paths.insert(path);
                }
                continue;
            }
            let read = path.rsplit_once('.').is_some_and(|(_, extension)| READ.contains(&extension));
            if read || name == "Makefile" {
                let text = String::from_utf8_lossy(&fs::read(entry.path())?).into_owned();
                self.files.push(File { path: path.clone(), text });
            }
            self.paths.insert(path);
        }
        Ok(())
    }

    /// The files with this extension.
    pub fn with(&self, extension: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.extension() == extension)
    }

    /// A tree made of the given files: what the tests plant their faults in.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() })
                .collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        }
    }
}
