//! Container engines: what each must know, and what it makes of the settings.

mod address;
mod containerd;
mod docker;
mod hosts;
mod pattern;
mod process;
mod product;
mod unit;
mod version;

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Answer, Facts, Guess, Query};
use crate::host::RegistryHost;
use crate::image::ImageReference;
use crate::plan::{Draft, Note, Plan};
use crate::resolution::Resolution;
use crate::settings::Settings;

/// A container engine. Pure: it reads and writes nothing, so that a merge can be tested with a map of files.
pub trait Engine: Sync {
    /// Its name in settings and reports, such as `containerd`.
    fn id(&self) -> &'static str;

    /// What may still be asked, given what is known. Queries that are answered already do no harm.
    fn wants(&self, settings: &Settings, facts: &Facts) -> Vec<Query>;

    /// What is likely to be wanted later of a running node.
    fn guesses(&self) -> Vec<Guess> {
        Vec::new()
    }

    /// Whether the facts show this engine.
    fn is_present(&self, facts: &Facts) -> bool;

    /// What is to be done. The same settings and facts give the same draft.
    ///
    /// # Errors
    /// When nothing can be planned for this engine at all, such as for a file that cannot be read.
    fn plan(&self, settings: &Settings, facts: &Facts) -> Result<Draft>;

    /// The command that pulls an image by what this engine is set to, the image its last word; `None` where there is no
    /// tool for it. `ctr`, which stands in where `crictl` is missing, reads no config.toml: it proves the hosts.toml
    /// files and no more.
    fn pull_command(&self, facts: &Facts, image: &str) -> Option<Vec<String>>;

    /// Which hosts it asks for the images of a registry host, as its release reads the files that the facts hold.
    /// Nothing is refused: what keeps the engine from working is a note.
    fn resolve(&self, host: &RegistryHost, facts: &Facts) -> Resolution;
}

/// How the note begins that an engine cannot be set up for a registry.
const NOT_SET: &str = "not set";

/// The engines there are.
const ENGINES: [&dyn Engine; 2] = [&containerd::Containerd, &docker::Docker];

/// What the engines still want to know.
pub(crate) fn wants(settings: &Settings, facts: &Facts) -> Vec<Query> {
    let to_be_set = ENGINES.iter().filter(|engine| facts.is_to_be_set(engine.id()));
    let all = to_be_set.flat_map(|engine| engine.wants(settings, facts));
    let mut open: Vec<_> = all.filter(|query| !facts.is_known(query)).collect();
    open.sort();
    open.dedup();
    open
}

/// What the engines are likely to want later.
pub(crate) fn guesses(facts: &Facts) -> Vec<Guess> {
    ENGINES.iter().filter(|engine| facts.is_to_be_set(engine.id())).flat_map(|engine| engine.guesses()).collect()
}

/// Facts with the versions that engines have where none can be read.
pub(crate) fn assume(facts: Facts, versions: &[(String, String)]) -> Result<Facts> {
    versions.iter().try_fold(facts, |facts, (id, version)| {
        check_engine_name(id)?;
        if version::parse(version).is_none() {
            return Err(Error::invalid(format!("{version:?} is no version of {id}")).with_hint("write it as in 1.7.24"));
        }
        Ok(facts.with_assumed_version(id, version))
    })
}

/// Facts with the engines that alone are to be set, if any are named, and where their configuration is.
pub(crate) fn direct(facts: Facts, engines: &[String], paths: &BTreeMap<String, String>) -> Result<Facts> {
    for id in engines.iter().chain(paths.keys()) {
        check_engine_name(id).map_err(|error| error.with_key("engines"))?;
    }
    let facts = facts.with_engines(engines.iter().cloned());
    Ok(paths.iter().fold(facts, |facts, (id, path)| facts.with_config_path(id, path)))
}

/// What is to be done so that a node with these facts is as the settings say.
///
/// Pure. Every engine that the facts show is set up. What one engine cannot do, be it a registry that it cannot express or
/// a removal from a file that it cannot change, is a note when another engine does it, and an error when none does.
///
/// ```
/// # use regconf::{Facts, Settings};
/// let settings = Settings::from_json(r#"{"ensure":[{"host":"10.0.0.5:5000","insecure":"http"}]}"#)?;
/// let facts = Facts::from_files([("/etc/docker/daemon.json", r#"{"debug": true}"#)]);
/// let plan = regconf::plan(&settings, &facts)?;
/// assert_eq!(plan.changes[0].after.as_deref(), Some(&br#"{"debug": true, "insecure-registries": ["10.0.0.5:5000"]}"#[..]));
/// # Ok::<(), regconf::Error>(())
/// ```
///
/// # Errors
/// When a setting, a file or an engine's version does not allow it; then nothing at all is to be done.
pub fn plan(settings: &Settings, facts: &Facts) -> Result<Plan> {
    check_engine_names(settings)?;
    let present: Vec<_> = ENGINES.iter().filter(|engine| is_meant(**engine, settings, facts)).collect();
    if present.is_empty() {
        return Err(Error::new(ErrorKind::Unsupported, "no container engine was found")
            .with_hint("install containerd or docker first, or name the engine in the settings"));
    }
    let mut plan = Plan::default();
    let mut declined = Declined::new();
    for engine in &present {
        let draft = draft(**engine, settings, facts).map_err(|error| error.context(engine.id()))?;
        plan.append(draft.plan);
        for (host, error) in draft.declined {
            declined.entry(host).or_default().push((engine.id(), error));
        }
    }
    for registry in settings.ensured() {
        let asked = present.iter().filter(|engine| registry.is_for(engine.id())).count();
        settle(&registry.host, &registry.engines, asked, &declined, NOT_SET, &mut plan)?;
    }
    for removal in settings.removed() {
        let asked = present.iter().filter(|engine| removal.is_for(engine.id())).count();
        settle(&removal.host, &removal.engines, asked, &declined, "not removed", &mut plan)?;
    }
    Ok(plan)
}

