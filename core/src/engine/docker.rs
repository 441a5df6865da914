//! docker: `insecure-registries` and `registry-mirrors` in daemon.json, CA files in certs.d.
//!
//! The rules are moby's `daemon/config` and `daemon/pkg/registry`.

mod certs;
mod effect;
mod entry;
mod info;
mod lists;
mod mirrors;
mod registry;
mod resolve;

use std::collections::BTreeSet;

use super::hosts;
use super::process::Process;
use super::product;
use super::unit::Unit;
use super::version::{self, Version};
use super::{Engine, file, is_missing, names};
use crate::edit::{Takes, Text, json::Json};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Guess, Query};
use crate::host::RegistryHost;
use crate::plan::Draft;
use crate::resolution::Resolution;
use crate::settings::{Endpoint, EndpointUrl, Settings, Trust};

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
/// dockerd does not start if one of these is given and in the file, too.
const FLAGS: [&str; 2] = ["--insecure-registry", "--registry-mirror"];

impl Engine for Docker {
    fn id(&self) -> &'static str {
        ID
    }

    fn wants(&self, settings: &Settings, facts: &Facts) -> Vec<Query> {
        let (unit, path) = (unit(facts), config_path(facts));
        let certs = certs_folder(&path);
        let mut wanted = vec![
            Query::Daemon(PROGRAM.to_owned()),
            Query::Unit(ID.to_owned()),
            Query::Dir(FOLDER.to_owned()),
            Query::Dir(certs.to_owned()),
            Query::File(path),
        ];
        // One that runs has told it.
        if facts.is_known(&wanted[0]) && info::version(facts).is_none() {
            wanted.push(Query::version(PROGRAM));
        }
        wanted.extend(product::standalone(facts, PROGRAM).and_then(|process| process.service).map(Query::Unit));
        wanted.extend(info::queries(facts, unit.as_ref()));
        let written = unit.iter().filter(|unit| unit.may_be_started_with(&FLAGS));
        wanted.extend(written.flat_map(|unit| &unit.files).cloned().map(Query::File));
        wanted.extend(hosts_of(settings).flat_map(|host| hosts::queries(facts, certs, host)));
        for address in hosts_of(settings).map(ToString::to_string).chain(hub_addresses(settings)) {
            let uses = [certs::Use::Registry, certs::Use::Mirror];
            wanted.extend(uses.into_iter().flat_map(|is_for| certs::paths(certs, &address, is_for)).map(Query::File));
        }
        wanted
    }

    fn guesses(&self) -> Vec<Guess> {
        vec![Guess::CommandOf(PROGRAM, info::all()), Guess::VersionIfDown(PROGRAM), Guess::FilesOf(ID, &FLAGS)]
    }

    fn is_present(&self, facts: &Facts) -> bool {
        let holds_folders_alone = |names: &[String]| !names.is_empty() && names.iter().all(|name| name.ends_with('/'));
        let is_here = |names: &[String]| !holds_folders_alone(names) || !is_read_by_containerd(facts);
        version::is_known(facts, ID, PROGRAM)
            || !Process::all(facts, PROGRAM).is_empty()
            || (!facts.is_live() && names(facts, FOLDER).is_some_and(is_here))
    }

    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft> {
        let mut draft = Draft::default();
        if let Some(user) = only_rootless(facts) {
            refuse_all(user, settings, &mut draft);
            return Ok(draft);
        }
        if let Some(user) = rootless(facts).filter(|_| is_meant(settings)) {
            draft.plan.note(ID, None, format!("user {user} runs a docker of their own beside this one; it is not set"));
        }
        let node = Daemon::of(facts)?;
        let mut wanted = Lists::default();
        for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
            draft.take(&registry.host, node.ensure(registry, &mut wanted));
        }
        for removal in settings.removed().iter().filter(|removal| removal.is_for(ID)) {
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

/// The version of the dockerd that runs, else that of the one that is installed.
fn version(facts: &Facts) -> Option<Version> {
    let told = || info::version(facts).and_then(|text| version::parse(&text));
    facts.version(ID).is_none().then(told).flatten().or_else(|| version::of(facts, ID, PROGRAM))
}

fn is_meant(settings: &Settings) -> bool {
    settings.ensured().iter().any(|registry| registry.is_for(ID))
        || settings.removed().iter().any(|removal| removal.is_for(ID))
}

/// The user of a docker that runs without root, if there is one.
fn rootless(facts: &Facts) -> Option<u32> {
    Process::all(facts, PROGRAM).iter().map(|process| process.user).find(|user| *user != 0)
}

/// The same, where no docker of root's runs.
fn only_rootless(facts: &Facts) -> Option<u32> {
    rootless(facts).filter(|_| !unit(facts).is_some_and(|unit| unit.is_active))
}

/// A docker of a user's is that user's to set.
fn refuse_all(user: u32, settings: &Settings, draft: &mut Draft) {
    let error = unsupported(format!("docker runs rootless here, as user {user}"))
        .with_hint("set it in that user's ~/.config/docker/daemon.json and reload it as that user");
    let ensured = settings.ensured().iter().filter(|registry| registry.is_for(ID)).map(|registry| &registry.host);
    let removed = settings.removed().iter().filter(|removal| removal.is_for(ID)).map(|removal| &removal.host);
    draft.declined.extend(ensured.chain(removed).map(|host| (host.clone(), error.clone())));
}

fn hosts_of(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().map(|registry| &registry.host);
    ensured.chain(settings.removed().iter().map(|removal| &removal.host)).filter(|host| host.cidr().is_none())
}

/// Whether some file of containerd's names docker's folder: what is in it, be it `certs.d`, then may be containerd's and
/// alone shows no docker.
fn is_read_by_containerd(facts: &Facts) -> bool {
    let mut texts = facts.files().filter(|(path, _)| path.starts_with("/etc/containerd/"));
    texts.any(|(_, bytes)| bytes.windows(FOLDER.len()).any(|part| part == FOLDER.as_bytes()))
}

/// The addresses of the mirrors of docker.io.
fn hub_addresses(settings: &Settings) -> impl Iterator<Item = String> {
    let ensured = settings.ensured().iter().filter(|registry| registry.host.is_docker_hub());
    let removed = settings.removed().iter().filter(|removal| removal.host.is_docker_hub());
    let urls = ensured.flat_map(|registry| registry.endpoints.iter().map(|endpoint| &endpoint.url));
    urls.chain(removed.flat_map(|removal| &removal.endpoints)).map(EndpointUrl::authority)
}

/// What dockerd runs as.
fn unit(facts: &Facts) -> Option<Unit> {
    Unit::of(facts, ID, product::standalone(facts, PROGRAM).as_ref())
}

/// The file of the running daemon, else of its unit, else the default.
fn config_path(facts: &Facts) -> String {
    if let Some(path) = facts.config_path(ID) {
        return path.to_owned();
    }
    let unit = unit(facts);
    let named = unit.as_ref().and_then(|unit| unit.option(&["--config-file"]));
    named.filter(|path| path.starts_with('/')).unwrap_or(DEFAULT_FILE).to_owned()
}

/// The folder of certificates that the docker with this config file reads.
fn certs_folder(config_path: &str) -> &'static str {
    if config_path.starts_with("/var/snap/docker/") { SNAP_CERTS } else { CERTS }
}

