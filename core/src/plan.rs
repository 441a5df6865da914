//! The exact change: which bytes become which, and what must be told to read them again.

use std::fmt::Write;

use serde_json::json;

use crate::edit;
use crate::error::{Error, Result};
use crate::host::RegistryHost;
use crate::redact;

/// What is to be done on one node. An empty plan means that everything is as wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Plan {
    /// The files, in the order in which they are written: a file that refers to another comes after it.
    pub changes: Vec<FileChange>,
    /// What is activated after that, each unit once.
    pub activations: Vec<Activation>,
    /// What must hold after the activations.
    pub checks: Vec<Check>,
    /// What the caller should know.
    pub notes: Vec<Note>,
}

/// One file's bytes before and after.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct FileChange {
    /// The file.
    pub path: String,
    /// The bytes that the plan was made from; `None` when there is no file.
    pub before: Option<Vec<u8>>,
    /// The bytes to be; `None` when the file goes.
    pub after: Option<Vec<u8>>,
    /// The permission bits of a new file. A file that exists keeps its own.
    pub mode: u32,
    /// The engine's own check, a command in which [`STAGED`] stands for the file not yet in place.
    pub judge: Option<Vec<String>>,
}

/// Stands for the path of the staged file in [`FileChange::judge`].
pub const STAGED: &str = "{staged}";

/// How a unit is made to read its configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Action {
    /// It reads its configuration again and goes on.
    Reload,
    /// It is stopped and started. Containers live on.
    Restart,
}

/// As systemd calls it: `reload` or `restart`.
impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Reload => "reload",
            Self::Restart => "restart",
        })
    }
}

/// What runs an engine's daemon, and so is asked to activate it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Manager {
    /// systemd.
    #[default]
    Systemd,
    /// `OpenRC`, as on Alpine.
    OpenRc,
    /// A script in `/etc/init.d`.
    SysV,
    /// None that can be asked: the process itself gets the signal HUP, which reloads dockerd and ends containerd.
    Process,
}

impl Manager {
    /// The name used in JSON and in scripts, such as `systemd`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::OpenRc => "openrc",
            Self::SysV => "sysv",
            Self::Process => "process",
        }
    }
}

/// A unit and how it is made to read its configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub struct Activation {
    /// The unit, such as `docker`; for [`Manager::Process`] the name of the program, such as `dockerd`.
    pub unit: String,
    /// How.
    pub action: Action,
    /// Who does it.
    pub manager: Manager,
}

/// A command whose output shows that a setting is in force.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Check {
    /// What is shown, such as `containerd answers its CRI`.
    pub shows: String,
    /// The command and its arguments.
    pub command: Vec<String>,
    /// POSIX extended regular expressions, each of which some line of the output must match.
    pub patterns: Vec<String>,
    /// POSIX extended regular expressions that no line of the output may match.
    pub absent: Vec<String>,
}

/// Something the caller should know.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[non_exhaustive]
pub struct Note {
    /// The engine it is about; `node` if it is about the node itself.
    pub engine: String,
    /// The registry host it is about, if it is about one.
    pub host: Option<RegistryHost>,
    /// What there is to know.
    pub text: String,
}

impl Plan {
    /// Whether nothing is to be done: no file to write and no engine to activate.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.activations.is_empty()
    }

    /// The changes as a unified diff. Values of keys that hold secrets are left out.
    pub fn diff(&self) -> String {
        self.changes.iter().map(FileChange::diff).collect()
    }

    /// The plan as JSON, for programs: files with their diffs, activations and notes.
    pub fn to_json(&self) -> serde_json::Value {
        let change = |c: &FileChange| json!({ "path": c.path, "change": c.kind(), "diff": c.diff() });
        json!({
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
            "activations": self.activations,
            "notes": self.notes,
        })
    }

    pub(crate) fn note(&mut self, engine: &str, host: Option<&RegistryHost>, text: impl Into<String>) {
        self.notes.push(Note { engine: engine.to_owned(), host: host.cloned(), text: text.into() });
    }

    /// Adds the change of a file if there is one.
    pub(crate) fn change(&mut self, change: FileChange) {
        if change.before != change.after {
            self.changes.push(change);
        }
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.changes.append(&mut other.changes);
        self.activations.append(&mut other.activations);
        self.checks.append(&mut other.checks);
        self.notes.append(&mut other.notes);
    }
}

impl FileChange {
    /// The change of a file's bytes, its mode 0644 if it is new.
    pub(crate) fn new(path: impl Into<String>, before: Option<Vec<u8>>, after: Option<Vec<u8>>) -> Self {
        Self { path: path.into(), before, after, mode: 0o644, judge: None }
    }

    /// `create`, `change` or `delete`.
    pub fn kind(&self) -> &'static str {
        match (&self.before, &self.after) {
            (None, _) => "create",
            (_, None) => "delete",
            _ => "change",
        }
    }

    /// The change as a unified diff, secrets left out.
    pub fn diff(&self) -> String {
        let text = |bytes: &Option<Vec<u8>>| redact::secrets(&edit::shown(bytes.as_deref().unwrap_or(b"")));
        let (before, after) = (text(&self.before), text(&self.after));
        let name =
            |side: &str, there: bool| if there { format!("{side}{}", self.path) } else { "/dev/null".to_owned() };
        let (old, new) = (name("a", self.before.is_some()), name("b", self.after.is_some()));
        let diff = similar::TextDiff::from_lines(&before, &after);
        let mut out = diff.unified_diff().context_radius(3).header(&old, &new).to_string();
        if out.is_empty() && self.before != self.after {
            // Only what is redacted, or an empty file that comes or goes.
            let _ = writeln!(out, "--- {old}\n+++ {new}");
        }
        out
    }
}

impl std::fmt::Debug for FileChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileChange").field("path", &self.path).field("change", &self.kind()).finish_non_exhaustive()
    }
}

/// What one engine makes of the settings.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Draft {
    /// What is to be done.
    pub plan: Plan,
    /// The registries that this engine cannot be set up for, and why.
    pub declined: Vec<(RegistryHost, Error)>,
}

impl Draft {
    /// Takes what is planned for one registry, or notes that it cannot be.
    pub(crate) fn take(&mut self, host: &RegistryHost, made: Result<Plan>) {
        match made {
            Ok(plan) => self.plan.append(plan),
            Err(error) => self.declined.push((host.clone(), error)),
        }
    }
}
