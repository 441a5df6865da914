//! What one registry means to docker.

use super::super::hosts::{self, Folder, Reader};
use super::super::version::Version;
use super::super::{file, names, text};
use super::{CERTS, Daemon, ID, INSECURE, Lists, MIRRORS, ca_path, entry, store_query, unsupported};
use crate::error::Result;
use crate::host::RegistryHost;
use crate::plan::{FileChange, Plan};
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
            && (has_hosts(&folder) || (own_endpoint(registry).is_err() && !host.is_docker_hub()))
        {
            return hosts::ensure(registry, &folder);
        }
        if host.is_docker_hub() {
            return self.ensure_mirrors(registry, lists);
        }
        self.ensure_own(host, own_endpoint(registry)?, lists)
    }

    /// The host itself, reached in a way that needs telling.
    fn ensure_own(&self, host: &RegistryHost, endpoint: &Endpoint, lists: &mut Lists) -> Result<Plan> {
        let mut plan = Plan::default();
        match &endpoint.trust {
            Trust::Ca(pem) => {
                if self.listed(host).next().is_some() {
                    plan.note(
                        ID,
                        Some(host),
                        format!("{INSECURE} lists it too, so docker does not check its certificate"),
                    );
                }
                plan.change(self.ca_change(host, Some(pem))?);
            }
            Trust::System if !endpoint.url.is_http() => {}
            _ if self.is_covered(host) => {}
            _ => {
                let name = host.to_string();
                entry::check(&name, self.version)
                    .map_err(|what| unsupported(format!("docker does not start with {name}: {what}")))?;
                let is_client = |name: &String| name.strip_suffix(".cert").is_some();
                if names(self.facts, &format!("{CERTS}/{host}")).is_some_and(|names| names.iter().any(is_client)) {
                    plan.note(
                        ID,
                        Some(host),
                        format!(
                            "{CERTS}/{host} has a client certificate, which docker does not use for insecure registries"
                        ),
                    );
                }
                plan.change(self.ca_change(host, None)?);
                lists.insecure.push(name);
            }
        }
        Ok(plan)
    }

    pub(super) fn remove(&self, removal: &Removal, lists: &mut Lists) -> Result<Plan> {
        let host = &removal.host;
        let mut plan = Plan::default();
        if host.cidr().is_none()
            && let Some(folder) = self.hosts_folder(host)?
        {
            plan.append(hosts::remove(removal, &folder)?);
        }
        if host.is_docker_hub() {
            if removal.endpoints.is_empty() && !self.mirrors.is_empty() {
                return Err(unsupported(format!("{MIRRORS} does not tell who wrote an entry"))
                    .with_hint("name the mirrors to take out: {\"host\": \"docker.io\", \"endpoints\": [url, …]}"));
            }
            for endpoint in removal.endpoints.iter().filter(|url| self.insecure.contains(&url.authority())) {
                let text =
                    format!("{INSECURE} still lists {}; remove it too if nothing else needs it", endpoint.authority());
                plan.note(ID, Some(host), text);
            }
            lists.gone_mirrors.extend(removal.endpoints.iter().map(ToString::to_string));
            return Ok(plan);
        }
        lists.gone.insert(entry::compared(&host.to_string()));
        if host.cidr().is_none() {
            plan.change(self.ca_change(host, None)?);
        }
        Ok(plan)
    }

    /// Entries of the list that mean this host.
    pub(super) fn listed<'b>(&'b self, host: &'b RegistryHost) -> impl Iterator<Item = &'b String> {
        self.insecure.iter().filter(move |entry| entry::compared(entry) == host.to_string())
    }

    /// Whether a listed block, or docker's own loopback block, already makes this address insecure.
    fn is_covered(&self, host: &RegistryHost) -> bool {
        let entries = self.insecure.iter().map(String::as_str).chain(self.flags("--insecure-registry"));
        let blocks: Vec<_> = entries.filter_map(|entry| entry::block(&entry::compared(entry))).collect();
        let Ok(address) = host.name().trim_matches(['[', ']']).parse::<std::net::IpAddr>() else { return false };
        let loopback = match address {
            std::net::IpAddr::V4(v4) => v4.is_loopback(),
            std::net::IpAddr::V6(v6) => v6.is_loopback() && self.version.is_some_and(|v| v >= Version(28, 0, 0)),
        };
        loopback || (self.listed(host).next().is_none() && blocks.into_iter().any(|block| block.contains(&address)))
    }

    /// The host's folder, where this docker reads a hosts.toml in it: from 28.0 on with the containerd image store.
    fn hosts_folder(&self, host: &RegistryHost) -> Result<Option<Folder<'_>>> {
        let version =
            if self.version.is_some_and(|own| own >= Version(29, 0, 0)) { Version(2, 3, 3) } else { Version(2, 0, 2) };
        let reader = Reader { engine: ID, version: Some(version) };
        let folder = Folder::of(reader, self.facts, CERTS, host)?;
        let modern = self.version.is_none_or(|version| version >= Version(28, 0, 0));
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

    fn ca_change(&self, host: &RegistryHost, pem: Option<&String>) -> Result<FileChange> {
        let path = ca_path(host);
        let before = file(self.facts, &path)?.map(<[u8]>::to_vec);
        Ok(FileChange::new(path, before, pem.map(|pem| pem.clone().into_bytes())))
    }

    /// docker's mirrors are mirrors of docker.io.
    fn ensure_mirrors(&self, registry: &Registry, lists: &mut Lists) -> Result<Plan> {
        check_mirrors(registry, self.version)?;
        let mut plan = Plan::default();
        let host = Some(&registry.host);
        let modern = self.version.is_none_or(|version| version >= Version(28, 0, 0));
        for endpoint in &registry.endpoints {
            lists.mirrors.push(endpoint.url.to_string());
            if endpoint.trust == Trust::SkipVerify {
                lists.insecure.push(endpoint.url.authority());
                if modern && self.may_have_containerd_store() {
                    let text = format!(
                        "with the containerd image store, {} being insecure ends the check of registry-1.docker.io's certificate too; a CA is safer",
                        endpoint.url
                    );
                    plan.note(ID, host, text);
                }
            }
            if endpoint.url.is_http() && !modern && self.has_containerd_store() {
                plan.note(
                    ID,
                    host,
                    format!("with the containerd image store, docker before 28 asks {} over https", endpoint.url),
                );
            }
        }
        Ok(plan)
    }

    fn has_containerd_store(&self) -> bool {
        text(self.facts, &store_query()).is_some_and(|status| status.contains("io.containerd.snapshotter.v1"))
    }

    fn may_have_containerd_store(&self) -> bool {
        self.has_containerd_store()
            || (text(self.facts, &store_query()).is_none() && !self.facts.is_live() && self.version.is_some())
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

/// What docker cannot do with a mirror.
fn check_mirrors(registry: &Registry, version: Option<Version>) -> Result<()> {
    for endpoint in &registry.endpoints {
        check_plain(endpoint)?;
        entry::check_mirror(&endpoint.url.to_string(), version)
            .map_err(|what| unsupported(format!("docker does not start with the mirror {}: {what}", endpoint.url)))?;
        if endpoint.trust == Trust::SkipVerify {
            let name = endpoint.url.authority();
            entry::check(&name, version)
                .map_err(|what| unsupported(format!("docker does not start with {name} in {INSECURE}: {what}")))?;
        }
        if matches!(endpoint.trust, Trust::Ca(_)) {
            return Err(unsupported(format!("a CA for the mirror {} is not set for docker yet", endpoint.url))
                .with_hint("add the CA to the node's system certificates"));
        }
    }
    Ok(())
}

/// Without what only containerd can do.
fn check_plain(endpoint: &Endpoint) -> Result<()> {
    let extra = match endpoint {
        e if e.client.is_some() => "client certificates are not set for docker yet",
        e if !e.headers.is_empty() => "docker sends no headers of one's own",
        e if e.override_path => "docker always asks below /v2",
        _ => return Ok(()),
    };
    Err(unsupported(extra))
}

fn has_hosts(folder: &Folder<'_>) -> bool {
    folder.hosts.is_some_and(|bytes| !bytes.is_empty())
}
