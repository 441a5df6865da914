//! hosts.toml, which containerd and new dockers read: written anew, or merged into what is there.

mod files;
mod folder;
mod listed;
mod resolve;
mod types;
mod wanted;

use toml_edit::Item;

use crate::edit::toml::{Change, MARK, Toml, quoted};
use crate::edit::{Takes, Text};
use crate::error::{Error, ErrorKind, Result};
use crate::plan::{FileChange, Plan};
use crate::settings::{Capability, EndpointUrl, Registry, Removal};

use super::version::Version;

pub(super) use folder::{Folder, Reader, queries, spellings};
pub(super) use resolve::resolve;
pub(super) use types::has_bracket;
pub(super) use wanted::Moved;
use wanted::{Table, Wanted};

/// The first line of a file that this library has written.
const HEAD: &str = "# Written by regconf, which keeps the hosts below a line \"# regconf\". The rest is yours.\n";

/// The first line of a file made of entries that stood in config.toml.
const MOVED: &str = "# Moved by regconf from mirrors and configs in config.toml.\n";

/// The folder with this registry's endpoints in its hosts.toml.
pub(super) fn ensure(registry: &Registry, folder: &Folder<'_>) -> Result<Plan> {
    if registry.host.cidr().is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "containerd knows no blocks of addresses")
            .with_hint("ensure each registry host by itself"));
    }
    check_reader(registry, folder.reader)?;
    let wanted = Wanted::of(registry, folder);
    let mut plan = Plan::default();
    files::put(registry, folder, &mut plan)?;
    let after = match folder.hosts.filter(|bytes| !bytes.is_empty()) {
        None => wanted.new_file(HEAD, Some(MARK)),
        Some(bytes) => {
            let hosts = merged(&wanted, registry, Hosts::parse(folder, bytes)?)?;
            hosts.notes(registry, &wanted, folder.reader.engine, &mut plan);
            if hosts.may_stay(folder.reader) { bytes.to_vec() } else { hosts.written(folder, &mut plan) }
        }
    };
    let mut change = FileChange::new(folder.hosts_path(), folder.hosts.map(<[u8]>::to_vec), Some(after));
    if registry.endpoints.iter().any(|endpoint| !endpoint.headers.is_empty()) {
        change.mode = 0o600;
    }
    plan.change(change);
    files::take(folder, |name| !files::names(registry).any(|kept| kept == name), &mut plan)?;
    if !plan.is_empty() {
        folder.notes.iter().for_each(|text| plan.note(folder.reader.engine, Some(&registry.host), text));
    }
    Ok(plan)
}

