//! What config.toml says: its version, the table that counts, and where registries are to be set.

use super::super::file;
use super::super::version::{self, Version};
use super::{DEFAULT_ROOT, ID, imports};
use crate::edit::Text;
use crate::edit::toml::{Toml, quoted};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Facts;

/// Names of the plugin that holds the registry table, by the version of the file.
const V1: &str = "cri";
const LEGACY: &str = "io.containerd.grpc.v1.cri";
const IMAGES: &str = "io.containerd.cri.v1.images";

/// config.toml as found, and the daemon that reads it.
pub(super) struct Config<'a> {
    pub(super) path: String,
    pub(super) before: Option<&'a [u8]>,
    pub(super) version: Option<Version>,
    toml: Toml,
    imports: Vec<Toml>,
}

/// Where registries are to be set.
pub(super) enum Layout {
    /// In folders below `root`; `toml` is config.toml with that root, if it has to be changed for it.
    Folders { root: String, toml: Option<Box<Toml>>, notes: Vec<String> },
    /// In `mirrors` and `configs` of this table, because there are such entries already.
    Mirrors { table: [&'static str; 3] },
}

/// The folders that `config_path` names, in the main file or an imported one; as far as they can be read.
pub(super) fn roots(facts: &Facts, path: &str) -> Vec<String> {
    let Ok(config) = Config::of(facts, path.to_owned()) else { return Vec::new() };
    let tables = [V1, LEGACY, IMAGES].map(|plugin| ["plugins", plugin, "registry", "config_path"]);
    let files = std::iter::once(&config.toml).chain(&config.imports);
    let values = files.flat_map(|toml| tables.iter().filter_map(|key| toml.str(key).ok()?));
    values.flat_map(|value| value.split(':').filter(|root| !root.is_empty()).map(cleaned)).collect()
}

fn cleaned(root: &str) -> String {
    root.trim_end_matches('/').to_owned()
}

impl<'a> Config<'a> {
    pub(super) fn of(facts: &'a Facts, path: String) -> Result<Self> {
        let before = file(facts, &path)?;
        let text = Text::new(&path, before.unwrap_or_default())?;
        check_owner(&path, text.as_str())?;
        let imports = imports::read(facts, &path)?;
        Ok(Self { version: version::of(facts, ID, ID), toml: Toml::parse(text)?, imports, path, before })
    }

    pub(super) fn toml(&self) -> &Toml {
        &self.toml
    }

    /// The bytes of a changed file. containerd 2 refuses a byte order mark.
    pub(super) fn written(&self, toml: &Toml) -> Vec<u8> {
        let text = toml.text().clone();
        if self.is_at_least(Version(2, 0, 0)) && text.has_bom() {
            text.without_bom().to_bytes()
        } else {
            text.to_bytes()
        }
    }

    pub(super) fn is_at_least(&self, version: Version) -> bool {
        self.version.is_some_and(|own| own >= version)
    }

    fn is_before(&self, version: Version) -> bool {
        self.version.is_some_and(|own| own < version)
    }

    /// Whether `disabled_plugins`, here or in an imported file, has the CRI plugin or one that it needs.
    pub(super) fn is_cri_disabled(&self) -> bool {
        let files = std::iter::once(&self.toml).chain(&self.imports);
        let mut disabled = files.filter_map(|toml| toml.strings(&["disabled_plugins"]).ok()?).flatten();
        disabled.any(|id| [V1, LEGACY, IMAGES].contains(&id))
    }

    pub(super) fn layout(&self) -> Result<Layout> {
        self.toml.strings(&["disabled_plugins"])?;
        let (plugin, mut notes) = self.plugin()?;
        let table = ["plugins", plugin, "registry"];
        let entries = self.entries(&table)?;
        if let Some(root) = self.imported_root(plugin)? {
            return Ok(Layout::Folders { root, toml: None, notes });
        }
        match self.config_path(&table)? {
            Some(value) if entries.clash => Err(self.clash(&table, value)),
            Some(value) => Ok(Layout::Folders { root: self.single_root(&table, value)?, toml: None, notes }),
            None if entries.clash => {
                self.check_early_default(&table)?;
                Ok(Layout::Mirrors { table })
            }
            None if self.is_before(Version(1, 5, 0)) => Ok(Layout::Mirrors { table }),
            None => {
                if entries.dead_tls {
                    notes.push(format!("{}: `tls` in registry.configs has no effect on containerd 2", self.path));
                }
                let toml = self.with_root(&table)?;
                Ok(Layout::Folders { root: DEFAULT_ROOT.to_owned(), toml: Some(Box::new(toml)), notes })
            }
        }
    }

    /// The file with `config_path` set, and with a version if it had no settings at all.
    fn with_root(&self, table: &[&str; 3]) -> Result<Toml> {
        let versioned =
            if self.has_no_keys() { Some(self.toml.assign(&["version"], self.new_version())?) } else { None };
        let key = [table[0], table[1], table[2], "config_path"];
        versioned.as_ref().unwrap_or(&self.toml).assign(&key, &quoted(DEFAULT_ROOT))
    }

    fn has_no_keys(&self) -> bool {
        self.toml.root().as_table_like().is_none_or(toml_edit::TableLike::is_empty)
    }

    /// Version 2 is read by every containerd from 1.3 on; 3 is what 2.x writes and expects of imported files.
    fn new_version(&self) -> &'static str {
        if self.is_at_least(Version(2, 0, 0)) { "3" } else { "2" }
    }

    /// The plugin whose registry table this daemon reads from this file.
    fn plugin(&self) -> Result<(&'static str, Vec<String>)> {
        let registry = |plugin| self.toml.get(&["plugins", plugin, "registry"]).is_some();
        let notes = Vec::new();
        if self.has_no_keys() {
            return Ok((if self.new_version() == "3" { IMAGES } else { LEGACY }, notes));
        }
        match self.toml.integer(&["version"])?.unwrap_or(0) {
            0 | 1 => self.plugin_of_version_1().map(|plugin| (plugin, notes)),
            2 if self.is_at_least(Version(2, 0, 0)) && registry(IMAGES) && !registry(LEGACY) => Ok((IMAGES, notes)),
            2 => self.check_version_2().map(|()| (LEGACY, notes)),
            3 | 4 => self.plugin_of_version_3(registry(LEGACY), registry(IMAGES)),
            other => Err(self
                .toml
                .error(&["version"], ErrorKind::Unsupported, format!("{other} is no version that is known here"))
                .with_hint("known are 1 to 4")),
        }
    }

    /// 2.0 to 2.2 lose the CRI settings of a file without version (migration skips the step that splits CRI).
    fn plugin_of_version_1(&self) -> Result<&'static str> {
        let error = |what: &str| self.toml.error(&["version"], ErrorKind::Conflict, what);
        let later = |plugin| self.toml.get(&["plugins", plugin]).is_some();
        if later(LEGACY) || later(IMAGES) {
            return Err(error("the file has no version at its top, so containerd does not read its CRI tables")
                .with_hint("put `version = 2` on the first line if no plugin is named in the old way"));
        }
        match self.version {
            None => Err(error("the file has no version; whether its CRI settings count depends on containerd's")
                .with_hint("give containerd's version")),
            Some(version) if version >= Version(2, 0, 0) && version < Version(2, 3, 0) => {
                Err(error(&format!("containerd {version} ignores the CRI settings of a file without a version"))
                    .with_hint("convert it with `containerd config migrate` of containerd 1.7"))
            }
            Some(_) => Ok(V1),
        }
    }