/// What shall be in the two lists, and what not.
#[derive(Default)]
struct Lists {
    insecure: Vec<String>,
    mirrors: Vec<String>,
    gone: BTreeSet<String>,
    gone_mirrors: BTreeSet<String>,
    /// Addresses of mirrors whose certificates are to be checked.
    checked_mirrors: BTreeSet<String>,
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
    /// `insecure` as it is compared.
    listed: BTreeSet<String>,
}

impl<'a> Daemon<'a> {
    fn of(facts: &'a Facts) -> Result<Self> {
        let path = config_path(facts);
        let before = file(facts, &path)?;
        let version = version(facts);
        let json = Json::parse(text_of(&path, before.unwrap_or_default(), version)?)?;
        let (insecure, mirrors) = (json.list(INSECURE)?, json.list(MIRRORS)?);
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
        if let Some(odd) = json.keys().find(|key| is_odd(key)) {
            wrong(odd, "is no key of dockerd's".to_owned())?;
        }
        let certs = certs_folder(&path);
        let listed = insecure.iter().map(|entry| entry::compared(entry)).collect();
        Ok(Self { facts, path, certs, before, json, unit: unit(facts), version, insecure, mirrors, listed })
    }
}

/// From 23.0 on dockerd reads UTF-16 that has a byte order mark.
fn text_of(path: &str, bytes: &[u8], version: Option<Version>) -> Result<Text> {
    let modern = version.is_some_and(|version| version >= Version(23, 0, 0));
    let is_utf_16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    if is_utf_16 && !modern {
        let what = "is UTF-16 text, with which docker starts from 23.0 on only";
        let hint =
            if version.is_some() { "save the file as UTF-8" } else { "give docker's version, or save it as UTF-8" };
        return Err(Error::new(ErrorKind::Parse, what).with_path(path).with_line(1).with_hint(hint));
    }
    Text::read(path, bytes, if modern { Takes::Utf16 } else { Takes::Utf8Only })
}

/// A key that dockerd refuses: a comment that is none, or one of ours in other letters.
fn is_odd(key: &str) -> bool {
    let other_case = |known: &str| key != known && key.eq_ignore_ascii_case(known);
    key.starts_with(['_', '#', '/']) || key == "comment" || other_case(INSECURE) || other_case(MIRRORS)
}

/// Without what only containerd can do.
fn check_plain(endpoint: &Endpoint) -> Result<()> {
    let extra = match endpoint {
        e if e.client.is_some() && e.trust == Trust::SkipVerify => {
            "docker shows no client certificate to a registry that it does not check; give its CA"
        }
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
