//! What is judged: a node's files, the settings, and what the library makes of both.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regconf::{Answer, Facts, Note, Plan, Query, Registry, Settings};
use serde_json::Value;

use crate::Result;
use crate::room::Files;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../golden");

/// A node's files and the settings.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) before: Files,
    /// What the node's engines and services say of themselves.
    pub(crate) versions: BTreeMap<String, String>,
    pub(crate) units: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

/// A case with the library's plan for it.
pub(crate) struct Planned<'a> {
    pub(crate) case: &'a Case,
    pub(crate) after: Files,
    pub(crate) plan: Plan,
}

impl Case {
    pub(crate) fn new(name: String, settings: &str, before: Files) -> Result<Self> {
        let settings = Settings::from_json(settings).map_err(|error| format!("{name}: {error}"))?;
        let none = BTreeMap::new;
        Ok(Self { name, settings, before, versions: none(), units: none(), outputs: none() })
    }

    /// The cases of `tests/golden` that have a folder `after`; none if there is no such folder yet.
    pub(crate) fn golden() -> Result<Vec<Self>> {
        let mut cases = Vec::new();
        for engine in folders(Path::new(GOLDEN))? {
            for folder in folders(&engine)?.into_iter().filter(|folder| folder.join("after").is_dir()) {
                cases.push(Self::read(&folder)?);
            }
        }
        Ok(cases)
    }

    fn read(folder: &Path) -> Result<Self> {
        let name = folder.strip_prefix(GOLDEN)?.display().to_string();
        let mut case = Self::new(name, &fs::read_to_string(folder.join("settings.json"))?, files(folder)?)?;
        let facts = folder.join("facts.json");
        let told = if facts.exists() { serde_json::from_str(&fs::read_to_string(facts)?)? } else { Value::Null };
        case.versions = texts(&told["versions"]);
        case.units = texts(&told["units"]);
        case.outputs = texts(&told["outputs"]);
        for folder in told["folders"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            case.before.insert(format!("{folder}/.keep"), Vec::new());
        }
        Ok(case)
    }

    /// What the library plans for this version of an engine.
    pub(crate) fn plan(&self, engine: &str, version: &str) -> regconf::Result<Planned<'_>> {
        let plan = regconf::plan(&self.settings, &self.facts(&self.before, engine, version))?;
        let mut after = self.before.clone();
        for change in &plan.changes {
            match &change.after {
                Some(bytes) => drop(after.insert(change.path.clone(), bytes.clone())),
                None => drop(after.remove(&change.path)),
            }
        }
        Ok(Planned { case: self, after, plan })
    }

    /// The facts of the node, this engine of another version than its own if need be.
    pub(crate) fn facts(&self, files: &Files, engine: &str, version: &str) -> Facts {
        let mut facts = Facts::from_files(files.clone());
        for (unit, text) in &self.units {
            facts = facts.with(Query::Unit(unit.clone()), Answer::Text(text.clone()));
        }
        for (command, text) in &self.outputs {
            facts = facts.with(Query::Command(words(command)), Answer::Text(text.clone()));
        }
        for (other, version) in &self.versions {
            facts = facts.with_version(other, version);
        }
        facts.with_version(engine, version)
    }

    /// What the node's commands print.
    pub(crate) fn outputs(&self) -> impl Iterator<Item = &String> {
        self.outputs.values()
    }

    /// The arguments of a running service.
    pub(crate) fn arguments(&self, unit: &str) -> Vec<&str> {
        let lines = self.units.get(unit).map_or("", String::as_str).lines();
        lines.filter_map(|line| line.strip_prefix("Arg=")).skip(1).collect()
    }
}

/// The words of a command; a blank between `{{` and `}}` belongs to its word.
fn words(command: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in command.split(' ') {
        match words.last_mut().filter(|last| last.contains("{{") && !last.contains("}}")) {
            Some(last) => *last = format!("{last} {part}"),
            None => words.push(part.to_owned()),
        }
    }
    words
}

impl Case {
    /// The file that containerd's unit names, else the default.
    pub(crate) fn config(&self) -> &str {
        named(&self.arguments("containerd"), &["-c", "--config"]).unwrap_or("/etc/containerd/config.toml")
    }

    /// The file that docker's unit names, else the default.
    pub(crate) fn daemon(&self) -> &str {
        named(&self.arguments("docker"), &["--config-file"]).unwrap_or("/etc/docker/daemon.json")
    }
}

impl Planned<'_> {
    /// The registries that an engine is set up for.
    pub(crate) fn registries(&self, engine: &str) -> Vec<&Registry> {
        let meant = |registry: &&Registry| registry.engines.is_empty() || registry.engines.iter().any(|e| e == engine);
        let declined = |note: &Note, registry: &Registry| {
            note.engine == engine && note.host.as_ref() == Some(&registry.host) && note.text.starts_with("not set: ")
        };
        let set = |registry: &&Registry| !self.plan.notes.iter().any(|note| declined(note, registry));
        self.case.settings.ensured().iter().filter(meant).filter(set).collect()
    }

    /// Whether the library has written this file anew.
    pub(crate) fn is_new(&self, path: &str) -> bool {
        self.case.before.get(path).is_none_or(Vec::is_empty) && self.after.contains_key(path)
    }

    /// The file of containerd's unit, else the default. An imported file may be the one that is changed.
    pub(crate) fn config(&self) -> &str {
        self.case.config()
    }

    /// The file of docker's unit, else the default.
    pub(crate) fn daemon(&self) -> &str {
        self.case.daemon()
    }

    /// Whether the plan writes this file.
    pub(crate) fn changes(&self, path: &str) -> bool {
        self.plan.changes.iter().any(|change| change.path == path)
    }
}

/// The value of an option, as `--name value` or `--name=value`.
fn named<'a>(arguments: &[&'a str], names: &[&str]) -> Option<&'a str> {
    arguments.iter().enumerate().find_map(|(i, argument)| {
        let (name, value) = argument.split_once('=').map_or((*argument, None), |(name, value)| (name, Some(value)));
        names.contains(&name).then(|| value.or_else(|| arguments.get(i + 1).copied())).flatten()
    })
}

fn texts(told: &Value) -> BTreeMap<String, String> {
    let entries = told.as_object().into_iter().flatten();
    entries.filter_map(|(key, text)| Some((key.clone(), text.as_str()?.to_owned()))).collect()
}

/// The files in `before` by their paths on the node.
fn files(case: &Path) -> Result<Files> {
    let root = case.join("before");
    let mut found = Files::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop().filter(|folder| folder.exists()) {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(format!("/{}", path.strip_prefix(&root)?.display()), fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

fn folders(path: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<_> = fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    found.retain(|path| path.is_dir());
    found.sort();
    Ok(found)
}