    /// 1.x refuses a version 2 file with a plugin named in the old way.
    fn check_version_2(&self) -> Result<()> {
        if self.toml.get(&["plugins", V1]).is_some() {
            let what =
                "names the plugin as a version 1 file does; containerd 1.x does not start with it, 2.x ignores it";
            return Err(self
                .toml
                .error(&["plugins", V1], ErrorKind::Conflict, what)
                .with_hint(format!("rename it to plugins.\"{LEGACY}\"")));
        }
        Ok(())
    }

    fn plugin_of_version_3(&self, legacy: bool, images: bool) -> Result<(&'static str, Vec<String>)> {
        let written = self.toml.integer(&["version"])?.unwrap_or(0);
        let first = if written == 4 { Version(2, 3, 0) } else { Version(2, 0, 0) };
        if self.is_before(first) {
            let own = self.version.map(|v| v.to_string()).unwrap_or_default();
            return Err(self
                .toml
                .error(&["version"], ErrorKind::Conflict, format!("containerd {own} does not read version {written}"))
                .with_hint(format!("it needs containerd {first} or newer")));
        }
        let dead = format!("{}: the registry table of plugins.\"{LEGACY}\" has no effect here", self.path);
        match (written, legacy) {
            (_, false) => Ok((IMAGES, Vec::new())),
            (4, true) => Ok((IMAGES, vec![dead])),
            _ if self.is_before(Version(2, 3, 0)) => {
                Ok((IMAGES, vec![dead + ", but counts from containerd 2.3 on; take it out before an upgrade"]))
            }
            _ if !images && self.version.is_some() => Ok((LEGACY, Vec::new())),
            _ => Err(self
                .toml
                .error(
                    &["plugins", LEGACY, "registry"],
                    ErrorKind::Conflict,
                    "hides the newer table from containerd 2.3 on",
                )
                .with_hint(format!("move what is needed to plugins.\"{IMAGES}\".registry and take this table out"))),
        }
    }

