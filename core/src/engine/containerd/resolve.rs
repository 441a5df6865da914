//! The hosts that CRI asks for a registry: by folders, by `mirrors`, or by default.

use serde_json::Value;

use super::super::address::{self, Address};
use super::super::hosts::{self, Reader};
use super::super::version::{self, Version};
use super::ID;
use super::daemon::Daemon;
use super::effective::{Effective, entries, field};
use crate::facts::Facts;
use crate::host::RegistryHost;
use crate::resolution::{HostTrust, Resolution, ResolvedHost};
use crate::settings::Capability;

/// What stands for a release that is not known.
const CURRENT: Version = Version(2, 4, 0);

/// The folders that are looked at by default from 2.2 on.
const DEFAULT_ROOTS: &str = "/etc/containerd/certs.d:/etc/docker/certs.d";

/// Which hosts containerd's CRI asks for the images of a registry host.
pub(super) fn resolve(host: &RegistryHost, facts: &Facts) -> Resolution {
    let (known, daemon) = (version::of(facts, ID, ID), Daemon::of(facts));
    if let Some(product) = daemon.product {
        return Resolution::none(format!("not known: {}", product.refusal(host).message()));
    }
    let mut resolution = match Effective::of(facts, daemon.config_path(), known.unwrap_or(CURRENT)) {
        Ok(effective) => Cri { effective, version: known.unwrap_or(CURRENT) }.resolve(host, facts),
        Err(why) => Resolution::none(why),
    };
    if known.is_none() {
        resolution.notes.push(format!("the version is not known; this is how {CURRENT} reads it"));
    }
    resolution
}

struct Cri {
    effective: Effective,
    version: Version,
}

/// Where CRI looks.
enum Place {
    Roots(Vec<String>),
    Mirrors,
}

impl Cri {
    fn resolve(self, host: &RegistryHost, facts: &Facts) -> Resolution {
        let mut notes = self.effective.notes.clone();
        let place = match self.place(&mut notes) {
            Ok(place) => place,
            Err(why) => return Resolution::none(why),
        };
        let mut resolution = match place {
            Place::Roots(roots) => {
                let reader = Reader { engine: ID, version: Some(self.version) };
                hosts::resolve(reader, facts, &roots, host)
            }
            Place::Mirrors => self.by_mirrors(host),
        };
        let headers = field(&self.effective.registry, "headers", self.version).as_object();
        for name in headers.into_iter().flat_map(|headers| headers.keys()) {
            resolution.hosts.iter_mut().for_each(|host| host.headers.push(name.clone()));
        }
        notes.append(&mut resolution.notes);
        Resolution { notes, ..resolution }
    }

    /// Where hosts are looked up, unless the settings keep CRI from loading.
    fn place(&self, notes: &mut Vec<String>) -> Result<Place, String> {
        let registry = &self.effective.registry;
        let written = field(registry, "config_path", self.version);
        let has_mirrors = !entries(registry, "mirrors").is_empty();
        let has_tls = entries(registry, "configs").iter().any(|(_, config)| config.get("tls").is_some());
        let is_1 = self.version < Version(2, 0, 0);
        if !written.is_null() && !written.is_string() {
            return Err("containerd does not start: config_path is not text".to_owned());
        }
        let path = match written.as_str() {
            _ if self.version < Version(1, 5, 0) => "",
            Some("") | None if self.has_default_roots(written, has_mirrors) => DEFAULT_ROOTS,
            path => path.unwrap_or_default(),
        };
        if !path.is_empty() && (has_mirrors || (has_tls && is_1)) {
            return Err("CRI does not load: there is a config_path beside mirrors or configs.tls".to_owned());
        }
        if has_tls && !is_1 {
            notes.push("`tls` in registry.configs has no effect on containerd 2".to_owned());
        }
        if path.is_empty() && (has_mirrors || !self.has_transfer()) {
            return Ok(Place::Mirrors);
        }
        Ok(Place::Roots(self.roots(path, notes)))
    }

    /// 2.2.0 and 2.2.1 set them where the key is absent, later releases where nothing is set at all.
    fn has_default_roots(&self, written: &Value, has_mirrors: bool) -> bool {
        match self.version {
            version if version < Version(2, 2, 0) => false,
            version if version < Version(2, 2, 2) => written.is_null(),
            _ => !has_mirrors,
        }
    }

