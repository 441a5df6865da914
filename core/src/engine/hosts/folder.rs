//! The folder of one registry host below a `config_path`.

use super::super::{file, names};
use crate::error::Result;
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;

/// The folder that an engine takes for a host, or would take.
pub(in super::super) struct Folder<'a> {
    /// Whose folder it is.
    pub(super) engine: &'static str,
    pub(super) path: String,
    /// The names in it; empty if it does not exist.
    pub(super) names: &'a [String],
    /// Its hosts.toml; `None` if there is none.
    pub(super) hosts: Option<&'a [u8]>,
    /// Folders that this one hides or will hide, and others worth a word.
    pub(super) notes: Vec<String>,
    facts: &'a Facts,
}

/// Names of a host's folder, in the order in which containerd looks for them (`hostDirectory` of containerd).
fn spellings(host: &RegistryHost) -> Vec<String> {
    match host.port() {
        Some(port) => vec![format!("{}_{port}_", host.name()), host.to_string()],
        None => vec![host.to_string()],
    }
}

/// What must be read to know a host's folder.
pub(in super::super) fn queries(facts: &Facts, root: &str, host: &RegistryHost) -> Vec<Query> {
    let mut wanted = Vec::new();
    for spelling in spellings(host) {
        let path = format!("{root}/{spelling}");
        let ours = names(facts, &path).unwrap_or_default().iter().filter(|name| is_ours(name));
        wanted.extend(ours.map(|name| Query::File(format!("{path}/{name}"))));
        wanted.push(Query::File(format!("{path}/hosts.toml")));
        wanted.push(Query::Dir(path));
    }
    wanted
}

/// Whether a file beside hosts.toml was put there by this library.
fn is_ours(name: &str) -> bool {
    name.starts_with("regconf-")
}

impl<'a> Folder<'a> {
    pub(in super::super) fn of(
        engine: &'static str,
        facts: &'a Facts,
        root: &str,
        host: &RegistryHost,
    ) -> Result<Self> {
        let spellings = spellings(host);
        let there = |spelling: &&String| names(facts, &format!("{root}/{spelling}")).is_some();
        let existing: Vec<_> = spellings.iter().filter(there).collect();
        let plain = host.to_string();
        let chosen = existing.first().copied().unwrap_or(&plain);
        let path = format!("{root}/{chosen}");
        let mut notes = Vec::new();
        if let [first, second] = existing.as_slice() {
            notes.push(format!("{root}/{second} has no effect beside {root}/{first}"));
        }
        let has_default = names(facts, root).is_some_and(|names| names.iter().any(|name| name == "_default/"));
        if existing.is_empty() && has_default && !host.is_default() {
            notes.push(format!("{root}/_default no longer counts for {host}, which now has a folder of its own"));
        }
        let hosts = file(facts, &format!("{path}/hosts.toml"))?;
        Ok(Self { engine, names: names(facts, &path).unwrap_or_default(), path, hosts, notes, facts })
    }

    pub(super) fn file_path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    pub(in super::super) fn hosts_path(&self) -> String {
        self.file_path("hosts.toml")
    }

    /// A file beside hosts.toml.
    pub(super) fn file(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(file(self.facts, &self.file_path(name))?.map(<[u8]>::to_vec))
    }

    /// Files that this library has put beside hosts.toml.
    pub(super) fn ours(&self) -> impl Iterator<Item = &'a String> {
        self.names.iter().filter(|name| is_ours(name))
    }

    /// Certificates that counted as long as there was no hosts.toml (`loadCertFiles`): CA files, and pairs of a client
    /// certificate and its key.
    pub(super) fn loose_certificates(&self) -> (Vec<String>, Vec<(String, String)>) {
        let ending = |end: &'static str| self.names.iter().filter(move |name| name.ends_with(end) && !is_ours(name));
        let authorities = ending(".crt").map(|name| self.file_path(name)).collect();
        let pairs = ending(".cert").filter_map(|name| {
            let key = format!("{}.key", name.strip_suffix(".cert")?);
            self.names.contains(&key).then(|| (self.file_path(name), self.file_path(&key)))
        });
        (authorities, pairs.collect())
    }
}