    /// The value of `config_path`, unless it is empty.
    fn config_path(&self, table: &[&str; 3]) -> Result<Option<&str>> {
        let key = [table[0], table[1], table[2], "config_path"];
        let registry = self.toml.table(table)?;
        let odd = registry.and_then(|t| {
            t.iter().map(|(k, _)| k).find(|k| *k != "config_path" && k.eq_ignore_ascii_case("config_path"))
        });
        if let Some(odd) = odd {
            let what = "is config_path to containerd 2.x, and nothing to 1.x";
            return Err(self
                .toml
                .error(&[table[0], table[1], table[2], odd], ErrorKind::Conflict, what)
                .with_hint("write it in small letters"));
        }
        Ok(self.toml.str(&key)?.filter(|value| !value.is_empty()))
    }

    /// The one folder of a `config_path`. From 2.1 on a list is taken for one folder's name unless pulls are local.
    fn single_root(&self, table: &[&str; 3], value: &str) -> Result<String> {
        let key = [table[0], table[1], table[2], "config_path"];
        let roots: Vec<_> = value.split(':').filter(|root| !root.is_empty()).map(cleaned).collect();
        let error = |what: &str| self.toml.error(&key, ErrorKind::Conflict, what);
        match roots.as_slice() {
            roots if roots.iter().any(|root| !root.starts_with('/')) => {
                Err(error("is not an absolute path")
                    .with_hint("make it one; containerd looks below its working folder"))
            }
            [root] => Ok(root.clone()),
            [first, ..] if self.is_before(Version(2, 1, 0)) || self.pulls_locally(table[1]) => Ok(first.clone()),
            _ if self.version.is_none() => {
                Err(error("is a list, which containerd 2.1 and up does not read")
                    .with_hint("give containerd's version"))
            }
            _ => Err(error(
                "is a list of folders, which containerd takes for one folder's name from 2.1 on: no hosts.toml is read",
            )
            .with_hint("name one folder, or set use_local_image_pull = true")),
        }
    }

    /// Settings by which 2.1 and up pulls without its transfer service (`CheckLocalImagePullConfigs`).
    fn pulls_locally(&self, plugin: &str) -> bool {
        let get = |keys: &[&str]| {
            let path: Vec<_> = ["plugins", plugin].iter().chain(keys).copied().collect();
            self.toml.get(&path)
        };
        let is = |keys: &[&str], wanted| get(keys).and_then(toml_edit::Item::as_bool) == Some(wanted);
        let filled = |key| get(&["registry", key]).and_then(|item| item.as_table_like()).is_some_and(|t| !t.is_empty());
        is(&["use_local_image_pull"], true)
            || is(&["image_pull_with_sync_fs"], true)
            || ["discard_unpacked_layers"].iter().any(|key| is(&[key], true) || is(&["containerd", key], true))
            || is(&["containerd", "disable_snapshot_annotations"], false)
            || is(&["disable_snapshot_annotations"], false)
            || get(&["max_concurrent_downloads"]).and_then(toml_edit::Item::as_integer).is_some_and(|n| n != 3)
            || ["configs", "auths"].into_iter().any(filled)
    }

