//! The hosts that docker asks for a registry: by its two lists and its folders of certificates.

use std::net::IpAddr;

use serde_json::Value;

use super::super::address::{Address, cleaned};
use super::super::hosts::{self, Reader};
use super::super::unit::Unit;
use super::super::version::Version;
use super::super::{file, names};
use super::{ID, INSECURE, MIRRORS, certs_folder, config_path, entry, info};
use crate::facts::{Answer, Facts, Query};
use crate::host::RegistryHost;
use crate::resolution::{HostTrust, Resolution, ResolvedHost};
use crate::settings::Capability;

/// Docker Hub's registry, which answers for `docker.io`.
const HUB: &str = "registry-1.docker.io";

/// Which hosts docker asks for the images of a registry host.
pub(super) fn resolve(host: &RegistryHost, facts: &Facts) -> Resolution {
    if let Some(user) = super::only_rootless(facts) {
        return Resolution::none(format!("not known: docker runs rootless here, as user {user}"));
    }
    let lists = match Lists::of(facts) {
        Ok(lists) => lists,
        Err(why) => return Resolution::none(format!("docker does not start: {why}")),
    };
    let modern = lists.version.is_none_or(|version| version >= Version(28, 0, 0));
    match lists.store {
        Some(Store::Containerd) if modern => lists.by_containerd(host, facts),
        Some(Store::Containerd) => {
            Resolution::none("not known: docker before 28 with the containerd image store has rules of its own")
        }
        store => {
            let mut resolution = lists.by_lists(host, facts);
            if store.is_none() && modern {
                let note = "docker's image store is not known; this is the classic one, which reads no hosts.toml";
                resolution.notes.push(note.to_owned());
            }
            resolution
        }
    }
}

#[derive(Clone, Copy)]
enum Store {
    Classic,
    Containerd,
}

/// What the daemon is told, by its file and by its flags.
struct Lists {
    path: String,
    /// Where the certificates are.
    certs: &'static str,
    version: Option<Version>,
    insecure: Vec<String>,
    mirrors: Vec<String>,
    store: Option<Store>,
}

impl Lists {
    /// # Errors
    /// A text that says why the daemon does not start.
    fn of(facts: &Facts) -> Result<Self, String> {
        let path = config_path(facts);
        let version = super::version(facts);
        let json = read(facts, &path, version).map_err(|why| format!("{path} {why}"))?;
        let unit = super::unit(facts);
        let list = |key: &str, flag: &str| -> Result<Vec<String>, String> {
            let told: Vec<_> = unit.iter().flat_map(|unit| unit.values(&[flag])).map(str::to_owned).collect();
            match json.get(key) {
                Some(_) if !told.is_empty() => Err(format!("{key} is in {path} and {flag} is a flag")),
                Some(Value::Null) | None => Ok(told),
                Some(value) => strings(value).ok_or_else(|| format!("{path}: {key} is not a list of strings")),
            }
        };
        let insecure = list(INSECURE, "--insecure-registry")?;
        let mirrors = list(MIRRORS, "--registry-mirror")?;
        for one in &insecure {
            entry::check(one, version).map_err(|why| format!("{one:?} is no entry of {INSECURE}: {why}"))?;
        }
        for one in &mirrors {
            entry::check_mirror(one, version).map_err(|why| format!("a mirror is none: {why}"))?;
        }
        let store = store(facts, unit.as_ref(), &json);
        Ok(Self { store, certs: certs_folder(&path), path, version, insecure, mirrors })
    }

    /// The classic image store (`lookupV2Endpoints`).
    fn by_lists(&self, host: &RegistryHost, facts: &Facts) -> Resolution {
        let mut resolution = Resolution::default();
        if host.is_docker_hub() {
            for mirror in self.mirrors() {
                let made = self.classic(&mirror, false, facts, &mut resolution);
                resolution.hosts.push(made);
            }
            resolution.file = (!resolution.hosts.is_empty()).then(|| self.path.clone());
            let hub = Address { scheme: "https".into(), host: HUB.into(), path: "/v2".into() };
            resolution.hosts.push(endpoint(&hub, HostTrust::System, true));
            return resolution;
        }
        let own = |scheme: &str| Address { scheme: scheme.into(), host: host.to_string(), path: "/v2".into() };
        let made = self.classic(&own("https"), true, facts, &mut resolution);
        resolution.hosts.push(made);
        if self.is_insecure(&host.to_string()) {
            resolution.hosts.push(endpoint(&own("http"), HostTrust::PlainHttp, true));
            resolution.file = self.decides(&host.to_string()).then(|| self.path.clone());
        }
        resolution
    }

