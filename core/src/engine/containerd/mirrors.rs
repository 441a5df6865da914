//! The older way, `mirrors` and `configs` in config.toml, for files that use it already: a `config_path` would
//! exclude what is there.

use std::collections::BTreeMap;

use super::super::hosts;
use super::super::version::Version;
use super::config::{Config, Table};
use super::{ID, migrate};
use crate::edit::toml::{Change, Toml, quoted_list};
use crate::error::{Error, ErrorKind, Result};
use crate::host::RegistryHost;
use crate::plan::{Draft, Plan};
use crate::settings::{Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};

/// config.toml with the registries in its mirrors.
pub(super) fn plan(settings: &Settings, config: &Config<'_>, table: &Table, draft: &mut Draft) -> Result<Toml> {
    let toml = config.toml();
    let mut changes = config.version_change();
    let removed: Vec<_> = settings.removed().iter().filter(|removal| removal.is_for(ID)).collect();
    let mut users = if removed.is_empty() { Users::default() } else { Users::of(config, table) };
    for removal in removed {
        changes.extend(remove(toml, removal, table, &mut users, &mut draft.plan)?);
    }
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        match check(registry, config) {
            Ok(()) => changes.extend(ensure(toml, registry, table)?),
            Err(error) => draft.declined.push((registry.host.clone(), error)),
        }
        note(registry, toml, table, draft);
    }
    toml.changed(&changes)
}

/// The name of a host's entry.
fn name(host: &RegistryHost) -> String {
    if host.is_default() { "*".to_owned() } else { host.to_string() }
}

/// What this style cannot say.
fn check(registry: &Registry, config: &Config<'_>) -> Result<()> {
    let error = |what: String| {
        Error::new(ErrorKind::Unsupported, what)
            .with_path(config.toml().text().path())
            .with_hint("set \"migrate\": true, which moves the mirrors of this file to hosts.toml files")
    };
    if registry.host.cidr().is_some() {
        return Err(Error::new(ErrorKind::Unsupported, "containerd knows no blocks of addresses")
            .with_hint("ensure each registry host by itself"));
    }
    if hosts::has_bracket(&registry.host.to_string()) && config.is_before(Version(2, 0, 0)) {
        return Err(error(format!("containerd 1.x cannot read {} as a table's name", registry.host)));
    }
    for endpoint in &registry.endpoints {
        let url = &endpoint.url;
        let what = match &endpoint.trust {
            Trust::SkipVerify if config.is_at_least(Version(2, 0, 0)) || config.version.is_none() => {
                Some(format!("containerd 2 has no tls in registry.configs, so {url} cannot be set beside mirrors"))
            }
            Trust::Ca(_) => Some(format!("the CA of {url} cannot be set beside mirrors")),
            _ if hosts::has_bracket(&url.to_string()) && config.is_before(Version(2, 0, 0)) => {
                Some(format!("containerd 1.x cannot read {url} as a table's name"))
            }
            _ if endpoint.client.is_some() => {
                Some(format!("the client certificate for {url} cannot be set beside mirrors"))
            }
            _ if !endpoint.headers.is_empty() => Some(format!("headers for {url} cannot be set beside mirrors")),
            _ => None,
        };
        if let Some(what) = what {
            return Err(error(what));
        }
    }
    Ok(())
}

fn note(registry: &Registry, toml: &Toml, table: &Table, draft: &mut Draft) {
    let host = registry.host.to_string();
    let has = |key: &str| toml.get(&[table[0], table[1], table[2], "mirrors", key]).is_some();
    if has("*") && !has(&host) {
        draft.plan.note(ID, Some(&registry.host), "the mirrors of \"*\" no longer count for it");
    }
    let elsewhere = registry.endpoints.iter().all(|endpoint| endpoint.url.authority() != host);
    if !registry.falls_back() && elsewhere {
        draft.plan.note(
            ID,
            Some(&registry.host),
            "mirrors cannot keep containerd from trying the host's own address last",
        );
    }
}

