//! The older way, `mirrors` and `configs` in config.toml, for files that use it already: a `config_path` would
//! exclude what is there.

use super::super::hosts;
use super::super::version::Version;
use super::config::{Config, Table};
use super::{ID, migrate};
use crate::edit::toml::{Toml, quoted_list};
use crate::error::{Error, ErrorKind, Result};
use crate::host::RegistryHost;
use crate::plan::{Draft, Plan};
use crate::settings::{Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};

/// config.toml with the registries in its mirrors.
pub(super) fn plan(settings: &Settings, config: &Config<'_>, table: &Table, draft: &mut Draft) -> Result<Toml> {
    let mut toml = config.versioned()?;
    for removal in settings.removed().iter().filter(|removal| removal.is_for(ID)) {
        toml = remove(toml, removal, table, &mut draft.plan)?;
    }
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        match check(registry, config) {
            Ok(()) => toml = ensure(&toml, registry, table)?,
            Err(error) => draft.declined.push((registry.host.clone(), error)),
        }
        note(registry, config.toml(), table, draft);
    }
    Ok(toml)
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

fn ensure(toml: &Toml, registry: &Registry, table: &Table) -> Result<Toml> {
    let host = name(&registry.host);
    let mirror = [table[0], table[1], table[2], "mirrors", &host];
    let key = [table[0], table[1], table[2], "mirrors", &host, "endpoint"];
    let there = toml.strings(&key)?.unwrap_or_default();
    let wanted: Vec<_> = registry.endpoints.iter().map(address).collect();
    let leads = there.len() >= wanted.len() && there.iter().zip(&wanted).all(|(a, b)| compared(a) == compared(b));
    let is_new = toml.get(&mirror).is_none();
    let mut toml = if leads {
        Toml::parse(toml.text().clone())?
    } else {
        let others = toml.without_elements(&key, |url| wanted.iter().any(|w| compared(w) == compared(url)))?;
        others.prepend(&key, &wanted.iter().map(String::as_str).collect::<Vec<_>>())?
    };
    if is_new {
        toml = toml.marked(&mirror)?;
    }
    let unverified = registry.endpoints.iter().filter(|endpoint| endpoint.trust == Trust::SkipVerify);
    unverified
        .map(|endpoint| endpoint.url.authority())
        .try_fold(toml, |toml, authority| skip_verify(&toml, &authority, table))
}

/// `configs` are looked up by the endpoint's own host and port, not by the registry's.
fn skip_verify(toml: &Toml, authority: &str, table: &Table) -> Result<Toml> {
    let tls = [table[0], table[1], table[2], "configs", authority, "tls"];
    let is_new = toml.get(&tls).is_none();
    let key = [table[0], table[1], table[2], "configs", authority, "tls", "insecure_skip_verify"];
    let toml = toml.assign(&key, "true")?;
    if is_new { toml.marked(&tls) } else { Ok(toml) }
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
fn remove(toml: Toml, removal: &Removal, table: &Table, plan: &mut Plan) -> Result<Toml> {
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
        return Ok(toml);
    }
    let toml = if kept.is_empty() { toml.remove(&mirror)? } else { toml.assign(&key, &quoted_list(&kept))? };
    gone.iter().filter_map(|url| url.parse::<EndpointUrl>().ok()).try_fold(toml, |toml, url| {
        let authority = url.authority();
        let config = [table[0], table[1], table[2], "configs", &authority, "tls"];
        let is_needed = uses(&toml, table, &authority);
        if toml.is_marked(&config) && !is_needed { toml.remove(&config) } else { Ok(toml) }
    })
}

/// Whether some mirror still has an endpoint there.
fn uses(toml: &Toml, table: &Table, authority: &str) -> bool {
    let mirrors = toml.get(&[table[0], table[1], table[2], "mirrors"]).and_then(toml_edit::Item::as_table_like);
    let mut endpoints = mirrors
        .into_iter()
        .flat_map(|mirrors| mirrors.iter())
        .filter_map(|(_, mirror)| mirror.get("endpoint")?.as_array());
    endpoints.any(|list| {
        let mut urls = list.iter().filter_map(|text| migrate::endpoint(text.as_str()?));
        urls.any(|(url, _)| url.authority() == authority)
    })
}
