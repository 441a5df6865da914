//! What one registry means to docker.

use super::super::hosts::{self, Folder, Reader};
use super::super::names;
use super::super::version::Version;
use super::certs::{Use, has_certificates};
use super::{Daemon, ID, INSECURE, Lists, check_plain, entry, info, unsupported};
use crate::error::Result;
use crate::host::RegistryHost;
use crate::plan::Plan;
use crate::settings::{Endpoint, EndpointUrl, Registry, Removal, Trust};

impl Daemon<'_> {
    pub(super) fn ensure(&self, registry: &Registry, lists: &mut Lists) -> Result<Plan> {
        let host = &registry.host;
        if host.is_default() {
            return Err(unsupported("_default is containerd's; docker has no entry for all registries"));
        }
        if host.cidr().is_some() {
            lists.insecure.push(host.to_string());
            return Ok(Plan::default());
        }
        if let Some(folder) = self.hosts_folder(host)?
            && (has_hosts(&folder) || needs_hosts(registry))
        {
            return self.ensure_folder(registry, &folder);
        }
        if host.is_docker_hub() {
            return self.ensure_mirrors(registry, lists);
        }
        self.ensure_own(host, own_endpoint(registry)?, lists)
    }

    /// A hosts.toml, in place of daemon.json and of certificates that docker finds by their names.
    fn ensure_folder(&self, registry: &Registry, folder: &Folder<'_>) -> Result<Plan> {
        let host = &registry.host;
        if host.is_docker_hub() && !has_hosts(folder) {
            self.check_other_mirrors(registry)?;
        }
        let mut plan = hosts::ensure(registry, folder)?;
        if host.is_docker_hub() {
            for endpoint in &registry.endpoints {
                self.certify(&endpoint.url.authority(), Use::Mirror, None, &mut plan)?;
            }
        } else {
            self.certify(&host.to_string(), Use::Registry, None, &mut plan)?;
        }
        Ok(plan)
    }

    /// The host itself, reached in a way that needs telling.
    fn ensure_own(&self, host: &RegistryHost, endpoint: &Endpoint, lists: &mut Lists) -> Result<Plan> {
        let mut plan = Plan::default();
        if has_certificates(endpoint) && self.listed.contains(&host.to_string()) {
            plan.note(ID, Some(host), format!("{INSECURE} lists it too, so docker does not check its certificate"));
        }
        self.certify(&host.to_string(), Use::Registry, Some(endpoint), &mut plan)?;
        match &endpoint.trust {
            Trust::Ca(_) => {}
            Trust::System if !endpoint.url.is_http() => {}
            _ if self.is_covered(host) => {}
            _ => {
                let name = host.to_string();
                entry::check(&name, self.version)
                    .map_err(|what| unsupported(format!("docker does not start with {name}: {what}")))?;
                let is_client = |name: &String| name.strip_suffix(".cert").is_some();
                if names(self.facts, &format!("{}/{host}", self.certs)).is_some_and(|names| names.iter().any(is_client))
                {
                    plan.note(
                        ID,
                        Some(host),
                        format!(
                            "{}/{host} has a client certificate, which docker does not use for insecure registries",
                            self.certs
                        ),
                    );
                }
                lists.insecure.push(name);
            }
        }
        Ok(plan)
    }

    pub(super) fn remove(&self, removal: &Removal, lists: &mut Lists) -> Result<Plan> {
        let host = &removal.host;
        let mut plan = Plan::default();
        let folder = if host.cidr().is_none() { self.hosts_folder(host)? } else { None };
        if let Some(folder) = &folder {
            plan.append(hosts::remove(removal, folder)?);
        }
        if host.is_docker_hub() {
            plan.append(self.remove_mirrors(removal, folder.is_some(), lists)?);
            return Ok(plan);
        }
        lists.gone.insert(entry::compared(&host.to_string()));
        if host.cidr().is_none() {
            self.certify(&host.to_string(), Use::Registry, None, &mut plan)?;
        }
        Ok(plan)
    }

    /// Whether a listed block, or docker's own loopback block, already makes this address insecure.
    fn is_covered(&self, host: &RegistryHost) -> bool {
        let Ok(address) = host.name().trim_matches(['[', ']']).parse::<std::net::IpAddr>() else { return false };
        let loopback = match address {
            std::net::IpAddr::V4(v4) => v4.is_loopback(),
            std::net::IpAddr::V6(v6) => v6.is_loopback() && self.version.is_some_and(|v| v >= Version(28, 0, 0)),
        };
        if loopback || self.listed.contains(&host.to_string()) {
            return loopback;
        }
        let flags = self.flags("--insecure-registry").map(entry::compared);
        let mut blocks = self.listed.iter().cloned().chain(flags).filter_map(|entry| entry::block(&entry));
        blocks.any(|block| block.contains(&address))
    }

    /// The host's folder, where this docker reads a hosts.toml in it: from 28.0 on with the containerd image store.
    fn hosts_folder(&self, host: &RegistryHost) -> Result<Option<Folder<'_>>> {
        let version =
            if self.version.is_some_and(|own| own >= Version(29, 0, 0)) { Version(2, 3, 3) } else { Version(2, 0, 2) };
        let reader = Reader { engine: ID, version: Some(version) };
        let folder = Folder::of(reader, self.facts, self.certs, host)?;
        let modern = self.is_modern();
        if modern && self.has_containerd_store() && self.version.is_some() {
            return Ok(Some(folder));
        }
        if modern && self.may_have_containerd_store() && has_hosts(&folder) {
            let what = "docker 28 and up with the containerd image store reads this file in place of daemon.json";
            return Err(unsupported(what)
                .with_path(folder.hosts_path())
                .with_hint("let regconf ask the running docker which store it has, or remove the file"));
        }
        Ok(None)
    }

    /// Whether this is docker 28 or newer, or may be.
    pub(super) fn is_modern(&self) -> bool {
        self.version.is_none_or(|version| version >= Version(28, 0, 0))
    }

    pub(super) fn has_containerd_store(&self) -> bool {
        self.store() == Some(true)
    }

    pub(super) fn may_have_containerd_store(&self) -> bool {
        self.has_containerd_store() || (self.store().is_none() && !self.facts.is_live() && self.version.is_some())
    }

    /// Whether it has the containerd image store; `None` if it did not say.
    pub(super) fn store(&self) -> Option<bool> {
        info::has_containerd_store(self.facts, self.unit.as_ref())
    }
}