    /// Whether pulls go through the transfer service, which knows no lists of folders and no mirrors.
    fn has_transfer(&self) -> bool {
        self.version >= Version(2, 1, 0) && !self.effective.pulls_locally
    }

    fn roots(&self, path: &str, notes: &mut Vec<String>) -> Vec<String> {
        let bare = |root: &str| if root.len() > 1 { root.trim_end_matches('/').to_owned() } else { root.to_owned() };
        if self.has_transfer() && path.contains(':') {
            if path != DEFAULT_ROOTS {
                notes.push(format!("{path} is taken for one folder's name, so no hosts.toml is read"));
            }
            return Vec::new();
        }
        let (whole, relative): (Vec<_>, Vec<_>) =
            path.split(':').filter(|root| !root.is_empty()).partition(|root| root.starts_with('/'));
        let note =
            |root: &&str| format!("{root} is below the daemon's working folder, which is not known; it is left out");
        notes.extend(relative.iter().map(note));
        whole.into_iter().map(bare).collect()
    }

    /// The endpoints of `mirrors`, then the registry itself (`registryEndpoints`).
    fn by_mirrors(&self, host: &RegistryHost) -> Resolution {
        let mirrors = field(&self.effective.registry, "mirrors", self.version);
        let exact = mirrors.get(host.to_string());
        let named = exact.or_else(|| mirrors.get("*")).unwrap_or(&Value::Null);
        let endpoints = field(named, "endpoint", self.version).as_array().into_iter().flatten();
        let mut resolution = Resolution::default();
        let mut own = false;
        for text in endpoints.filter_map(Value::as_str) {
            let Some(address) = Address::parse(&with_scheme(text)) else {
                return Resolution::none("a mirror's endpoint is no address, so every pull through it fails");
            };
            own |= address.host == host.to_string();
            if address.path == "/" {
                resolution.notes.push(format!("{} is asked without /v2", with_scheme(&address.host)));
            }
            resolution.hosts.push(self.endpoint(&address, false));
        }
        if !resolution.hosts.is_empty() {
            resolution.file.clone_from(&self.effective.file);
        }
        if !own {
            resolution.hosts.push(self.endpoint(&own_address(host), true));
        }
        resolution
    }

    fn endpoint(&self, address: &Address, is_fallback: bool) -> ResolvedHost {
        // Written, it is taken as it is; a slash at its end is lost where the repository follows.
        let path = if address.path.is_empty() { "/v2" } else { address.path.trim_end_matches('/') };
        let is_http = address.scheme == "http";
        let tls = &self.effective.registry["configs"][&address.host]["tls"];
        let tls = if self.version < Version(2, 0, 0) { tls } else { &Value::Null };
        let file = |key: &str| tls[key].as_str().filter(|file| !file.is_empty()).map(str::to_owned);
        let trust = match file("ca_file") {
            _ if is_http => HostTrust::PlainHttp,
            _ if tls["insecure_skip_verify"] == true => HostTrust::SkipVerify,
            Some(file) => HostTrust::CaFiles(vec![file]),
            None => HostTrust::System,
        };
        let mut capabilities = vec![Capability::Pull, Capability::Resolve];
        capabilities.extend((self.version >= Version(2, 2, 0)).then_some(Capability::Referrers));
        ResolvedHost {
            url: format!("{}://{}{path}", address.scheme, address.host),
            capabilities,
            trust,
            http_fallback: false,
            client_certificates: file("cert_file").into_iter().filter(|_| !is_http).collect(),
            headers: Vec::new(),
            is_fallback,
        }
    }
}

/// https where no scheme is written, http for the machine itself (`addDefaultScheme`).
fn with_scheme(endpoint: &str) -> String {
    let host = endpoint.split('/').next().unwrap_or(endpoint);
    match endpoint {
        endpoint if endpoint.contains("://") => endpoint.to_owned(),
        endpoint if address::is_localhost_text(host) => format!("http://{endpoint}"),
        endpoint => format!("https://{endpoint}"),
    }
}

fn own_address(host: &RegistryHost) -> Address {
    let scheme = if address::is_localhost(host) { "http" } else { "https" };
    let name = if host.is_docker_hub() { "registry-1.docker.io".to_owned() } else { host.to_string() };
    Address { scheme: scheme.to_owned(), host: name, path: String::new() }
}
