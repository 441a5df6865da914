//! The job that every peer does on every node, and what a driver is told.

use std::error::Error;
use std::path::PathBuf;

use serde_json::Value;

/// What went wrong, in words for whoever runs the benchmark.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The file that is to be merged into.
pub(crate) const CONFIG: &str = "/etc/docker/daemon.json";
/// The entry that is to be in `insecure-registries`.
pub(crate) const ENTRY: &str = "192.168.30.56:5000";
const KEY: &str = "insecure-registries";

/// What a driver is told by its environment: `BENCH_HOSTS`, `BENCH_PORT`, `BENCH_KEY`, `BENCH_KNOWN_HOSTS`,
/// `BENCH_PARALLEL`.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The nodes' addresses.
    pub(crate) hosts: Vec<String>,
    pub(crate) port: u16,
    /// The private key that logs in as root, not encrypted.
    pub(crate) key: PathBuf,
    pub(crate) known_hosts: PathBuf,
    /// How many nodes are worked on at once; 0 is the driver's own default.
    pub(crate) parallel: usize,
}

impl Job {
    /// As the environment says.
    pub(crate) fn of_environment() -> Result<Self> {
        let word = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
        let hosts = std::fs::read_to_string(word("BENCH_HOSTS")?)?;
        Ok(Self {
            hosts: hosts.lines().map(str::to_owned).collect(),
            port: word("BENCH_PORT")?.parse()?,
            key: word("BENCH_KEY")?.into(),
            known_hosts: word("BENCH_KNOWN_HOSTS")?.into(),
            parallel: word("BENCH_PARALLEL")?.parse()?,
        })
    }
}

/// The text with the entry in it; `None` if it has it already.
pub(crate) fn merged(text: &str) -> Result<Option<String>> {
    let mut config: Value = serde_json::from_str(text)?;
    let object = config.as_object_mut().ok_or("daemon.json holds no object")?;
    let list = object.entry(KEY).or_insert_with(|| Value::Array(Vec::new()));
    let list = list.as_array_mut().ok_or("insecure-registries is no list")?;
    if list.iter().any(|entry| entry == ENTRY) {
        return Ok(None);
    }
    list.push(ENTRY.into());
    Ok(Some(serde_json::to_string_pretty(&config)? + "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_is_added_once_and_all_else_stays_in_its_order() {
        let after = merged(r#"{"b": 1, "insecure-registries": ["x:5000"], "a": {"z": 1, "y": 2}}"#).unwrap().unwrap();
        let compact: String = after.split_whitespace().collect();
        assert_eq!(compact, r#"{"b":1,"insecure-registries":["x:5000","192.168.30.56:5000"],"a":{"z":1,"y":2}}"#);
        assert_eq!(merged(&after).unwrap(), None);
        assert!(merged("{}").unwrap().unwrap().contains(ENTRY));
        assert!(merged("[]").is_err() && merged(r#"{"insecure-registries": 1}"#).is_err());
    }
}