/// How the engines that are set up for an image's registry pull it; every engine if none was to be set up.
pub(crate) fn pulls(
    settings: &Settings,
    facts: &Facts,
    plan: &Plan,
    image: &ImageReference,
) -> Vec<(&'static str, Option<Vec<String>>)> {
    let host = image.host();
    let registry = settings.ensured().iter().find(|registry| registry.host == *host);
    let is_set = |id: &str| {
        let is_declined =
            |note: &Note| note.engine == id && note.host.as_ref() == Some(host) && note.text.starts_with(NOT_SET);
        registry.is_none_or(|registry| registry.is_for(id)) && !plan.notes.iter().any(is_declined)
    };
    let present = ENGINES
        .iter()
        .filter(|engine| engine.is_present(facts) && facts.is_to_be_set(engine.id()) && is_set(engine.id()));
    present.map(|engine| (engine.id(), engine.pull_command(facts, &image.to_string()))).collect()
}

/// What each engine that the facts show makes of a registry host.
pub(crate) fn resolutions(host: &RegistryHost, facts: &Facts) -> Vec<(&'static str, Resolution)> {
    let present = ENGINES.iter().filter(|engine| engine.is_present(facts));
    present.map(|engine| (engine.id(), engine.resolve(host, facts))).collect()
}

/// What engines cannot do, by registry host.
type Declined = BTreeMap<RegistryHost, Vec<(&'static str, Error)>>;

/// Files that an engine cannot be set up with keep nothing from being taken out of another engine.
fn draft(engine: &dyn Engine, settings: &Settings, facts: &Facts) -> Result<Draft> {
    let only_removes = !settings.migrates()
        && !settings.enables_cri()
        && settings.ensured().iter().all(|registry| !registry.is_for(engine.id()));
    let removals = || settings.removed().iter().filter(|removal| removal.is_for(engine.id()));
    match engine.plan(settings, facts) {
        Err(error) if only_removes && removals().next().is_some() => {
            let declined = removals().map(|removal| (removal.host.clone(), error.clone())).collect();
            Ok(Draft { declined, ..Draft::default() })
        }
        made => made,
    }
}

/// What some engine cannot do for a host is a note; what no engine can do is an error.
fn settle(
    host: &RegistryHost,
    engines: &[String],
    asked: usize,
    declined: &Declined,
    what: &str,
    plan: &mut Plan,
) -> Result<()> {
    if asked == 0 {
        plan.note(&engines.join(", "), Some(host), format!("{what}: the engine is not on this node"));
        return Ok(());
    }
    let refused = declined.get(host).map_or(&[][..], Vec::as_slice);
    match refused.first() {
        Some((engine, error)) if refused.len() == asked => Err(error.clone().context(format!("{engine}: {host}"))),
        _ => {
            for (engine, error) in refused {
                plan.note(engine, Some(host), format!("{what}: {error}"));
            }
            Ok(())
        }
    }
}

fn check_engine_names(settings: &Settings) -> Result<()> {
    let ensured = settings.ensured().iter().map(|registry| &registry.engines).enumerate();
    let removed = settings.removed().iter().map(|removal| &removal.engines).enumerate();
    let lists = ensured.map(|(i, ids)| (format!("ensure[{i}]"), ids));
    for (place, ids) in lists.chain(removed.map(|(i, ids)| (format!("remove[{i}]"), ids))) {
        for id in ids {
            check_engine_name(id).map_err(|error| error.with_key(format!("{place}.engines")))?;
        }
    }
    Ok(())
}

fn check_engine_name(id: &str) -> Result<()> {
    if ENGINES.iter().any(|engine| engine.id() == id) {
        return Ok(());
    }
    let known: Vec<_> = ENGINES.iter().map(|engine| engine.id()).collect();
    Err(Error::invalid(format!("{id:?} is no engine")).with_hint(format!("known are {}", known.join(" and "))))
}

/// Found, or named in the settings where there is nothing to find it by.
fn is_meant(engine: &dyn Engine, settings: &Settings, facts: &Facts) -> bool {
    let named = || settings.ensured().iter().any(|registry| registry.engines.iter().any(|id| id == engine.id()));
    facts.is_to_be_set(engine.id()) && (engine.is_present(facts) || (!facts.is_live() && named()))
}

/// The bytes of a file; `None` if there is none.
fn file<'a>(facts: &'a Facts, path: &str) -> Result<Option<&'a [u8]>> {
    match facts.answer(&Query::File(path.to_owned())) {
        Some(Answer::File(bytes)) => Ok(Some(bytes)),
        Some(Answer::Unusable(why)) => Err(Error::new(ErrorKind::Io, why.clone()).with_path(path)),
        _ => Ok(None),
    }
}

/// The names in a folder; `None` if there is none.
fn names<'a>(facts: &'a Facts, folder: &str) -> Option<&'a [String]> {
    match facts.answer(&Query::Dir(folder.trim_end_matches('/').to_owned())) {
        Some(Answer::Names(names)) => Some(names),
        _ => None,
    }
}

/// Whether a folder's names have this one.
fn has_name(names: &[String], name: &str) -> bool {
    names.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
}

/// Whether the node is known not to have a program in its PATH.
fn is_missing(facts: &Facts, program: &str) -> bool {
    facts.is_live() && facts.answer(&Query::Program(program.to_owned())) == Some(&Answer::Absent)
}

fn text<'a>(facts: &'a Facts, query: &Query) -> Option<&'a str> {
    match facts.answer(query) {
        Some(Answer::Text(text)) => Some(text),
        _ => None,
    }
}
