//! config.toml and its imports as the daemon merges them: the registry table that is in force.
//!
//! The rules are `LoadConfig` and the migrations of containerd 1.6 to 2.4. Unlike [`Config`](super::config::Config), which
//! refuses what is not safe to change, this tells what the daemon makes of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use toml_edit::{Item, TableLike};

use super::config::{IMAGES, LEGACY, V1, pulls_locally};
use super::imports;
use crate::edit::toml::Toml;
use crate::edit::{Takes, Text};
use crate::engine::file;
use crate::engine::version::Version;
use crate::facts::Facts;

/// What CRI is set to.
pub(super) struct Effective {
    /// The registry table.
    pub(super) registry: Value,
    /// The last file that says anything of the registry.
    pub(super) file: Option<String>,
    /// Whether something makes pulls local, from 2.1 on.
    pub(super) pulls_locally: bool,
    pub(super) notes: Vec<String>,
}

/// One file, and the registry table that counts in it.
struct Read {
    path: String,
    toml: Toml,
    version: i64,
}

impl Effective {
    /// What the daemon makes of its files; without a version, a current one.
    ///
    /// # Errors
    /// A text that says why CRI does not run with them.
    pub(super) fn of(facts: &Facts, path: &str, version: Version) -> Result<Self, String> {
        let files = read_all(facts, path, version)?;
        let merged = check_versions(&files, version)?;
        check_disabled(&files, merged)?;
        if version < Version(2, 0, 0) && merged >= 2 {
            check_names(&files)?;
        }
        let mut found = Self { registry: Value::Null, file: None, pulls_locally: false, notes: Vec::new() };
        if version < Version(2, 0, 0) {
            found.take_last(&files, merged);
        } else {
            found.take_all(&files, merged, version);
        }
        Ok(found)
    }

    /// 1.x: a later file's table of a plugin replaces that of all before it.
    fn take_last(&mut self, files: &[Read], merged: i64) {
        let plugin = if merged >= 2 { LEGACY } else { V1 };
        let has =
            |file: &&Read| file.toml.get(&["plugins", plugin]).is_some() && !file.toml.is_escaped(&["plugins", plugin]);
        let Some(file) = files.iter().rfind(has) else { return };
        self.take(file, plugin);
    }

    /// 2.x: tables are merged key by key.
    fn take_all(&mut self, files: &[Read], merged: i64, version: Version) {
        // Up to 2.2 all files are read by the last version; from 2.3 on each by its own.
        let each = version >= Version(2, 3, 0);
        let is_any = |plugin| files.iter().any(|file| file.has_registry(plugin));
        let common = match merged {
            2 if is_any(LEGACY) => LEGACY,
            _ => IMAGES,
        };
        for file in files {
            let plugin = if each { file.plugin() } else { common };
            self.take(file, plugin);
            let plugins: &[&str] = match file.version {
                0 | 1 if each => &[V1, LEGACY, IMAGES],
                _ if merged == 2 || each => &[LEGACY, IMAGES],
                _ => &[IMAGES],
            };
            self.pulls_locally |= plugins.iter().any(|plugin| pulls_locally(&file.toml, plugin));
            for other in [LEGACY, IMAGES, V1].into_iter().filter(|other| *other != plugin && file.has_registry(other)) {
                self.notes.push(format!("{}: the registry table of plugins.\"{other}\" has no effect", file.path));
            }
        }
        self.pulls_locally |=
            ["mirrors", "configs", "auths"].iter().any(|key| !entries(&self.registry, key).is_empty());
    }

    fn take(&mut self, file: &Read, plugin: &str) {
        if let Some(registry) = file.toml.get(&["plugins", plugin, "registry"]) {
            merge(&mut self.registry, value(registry));
            self.file = Some(file.path.clone());
        }
    }
}

impl Read {
    fn has_registry(&self, plugin: &str) -> bool {
        self.toml.get(&["plugins", plugin, "registry"]).is_some()
    }

    /// The plugin whose registry a file of this version sets on 2.3 and up: migrations let the older one win.
    fn plugin(&self) -> &'static str {
        let known: &[&'static str] = match self.version {
            0 | 1 => &[V1, LEGACY],
            2 | 3 => &[LEGACY],
            _ => &[],
        };
        known.iter().find(|plugin| self.has_registry(plugin)).unwrap_or(&IMAGES)
    }
}

/// The main file and all imported ones, each once: first the main file, then its imports, then theirs.
fn read_all(facts: &Facts, path: &str, version: Version) -> Result<Vec<Read>, String> {
    let mut open = std::collections::VecDeque::from([path.to_owned()]);
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    while let Some(path) = open.pop_front() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let read = read(facts, &path, version).map_err(|error| format!("containerd does not start: {error}"))?;
        let more = imports::paths(facts, &read.toml, Some(version)).map_err(|error| error.to_string())?;
        open.extend(more);
        files.push(read);
    }
    Ok(files)
}

