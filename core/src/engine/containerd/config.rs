//! config.toml and the files it imports, as containerd reads them.

mod layout;
mod plugin;

pub(super) use layout::{Layout, pulls_locally};

use super::super::file;
use super::super::version::{self, Version};
use super::{ID, imports};
use crate::edit::toml::{Change, Toml};
use crate::edit::{Takes, Text};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::plan::FileChange;

/// Names of the plugin that holds the registry table, by the version of the file.
pub(super) const V1: &str = "cri";
pub(super) const LEGACY: &str = "io.containerd.grpc.v1.cri";
pub(super) const IMAGES: &str = "io.containerd.cri.v1.images";
/// The plugin that has the socket since version 4 of the file.
const SERVER: &str = "io.containerd.server.v1.grpc";

/// The path of a registry table.
pub(super) type Table = [&'static str; 3];

/// The files as found, with changes in the making, and the daemon that reads them.
pub(super) struct Config<'a> {
    pub(super) version: Option<Version>,
    /// The main file, then those it imports.
    files: Vec<Source<'a>>,
    /// Which of them has the CRI plugin's table that counts.
    target: usize,
}

struct Source<'a> {
    path: String,
    before: Option<&'a [u8]>,
    toml: Toml,
}

/// What the main file and those that it imports name, as far as they can be read: the folders of `config_path` in any of
/// them, and the questions for when each was written.
pub(super) fn named(facts: &Facts, path: &str) -> (Vec<String>, Vec<Query>) {
    let Ok(config) = Config::of(facts, path) else { return (Vec::new(), vec![Query::Modified(path.to_owned())]) };
    let tables = [V1, LEGACY, IMAGES].map(|plugin| ["plugins", plugin, "registry", "config_path"]);
    let values = config.files.iter().flat_map(|file| tables.iter().filter_map(|key| file.toml.str(key).ok()?));
    let roots = values.flat_map(|value| value.split(':').filter(|root| !root.is_empty()).map(layout::cleaned));
    (roots.collect(), config.paths().map(|path| Query::Modified(path.to_owned())).collect())
}

impl<'a> Config<'a> {
    pub(super) fn of(facts: &'a Facts, path: &str) -> Result<Self> {
        let version = version::of(facts, ID, ID);
        let files = Source::all(facts, path, version)?;
        let mut config = Self { version, files, target: 0 };
        config.check_versions()?;
        config.target = config.last_with_cri();
        Ok(config)
    }

    pub(super) fn path(&self) -> &str {
        &self.files[0].path
    }

    /// The main file and those that it imports.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.path.as_str())
    }

    /// Where the daemon listens, if the main file says so.
    pub(super) fn address(&self) -> Option<&str> {
        let places: [&[&str]; 2] = [&["grpc", "address"], &["plugins", SERVER, "address"]];
        places.iter().find_map(|place| self.files[0].toml.str(place).ok()?).filter(|address| address.starts_with('/'))
    }

    /// All endpoints in the `mirrors` of a table.
    pub(super) fn endpoints(&self, table: &Table) -> Vec<&str> {
        let mirrors = self.toml().get(&[table[0], table[1], table[2], "mirrors"]).and_then(|item| item.as_table_like());
        let lists =
            mirrors.into_iter().flat_map(|mirrors| mirrors.iter()).filter_map(|(_, mirror)| mirror.get("endpoint"));
        lists.filter_map(|list| list.as_array()).flatten().filter_map(|url| url.as_str()).collect()
    }

    /// The file that has the CRI plugin's table that counts.
    pub(super) fn toml(&self) -> &Toml {
        &self.files[self.target].toml
    }

    pub(super) fn set_toml(&mut self, toml: Toml) {
        self.files[self.target].toml = toml;
    }

    pub(super) fn is_at_least(&self, version: Version) -> bool {
        self.version.is_some_and(|own| own >= version)
    }

    pub(super) fn is_before(&self, version: Version) -> bool {
        self.version.is_some_and(|own| own < version)
    }

    /// Files that are to be changed; with the check of containerd itself where it can be asked.
    pub(super) fn changes(&self, judge: Option<&Vec<String>>) -> Vec<FileChange> {
        let mut changes = Vec::new();
        for (i, file) in self.files.iter().enumerate() {
            let after = self.written(&file.toml);
            let unchanged = file.toml.text().to_bytes() == file.before.unwrap_or_default();
            if !unchanged {
                let mut change = FileChange::new(&file.path, file.before.map(<[u8]>::to_vec), Some(after));
                change.judge = judge.filter(|_| i == 0).cloned();
                changes.push(change);
            }
        }
        changes
    }

    /// containerd 2 refuses a byte order mark.
    fn written(&self, toml: &Toml) -> Vec<u8> {
        let text = toml.text().clone();
        if self.drops_mark(toml) { text.without_bom().to_bytes() } else { text.to_bytes() }
    }

    /// What containerd 2 will mind in files that this one reads.
    pub(super) fn oddities(&self) -> impl Iterator<Item = String> {
        let oddity = |file: &Source<'_>| Some((file.path.clone(), file.toml.text().oddity()?));
        let note = |(path, what)| format!("{path}: {what}, and containerd 2 does not start with it; it stays so");
        self.files.iter().filter_map(oddity).map(note)
    }

    pub(super) fn drops_mark(&self, toml: &Toml) -> bool {
        self.is_at_least(Version(2, 0, 0)) && toml.text().has_bom()
    }

    /// Why the CRI plugin does not run, if `disabled_plugins` of some file has it or one that it needs.
    pub(super) fn disabled_cri(&self) -> Result<Option<Error>> {
        let key = ["disabled_plugins"];
        for file in &self.files {
            let disabled = file.toml.strings(&key)?.unwrap_or_default();
            let error = |kind, what: &str| file.toml.error(&key, kind, what);
            if disabled.contains(&V1) && self.file_version() >= 2 {
                let what =
                    "containerd does not start with \"cri\" here: since version 2 of the file it wants a whole id";
                return Err(error(ErrorKind::Conflict, what).with_hint(format!("write \"{LEGACY}\", or take it out")));
            }
            if disabled.iter().any(|id| is_cri(id)) {
                let what = "the CRI plugin is disabled, so containerd reads no registry settings";
                let hint = "set \"enable_cri\": true if Kubernetes shall use this containerd";
                return Ok(Some(error(ErrorKind::Unsupported, what).with_hint(hint)));
            }
        }
        Ok(None)
    }

    /// Takes the CRI plugin out of `disabled_plugins`.
    pub(super) fn enable_cri(&mut self) -> Result<()> {
        for file in &mut self.files {
            let disabled = file.toml.strings(&["disabled_plugins"])?.unwrap_or_default();
            let gone = disabled.into_iter().filter(|id| is_cri(id)).map(str::to_owned).collect();
            file.toml = file.toml.changed(&[Change::list(&["disabled_plugins"], gone, Vec::new())])?;
        }
        Ok(())
    }
}

