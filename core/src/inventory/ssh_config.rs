//! What an OpenSSH client configuration says of hosts: `ssh_config(5)`, as far as it is understood here.
//!
//! Why not a crate: `ssh2-config` 0.9 knows neither `ProxyCommand` nor the host key options, tells no lines, and looks
//! for a home folder by itself.

mod option;
mod parse;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::LookUp;
use super::entry::Entry;
use crate::error::{Error, Result};
use crate::node::Node;
use option::Resolved;
use parse::Lines;

#[cfg(feature = "import")]
pub(super) use parse::Alias;

/// How many hosts may lead to a node.
const MOST_JUMPS: usize = 8;

/// A configuration, with all that it includes.
pub(super) struct SshConfig {
    lines: Lines,
    home: Option<PathBuf>,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The file; none for a text alone.
    pub(crate) path: Option<String>,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// Something that was not understood.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Warning {
    pub(crate) place: Place,
    pub(crate) keyword: String,
    /// What is said of the keyword.
    pub(crate) text: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place.path {
            Some(path) => write!(f, "{path}:{}: ", self.place.line)?,
            None => write!(f, "line {}: ", self.place.line)?,
        }
        write!(f, "{} {}", self.keyword, self.text)
    }
}

/// What was not understood, each said once.
#[derive(Default)]
pub(crate) struct Warnings(BTreeSet<Warning>);

impl Warnings {
    fn add(&mut self, place: Place, keyword: &str, text: &str) {
        self.0.insert(Warning { place, keyword: keyword.to_owned(), text: text.to_owned() });
    }

    /// In the order of files and lines.
    pub(crate) fn into_list(self) -> impl Iterator<Item = Warning> {
        self.0.into_iter()
    }
}

impl SshConfig {
    /// Reads the file and those that it includes.
    pub(super) fn load(path: &Path, warnings: &mut Warnings) -> Result<Self> {
        let home = home();
        let lines = parse::load(path, home.as_deref(), warnings)?;
        Ok(Self { lines, home })
    }

    /// Reads a text, and the files that it includes if it stands in one itself.
    #[cfg(feature = "import")]
    pub(super) fn parse(text: &str, path: Option<&Path>, warnings: &mut Warnings) -> Result<Self> {
        let home = home();
        let lines = parse::text(text, path, home.as_deref(), warnings)?;
        Ok(Self { lines, home })
    }

    /// The names without wildcards, in the order of their first mention.
    #[cfg(feature = "import")]
    pub(super) fn aliases(&self) -> &[Alias] {
        &self.lines.aliases
    }

    /// The node with what the configuration says of its address, where the list says nothing.
    pub(super) fn complete(&self, entry: Entry, warnings: &mut Warnings) -> (Entry, Vec<String>) {
        let Some(address) = entry.address.clone().filter(|_| entry.local != Some(true)) else {
            return (entry, Vec::new());
        };
        let alias = alias_of(&address);
        let mut resolved = self.resolve(alias, &entry, warnings);
        if entry.jump.is_some() {
            resolved.entry.proxy_command = None;
        }
        let jump = if entry.jump.is_none() && entry.proxy_command.is_none() { resolved.jump } else { Vec::new() };
        let name = entry.name.clone().or_else(|| Some(alias.to_owned()));
        let mut entry = Entry { name, ..entry }.over(&resolved.entry);
        if let Some(host) = resolved.host_name {
            entry.address = Some(address.replacen(alias, &host, 1));
        }
        (entry, jump)
    }

    /// The hosts that `ProxyJump` names, with what leads to the first of them.
    pub(super) fn jump_hosts(
        &self,
        places: &[String],
        base: &Entry,
        look_up: LookUp<'_>,
        warnings: &mut Warnings,
    ) -> Result<Vec<Arc<Node>>> {
        let chain = self.jump_entries(places, base, warnings)?;
        chain.into_iter().map(|entry| entry.node(look_up).map(Arc::new)).collect()
    }

    /// The same hosts as entries of a list.
    pub(super) fn jump_entries(&self, places: &[String], base: &Entry, warnings: &mut Warnings) -> Result<Vec<Entry>> {
        let mut chain = Vec::new();
        let mut places = places.to_vec();
        while let Some(place) = places.pop() {
            if chain.len() == MOST_JUMPS {
                return Err(Error::invalid(format!("more than {MOST_JUMPS} hosts lead to it")).with_key("ProxyJump"));
            }
            let entry = Entry { address: Some(place), ..base.clone() };
            let (mut entry, before) = self.complete(entry, warnings);
            if !places.is_empty() {
                // Reached through the ones before it, whatever it says of other ways.
                entry.proxy_command = None;
            }
            chain.push(entry);
            if places.is_empty() {
                places = before;
            }
        }
        chain.reverse();
        Ok(chain)
    }

    fn resolve(&self, alias: &str, entry: &Entry, warnings: &mut Warnings) -> Resolved {
        let mut resolved = Resolved::default();
        for line in self.lines.options.iter().filter(|line| line.is_for(alias)) {
            resolved.take(line, alias, entry, self.home.as_deref(), warnings);
        }
        resolved
    }
}

/// Only for a configuration that names it by `~` or `%d`.
fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// The host in `[user@]host[:port]`.
fn alias_of(address: &str) -> &str {
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None if host.matches(':').count() == 1 => host.split_once(':').map_or(host, |(host, _)| host),
        None => host,
    }
}

#[cfg(test)]
mod tests;
