//! The containerd that a node runs: whose it is, how it is restarted, and what shows that it has read its config.

use super::super::pattern::escaped;
use super::super::process::Process;
use super::super::product::{self, Product};
use super::super::unit::Unit;
use super::super::version::Version;
use super::super::{is_missing, text};
use super::config::{Config, Layout};
use super::{DEFAULT_FILE, ID};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::{Facts, Query};
use crate::plan::{Action, Activation, Check, Manager, Plan, STAGED};

const CTR: &str = "ctr";
const CRICTL: &str = "crictl";
/// Folders in which the scripts look for programs.
const IN_PATH: [&str; 6] = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];
/// Where containerd listens unless it is told otherwise.
const DEFAULT_SOCKET: &str = "/run/containerd/containerd.sock";

/// The containerd of a node, as found.
pub(super) struct Daemon<'a> {
    facts: &'a Facts,
    process: Option<Process>,
    unit: Option<Unit>,
    /// Whose it is, if it is not for this library to set.
    pub(super) product: Option<Product>,
}

/// What must be asked to know it, given what is known.
pub(super) fn queries(facts: &Facts) -> Vec<Query> {
    let mut wanted = vec![
        Query::Daemon(ID.to_owned()),
        Query::Unit(ID.to_owned()),
        Query::Program(CTR.to_owned()),
        Query::Program(CRICTL.to_owned()),
    ];
    match product::standalone(facts, ID) {
        Some(process) => {
            wanted.extend(beside(&process.program).map(Query::Program));
            wanted.extend(process.service.map(Query::Unit));
        }
        // Of one that runs it is known whose it is; one that is only installed is known by its service.
        None if facts.is_known(&wanted[0]) && Process::of_root(facts, ID).is_empty() => {
            wanted.extend(product::queries());
        }
        None => {}
    }
    wanted
}

/// The `ctr` that came with a containerd that is not where a shell looks for programs.
fn beside(program: &str) -> Option<String> {
    let (folder, _) = program.rsplit_once('/')?;
    (!IN_PATH.contains(&folder)).then(|| format!("{folder}/{CTR}"))
}

impl<'a> Daemon<'a> {
    pub(super) fn of(facts: &'a Facts) -> Self {
        let process = product::standalone(facts, ID);
        let running = || Process::of_root(facts, ID).iter().find_map(Product::of);
        let installed = || Product::installed(facts).filter(|_| process.is_none());
        let product = running().or_else(installed);
        Self { facts, unit: Unit::of(facts, ID, process.as_ref()), process, product }
    }

    /// The file of the running daemon, else of its unit, else the default.
    pub(super) fn config_path(&self) -> &str {
        if let Some(path) = self.facts.config_path(ID) {
            return path;
        }
        let named = self.unit.as_ref().and_then(|unit| unit.option(&["-c", "--config"]));
        named.filter(|path| path.starts_with('/')).unwrap_or(DEFAULT_FILE)
    }

    fn program(&self) -> &str {
        Unit::program(self.unit.as_ref(), ID)
    }

    /// containerd's own check of a file.
    pub(super) fn judge(&self) -> Vec<String> {
        [self.program(), "--config", STAGED, "config", "dump"].map(str::to_owned).to_vec()
    }

    fn active_unit(&self) -> Option<&Unit> {
        self.unit.as_ref().filter(|unit| unit.is_active)
    }

    /// The restart that a changed config.toml needs.
    pub(super) fn activate(&self, config: &Config<'_>, plan: &mut Plan) -> Result<()> {
        match self.active_unit() {
            None => {
                plan.note(ID, None, "containerd is not running as a service; it will read the change when it starts");
            }
            Some(unit) if unit.manager == Manager::Process => {
                let pid = self.process.as_ref().map_or(0, |process| process.pid);
                let text = format!(
                    "containerd (process {pid}) was started by no service manager; it will read the change when you \
                     restart it"
                );
                plan.note(ID, None, text);
            }
            Some(unit) => self.restart(unit, config, plan)?,
        }
        Ok(())
    }

    fn restart(&self, unit: &Unit, config: &Config<'_>, plan: &mut Plan) -> Result<()> {
        if unit.kill_mode != "process" {
            let what = format!("a restart would end all containers: KillMode is {}", unit.kill_mode);
            return Err(Error::new(ErrorKind::Conflict, what)
                .with_path(&unit.file)
                .with_hint("set KillMode=process in the unit, as containerd's own unit has it"));
        }
        if unit.manager != Manager::Systemd {
            plan.note(ID, None, format!("there is no systemd; {} restarts containerd", unit.file));
        }
        if self.process.as_ref().is_some_and(|process| process.is_replaced) {
            plan.note(ID, None, "containerd was upgraded after it was started; the restart starts the new one");
        }
        let (unit, manager) = (unit.name.clone(), unit.manager);
        plan.activations.push(Activation { unit, action: Action::Restart, manager });
        self.check_cri(config, plan);
        self.check_config(config, plan)
    }

