//! What makes docker read its lists again, and what shows that it has.

use std::collections::BTreeSet;

use super::info::{self, Info};
use super::{Daemon, ID, INSECURE, Lists, MIRRORS, PROGRAM, entry};
use crate::edit::json::Json;
use crate::error::Result;
use crate::plan::{Action, Activation, Check, Manager, Plan};

impl Daemon<'_> {
    /// The reload that changed lists need; `after` is daemon.json as it will be.
    pub(super) fn activate(&self, wanted: &Lists, after: &Json, plan: &mut Plan) -> Result<()> {
        let Some(unit) = self.unit.as_ref().filter(|unit| unit.is_active) else {
            if self.facts.is_live() {
                plan.note(ID, None, "docker is not running; it will read the change when it starts");
            }
            return Ok(());
        };
        let manager = unit.reloader();
        let unit = if manager == Manager::Process { PROGRAM.to_owned() } else { unit.name.clone() };
        if manager == Manager::Process {
            plan.note(ID, None, "no service of systemd reloads dockerd here; it gets the signal HUP, which does");
        }
        plan.activations.push(Activation { unit, action: Action::Reload, manager });
        match info::command(self.facts, self.unit.as_ref()) {
            Some(command) => plan.checks.push(self.check(command, wanted, after)?),
            None => plan.note(ID, None, "neither docker nor curl is there to show that dockerd has read the change"),
        }
        if self.json.has("authorization-plugins") || self.flags("--authorization-plugin").next().is_some() {
            plan.note(ID, None, "authorization-plugins is set: docker ends at a reload when a plugin does not answer");
        }
        Ok(())
    }

    /// Lists that are as wanted in the file and not in force: dockerd was never told to read it again.
    pub(super) fn catch_up(&self, wanted: &Lists, plan: &mut Plan) -> Result<()> {
        if !self.facts.is_live() {
            return Ok(());
        }
        if !self.unit.as_ref().is_some_and(|unit| unit.is_active) {
            if !plan.changes.is_empty() {
                plan.note(ID, None, "docker is not running; what it pulls once it runs is read then");
            }
            return Ok(());
        }
        let Some(info) = Info::of(self.facts, self.unit.as_ref()) else { return Ok(()) };
        let gone = Gone::of(self, wanted, &self.json)?;
        let missing = wanted.insecure.iter().find(|entry| !info::is_fixed(entry) && !info.has(entry));
        let missing = missing.or_else(|| wanted.mirrors.iter().find(|url| !info.has_mirror(url)));
        let stale = gone.insecure.into_iter().find(|entry| info.has(entry));
        let stale = stale.or_else(|| gone.mirrors.into_iter().find(|url| info.has_mirror(url)));
        let text = match (missing, stale) {
            (Some(entry), _) => format!("{} lists {entry}, and docker does not know it yet", self.path),
            (None, Some(entry)) => format!("{} does not list {entry}, and docker still knows it", self.path),
            (None, None) => return Ok(()),
        };
        plan.note(ID, None, format!("{text}: it is reloaded"));
        self.activate(wanted, &self.json, plan)
    }

    /// Docker lists what is wanted, and no longer what is not.
    fn check(&self, command: Vec<String>, wanted: &Lists, after: &Json) -> Result<Check> {
        let gone = Gone::of(self, wanted, after)?;
        let entries = wanted.insecure.iter().filter(|entry| !info::is_fixed(entry)).map(|entry| info::pattern(entry));
        let mirrors = wanted.mirrors.iter().map(|url| info::mirror_pattern(url));
        let gone_mirrors = gone.mirrors.into_iter().map(info::mirror_pattern);
        Ok(Check {
            shows: "docker lists the registries".to_owned(),
            command,
            patterns: std::iter::once("\"IndexConfigs\"".to_owned()).chain(entries).chain(mirrors).collect(),
            absent: gone.insecure.into_iter().map(info::pattern).chain(gone_mirrors).collect(),
        })
    }
}

/// What is wanted gone and a reload takes away. What the file or a flag still lists stays in force, and so does a whole
/// list whose key is not in the file.
struct Gone<'a> {
    insecure: Vec<&'a str>,
    mirrors: Vec<&'a str>,
}

impl<'a> Gone<'a> {
    fn of(daemon: &Daemon<'_>, wanted: &'a Lists, after: &Json) -> Result<Self> {
        let (insecure, mirrors) = (after.list(INSECURE)?, after.list(MIRRORS)?);
        let told = |list: &[String], flag: &str, compared: fn(&str) -> String| -> BTreeSet<String> {
            list.iter().map(String::as_str).chain(daemon.flags(flag)).map(compared).collect()
        };
        let told_insecure = told(&insecure, "--insecure-registry", entry::compared);
        let told_mirrors = told(&mirrors, "--registry-mirror", entry::compared_mirror);
        let listed = |entry: &str| info::is_fixed(entry) || told_insecure.contains(&entry::compared(entry));
        let listed_mirror = |url: &str| told_mirrors.contains(&entry::compared_mirror(url));
        let of = |gone: &'a BTreeSet<String>, key: &str, stays: &dyn Fn(&str) -> bool| -> Vec<&'a str> {
            gone.iter().map(String::as_str).filter(|entry| after.has(key) && !stays(entry)).collect()
        };
        Ok(Self {
            insecure: of(&wanted.gone, INSECURE, &listed),
            mirrors: of(&wanted.gone_mirrors, MIRRORS, &listed_mirror),
        })
    }
}
