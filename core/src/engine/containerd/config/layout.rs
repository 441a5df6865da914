//! Where registries are to be set: in folders below `config_path`, or in `mirrors`.

use super::super::DEFAULT_ROOT;
use super::{Config, IMAGES, LEGACY, Table, V1};
use crate::edit::toml::{Change, Toml, quoted};
use crate::engine::version::Version;
use crate::error::{Error, ErrorKind, Result};

/// Where registries are to be set.
pub(in super::super) enum Layout {
    /// In folders below the first of `roots` that has one; `toml` is config.toml with a root, if it has none.
    Folders { roots: Vec<String>, toml: Option<Box<Toml>>, notes: Vec<String> },
    /// In `mirrors` and `configs` of this table, because there are such entries already.
    Mirrors { table: Table, notes: Vec<String> },
}

/// Entries that exclude a `config_path`.
struct Entries {
    clash: bool,
    dead_tls: bool,
}

pub(super) fn cleaned(root: &str) -> String {
    root.trim_end_matches('/').to_owned()
}

impl Config<'_> {
    pub(in super::super) fn layout(&self) -> Result<Layout> {
        let (plugin, mut notes) = self.plugin()?;
        notes.extend(self.unquoted_note());
        let table = ["plugins", plugin, "registry"];
        notes.extend(self.bare_mirrors(&table));
        let entries = self.entries(&table)?;
        if entries.dead_tls {
            notes.push(format!(
                "{}: `tls` in registry.configs has no effect on containerd 2",
                self.toml().text().path()
            ));
        }
        match self.config_path(&table)? {
            Some((_, key, value)) if entries.clash => Err(self.clash(&[table[0], table[1], table[2], &key], &value)),
            Some((toml, key, _)) if self.is_before(Version(1, 5, 0)) => {
                let what = "is not known to containerd before 1.5, and keeps later releases from reading mirrors";
                Err(toml
                    .error(&[table[0], table[1], table[2], &key], ErrorKind::Conflict, what)
                    .with_hint("take it out, or update containerd"))
            }
            Some((toml, key, value)) => {
                let roots = self.split_roots(toml, &[table[0], table[1], table[2], &key], &value)?;
                Ok(Layout::Folders { roots, toml: None, notes })
            }
            None if entries.clash => {
                self.check_early_default(&table)?;
                Ok(Layout::Mirrors { table, notes })
            }
            None if self.is_before(Version(1, 5, 0)) => Ok(Layout::Mirrors { table, notes }),
            None => {
                let toml = Box::new(self.with_root(&table, DEFAULT_ROOT)?);
                Ok(Layout::Folders { roots: vec![DEFAULT_ROOT.to_owned()], toml: Some(toml), notes })
            }
        }
    }

    /// The registry table that counts.
    pub(in super::super) fn table(&self) -> Result<Table> {
        self.plugin().map(|(plugin, _)| ["plugins", plugin, "registry"])
    }

    /// The file with `config_path` set.
    pub(in super::super) fn with_root(&self, table: &Table, root: &str) -> Result<Toml> {
        let key = self.config_path_key(table)?;
        let mut changes = self.version_change();
        changes.push(Change::set(&[table[0], table[1], table[2], &key], quoted(root)));
        let toml = self.toml().changed(&changes)?;
        // A name in other letters is the same key to containerd 2; it gets the one that all releases know.
        if key == "config_path" { Ok(toml) } else { toml.rename(&[table[0], table[1], table[2], &key], "config_path") }
    }

    /// A file that had no settings at all gets a version.
    pub(in super::super) fn version_change(&self) -> Vec<Change> {
        let change = Change::set(&["version"], self.new_version());
        if self.has_no_keys() { vec![change] } else { Vec::new() }
    }

    /// `config_path` as this file spells it: 2.x takes any letter case.
    fn config_path_key(&self, table: &Table) -> Result<String> {
        let registry = self.toml().table(table)?;
        let is_odd = |key: &&str| *key != "config_path" && key.eq_ignore_ascii_case("config_path");
        let odd = registry.and_then(|t| t.iter().map(|(key, _)| key).find(is_odd));
        match odd {
            Some(odd)
                if registry.is_some_and(|t| t.contains_key("config_path")) || !self.is_at_least(Version(2, 0, 0)) =>
            {
                let what = "is config_path to containerd 2.x, and nothing to 1.x";
                let path = [table[0], table[1], table[2], odd];
                Err(self.toml().error(&path, ErrorKind::Conflict, what).with_hint("write it once, in small letters"))
            }
            Some(odd) => Ok(odd.to_owned()),
            None => Ok("config_path".to_owned()),
        }
    }

    /// The `config_path` that counts, unless it is empty: the file it stands in, its key, and its value. On 2.x the
    /// last imported file that sets it wins.
    fn config_path(&self, table: &Table) -> Result<Option<(&Toml, String, String)>> {
        for file in self.files[1..].iter().rev().filter(|_| self.is_at_least(Version(2, 0, 0))) {
            for plugin in [table[1], V1, LEGACY, IMAGES] {
                let path = ["plugins", plugin, "registry", "config_path"];
                match file.toml.str(&path)? {
                    Some("") => {
                        let what = "is empty and takes back what the main file says";
                        return Err(file
                            .toml
                            .error(&path, ErrorKind::Conflict, what)
                            .with_hint("take the line out, or name the folder here"));
                    }
                    Some(value) => return Ok(Some((&file.toml, "config_path".to_owned(), value.to_owned()))),
                    None => {}
                }
            }
        }
        let key = self.config_path_key(table)?;
        let value = self.toml().str(&[table[0], table[1], table[2], &key])?.filter(|value| !value.is_empty());
        Ok(value.map(|value| (self.toml(), key.clone(), value.to_owned())))
    }

    /// The folders of a `config_path`. From 2.1 on a list is taken for one folder's name unless pulls are local.
    fn split_roots(&self, toml: &Toml, key: &[&str], value: &str) -> Result<Vec<String>> {
        let error = |what: &str| toml.error(key, ErrorKind::Conflict, what);
        let roots: Vec<_> = value.split(':').filter(|root| !root.is_empty()).map(cleaned).collect();
        if value.contains(':') && !self.splits_lists(key[1]) {
            let what =
                "is a list of folders, which containerd takes for one folder's name from 2.1 on: no hosts.toml is read";
            let hint = if self.version.is_none() {
                "give containerd's version"
            } else {
                "name one folder, set \"migrate\": true, or set use_local_image_pull = true"
            };
            return Err(error(what).with_hint(hint));
        }
        match roots.first() {
            Some(first) if first.starts_with('/') => Ok(roots),
            _ => {
                Err(error("is not an absolute path")
                    .with_hint("make it one; containerd looks below its working folder"))
            }
        }
    }

    /// Whether this daemon reads a list of folders as what it is.
    pub(in super::super) fn splits_lists(&self, plugin: &str) -> bool {
        self.is_before(Version(2, 1, 0)) || (self.version.is_some() && self.pulls_locally(plugin))
    }

    /// Settings by which 2.1 and up pulls without its transfer service (`CheckLocalImagePullConfigs`).
    fn pulls_locally(&self, plugin: &str) -> bool {
        self.files.iter().any(|file| pulls_locally(&file.toml, plugin))
    }
}

