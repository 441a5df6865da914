//! containerd's CRI: a `config_path` in config.toml, and a folder with a hosts.toml for each registry host below it.
//!
//! The rules are containerd's `docs/hosts.md`, `docs/cri/registry.md` and the sources of 1.6 to 2.4 behind them.

mod config;
mod daemon;
mod effective;
mod imports;
mod migrate;
mod mirrors;
mod resolve;

use std::collections::BTreeSet;

use super::hosts::{self, Folder, Reader};
use super::product::{self, Product};
use super::version;
use super::{Engine, names};
use crate::error::{Error, Result};
use crate::facts::{Answer, Facts, Guess, Query};
use crate::host::RegistryHost;
use crate::plan::{Draft, FileChange, Plan};
use crate::resolution::Resolution;
use crate::settings::Settings;

use config::{Config, Layout};
use daemon::Daemon;

pub(super) struct Containerd;

const ID: &str = "containerd";
const FOLDER: &str = "/etc/containerd";
const DEFAULT_FILE: &str = "/etc/containerd/config.toml";
/// The folder that is set as `config_path` where none is set; containerd's own documentation uses it.
const DEFAULT_ROOT: &str = "/etc/containerd/certs.d";

impl Engine for Containerd {
    fn id(&self) -> &'static str {
        ID
    }

    fn wants(&self, settings: &Settings, facts: &Facts) -> Vec<Query> {
        let path = Daemon::of(facts).config_path().to_owned();
        let mut wanted = vec![Query::version(ID), Query::Dir(FOLDER.to_owned()), Query::File(path.clone())];
        wanted.extend(daemon::queries(facts));
        wanted.extend(imports::queries(facts, &path));
        let (mut roots, times) = config::named(facts, &path);
        wanted.extend(times);
        if roots.is_empty() {
            roots.push(DEFAULT_ROOT.to_owned());
        }
        for root in roots {
            let hosts = hosts_of(settings);
            wanted.extend(hosts.flat_map(|host| hosts::queries(facts, &root, host)));
            wanted.push(Query::Dir(root));
        }
        if settings.migrates() {
            wanted.extend(migrate::queries(facts, &path));
        }
        wanted
    }

    fn guesses(&self) -> Vec<Guess> {
        product::services().map(|name| Guess::UnitIfDown(ID, name)).collect()
    }

    fn is_present(&self, facts: &Facts) -> bool {
        let is_there = version::is_known(facts, ID, ID) || Daemon::of(facts).product.is_some();
        is_there || (!facts.is_live() && names(facts, FOLDER).is_some())
    }

    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft> {
        let mut draft = Draft::default();
        let is_meant = settings.ensured().iter().any(|registry| registry.is_for(ID));
        let takes_out = settings.removed().iter().any(|removal| removal.is_for(ID));
        if !is_meant && !takes_out && !settings.migrates() {
            return Ok(draft);
        }
        let daemon = Daemon::of(facts);
        if let Some(product) = daemon.product {
            refuse_all(product, settings, &mut draft);
            return Ok(draft);
        }
        let mut config = Config::of(facts, daemon.config_path())?;
        if let Some(why) = config.disabled_cri()? {
            if !settings.enables_cri() {
                decline_all(settings, &why, &mut draft);
                return Ok(draft);
            }
            config.enable_cri()?;
        }
        let mut seen = None;
        if settings.migrates() {
            seen = migrate(&mut config, facts, &mut draft.plan)?;
        }
        plan_registries(settings, seen.as_ref().unwrap_or(facts), &mut config, &mut draft)?;
        if let Some(seen) = &seen {
            from_the_beginning(facts, seen, &mut draft.plan);
        }
        let is_used = taken(settings, &draft) > 0;
        finish(&config, &daemon, facts.is_live(), is_used, &mut draft.plan)?;
        Ok(draft)
    }

    fn pull_command(&self, facts: &Facts, image: &str) -> Option<Vec<String>> {
        let daemon = Daemon::of(facts);
        if daemon.product.is_some() {
            return None;
        }
        daemon.pull(&Config::of(facts, daemon.config_path()).ok()?, image)
    }

    fn resolve(&self, host: &RegistryHost, facts: &Facts) -> Resolution {
        resolve::resolve(host, facts)
    }
}

/// Moves what is in config.toml; the facts as they are after that.
fn migrate(config: &mut Config<'_>, facts: &Facts, plan: &mut Plan) -> Result<Option<Facts>> {
    let Some(migration) = migrate::plan(config, facts)? else { return Ok(None) };
    config.set_toml(migration.toml);
    for text in migration.notes {
        plan.note(ID, None, text);
    }
    Ok(Some(migration.files.into_iter().fold(facts.clone(), |facts, (path, bytes)| facts.with_file(path, bytes))))
}

