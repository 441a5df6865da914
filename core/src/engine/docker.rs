//! docker: `insecure-registries` and `registry-mirrors` in daemon.json, CA files in certs.d.
//!
//! The rules are moby's `daemon/config` and `daemon/pkg/registry`.

mod entry;

use std::collections::BTreeSet;

use super::hosts::{self, Folder, Reader};
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
            Query::Dir(CERTS.to_owned()),
            store_query(),
        ];
        for host in hosts_of(settings) {
            wanted.extend(hosts::queries(facts, CERTS, host));
            wanted.push(Query::File(ca_path(host)));
        }
        wanted
    }

    fn is_present(&self, facts: &Facts) -> bool {
        // The folder with certificates alone is read by containerd too.
        let holds_more = |names: &[String]| names.is_empty() || names.iter().any(|name| name != "certs.d/");
        version::is_known(facts, ID, PROGRAM) || (!facts.is_live() && names(facts, FOLDER).is_some_and(holds_more))
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

fn hosts_of(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().map(|registry| &registry.host);
    ensured.chain(settings.removed().iter().map(|removal| &removal.host)).filter(|host| host.cidr().is_none())
}

fn has_hosts(folder: &Folder<'_>) -> bool {
    folder.hosts.is_some_and(|bytes| !bytes.is_empty())
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
        let version = version::of(facts, ID, PROGRAM);
        let wrong = |key: &str, what: String| {
            Err(json
                .key_error(key, ErrorKind::Conflict, what)
                .with_hint("dockerd does not start with it; correct it or take it out first"))
        };
        for entry in &insecure {
            entry::check(entry, version).or_else(|what| wrong(INSECURE, format!("{entry:?} is no entry: {what}")))?;
        }
        for entry in &mirrors {
            entry::check_mirror(entry, version)
                .or_else(|what| wrong(MIRRORS, format!("{entry:?} is no mirror: {what}")))?;
        }
        if let Some(odd) = json.keys()?.iter().find(|key| is_odd(key)) {
            wrong(odd, "is no key of dockerd's".to_owned())?;
        }
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

    fn remove(&self, removal: &Removal, lists: &mut Lists) -> Result<Plan> {
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
            lists.gone_mirrors.extend(removal.endpoints.iter().map(ToString::to_string));
            return Ok(plan);
        }
        lists.gone.insert(entry::compared(&host.to_string()));
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
        let text = json.text();
        let drops_mark = text.has_bom() && self.version.is_some_and(|version| version < Version(23, 0, 0));
        let after = if drops_mark && text.as_str() != self.json.text().as_str() {
            plan.note(ID, None, format!("{}: the byte order mark goes: this docker starts with none", self.path));
            text.clone().without_bom().to_bytes()
        } else {
            text.to_bytes()
        };
        self.note_flags(wanted, plan);
        if after == self.before.unwrap_or_default() {
            return Ok(());
        }
        for (flag, key) in [("--insecure-registry", INSECURE), ("--registry-mirror", MIRRORS)] {
            if json.has(key) {
                self.check_flag(flag, key)?;
            }
        }
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

    /// What the running daemon was not already told by flags.
    fn without_flags(&self, flag: &str, entries: Vec<String>) -> Vec<String> {
        let key = if flag == "--registry-mirror" { entry::compared_mirror } else { entry::compared };
        let told: BTreeSet<_> = self.flags(flag).map(key).collect();
        entries.into_iter().filter(|entry| !told.contains(&key(entry))).collect()
    }

    /// The values of a flag; `--flag value` and `--flag=value`.
    fn flags<'b>(&'b self, flag: &'b str) -> impl Iterator<Item = &'b str> {
        let arguments = self.unit.as_ref().map_or(&[][..], |unit| &unit.arguments);
        arguments.iter().enumerate().filter_map(move |(i, argument)| match argument.strip_prefix(flag)? {
            "" => arguments.get(i + 1).map(String::as_str),
            value => value.strip_prefix('='),
        })
    }

    /// What is told by a flag cannot be taken out of the file.
    fn note_flags(&self, wanted: &Lists, plan: &mut Plan) {
        let lists = [("--insecure-registry", &wanted.gone), ("--registry-mirror", &wanted.gone_mirrors)];
        for (flag, gone) in lists {
            for value in self
                .flags(flag)
                .filter(|value| gone.contains(&entry::compared(value)) || gone.contains(&entry::compared_mirror(value)))
            {
                let unit = self.unit.as_ref().map_or("", |unit| &unit.file);
                plan.note(ID, None, format!("{flag} {value} stays: it is a flag of the unit {unit}"));
            }
        }
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

/// A key that dockerd refuses: a comment that is none, or one of ours in other letters.
fn is_odd(key: &str) -> bool {
    let other_case = |known: &str| key != known && key.eq_ignore_ascii_case(known);
    key.starts_with(['_', '#', '/']) || key == "comment" || other_case(INSECURE) || other_case(MIRRORS)
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

impl Daemon<'_> {
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

/// What docker cannot do with a mirror.
fn check_mirrors(registry: &Registry, version: Option<Version>) -> Result<()> {
    for endpoint in &registry.endpoints {
        check_plain(endpoint)?;
        entry::check_mirror(&endpoint.url.to_string(), version)
            .map_err(|what| unsupported(format!("docker does not start with the mirror {}: {what}", endpoint.url)))?;
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

fn unsupported(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, what)
}

#[cfg(test)]
mod tests;
