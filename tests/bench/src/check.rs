//! Whether a node is as it must be after a push.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::job::{CONFIG, Result, merged};
use crate::nodes::BEFORE;

/// Looks at a node's root: the entry is there, all else is as it was, the old file is kept somewhere, and docker was
/// reloaded once and has read the new file. A second push must leave it so.
///
/// # Errors
/// What is not so.
pub(crate) fn check(root: &Path) -> Result<()> {
    let text = fs::read_to_string(root.join(CONFIG.trim_start_matches('/')))?;
    let expected: Value = serde_json::from_str(&merged(BEFORE)?.ok_or("the entry is there before")?)?;
    if serde_json::from_str::<Value>(&text)? != expected {
        return Err("daemon.json is not what it should be".into());
    }
    if !["etc/docker", "var", "root"].iter().any(|folder| holds(&root.join(folder), BEFORE.as_bytes())) {
        return Err("the old daemon.json is not kept".into());
    }
    if fs::read_to_string(root.join("run/bench/in-force.json"))? != text {
        return Err("docker has not read the new daemon.json".into());
    }
    match fs::read_to_string(root.join("run/bench/reloads"))?.lines().count() {
        1 => Ok(()),
        count => Err(format!("docker was reloaded {count} times, not once").into()),
    }
}

/// Whether some file below a folder has exactly these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_it = |path: &Path| fs::read(path).is_ok_and(|found| found == bytes);
    entries.any(|path| if path.is_dir() { holds(&path, bytes) } else { is_it(&path) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root as a good push leaves it.
    fn good() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let after = merged(BEFORE).unwrap().unwrap();
        for (path, text) in [
            ("etc/docker/daemon.json", after.as_str()),
            ("run/bench/in-force.json", &after),
            ("run/bench/reloads", "reload\n"),
            ("var/lib/some/where", BEFORE),
        ] {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            fs::write(root.path().join(path), text).unwrap();
        }
        root
    }

    #[test]
    fn what_is_not_as_it_must_be_is_seen() {
        check(good().path()).unwrap();
        let lost = BEFORE.replace("\"debug\": false,", "").replace("\"10.20.0.10:5000\"", "\"192.168.30.56:5000\"");
        for (path, text, fault) in [
            ("etc/docker/daemon.json", BEFORE, "not what it should be"),
            ("etc/docker/daemon.json", &lost, "not what it should be"),
            ("var/lib/some/where", "{}", "not kept"),
            ("run/bench/in-force.json", BEFORE, "has not read"),
            ("run/bench/reloads", "", "0 times"),
            ("run/bench/reloads", "reload\nreload\n", "2 times"),
        ] {
            let root = good();
            fs::write(root.path().join(path), text).unwrap();
            let said = check(root.path()).unwrap_err().to_string();
            assert!(said.contains(fault), "{path}: {said}");
        }
    }
}