fn read(facts: &Facts, path: &str, version: Version) -> crate::error::Result<Read> {
    let takes = if version < Version(2, 0, 0) { Takes::AnyBytes } else { Takes::Utf8Only };
    let text = Text::read(path, file(facts, path)?.unwrap_or_default(), takes)?;
    if text.has_bom() && version >= Version(2, 0, 0) {
        let what = "begins with a byte order mark, with which containerd 2 does not start";
        return Err(crate::error::Error::new(crate::error::ErrorKind::Parse, what).with_path(path));
    }
    let toml = Toml::parse(text)?;
    toml.check_inline_commas()?;
    let version = toml.integer(&["version"])?.unwrap_or(0);
    Ok(Read { path: path.to_owned(), toml, version })
}

/// The version that the files have together.
fn check_versions(files: &[Read], version: Version) -> Result<i64, String> {
    let main = files[0].version;
    let last = files.iter().map(|file| file.version).rfind(|version| *version != 0).unwrap_or(0);
    let merged = if version >= Version(2, 3, 0) { main } else { last };
    let highest = match version {
        version if version >= Version(2, 3, 0) => 4,
        version if version >= Version(2, 0, 0) => 3,
        _ => 2,
    };
    let guarded = version >= Version(1, 7, 17) || (version >= Version(1, 6, 32) && version < Version(1, 7, 0));
    if merged > highest && guarded {
        return Err(format!("containerd {version} does not start with a file of version {merged}"));
    }
    let higher = files[1..].iter().find(|file| main != 0 && file.version > main);
    match higher.filter(|_| version >= Version(2, 3, 0)) {
        Some(file) => Err(format!(
            "containerd does not start: the version of {} is higher than that of {}",
            file.path, files[0].path
        )),
        None => Ok(merged),
    }
}

/// `disabled_plugins` of all files count together.
fn check_disabled(files: &[Read], merged: i64) -> Result<(), String> {
    for file in files {
        let disabled = file.toml.strings(&["disabled_plugins"]).map_err(|error| error.to_string())?.unwrap_or_default();
        if merged >= 2 && disabled.contains(&V1) {
            return Err(format!(
                "containerd does not start: {} has \"cri\" in disabled_plugins, which is no whole id",
                file.path
            ));
        }
        if [V1, LEGACY, IMAGES].iter().any(|id| disabled.contains(id)) {
            return Err(format!("CRI is disabled in {}, so no registry settings are in force", file.path));
        }
    }
    Ok(())
}

/// 1.x does not start with a plugin that is not named by its whole id.
fn check_names(files: &[Read]) -> Result<(), String> {
    for file in files {
        let plugins = file.toml.get(&["plugins"]).and_then(Item::as_table_like);
        let is_short = |key: &&str| key.split('.').count() < 4 || !key.starts_with("io.containerd.");
        if let Some(key) = plugins.and_then(|plugins| plugins.iter().map(|(key, _)| key).find(is_short)) {
            return Err(format!(
                "containerd does not start: {} names a plugin {key:?}, which is no whole id",
                file.path
            ));
        }
    }
    Ok(())
}

/// Tables key by key; anything else is replaced, but not by nothing.
fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, from) in from {
                merge(into.entry(key).or_insert(Value::Null), from);
            }
        }
        (into, from) => *into = from,
    }
}

fn value(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Table(inner) => table(inner),
        Item::ArrayOfTables(tables) => tables.iter().map(|inner| table(inner)).collect(),
        Item::Value(inner) => leaf(inner),
    }
}

fn table(table: &dyn TableLike) -> Value {
    Value::Object(table.iter().map(|(key, item)| (key.to_owned(), value(item))).collect::<Map<_, _>>())
}

fn leaf(value: &toml_edit::Value) -> Value {
    match value {
        toml_edit::Value::String(text) => text.value().as_str().into(),
        toml_edit::Value::Boolean(truth) => (*truth.value()).into(),
        toml_edit::Value::Array(list) => list.iter().map(leaf).collect(),
        toml_edit::Value::InlineTable(inner) => table(inner),
        other => other.to_string().trim().into(),
    }
}

/// The value of a key; 2.x takes it in any letter case, and the last one counts.
pub(super) fn field<'a>(table: &'a Value, key: &str, version: Version) -> &'a Value {
    let is_it = |name: &str| name == key || (version >= Version(2, 0, 0) && name.eq_ignore_ascii_case(key));
    let found = table.as_object().and_then(|map| map.iter().rfind(|(name, _)| is_it(name)));
    found.map_or(&Value::Null, |(_, value)| value)
}

/// The entries of a table in the registry table.
pub(super) fn entries<'a>(registry: &'a Value, key: &str) -> Vec<(&'a String, &'a Value)> {
    registry[key].as_object().into_iter().flatten().collect()
}