    /// Entries that exclude a `config_path` (`ValidatePluginConfig` of 1.x, `ValidateImageConfig` of 2.x).
    fn entries(&self, table: &[&str; 3]) -> Result<Entries> {
        let filled = |key| -> Result<_> {
            let path = [table[0], table[1], table[2], key];
            Ok(self.toml.table(&path)?.filter(|table| !table.is_empty()))
        };
        let mirrors = filled("mirrors")?.is_some();
        let configs = filled("configs")?;
        let tls = configs.is_some_and(|c| c.iter().any(|(_, host)| host.get("tls").is_some()));
        let knows_tls = !self.is_at_least(Version(2, 0, 0));
        Ok(Entries { clash: mirrors || (tls && knows_tls), dead_tls: tls && !knows_tls })
    }

    fn clash(&self, table: &[&str; 3], value: &str) -> Error {
        let key = [table[0], table[1], table[2], "config_path"];
        let what =
            format!("is {value:?} beside entries in mirrors or configs.tls; with both, the CRI plugin does not load");
        self.toml
            .error(&key, ErrorKind::Conflict, what)
            .with_hint("move those entries to hosts.toml files below config_path and take them out here")
    }

    /// 2.2.0 and 2.2.1 set a default `config_path` although there are mirrors, and then refuse both.
    fn check_early_default(&self, table: &[&str; 3]) -> Result<()> {
        let key = [table[0], table[1], table[2], "config_path"];
        let early = self.is_at_least(Version(2, 2, 0)) && self.is_before(Version(2, 2, 2));
        if early && self.toml.get(&key).is_none() {
            let what = "this release of containerd does not load CRI with mirrors unless config_path is set to \"\"";
            return Err(self
                .toml
                .error(table, ErrorKind::Conflict, what)
                .with_hint("add config_path = \"\", or move the mirrors to hosts.toml files"));
        }
        Ok(())
    }

    /// What imported files say of the registry. 1.x lets them replace a whole plugin, 2.x merges key by key.
    fn imported_root(&self, plugin: &str) -> Result<Option<String>> {
        let mut root = None;
        for import in &self.imports {
            let tables = [plugin, V1, LEGACY, IMAGES];
            let Some(plugin) = tables.into_iter().find(|p| import.get(&["plugins", p]).is_some()) else { continue };
            let path = ["plugins", plugin];
            if !self.is_at_least(Version(2, 0, 0)) {
                let what = "replaces the whole CRI section of the main file on containerd 1.x";
                return Err(import
                    .error(&path, ErrorKind::Unsupported, what)
                    .with_hint("move its CRI settings into the main file first"));
            }
            let table = ["plugins", plugin, "registry"];
            for key in ["mirrors", "configs"] {
                if import.table(&[table[0], table[1], table[2], key])?.is_some_and(|entries| !entries.is_empty()) {
                    let what = format!("an imported file has registry.{key}");
                    return Err(import
                        .error(&table, ErrorKind::Unsupported, what)
                        .with_hint("move them to hosts.toml files"));
                }
            }
            if let Some(value) = import.str(&[table[0], table[1], table[2], "config_path"])?.filter(|v| !v.is_empty()) {
                root = Some(self.single_root(&table, value)?);
            }
        }
        Ok(root)
    }
}

struct Entries {
    clash: bool,
    dead_tls: bool,
}

/// Files that something else writes anew are not ours to change.
fn check_owner(path: &str, text: &str) -> Result<()> {
    let hint = if path.contains("/rancher/") {
        "k3s and RKE2 write this file at every start; set the registry in registries.yaml"
    } else if text.lines().take(5).any(|line| line.contains("k0s_managed=true")) {
        "k0s writes this file; put a file into /etc/k0s/containerd.d, or take the marker out"
    } else if text
        .lines()
        .take(5)
        .any(|line| line.contains("File generated by k3s") || line.contains("File generated by rke2"))
    {
        "k3s and RKE2 write this file at every start; set the registry in registries.yaml"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Unsupported, "the file is written by another program").with_path(path).with_hint(hint))
}