fn is_cri(id: &str) -> bool {
    [V1, LEGACY, IMAGES].contains(&id)
}

impl<'a> Source<'a> {
    fn of(facts: &'a Facts, path: &str, version: Option<Version>) -> Result<Self> {
        let before = file(facts, path)?;
        let old = version.is_some_and(|own| own < Version(2, 0, 0));
        let takes = if old { Takes::AnyBytes } else { Takes::Utf8Only };
        let text = Text::read(path, before.unwrap_or_default(), takes)?;
        check_owner(path, text.as_str())?;
        let toml = Toml::parse(text)?;
        toml.check_inline_commas()?;
        if version.is_some_and(|own| own < Version(1, 5, 0)) {
            toml.check_dotted_keys()?;
        }
        Ok(Self { toml, path: path.to_owned(), before })
    }

    /// A file and what it imports, each file once: first what the file itself names, then what those name, and so on
    /// (`LoadConfig` of containerd). So files that import each other do no harm.
    fn all(facts: &'a Facts, path: &str, version: Option<Version>) -> Result<Vec<Self>> {
        let mut files = vec![Self::of(facts, path, version)?];
        let mut next = 0;
        while let Some(file) = files.get(next) {
            let mut paths = imports::paths(facts, &file.toml, version)?;
            paths.retain(|path| files.iter().all(|known| known.path != *path));
            if files.len() + paths.len() > imports::MOST {
                let what = format!("with it more than {} files are imported", imports::MOST);
                return Err(file
                    .toml
                    .error(&["imports"], ErrorKind::Unsupported, what)
                    .with_hint("import fewer files"));
            }
            for path in paths {
                files.push(Self::of(facts, &path, version)?);
            }
            next += 1;
        }
        Ok(files)
    }
}

/// Files that something else writes anew are not ours to change.
fn check_owner(path: &str, text: &str) -> Result<()> {
    let says = |words: &[&str]| {
        let comments = text.lines().take(5).filter(|line| line.trim_start().starts_with('#'));
        comments.map(str::to_ascii_lowercase).any(|line| words.iter().all(|word| line.contains(word)))
    };
    let hint = if path.contains("/rancher/") || says(&["generated by", "k3s"]) || says(&["generated by", "rke2"]) {
        "k3s and RKE2 write this file at every start; set the registry in registries.yaml"
    } else if says(&["k0s_managed=true"]) {
        "k0s writes this file; put a file into /etc/k0s/containerd.d, or take the marker out"
    } else if says(&["ansible", "managed"]) {
        "its first lines say that Ansible writes it; set the registry in the playbook, or take that line out"
    } else if says(&["cloud-init"]) || says(&["cloud-config"]) {
        "its first lines say that cloud-init writes it; set the registry there, or take that line out"
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Unsupported, "the file is written by another program").with_path(path).with_hint(hint))
}