    /// An address of the classic store.
    fn classic(&self, address: &Address, is_own: bool, facts: &Facts, resolution: &mut Resolution) -> ResolvedHost {
        if address.scheme == "http" {
            return endpoint(address, HostTrust::PlainHttp, is_own);
        }
        resolution.notes.extend(self.name_note(&address.host));
        if self.is_insecure(&address.host) {
            return endpoint(address, HostTrust::SkipVerify, is_own);
        }
        let folder = format!("{}/{}", self.certs, address.host);
        if facts.answer(&Query::Dir(folder.clone())).is_none() && self.is_listed(facts, &address.host) {
            resolution.notes.push(format!("not known: {folder} was not read"));
        }
        let names = names(facts, &folder).unwrap_or_default();
        if let Some(lone) = names.iter().find(|name| is_lone(name, names)) {
            resolution.notes.push(format!("{folder}/{lone} has no counterpart, so every pull fails"));
        }
        let ending = |end: &str| -> Vec<_> {
            names.iter().filter(|name| name.ends_with(end)).map(|name| format!("{folder}/{name}")).collect()
        };
        let (authorities, clients) = (ending(".crt"), ending(".cert"));
        if is_own && !(authorities.is_empty() && clients.is_empty()) {
            resolution.file = Some(folder.clone());
        }
        let trust = if authorities.is_empty() { HostTrust::System } else { HostTrust::CaFiles(authorities) };
        ResolvedHost { client_certificates: clients, ..endpoint(address, trust, is_own) }
    }

    /// Whether the folder of certificates has one for a host.
    fn is_listed(&self, facts: &Facts, host: &str) -> bool {
        matches!(facts.answer(&Query::Dir(self.certs.to_owned())), Some(Answer::Names(names))
            if names.iter().any(|name| name.strip_suffix('/') == Some(host)))
    }

    /// The containerd image store of 28 and up: containerd's code, then the lists where that gives one host
    /// (`mergeLegacyConfig`).
    fn by_containerd(&self, host: &RegistryHost, facts: &Facts) -> Resolution {
        let reader = Reader { engine: ID, version: Some(self.vendored()) };
        let mut resolution = hosts::resolve(reader, facts, &[self.certs.to_owned()], host);
        let [own] = resolution.hosts.as_slice() else {
            if resolution.hosts.len() > 1 && (self.decides(&host.to_string()) || host.is_docker_hub()) {
                resolution.notes.push(format!("the hosts of this file stand in place of the lists in {}", self.path));
            }
            return resolution;
        };
        if self.insecure.is_empty() && self.mirrors.is_empty() {
            return resolution;
        }
        let own = own.clone();
        let mirrors = if host.is_docker_hub() { self.mirrors() } else { Vec::new() };
        resolution.hosts = mirrors.iter().map(|mirror| self.mirror_of(&own, mirror)).chain([own.clone()]).collect();
        let authority = |host: &ResolvedHost| Address::parse(&host.url).map(|url| url.host).unwrap_or_default();
        let names: Vec<_> = resolution.hosts.iter().map(authority).collect();
        resolution.notes.extend(names.iter().filter_map(|name| self.name_note(name)));
        // What already falls back to http is left as it is.
        let insecure = names.iter().find(|name| !own.http_fallback && self.is_insecure(name));
        if let Some(name) = insecure {
            // All hosts of one lookup share one client.
            resolution.hosts.iter_mut().filter(|host| host.trust != HostTrust::PlainHttp).for_each(|host| {
                host.trust = HostTrust::SkipVerify;
                host.http_fallback = true;
            });
            if names.len() > 1 {
                resolution
                    .notes
                    .push(format!("{name} is insecure, so the certificates of all these hosts are not checked"));
            }
        }
        if insecure.is_some_and(|name| self.decides(name)) || !mirrors.is_empty() {
            resolution.file = Some(self.path.clone());
        }
        resolution
    }

    fn mirror_of(&self, own: &ResolvedHost, mirror: &Address) -> ResolvedHost {
        let is_http = mirror.scheme == "http";
        let mut capabilities = vec![Capability::Pull, Capability::Resolve];
        capabilities.extend((self.vendored() >= Version(2, 2, 0)).then_some(Capability::Referrers));
        ResolvedHost {
            url: format!("{}://{}{}", mirror.scheme, mirror.host, mirror.path),
            capabilities,
            trust: if is_http { HostTrust::PlainHttp } else { own.trust.clone() },
            is_fallback: false,
            ..own.clone()
        }
    }

    /// The release of containerd whose code docker has within.
    fn vendored(&self) -> Version {
        match self.version {
            Some(version) if version < Version(28, 1, 0) => Version(2, 0, 2),
            Some(version) if version < Version(29, 0, 0) => Version(2, 1, 4),
            _ => Version(2, 3, 3),
        }
    }

