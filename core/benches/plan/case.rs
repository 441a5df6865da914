//! A case: files in some shape and size, so many registries, and what is done with them.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;

use regconf::{Facts, ImageReference, Plan, Settings};

use crate::text::{self, Registries};

/// What the node has, and so what a plan changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// docker: the lists of daemon.json.
    Docker,
    /// containerd with a folder of hosts: a new hosts.toml for each registry.
    Folders,
    /// containerd without one: `config_path` in config.toml besides.
    Path,
    /// containerd with mirrors in config.toml: more of them.
    Mirrors,
    /// The same, moved to hosts.toml files.
    Migrate,
    /// containerd with a hosts.toml of others: one host in it. More registries have new files.
    Hosts,
}

/// All of them.
pub(crate) const SHAPES: [Shape; 6] =
    [Shape::Docker, Shape::Folders, Shape::Path, Shape::Mirrors, Shape::Migrate, Shape::Hosts];

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Floor,
    Plan,
    Again,
    Explain,
    Json,
    Settings,
}

/// All of it.
pub(crate) const WORKS: [Work; 6] = [Work::Floor, Work::Plan, Work::Again, Work::Explain, Work::Json, Work::Settings];

/// A case. With 0 bytes the file has a usual size: a daemon.json 0.8 kB, a config.toml 2 kB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) shape: Shape,
    pub(crate) bytes: usize,
    pub(crate) registries: usize,
}

/// A case with all that it needs, so that only the work is measured.
pub(crate) struct Ready {
    case: Case,
    work: Work,
    files: Vec<(String, String)>,
    facts: Facts,
    settings_json: String,
    settings: Settings,
    plan: Plan,
    image: ImageReference,
}

impl FromStr for Shape {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        SHAPES.into_iter().find(|shape| format!("{shape:?}") == name).ok_or(())
    }
}

impl FromStr for Work {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        WORKS.into_iter().find(|work| format!("{work:?}") == name).ok_or(())
    }
}

/// Such as `Docker, 1000000 bytes, 1 registries`.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {} bytes, {} registries", self.shape, self.bytes, self.registries)
    }
}

impl Case {
    /// The files of the node, and the settings for it.
    #[allow(clippy::expect_used, reason = "a case that is none is a fault of the benchmark")]
    pub(crate) fn ready(self, work: Work) -> Ready {
        let files = self.files();
        let facts = self.facts(files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())));
        let settings_json = self.settings();
        let settings = Settings::from_json(&settings_json).expect("settings");
        let image = "reg-0000.lab:5000/team/app:v1".parse().expect("an image");
        let plan =
            if work == Work::Floor { Plan::default() } else { regconf::plan(&settings, &facts).expect("a plan") };
        let mut ready = Ready { case: self, work, files, facts, settings_json, settings, plan, image };
        if work == Work::Again {
            ready.facts = ready.applied();
            ready.plan = regconf::plan(&ready.settings, &ready.facts).expect("a second plan");
            assert!(ready.plan.is_empty(), "a second plan has something to do");
        }
        ready
    }

    fn facts(self, files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Facts {
        let facts = Facts::from_files(files);
        if self.shape == Shape::Docker {
            facts.with_version("docker", "26.1.5")
        } else {
            facts.with_version("containerd", "1.7.24")
        }
    }

    fn files(self) -> Vec<(String, String)> {
        let config = |registries| ("/etc/containerd/config.toml".to_owned(), text::config_toml(self.bytes, registries));
        match self.shape {
            Shape::Docker => vec![("/etc/docker/daemon.json".to_owned(), text::daemon_json(self.bytes))],
            Shape::Folders => vec![config(Registries::Folder)],
            Shape::Path => vec![config(Registries::Nothing)],
            Shape::Mirrors => vec![config(Registries::Mirrors)],
            Shape::Migrate => vec![self.with_mirrors(config(Registries::Mirrors))],
            Shape::Hosts => {
                let path = "/etc/containerd/certs.d/reg-0000.lab:5000/hosts.toml".to_owned();
                let config = ("/etc/containerd/config.toml".to_owned(), text::config_toml(0, Registries::Folder));
                vec![config, (path, text::hosts_toml(self.bytes))]
            }
        }
    }

    /// A config.toml in which all registries are mirrors already, by other endpoints.
    #[allow(clippy::expect_used, reason = "a case that is none is a fault of the benchmark")]
    fn with_mirrors(self, (path, text): (String, String)) -> (String, String) {
        let entry = |i| format!(r#"{{"host":"old-{i:04}.lab:5000","insecure":"skip_verify"}}"#);
        let entries: Vec<_> = (0..self.registries).map(entry).collect();
        let settings = Settings::from_json(&format!(r#"{{"ensure":[{}]}}"#, entries.join(","))).expect("settings");
        let plan = regconf::plan(&settings, &self.facts([(path.clone(), text.into_bytes())])).expect("a plan");
        let after = plan.changes.into_iter().find_map(|change| change.after).unwrap_or_default();
        (path, String::from_utf8(after).expect("text"))
    }

    /// One in ten over http, the others with a certificate that is not checked.
    fn settings(self) -> String {
        let own = |i: usize| match i % 10 {
            0 => format!(r#"{{"host":"reg-{i:04}.lab:5000","insecure":"http"}}"#),
            _ => format!(r#"{{"host":"reg-{i:04}.lab:5000","insecure":"skip_verify"}}"#),
        };
        let entries: Vec<_> = (0..self.registries).map(own).collect();
        let migrate = self.shape == Shape::Migrate;
        format!(r#"{{"ensure":[{}],"migrate":{migrate}}}"#, entries.join(","))
    }
}

impl Ready {
    /// The work alone: a function of its own, so that its instructions can be counted.
    #[inline(never)]
    pub(crate) fn measured(&self) {
        match self.work {
            Work::Floor => self.files.iter().for_each(|(path, text)| drop(black_box(printed(path, text)))),
            Work::Plan | Work::Again => drop(black_box(regconf::plan(&self.settings, &self.facts))),
            Work::Explain => drop(black_box(self.plan.explain(&self.image, &self.facts))),
            Work::Json => drop(black_box(self.plan.to_json())),
            Work::Settings => drop(black_box(Settings::from_json(&self.settings_json))),
        }
    }

    /// The node's files with the plan carried out.
    fn applied(&self) -> Facts {
        let mut files: std::collections::BTreeMap<_, _> =
            self.files.iter().map(|(path, text)| (path.clone(), text.clone().into_bytes())).collect();
        for change in &self.plan.changes {
            match &change.after {
                Some(bytes) => drop(files.insert(change.path.clone(), bytes.clone())),
                None => drop(files.remove(&change.path)),
            }
        }
        self.case.facts(files)
    }
}

/// A file, read and printed by the library that its format has.
#[allow(clippy::expect_used, reason = "a case that is none is a fault of the benchmark")]
fn printed(path: &str, text: &str) -> String {
    if path.rsplit_once('.').is_some_and(|(_, end)| end == "json") {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        serde_json::to_string_pretty(&value).expect("JSON")
    } else {
        text.parse::<toml_edit::DocumentMut>().expect("TOML").to_string()
    }
}