    /// A daemon that was started before its config was last written has not read it. Where files are to be written
    /// that it reads by itself, it must run at least.
    pub(super) fn catch_up(&self, config: &Config<'_>, plan: &mut Plan) {
        let Some(unit) = self.active_unit() else {
            if !plan.changes.is_empty() {
                plan.note(ID, None, "containerd is not running as a service; what it pulls from then on is read then");
            }
            return;
        };
        let is_newer =
            |path: &&str| self.process.as_ref().is_some_and(|process| process.is_older_than(self.facts, path));
        let Some(path) = config.paths().find(is_newer) else { return };
        let mut restart = Plan::default();
        let text = match self.restart(unit, config, &mut restart) {
            _ if unit.manager == Manager::Process => "restart it, so that it reads it".to_owned(),
            Ok(()) => {
                plan.append(restart);
                "it is restarted to read it".to_owned()
            }
            Err(error) => format!("it is not restarted, for {error}"),
        };
        plan.note(ID, None, format!("{path} was written after containerd was started: {text}"));
    }

    /// `active` proves nothing: CRI may have failed to load.
    fn check_cri(&self, config: &Config<'_>, plan: &mut Plan) {
        let shows = "containerd answers its CRI";
        if let Some(mut command) = self.ctr(config) {
            command.extend(["plugins", "ls"].map(str::to_owned));
            plan.checks.push(check(shows, command, cri_plugins(config.version)));
        } else if let Some(mut command) = self.crictl(config) {
            command.push("info".to_owned());
            plan.checks.push(check(shows, command, vec!["RuntimeReady".to_owned()]));
        } else {
            plan.note(ID, None, "neither ctr nor crictl is there to show that containerd answers its CRI");
        }
    }

    /// The config as containerd itself reads it has what the file has.
    fn check_config(&self, config: &Config<'_>, plan: &mut Plan) -> Result<()> {
        let dump = [self.program(), "--config", config.path(), "config", "dump"].map(str::to_owned).to_vec();
        match config.layout()? {
            Layout::Folders { roots, .. } => {
                let pattern = format!("config_path = [\"'](.*:)?{}/?(:.*)?[\"']", escaped(&roots[0]));
                plan.checks.push(check("containerd has the config_path", dump, vec![pattern]));
            }
            Layout::Mirrors { table, .. } => {
                let endpoints = config.endpoints(&table);
                let patterns = endpoints.iter().map(|url| format!("[\"']{}[\"']", escaped(url))).collect();
                plan.checks.push(check("containerd has the mirrors", dump, patterns));
            }
        }
        Ok(())
    }

    /// `ctr`, told where this containerd listens; `None` if it is known not to be there.
    fn ctr(&self, config: &Config<'_>) -> Option<Vec<String>> {
        let own = beside(self.program()).filter(|path| text(self.facts, &Query::Program(path.clone())).is_some());
        let in_path = || (!is_missing(self.facts, CTR)).then(|| CTR.to_owned());
        let mut command = vec![own.or_else(in_path)?];
        let socket = self.socket(config);
        if socket != DEFAULT_SOCKET {
            command.extend(["--address".to_owned(), socket]);
        }
        Some(command)
    }

    fn crictl(&self, config: &Config<'_>) -> Option<Vec<String>> {
        let program = text(self.facts, &Query::Program(CRICTL.to_owned()))?;
        let socket = format!("unix://{}", self.socket(config));
        Some([program, "--runtime-endpoint", &socket, "--image-endpoint", &socket].map(str::to_owned).to_vec())
    }

    fn socket(&self, config: &Config<'_>) -> String {
        let told = self.unit.as_ref().and_then(|unit| unit.option(&["-a", "--address"]));
        told.or_else(|| config.address()).unwrap_or(DEFAULT_SOCKET).to_owned()
    }

    /// The command that pulls an image as the kubelet would. `ctr` does not read config.toml, so it is told the folder
    /// of the hosts; what `mirrors` say it cannot be told.
    pub(super) fn pull(&self, config: &Config<'_>, image: &str) -> Option<Vec<String>> {
        if let Some(mut command) = self.crictl(config) {
            command.extend(["pull", image].map(str::to_owned));
            return Some(command);
        }
        let Ok(Layout::Folders { roots, .. }) = config.layout() else { return None };
        let mut command = self.ctr(config)?;
        command.extend(["-n", "k8s.io", "images", "pull", "--hosts-dir", &roots[0], image].map(str::to_owned));
        Some(command)
    }
}

fn cri_plugins(version: Option<Version>) -> Vec<String> {
    let row = |kind: &str, id: &str| format!("^{kind}[[:space:]]+{id}[[:space:]].*[[:space:]]ok[[:space:]]*$");
    let mut rows = vec![row("io\\.containerd\\.grpc\\.v1", "cri")];
    if version.is_some_and(|version| version >= Version(2, 0, 0)) {
        rows.push(row("io\\.containerd\\.cri\\.v1", "images"));
    }
    rows
}

fn check(shows: &str, command: Vec<String>, patterns: Vec<String>) -> Check {
    Check { shows: shows.to_owned(), command, patterns, absent: Vec::new() }
}
