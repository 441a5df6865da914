//! containerd's CRI: a `config_path` in config.toml, and a folder with a hosts.toml for each registry host below it.
//!
//! The rules are containerd's `docs/hosts.md`, `docs/cri/registry.md` and the sources of 1.6 to 2.4 behind them.

mod config;
mod folder;
mod hosts;
mod imports;
mod mirrors;

use super::unit::Unit;
use super::version::{self, Version};
use super::{Engine, names};
use crate::edit::toml::Toml;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::host::RegistryHost;
use crate::plan::{Action, Activation, Check, Draft, FileChange, Plan, STAGED};
use crate::settings::Settings;

use config::{Config, Layout};

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
        let path = config_path(facts);
        let mut wanted = vec![
            version::query(ID),
            Query::Unit(ID.to_owned()),
            Query::Dir(FOLDER.to_owned()),
            Query::File(path.clone()),
        ];
        wanted.extend(imports::queries(facts, &path));
        let mut roots = config::roots(facts, &path);
        if roots.is_empty() {
            roots.push(DEFAULT_ROOT.to_owned());
        }
        for root in roots {
            let hosts = hosts_of(settings);
            wanted.extend(hosts.flat_map(|host| folder::queries(facts, &root, host)));
            wanted.push(Query::Dir(root));
        }
        wanted
    }

    fn is_present(&self, facts: &Facts) -> bool {
        version::is_known(facts, ID, ID) || (!facts.is_live() && names(facts, FOLDER).is_some())
    }

    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft> {
        let mut draft = Draft::default();
        let meant = settings.ensured().iter().any(|registry| registry.is_for(ID)) || !settings.removed().is_empty();
        if !meant {
            return Ok(draft);
        }
        let config = Config::of(facts, config_path(facts))?;
        if config.is_cri_disabled() {
            decline_all(settings, &config, &mut draft);
            return Ok(draft);
        }
        match config.layout()? {
            Layout::Folders { root, toml, notes } => {
                for text in notes {
                    draft.plan.note(ID, None, text);
                }
                plan_folders(settings, facts, &root, &mut draft);
                let needed = settings.ensured().iter().any(|registry| registry.is_for(ID));
                let needed = needed && draft.declined.len() < settings.ensured().len() + settings.removed().len();
                if let Some(toml) = toml.filter(|_| needed) {
                    finish(&config, facts, &toml, Some(&root), &mut draft.plan)?;
                }
            }
            Layout::Mirrors { table } => {
                let toml = mirrors::plan(settings, &config, &table, &mut draft)?;
                finish(&config, facts, &toml, None, &mut draft.plan)?;
            }
        }
        Ok(draft)
    }
}

/// The file of the running daemon, else of its unit, else the default.
fn config_path(facts: &Facts) -> String {
    let unit = Unit::of(facts, ID);
    unit.as_ref().and_then(|unit| unit.option(&["-c", "--config"])).unwrap_or(DEFAULT_FILE).to_owned()
}

fn hosts_of(settings: &Settings) -> impl Iterator<Item = &RegistryHost> {
    let ensured = settings.ensured().iter().filter(|registry| registry.is_for(ID)).map(|registry| &registry.host);
    ensured.chain(settings.removed().iter().map(|removal| &removal.host)).filter(|host| host.cidr().is_none())
}

/// Without CRI nobody reads the settings; turning it on is not ours to do unasked.
fn decline_all(settings: &Settings, config: &Config<'_>, draft: &mut Draft) {
    let why = || {
        Error::new(ErrorKind::Unsupported, "the CRI plugin is disabled, so containerd reads no registry settings")
            .with_path(&config.path)
            .with_key("disabled_plugins")
            .with_hint("take \"cri\" out of disabled_plugins if Kubernetes shall use this containerd")
    };
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        draft.declined.push((registry.host.clone(), why()));
    }
}

fn plan_folders(settings: &Settings, facts: &Facts, root: &str, draft: &mut Draft) {
    for registry in settings.ensured().iter().filter(|registry| registry.is_for(ID)) {
        let made = folder::Folder::of(facts, root, &registry.host).and_then(|folder| hosts::ensure(registry, &folder));
        draft.take(&registry.host, made);
    }
    for removal in settings.removed().iter().filter(|removal| removal.host.cidr().is_none()) {
        let made = folder::Folder::of(facts, root, &removal.host).and_then(|folder| hosts::remove(removal, &folder));
        draft.take(&removal.host, made);
    }
}

/// The change of config.toml, if there is one, and the restart that it needs.
fn finish(config: &Config<'_>, facts: &Facts, toml: &Toml, root: Option<&str>, plan: &mut Plan) -> Result<()> {
    let after = config.written(toml);
    if Some(after.as_slice()) == config.before {
        return Ok(());
    }
    let mut change = FileChange::new(&config.path, config.before.map(<[u8]>::to_vec), Some(after));
    if facts.is_live() {
        let judge = [ID, "--config", STAGED, "config", "dump"];
        change.judge = Some(judge.map(str::to_owned).to_vec());
        activate(config, facts, root, plan)?;
    }
    plan.change(change);
    Ok(())
}

fn activate(config: &Config<'_>, facts: &Facts, root: Option<&str>, plan: &mut Plan) -> Result<()> {
    let Some(unit) = Unit::of(facts, ID).filter(|unit| unit.is_active) else {
        plan.note(ID, None, "containerd is not running as a service; it will read the change when it starts");
        return Ok(());
    };
    if unit.kill_mode != "process" {
        let what = format!("a restart would end all containers: KillMode is {}", unit.kill_mode);
        return Err(Error::new(ErrorKind::Conflict, what)
            .with_path(unit.file)
            .with_hint("set KillMode=process in the unit, as containerd's own unit has it"));
    }
    plan.activations.push(Activation { unit: ID.to_owned(), action: Action::Restart });
    plan.checks.push(check("containerd answers its CRI", &["ctr", "plugins", "ls"], cri_plugins(config.version)));
    if let Some(root) = root {
        let dump = [ID, "--config", config.path.as_str(), "config", "dump"];
        let pattern = format!("config_path = [\"']{}[\"']", root.replace('.', "\\."));
        plan.checks.push(check("containerd has the config_path", &dump, vec![pattern]));
    }
    Ok(())
}

fn cri_plugins(version: Option<Version>) -> Vec<String> {
    let row = |kind: &str, id: &str| format!("^{kind}[[:space:]]+{id}[[:space:]].*[[:space:]]ok[[:space:]]*$");
    let mut rows = vec![row("io\\.containerd\\.grpc\\.v1", "cri")];
    if version.is_some_and(|version| version >= Version(2, 0, 0)) {
        rows.push(row("io\\.containerd\\.cri\\.v1", "images"));
    }
    rows
}

fn check(shows: &str, command: &[&str], patterns: Vec<String>) -> Check {
    Check { shows: shows.to_owned(), command: command.iter().map(|&word| word.to_owned()).collect(), patterns }
}

#[cfg(test)]
mod tests;