/// Changes that were planned on moved files, as changes of what is really there; and those files without more changes.
fn from_the_beginning(facts: &Facts, seen: &Facts, plan: &mut Plan) {
    let original = |path: &str| match facts.answer(&Query::File(path.to_owned())) {
        Some(Answer::File(bytes)) => Some(bytes.clone()),
        _ => None,
    };
    for change in &mut plan.changes {
        change.before = original(&change.path);
    }
    let planned: BTreeSet<_> = plan.changes.iter().map(|change| change.path.clone()).collect();
    let moved =
        seen.files().filter(|(path, bytes)| !planned.contains(*path) && original(path).as_deref() != Some(*bytes));
    for (path, bytes) in moved {
        plan.change(FileChange::new(path, original(path), Some(bytes.to_vec())));
    }
}

fn plan_registries(settings: &Settings, facts: &Facts, config: &mut Config<'_>, draft: &mut Draft) -> Result<()> {
    for text in config.oddities() {
        draft.plan.note(ID, None, text);
    }
    let notes = match config.layout()? {
        Layout::Folders { roots, toml, notes } => {
            let reader = Reader { engine: ID, version: config.version };
            plan_folders(settings, facts, &roots, reader, draft);
            if let Some(toml) = toml.filter(|_| taken(settings, draft) > 0) {
                config.set_toml(*toml);
                note_woken(settings, facts, &roots[0], &mut draft.plan);
            }
            notes
        }
        Layout::Mirrors { table, notes } => {
            let toml = mirrors::plan(settings, config, &table, draft)?;
            config.set_toml(toml);
            notes
        }
    };
    for text in notes {
        draft.plan.note(ID, None, text);
    }
    Ok(())
}

/// Folders of others that lie where nothing was read before count from now on.
fn note_woken(settings: &Settings, facts: &Facts, root: &str, plan: &mut Plan) {
    let there = names(facts, root).unwrap_or_default();
    if there.is_empty() {
        return;
    }
    let ours: BTreeSet<_> = hosts_of(settings).flat_map(hosts::spellings).collect();
    let woken: Vec<_> = there.iter().filter(|name| !ours.contains(name.trim_end_matches('/'))).collect();
    if !woken.is_empty() {
        let list = woken.iter().map(|name| name.trim_end_matches('/')).collect::<Vec<_>>().join(", ");
        plan.note(ID, None, format!("{root}: what lies there already counts now too: {list}"));
    }
}

/// How many registries are set.
fn taken(settings: &Settings, draft: &Draft) -> usize {
    let declined: BTreeSet<_> = draft.declined.iter().map(|(host, _)| host).collect();
    let asked = settings.ensured().iter().filter(|registry| registry.is_for(ID));
    asked.filter(|registry| !declined.contains(&registry.host)).count()
}

fn hosts_of(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().filter(|registry| registry.is_for(ID)).map(|registry| &registry.host);
    let removed = settings.removed().iter().filter(|removal| removal.is_for(ID)).map(|removal| &removal.host);
    ensured.chain(removed).filter(|host| host.cidr().is_none())
}

/// Without CRI nobody reads the settings; turning it on is not ours to do unasked.
fn decline_all(settings: &Settings, why: &Error, draft: &mut Draft) {
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        draft.declined.push((registry.host.clone(), why.clone()));
    }
}

/// What a product writes anew is set in the product.
fn refuse_all(product: Product, settings: &Settings, draft: &mut Draft) {
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        draft.declined.push((registry.host.clone(), product.refusal(&registry.host)));
    }
    for removal in settings.removed().iter().filter(|removal| removal.is_for(ID)) {
        draft.declined.push((removal.host.clone(), product.refusal(&removal.host)));
    }
}

fn plan_folders(settings: &Settings, facts: &Facts, roots: &[String], reader: Reader, draft: &mut Draft) {
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        let made =
            Folder::in_first(reader, facts, roots, &registry.host).and_then(|folder| hosts::ensure(registry, &folder));
        draft.take(&registry.host, made);
    }
    let removed = settings.removed().iter().filter(|removal| removal.is_for(ID));
    for removal in removed.filter(|removal| removal.host.cidr().is_none()) {
        let made =
            Folder::in_first(reader, facts, roots, &removal.host).and_then(|folder| hosts::remove(removal, &folder));
        draft.take(&removal.host, made);
    }
}

/// The changes of config.toml and its imports, if there are any, and the restart that they need.
fn finish(config: &Config<'_>, daemon: &Daemon<'_>, is_live: bool, is_used: bool, plan: &mut Plan) -> Result<()> {
    let changes = config.changes(is_live.then(|| daemon.judge()).as_ref());
    if changes.is_empty() {
        if config.drops_mark(config.toml()) {
            let text = "begins with a byte order mark, with which containerd 2 does not start";
            plan.note(ID, None, format!("{}: {text}: save the file without it", config.path()));
        }
        if is_live && is_used {
            daemon.catch_up(config, plan);
        }
        return Ok(());
    }
    if config.drops_mark(config.toml()) {
        plan.note(
            ID,
            None,
            format!("{}: the byte order mark goes: containerd 2 reads no file with one", config.path()),
        );
    }
    if is_live {
        daemon.activate(config, plan)?;
    }
    for change in changes {
        plan.change(change);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