    /// Mirrors as they are asked: each once, with `/v2` at its end.
    fn mirrors(&self) -> Vec<Address> {
        let mut found: Vec<Address> = Vec::new();
        for mirror in self.mirrors.iter().filter_map(|mirror| Address::parse(mirror)) {
            let path = mirror.path.trim_end_matches('/');
            let path = if path.ends_with("/v2") && self.reads_hosts() {
                path.to_owned()
            } else {
                cleaned(&format!("{path}/v2"))
            };
            let mirror = Address { path, ..mirror };
            if !found.contains(&mirror) {
                found.push(mirror);
            }
        }
        found
    }

    fn reads_hosts(&self) -> bool {
        matches!(self.store, Some(Store::Containerd))
    }

    /// Whether an entry of the lists, not docker's own blocks, makes this host insecure.
    fn decides(&self, host: &str) -> bool {
        let is_it = |entry: &String| entry::compared(entry) == host;
        let in_block = |entry: &String| {
            let block = entry::block(&entry::compared(entry));
            block.zip(address_of(host)).is_some_and(|(block, address)| block.contains(&address))
        };
        self.insecure.iter().any(is_it) || (self.insecure.iter().any(in_block) && !is_hub(host))
    }

    /// `isSecureIndex`, the other way round. Names are not resolved, but for the machine's own.
    fn is_insecure(&self, host: &str) -> bool {
        let is_loopback = |address: IpAddr| match address {
            IpAddr::V4(v4) => v4.is_loopback(),
            IpAddr::V6(v6) => v6.is_loopback() && self.version.is_none_or(|v| v >= Version(28, 0, 0)),
        };
        !is_hub(host) && (self.decides(host) || address_of(host).is_some_and(is_loopback))
    }

    /// Whether a name's address lies in a listed block is not known here.
    fn name_note(&self, host: &str) -> Option<String> {
        let has_block = self.insecure.iter().any(|entry| entry::block(&entry::compared(entry)).is_some());
        let open = has_block && address_of(host).is_none() && !self.is_insecure(host) && !is_hub(host);
        open.then(|| format!("{INSECURE} has a block of addresses; whether {host} is in it is not known here"))
    }
}

fn is_hub(host: &str) -> bool {
    host == "docker.io"
}

/// The address that a host is or surely has; Go wants a port behind brackets.
fn address_of(host: &str) -> Option<IpAddr> {
    let host: RegistryHost = host.parse().ok()?;
    match (host.name(), host.port()) {
        ("localhost", _) => Some(IpAddr::from([127, 0, 0, 1])),
        (name, Some(_)) => name.trim_matches(['[', ']']).parse().ok(),
        (name, None) => name.parse().ok(),
    }
}

/// The file's top object; what the messages leave out is the file's content.
fn read(facts: &Facts, path: &str, version: Option<Version>) -> Result<Value, String> {
    let none = Value::Object(serde_json::Map::new());
    let Some(bytes) = file(facts, path).map_err(|error| error.message().to_owned())? else { return Ok(none) };
    let text = super::text_of(path, bytes, version).map_err(|error| error.message().to_owned())?;
    let is_old = version.is_some_and(|version| version < Version(23, 0, 0));
    if is_old && (text.has_bom() || text.as_str().trim().is_empty()) {
        return Err("is empty or begins with a byte order mark, which this docker does not take".to_owned());
    }
    if text.as_str().trim().is_empty() {
        return Ok(none);
    }
    match serde_json::from_str(text.as_str()) {
        Ok(Value::Null) => Ok(none),
        Ok(Value::Object(map)) => Ok(Value::Object(map)),
        Ok(_) => Err("is not a JSON object".to_owned()),
        Err(error) => Err(format!("is not JSON in line {}", error.line())),
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|entry| entry.as_str().map(str::to_owned)).collect()
}

/// As the daemon says itself, else as its file says.
fn store(facts: &Facts, unit: Option<&Unit>, json: &Value) -> Option<Store> {
    let is = |containerd: bool| if containerd { Store::Containerd } else { Store::Classic };
    info::has_containerd_store(facts, unit).or_else(|| json["features"]["containerd-snapshotter"].as_bool()).map(is)
}

/// A client certificate without its key, or a key without its certificate.
fn is_lone(name: &str, names: &[String]) -> bool {
    let other = match (name.strip_suffix(".cert"), name.strip_suffix(".key")) {
        (Some(stem), _) => format!("{stem}.key"),
        (_, Some(stem)) => format!("{stem}.cert"),
        _ => return false,
    };
    !names.contains(&other)
}

fn endpoint(address: &Address, trust: HostTrust, is_fallback: bool) -> ResolvedHost {
    let mut capabilities = vec![Capability::Pull, Capability::Resolve];
    capabilities.extend(is_fallback.then_some(Capability::Push));
    ResolvedHost {
        url: format!("{}://{}{}", address.scheme, address.host, address.path),
        capabilities,
        trust,
        http_fallback: false,
        client_certificates: Vec::new(),
        headers: Vec::new(),
        is_fallback,
    }
}
