//! Mirrors of docker.io, the only ones that docker has.

use super::certs::{Use, has_certificates};
use super::{Daemon, ID, INSECURE, Lists, MIRRORS, check_plain, entry, unsupported};
use crate::error::{ErrorKind, Result};
use crate::plan::Plan;
use crate::settings::{Endpoint, EndpointUrl, Registry, Removal, Trust};

impl Daemon<'_> {
    /// Entries of `registry-mirrors`, and what docker needs to trust them.
    pub(super) fn ensure_mirrors(&self, registry: &Registry, lists: &mut Lists) -> Result<Plan> {
        for endpoint in &registry.endpoints {
            self.check_mirror(endpoint)?;
        }
        let mut plan = Plan::default();
        for endpoint in &registry.endpoints {
            let address = endpoint.url.authority();
            self.certify(&address, Use::Mirror, Some(endpoint), &mut plan)?;
            self.note_trust(registry, endpoint, &mut plan);
            lists.mirrors.push(endpoint.url.to_string());
            if endpoint.trust == Trust::SkipVerify {
                lists.insecure.push(address);
            } else {
                lists.checked_mirrors.insert(address);
            }
        }
        Ok(plan)
    }

    /// What docker cannot do with a mirror.
    fn check_mirror(&self, endpoint: &Endpoint) -> Result<()> {
        if endpoint.trust == Trust::SkipVerify && endpoint.url.authority() == "docker.io" {
            return Err(unsupported("docker always checks the certificate of docker.io")
                .with_hint("give the mirror another name, or leave out skip_verify"));
        }
        check_plain(endpoint)?;
        entry::check_mirror(&endpoint.url.to_string(), self.version)
            .map_err(|what| unsupported(format!("docker does not start with the mirror {}: {what}", endpoint.url)))?;
        if endpoint.trust == Trust::SkipVerify {
            let name = endpoint.url.authority();
            entry::check(&name, self.version)
                .map_err(|what| unsupported(format!("docker does not start with {name} in {INSECURE}: {what}")))?;
        }
        if has_certificates(endpoint) { self.check_place_of_certificates(&endpoint.url) } else { Ok(()) }
    }

    /// What a mirror's trust means beyond it, or what keeps it from counting.
    fn note_trust(&self, registry: &Registry, endpoint: &Endpoint, plan: &mut Plan) {
        let modern = self.is_modern();
        let (url, address) = (&endpoint.url, endpoint.url.authority());
        let mut note = |text: String| plan.note(ID, Some(&registry.host), text);
        if has_certificates(endpoint) && self.listed.contains(&address) {
            note(format!("{INSECURE} lists {address} too, so docker does not check its certificate"));
        }
        if endpoint.trust == Trust::SkipVerify && modern && self.may_have_containerd_store() {
            note(format!(
                "with the containerd image store, {url} being insecure ends the check of registry-1.docker.io's certificate too; a CA is safer"
            ));
        }
        if url.is_http() && !modern && self.has_containerd_store() {
            note(format!("with the containerd image store, docker before 28 asks {url} over https"));
        }
    }

    /// From 28 on the containerd image store looks for them in docker.io's folder, not in the mirror's.
    fn check_place_of_certificates(&self, url: &EndpointUrl) -> Result<()> {
        let is_known = self.version.is_some() && self.store().is_some();
        if !self.is_modern() || is_known {
            return Ok(());
        }
        let what = format!(
            "where docker looks for the certificates of the mirror {url} depends on its version and image store"
        );
        Err(unsupported(what).with_hint("let regconf ask the running docker, or use a version before 28"))
    }

    /// Beside a hosts.toml with hosts docker uses no `registry-mirrors` (`mergeLegacyConfig`): those of others would
    /// count no more.
    pub(super) fn check_other_mirrors(&self, registry: &Registry) -> Result<()> {
        let is_wanted = |mirror: &str| {
            let mut urls = registry.endpoints.iter().map(|endpoint| endpoint.url.to_string());
            urls.any(|url| entry::compared_mirror(mirror) == url)
        };
        let mut listed = self.mirrors.iter().map(String::as_str).chain(self.flags("--registry-mirror"));
        match listed.find(|mirror| !is_wanted(mirror)) {
            None => Ok(()),
            Some(mirror) => {
                let what = format!("has {mirror}, which docker would not use beside the hosts.toml of docker.io");
                Err(self
                    .json
                    .key_error(MIRRORS, ErrorKind::Conflict, what)
                    .with_hint("name it among the endpoints of docker.io too, or take it out"))
            }
        }
    }

    /// Mirrors are taken out by name, with the certificates that they were given.
    pub(super) fn remove_mirrors(&self, removal: &Removal, has_folder: bool, lists: &mut Lists) -> Result<Plan> {
        let host = Some(&removal.host);
        let mut plan = Plan::default();
        if removal.endpoints.is_empty() && !self.mirrors.is_empty() {
            let error = unsupported(format!("{MIRRORS} does not tell who wrote an entry"))
                .with_hint("name the mirrors to take out: {\"host\": \"docker.io\", \"endpoints\": [url, …]}");
            if !has_folder {
                return Err(error);
            }
            // What is marked in hosts.toml is gone, now or since an earlier run.
            plan.note(ID, host, format!("{MIRRORS} stays as it is: {error}"));
        }
        for endpoint in &removal.endpoints {
            let address = endpoint.authority();
            self.certify(&address, Use::Mirror, None, &mut plan)?;
            if self.insecure.contains(&address) {
                let text = format!("{INSECURE} still lists {address}; remove it too if nothing else needs it");
                plan.note(ID, host, text);
            }
        }
        lists.gone_mirrors.extend(removal.endpoints.iter().map(ToString::to_string));
        Ok(plan)
    }
}