/// What another file says of a registry, as hosts.toml, and what is to be said of it. It is not marked: it was not this
/// library that wanted it.
pub(super) fn moved(
    endpoints: Vec<Moved>,
    root: Vec<(&'static str, String)>,
    folder: &Folder<'_>,
) -> Result<(Vec<u8>, Option<String>)> {
    let wanted = Wanted::moved(endpoints, root);
    let Some(bytes) = folder.hosts.filter(|bytes| !bytes.is_empty()) else {
        return Ok((wanted.new_file(MOVED, None), None));
    };
    let mut hosts = Hosts::parse(folder, bytes)?;
    hosts = hosts.with_all(&wanted, None)?;
    if hosts.may_stay(folder.reader) {
        return Ok((bytes.to_vec(), None));
    }
    Ok((hosts.toml.text().to_bytes(), hosts.reshaped_note(folder.reader)))
}

/// Whether a file begins as those that this library writes.
fn is_ours(bytes: &[u8]) -> bool {
    bytes.starts_with(HEAD.split(',').next().unwrap_or(HEAD).as_bytes())
}

/// The folder without what this library has put there, and without the endpoints that are named.
pub(super) fn remove(removal: &Removal, folder: &Folder<'_>) -> Result<Plan> {
    let mut plan = Plan::default();
    let Some(bytes) = folder.hosts.filter(|bytes| !bytes.is_empty()) else { return Ok(plan) };
    let mut hosts = Hosts::parse(folder, bytes)?;
    let named = |url: &EndpointUrl| removal.endpoints.iter().any(|endpoint| Table::is_same(endpoint, url));
    let all = removal.endpoints.is_empty();
    hosts = hosts.without(|found| if all { found.is_marked } else { found.url.as_ref().is_some_and(named) })?;
    let nothing_left = hosts.is_ours() && hosts.is_bare();
    let after = match nothing_left {
        true => None,
        false if hosts.is_only_reshaped() => Some(bytes.to_vec()),
        false => {
            if let Some(note) = hosts.reshaped_note(folder.reader) {
                plan.note(folder.reader.engine, None, note);
            }
            Some(hosts.toml.text().to_bytes())
        }
    };
    plan.change(FileChange::new(folder.hosts_path(), Some(bytes.to_vec()), after));
    let still_named = |name: &str| !nothing_left && hosts.toml.text().as_str().contains(&folder.file_path(name));
    files::take(folder, |name| !still_named(name), &mut plan)?;
    Ok(plan)
}

/// What the reader's release of containerd would stumble over.
fn check_reader(registry: &Registry, reader: Reader) -> Result<()> {
    let unsupported = |what: String| Err(Error::new(ErrorKind::Unsupported, what));
    if registry.host.name().starts_with('[') && reader.is_before(Version(1, 7, 0)) {
        return unsupported("before 1.7 containerd cannot read an image's name with an IPv6 address".into())
            .map_err(|error| error.with_hint("use a name or an IPv4 address for it"));
    }
    for endpoint in &registry.endpoints {
        if has_bracket(&endpoint.url.to_string()) && reader.is_before(Version(2, 0, 0)) {
            return unsupported(format!("containerd 1.x cannot read {} in a hosts.toml", endpoint.url))
                .map_err(|error| error.with_hint("use a name or an IPv4 address for it"));
        }
        if endpoint.capabilities.contains(&Capability::Referrers) && reader.is_before(Version(2, 2, 0)) {
            return unsupported(
                "before 2.2 containerd ignores a whole hosts.toml that has the capability referrers".into(),
            )
            .map_err(|error| error.with_hint("leave it out"));
        }
    }
    Ok(())
}

/// The hosts of a file: ours brought in line, the others as they are.
fn merged(wanted: &Wanted, registry: &Registry, mut hosts: Hosts) -> Result<Hosts> {
    let is_wanted = |url: &Option<EndpointUrl>| url.as_ref().is_some_and(|url| wanted.table(url).is_some());
    hosts = hosts.without(|found| found.is_marked && !is_wanted(&found.url))?;
    hosts = hosts.in_order(wanted)?.in_line(wanted)?.with_all(wanted, Some(MARK))?;
    if hosts.is_ours() || registry.fallback.is_some() {
        hosts = hosts.with_root(wanted)?;
    }
    Ok(hosts)
}

/// hosts.toml as found or in the making.
///
/// From 2.0 on containerd sees hosts with a header of their own only (`getSortedHosts`), so all get one.
struct Hosts {
    toml: Toml,
    /// The host tables in the order of the file.
    tables: Vec<Found>,
    /// The bytes with headers for hosts that had none, if there were such.
    reshaped: Option<Vec<u8>>,
}

/// A host table in the file.
struct Found {
    key: String,
    url: Option<EndpointUrl>,
    is_marked: bool,
    /// Where its header stands.
    at: usize,
}

impl Found {
    fn of(toml: &Toml, key: &str, item: &Item) -> Self {
        let inner = item.as_table().and_then(|table| table.iter().find_map(|(_, item)| item.span()));
        Self {
            key: key.to_owned(),
            url: Table::url(key),
            is_marked: toml.is_marked(&["host", key]),
            at: item.span().or(inner).map_or(0, |span| span.start),
        }
    }
}

impl Hosts {
    fn parse(folder: &Folder<'_>, bytes: &[u8]) -> Result<Self> {
        let takes = if folder.reader.is_before(Version(2, 0, 0)) { Takes::AnyBytes } else { Takes::Utf8Only };
        let toml = Text::read(&folder.hosts_path(), bytes, takes).and_then(Toml::parse);
        let hint = "containerd ignores this file as it is; correct it first";
        let toml = toml.map_err(|error| error.with_hint(hint))?;
        types::check(&toml, folder.reader)?;
        match toml.with_headers("host")? {
            None => Ok(Self::of(toml, None)),
            Some(toml) => {
                let bytes = toml.text().to_bytes();
                Ok(Self::of(toml, Some(bytes)))
            }
        }
    }

    fn of(toml: Toml, reshaped: Option<Vec<u8>>) -> Self {
        let hosts = toml.get(&["host"]).and_then(Item::as_table);
        let hosts = hosts.into_iter().flat_map(toml_edit::Table::iter);
        let mut tables: Vec<_> = hosts.map(|(key, item)| Found::of(&toml, key, item)).collect();
        tables.sort_by_key(|found| found.at);
        Self { toml, tables, reshaped }
    }

    /// Whether hosts got headers, and nothing else has changed.
    fn is_only_reshaped(&self) -> bool {
        self.reshaped.as_ref().is_some_and(|bytes| *bytes == self.toml.text().to_bytes())
    }

    /// Whether the file may stay as it was found: containerd 1.x knows hosts without headers too.
    fn may_stay(&self, reader: Reader) -> bool {
        reader.is_before(Version(2, 0, 0)) && self.is_only_reshaped()
    }

    /// What is to be said of hosts that got headers.
    fn reshaped_note(&self, reader: Reader) -> Option<String> {
        let what = if reader.is_at_least(Version(2, 0, 0)) {
            "hosts had no [host.\"…\"] header, without which containerd 2 does not use them; now they have one and count"
        } else {
            "hosts now have a [host.\"…\"] header each, without which containerd 2 does not use them"
        };
        self.reshaped.as_ref().map(|_| format!("{}: {what}", self.toml.text().path()))
    }

    fn is_ours(&self) -> bool {
        is_ours(self.toml.text().as_str().as_bytes())
    }

    /// Whether the file has no more than this library writes above the hosts: nothing that somebody has added.
    fn is_bare(&self) -> bool {
        let ours = ["server", "skip_verify", "ca", "client", "override_path", "host"];
        let root = self.toml.root().as_table_like();
        let only_ours = root.is_none_or(|root| root.iter().all(|(key, _)| ours.contains(&key)));
        let comments = self.toml.text().as_str().lines().skip(1).any(|line| line.trim_start().starts_with('#'));
        only_ours && !comments && self.tables.is_empty()
    }

    /// The key of a host.
    fn find(&self, table: &Table) -> Option<&str> {
        let same = |found: &Found| found.url.as_ref().is_some_and(|url| Table::is_same(url, &table.url));
        self.tables.iter().find(|found| same(found)).map(|found| found.key.as_str())
    }

    fn without(self, goes: impl Fn(&Found) -> bool) -> Result<Self> {
        let gone = self.tables.iter().filter(|found| goes(found)).map(|found| Change::remove(&["host", &found.key]));
        let gone: Vec<_> = gone.collect();
        self.changed(&gone)
    }

    fn changed(self, changes: &[Change]) -> Result<Self> {
        if changes.is_empty() { Ok(self) } else { Ok(Self::of(self.toml.changed(changes)?, self.reshaped)) }
    }

    /// Without our own tables if they stand in another order than wanted; they are put in again.
    fn in_order(self, wanted: &Wanted) -> Result<Self> {
        let rank = |found: &Found| {
            let url = found.url.as_ref()?;
            wanted.tables.iter().position(|table| Table::is_same(&table.url, url))
        };
        if self.tables.iter().filter_map(rank).is_sorted() { Ok(self) } else { self.without(|found| found.is_marked) }
    }

    /// With the keys of the hosts that are there as wanted. In a table of others only what would be wrong is changed.
    fn in_line(self, wanted: &Wanted) -> Result<Self> {
        let mut changes = Vec::new();
        for found in &self.tables {
            if let Some(table) = found.url.as_ref().and_then(|url| wanted.table(url)) {
                changes.extend(self.surplus(found, table));
                changes.extend(table.entries().iter().filter_map(|entry| self.entry(found, table, entry)));
            }
        }
        self.changed(&changes)
    }

    fn surplus(&self, found: &Found, table: &Table) -> Vec<Change> {
        let is_harmful = |key: &&str| {
            // With a path that ends in /v2 it changes nothing.
            let is_off = *key == "override_path"
                && (found.key.ends_with("/v2")
                    || self.toml.get(&["host", &found.key, key]).and_then(Item::as_bool) == Some(false));
            !is_off
        };
        let surplus = table.surplus(found.is_marked).filter(is_harmful);
        surplus.map(|key| Change::remove(&["host", &found.key, key])).collect()
    }

    /// What makes an entry as wanted, if it is not.
    fn entry(&self, found: &Found, table: &Table, (path, value): &(Vec<String>, String)) -> Option<Change> {
        let full: Vec<_> = ["host", &found.key].into_iter().chain(path.iter().map(String::as_str)).collect();
        let there = self.toml.get(&full);
        let means_all = there.is_none() && table.is_content_without(path);
        if means_all || there.is_some_and(|item| table.accepts(path, item, found.is_marked)) {
            return None;
        }
        Some(match there.and_then(|item| table.missing(path, item)) {
            Some((missing, surplus)) if !found.is_marked => Change::list(&full, surplus, missing),
            _ => Change::set(&full, value.as_str()),
        })
    }

    /// With tables for the hosts that have none: behind the one that is tried before, else in front of all others.
    fn with_all(mut self, wanted: &Wanted, mark: Option<&str>) -> Result<Self> {
        let missing: Vec<_> = wanted.tables.iter().map(|table| self.find(table).is_none()).collect();
        let mut above = None;
        let mut at = 0;
        for run in missing.chunk_by(|a, b| a == b) {
            let tables = &wanted.tables[at..at + run.len()];
            if run[0] {
                self = self.with(tables, above, mark)?;
            }
            above = tables.last();
            at += run.len();
        }
        Ok(self)
    }

    fn with(self, tables: &[Table], above: Option<&Table>, mark: Option<&str>) -> Result<Self> {
        let text = self.toml.text();
        let block = tables.iter().map(|table| table.block(mark)).collect::<Vec<_>>().join("\n");
        let above = above.and_then(|table| self.find(table)).and_then(|key| self.toml.end_of(&["host", key]));
        let (at, lines) = match (above, self.tables.first()) {
            (Some(end), _) => (end, format!("\n{block}")),
            (None, Some(first)) => (text.above_comments(first.at), format!("{block}\n")),
            (None, None) if text.as_str().is_empty() => (0, block.clone()),
            (None, None) => (text.as_str().len(), format!("\n{block}")),
        };
        Ok(Self::of(self.toml.with_tables(at, &lines)?, self.reshaped))
    }

    /// The bytes to be. containerd 2 ignores a file with a byte order mark.
    fn written(&self, folder: &Folder<'_>, plan: &mut Plan) -> Vec<u8> {
        if let Some(note) = self.reshaped_note(folder.reader) {
            plan.note(folder.reader.engine, None, note);
        }
        let text = self.toml.text();
        if !text.has_bom() || !folder.reader.is_at_least(Version(2, 0, 0)) {
            return text.to_bytes();
        }
        let note = format!("{}: the byte order mark goes: containerd 2 ignores a file with one", text.path());
        plan.note(folder.reader.engine, None, note);
        text.clone().without_bom().to_bytes()
    }

    /// What there is to know of a file of others.
    fn notes(&self, registry: &Registry, wanted: &Wanted, engine: &str, plan: &mut Plan) {
        self.note_fallback(registry, wanted, engine, plan);
        let tables = &self.tables;
        let is_wanted = |found: &Found| found.url.as_ref().is_some_and(|url| wanted.table(url).is_some());
        let last = tables.iter().rposition(&is_wanted).unwrap_or(0);
        if tables[..last].iter().any(|found| !is_wanted(found)) && !self.is_ours() {
            let text = format!("{}: hosts that others wrote are tried first", self.toml.text().path());
            plan.note(engine, Some(&registry.host), text);
        }
        if tables.iter().any(|found| self.toml.get(&["host", &found.key, "server"]).is_some()) {
            let text = format!("{}: `server` below a [host] header has no effect", self.toml.text().path());
            plan.note(engine, Some(&registry.host), text);
        }
    }

    /// In a file of others the server is theirs, unless `fallback` was asked for.
    fn note_fallback(&self, registry: &Registry, wanted: &Wanted, engine: &str, plan: &mut Plan) {
        let own = registry.endpoints.iter().any(|endpoint| endpoint.url.authority() == registry.host.to_string());
        if own || registry.falls_back() || wanted.is_server(self.toml.str(&["server"]).ok().flatten()) {
            return;
        }
        let text = format!(
            "{}: containerd may still go to the server of this file when all hosts fail; \"fallback\": false ends that",
            self.toml.text().path()
        );
        plan.note(engine, Some(&registry.host), text);
    }

    /// With the keys of the root, which are those of the server that is tried last.
    fn with_root(self, wanted: &Wanted) -> Result<Self> {
        let surplus = wanted.surplus_at_root(self.is_ours()).map(|key| Change::remove(&[key]));
        let entries = wanted.root_entries().map(|(key, value)| Change::set(&[key], value));
        let changes: Vec<_> = surplus.chain(entries).collect();
        self.changed(&changes)
    }
}

impl Text {
    /// The beginning of the line of an offset, or of the comment lines right above it.
    fn above_comments(&self, at: usize) -> usize {
        let mut start = self.line_start(at);
        while start > 0 {
            let above = self.line_start(start - 1);
            if !self.as_str()[above..start].trim_start().starts_with('#') {
                break;
            }
            start = above;
        }
        // The first line of our own file is no comment on a host.
        if start == 0 && self.as_str().starts_with(HEAD) { self.line_end(0) } else { start }
    }
}

/// A basic string in a list.
fn list_of(path: &str) -> String {
    format!("[{}]", quoted(path))
}
