//! docker: `insecure-registries` and `registry-mirrors` in daemon.json, CA files in certs.d.
//!
//! The rules are moby's `daemon/config` and `daemon/pkg/registry`.

mod effect;
mod entry;
mod info;
mod lists;
mod registry;
mod resolve;

use std::collections::BTreeSet;

use super::hosts;
use super::process::Process;
use super::product;
use super::unit::Unit;
use super::version::{self, Version};
use super::{Engine, file, is_missing, names};
use crate::edit::{Text, json::Json};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;
use crate::plan::Draft;
use crate::resolution::Resolution;
use crate::settings::Settings;

pub(super) struct Docker;

const ID: &str = "docker";
const PROGRAM: &str = "dockerd";
const FOLDER: &str = "/etc/docker";
const DEFAULT_FILE: &str = "/etc/docker/daemon.json";
const CERTS: &str = "/etc/docker/certs.d";
/// That of Ubuntu's snap, whose dockerd is told so when it is built.
const SNAP_CERTS: &str = "/var/snap/docker/common/etc/certs.d";
const INSECURE: &str = "insecure-registries";
const MIRRORS: &str = "registry-mirrors";

impl Engine for Docker {
    fn id(&self) -> &'static str {
        ID
    }

    fn wants(&self, settings: &Settings, facts: &Facts) -> Vec<Query> {
        let (unit, path) = (unit(facts), config_path(facts));
        let certs = certs(&path);
        let mut wanted = vec![
            version::query(PROGRAM),
            Query::Daemon(PROGRAM.to_owned()),
            Query::Unit(ID.to_owned()),
            Query::Dir(FOLDER.to_owned()),
            Query::Dir(certs.to_owned()),
            Query::File(path),
        ];
        wanted.extend(product::standalone(facts, PROGRAM).and_then(|process| process.service).map(Query::Unit));
        wanted.extend(info::queries(facts, unit.as_ref()));
        wanted.extend(unit.iter().flat_map(|unit| &unit.files).cloned().map(Query::File));
        for host in hosts_of(settings) {
            wanted.extend(hosts::queries(facts, certs, host));
            wanted.push(Query::File(ca_path(certs, host)));
        }
        wanted
    }

    fn is_present(&self, facts: &Facts) -> bool {
        // The folder with certificates alone is read by containerd too.
        let holds_more = |names: &[String]| names.is_empty() || names.iter().any(|name| name != "certs.d/");
        version::is_known(facts, ID, PROGRAM)
            || !Process::all(facts, PROGRAM).is_empty()
            || (!facts.is_live() && names(facts, FOLDER).is_some_and(holds_more))
    }

    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft> {
        let mut draft = Draft::default();
        if let Some(user) = rootless(facts) {
            if !unit(facts).is_some_and(|unit| unit.is_active) {
                refuse_all(user, settings, &mut draft);
                return Ok(draft);
            }
            draft.plan.note(ID, None, format!("user {user} runs a docker of their own beside this one; it is not set"));
        }
        let node = Daemon::of(facts)?;
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

    fn pull_command(&self, facts: &Facts, image: &str) -> Option<Vec<String>> {
        (!is_missing(facts, ID)).then(|| [ID, "pull", image].map(str::to_owned).to_vec())
    }

    fn resolve(&self, host: &RegistryHost, facts: &Facts) -> Resolution {
        resolve::resolve(host, facts)
    }
}

/// The user of a docker that runs without root, if there is one.
fn rootless(facts: &Facts) -> Option<u32> {
    Process::all(facts, PROGRAM).iter().map(|process| process.user).find(|user| *user != 0)
}

/// A docker of a user's is that user's to set.
fn refuse_all(user: u32, settings: &Settings, draft: &mut Draft) {
    let error = unsupported(format!("docker runs rootless here, as user {user}"))
        .with_hint("set it in that user's ~/.config/docker/daemon.json and reload it as that user");
    let registries = settings.ensured().iter().filter(|registry| registry.is_for(ID));
    draft.declined.extend(registries.map(|registry| (registry.host.clone(), error.clone())));
    for removal in settings.removed() {
        draft.plan.note(ID, Some(&removal.host), format!("not removed: {error}"));
    }
}

fn hosts_of(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().map(|registry| &registry.host);
    ensured.chain(settings.removed().iter().map(|removal| &removal.host)).filter(|host| host.cidr().is_none())
}

fn ca_path(certs: &str, host: &RegistryHost) -> String {
    format!("{certs}/{host}/regconf-ca.crt")
}

/// What dockerd runs as.
fn unit(facts: &Facts) -> Option<Unit> {
    Unit::of(facts, ID, product::standalone(facts, PROGRAM).as_ref())
}

/// The file of the running daemon, else of its unit, else the default.
fn config_path(facts: &Facts) -> String {
    let unit = unit(facts);
    let named = unit.as_ref().and_then(|unit| unit.option(&["--config-file"]));
    named.filter(|path| path.starts_with('/')).unwrap_or(DEFAULT_FILE).to_owned()
}

/// The folder of certificates that the docker with this config file reads.
fn certs(config_path: &str) -> &'static str {
    if config_path.starts_with("/var/snap/docker/") { SNAP_CERTS } else { CERTS }
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
    certs: &'static str,
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
        let certs = certs(&path);
        Ok(Self { facts, path, certs, before, json, unit: unit(facts), version, insecure, mirrors })
    }
}

/// A key that dockerd refuses: a comment that is none, or one of ours in other letters.
fn is_odd(key: &str) -> bool {
    let other_case = |known: &str| key != known && key.eq_ignore_ascii_case(known);
    key.starts_with(['_', '#', '/']) || key == "comment" || other_case(INSECURE) || other_case(MIRRORS)
}

fn unsupported(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Unsupported, what)
}

#[cfg(test)]
mod tests;