/// The one endpoint of a registry that is the registry's own address.
fn own_endpoint(registry: &Registry) -> Result<&Endpoint> {
    let [endpoint] = registry.endpoints.as_slice() else {
        return Err(unsupported("docker reaches a registry at its own address only, not by several endpoints"));
    };
    if !is_own(&registry.host, &endpoint.url) {
        let what = format!("docker cannot map {} to {}", registry.host, endpoint.url);
        return Err(unsupported(what).with_hint(format!(
            "let docker pull from {}, a registry of its own in the settings, or give {} an address in DNS",
            endpoint.url.authority(),
            registry.host
        )));
    }
    check_plain(endpoint)?;
    Ok(endpoint)
}

/// Whether a URL is where docker looks for a host: the port as written, else those of https and http.
fn is_own(host: &RegistryHost, url: &EndpointUrl) -> bool {
    let port = host.port().unwrap_or(if url.is_http() { 80 } else { 443 });
    url.host() == host.name().to_ascii_lowercase() && url.port() == port && url.path().is_empty()
}

/// Whether a hosts.toml can say of a registry what docker has no other way to be told.
fn needs_hosts(registry: &Registry) -> bool {
    if !registry.host.is_docker_hub() {
        return own_endpoint(registry).is_err();
    }
    registry.endpoints.iter().any(|endpoint| has_certificates(endpoint) || check_plain(endpoint).is_err())
}

fn has_hosts(folder: &Folder<'_>) -> bool {
    folder.hosts.is_some_and(|bytes| !bytes.is_empty())
}
