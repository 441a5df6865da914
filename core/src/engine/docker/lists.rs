//! The two lists of daemon.json as they shall be, and what makes docker read them.

use std::collections::{BTreeMap, BTreeSet};

use super::super::file;
use super::super::unit::Unit;
use super::super::version::Version;
use super::{Daemon, ID, INSECURE, Lists, MIRRORS, PROGRAM, entry};
use crate::error::{ErrorKind, Result};
use crate::plan::{FileChange, Plan, STAGED};

impl Daemon<'_> {
    /// The two lists as they shall be, and what makes docker read them.
    pub(super) fn finish(&self, wanted: &Lists, plan: &mut Plan) -> Result<()> {
        let missing = |wanted: &[String], there: &[String], key: fn(&str) -> String| -> Vec<String> {
            let mut known: BTreeSet<_> = there.iter().map(|entry| key(entry)).collect();
            wanted.iter().filter(|entry| known.insert(key(entry))).cloned().collect()
        };
        let insecure = missing(&wanted.insecure, &self.insecure, entry::compared);
        let mirrors = missing(&wanted.mirrors, &self.mirrors, entry::compared_mirror);
        let needed: BTreeSet<_> = wanted.insecure.iter().map(|entry| entry::compared(entry)).collect();
        let staying = if wanted.gone.is_empty() { BTreeMap::new() } else { self.staying_mirrors(wanted) };
        let gone = |entry: &str| {
            let entry = entry::compared(entry);
            let goes = wanted.gone.contains(&entry) && !needed.contains(&entry);
            goes && self.mirror_at(&entry, wanted, &staying).is_none()
        };
        let gone_mirror = |entry: &str| wanted.gone_mirrors.contains(&entry::compared_mirror(entry));
        let (insecure, mirrors) =
            (self.without_flags("--insecure-registry", insecure), self.without_flags("--registry-mirror", mirrors));
        let json = self.json.clone().append(INSECURE, &insecure)?.append(MIRRORS, &mirrors)?;
        let json = json.without(INSECURE, gone)?.without(MIRRORS, gone_mirror)?;
        let text = json.text();
        let drops_mark = text.has_bom() && self.version.is_some_and(|version| version < Version(23, 0, 0));
        let after = if drops_mark && text.as_str() != self.json.text().as_str() {
            plan.note(ID, None, format!("{}: the byte order mark goes: this docker starts with none", self.path));
            text.clone().without_bom().to_bytes()
        } else {
            text.to_bytes()
        };
        self.note_flags(wanted, plan);
        self.note_mirrors(wanted, plan);
        if after == self.before.unwrap_or_default() {
            return self.catch_up(wanted, plan);
        }
        for (flag, key) in [("--insecure-registry", INSECURE), ("--registry-mirror", MIRRORS)] {
            if json.has(key) {
                self.check_flag(flag, key)?;
            }
        }
        let mut change = FileChange::new(&self.path, self.before.map(<[u8]>::to_vec), Some(after));
        change.judge = self.judge();
        plan.change(change);
        self.activate(wanted, &json, plan)
    }

    /// What the running daemon was not already told by flags.
    fn without_flags(&self, flag: &str, entries: Vec<String>) -> Vec<String> {
        let key = if flag == "--registry-mirror" { entry::compared_mirror } else { entry::compared };
        let told: BTreeSet<_> = self.flags(flag).map(key).collect();
        entries.into_iter().filter(|entry| !told.contains(&key(entry))).collect()
    }

    /// The values of a flag.
    pub(super) fn flags(&self, flag: &str) -> impl Iterator<Item = &str> {
        self.unit.as_ref().map_or(Vec::new(), |unit| unit.values(&[flag])).into_iter()
    }

    /// A mirror of docker.io that stays listed and that docker may reach only because this entry ends the check of its
    /// certificate.
    fn mirror_at<'b>(&self, entry: &str, wanted: &Lists, staying: &BTreeMap<&str, &'b str>) -> Option<&'b str> {
        let is_checked = wanted.checked_mirrors.contains(entry) || self.has_mirror_ca(entry);
        staying.get(entry).copied().filter(|_| !is_checked)
    }

    /// The mirrors that stay and are reached over https, by their addresses.
    fn staying_mirrors(&self, wanted: &Lists) -> BTreeMap<&str, &str> {
        let listed = self.mirrors.iter().map(String::as_str).chain(self.flags("--registry-mirror"));
        let mut staying = BTreeMap::new();
        for mirror in listed.filter(|mirror| !wanted.gone_mirrors.contains(&entry::compared_mirror(mirror))) {
            if let Some(address) = entry::https_address(mirror) {
                staying.entry(address).or_insert(mirror);
            }
        }
        staying
    }

    fn note_mirrors(&self, wanted: &Lists, plan: &mut Plan) {
        if wanted.gone.is_empty() {
            return;
        }
        let needed: BTreeSet<_> = wanted.insecure.iter().map(|entry| entry::compared(entry)).collect();
        let staying = self.staying_mirrors(wanted);
        for entry in self.insecure.iter().map(|entry| entry::compared(entry)) {
            let is_kept = wanted.gone.contains(&entry) && !needed.contains(&entry);
            if let Some(mirror) = self.mirror_at(&entry, wanted, &staying).filter(|_| is_kept) {
                let text = format!("{INSECURE} keeps {entry}, by which docker does not check its mirror {mirror}");
                plan.note(ID, None, text);
            }
        }
    }

    /// What is told by a flag cannot be taken out of the file.
    fn note_flags(&self, wanted: &Lists, plan: &mut Plan) {
        let lists = [("--insecure-registry", &wanted.gone), ("--registry-mirror", &wanted.gone_mirrors)];
        for (flag, gone) in lists {
            for value in self
                .flags(flag)
                .filter(|value| gone.contains(&entry::compared(value)) || gone.contains(&entry::compared_mirror(value)))
            {
                let unit = self.unit.as_ref().map_or("", |unit| &unit.file);
                plan.note(ID, None, format!("{flag} {value} stays: it is a flag of the unit {unit}"));
            }
        }
    }

    /// moby refuses to start when a directive is both a flag and in the file: now, or at the next start of a unit that
    /// was changed meanwhile.
    fn check_flag(&self, flag: &str, key: &str) -> Result<()> {
        let written = self.written_flag(flag);
        let value = self.flags(flag).next().map(str::to_owned);
        if written.is_none() && value.is_none() {
            return Ok(());
        }
        let place = match (&written, &self.unit) {
            (Some((file, line)), _) => format!("{file}:{line}"),
            (None, Some(unit)) => unit.file.clone(),
            (None, None) => String::new(),
        };
        let value = value.map_or(String::new(), |value| format!(" {value}"));
        let what =
            format!("dockerd is started with {flag}{value} ({place}); with {key} in the file too it does not start");
        Err(self
            .json
            .key_error(key, ErrorKind::Conflict, what)
            .with_hint("move the flags into the file, or add the registry to the flags"))
    }

    /// Where a flag stands in the unit, its drop-ins or its environment files: the file and the line.
    fn written_flag(&self, flag: &str) -> Option<(&str, usize)> {
        self.unit.iter().flat_map(|unit| &unit.files).find_map(|path| {
            let text = String::from_utf8_lossy(file(self.facts, path).ok()??);
            let is_it = |line: &str| !line.trim_start().starts_with(['#', ';']) && line.contains(flag);
            text.lines().position(is_it).map(|at| (path.as_str(), at + 1))
        })
    }

    /// `dockerd --validate` exists from 23.0; it must see the flags of the unit, because they clash with the file. The
    /// program of a snap runs only inside it.
    fn judge(&self) -> Option<Vec<String>> {
        let program = Unit::program(self.unit.as_ref(), PROGRAM);
        let known = self.version.is_some_and(|version| version >= Version(23, 0, 0)) && !program.starts_with("/snap/");
        let flags = self.unit.as_ref().map_or(&[][..], |unit| unit.arguments.get(1..).unwrap_or_default());
        let mut flags = flags.iter();
        let mut command: Vec<String> = [program, "--validate", "--config-file", STAGED].map(str::to_owned).to_vec();
        while let Some(flag) = flags.next() {
            match flag.as_str() {
                "--config-file" => drop(flags.next()),
                flag if flag.starts_with("--config-file=") => {}
                flag => command.push(flag.to_owned()),
            }
        }
        (known && self.facts.is_live()).then_some(command)
    }
}
