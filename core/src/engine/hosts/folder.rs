//! The folder of one registry host below a `config_path`.

use super::super::version::Version;
use super::super::{file, has_name, names};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Answer, Facts, Query};
use crate::host::RegistryHost;

/// The folder that an engine takes for a host, or would take.
pub(in super::super) struct Folder<'a> {
    /// Who reads it.
    pub(super) reader: Reader,
    pub(super) path: String,
    /// The names in it; empty if it does not exist.
    pub(super) names: &'a [String],
    /// Its hosts.toml; `None` if there is none.
    pub(in super::super) hosts: Option<&'a [u8]>,
    /// Folders that this one hides or will hide, and others worth a word.
    pub(super) notes: Vec<String>,
    facts: &'a Facts,
}

/// An engine, and the release of containerd whose code it reads these folders with.
#[derive(Clone, Copy)]
pub(in super::super) struct Reader {
    pub(in super::super) engine: &'static str,
    pub(in super::super) version: Option<Version>,
}

impl Reader {
    pub(in super::super) fn is_at_least(self, version: Version) -> bool {
        self.version.is_some_and(|own| own >= version)
    }

    pub(in super::super) fn is_before(self, version: Version) -> bool {
        self.version.is_some_and(|own| own < version)
    }
}

/// Names of a host's folder, in the order in which containerd looks for them (`hostDirectory` of containerd).
pub(in super::super) fn spellings(host: &RegistryHost) -> Vec<String> {
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
        let ours = names(facts, &path).unwrap_or_default().iter().filter(|name| is_of_endpoint(name));
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

/// Whether it belongs to an endpoint of hosts.toml: a number follows, unlike in what docker finds without hosts.toml.
fn is_of_endpoint(name: &str) -> bool {
    name.strip_prefix("regconf-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// A file in place of a folder makes every pull fail.
fn check_folders(facts: &Facts, root: &str, spellings: &[String]) -> Result<()> {
    let is_file = |path: &str| {
        matches!(facts.answer(&Query::File(path.to_owned())), Some(Answer::File(_)))
            || matches!(facts.answer(&Query::Dir(path.to_owned())), Some(Answer::Unusable(_)))
    };
    let listed = |spelling: &&String| names(facts, root).is_some_and(|names| has_name(names, spelling));
    let below = spellings.iter().find(listed).map(|spelling| format!("{root}/{spelling}"));
    match Some(root.to_owned()).filter(|root| is_file(root)).or(below) {
        None => Ok(()),
        Some(path) => Err(Error::new(ErrorKind::Conflict, "is not a folder, so every pull through it fails")
            .with_path(path)
            .with_hint("take it away; a folder belongs there")),
    }
}

impl<'a> Folder<'a> {
    /// The folder in the first of several roots that has one for the host, or has `_default`, which ends the search
    /// too; else it will be in the first root.
    pub(in super::super) fn in_first(
        reader: Reader,
        facts: &'a Facts,
        roots: &[String],
        host: &RegistryHost,
    ) -> Result<Self> {
        let ends = |root: &&String| {
            let mut spellings = spellings(host).into_iter().chain(["_default".to_owned()]);
            spellings.any(|spelling| names(facts, &format!("{root}/{spelling}")).is_some())
        };
        let root = roots.iter().find(ends).or(roots.first()).map_or("", String::as_str);
        Self::of(reader, facts, root, host)
    }

    pub(in super::super) fn of(reader: Reader, facts: &'a Facts, root: &str, host: &RegistryHost) -> Result<Self> {
        let spellings = spellings(host);
        check_folders(facts, root, &spellings)?;
        let there = |spelling: &&String| names(facts, &format!("{root}/{spelling}")).is_some();
        let existing: Vec<_> = spellings.iter().filter(there).collect();
        let plain = host.to_string();
        let chosen = existing.first().copied().unwrap_or(&plain);
        let path = format!("{root}/{chosen}");
        let mut notes = Vec::new();
        if let [first, second] = existing.as_slice() {
            notes.push(format!("{root}/{second} has no effect beside {root}/{first}"));
        }
        let has_default = names(facts, root).is_some_and(|names| has_name(names, "_default/"));
        if existing.is_empty() && has_default && !host.is_default() {
            notes.push(format!("{root}/_default no longer counts for {host}, which now has a folder of its own"));
        }
        let hosts = file(facts, &format!("{path}/hosts.toml"))?;
        Ok(Self { reader, names: names(facts, &path).unwrap_or_default(), path, hosts, notes, facts })
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

    /// Files that this library has put beside hosts.toml for its endpoints.
    pub(super) fn ours(&self) -> impl Iterator<Item = &'a String> {
        self.names.iter().filter(|name| is_of_endpoint(name))
    }

    /// Certificates that counted as long as there was no hosts.toml (`loadCertFiles`): CA files, and pairs of a client
    /// certificate and its key, which may stand in one file.
    pub(super) fn loose_certificates(&self) -> (Vec<String>, Vec<(String, Option<String>)>) {
        let ending = |end: &'static str| self.names.iter().filter(move |name| name.ends_with(end) && !is_ours(name));
        let authorities = ending(".crt").map(|name| self.file_path(name)).collect();
        let pairs = ending(".cert").filter_map(|name| {
            let key = format!("{}.key", name.strip_suffix(".cert")?);
            Some((self.file_path(name), self.names.contains(&key).then(|| self.file_path(&key))))
        });
        (authorities, pairs.collect())
    }
}
