//! A service as its manager describes it.

use super::process::Process;
use crate::facts::{Facts, Query};
use crate::plan::Manager;

/// A service and the command line of its main process.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unit {
    /// Its name; for a process without a service, that of its program.
    pub(super) name: String,
    pub(super) manager: Manager,
    pub(super) is_active: bool,
    pub(super) kill_mode: String,
    /// Where the unit is written.
    pub(super) file: String,
    /// That file, its drop-ins and its environment files.
    pub(super) files: Vec<String>,
    /// The file of the running program, if there is one.
    pub(super) program: Option<String>,
    /// The arguments of the running process, else those of the unit's file as far as they can be told.
    pub(super) arguments: Vec<String>,
    /// The `ExecStart` of the unit's file, not expanded.
    exec_start: String,
    /// Whether its manager has read the files as they are now.
    is_read: bool,
    main_pid: Option<u32>,
    cannot_reload: bool,
}

impl Unit {
    /// What a daemon runs as. Its process is in a control group, but that may be one of something else, such as of the
    /// login that it was started from: its service is only what has it as its main process.
    pub(super) fn of(facts: &Facts, name: &str, process: Option<&Process>) -> Option<Self> {
        let Some(process) = process else { return Self::named(facts, name) };
        let names = process.service.as_deref().into_iter().chain([name]);
        let mut units = names.filter_map(|name| Self::named(facts, name)).filter(|unit| unit.runs(process));
        let mut unit = units.next().unwrap_or_else(|| Self::without_manager(process));
        unit.program = Some(process.program.clone()).filter(|program| program.starts_with('/'));
        unit.arguments.clone_from(&process.arguments);
        Some(unit)
    }

    /// The unit of this name, if it is loaded on the node.
    pub(super) fn named(facts: &Facts, name: &str) -> Option<Self> {
        let text = super::text(facts, &Query::Unit(name.to_owned()))?;
        let mut unit = Self { name: name.to_owned(), ..Self::default() };
        text.lines().filter_map(|line| line.split_once('=')).for_each(|(key, value)| unit.set(key, value));
        if unit.arguments.is_empty() {
            unit.arguments = unit.declared_arguments();
        }
        Some(unit)
    }

    fn set(&mut self, key: &str, value: &str) {
        match key {
            "ActiveState" => self.is_active = value == "active",
            "Manager" if value == "openrc" => self.manager = Manager::OpenRc,
            "Manager" if value == "sysv" => self.manager = Manager::SysV,
            "NeedDaemonReload" => self.is_read = value == "no",
            "CanReload" => self.cannot_reload = value == "no",
            "MainPID" => self.main_pid = value.parse().ok(),
            "KillMode" => value.clone_into(&mut self.kill_mode),
            "FragmentPath" => {
                value.clone_into(&mut self.file);
                self.files.extend(paths(value));
            }
            "DropInPaths" => self.files.extend(paths(value)),
            // As in `/etc/default/docker (ignore_errors=yes)`.
            "EnvironmentFiles" => self.files.extend(paths(value.split(" (").next().unwrap_or(value))),
            "Arg" => self.arguments.push(value.to_owned()),
            "ExecStart" => value.clone_into(&mut self.exec_start),
            _ => {}
        }
    }

    /// Whether the process is this unit's: its main one or started by that. Only systemd tells a number.
    fn runs(&self, process: &Process) -> bool {
        self.is_active && self.main_pid.is_none_or(|pid| pid > 0 && (pid == process.pid || pid == process.parent))
    }

    /// Whether its files may give it one of these flags: unless what is known of its start tells that they do not.
    pub(super) fn may_be_started_with(&self, flags: &[&str]) -> bool {
        let said = |text: &str| self.exec_start.contains(text);
        !self.is_read || said("$") || flags.iter().any(|flag| said(flag))
    }

    fn without_manager(process: &Process) -> Self {
        Self { name: process.name.clone(), manager: Manager::Process, is_active: true, ..Self::default() }
    }

    /// Who can make it read its configuration again without ending it. Scripts of `/etc/init.d` and some units cannot;
    /// the signal that systemd sends can be sent without them.
    pub(super) fn reloader(&self) -> Manager {
        let asked = self.manager == Manager::Systemd && !self.cannot_reload;
        if asked { Manager::Systemd } else { Manager::Process }
    }

    /// The command of its program: the file that runs, else the name.
    pub(super) fn program<'a>(unit: Option<&'a Self>, name: &'a str) -> &'a str {
        unit.and_then(|unit| unit.program.as_deref()).unwrap_or(name)
    }

    /// The value of an option given as `--name value` or `--name=value`.
    pub(super) fn option(&self, names: &[&str]) -> Option<&str> {
        self.values(names).first().copied()
    }

