//! Whether a node is as it must be after a push.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::job::{Result, merged};
use crate::nodes::{BEFORE, Node};

impl Node {
    /// The entry is there, all else is as it was, the old file is kept somewhere, and docker was reloaded once and has
    /// read the new file. A second push must leave it so.
    pub(crate) fn check(&self) -> Result<()> {
        let text = fs::read_to_string(self.config())?;
        let expected: Value = serde_json::from_str(&merged(BEFORE)?.ok_or("the entry is there before")?)?;
        if serde_json::from_str::<Value>(&text)? != expected {
            return self.wrong("daemon.json is not what it should be");
        }
        if !["etc/docker", "var", "root"].iter().any(|folder| holds(&self.root.join(folder), BEFORE.as_bytes())) {
            return self.wrong("the old daemon.json is not kept");
        }
        if fs::read_to_string(self.root.join("run/bench/in-force.json"))? != text {
            return self.wrong("docker has not read the new daemon.json");
        }
        self.check_reloads(1)
    }

    fn check_reloads(&self, expected: usize) -> Result<()> {
        match fs::read_to_string(self.root.join("run/bench/reloads"))?.lines().count() {
            count if count == expected => Ok(()),
            count => self.wrong(&format!("docker was reloaded {count} times, not {expected}")),
        }
    }

    fn wrong(&self, what: &str) -> Result<()> {
        Err(format!("{}: {what}", self.address).into())
    }
}

/// Whether some file below a folder has exactly these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.iter().any(|path| match path.is_dir() {
        true => holds(path, bytes),
        false => fs::read(path).is_ok_and(|found| found == bytes),
    })
}
