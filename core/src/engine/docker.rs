//! docker: `insecure-registries` and `registry-mirrors` in daemon.json, CA files in certs.d.
//!
//! The rules are moby's `daemon/config` and `daemon/pkg/registry`.

mod entry;

use std::collections::BTreeSet;

use super::unit::Unit;
use super::version::{self, Version};
use super::{Engine, file, names, text};
use crate::edit::{Text, json::Json};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;
use crate::plan::{Action, Activation, Check, Draft, FileChange, Plan, STAGED};
use crate::settings::{Endpoint, EndpointUrl, Registry, Removal, Settings, Trust};

pub(super) struct Docker;

const ID: &str = "docker";
const PROGRAM: &str = "dockerd";
const FOLDER: &str = "/etc/docker";
const DEFAULT_FILE: &str = "/etc/docker/daemon.json";
const CERTS: &str = "/etc/docker/certs.d";
const INSECURE: &str = "insecure-registries";
const MIRRORS: &str = "registry-mirrors";

impl Engine for Docker {
    fn id(&self) -> &'static str {
        ID
    }

    fn wants(&self, settings: &Settings, facts: &Facts) -> Vec<Query> {
        let mut wanted = vec![
            version::query(PROGRAM),
            Query::Unit(ID.to_owned()),
            Query::Dir(FOLDER.to_owned()),
            Query::File(config_path(facts)),
            store_query(),
        ];
        for host in hosts(settings) {
            wanted.push(Query::Dir(format!("{CERTS}/{host}")));
            wanted.push(Query::File(format!("{CERTS}/{host}/hosts.toml")));
            wanted.push(Query::File(ca_path(host)));
        }
        wanted
    }

    fn is_present(&self, facts: &Facts) -> bool {
        version::is_known(facts, ID, PROGRAM) || (!facts.is_live() && names(facts, FOLDER).is_some())
    }

    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft> {
        let node = Daemon::of(facts)?;
        let mut draft = Draft::default();
        let mut wanted = Lists::default();
        for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
            draft.take(&registry.host, node.ensure(registry, &mut wanted));
        }
        for removal in settings.removed() {
            draft.take(&removal.host, node.remove(removal, &mut wanted));
        }
        node.finish(&wanted, &mut draft.plan)?;
        Ok(draft)
    }
}

fn hosts(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().map(|registry| &registry.host);
    ensured.chain(settings.removed().iter().map(|removal| &removal.host)).filter(|host| host.cidr().is_none())
}

fn ca_path(host: &RegistryHost) -> String {
    format!("{CERTS}/{host}/regconf-ca.crt")
}

/// Which image store docker uses; only the containerd store of 28 and up reads hosts.toml.
fn store_query() -> Query {
    Query::Command([ID, "info", "--format", "{{json .DriverStatus}}"].map(str::to_owned).to_vec())
}

/// The file of the running daemon, else of its unit, else the default.
fn config_path(facts: &Facts) -> String {
    let unit = Unit::of(facts, ID);
    let named = unit.as_ref().and_then(|unit| unit.option(&["--config-file"]));
    named.unwrap_or(DEFAULT_FILE).to_owned()
}

/// What shall be in the two lists, and what not.
#[derive(Default)]
struct Lists {
    insecure: Vec<String>,
    mirrors: Vec<String>,
    gone: BTreeSet<String>,
    gone_mirrors: BTreeSet<String>,
}

/// The daemon of a node, as found.
struct Daemon<'a> {
    facts: &'a Facts,
    path: String,
    before: Option<&'a [u8]>,
    json: Json,
    unit: Option<Unit>,
    version: Option<Version>,
    insecure: Vec<String>,
    mirrors: Vec<String>,
}

impl<'a> Daemon<'a> {
    fn of(facts: &'a Facts) -> Result<Self> {
        let path = config_path(facts);
        let before = file(facts, &path)?;
        let json = Json::parse(Text::new(&path, before.unwrap_or_default())?)?;
        let (insecure, mirrors) = (json.list(INSECURE)?, json.list(MIRRORS)?);
        for entry in &insecure {
            entry::check(entry).map_err(|what| {
                json.key_error(INSECURE, ErrorKind::Conflict, format!("{entry:?} is no entry: {what}"))
                    .with_hint("dockerd does not start with it; correct it or take it out first")
            })?;
        }
        let version = version::of(facts, ID, PROGRAM);
        Ok(Self { facts, path, before, json, unit: Unit::of(facts, ID), version, insecure, mirrors })
    }