/// Whether a file makes pulls local by keys of this plugin.
pub(in super::super) fn pulls_locally(toml: &Toml, plugin: &str) -> bool {
    let get = |keys: &[&str]| {
        let path: Vec<_> = ["plugins", plugin].iter().chain(keys).copied().collect();
        toml.get(&path)
    };
    let is = |keys: &[&str], wanted| get(keys).and_then(toml_edit::Item::as_bool) == Some(wanted);
    let filled = |key| get(&["registry", key]).and_then(|item| item.as_table_like()).is_some_and(|t| !t.is_empty());
    // Before the file is raised to version 3, keys of the snapshotter stand one table deeper and count only beside
    // runtimes.
    let deep = |key, wanted| is(&["containerd", key], wanted) && get(&["containerd", "runtimes"]).is_some();
    let either = |key, wanted| is(&[key], wanted) || deep(key, wanted);
    is(&["use_local_image_pull"], true)
        || is(&["image_pull_with_sync_fs"], true)
        || either("discard_unpacked_layers", true)
        || either("disable_snapshot_annotations", false)
        || get(&["max_concurrent_downloads"]).and_then(toml_edit::Item::as_integer).is_some_and(|n| n != 3)
        || ["mirrors", "configs", "auths"].into_iter().any(filled)
}

impl Config<'_> {
    /// `ValidatePluginConfig` of 1.x, `ValidateImageConfig` of 2.x.
    fn entries(&self, table: &Table) -> Result<Entries> {
        let mut mirrors = false;
        let mut tls = false;
        for (i, file) in self.files.iter().enumerate() {
            let plugins: &[&str] = if i == self.target { &[table[1]] } else { &[table[1], LEGACY, IMAGES] };
            if i != self.target && !self.is_at_least(Version(2, 0, 0)) {
                continue;
            }
            for plugin in plugins {
                mirrors |= file.toml.table(&["plugins", plugin, "registry", "mirrors"])?.is_some_and(|t| !t.is_empty());
                let configs = file.toml.table(&["plugins", plugin, "registry", "configs"])?;
                tls |= configs.is_some_and(|c| c.iter().any(|(_, host)| host.get("tls").is_some()));
            }
        }
        let knows_tls = !self.is_at_least(Version(2, 0, 0));
        Ok(Entries { clash: mirrors || (tls && knows_tls), dead_tls: tls && !knows_tls })
    }

    fn clash(&self, key: &[&str], value: &str) -> Error {
        let what =
            format!("is {value:?} beside entries in mirrors or configs.tls; with both, the CRI plugin does not load");
        self.toml()
            .error(key, ErrorKind::Conflict, what)
            .with_hint("set \"migrate\": true, or move those entries to hosts.toml files and take them out here")
    }

    /// A mirror like `mirrors.docker.io`, whose name without quotes is a table in a table.
    fn bare_mirrors(&self, table: &Table) -> Option<String> {
        let mirrors = self.toml().get(&[table[0], table[1], table[2], "mirrors"])?.as_table_like()?;
        mirrors.iter().find_map(|(name, entry)| {
            let entry = entry.as_table_like()?;
            let (inner, _) = entry.iter().find(|(_, inner)| inner.is_table_like())?;
            let path = self.toml().text().path();
            entry
                .get("endpoint")
                .is_none()
                .then(|| format!("{path}: mirrors.{name}.{inner} has no effect without quotes"))
        })
    }

    /// 2.2.0 and 2.2.1 set a default `config_path` although there are mirrors, and then refuse both.
    fn check_early_default(&self, table: &Table) -> Result<()> {
        let key = [table[0], table[1], table[2], "config_path"];
        let early = self.is_at_least(Version(2, 2, 0)) && self.is_before(Version(2, 2, 2));
        if early && self.toml().get(&key).is_none() {
            let what = "this release of containerd does not load CRI with mirrors unless config_path is set to \"\"";
            return Err(self
                .toml()
                .error(table, ErrorKind::Conflict, what)
                .with_hint("add config_path = \"\", or set \"migrate\": true"));
        }
        Ok(())
    }
}
