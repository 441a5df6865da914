//! Moving `mirrors` and `configs.*.tls` of config.toml to hosts.toml files, on request.

use std::collections::BTreeSet;

use toml_edit::{Item, TableLike};

use super::super::hosts::{self, Folder, Moved, Reader};
use super::super::version::Version;
use super::config::{Config, Table};
use super::{DEFAULT_ROOT, ID};
use crate::edit::toml::{Change, Toml, quoted, quoted_list};
use crate::error::{ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;
use crate::settings::EndpointUrl;

/// What is moved: config.toml without it, and the hosts.toml files with it.
pub(super) struct Migration {
    pub(super) toml: Toml,
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) notes: Vec<String>,
    reader: Reader,
}

/// Keys and TOML values of an endpoint's trust.
type Tls = Vec<(&'static str, String)>;

/// The folders that a migration would write to, so that they can be read first.
pub(super) fn queries(facts: &Facts, path: &str) -> Vec<Query> {
    let Ok(config) = Config::of(facts, path) else { return Vec::new() };
    let Ok(table) = config.table() else { return Vec::new() };
    let Ok(root) = root(config.toml(), &table) else { return Vec::new() };
    let hosts = names(config.toml(), &table, "mirrors").into_iter().chain(names(config.toml(), &table, "configs"));
    let hosts = hosts.filter_map(|name| namespace(&name));
    hosts.flat_map(|host| hosts::queries(facts, &root, &host)).collect()
}

/// What is to be moved; `None` if there is nothing.
pub(super) fn plan(config: &Config<'_>, facts: &Facts) -> Result<Option<Migration>> {
    let table = config.table()?;
    let toml = config.toml();
    let mirrors = names(toml, &table, "mirrors");
    let unverified: Vec<_> =
        names(toml, &table, "configs").into_iter().filter(|name| !tls(toml, &table, name).is_empty()).collect();
    let key = [table[0], table[1], table[2], "config_path"];
    let set = toml.str(&key)?.unwrap_or("");
    let is_dead_list = set.contains(':') && !config.splits_lists(table[1]);
    if mirrors.is_empty() && unverified.is_empty() && !is_dead_list {
        return Ok(None);
    }
    let is_ours = |name: &String| toml.is_marked(&[table[0], table[1], table[2], "mirrors", name]);
    if config.is_before(Version(1, 5, 0)) && mirrors.iter().all(is_ours) {
        return Ok(None);
    }
    if config.is_before(Version(1, 5, 0)) {
        let what = "this release of containerd has no config_path, so mirrors cannot be moved";
        return Err(toml.error(&table, ErrorKind::Unsupported, what).with_hint("leave \"migrate\" out"));
    }
    let root = root(toml, &table)?;
    let changed = if set.is_empty() || is_dead_list {
        config.with_root(&table, &root)?
    } else {
        toml.changed(&config.version_change())?
    };
    let reader = Reader { engine: ID, version: config.version };
    let mut migration = Migration { toml: changed, files: Vec::new(), notes: Vec::new(), reader };
    for name in &mirrors {
        migration.mirror(toml, &table, name, &root, facts)?;
    }
    let known: BTreeSet<_> = mirrors.iter().collect();
    for name in unverified.iter().filter(|name| !known.contains(name)) {
        migration.direct(toml, &table, name, &root, facts)?;
    }
    let moved = mirrors.iter().map(|name| Change::remove(&[table[0], table[1], table[2], "mirrors", name]));
    let tls = unverified.iter().map(|name| Change::remove(&[table[0], table[1], table[2], "configs", name, "tls"]));
    migration.toml = migration.toml.changed(&moved.chain(tls).collect::<Vec<_>>())?;
    for name in names(toml, &table, "configs") {
        if toml.get(&[table[0], table[1], table[2], "configs", &name, "auth"]).is_some() {
            migration
                .notes
                .push(format!("the login for {name} stays in {}: hosts.toml has no place for it", config.path()));
        }
    }
    Ok(Some(migration))
}

/// The first folder of `config_path`, else the usual one.
fn root(toml: &Toml, table: &Table) -> Result<String> {
    let value = toml.str(&[table[0], table[1], table[2], "config_path"])?.unwrap_or("");
    let first = value.split(':').find(|root| root.starts_with('/'));
    Ok(first.unwrap_or(DEFAULT_ROOT).trim_end_matches('/').to_owned())
}

/// The names of the entries of `mirrors` or `configs`, in the order of the file.
fn names(toml: &Toml, table: &Table, key: &str) -> Vec<String> {
    let entries = toml.table(&[table[0], table[1], table[2], key]).ok().flatten();
    entries.map_or(Vec::new(), |entries| entries.iter().map(|(name, _)| name.to_owned()).collect())
}

/// The host whose folder takes over a mirror's entry.
fn namespace(name: &str) -> Option<RegistryHost> {
    if name == "*" { "_default" } else { name }.parse().ok().filter(|host: &RegistryHost| host.cidr().is_none())
}

/// What `configs` says of an endpoint.
fn tls(toml: &Toml, table: &Table, authority: &str) -> Tls {
    let entry = toml.get(&[table[0], table[1], table[2], "configs", authority, "tls"]).and_then(Item::as_table_like);
    entry.map_or(Vec::new(), tls_of)
}

fn tls_of(entry: &dyn TableLike) -> Tls {
    let text = |key: &str| entry.get(key).and_then(Item::as_str).filter(|text| !text.is_empty());
    let mut tls = Vec::new();
    if entry.get("insecure_skip_verify").and_then(Item::as_bool) == Some(true) {
        tls.push(("skip_verify", "true".to_owned()));
    }
    if let Some(path) = text("ca_file") {
        tls.push(("ca", format!("[{}]", quoted(path))));
    }
    if let (Some(certificate), Some(key)) = (text("cert_file"), text("key_file")) {
        tls.push(("client", format!("[{}]", quoted_list([certificate, key]))));
    }
    tls
}

/// An endpoint as `mirrors` means it: https where no scheme is written, http for this machine itself; a path verbatim.
pub(super) fn endpoint(text: &str) -> Option<(EndpointUrl, bool)> {
    let host = text.split(['/', ':']).next().unwrap_or("");
    let scheme = if host == "localhost" || host.starts_with("127.") { "http" } else { "https" };
    let url = if text.contains("://") { text.to_owned() } else { format!("{scheme}://{text}") };
    let url: EndpointUrl = url.parse().ok()?;
    let verbatim = !url.path().is_empty() && !url.path().ends_with("/v2");
    Some((url, verbatim))
}

/// Host and port of an endpoint as it is written, by which `configs` are looked up.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Migration {
    fn mirror(&mut self, toml: &Toml, table: &Table, name: &str, root: &str, facts: &Facts) -> Result<()> {
        let path = [table[0], table[1], table[2], "mirrors", name];
        let key = [table[0], table[1], table[2], "mirrors", name, "endpoint"];
        let endpoints = toml.strings(&key)?.unwrap_or_default();
        let Some(host) = namespace(name).filter(|_| toml.get(&key).is_some()) else {
            self.notes.push(format!("mirrors.{name} never counted for any image and is left out"));
            return Ok(());
        };
        let mut moved = Vec::new();
        let mut comments = toml.comments_in(&path);
        for text in endpoints {
            let Some((url, override_path)) = endpoint(text) else {
                let what = format!("{text:?} is not an endpoint");
                return Err(toml.error(&key, ErrorKind::Conflict, what).with_hint("correct it first"));
            };
            if hosts::has_bracket(&url.to_string()) && self.reader.is_before(Version(2, 0, 0)) {
                let what = format!("containerd 1.x cannot read {url} in a hosts.toml");
                return Err(toml.error(&key, ErrorKind::Unsupported, what).with_hint("use a name or an IPv4 address"));
            }
            let tls = if url.is_http() { Vec::new() } else { tls(toml, table, authority(text)) };
            moved.push(Moved { url, tls, override_path, comments: std::mem::take(&mut comments) });
        }
        self.file(moved, tls(toml, table, name), &host, root, facts)
    }

    /// A registry that is reached at its own address in a way that `configs` tells.
    fn direct(&mut self, toml: &Toml, table: &Table, name: &str, root: &str, facts: &Facts) -> Result<()> {
        let tls = tls(toml, table, name);
        let url = format!("https://{name}").parse::<EndpointUrl>().ok();
        let Some((host, url)) = namespace(name).zip(url) else {
            self.notes.push(format!("configs.{name}.tls never counted for any registry and is left out"));
            return Ok(());
        };
        self.file(
            vec![Moved { url, tls: tls.clone(), override_path: false, comments: Vec::new() }],
            tls,
            &host,
            root,
            facts,
        )
    }

    fn file(&mut self, moved: Vec<Moved>, root_tls: Tls, host: &RegistryHost, root: &str, facts: &Facts) -> Result<()> {
        let folder = Folder::of(self.reader, facts, root, host)?;
        self.notes.push(format!("the mirrors of {host} move to {}", folder.hosts_path()));
        let (bytes, note) = hosts::moved(moved, root_tls, &folder)?;
        self.notes.extend(note);
        self.files.push((folder.hosts_path(), bytes));
        Ok(())
    }
}