    /// All values of an option that may be given several times.
    pub(super) fn values(&self, names: &[&str]) -> Vec<&str> {
        let mut values = Vec::new();
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let (name, value) = argument.split_once('=').map_or((argument.as_str(), None), |(n, v)| (n, Some(v)));
            if names.contains(&name) {
                values.extend(value.or_else(|| arguments.next().map(String::as_str)));
            }
        }
        values
    }

    /// The arguments in `ExecStart={ path=… ; argv[]=… ; ignore_errors=… }`, which splits them by blanks.
    fn declared_arguments(&self) -> Vec<String> {
        let declared = self.exec_start.split_once("argv[]=").map_or("", |(_, rest)| rest);
        let declared = declared.split(" ; ").next().unwrap_or("");
        declared.split_whitespace().map(str::to_owned).collect()
    }
}

fn paths(value: &str) -> impl Iterator<Item = String> {
    value.split_whitespace().filter(|path| path.starts_with('/')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Answer;

    #[test]
    fn options_in_both_spellings() {
        let text = "ActiveState=active\nKillMode=process\nArg=/usr/bin/containerd\nArg=-c\nArg=/a\nArg=--root=/b\n";
        let facts = Facts::default().with(Query::Unit("containerd".into()), Answer::Text(text.into()));
        let unit = Unit::named(&facts, "containerd").unwrap();
        assert_eq!((unit.option(&["-c", "--config"]), unit.option(&["--root"])), (Some("/a"), Some("/b")));
        assert_eq!(unit.option(&["--state"]), None);
    }

    #[test]
    fn a_stopped_unit_is_known_by_its_file() {
        let text =
            "ActiveState=inactive\nExecStart={ path=/usr/bin/x ; argv[]=/usr/bin/x --config /a ; ignore_errors=no }\n";
        let facts = Facts::default().with(Query::Unit("x".into()), Answer::Text(text.into()));
        assert_eq!(Unit::named(&facts, "x").unwrap().option(&["--config"]), Some("/a"));
    }

    fn process(service: &str, parent: u32) -> Process {
        let text =
            format!("Pid=50\nUid=0\nExe=/opt/bin/dockerd\nParent={parent}\nService={service}\nArg=dockerd\nArg=-H\n");
        let facts = Facts::default().with(Query::Daemon("dockerd".into()), Answer::Text(text));
        Process::all(&facts, "dockerd").remove(0)
    }

    fn units(units: &[(&str, &str)]) -> Facts {
        let with = |facts: Facts, (name, text): &(&str, &str)| {
            facts.with(Query::Unit((*name).into()), Answer::Text((*text).into()))
        };
        units.iter().fold(Facts::default(), with)
    }

    #[test]
    fn a_service_of_another_name_is_found_by_its_process() {
        let facts = units(&[
            ("docker", "ActiveState=inactive\nMainPID=0\n"),
            ("snap.docker.dockerd", "ActiveState=active\nMainPID=50\nFragmentPath=/s\n"),
        ]);
        let unit = Unit::of(&facts, "docker", Some(&process("snap.docker.dockerd", 1))).unwrap();
        assert_eq!(
            (unit.name.as_str(), unit.manager, unit.file.as_str()),
            ("snap.docker.dockerd", Manager::Systemd, "/s")
        );
        assert_eq!((unit.arguments.len(), unit.program.as_deref()), (2, Some("/opt/bin/dockerd")));
    }

    /// A daemon that was started by hand in a login is in the control group of sshd, which is not to be restarted.
    #[test]
    fn a_service_that_only_has_the_process_in_its_group_is_not_its_service() {
        let facts =
            units(&[("docker", "ActiveState=inactive\nMainPID=0\n"), ("ssh", "ActiveState=active\nMainPID=7\n")]);
        let unit = Unit::of(&facts, "docker", Some(&process("ssh", 40))).unwrap();
        assert_eq!((unit.name.as_str(), unit.manager, unit.is_active), ("dockerd", Manager::Process, true));
        let wrapped = units(&[("docker", "ActiveState=active\nMainPID=40\n")]);
        assert_eq!(Unit::of(&wrapped, "docker", Some(&process("docker", 40))).unwrap().manager, Manager::Systemd);
    }

    #[test]
    fn who_reloads() {
        for (text, manager, reloader) in [
            ("ActiveState=active\nMainPID=50\nCanReload=yes\n", Manager::Systemd, Manager::Systemd),
            ("ActiveState=active\nMainPID=50\nCanReload=no\n", Manager::Systemd, Manager::Process),
            ("Manager=openrc\nActiveState=active\n", Manager::OpenRc, Manager::Process),
            ("Manager=sysv\nActiveState=active\n", Manager::SysV, Manager::Process),
        ] {
            let unit = Unit::of(&units(&[("docker", text)]), "docker", Some(&process("docker", 1))).unwrap();
            assert_eq!((unit.manager, unit.reloader()), (manager, reloader), "{text}");
        }
    }
}
