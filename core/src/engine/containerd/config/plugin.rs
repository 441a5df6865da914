//! Which plugin's registry table a daemon reads from a file.

use super::{Config, IMAGES, LEGACY, V1};
use crate::edit::toml::Toml;
use crate::engine::version::Version;
use crate::error::{ErrorKind, Result};

/// The plugin, and what is to be said of others.
pub(super) type Choice = (&'static str, Vec<String>);

impl Config<'_> {
    /// The version that the files have together: 1.x takes the last one, 2.x that of the main file.
    pub(super) fn file_version(&self) -> i64 {
        let own = |toml: &Toml| toml.integer(&["version"]).ok().flatten().unwrap_or(0);
        let mut all = self.files.iter().map(|file| own(&file.toml));
        if self.is_at_least(Version(2, 0, 0)) { own(&self.files[0].toml) } else { all.rfind(|v| *v != 0).unwrap_or(0) }
    }

    /// Up to 2.2 all files are read by the last version; from 2.3 on an imported file may not have a higher one.
    pub(super) fn check_versions(&self) -> Result<()> {
        let Some(main) = self.files[0].toml.integer(&["version"])?.filter(|version| *version != 0) else {
            return Ok(());
        };
        for file in &self.files[1..] {
            let Some(own) = file.toml.integer(&["version"])?.filter(|own| *own != main) else { continue };
            let error = |what: String| Err(file.toml.error(&["version"], ErrorKind::Conflict, what));
            if own > main && self.is_at_least(Version(2, 3, 0)) {
                return error(format!(
                    "is {own}, higher than the main file's {main}; containerd does not start with it"
                ));
            }
            if self.is_before(Version(2, 3, 0)) {
                return error(format!(
                    "is {own}, by which containerd reads the main file too, whose version is {main}"
                ));
            }
        }
        Ok(())
    }

    /// On 1.x the last file with a table of the CRI plugin replaces that of all others; 2.x merges key by key.
    pub(super) fn last_with_cri(&self) -> usize {
        let plugin = if self.file_version() >= 2 { LEGACY } else { V1 };
        let has = |toml: &Toml| toml.get(&["plugins", plugin]).is_some();
        let last = self.files.iter().rposition(|file| has(&file.toml));
        last.filter(|_| self.is_before(Version(2, 0, 0))).unwrap_or(0)
    }

    /// The plugin whose registry table this daemon reads.
    pub(super) fn plugin(&self) -> Result<Choice> {
        let toml = self.toml();
        if self.has_no_keys() {
            return Ok((if self.new_version() == "3" { IMAGES } else { LEGACY }, Vec::new()));
        }
        toml.integer(&["version"])?;
        match self.file_version() {
            0 | 1 => self.plugin_of_version_1().map(|plugin| (plugin, Vec::new())),
            2 => self.plugin_of_version_2(),
            3 | 4 => self.plugin_of_version_3(),
            other => Err(toml
                .error(&["version"], ErrorKind::Unsupported, format!("{other} is no version that is known here"))
                .with_hint("known are 1 to 4")),
        }
    }

    pub(super) fn has_no_keys(&self) -> bool {
        self.toml().root().as_table_like().is_none_or(toml_edit::TableLike::is_empty)
    }

    /// Version 2 is read by every containerd from 1.3 on; 3 is what 2.x writes and expects of imported files.
    pub(super) fn new_version(&self) -> &'static str {
        if self.is_at_least(Version(2, 0, 0)) { "3" } else { "2" }
    }

    fn has(&self, keys: &[&str]) -> bool {
        let path: Vec<_> = ["plugins"].iter().chain(keys).copied().collect();
        self.toml().get(&path).is_some()
    }

    /// A file without version: 1.x knows the oldest name only, 2.0 to 2.2 the newest only (migration skips the step
    /// that splits CRI), 2.3 and up all of them.
    fn plugin_of_version_1(&self) -> Result<&'static str> {
        let error = |what: &str| self.toml().error(&["version"], ErrorKind::Conflict, what);
        let Some(version) = self.version else {
            return Err(error("the file has no version; whether its CRI settings count depends on containerd's")
                .with_hint("give containerd's version"));
        };
        let later = self.has(&[LEGACY]) || self.has(&[IMAGES]);
        if version < Version(2, 0, 0) && later {
            return Err(error("the file has no version at its top, so containerd does not read its CRI tables")
                .with_hint("put `version = 2` on the first line if no plugin is named in the old way"));
        }
        if version < Version(2, 0, 0) {
            return Ok(V1);
        }
        let lost = version < Version(2, 3, 0) && (self.has(&[V1]) || self.has(&[LEGACY]));
        if lost {
            let what = format!("containerd {version} ignores the CRI settings of a file without a version");
            return Err(error(&what).with_hint("convert it with `containerd config migrate` of containerd 1.7"));
        }
        let tables =
            [V1, LEGACY, IMAGES].into_iter().filter(|plugin| self.has(&[plugin, "registry"])).collect::<Vec<_>>();
        match tables.as_slice() {
            [one] => Ok(one),
            [_, second, ..] => {
                let what = "there is more than one registry table; which one counts depends on containerd's version";
                let path = ["plugins", second, "registry"];
                Err(self.toml().error(&path, ErrorKind::Conflict, what).with_hint("keep one of them"))
            }
            [] if self.has(&[IMAGES]) || version < Version(2, 3, 0) => Ok(IMAGES),
            [] => Ok(if self.has(&[LEGACY]) { LEGACY } else { V1 }),
        }
    }

    /// 1.x refuses a version 2 file with a plugin named in the old way.
    fn plugin_of_version_2(&self) -> Result<Choice> {
        self.check_escapes()?;
        // 1.x looks at all files for such names, 2.x ignores them.
        let is_old = |toml: &&Toml| toml.get(&["plugins", V1]).is_some();
        let imported = self.files.iter().map(|file| &file.toml).filter(|_| !self.is_at_least(Version(2, 0, 0)));
        if let Some(toml) = imported.chain([self.toml()]).find(is_old) {
            let what =
                "names the plugin as a version 1 file does; containerd 1.x does not start with it, 2.x ignores it";
            return Err(toml
                .error(&["plugins", V1], ErrorKind::Conflict, what)
                .with_hint(format!("rename it to plugins.\"{LEGACY}\"")));
        }
        self.check_unquoted()?;
        let newer = self.has(&[IMAGES, "registry"]);
        match (newer, self.has(&[LEGACY, "registry"]), self.is_at_least(Version(2, 0, 0))) {
            (true, false, true) => Ok((IMAGES, Vec::new())),
            (true, _, _) => Ok((LEGACY, vec![self.without_effect(IMAGES)])),
            _ => Ok((LEGACY, Vec::new())),
        }
    }

    fn plugin_of_version_3(&self) -> Result<Choice> {
        let written = self.file_version();
        let first = if written == 4 { Version(2, 3, 0) } else { Version(2, 0, 0) };
        let error = |path: &[&str], what: &str| self.toml().error(path, ErrorKind::Conflict, what);
        if let Some(own) = self.version.filter(|own| *own < first) {
            let what = format!("containerd {own} does not read version {written}");
            return Err(error(&["version"], &what).with_hint(format!("it needs containerd {first} or newer")));
        }
        let dead = self.without_effect(LEGACY);
        match (written, self.has(&[LEGACY, "registry"])) {
            (_, false) => Ok((IMAGES, Vec::new())),
            (4, true) => Ok((IMAGES, vec![dead])),
            _ if self.is_before(Version(2, 3, 0)) => {
                Ok((IMAGES, vec![dead + ", but counts from containerd 2.3 on; take it out before an upgrade"]))
            }
            _ if !self.has(&[IMAGES, "registry"]) && self.version.is_some() => Ok((LEGACY, Vec::new())),
            _ => Err(error(&["plugins", LEGACY, "registry"], "hides the newer table from containerd 2.3 on")
                .with_hint(format!("move what is needed to plugins.\"{IMAGES}\".registry and take this table out"))),
        }
    }

    /// 1.x takes an escape in a table's name as it is written, so that such a name is another one.
    fn check_escapes(&self) -> Result<()> {
        let path = ["plugins", LEGACY];
        if self.toml().is_escaped(&path) && !self.is_at_least(Version(2, 0, 0)) {
            let what = "is written with an escape, which containerd 1.x does not take for the plugin's name";
            return Err(self
                .toml()
                .error(&path, ErrorKind::Conflict, what)
                .with_hint("write the name without escapes"));
        }
        Ok(())
    }

    fn without_effect(&self, plugin: &str) -> String {
        format!("{}: the registry table of plugins.\"{plugin}\" has no effect here", self.toml().text().path())
    }

    /// `[plugins.io.containerd…]` without quotes is a nest of tables that no containerd looks at.
    fn check_unquoted(&self) -> Result<()> {
        let path: Vec<_> = ["plugins"].into_iter().chain(LEGACY.split('.')).collect();
        if self.toml().get(&path).is_some() && self.is_before(Version(2, 0, 0)) {
            let what = "the plugin's name needs quotes; containerd 1.x does not start with it as it is";
            return Err(self
                .toml()
                .error(&path, ErrorKind::Conflict, what)
                .with_hint(format!("write plugins.\"{LEGACY}\"")));
        }
        Ok(())
    }

    /// What is to be said of such a table on 2.x, which ignores it.
    pub(super) fn unquoted_note(&self) -> Option<String> {
        let path: Vec<_> = ["plugins"].into_iter().chain(LEGACY.split('.')).collect();
        let there = self.toml().get(&path).is_some();
        there.then(|| format!("{}: plugins.{LEGACY} without quotes has no effect", self.toml().text().path()))
    }
}