fn ensure(toml: &Toml, registry: &Registry, table: &Table) -> Result<Vec<Change>> {
    let host = name(&registry.host);
    let key = [table[0], table[1], table[2], "mirrors", &host, "endpoint"];
    let there = toml.strings(&key)?.unwrap_or_default();
    let wanted: Vec<_> = registry.endpoints.iter().map(address).collect();
    let leads = there.len() >= wanted.len() && there.iter().zip(&wanted).all(|(a, b)| compared(a) == compared(b));
    let is_wanted = |url: &&str| wanted.iter().any(|wanted| compared(wanted) == compared(url));
    let mut changes = Vec::new();
    if !leads {
        let doubled = there.into_iter().filter(is_wanted).map(str::to_owned).collect();
        changes.push(Change::list(&key, doubled, wanted).marked());
    }
    let unverified = registry.endpoints.iter().filter(|endpoint| endpoint.trust == Trust::SkipVerify);
    changes.extend(unverified.map(|endpoint| skip_verify(&endpoint.url.authority(), table)));
    Ok(changes)
}

/// `configs` are looked up by the endpoint's own host and port, not by the registry's.
fn skip_verify(authority: &str, table: &Table) -> Change {
    let key = [table[0], table[1], table[2], "configs", authority, "tls", "insecure_skip_verify"];
    Change::set(&key, "true").marked()
}

/// The endpoint as this style writes it: a path is taken as it is, so `/v2` has to be in it.
fn address(endpoint: &Endpoint) -> String {
    let path = endpoint.url.path();
    let whole = path.is_empty() || path.ends_with("/v2") || endpoint.override_path;
    let slash = if whole { "" } else { "/v2" };
    format!("{}{slash}", endpoint.url)
}

/// The address that containerd makes of an endpoint. A lone slash at the end is no path to it and yet keeps `/v2` out.
fn compared(text: &str) -> String {
    let broken = |url: &EndpointUrl| url.path().is_empty() && text.ends_with('/');
    match migrate::endpoint(text).filter(|(url, _)| !broken(url)) {
        Some((url, _)) => url.to_string().trim_end_matches("/v2").to_owned(),
        None => text.to_owned(),
    }
}

/// Without the tables that this library has made, or without the endpoints that are named.
fn remove(toml: &Toml, removal: &Removal, table: &Table, users: &mut Users, plan: &mut Plan) -> Result<Vec<Change>> {
    let host = name(&removal.host);
    let mirror = [table[0], table[1], table[2], "mirrors", &host];
    let key = [table[0], table[1], table[2], "mirrors", &host, "endpoint"];
    let there: Vec<_> = toml.strings(&key)?.unwrap_or_default().into_iter().map(str::to_owned).collect();
    let all = toml.is_marked(&mirror) && removal.endpoints.is_empty();
    let named =
        |url: &String| removal.endpoints.iter().any(|endpoint| compared(&endpoint.to_string()) == compared(url));
    let (gone, kept): (Vec<_>, Vec<_>) = there.into_iter().partition(|url| all || named(url));
    if gone.is_empty() {
        if !kept.is_empty() && removal.endpoints.is_empty() {
            let text =
                format!("mirrors.{host} stays: it does not tell who wrote it; name its endpoints to take them out");
            plan.note(ID, Some(&removal.host), text);
        }
        return Ok(Vec::new());
    }
    let change = if kept.is_empty() { Change::remove(&mirror) } else { Change::set(&key, quoted_list(&kept)) };
    for url in &gone {
        users.leave(url);
    }
    let unused = gone.iter().filter_map(|url| url.parse::<EndpointUrl>().ok()).filter_map(|url| {
        let authority = url.authority();
        let config = [table[0], table[1], table[2], "configs", &authority, "tls"];
        (toml.is_marked(&config) && users.is_none_at(&authority)).then(|| Change::remove(&config))
    });
    Ok(std::iter::once(change).chain(unused).collect())
}

/// How many endpoints of mirrors are at a host and port, which `configs` speak of.
#[derive(Default)]
struct Users(BTreeMap<String, usize>);

impl Users {
    fn of(config: &Config<'_>, table: &Table) -> Self {
        let mut users = BTreeMap::new();
        for (url, _) in config.endpoints(table).into_iter().filter_map(migrate::endpoint) {
            *users.entry(url.authority()).or_default() += 1;
        }
        Self(users)
    }

    fn leave(&mut self, url: &str) {
        let Some((url, _)) = migrate::endpoint(url) else { return };
        if let Some(count) = self.0.get_mut(&url.authority()) {
            *count -= 1;
        }
    }

    fn is_none_at(&self, authority: &str) -> bool {
        self.0.get(authority).is_none_or(|count| *count == 0)
    }
}