    fn ensure(&self, registry: &Registry, lists: &mut Lists) -> Result<Plan> {
        let host = &registry.host;
        if host.is_default() {
            return Err(unsupported("_default is containerd's; docker has no entry for all registries"));
        }
        if host.cidr().is_some() {
            lists.insecure.push(host.to_string());
            return Ok(Plan::default());
        }
        self.check_hosts_toml(host)?;
        if host.is_docker_hub() {
            return ensure_mirrors(registry, lists).map(|()| Plan::default());
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
                plan.change(self.ca_change(host, None)?);
                lists.insecure.push(host.to_string());
            }
        }
        Ok(plan)
    }

    fn remove(&self, removal: &Removal, lists: &mut Lists) -> Result<Plan> {
        let host = &removal.host;
        let mut plan = Plan::default();
        if host.is_docker_hub() {
            if removal.endpoints.is_empty() && !self.mirrors.is_empty() {
                return Err(unsupported(format!("{MIRRORS} does not tell who wrote an entry"))
                    .with_hint("name the mirrors to take out: {\"host\": \"docker.io\", \"endpoints\": [url, …]}"));
            }
            lists.gone_mirrors.extend(removal.endpoints.iter().map(ToString::to_string));
            return Ok(plan);
        }
        lists.gone.insert(host.to_string());
        if host.cidr().is_none() {
            plan.change(self.ca_change(host, None)?);
        }
        Ok(plan)
    }

    /// The two lists as they shall be, and what makes docker read them.
    fn finish(&self, wanted: &Lists, plan: &mut Plan) -> Result<()> {
        let missing = |wanted: &[String], there: &[String], key: fn(&str) -> String| -> Vec<String> {
            let mut known: BTreeSet<_> = there.iter().map(|entry| key(entry)).collect();
            wanted.iter().filter(|entry| known.insert(key(entry))).cloned().collect()
        };
        let insecure = missing(&wanted.insecure, &self.insecure, entry::compared);
        let mirrors = missing(&wanted.mirrors, &self.mirrors, entry::compared_mirror);
        let gone = |entry: &str| wanted.gone.contains(&entry::compared(entry));
        let gone_mirror = |entry: &str| wanted.gone_mirrors.contains(&entry::compared_mirror(entry));
        let (insecure, mirrors) =
            (self.without_flags("--insecure-registry", insecure), self.without_flags("--registry-mirror", mirrors));
        let json = self.json.append(INSECURE, &insecure)?.append(MIRRORS, &mirrors)?;
        let json = json.without(INSECURE, gone)?.without(MIRRORS, gone_mirror)?;
        let after = json.text().to_bytes();
        if after == self.before.unwrap_or_default() {
            return Ok(());
        }
        self.check_flag("--insecure-registry", INSECURE)?;
        self.check_flag("--registry-mirror", MIRRORS)?;
        let mut change = FileChange::new(&self.path, self.before.map(<[u8]>::to_vec), Some(after));
        change.judge = self.judge();
        plan.change(change);
        self.activate(&insecure, &mirrors, plan);
        Ok(())
    }

    fn activate(&self, insecure: &[String], mirrors: &[String], plan: &mut Plan) {
        if !self.unit.as_ref().is_some_and(|unit| unit.is_active) {
            if self.facts.is_live() {
                plan.note(ID, None, "docker is not running; it will read the change when it starts");
            }
            return;
        }
        plan.activations.push(Activation { unit: ID.to_owned(), action: Action::Reload });
        let shown = insecure
            .iter()
            .map(|entry| entry::info_pattern(entry))
            .chain(mirrors.iter().map(|m| entry::info_mirror_pattern(m)));
        plan.checks.push(Check {
            shows: "docker lists the registries".to_owned(),
            command: [ID, "info", "--format", "{{json .RegistryConfig}}"].map(str::to_owned).to_vec(),
            patterns: std::iter::once("IndexConfigs".to_owned()).chain(shown).collect(),
        });
        if self.json.has("authorization-plugins") {
            plan.note(ID, None, "authorization-plugins is set: docker ends at a reload when a plugin does not answer");
        }
    }

    /// Entries of the list that mean this host.
    fn listed<'b>(&'b self, host: &'b RegistryHost) -> impl Iterator<Item = &'b String> {
        self.insecure.iter().filter(move |entry| entry::compared(entry) == host.to_string())
    }

    /// Whether a listed block, or docker's own loopback block, already makes this address insecure.
    fn is_covered(&self, host: &RegistryHost) -> bool {
        let blocks =
            self.insecure.iter().filter_map(|entry| entry::compared(entry).parse::<RegistryHost>().ok()?.cidr());
        let Ok(address) = host.name().trim_matches(['[', ']']).parse::<std::net::IpAddr>() else { return false };
        let loopback = matches!(address, std::net::IpAddr::V4(v4) if v4.is_loopback());
        loopback || (self.listed(host).next().is_none() && blocks.into_iter().any(|block| block.contains(&address)))
    }

    /// From 28.0 with the containerd store, a hosts.toml with hosts hides daemon.json for its registry.
    fn check_hosts_toml(&self, host: &RegistryHost) -> Result<()> {
        let path = format!("{CERTS}/{host}/hosts.toml");
        let hides = match text(self.facts, &store_query()) {
            Some(status) => status.contains("io.containerd.snapshotter.v1"),
            None => !self.facts.is_live(),
        };
        if hides
            && self.version.is_none_or(|version| version >= Version(28, 0, 0))
            && file(self.facts, &path)?.is_some()
        {
            let what = "docker 28 and up with the containerd image store reads this file in place of daemon.json";
            return Err(unsupported(what).with_path(path).with_hint("set the registry there, or remove the file"));
        }
        Ok(())
    }

    fn ca_change(&self, host: &RegistryHost, pem: Option<&String>) -> Result<FileChange> {
        let path = ca_path(host);
        let before = file(self.facts, &path)?.map(<[u8]>::to_vec);
        Ok(FileChange::new(path, before, pem.map(|pem| pem.clone().into_bytes())))
    }

    /// What the running daemon was not already told by flags.
    fn without_flags(&self, flag: &str, entries: Vec<String>) -> Vec<String> {
        let told: BTreeSet<_> = self.flags(flag).map(|value| value.trim_end_matches('/').to_owned()).collect();
        entries.into_iter().filter(|entry| !told.contains(entry)).collect()
    }

    /// The values of a flag; `--flag value` and `--flag=value`.
    fn flags<'b>(&'b self, flag: &'b str) -> impl Iterator<Item = &'b str> {
        let arguments = self.unit.as_ref().map_or(&[][..], |unit| &unit.arguments);
        arguments.iter().enumerate().filter_map(move |(i, argument)| match argument.strip_prefix(flag)? {
            "" => arguments.get(i + 1).map(String::as_str),
            value => value.strip_prefix('='),
        })
    }

    /// moby refuses to start when a directive is both a flag and in the file.
    fn check_flag(&self, flag: &str, key: &str) -> Result<()> {
        let Some(value) = self.flags(flag).next() else { return Ok(()) };
        let unit = self.unit.as_ref().map_or("", |unit| &unit.file);
        let what =
            format!("dockerd is started with {flag} {value} ({unit}); with {key} in the file too it does not start");
        Err(self
            .json
            .key_error(key, ErrorKind::Conflict, what)
            .with_hint("move the flags into the file, or add the registry to the flags"))
    }

    /// `dockerd --validate` exists from 23.0; it must see the flags of the unit, because they clash with the file.
    fn judge(&self) -> Option<Vec<String>> {
        let known = self.version.is_some_and(|version| version >= Version(23, 0, 0));
        let flags = self.unit.as_ref().map_or(&[][..], |unit| unit.arguments.get(1..).unwrap_or_default());
        let mut flags = flags.iter();
        let mut command: Vec<String> = [PROGRAM, "--validate", "--config-file", STAGED].map(str::to_owned).to_vec();
        while let Some(flag) = flags.next() {
            match flag.as_str() {
                "--config-file" => drop(flags.next()),
                flag if flag.starts_with("--config-file=") => {}
                flag => command.push(flag.to_owned()),
            }
        }
        (known && self.facts.is_live()).then_some(command)
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

/// docker's mirrors are mirrors of docker.io.
fn ensure_mirrors(registry: &Registry, lists: &mut Lists) -> Result<()> {
    for endpoint in &registry.endpoints {
        check_plain(endpoint)?;
        if matches!(endpoint.trust, Trust::Ca(_)) {
            return Err(unsupported(format!("a CA for the mirror {} is not set for docker yet", endpoint.url))
                .with_hint("add the CA to the node's system certificates"));
        }
    }
    for endpoint in &registry.endpoints {
        lists.mirrors.push(endpoint.url.to_string());
        if endpoint.trust == Trust::SkipVerify {
            lists.insecure.push(endpoint.url.authority());
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

fn unsupported(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, what)
}

#[cfg(test)]
mod tests;
