//! What makes docker read its lists again, and what shows that it has.

use super::info::{self, Info};
use super::{Daemon, ID, INSECURE, Lists, MIRRORS, PROGRAM, entry};
use crate::plan::{Action, Activation, Check, Manager, Plan};

impl Daemon<'_> {
    /// The reload that changed lists need.
    pub(super) fn activate(&self, wanted: &Lists, plan: &mut Plan) {
        if !self.is_active() {
            if self.facts.is_live() {
                plan.note(ID, None, "docker is not running; it will read the change when it starts");
            }
            return;
        }
        let Some(unit) = &self.unit else { return };
        let manager = unit.reloader();
        let unit = if manager == Manager::Process { PROGRAM.to_owned() } else { unit.name.clone() };
        if manager == Manager::Process {
            plan.note(ID, None, "no service of systemd reloads dockerd here; it gets the signal HUP, which does");
        }
        plan.activations.push(Activation { unit, action: Action::Reload, manager });
        match self.check(wanted) {
            Some(check) => plan.checks.push(check),
            None => plan.note(ID, None, "neither docker nor curl is there to show that dockerd has read the change"),
        }
        if self.json.has("authorization-plugins") || self.flags("--authorization-plugin").next().is_some() {
            plan.note(ID, None, "authorization-plugins is set: docker ends at a reload when a plugin does not answer");
        }
    }

    /// Lists that are as wanted in the file and not in force: dockerd was never told to read it again.
    pub(super) fn catch_up(&self, wanted: &Lists, plan: &mut Plan) {
        if !self.facts.is_live() {
            return;
        }
        if !self.is_active() {
            if !plan.changes.is_empty() {
                plan.note(ID, None, "docker is not running; what it pulls once it runs is read then");
            }
            return;
        }
        let Some(info) = Info::of(self.facts, self.unit.as_ref()) else { return };
        let mirrors = wanted.mirrors.iter().find(|url| !info.has_mirror(url));
        let missing = wanted.insecure.iter().find(|e| !info::is_fixed(e) && !info.has(e)).or(mirrors);
        let stale = self.gone(wanted, INSECURE).find(|e| info.has(e));
        let stale = stale.or_else(|| self.gone(wanted, MIRRORS).find(|url| info.has_mirror(url)));
        let text = match (missing, stale) {
            (Some(entry), _) => format!("{} lists {entry}, and docker does not know it yet", self.path),
            (None, Some(entry)) => format!("{} does not list {entry}, and docker still knows it", self.path),
            (None, None) => return,
        };
        plan.note(ID, None, format!("{text}: it is reloaded"));
        self.activate(wanted, plan);
    }

    fn is_active(&self) -> bool {
        self.unit.as_ref().is_some_and(|unit| unit.is_active)
    }

    /// What is wanted gone of a list and a reload can take away: a key that is not in the file leaves the old list in
    /// force, and so does a flag.
    fn gone<'a>(&'a self, wanted: &'a Lists, key: &'static str) -> impl Iterator<Item = &'a String> {
        let (gone, flag) = match key {
            INSECURE => (&wanted.gone, "--insecure-registry"),
            _ => (&wanted.gone_mirrors, "--registry-mirror"),
        };
        let stays = move |entry: &str| {
            let needed = wanted.insecure.iter().any(|kept| entry::compared(kept) == entry::compared(entry));
            let told = self.flags(flag).any(|told| entry::compared(told) == entry::compared(entry));
            info::is_fixed(entry) || needed || told
        };
        gone.iter().filter(move |entry| self.json.has(key) && !stays(entry))
    }

    /// Docker lists what is wanted, and no longer what is not.
    fn check(&self, wanted: &Lists) -> Option<Check> {
        let command = info::command(self.facts, self.unit.as_ref())?;
        let entries = wanted.insecure.iter().filter(|e| !info::is_fixed(e)).map(|entry| info::pattern(entry));
        let mirrors = wanted.mirrors.iter().map(|url| info::mirror_pattern(url));
        let gone = self.gone(wanted, INSECURE).map(|entry| info::pattern(entry));
        let gone_mirrors = self.gone(wanted, MIRRORS).map(|url| info::mirror_pattern(url));
        Some(Check {
            shows: "docker lists the registries".to_owned(),
            command,
            patterns: std::iter::once("\"IndexConfigs\"".to_owned()).chain(entries).chain(mirrors).collect(),
            absent: gone.chain(gone_mirrors).collect(),
        })
    }
}
